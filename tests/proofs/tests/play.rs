//! `just play` and `just prove`, as a reader uses them.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use proofs::level::{End, Level};

fn run(program: &str, arguments: &[&str], answers: &str) -> Output {
    let mut program = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may be done before it has read them all.
    let _ = program.stdin.take().unwrap().write_all(answers.as_bytes());
    program.wait_with_output().unwrap()
}

const PLAY: &str = env!("CARGO_BIN_EXE_play");
const PROVE: &str = env!("CARGO_BIN_EXE_prove");

fn play(arguments: &[&str], answers: &str) -> String {
    let output = run(PLAY, arguments, answers);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stderr, b"");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn race_is_broken_by_hand_and_then_repaired() {
    let answers = "1 2 1 2 0 0\n2\n1\n2 1\n2 1 2 0 0\n3\n1 2 1 2 0 0 0\n";
    let output = play(&["race"], answers);
    for said in [
        "race-1: Checked, and then paid\n",
        "Your goal: a bad end. There are 6 schedules.\n",
        "balance: 100\n  -  main, two_tills.rs:12: waits for a thread to end\n",
        "  1  till 80, racy_account.rs:29: next: read balance\n",
        "   >   29  let balance = self.balance();\n",
        "  4. till 70: subtracts 70: -50\n",
        "You have broken it after 6 steps, 121200: it panics, two_tills.rs:19: more is paid",
        "That was the goal.\n\nWhich of these changes repairs it?\n",
        "   +         let balance = self.balance();\n",
        "Your choice? [1 2 3 q] 2\n\nThe change: check twice before the change. There are ",
        " schedules. Your goal: break it, if you can.\n",
        "The change does not repair it.\n",
        "  4. till 70: not 100 but 20\n",
        "printed: the account ends at 20\n",
        "It ends well after 7 steps, 1212000: the account ends at 20.\n",
    ] {
        assert!(output.contains(said), "'{said}' is not in\n{output}");
    }
    let last = "So do all of its 6 schedules: the change repairs it.\n";
    assert!(output.ends_with(last), "{output}");
}

#[test]
fn deadlock_is_reached_by_hand() {
    let output = play(&["deadlock-1"], "1\n2\nq\n");
    for said in [
        "A: 100   B: 100\n",
        "A: 100 (clerk A>B)   B: 100\n",
        "clerk A>B, unordered_transfer.rs:23: waits to lock B, held by clerk B>A\n",
        "clerk B>A, unordered_transfer.rs:23: waits to lock A, held by clerk A>B\n",
        "You have broken it after 2 steps, 12: it is in a deadlock (",
        "Your choice? [1 2 3 q] q\n",
    ] {
        assert!(output.contains(said), "'{said}' is not in\n{output}");
    }
}

#[test]
fn steps_back_hints_and_nonsense() {
    let answers = "u\n?\n1\n?\nu\nnonsense\n\u{1}\n9\n1 1\n2\n?\nu\nq\n1\n";
    let output = play(&["race-1"], answers);
    for said in [
        "This is the start: there is no step to take back.",
        "A shortest way from here: 1 2 1 2 0 0\n",
        "A shortest way from here: 2 1 2 0 0\n",
        "'n' is not possible here; who can go on: 1 2\n",
        "'\\u{1}' is not possible here; who can go on: 1 2\n",
        "'9' is not possible here; who can go on: 1 2\n",
        "No way leads there from here: take steps back.",
    ] {
        assert!(output.contains(said), "'{said}' is not in\n{output}");
    }
    assert!(output.trim_end().ends_with("q"), "q is the end: {output}");
    // A hint does not say whether a change repairs the program.
    let said = "Try one schedule to its end first.\n";
    for change in ["1", "2", "3"] {
        let output = play(&["race-1", "--change", change], "?\n");
        assert!(output.contains(said), "{output}");
    }
    let answers = format!("1 1 1 2 0 0 0\n{}?\n", "u\n".repeat(7));
    let tried = play(&["race-1", "--change", "2"], &answers);
    let said = "A shortest way from here: 1 1 2 2 1 2 0 0\n";
    assert!(tried.contains(said), "{tried}");
    let choice = play(&["deadlock-1"], "1 2\n4\nno\n2\nq\n");
    assert!(choice.contains("'4' is no answer: 1 2 3 q\n"), "{choice}");
    assert!(choice.contains("'no' is no answer: 1 2 3 q\n"), "{choice}");
}

