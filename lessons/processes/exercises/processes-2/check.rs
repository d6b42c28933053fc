//! The judge of processes-2.

mod yours;

use std::io;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;
use std::{fs, thread};

use yours::{Ended, Ran};

/// A line to each pipe.
pub fn little() {
    let ran = run("echo a line; echo an error >&2").unwrap();
    let returned = [ran.output, ran.errors];
    assert!(
        returned == ["a line\n", "an error\n"],
        "written were a line of output and one of errors, returned are {returned:?}"
    );
}

/// More than the pipes hold, in turns and one after the other.
pub fn much() {
    let both = "for i in 1 2 3; do seq 20000; seq 20000 >&2; done";
    let output_first = "seq 50000; seq 50000 >&2";
    let errors_first = "seq 50000 >&2; seq 50000";
    for (script, bytes) in [
        (both, 326_682),
        (output_first, 288_894),
        (errors_first, 288_894),
    ] {
        let Ok(ran) = run(script) else {
            return;
        };
        let returned = [ran.output.len(), ran.errors.len()];
        assert!(
            returned == [bytes; 2],
            "written were {bytes} bytes of output and of errors, returned are {returned:?}"
        );
    }
    println!("all of three long outputs");
}

/// A program that ends with an error, and some that are killed.
pub fn ends() {
    for (script, expected) in [
        ("exit 0", Ended::Code(0)),
        ("exit 137", Ended::Code(137)),
        ("kill -KILL $$", Ended::Killed(9)),
        ("kill -TERM $$", Ended::Killed(15)),
    ] {
        let ended = run(&format!("echo begun; {script}")).unwrap().ended;
        assert!(
            ended == expected,
            "'{script}' ends with {expected:?}, but the result is {ended:?}"
        );
    }
}

/// A program that does not exist.
pub fn no_program() {
    let ran = yours::run(&mut Command::new("/no/such/program"));
    assert!(ran.is_err(), "there is no such program");
}

/// Runs a shell. If that takes too long, it hangs.
fn run(script: &str) -> io::Result<Ran> {
    let (send, ran) = mpsc::channel();
    let mut shell = Command::new("sh");
    shell.args(["-c", script]);
    thread::spawn(move || send.send(yours::run(&mut shell)));
    let ran = ran.recv_timeout(Duration::from_secs(3));
    let ran = ran.unwrap_or_else(|_| panic!("hangs: sh -c '{script}'"));
    assert_eq!(children(), 0, "a process or a zombie is left behind");
    ran
}

/// The children of this process, zombies too.
fn children() -> usize {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let children =
        threads.map(|thread| fs::read_to_string(thread.unwrap().path().join("children")));
    let children: String = children.map(Result::unwrap_or_default).collect();
    children.split_whitespace().count()
}
