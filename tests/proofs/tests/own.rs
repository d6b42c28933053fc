//! `just prove PATH.rs`: small programs, right and wrong, as a reader might write them. They are
//! in `tests/own`, and each of them compiles as it is, with plain rustc.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use proofs::own::{self, Files, Folder, Libraries, Order};

/// The program, the status, and what the report says.
const PROGRAMS: &[(&str, i32, &[&str])] = &[
    (
        "aba",
        1,
        &["35  ends", "1  BAD: panics, line 53", "right: [0, 1]"],
    ),
    ("backs_off", 0, &["10  ends: both have eaten"]),
    ("barrier_twice", 0, &["the sum is 6"]),
    ("bounded_buffer", 0, &["74  ends: [1, 2]"]),
    ("caught", 0, &["poisoned: true | caught: true"]),
    ("compare_swap", 0, &["ends: 2 and 1 tries"]),
    ("counter", 0, &["1  ends: ab", "1  ends: ba"]),
    (
        "counts_on",
        3,
        &["some take too many steps", "...   1948 steps"],
    ),
    (
        "double_checked",
        1,
        &["2  BAD: panics, line 23: assertion", "made twice"],
    ),
    ("elect", 0, &["ends: 3"]),
    (
        "few",
        1,
        &[
            "18  BAD: panics, line 17: only 2",
            "line 17: only 1: 8 steps",
        ],
    ),
    ("finite_loops", 0, &["1  ends: 10"]),
    (
        "flag_without_lock",
        1,
        &["BAD: is in a deadlock", "thread 1 waits at line 22"],
    ),
    (
        "gives_up",
        0,
        &["see the same again and again wait for a change"],
    ),
    ("hand_over", 0, &["ends: [2, 1]"]),
    ("hangs_up", 0, &["ends: 1 false"]),
    ("highest", 0, &["ends: found 1 [2, 0]"]),
    ("in_order", 0, &["ends: 40 60 | 60 40"]),
    ("increments", 0, &["ends: 10"]),
    (
        "kept_sender",
        1,
        &["BAD: is in a deadlock (main waits at line 11)"],
    ),
    ("last_owner", 0, &["ends: thread | gone | main"]),
    ("late", 1, &["BAD: returns an error, \"1 of 2 done\""]),
    ("leader", 0, &["ends: main leads: true"]),
    ("left_behind", 0, &["ends while thread 1 still works: main"]),
    (
        "lost_wake_up",
        1,
        &[
            "3  ends: cook makes soup",
            "1  BAD: panics, line 13: an order",
            "wakes up, for no reason",
        ],
    ),
    ("once", 0, &["ends: made by 2"]),
    ("once_lock", 0, &["ends: made by 2"]),
    (
        "one_call",
        1,
        &["BAD: is in a deadlock", "thread 2 waits at line 12): a"],
    ),
    ("own_panic", 1, &["1  BAD: panics, line 6: too small"]),
    ("own_copy", 0, &["main counts 2 | thread counts 3"]),
    ("park", 0, &["ends: parked 2 times"]),
    (
        "lot_read_twice",
        1,
        &[
            "1  ends: 5",
            "main waits at line 12 for what it holds since line 11",
        ],
    ),
    ("lot_upgrade", 0, &["8  ends"]),
    ("lot_wake_up", 0, &["2  ends: cook makes soup"]),
    (
        "philosophers",
        1,
        &[
            "1  BAD: is in a deadlock",
            "thread 1 waits at line 12 for what thread 2 holds since line 11",
        ],
    ),
    ("poison", 0, &["ends: 70, and poisoned"]),
    ("publish", 0, &["ends: 42"]),
    (
        "published_early",
        1,
        &["BAD: panics, line 14", "not there yet"],
    ),
    ("read_write", 0, &["ends: 2 2"]),
    (
        "reentrant",
        1,
        &["main waits at line 8 for what it holds since line 12"],
    ),
    (
        "prints_locked",
        0,
        &[
            "ends: 0 | written",
            "ends: 1 | written",
            "ends: written | 1",
        ],
    ),
    ("unwraps", 0, &["ends: Err(SendError { .. }) | 2"]),
    ("rendezvous", 0, &["sent 1 | got 1 | sent 2 | got 2"]),
    ("room_for_one", 0, &["ends: no room for 2 | 1"]),
    ("scoped", 0, &["ends: None Some(1)"]),
    ("semaphore", 0, &["ends: thread | main"]),
    (
        "scope_panics",
        1,
        &[
            "1  ends: the thread ends",
            "1  BAD: panics, line 13: too early: the thread ends",
        ],
    ),
    (
        "sleep",
        0,
        &["1  ends: the result is 0", "1  ends: the result is 42"],
    ),
    ("spin_lock", 0, &["ends: 2 visits"]),
    (
        "spins",
        1,
        &["1  BAD: may spin without end", "thread 1 waits at line 8"],
    ),
    (
        "spins_politely",
        1,
        &["BAD: may spin without end (main waits at line 12)"],
    ),
    ("store_buffers", 0, &["ends: [true, true]"]),
    ("ticket_lock", 0, &["6  ends: both were inside"]),
    ("tickets", 0, &["ends: Some(2) [None, Some(1)]"]),
    ("time_limit", 0, &["ends: order 1"]),
    (
        "transfers",
        1,
        &[
            "BAD: is in a deadlock",
            "main waits at line 7 for what thread 1 holds since line 6",
        ],
    ),
    ("try_lock", 0, &["ends: 1 visits"]),
    ("try_read", 0, &["ends: read 1, wrote false"]),
    ("two_senders", 0, &["ends: b1 | a1 | b2 | a2"]),
    ("unparked_first", 1, &["BAD: is in a deadlock"]),
    ("upgrade", 1, &["4 schedules", "waits to write"]),
    ("versions", 0, &["ends: 1 1"]),
    ("wake_up", 0, &["4  ends: cook makes soup"]),
    ("weak", 0, &["ends: Some(7)"]),
];

