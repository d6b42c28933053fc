//! The Python versions: the same acts in the same order, and the same claims hold for them.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use across::{lesson, lessons, python};
use regex_lite::Regex;

/// What an act of a `lesson.py` must say: the lesson, the number of the act, a regular expression.
const SAYS: &[(&str, usize, &str)] = &[
    ("race", 1, "=> the account ends at 0 "),
    ("race", 2, "=> the account ends at -120 "),
    ("race", 3, "=> the account ends at (0|10|30) "),
    ("lock", 1, "=> the account ends at (0|10|30) "),
    ("lock", 2, "=> the account ends at (0|10|30) "),
    ("lock", 3, "=> the account ends at -120 "),
    (
        "lock",
        4,
        "till 1: raises: out of paper\n   join returns None\n   till 2: paid 70, the balance is 30\n",
    ),
    ("deadlock", 1, "clerk 1 holds A and waits for B: with "),
    ("deadlock", 1, "clerk 2 holds B and waits for A: with "),
    ("deadlock", 2, "releases"),
    (
        "deadlock",
        2,
        "=> A ends at 120, B at 80; removed: no preemption ",
    ),
    (
        "deadlock",
        3,
        "=> A ends at 120, B at 80; removed: circular wait ",
    ),
    ("deadlock", 4, "clerk 3: no B, releases A\n"),
    (
        "deadlock",
        4,
        "=> A ends at 120, B at 80; removed: hold and wait ",
    ),
    ("gil", 4, "=> the account ends at -120 "),
    ("processes", 1, "=> 5 of 5 left with exit status 0 "),
    (
        "processes",
        2,
        "child:  the balance is 20\n   parent: the balance is 100\n",
    ),
    (
        "processes",
        3,
        r"child:  I am process \d+, the balance is 20\n",
    ),
    ("processes", 5, "child 1: counted the till\n"),
    ("processes", 5, "child 2: no answer, raised: out of paper\n"),
    ("processes", 5, "child 3: no answer, killed by SIGKILL\n"),
    ("processes", 5, "=> 2 have no answer"),
    ("pool", 1, r"apply\(10\): 100\n   apply_async\(20\): 400\n"),
    (
        "pool",
        1,
        r"map\(0..10\): \[0, 1, 4, 9, 16, 25, 36, 49, 64, 81\]\n",
    ),
    (
        "pool",
        1,
        "number 0: 0\n.* 1: 1\n.* 2: 4\n.* 3: 9\n.* 4: 16\n",
    ),
    ("pool", 2, r"=> prime by each of the ways: \[5, 5, 5, 5\] "),
    ("pool", 3, r"job raised: can't .*\n   apply\(10\): 100\n"),
    ("pool", 4, r"map\(0..20\): no answer "),
    ("pool", 4, r"map\(14..18\): \[196, 225, 256, 289\]\n"),
    ("pool", 4, "executor: A .* terminated abruptly "),
    (
        "pool",
        5,
        r"(imap\(1..\): [149], \d+ jobs taken so far\n   ){3}=>",
    ),
    ("queue", 1, "=> the till goes home, exit code 0 "),
    (
        "queue",
        2,
        r"in order: \[\[80, 70, 50\], \[10, 20, 30\], \[5, 15, 25\]\] ",
    ),
    ("queue", 3, "till 1: 200 told, 200 in the drawer\n"),
    (
        "queue",
        4,
        r"till 2: the child has ended \(exit code -9\)\n",
    ),
    (
        "queue",
        4,
        r"=> the sales before that are there: \[\[80, 70, 50\], \[10\], \[5, 15, 25\]\] ",
    ),
    ("pipe", 1, "sends back 'good morning'\n.*exit code 0\n"),
    (
        "pipe",
        2,
        "received 'last'\n   received the end of file\n.*Broken pipe\n",
    ),
    ("pipe", 3, r"one more: .*(temporarily unavailable)\n"),
    ("pipe", 4, "=> 10 of 10 came back byte for byte "),
    ("pipe", 5, "=> wc counted 100000 lines "),
    (
        "shared-memory",
        1,
        "2 tills count one: the counter says 1\n",
    ),
    ("shared-memory", 1, "=> lost for certain: 1 of 2 "),
    ("shared-memory", 2, "=> the counter says 1000000 "),
    ("shared-memory", 3, r"total 240, tills \[80, 80, 80\]\n"),
    (
        "shared-memory",
        3,
        r"=> total 1000000, tills \[500000, 500000, 0\] ",
    ),
    (
        "shared-memory",
        4,
        "till 2: waits for the lock, and gives up\n",
    ),
    (
        "shared-memory",
        4,
        r"=> total 0, tills \[80, 0, 0\]: they disagree",
    ),
    ("shared-memory", 5, "till 1: 20, till 9: None\n"),
    ("shared-memory", 5, "the list sums up to 630 "),
    ("shared-memory", 6, "=> 3 of 3 tills are told, none hangs "),
    ("coroutines", 3, "has to wait  A1 B1 A2 B2 A3 B3\n"),
    ("coroutines", 3, "is ready     A1 A2 A3 B1 B2 B3\n"),
    (
        "coroutines",
        4,
        "kettle: done\n   watchdog: kettle kept the thread for .*\n   toaster: on",
    ),
    ("coroutines", 5, "=> the account ends at -120 "),
    ("coroutines", 6, "=> the account ends at 0 "),
    (
        "coroutines",
        7,
        r"100000 tasks .* (\d{3,4} bytes each|memory not measured)\n",
    ),
    (
        "coroutines",
        8,
        "toaster: pending\n   toaster: done\n.*ready\n   kettle: done\n",
    ),
    ("futures", 1, r"main does not wait: \[\]\n"),
    (
        "futures",
        1,
        r"main has waited: \[\('letter', '(.*_0)'\), \('poster', '.*_0'\)\]\n",
    ),
    ("futures", 2, r"main does not wait: \[\]\n"),
    ("futures", 3, "called, on Thread.*: 'letter'\n"),
    ("futures", 4, COMPLETED),
    ("futures", 4, SUBMITTED),
    ("futures", 5, "has begun: False\n.*has not: True\n"),
    (
        "futures",
        5,
        r"letter: 'letter'\n   poster: CancelledError\(\)\n   =>",
    ),
    ("futures", 6, "poster: RuntimeError"),
    ("futures", 6, "letter, on the same worker: 'letter'\n"),
    ("futures", 6, "photo: BrokenThreadPool\n"),
    ("futures", 7, "and not begun\n   awaited: letter\n"),
    (
        "futures",
        8,
        "limit on the wait: late is True, done is False\n",
    ),
    (
        "futures",
        8,
        "poster: page 1, on MainThread\n   poster: the printer is free again\n.*cancelled is True\n",
    ),
    ("futures", 8, "called, on MainThread: 'letter'\n"),
    ("futures", 9, COMPLETED),
    ("futures", 9, SUBMITTED),
    (
        "futures",
        10,
        "letter: page 1, on MainThread\n   letter: the printer is free again\n.*cancelled is True\n",
    ),
    (
        "futures",
        10,
        "photo, .*: cancelled is True\n   photo: printed to its end, on asyncio_\\d+\n",
    ),
    ("futures", 11, "poster: RuntimeError"),
    ("futures", 11, "letter, on the same thread: letter\n"),
    (
        "executors",
        1,
        r"the list of main: \[1, 2, 3, 4, 5, 6, 7, 8, 9, 10\]\n",
    ),
    (
        "executors",
        2,
        r"event loop: process \d+, thread MainThread\n.* thread pool_0, .*\n.* thread pool_1, ",
    ),
    (
        "executors",
        4,
        r"job 10: process \d+, thread MainThread, item [1-9] of its list\n",
    ),
    ("executors", 4, r"the list of main: \[\]\n"),
    ("executors", 4, r"=> 10 jobs in the time of \d\d? "),
    ("executors", 5, "killed job: no answer, BrokenProcessPool\n"),
    (
        "executors",
        5,
        "once more, job 1: refused, BrokenProcessPool\n",
    ),
    (
        "executors",
        5,
        "in a new pool, job 1: .*, item 1 of its list\n",
    ),
    ("executors", 6, r"=> 100 tasks in the time of \d\d? "),
    ("fetch", 1, "=> 369324 bytes "),
    ("fetch", 2, "=> 369324 bytes "),
    ("fetch", 3, "=> 369324 bytes "),
    ("fetch", 4, "no answer +TimeoutError\n"),
    ("fetch", 4, "half a page +ClientPayloadError\n"),
    ("fetch", 4, "a large page +TooLarge\n"),
    ("fetch", 4, "redirect to itself +TooManyRedirects\n"),
    ("fetch", 4, "=> 69499 bytes "),
    (
        "user-io",
        2,
        "the countdown has ended at 0\n   asked for the input at 80\n",
    ),
    (
        "user-io",
        4,
        "the countdown has ended\n   asked for the input at 80\n",
    ),
    (
        "user-io",
        5,
        "asked for the input at 0\n   the countdown has ended\n",
    ),
    ("choosing", 1, "=> 100 waits, in each of the ways "),
    ("choosing", 2, "=> 10 waits, in each of the ways "),
    ("choosing", 3, "=> 7837 primes, in each of the ways "),
    (
        "choosing",
        4,
        "Slow waits.*\n +fastest: (async|threads)[;,].* the rule says async: ",
    ),
];