#[test]
fn the_end_of_the_input_ends_it() {
    for answers in ["", "1\n", "1", "1 2 1 2 0 0\n", "1 2 1 2 0 0\n1\n"] {
        play(&["race"], answers);
    }
}

#[test]
fn all_schedules_are_tried_until_none_is_left() {
    let output = play(&["deadlock-4"], "1 1 2 2 0\n?\nu u u u u\n2 2 1 1 0\n");
    let left = "Of its 2 schedules, 1 are left";
    assert!(output.contains(left), "{output}");
    let answers = "1 1 2 2 0\nu\nu\nu\nu\nu\n2 2 1 1 0\n";
    let output = play(&["deadlock-4"], answers);
    let last = "You have tried all of its 2 schedules: none ends badly.\n";
    assert!(output.ends_with(last), "{output}");
}

#[test]
fn a_schedule_is_played_without_asking() {
    // What is left of a schedule at the end is left out.
    let output = play(&["race-2", "--schedule", "11220001"], "");
    let end = "It ends otherwise after 6 steps, 112200: main returns.\n";
    assert!(output.contains(end), "{output}");
    let output = play(&["race-2", "--schedule", "1212000"], "");
    let end = "You have broken it after 6 steps, 121200: it panics, paid_in.rs:19: the account ends at 110.\n";
    assert!(
        output.contains(&format!("{end}That was the goal.\n")),
        "{output}"
    );
    let output = play(&["futures-2", "--schedule", "111s"], "");
    assert!(
        output.contains("  3. thread 1: wakes up, for no reason\n"),
        "{output}"
    );
    let output = play(&["gil-1", "--schedule", "0"], "");
    assert!(
        output.contains("  -  thread 1: has not begun\n"),
        "{output}"
    );
    // As in a link of the book: a letter belongs to the digit before it.
    for (schedule, step, turn) in [("12x", 2, "2x"), ("1x2", 1, "1x"), ("1tt", 1, "1t")] {
        let output = run(PLAY, &["race-1", "--schedule", schedule], "");
        let error = String::from_utf8(output.stderr).unwrap();
        let said = format!("step {step} of the schedule: '{turn}' is not possible here");
        assert!(error.contains(&said), "{error}");
    }
    let fixed = ["deadlock-1", "--change", "2", "--schedule", "11220"];
    assert!(play(&fixed, "").contains("It ends well"));
}

/// After a change the goal is to break it, and no key is offered that no state of the level takes.
#[test]
fn goal_and_keys_are_those_of_the_level() {
    let output = play(&["race-1", "--change", "3"], "q\n");
    assert!(!output.contains("Your goal: a bad end"), "{output}");
    let goal = "There are 6 schedules. Your goal: break it, if you can.\n";
    assert!(output.contains(goal), "{output}");
    for level in Level::all().unwrap() {
        let output = play(&[&level.name], "q\n");
        let versions = level.versions.iter();
        let mut steps = versions
            .flat_map(|version| &version.states)
            .flat_map(|state| &state.steps);
        for (letter, said) in [
            ('t', "t, its time is over"),
            ('s', "s, it wakes up for no reason"),
            ('f', "f, it fails for no reason"),
        ] {
            let has = steps.clone().any(|step| step.turn.ends_with(letter));
            assert_eq!(output.contains(said), has, "{output}");
        }
        let any = steps.any(|step| step.turn.len() > 1);
        assert_eq!(output.contains("A letter behind"), any, "{output}");
    }
}

/// By its hint each level is brought to its goal; then the change that repairs it is chosen, and
/// nothing breaks it any more.
#[test]
fn each_level_is_played_to_its_end() {
    let list = play(&[], "");
    let levels = Level::all().unwrap();
    assert_eq!(list.lines().count(), levels.len());
    for level in levels {
        let Level {
            name,
            title,
            goal,
            versions,
            ..
        } = &level;
        let entry = format!("{name:<16} {title} (");
        assert!(list.lines().any(|line| line.starts_with(&entry)), "{list}");
        let any = |end: &End| !end.bad;
        let Some(way) = versions[0].way(0, |end| goal.is(end)) else {
            let way = versions[0].way(0, any).unwrap().join(" ");
            let output = play(&[name], &format!("?\n{way}\n"));
            assert!(output.contains("There is none: of its "), "{output}");
            assert!(output.contains("It ends well after "), "{output}");
            continue;
        };
        let way = way.join(" ");
        let mut answers = format!("?\n{way}\n");
        let repairs = versions
            .iter()
            .position(|version| version.repairs == Some(true));
        if let Some(repairs) = repairs {
            let way = versions[repairs].way(0, any).unwrap().join(" ");
            answers += &format!("{repairs}\n?\n{way}\n");
        }
        let output = play(&[name], &answers);
        assert!(
            output.contains(&format!("A shortest way from here: {way}\n")),
            "{output}"
        );
        let last = match repairs {
            Some(_) => "the change repairs it.\n",
            None => "That was the goal.\n",
        };
        assert!(output.ends_with(last), "{name}: {output}");
    }
}

