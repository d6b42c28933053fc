//! `just prove PATH.rs`: small programs, right and wrong, as a reader might write them. They are
//! in `tests/own`, and each of them compiles as it is, with plain rustc.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program, the status, and what the report says.
const PROGRAMS: &[(&str, i32, &[&str])] = &[
    (
        "aba",
        1,
        &["259  ends", "4  BAD: panics, line 53", "right: [0, 1]"],
    ),
    ("barrier_twice", 0, &["the sum is 6"]),
    ("bounded_buffer", 0, &["74  ends: [1, 2]"]),
    ("counter", 0, &["1  ends: ab", "1  ends: ba"]),
    (
        "double_checked",
        1,
        &["4  BAD: panics, line 23: assertion", "made twice"],
    ),
    ("finite_loops", 0, &["1  ends: 10"]),
    (
        "gives_up",
        0,
        &["see the same again and again wait for a change"],
    ),
    (
        "kept_sender",
        1,
        &["BAD: is in a deadlock (main waits at line 11)"],
    ),
    (
        "lost_wake_up",
        1,
        &[
            "3  ends: cook makes soup",
            "1  BAD: panics, line 13: an order",
            "wakes up, for no reason",
        ],
    ),
    (
        "philosophers",
        1,
        &[
            "1  BAD: is in a deadlock",
            "thread 1 waits at line 12 for what thread 2 holds since line 11",
        ],
    ),
    (
        "reentrant",
        1,
        &["main waits at line 8 for what main holds since line 12"],
    ),
    (
        "scope_panics",
        1,
        &[
            "1  ends: it has arrived",
            "1  BAD: panics, line 9: nothing has arrived",
        ],
    ),
    (
        "sleep",
        0,
        &["1  ends: the result is 0", "1  ends: the result is 42"],
    ),
    (
        "spins",
        1,
        &["3  BAD: may spin without end", "thread 1 waits at line 8"],
    ),
    ("ticket_lock", 0, &["12  ends: both were inside"]),
    ("upgrade", 1, &["6 schedules", "waits to write"]),
    ("wake_up", 0, &["4  ends: cook makes soup"]),
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
    for (name, status, said) in PROGRAMS {
        let output = prove(&[&format!("{name}.rs")]);
        let report = text(&output.stdout);
        assert_eq!(
            output.status.code(),
            Some(*status),
            "{name}: {report}{}",
            text(&output.stderr)
        );
        for said in *said {
            assert!(
                report.contains(said),
                "{name}: '{said}' is not in\n{report}"
            );
        }
        assert_eq!(text(&output.stderr), "", "{name}");
    }
    let mut programs: Vec<_> = fs::read_dir(here())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    programs.sort();
    let listed: Vec<_> = PROGRAMS
        .iter()
        .map(|(name, ..)| format!("{name}.rs"))
        .collect();
    assert_eq!(programs, listed);
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
fn what_is_left_out_ends_no_other_way() {
    for (name, ..) in PROGRAMS {
        let [reduced, all] = [&[][..], &["--all"]].map(|more| {
            let file = format!("{name}.rs");
            let output = prove(&[&[file.as_str()], more].concat());
            assert_ne!(output.status.code(), Some(3), "{name}");
            ends(&text(&output.stdout))
        });
        assert!(!all.is_empty(), "{name}");
        assert_eq!(reduced, all, "{name}");
    }
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
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stdout).contains("this proves nothing yet"));
    assert!(Path::new(&file).exists());
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