const COMPLETED: &str = "completed: letter.*\n.*completed: photo.*\n.*completed: poster";
const SUBMITTED: &str = "submitted: poster\n.*submitted: letter\n.*submitted: photo\n";

/// How long an act takes beside another one of the same `lesson.py`: the lesson, the two acts, and
/// the quotient of their times at the least and at the most.
const TAKES: &[(&str, [usize; 2], [f64; 2])] = &[
    ("race", [1, 2], [1.5, 3.0]),
    ("lock", [1, 2], [1.5, 3.0]),
    ("coroutines", [1, 2], [1.5, 3.0]),
    ("coroutines", [4, 2], [1.5, 3.0]),
    ("futures", [1, 2], [1.5, 3.0]),
    ("executors", [1, 2], [1.5, 3.0]),
    ("executors", [1, 3], [5.0, 12.0]),
    ("fetch", [1, 3], [2.5, 6.0]),
    ("user-io", [1, 2], [3.5, 6.5]),
    ("user-io", [1, 3], [3.5, 6.5]),
];

/// Whether there is no Python for them; says so, past the capture of the tests' output.
fn no_python() -> bool {
    let version = "import sys; sys.exit(sys.version_info < (3, 11))";
    let status = python().args(["-c", version]).status();
    let none = !status.is_ok_and(|status| status.success());
    if none {
        let _ = writeln!(io::stderr(), "skipped: no Python 3.11 or newer");
    }
    none
}