fn prove(arguments: &[&str]) -> Output {
    let mut prove = Command::new(env!("CARGO_BIN_EXE_prove"));
    prove.args(arguments).env("HERE", here());
    prove.stdin(Stdio::null()).output().unwrap()
}

fn here() -> String {
    format!("{}/tests/own", env!("CARGO_MANIFEST_DIR"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn small_programs_end_in_all_the_ways_that_they_can() {
    let libraries = Libraries::of("own").unwrap();
    // Most of the time is rustc's.
    let (one, other) = PROGRAMS.split_at(PROGRAMS.len() / 2);
    thread::scope(|scope| {
        scope.spawn(|| check(&libraries, one));
        check(&libraries, other);
    });
    let mut programs: Vec<_> = fs::read_dir(here())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    programs.sort();
    let mut listed: Vec<_> = PROGRAMS
        .iter()
        .map(|(name, ..)| format!("{name}.rs"))
        .collect();
    listed.sort();
    assert_eq!(programs, listed);
}

/// Each of the programs ends with this status, its report says this, and it ends in the same ways
/// when what makes no difference is left out.
fn check(libraries: &Libraries, programs: &[(&str, i32, &[&str])]) {
    let library = libraries.get("own").unwrap();
    let real: &[(&str, &Path)] = &[("parking_lot", libraries.get("parking_lot").unwrap())];
    for (name, status, said) in programs {
        let shown = format!("{name}.rs");
        let path = Path::new(&here()).join(&shown);
        let files = Files::of_program(&path, &shown).unwrap();
        let folder = Folder::new(library).unwrap();
        let compiled = own::compile(&files, &folder, libraries, real).unwrap();
        let [report, all] = [false, true].map(|all| {
            let order = Order {
                program: None,
                names: &compiled.names,
                shown: &shown,
                budget: 60,
                enough: 60,
                all,
                schedule: None,
                memory: None,
            };
            let output = compiled.run(&order).unwrap().output().unwrap();
            let report = text(&output.stdout);
            assert_eq!(output.status.code(), Some(*status), "{name}: {report}");
            assert_eq!(text(&output.stderr), "", "{name}");
            report
        });
        for said in *said {
            assert!(
                report.contains(said),
                "{name}: '{said}' is not in\n{report}"
            );
        }
        assert!(!ends(&all).is_empty(), "{name}");
        assert_eq!(ends(&report), ends(&all), "{name}");
    }
}

/// The ends of a report, without how often they come.
fn ends(report: &str) -> Vec<String> {
    let lines = report
        .lines()
        .skip_while(|line| !line.starts_with("schedules"));
    let ends = lines.skip(1).take_while(|line| !line.is_empty());
    let ends = ends
        .filter_map(|line| line.get(11..))
        .map(|end| end.trim_end_matches("  <- rare"));
    let mut ends: Vec<_> = ends.map(str::to_owned).collect();
    ends.sort();
    ends
}

#[test]
fn a_schedule_of_the_report_is_shown_again() {
    let report = text(&prove(&["aba.rs"]).stdout);
    let (_, schedule) = report.split_once("--schedule '").unwrap();
    let (schedule, _) = schedule.split_once('\'').unwrap();
    let output = prove(&["aba.rs", "--schedule", schedule]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    let (_, table) = report.split_once("steps\n\n").unwrap();
    assert!(table.starts_with(&shown), "{table}\n{shown}");
    // The line of the source stands beside the step.
    assert!(shown.contains("self.below[top].load(SeqCst)"), "{shown}");
    for (schedule, step, turn) in [("x1", 0, ""), ("1z", 1, "1z"), ("19", 2, "9")] {
        let output = prove(&["aba.rs", "--schedule", schedule]);
        assert_eq!(output.status.code(), Some(2), "{schedule}");
        let said = match step {
            0 => format!("just prove: '{schedule}' is not a schedule\n"),
            _ => {
                format!("just prove: step {step} of the schedule: '{turn}' is not possible there\n")
            }
        };
        assert_eq!(text(&output.stderr), said);
    }
    let report = text(&prove(&["aba.rs", "--memory", "rust"]).stdout);
    let again = report.lines().last().unwrap();
    assert!(again.ends_with("' --memory rust"), "{again}");
}

/// Also if the second thread takes a step before the first one has taken any.
#[test]
fn each_thread_has_its_own_name() {
    let source = "use std::{sync::mpsc, thread};\n\
        fn main() {\n    let (sender, receiver) = mpsc::channel();\n    let (other, none) = mpsc::channel::<()>();\n    \
        let first = thread::spawn(move || { receiver.recv().unwrap(); none.recv() });\n    \
        thread::spawn(move || sender.send(()).unwrap()).join().unwrap();\n    \
        let _ = first.join();\n    drop(other);\n}\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.rs");
    fs::write(&file, source).unwrap();
    let report = text(&prove(&[file.to_str().unwrap()]).stdout);
    for said in ["1     thread 2  6     sends", "thread 1 waits at line 5"] {
        assert!(report.contains(said), "'{said}' is not in\n{report}");
    }
}

/// rustc refuses it where it can see it; here it stands in a variable.
#[test]
fn an_ordering_that_an_access_cannot_have() {
    let source = |access: &str| {
        format!(
            "use std::sync::atomic::{{AtomicU32, Ordering::{{self, *}}, fence}};\n\
            fn order(it: Ordering) -> Ordering {{ it }}\n\
            fn main() {{\n    let it = AtomicU32::new(0);\n    {access};\n}}\n"
        )
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.rs");
    for (access, what) in [
        ("it.load(order(Release))", "a release load"),
        ("it.load(order(AcqRel))", "an acquire-release load"),
        ("it.store(1, order(Acquire))", "an acquire store"),
        ("it.store(1, order(AcqRel))", "an acquire-release store"),
        (
            "_ = it.compare_exchange(0, 1, AcqRel, order(Release))",
            "a release failure ordering",
        ),
        ("fence(order(Relaxed))", "a relaxed fence"),
    ] {
        fs::write(&file, source(access)).unwrap();
        let output = prove(&[file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{access}");
        let said = format!("panics, line 5: there is no such thing as {what}");
        let report = text(&output.stdout);
        assert!(report.contains(&said), "'{said}' is not in\n{report}");
    }
}

/// The value of an `Arc` of one's own ends while it may still be written, unless its last owner
/// acquires.
#[test]
fn the_end_of_a_value_is_an_access_to_it() {
    let source = include_str!("memory/own_arc.rs");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.rs");
    let fence = "std::sync::atomic::fence(std::sync::atomic::Ordering::Acquire);";
    let mended = source.replace("// Here `fence(Acquire)` is missing.", fence);
    assert_ne!(source, mended);
    let race = "1  BAD: has a data race (main drops it; thread 1 may write at line 44)";
    for (source, status, end) in [(source, 1, race), (&mended, 0, "2  ends")] {
        fs::write(&file, source).unwrap();
        let output = prove(&[file.to_str().unwrap()]);
        let report = text(&output.stdout);
        assert_eq!(output.status.code(), Some(status), "{report}");
        assert!(report.contains(end), "'{end}' is not in\n{report}");
    }
}

/// A message whose flag is raised too weakly, and what is said of it.
#[test]
fn orderings_are_taken_at_their_word() {
    let source = "use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::*};\n\
        use std::thread;\n\
        fn main() {\n    \
        let (message, there) = (AtomicU32::new(0), AtomicBool::new(false));\n    \
        thread::scope(|scope| {\n        \
        scope.spawn(|| {\n            \
        message.store(42, Relaxed);\n            \
        there.store(true, Relaxed);\n        \
        });\n        \
        if there.load(Acquire) {\n            \
        assert_eq!(message.load(Relaxed), 42);\n        \
        }\n    \
        });\n\
        }\n";
    let folder = tempfile::tempdir().unwrap();
    let prove = |text: &str, more: &[&str], status| {
        let file = folder.path().join("it.rs");
        fs::write(&file, text).unwrap();
        let arguments: Vec<_> = [file.to_str().unwrap()]
            .iter()
            .chain(more)
            .copied()
            .collect();
        let output = prove(&arguments);
        let report = self::text(&output.stdout);
        assert_eq!(output.status.code(), Some(status), "{report}");
        report
    };
    let report = prove(source, &[], 1);
    for said in [
        "3 executions (all that Rust allows, load buffering aside)",
        "1  BAD: panics, line 11: assertion",
        "reads 0, although 42 has been written",
    ] {
        assert!(report.contains(said), "'{said}' is not in\n{report}");
    }
    let (_, schedule) = report.split_once("--schedule '").unwrap();
    let (schedule, _) = schedule.split_once('\'').unwrap();
    assert!(schedule.contains("0a"), "{schedule}");
    let (_, table) = report.split_once("steps\n\n").unwrap();
    let shown = prove(source, &["--schedule", schedule], 1);
    assert!(table.starts_with(&shown), "{table}\n{shown}");

    // In the dialogue, the reader chooses which value is read.
    let mut play = Command::new(env!("CARGO_BIN_EXE_play"));
    play.arg("it.rs").env("HERE", folder.path());
    play.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut play = play.spawn().unwrap();
    let mut answers = play.stdin.take().unwrap();
    answers.write_all(b"1 1 0\n0a 0\n").unwrap();
    drop(answers);
    let played = self::text(&play.wait_with_output().unwrap().stdout);
    for said in [
        "  0 0a main, line 11: next: read it\n",
        "        0: it reads 42\n        0a: it reads 0\n",
        "reads 0, although 42 has been written",
        "You have broken it",
    ] {
        assert!(played.contains(said), "'{said}' is not in\n{played}");
    }

    let report = prove(source, &["--memory", "sc"], 0);
    assert!(
        report.contains("2 schedules (all that can differ)"),
        "{report}"
    );
    let right = source.replace("true, Relaxed", "true, Release");
    let report = prove(&right, &[], 0);
    assert!(report.contains("2 executions"), "{report}");
    let report = prove(&right.replace("Acquire", "Relaxed"), &["--all"], 1);
    assert!(report.contains("schedules (all there are)"), "{report}");
}

/// A file with this text, and what is said of it on standard error, with status 2.
fn refused(name: &str, source: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, source).unwrap();
    let output = prove(&[file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    assert_eq!(text(&output.stdout), "");
    let folder = folder.path().to_str().unwrap();
    text(&output.stderr).replace(&format!("{folder}/"), "")
}

#[test]
fn what_differs_from_run_to_run_is_refused_in_one_line() {
    for (source, line) in [
        (
            "fn main() {\n    let start = std::time::Instant::now();\n    let _ = start;\n}\n",
            "just prove: it.rs:2: `Instant` is not modelled: times differ from run to run; leave out the clock\n",
        ),
        (
            "use std::fs;\nfn main() {\n    let _ = fs::read(\"x\");\n}\n",
            "just prove: it.rs:1: `std::fs` is not modelled: files and sockets differ from run to run; use a channel or a value\n",
        ),
        (
            "static mut N: u32 = 0;\nfn main() {}\n",
            "just prove: it.rs:1: `static mut` cannot be searched: use an atomic, or a Mutex in a static\n",
        ),
        (
            "fn main() {\n    let _ = parking_lot::FairMutex::new(1);\n}\n",
            "just prove: it.rs:2: `FairMutex` is not modelled\n",
        ),
    ] {
        assert_eq!(refused("it.rs", source), line);
    }
}

#[test]
fn broken_rust_is_told_in_rustcs_own_words() {
    let said = refused(
        "it.rs",
        "//! Mine.\n\nfn main() {\n    let x: u32 = \"one\";\n}\n",
    );
    assert!(
        said.starts_with("error[E0308]: mismatched types\n --> it.rs:4:18\n"),
        "{said}"
    );
    assert!(!said.contains("own"), "{said}");
}

#[test]
fn a_missing_file_is_one_line() {
    let output = prove(&["not-there.rs"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "just prove: cannot read 'not-there.rs': No such file or directory (os error 2)\n"
    );
}

/// From standard input, with a module of its own, `main` with a result, and threads that
/// `main` leaves behind.
#[test]
fn other_forms_of_programs() {
    let program = "use std::sync::atomic::{AtomicU32, Ordering::SeqCst};\n\
        static N: AtomicU32 = AtomicU32::new(1);\n\
        mod inside {\n    pub fn say(n: u32) {\n        println!(\"inside {n}\");\n    }\n}\n\
        fn main() -> Result<(), String> {\n    std::thread::spawn(|| inside::say(N.swap(0, SeqCst)));\n    \
        match N.load(SeqCst) {\n        0 => Err(\"late\".into()),\n        _ => Ok(()),\n    }\n}\n";
    let mut prove = Command::new(env!("CARGO_BIN_EXE_prove"));
    prove.arg("-").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut prove = prove.spawn().unwrap();
    prove
        .stdin
        .take()
        .unwrap()
        .write_all(program.as_bytes())
        .unwrap();
    let output = prove.wait_with_output().unwrap();
    let report = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{report}");
    for said in [
        "returns an error, \"late\"",
        "ends while thread 1 still works",
        "ends: inside 1",
    ] {
        assert!(report.contains(said), "'{said}' is not in\n{report}");
    }
}

/// The programs that travel with a lesson, for the reader who has changed a piece.
#[test]
fn a_lessons_own_program_searches_its_piece() {
    for (lesson, status, end) in [
        ("race", 0, "ends: the account ends at 20"),
        ("lock", 0, "ends: the account ends at 20"),
        ("deadlock", 0, "ends: the accounts end at (190, 10)"),
        ("gil", 0, "ends: b | a"),
        ("shared-memory", 1, "an update is lost"),
        ("futures", 0, "ends: cancelled before it began"),
    ] {
        let lessons = format!("{}/../../lessons", env!("CARGO_MANIFEST_DIR"));
        let program = format!("{lesson}/prove.rs");
        let mut prove = Command::new(env!("CARGO_BIN_EXE_prove"));
        let output = prove.arg(&program).env("HERE", lessons).output().unwrap();
        let report = text(&output.stdout);
        assert_eq!(output.status.code(), Some(status), "{lesson}: {report}");
        assert!(report.contains(end), "{lesson}: {report}");
    }
}

/// An overflow panics, as in a program that plain rustc has made. Of a long schedule the middle is
/// left out.
#[test]
fn a_long_schedule_to_an_overflow() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.rs");
    let program = "use std::sync::atomic::{AtomicU8, Ordering::SeqCst};\n\
        fn main() {\n    let n = AtomicU8::new(0);\n    for _ in 0..30 {\n        \
        n.store(n.load(SeqCst) + 9, SeqCst);\n    }\n}\n";
    // What `std` alone can infer is not made ambiguous by a crate that the search needs.
    let program = program.replace(
        "    let n",
        "    assert_eq!(vec![1; 0], []);\n    assert_eq!(1, 1_u8.into());\n    let n",
    );
    fs::write(&file, program).unwrap();
    let report = text(&prove(&[file.to_str().unwrap()]).stdout);
    for said in [
        "BAD: panics, line 7: attempt to add with overflow",
        "\n...   6 steps\n",
    ] {
        assert!(report.contains(said), "'{said}' is not in\n{report}");
    }
}

/// What is bounded by time proves nothing, and says so.
#[test]
fn too_large_a_program_is_not_complete() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.rs");
    let program = "use std::sync::atomic::{AtomicU32, Ordering::SeqCst};\n\
        static N: AtomicU32 = AtomicU32::new(0);\n\
        fn main() {\n    let threads: Vec<_> = (0..6).map(|_| std::thread::spawn(|| for _ in 0..6 {\n        \
        N.fetch_add(1, SeqCst);\n    })).collect();\n    threads.into_iter().for_each(|it| it.join().unwrap());\n}\n";
    fs::write(&file, program).unwrap();
    let output = prove(&[file.to_str().unwrap(), "--seconds", "1"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("the time was up, so this proves nothing yet"));

    // What is printed is different in each schedule.
    let program = program.replace("N.fetch_add(1, SeqCst);", "println!(\"{i}\");");
    let program = program
        .replace("(0..6).map(|_|", "(0..6).map(|i|")
        .replace("|| for", "move || for");
    fs::write(&file, program).unwrap();
    let output = prove(&[file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("too many different ways"));
}

#[test]
fn the_page_shows_a_program_and_its_report() {
    let page = format!("{}/../../docs/proofs.md", env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("## Your own program").unwrap();
    let block = |language: &str| {
        let (_, block) = section.split_once(&format!("```{language}\n")).unwrap();
        block.split_once("```").unwrap().0
    };
    let program = fs::read_to_string(format!("{}/lost_wake_up.rs", here())).unwrap();
    assert!(program.ends_with(block("rust")), "{}", block("rust"));
    let report = text(&prove(&["lost_wake_up.rs"]).stdout);
    let untimed = |report: &str| {
        let (first, rest) = report.split_once('\n').unwrap();
        let (first, _) = first.rsplit_once(" in ").unwrap();
        format!("{first}\n{rest}")
    };
    let shown = untimed(block("text"));
    assert!(untimed(&report).starts_with(&shown), "{report}\n{shown}");
}

#[test]
fn the_page_of_orderings_shows_programs_and_their_reports() {
    let page = format!("{}/../../docs/orderings.md", env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(page).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let programs: Vec<_> = page.split("```rust\n").skip(1).collect();
    assert_eq!(programs.len(), 2);
    for rest in programs {
        let (program, rest) = rest.split_once("```").unwrap();
        let (_, report) = rest.split_once("```text\n").unwrap();
        let (report, _) = report.split_once("```").unwrap();
        let name = report.split(':').next().unwrap();
        fs::write(folder.path().join(name), program).unwrap();
        let mut prove = Command::new(env!("CARGO_BIN_EXE_prove"));
        let output = prove.arg(name).env("HERE", folder.path()).output().unwrap();
        let untimed = |report: &str| {
            let (first, rest) = report.split_once('\n').unwrap();
            format!("{}\n{rest}", first.rsplit_once(" in ").unwrap().0)
        };
        let made = untimed(&text(&output.stdout));
        assert!(made.starts_with(&untimed(report)), "{made}");
    }
}

/// Modules in files of their own, also below one another and at a path, keep their names.
#[test]
fn modules_are_the_readers_own_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    let counter = "use std::sync::Mutex;\npub struct Counter(pub Mutex<u32>);\n";
    write("mine/counter.rs", &format!("pub mod step;\n{counter}"));
    write(
        "mine/counter/step.rs",
        "use super::Counter;\npub fn step(counter: &Counter) {\n    \
        let seen = *counter.0.lock().unwrap();\n    assert!(seen < 1, \"late\");\n    \
        *counter.0.lock().unwrap() += 1;\n}\n",
    );
    write(
        "beside/say.rs",
        "pub fn say() {\n    println!(\"said\");\n}\n",
    );
    write(
        "mine/main.rs",
        "mod counter;\n#[path = \"../beside/say.rs\"]\nmod say;\n\
        fn main() {\n    let counter = counter::Counter(0.into());\n    \
        std::thread::scope(|scope| {\n        scope.spawn(|| counter::step::step(&counter));\n        \
        counter::step::step(&counter);\n        say::say();\n    });\n}\n",
    );
    let mut prove = Command::new(env!("CARGO_BIN_EXE_prove"));
    let output = prove.arg("mine/main.rs").env("HERE", folder.path());
    let output = output.output().unwrap();
    let report = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    for said in [
        "ends: said",
        "BAD: panics, mine/counter/step.rs:4: late",
        "  mine/counter/step.rs:3  locks, finds 0, unlocks",
        "let seen = *counter.0.lock().unwrap();",
    ] {
        assert!(report.contains(said), "'{said}' is not in\n{report}");
    }
    let clock = "use std::time::Instant;\npub fn say() {\n    Instant::now();\n}\n";
    write("beside/say.rs", clock);
    let output = Command::new(env!("CARGO_BIN_EXE_prove"))
        .arg("mine/main.rs")
        .env("HERE", folder.path())
        .output()
        .unwrap();
    assert_eq!(
        text(&output.stderr).replace(folder.path().to_str().unwrap(), ""),
        "just prove: beside/say.rs:1: `std::time::Instant` is not modelled: \
        times differ from run to run; leave out the clock\n"
    );
}

/// What the search says of a file with this text: the status, standard output, standard error.
fn said(source: &str, options: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("it.rs"), source).unwrap();
    let mut prove = Command::new(env!("CARGO_BIN_EXE_prove"));
    prove.args(options).env("HERE", folder.path());
    let output = prove.stdin(Stdio::null()).output().unwrap();
    let (report, errors) = (text(&output.stdout), text(&output.stderr));
    (output.status.code(), report, errors)
}

#[test]
fn a_step_without_end_ends_with_the_time() {
    let source = "fn main() {\n    std::thread::spawn(|| loop {});\n    println!(\"a\");\n}\n";
    // Standard output is read to its end: no process is left that holds it.
    for options in [
        &["it.rs", "--seconds", "0"][..],
        &["--seconds", "0", "it.rs", "--schedule", "0110"],
    ] {
        let (status, report, errors) = said(source, options);
        assert_eq!(status, Some(3), "{report}{errors}");
        assert_eq!(
            errors,
            "just prove: a thread does not come to its next step: it computes without end, or for too long\n"
        );
    }
}

#[test]
fn what_aborts_a_process_is_told() {
    let endless = "fn deep(n: u64) -> u64 {\n    if n == 0 { 0 } else { 1 + deep(std::hint::black_box(n + 1)) }\n}\n\
        fn main() {\n    println!(\"{}\", deep(1));\n}\n";
    let (status, _, errors) = said(endless, &["it.rs"]);
    assert_eq!(
        errors,
        "just prove: a thread overflows its stack, which has 128 KiB in the search: \
        does a function call itself without end?\n"
    );
    assert_eq!(status, Some(2));

    let dropped = "struct Bomb;\nimpl Drop for Bomb {\n    fn drop(&mut self) {\n        panic!(\"again\");\n    }\n}\n";
    let twice = "fn main() {\n    let _bomb = Bomb;\n    panic!(\"once\");\n}\n";
    let (status, _, errors) = said(&format!("{dropped}{twice}"), &["it.rs"]);
    assert_eq!(
        errors,
        "just prove: a destructor panics during a panic, line 4: the process aborts\n"
    );
    assert_eq!(status, Some(1));

    // Here no destructor runs: the process ends while the thread waits.
    let left = "fn main() {\n    let (sender, receiver) = std::sync::mpsc::channel::<()>();\n    \
        std::thread::spawn(move || {\n        let _bomb = Bomb;\n        receiver.recv()\n    });\n    \
        std::mem::forget(sender);\n}\n";
    let (status, report, errors) = said(&format!("{dropped}{left}"), &["it.rs"]);
    assert_eq!((status, errors.as_str()), (Some(0), ""), "{report}");
    assert!(
        report.contains("1  ends while thread 1 still works\n"),
        "{report}"
    );
}

/// Whatever ends it: nothing can be done about a kill but to notice that the parent is gone.
#[test]
fn a_search_ends_with_the_one_who_asked() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("it.rs"), "fn main() {}\n").unwrap();
    let mut play = Command::new(env!("CARGO_BIN_EXE_play"));
    play.arg("it.rs").env("HERE", folder.path());
    play.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut play = play.spawn().unwrap();
    let mut output = BufReader::new(play.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("it.rs: a digit") {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0);
    }
    let still_open = play.stdin.take();
    play.kill().unwrap();
    play.wait().unwrap();
    // The end comes when the last process that can write has ended.
    output.read_to_end(&mut Vec::new()).unwrap();
    drop(still_open);
}

#[test]
fn options_stand_anywhere() {
    let source = "fn main() {\n    println!(\"a\");\n}\n";
    for options in [
        &["--all", "it.rs"][..],
        &["--seconds", "5", "it.rs", "--all"],
    ] {
        let (status, report, errors) = said(source, options);
        assert_eq!((status, errors.as_str()), (Some(0), ""));
        assert!(report.contains("(all there are)"), "{report}");
    }
    for (options, line) in [
        (
            &["--all", "race"][..],
            "--all, --seconds and --schedule are for a file: PATH.rs",
        ),
        (&["it.rs", "other.rs"], "unexpected argument \"other.rs\""),
    ] {
        let (status, _, errors) = said(source, options);
        assert_eq!((status, errors), (Some(2), format!("just prove: {line}\n")));
    }
}

/// What rustc takes, in forms that are rare.
#[test]
fn rare_forms_of_programs_are_searched() {
    for (source, status, end) in [
        (
            "use std::sync::*;\nuse std::*;\nfn main() {\n    let m = Mutex::new(1);\n    \
            thread::scope(|it| { it.spawn(|| println!(\"{}\", m.lock().unwrap())); });\n}\n",
            0,
            "ends: 1\n",
        ),
        (
            "fn main() -> ! {\n    panic!(\"over\")\n}\n",
            1,
            "BAD: panics, line 2: over",
        ),
        (
            "use std::process::{ExitCode, Termination};\nstruct Mine(u8);\nimpl Termination for Mine {\n    \
            fn report(self) -> ExitCode {\n        ExitCode::from(self.0)\n    }\n}\n\
            fn main() -> Result<Mine, String> {\n    Ok(Mine(3))\n}\n",
            1,
            "BAD: returns an error, ExitCode",
        ),
        (
            "\u{feff}// Mine.\nfn main() {\n    println!(\"a\");\n}\n",
            0,
            "ends: a\n",
        ),
        (
            "macro_rules! println {\n    ($($it:tt)*) => { std::println!(\"mine {}\", std::format!($($it)*)) };\n}\n\
            fn main() {\n    println!(\"{:?}\", std::vec![1]);\n    std::assert_eq!(1, 1);\n    \
            core::assert!(true);\n    if false {\n        std::panic!(\"a\");\n    }\n}\n",
            0,
            "ends: mine [1]\n",
        ),
    ] {
        let (found, report, errors) = said(source, &["it.rs"]);
        assert_eq!(errors, "", "{source}");
        assert!(report.contains(end), "'{end}' is not in\n{report}");
        assert_eq!(found, Some(status), "{source}");
    }
}

/// The models print, count and compare as `std` does.
#[test]
fn models_are_like_std() {
    let source = format!("{}/tests/alike/api.rs", env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("api");
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "-o"]).arg(&program);
    assert!(rustc.arg(&source).status().unwrap().success());
    let plain = Command::new(program).output().unwrap();
    assert!(plain.status.success());
    let output = prove(&[&source]);
    let (report, errors) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(errors, "");
    let plain = text(&plain.stdout).trim_end().replace('\n', " | ");
    let (_, ends) = report.split_once("1  ends: ").unwrap_or(("", &report));
    assert_eq!(ends.trim_end(), plain);
}