/// The reader's own program: by steps, with the lines around each thread, to a bad end.
#[test]
fn a_program_of_your_own_is_played_line_by_line() {
    let program = format!("{}/tests/own/lost_wake_up.rs", env!("CARGO_MANIFEST_DIR"));
    let output = play(&[&program], "u\n?\n7\nno\n1 1\n0 0\nu\nu\n1s 1 0 0\n");
    for said in [
        "  1  thread 1, line 9: next: lock it\n        8  scope.spawn(|| {\n   >    9      let mut order",
        "This is the start: there is no step to take back.",
        "The shortest way found from here: 1 1 1s 1 0 0. It panics, line 13: an order.",
        "'7' is not possible here; who can go on: 0 1\n",
        "'no' is no answer: 0 1 u ? q\n",
        "  2. thread 1: releases it, waits\n",
        "  4. main: wakes one\n",
        "Who goes on? [1 u ? q] u\n",
        "  3. thread 1: wakes up, for no reason\n",
        "You have broken it: it panics, line 13: an order, after 6 steps.\n",
    ] {
        assert!(output.contains(said), "'{said}' is not in\n{output}");
    }
    // What it says is understood by `just prove`, and by itself.
    let (_, schedule) = output.split_once("--schedule '").unwrap();
    let (schedule, _) = schedule.split_once('\'').unwrap();
    let arguments = [program.as_str(), "--schedule", schedule];
    let proved = run(PROVE, &arguments, "");
    let proved = String::from_utf8(proved.stdout).unwrap();
    assert!(
        proved.ends_with("=> it panics, line 13: an order\n"),
        "{proved}"
    );
    let again = play(&arguments, "");
    assert!(again.contains("You have broken it"), "{again}");
    // Half of the way, and then another one.
    let other = play(&[&program, "--schedule", "11"], "0 0 1 1 1\n0\nq\n");
    assert!(other.contains("printed: cook makes soup\n"), "{other}");
    assert!(other.contains("It ends, after"), "{other}");
    let wrong = run(PLAY, &[&program, "--schedule", "17"], "");
    assert_eq!(wrong.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(wrong.stderr).unwrap(),
        "just play: step 2 of the schedule: '7' is not possible there\n"
    );
}

/// Whatever the reader does with the fixed version, it ends well; and no way is missing.
#[test]
fn no_schedule_breaks_a_fixed_version() {
    for scene in proofs::scenes() {
        let (_, program) = scene.right;
        assert_eq!(program.graph().way_to_bad(0), None, "{}", scene.lesson);
    }
}

/// The chapter shows the numbers of the level and of the proof, one below the other.
#[test]
fn the_chapter_says_why_a_level_has_fewer_schedules() {
    let levels = Level::all().unwrap();
    let level = levels.iter().find(|level| level.name == "deadlock-1");
    let scenes = proofs::scenes();
    let scene = scenes.iter().find(|scene| scene.lesson == "deadlock");
    let said = format!(
        "The level has {} schedules where the proof has {}, because",
        level.unwrap().versions[0].schedules,
        scene.unwrap().wrong.1.graph().schedules(),
    );
    assert!(
        across::read("lessons/deadlock/README.md").contains(&said),
        "{said}"
    );
}

/// The first question of race is about a line, the second about a number; lock asks for several.
#[test]
fn a_quiz_says_right_or_wrong_and_why() {
    let output = play(&["race", "--quiz"], "d\na\n");
    for line in [
        "  d      scope.spawn(|| balance -= 70);\n",
        "Your answer, a letter from a to d? d\nRight. The answer: scope.spawn(|| balance -= 70);",
        "Your answer, a letter from a to g? a\nNot so. The answer: 4 (below 0: 4, 30: 1, 20: 1). It goes well only",
    ] {
        assert!(output.contains(line), "{output}");
    }
    assert!(output.ends_with("\n1 of 2 right\n"), "{output}");
    let several = |answer: &str| play(&["lock", "--quiz"], &format!("d\n{answer}\n"));
    assert!(several("c b").ends_with("\n2 of 2 right\n"));
    assert!(several("b").ends_with("\n1 of 2 right\n"));
    assert!(several("bcd").ends_with("\n1 of 2 right\n"));
}

