//! What the chapter claims, checked.

#[path = "../src/gil.rs"]
mod gil;

use std::fs;
use std::hint::black_box;
use std::os::unix::fs::PermissionsExt;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use gil::Gil;

/// Far longer than anything here takes; what takes as long as this hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// As `Command::output`, but what has not ended within the limit is killed, and a failure.
fn output_in_time(command: &mut Command) -> Output {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let id = child.id().to_string();
    let (sender, output) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let output = output.recv_timeout(LIMIT).unwrap_or_else(|_| {
        let killed = Command::new("kill").args(["-KILL", &id]).status();
        panic!("{command:?} hangs; killed: {killed:?}");
    });
    output.unwrap()
}

/// What the lesson prints at the given speed, with no commands but those in `path`.
fn output(speed: &str, path: &Path) -> String {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-gil"));
    let lesson = lesson.env("LESSON_SPEED", speed).env("PATH", path);
    let output = output_in_time(lesson);
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A folder with nothing in it but a `python3`, if a script for one is given.
fn folder(name: &str, python3: Option<&str>) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    if let Some(script) = python3 {
        let python3 = folder.join("python3");
        fs::write(&python3, script).unwrap();
        fs::set_permissions(&python3, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

/// The numbers before ` of the time of one` in acts 1 and 2.
fn shares(output: &str) -> (f64, f64) {
    let shares = output
        .lines()
        .filter_map(|line| line.split_once(" of the time of one"))
        .map(|(line, _)| line.rsplit_once(' ').unwrap().1.parse().unwrap());
    let [under_the_lock, without_it] = shares.collect::<Vec<_>>()[..] else {
        panic!("{output}");
    };
    (under_the_lock, without_it)
}

/// Fails if `test` has not ended within the limit, instead of hanging with it.
#[track_caller]
fn in_time(test: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let test = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    let result = wait.recv_timeout(LIMIT);
    assert_ne!(result, Err(mpsc::RecvTimeoutError::Timeout), "it hangs");
    test.join().unwrap();
}

/// How long it takes to count all of 4 million steps on one thread, or half of them on each
/// of two: from when the first begins to when the last has ended.
fn time(threads: u64, count: impl Fn(u64) + Sync) -> Duration {
    let all_here = Barrier::new(threads as usize);
    let count = || {
        all_here.wait();
        let start = Instant::now();
        count(4_000_000 / threads);
        (start, Instant::now())
    };
    let times: Vec<_> = thread::scope(|scope| {
        let counting: Vec<_> = (0..threads).map(|_| scope.spawn(count)).collect();
        let times = counting.into_iter().map(|thread| thread.join().unwrap());
        times.collect()
    });
    let start = times.iter().map(|(start, _)| *start).min().unwrap();
    let end = times.iter().map(|(_, end)| *end).max().unwrap();
    end - start
}

/// The best of many tries of a millisecond. Other programs make most tries slower on a busy
/// machine, but none faster, and so short a try fits between their turns on the cores.
#[test]
fn two_threads_have_no_speedup_under_the_lock_and_one_without_it() {
    in_time(|| {
        let gil = Gil::new(Duration::from_micros(100));
        let under_the_lock = |steps| {
            let mut running = gil.acquire();
            for step in 0..steps {
                black_box(step);
                running.check();
            }
        };
        let without_it = |steps| (0..steps).for_each(|step| _ = black_box(step));
        let cores = thread::available_parallelism().unwrap().get();
        let [mut one, mut two, mut two_locked] = [Duration::MAX; 3];
        let start = Instant::now();
        for round in 0.. {
            one = one.min(time(1, without_it));
            two = two.min(time(2, without_it));
            two_locked = two_locked.min(time(2, under_the_lock));
            let gained = cores == 1 || two < one.mul_f64(0.75);
            if round >= 50 && (gained || start.elapsed() > Duration::from_secs(40)) {
                assert!(gained, "one thread {one:?}, two {two:?}");
                break;
            }
        }
        assert!(
            two_locked > one.mul_f64(0.9),
            "one thread {one:?}, two under the lock {two_locked:?}"
        );
    });
}

/// The conclusions of acts 1 and 2 and the speedups at the end come from the same times.
#[test]
fn the_shares_and_the_speedups_agree() {
    let output = output("1000", &folder("no-python", None));
    let (under_the_lock, without_it) = shares(&output);
    for (work, share) in [
        ("under the lock", under_the_lock),
        ("without it", without_it),
    ] {
        let (_, speedup) = output.split_once(&format!("gil: count {work}: ")).unwrap();
        let (_, speedup) = speedup.split_once("speed-up ").unwrap();
        let speedup: f64 = speedup.split_once('x').unwrap().0.parse().unwrap();
        assert!((speedup - 1.0 / share).abs() < 0.15, "{output}");
    }
}

/// Waits of a quarter of a second: ten threads start much faster than that, also where
/// other programs keep all cores busy.
#[test]
fn ten_waits_under_the_lock_overlap() {
    let output = output("4", &folder("no-python", None));
    let (_, speedup) = output.split_once("gil: ten waits: ").unwrap();
    let (_, speedup) = speedup.split_once("speed-up ").unwrap();
    let (speedup, _) = speedup.split_once('x').unwrap();
    let speedup: f64 = speedup.parse().unwrap();
    assert!((2.0..=10.5).contains(&speedup), "{output}");
}

#[test]
fn the_account_under_the_lock_still_ends_at_minus_120() {
    let output = output("1000", &folder("no-python", None));
    assert!(output.contains("=> the account ends at -120 "), "{output}");
}

#[test]
fn without_a_python_that_answers_the_lesson_says_so_and_goes_on() {
    let cases = [
        ("no-python", None, "No such file or directory"),
        (
            "failing-python",
            Some("#!/bin/sh\nexit 3\n"),
            "answers \"\"",
        ),
        (
            "silly-python",
            Some("#!/bin/sh\necho 3.11 -1 fast\n"),
            "answers \"3.11 -1",
        ),
        // The wrapper is stopped, what it started still holds the pipe.
        (
            "hanging-python",
            Some("#!/bin/sh\n/bin/sleep 16\ntrue\n"),
            "no answer within 10 s",
        ),
    ];
    for (name, script, reason) in cases {
        let output = output("1000", &folder(name, script));
        let (_, line) = output.split_once("=> no figures from python3: ").unwrap();
        assert!(line.lines().next().unwrap().contains(reason), "{output}");
        assert!(output.contains("gil: ten waits: "), "{output}");
    }
}

#[test]
fn a_python_that_answers_is_compared() {
    let script = "#!/bin/sh\necho 3.99.0 on 0.25 0.5 0.9\n";
    let output = output("1000", &folder("quick-python", Some(script)));
    let line =
        "Python 3.99.0, its GIL is on: one thread 0.25 s, two threads 0.50 s on 0.90 cores\n";
    assert!(output.contains(line), "{output}");
    let conclusion = "=> two threads take 2.00 of the time of one (";
    assert!(output.contains(conclusion), "{output}");
}

/// Python counts for days here, and the lesson is killed as nothing can be cleaned up after.
#[test]
fn no_python_outlives_the_lesson() {
    let asked = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output();
    let Ok(asked) = asked else {
        return eprintln!("not checked: there is no python3");
    };
    let python = String::from_utf8(asked.stdout).unwrap();
    let id = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python.id");
    let _ = fs::remove_file(&id);
    let script = format!(
        "#!/bin/sh\necho $$ >'{}'\nscript=$(printf %s \"$2\" | /bin/sed s/10_000_000/10_000_000_000_000/)\nexec {} -c \"$script\"\n",
        id.display(),
        python.trim(),
    );
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-gil"))
        .env("LESSON_SPEED", "1000")
        .env("PATH", folder("endless-python", Some(&script)))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let id = loop {
        let id = fs::read_to_string(&id).unwrap_or_default();
        if id.ends_with('\n') || start.elapsed() > LIMIT {
            break id;
        }
        thread::sleep(Duration::from_millis(10));
    };
    lesson.kill().unwrap();
    lesson.wait().unwrap();
    assert!(!id.is_empty(), "the lesson has asked no python3");
    let lives = || {
        // "id (name) state": a zombie does not.
        let stat = fs::read_to_string(format!("/proc/{}/stat", id.trim()));
        stat.is_ok_and(|stat| !stat.contains(") Z"))
    };
    while lives() && start.elapsed() < LIMIT {
        thread::sleep(Duration::from_millis(10));
    }
    let lived = lives();
    let _ = Command::new("kill")
        .args(["-KILL", id.trim()])
        .stderr(Stdio::null())
        .status();
    assert!(!lived, "python3 is left behind");
}

/// Between two checks a holder is alone, whatever the others do: an addition in two steps
/// loses nothing. With an interval of an hour, all depends on who is woken by whom.
#[test]
fn never_two_holders_and_no_waiter_forgotten() {
    for interval in [Duration::from_micros(20), Duration::from_secs(3600)] {
        in_time(move || {
            let gil = Gil::new(interval);
            let (sum, inside) = (AtomicU64::new(0), AtomicBool::new(false));
            let all_here = Barrier::new(4);
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        all_here.wait();
                        let mut running = gil.acquire();
                        for step in 0..100_000 {
                            assert!(!inside.swap(true, Relaxed));
                            let before = sum.load(Relaxed);
                            sum.store(before + 1, Relaxed);
                            assert!(inside.swap(false, Relaxed));
                            match step % 1000 {
                                0 => running.release_while(thread::yield_now),
                                _ => _ = running.check(),
                            }
                        }
                    });
                }
            });
            assert_eq!(sum.into_inner(), 400_000);
        });
    }
}

