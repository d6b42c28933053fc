//! `just play` and `just prove`, as a reader uses them.

use std::io::Write;
use std::process::{Command, Output, Stdio};

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
fn race_is_broken_by_hand_and_the_fixed_version_resists() {
    let output = play(&["race"], "0\n1\n0\n1\n0\n1\n0\n1\n");
    assert!(output.contains("Your goal: make the balance negative."));
    assert!(output.contains("You have broken it: below 0, after 4 steps: 0101"));
    let (_, fixed) = output
        .split_once("Now try the same with account.rs")
        .unwrap();
    assert!(fixed.contains("till 70: not 100 but 20"), "{fixed}");
    assert!(
        fixed.contains("It ends well (20), schedule 0101: and so do all of its"),
        "{fixed}"
    );
}

#[test]
fn deadlock_is_reached_by_hand_and_the_fixed_version_resists() {
    let output = play(&["deadlock"], "0\n1\n0\n1\n");
    assert!(
        output.contains("clerk A>B  waits to lock B, held by clerk B>A"),
        "{output}"
    );
    assert!(
        output.contains("clerk B>A  waits to lock A, held by clerk A>B"),
        "{output}"
    );
    assert!(
        output.contains("You have broken it: deadlock, after 2 steps: 01"),
        "{output}"
    );
    let (_, fixed) = output
        .split_once("Now try the same with transfer.rs")
        .unwrap();
    assert!(
        fixed.contains("'1' is not possible here; who can go on: 0"),
        "{fixed}"
    );
}

#[test]
fn steps_back_hints_and_nonsense() {
    let output = play(
        &["race"],
        "u\n?\n0\n?\nu\nnonsense\n\u{1}\n9\n0 0\n0\n0\n?\nu\nq\n1\n",
    );
    assert!(output.contains("This is the start: there is no step to take back."));
    assert!(
        output.contains("A shortest way from here: 0 1 0 1"),
        "{output}"
    );
    assert!(
        output.contains("A shortest way from here: 1 0 1"),
        "{output}"
    );
    assert!(
        output.contains("'nonsense' is not possible here; who can go on: 0 1"),
        "{output}"
    );
    assert!(
        output.contains("No way leads there from here: take steps back."),
        "{output}"
    );
    assert!(output.trim_end().ends_with("q"), "q is the end: {output}");
    let fixed = play(&["lock", "--fixed"], "?\n");
    assert!(fixed.contains("There is none: not one of its"), "{fixed}");
}

#[test]
fn the_end_of_the_input_ends_it() {
    for answers in ["", "0\n", "0"] {
        play(&["race"], answers);
    }
}

#[test]
fn a_schedule_is_played_without_asking() {
    // What is left of a schedule at the end is left out.
    let output = play(&["race", "--schedule", "0011"], "");
    assert!(
        output.contains("It ends well (20), schedule 001:"),
        "{output}"
    );
    let output = play(&["race", "--schedule", "0110"], "");
    assert!(
        output.contains("You have broken it: below 0, after 4 steps: 0110"),
        "{output}"
    );
    let output = play(&["deadlock", "--schedule", "0"], "");
    let line = "clerk B>A  next: lock B  unordered_transfer.rs:20  let mut from = from.lock();";
    assert!(output.trim_end().ends_with(line), "{output}");
    let output = play(&["deadlock", "--fixed", "--schedule", "00001111"], "");
    assert!(output.contains("It ends well (all moved)"), "{output}");
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
    for nonsense in ["", "h", "4", "ab", "ä", "\u{1b}[2J"] {
        let output = play(&["race", "--quiz"], &format!("{nonsense}\nq\n"));
        let answer = nonsense.escape_debug();
        let said = format!("\n'{answer}' is not a letter from a to d\nYour answer");
        assert!(output.contains(&said), "{output}");
        assert!(!output.contains("right\n"), "{output}");
    }
    let output = play(&["race", "--quiz"], "d\n");
    assert!(
        output.ends_with("Your answer, a letter from a to g? \n"),
        "{output}"
    );
}

#[test]
fn wrong_arguments_are_one_line_and_status_2() {
    let cases: [(&str, &[&str]); 13] = [
        (PLAY, &["-"]),
        (PLAY, &["not-there.rs"]),
        (PLAY, &[]),
        (PLAY, &["pool"]),
        (PLAY, &["race", "lock"]),
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