#[test]
fn a_quiz_asks_again_after_nonsense_and_ends_with_its_input() {
    for nonsense in ["h", "4", "ab", "ä", "\u{1b}[2J"] {
        let output = play(&["race", "--quiz"], &format!("{nonsense}\nq\n"));
        let answer = nonsense.escape_debug();
        let said = format!("\n'{answer}' is not a letter from a to d\nYour answer");
        assert!(output.contains(&said), "{output}");
    }
    let output = play(&["race", "--quiz"], "\nQ\n");
    let said = "from a to d? \nNo answer yet: a letter from a to d, or q\nYour answer";
    assert!(output.contains(said), "{output}");
    assert!(
        output.ends_with("from a to d? Q\n\n0 of 0 right\n"),
        "{output}"
    );
    let output = play(&["race", "--quiz"], "D\n");
    assert!(
        output.ends_with("Your answer, a letter from a to g? \n\n1 of 1 right\n"),
        "{output}"
    );
    let output = play(&["lock", "--quiz"], "a\nB c");
    assert!(output.ends_with("? B c\nRight. The answer: 30, 20. The till that acquires the lock first is paid. For the other till too little is left, whichever it is.\n\n1 of 2 right\n"), "{output}");
}

#[test]
fn wrong_arguments_are_one_line_and_status_2() {
    let cases: [(&str, &[&str]); 16] = [
        (PLAY, &["-"]),
        (PLAY, &["not-there.rs"]),
        (PLAY, &["pool"]),
        (PLAY, &["race", "lock"]),
        (PLAY, &["race", "--change", "4"]),
        (PLAY, &["race", "--change", "x"]),
        (PLAY, &["--change", "1"]),
        (PLAY, &["my.rs", "--change", "1"]),
        (PLAY, &["race", "--bogus"]),
        (PLAY, &["race", "--schedule"]),
        (PLAY, &["race", "--schedule", "07"]),
        (PLAY, &["--quiz"]),
        (PLAY, &["nothing", "--quiz"]),
        (PLAY, &["race", "--quiz", "--fixed"]),
        (PROVE, &["nothing"]),
        (PROVE, &["--bogus"]),
    ];
    for (program, arguments) in cases {
        let output = run(program, arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn a_full_disk_is_one_line_and_status_1() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = Command::new(PROVE)
        .arg("race")
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}

#[test]
fn the_states_are_written_as_json() {
    let folder = std::env::temp_dir().join(format!("graphs-{}", std::process::id()));
    let output = run(PROVE, &["--graphs", folder.to_str().unwrap()], "");
    assert!(output.status.success(), "{output:?}");
    for lesson in ["race", "lock", "deadlock"] {
        let text = std::fs::read_to_string(folder.join(format!("{lesson}.json"))).unwrap();
        assert!(text.len() < 60_000, "{lesson}: {} bytes", text.len());
        let scene: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (version, breaks) in [("wrong", true), ("right", false)] {
            let states = scene[version]["states"].as_array().unwrap();
            let bad = |state: &&serde_json::Value| state["end"]["bad"] == true;
            assert_eq!(states.iter().any(|state| bad(&state)), breaks, "{lesson}");
            // Each operation is in a line of one of the lesson's files, and one of them is next.
            let operations = scene[version]["operations"].as_array().unwrap();
            for operation in operations {
                let (file, line) = operation[1].as_str().unwrap().split_once(':').unwrap();
                let folder = env!("CARGO_MANIFEST_DIR");
                let path = format!("{folder}/../../lessons/{lesson}/src/{file}");
                let source = std::fs::read_to_string(path).unwrap();
                let line: usize = line.parse().unwrap();
                assert!(line <= source.lines().count(), "{file}:{line}");
            }
            let next = states
                .iter()
                .flat_map(|state| state["next"].as_array().unwrap());
            for operation in next.filter_map(serde_json::Value::as_u64) {
                assert!(operation < operations.len() as u64);
            }
            // Every step leads to a state that is there.
            for step in states
                .iter()
                .flat_map(|state| state["steps"].as_array().unwrap())
            {
                assert!(step[2].as_u64().unwrap() < states.len() as u64);
            }
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}
