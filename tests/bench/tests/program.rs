//! `just bench` as a program. What it measures depends on the machine, and is no test.

use std::process::{Command, Output};

fn bench(arguments: &[&str]) -> Output {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_bench"));
    bench.args(arguments).output().unwrap()
}

#[test]
fn wrong_arguments_are_one_line_and_status_2() {
    for arguments in [&["nonsense"][..], &["--bogus"], &["pool", "nonsense"]] {
        let output = bench(arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
    }
}

#[test]
fn without_a_python_it_says_so_in_one_line() {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_bench"));
    let output = bench
        .arg("gil")
        .env("PYTHON", "/nowhere/python3")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains("cannot start /nowhere/python3"), "{error}");
}

/// Each of these starts workers, children or threads, checks what they answer, and ends.
#[test]
fn sides_print_names_and_numbers() {
    for side in [
        "pool-apply",
        "pool-map-bare",
        "queue-small",
        "pipe-large",
        "locked",
        "completed",
    ] {
        let output = bench(&["--side", side]);
        assert!(output.status.success(), "{side}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let (_, number) = text.trim_end().split_once(' ').unwrap();
        assert!(number.parse::<f64>().unwrap() > 0.0, "{side}: {text}");
    }
}