/// The holder's loop ends only when the waiter has run, and the waiter runs only if the
/// holder gives way in the middle of its loop.
#[test]
fn a_holder_that_only_computes_gives_way() {
    in_time(|| {
        let gil = Gil::new(Duration::from_millis(1));
        let other_ran = AtomicBool::new(false);
        thread::scope(|scope| {
            let mut running = gil.acquire();
            scope.spawn(|| {
                let _running = gil.acquire();
                other_ran.store(true, Relaxed);
            });
            while !other_ran.load(Relaxed) {
                running.check();
            }
        });
    });
}

#[test]
fn the_lock_is_free_during_io_and_held_after_it_even_if_it_panics() {
    in_time(|| {
        let gil = Gil::new(Duration::from_millis(1));
        let mut running = gil.acquire();
        assert_eq!(
            running.release_while(|| {
                let _other = gil.acquire();
                7
            }),
            7
        );

        let print_trace = panic::take_hook();
        panic::set_hook(Box::new(|_| ()));
        let io = AssertUnwindSafe(|| running.release_while(|| panic!("the disk is full")));
        assert!(panic::catch_unwind(io).is_err());
        panic::set_hook(print_trace);

        let (sender, other_runs) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let _running = gil.acquire();
                sender.send(()).unwrap();
            });
            // This thread never checks, so the other one cannot get in.
            let early = other_runs.recv_timeout(Duration::from_millis(200));
            drop(running);
            assert_eq!(early, Err(mpsc::RecvTimeoutError::Timeout));
            other_runs.recv().unwrap();
        });
    });
}
