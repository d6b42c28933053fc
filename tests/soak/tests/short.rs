//! The shortest run, one round of each kind, and how the program behaves on a command line.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

fn soak(arguments: &[&str]) -> Command {
    let mut soak = Command::new(env!("CARGO_BIN_EXE_soak"));
    soak.args(arguments);
    soak
}

#[test]
fn faults_of_every_kind_are_dealt_and_nothing_is_lost_wrong_or_left() {
    let output = soak(&["0", "--seed", "7"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}{said}");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("seed 7, 0ns"));
    let header: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(
        header.join(" "),
        "rounds faults jobs told lost wrong hangs crashes"
    );
    let left = "left behind: processes 0, zombies 0, descriptors 0, files 0";
    assert_eq!(lines.next_back(), Some(left));
    assert_eq!(lines.clone().count(), 14, "13 kinds and the sum: {text}");
    for row in lines {
        let counts: Vec<u64> = row
            .split_whitespace()
            .filter_map(|n| n.parse().ok())
            .collect();
        let [rounds, faults, jobs, told, bad @ ..] = &counts[..] else {
            panic!("{row}");
        };
        assert!(*rounds > 0 && *faults > 0, "{text}");
        assert!(told <= jobs && *bad == [0; 4], "{text}");
    }
}

#[test]
fn a_bad_argument_is_one_line_and_status_2() {
    for arguments in [
        &["soon"][..],
        &["5", "--seed"],
        &["5", "--seed", "x"],
        &["round", "moon", "1"],
        &["-1"],
    ] {
        let output = soak(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
    }
}

#[test]
fn who_closes_the_pipe_after_the_first_line_hears_no_more() {
    let mut soak = soak(&["0"]);
    let mut soak = soak
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(soak.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.starts_with("seed "), "{line}");
    let mut said = String::new();
    soak.stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(said, "");
    assert!(soak.wait().unwrap().success());
}

#[test]
fn its_file_may_be_built_anew_sigchld_be_ignored_and_a_proxy_be_gone() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("soak");
    // Not `fs::copy`: a child of another test might have it open for writing for a moment.
    let copied = Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_soak"))
        .arg(&program)
        .status();
    assert!(copied.unwrap().success());
    let mut soak = Command::new("env");
    soak.arg("--ignore-signal=CHLD").arg(&program).arg("0");
    // Nobody listens at port 9.
    soak.env("http_proxy", "http://127.0.0.1:9");
    let soak = soak.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut soak = soak.spawn().unwrap();
    let mut output = BufReader::new(soak.stdout.take().unwrap());
    output.read_line(&mut String::new()).unwrap();
    fs::write(folder.path().join("new"), "").unwrap();
    fs::rename(folder.path().join("new"), &program).unwrap();
    let mut table = String::new();
    output.read_to_string(&mut table).unwrap();
    let ended = soak.wait_with_output().unwrap();
    assert!(ended.status.success(), "{table}{ended:?}");
}