/// The lessons whose Python versions can run: all, but fetch only with the modules that it needs.
fn runnable() -> Vec<String> {
    let modules = python().args(["-c", "import aiohttp, requests"]).output();
    let has_modules = modules.is_ok_and(|output| output.status.success());
    let mut names = lessons();
    names.retain(|name| name != "fetch" || has_modules);
    if !has_modules {
        let _ = writeln!(
            io::stderr(),
            "skipped: the Python version of fetch: no aiohttp and requests"
        );
    }
    names
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("it can be started");
    assert!(output.status.success(), "{command:?}: {output:?}");
    assert!(output.stderr.is_empty(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn command(lesson: &str) -> Command {
    let mut command = python();
    command.arg(format!("lessons/{lesson}/lesson.py"));
    command
}

fn output_of(lesson: &str) -> String {
    output(&mut command(lesson))
}

/// The acts by their numbers, from the title to the conclusion.
fn acts(output: &str) -> BTreeMap<usize, String> {
    let title = Regex::new(r"^(\d+)\. ").unwrap();
    let acts = output.split("\n\n").filter_map(|act| {
        let number = title.captures(act)?[1].parse().ok()?;
        Some((number, act.to_owned()))
    });
    acts.collect()
}

/// The time that stands behind an act's conclusion, in seconds.
fn took(act: &str) -> f64 {
    let time = Regex::new(r"\(([0-9.]+) (s|ms|µs)\)\s*$").unwrap();
    let time = time
        .captures(act)
        .unwrap_or_else(|| panic!("no time: {act}"));
    let unit = match &time[2] {
        "s" => 1.0,
        "ms" => 1e-3,
        _ => 1e-6,
    };
    time[1].parse::<f64>().unwrap() * unit
}

#[test]
fn every_lesson_has_a_python_version_with_the_same_acts() {
    if no_python() {
        return;
    }
    for name in runnable() {
        let theirs = acts(&output_of(&name));
        let ours = acts(&output(&mut lesson(&name)));
        let numbers = |acts: &BTreeMap<usize, String>| acts.keys().copied().collect::<Vec<_>>();
        assert_eq!(numbers(&theirs), numbers(&ours), "{name}");
        theirs.values().for_each(|act| _ = took(act));
    }
}

#[test]
fn the_claims_hold_for_python() {
    if no_python() {
        return;
    }
    let outputs: BTreeMap<String, _> = runnable()
        .into_iter()
        .map(|name| (name.clone(), acts(&output_of(&name))))
        .collect();
    let ran = |lesson: &str| lesson != "fetch" || outputs.contains_key("fetch");
    for (lesson, act, pattern) in SAYS.iter().filter(|claim| ran(claim.0)) {
        let text = &outputs[*lesson][act];
        assert!(
            Regex::new(pattern).unwrap().is_match(text),
            "{lesson}, {pattern}:\n{text}"
        );
    }
    for (lesson, [one, other], [least, most]) in TAKES.iter().filter(|claim| ran(claim.0)) {
        // A busy machine can spoil a run, but not three in a row.
        let quotient = |acts: &BTreeMap<usize, String>| took(&acts[one]) / took(&acts[other]);
        let mut quotients = vec![quotient(&outputs[*lesson])];
        while quotients.len() < 3 && !(least..=most).contains(&&quotients[quotients.len() - 1]) {
            quotients.push(quotient(&acts(&output_of(lesson))));
        }
        let last = quotients[quotients.len() - 1];
        assert!(
            (least..=most).contains(&&last),
            "{lesson}, act {one} by act {other}: {quotients:?}"
        );
    }
}

/// For the same inputs: blocking and right end at minus the last, wrong at minus their sum.
#[test]
fn only_the_wrong_countdown_ends_elsewhere() {
    if no_python() {
        return;
    }
    let output = output_of("user-io");
    let acts = acts(&output);
    let numbers = |act: usize, words: &str| -> Vec<i32> {
        let number = Regex::new(&format!(r"{words} (-?\d+)")).unwrap();
        let numbers = number.captures_iter(&acts[&act]);
        numbers.map(|number| number[1].parse().unwrap()).collect()
    };
    let inputs = numbers(1, "the input is");
    assert_eq!(numbers(2, "it is"), inputs, "{output}");
    assert_eq!(numbers(3, "the input is"), inputs, "{output}");
    let (last, sum) = (inputs[4], inputs.iter().sum::<i32>());
    let ends = [1, 2, 3].map(|act| numbers(act, "=> ends at")[0]);
    assert_eq!(ends, [-last, -sum, -last], "{output}");
}

/// `-S`: as if nothing had been installed.
#[test]
fn without_its_modules_fetch_says_what_to_install() {
    if no_python() {
        return;
    }
    let mut python = python();
    let command = python.args(["-S", "lessons/fetch/lesson.py"]);
    let output = command.env_remove("PYTHONPATH").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("pip install -r "), "{text}");
    assert!(text.contains("lessons/fetch/requirements.txt"), "{text}");
}

#[test]
fn a_bad_speed_is_one_line_and_status_2() {
    if no_python() {
        return;
    }
    for name in runnable() {
        let output = command(&name).env("LESSON_SPEED", "fast").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {output:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(text.lines().count(), 1, "{name}: {text}");
        assert!(text.contains("LESSON_SPEED is 'fast'"), "{name}: {text}");
    }
}

/// After the title of its first and of its third act, the reader is gone.
#[test]
fn a_closed_pipe_ends_python_quietly() {
    if no_python() {
        return;
    }
    for name in runnable() {
        for title in ["1. ", "3. "] {
            let mut command = command(&name);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            assert!(lines.any(|line| line.unwrap().starts_with(title)));
            drop(lines);
            let mut complaints = String::new();
            // To its end: no child that would keep it open is left either.
            let stderr = child.stderr.as_mut().unwrap();
            stderr.read_to_string(&mut complaints).unwrap();
            assert_eq!(complaints, "", "{name}, act {title}");
            assert!(child.wait().unwrap().success(), "{name}, act {title}");
        }
    }
}
