//! What the chapter claims, checked.

#[path = "../src/transfer.rs"]
mod transfer;
#[path = "../src/try_transfer.rs"]
mod try_transfer;
#[path = "../src/unordered_transfer.rs"]
mod unordered_transfer;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::deadlock;
use transfer::{Account, transfer};
use try_transfer::{Refusal, try_transfer, try_transfer_for};
use unordered_transfer::unordered_transfer;

/// Far longer than any test here takes: a test that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// Fails if `test` has not ended within the limit, instead of hanging with it.
#[track_caller]
fn in_time(test: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let test = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    let result = wait.recv_timeout(LIMIT);
    assert_ne!(result, Err(RecvTimeoutError::Timeout), "it hangs");
    test.join().unwrap();
}

/// The lesson, twenty times faster, and its lines as it prints them.
fn lesson(arguments: &[&str]) -> (Child, Receiver<String>) {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-deadlock"))
        .args(arguments)
        .env("LESSON_SPEED", "20")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(lesson.stdout.take().unwrap());
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in stdout.lines() {
            let _ = sender.send(line.unwrap());
        }
    });
    (lesson, lines)
}

/// The lesson ends, although the threads of its first act do not.
#[test]
fn the_lesson_shows_the_circle_and_three_cures_and_ends() {
    let (mut lesson, lines) = lesson(&[]);
    let mut output = String::new();
    let end = loop {
        match lines.recv_timeout(LIMIT) {
            Ok(line) => output += &(line + "\n"),
            Err(end) => break end,
        }
    };
    let _ = lesson.kill();
    let status = lesson.wait().unwrap();
    assert_eq!(end, RecvTimeoutError::Disconnected, "it hangs: {output}");
    assert!(status.success(), "{status}: {output}");

    let acts: Vec<_> = output.split("\n\n").collect();
    for note in [
        "clerk 1 holds A and waits for B",
        "clerk 2 holds B and waits for A",
    ] {
        assert!(acts[1].contains(note), "{output}");
    }
    let removed = ["no preemption", "circular wait", "hold and wait"];
    for (act, removed) in acts[2..].iter().zip(removed) {
        assert!(act.contains("clerk 3: moved 30 from A to B"), "{output}");
        assert!(act.contains("clerk 4: moved 50 from B to A"), "{output}");
        let conclusion = format!("=> A ends at 120, B at 80; removed: {removed} ");
        assert!(act.contains(&conclusion), "{output}");
    }
    for act in [acts[2], acts[4]] {
        assert!(act.contains("releases"), "{output}");
    }
}

#[test]
fn with_hang_it_hangs_after_the_report() {
    let (mut lesson, lines) = lesson(&["--hang"]);
    let mut line = String::new();
    while !line.contains("Ctrl-C") {
        line = lines.recv_timeout(LIMIT).unwrap();
    }
    // If it continued, the next line would come within milliseconds.
    let next = lines.recv_timeout(Duration::from_secs(1));
    let running = lesson.try_wait().unwrap().is_none();
    lesson.kill().unwrap();
    lesson.wait().unwrap();
    assert_eq!(next, Err(RecvTimeoutError::Timeout));
    assert!(running);
}

#[test]
fn the_broken_version_is_found_deadlocked() {
    in_time(|| {
        static BANK: [Account; 2] = [Account::new(100), Account::new(100)];
        static BOTH_HOLD_ONE: Barrier = Barrier::new(2);
        let mut threads = [(0, 1), (1, 0)].map(|(from, to)| {
            let transfer = move || {
                unordered_transfer(&BANK[from], &BANK[to], 10, || {
                    BOTH_HOLD_ONE.wait();
                })
            };
            thread::spawn(transfer).thread().id()
        });
        let start = Instant::now();
        let mut circles = Vec::new();
        while circles.is_empty() && start.elapsed() < LIMIT {
            circles = deadlock::check_deadlock();
        }
        assert_eq!(circles.len(), 1);
        let mut found: Vec<_> = circles[0].iter().map(|thread| thread.thread_id()).collect();
        found.sort_by_key(|id| format!("{id:?}"));
        threads.sort_by_key(|id| format!("{id:?}"));
        assert_eq!(found, threads);
    });
}

/// Eight threads, five accounts, every pair of them and every account with itself.
#[test]
fn transfers_between_any_two_accounts_end_and_lose_nothing() {
    in_time(|| {
        let bank: Arc<[Account; 5]> = Arc::new([const { Account::new(100) }; 5]);
        let (done, wait) = mpsc::channel();
        for thread in 0..8 {
            let (bank, done) = (Arc::clone(&bank), done.clone());
            thread::spawn(move || {
                for round in 0..5_000 {
                    let (from, to) = ((thread + round) % 5, (thread * round + round / 5) % 5);
                    // Rarely: on a busy machine a thread that yields waits long.
                    let yields = || {
                        if round % 50 == 0 {
                            thread::yield_now();
                        }
                    };
                    let _ = transfer(&bank[from], &bank[to], 10, yields);
                }
                done.send(())
            });
        }
        for _ in 0..8 {
            wait.recv_timeout(LIMIT).expect("a thread hangs");
        }
        let balances = bank.each_ref().map(|account| *account.lock());
        assert_eq!(balances.iter().sum::<i64>(), 500);
        assert!(balances.iter().all(|balance| *balance >= 0), "{balances:?}");
    });
}

/// The one difference that matters: which lock comes first.
#[test]
fn the_first_lock_is_the_same_both_ways_only_in_the_piece() {
    in_time(|| {
        let bank = [Account::new(100), Account::new(100)];
        let [a, b] = &bank;
        let only_a = || assert!(a.is_locked() && !b.is_locked());
        let only_b = || assert!(b.is_locked() && !a.is_locked());
        assert_eq!(transfer(a, b, 10, only_a), Ok(()));
        assert_eq!(transfer(b, a, 10, only_a), Ok(()));
        assert_eq!(unordered_transfer(a, b, 10, only_a), Ok(()));
        assert_eq!(unordered_transfer(b, a, 10, only_b), Ok(()));
    });
}

#[test]
fn the_same_account_twice() {
    in_time(|| {
        let account = Account::new(100);
        let not_called = || panic!("there is only one lock");
        assert_eq!(transfer(&account, &account, 100, not_called), Ok(()));
        assert_eq!(transfer(&account, &account, 101, not_called), Err(100));
        assert_eq!(*account.lock(), 100);
    });
}

#[test]
fn too_small_a_balance_is_refused_and_nothing_moves() {
    in_time(|| {
        let bank = [Account::new(50), Account::new(7)];
        let [a, b] = &bank;
        assert_eq!(transfer(a, b, 80, || ()), Err(50));
        assert_eq!(transfer(b, a, 8, || ()), Err(7));
        assert_eq!(unordered_transfer(a, b, 80, || ()), Err(50));
        let too_small = Err(Refusal::TooSmall(50));
        assert_eq!(try_transfer_for(LIMIT, a, b, 80, || ()), too_small);
        assert_eq!(try_transfer(a, b, 80, || ()), too_small);
        assert_eq!((*a.lock(), *b.lock()), (50, 7));
    });
}

/// A transfer that cannot get both locks holds none afterwards, and has moved nothing.
#[test]
fn a_busy_transfer_releases_its_lock() {
    in_time(|| {
        let bank = [Account::new(100), Account::new(100)];
        let [a, b] = &bank;
        let limit = Duration::from_millis(1);
        let taken = b.lock();
        assert_eq!(try_transfer_for(limit, a, b, 10, || ()), Err(Refusal::Busy));
        assert_eq!(try_transfer_for(limit, b, a, 10, || ()), Err(Refusal::Busy));
        assert_eq!(try_transfer(a, b, 10, || ()), Err(Refusal::Busy));
        assert!(!a.is_locked());
        drop(taken);
        assert_eq!(try_transfer_for(limit, a, b, 10, || ()), Ok(()));
        assert_eq!(try_transfer(a, b, 10, || ()), Ok(()));
        assert_eq!((*a.lock(), *b.lock()), (80, 120));
    });
}

/// No money is lost or made, whether or not the build checks additions for overflow.
#[test]
fn too_large_a_balance_is_refused_and_nothing_moves() {
    in_time(|| {
        let bank = [Account::new(100), Account::new(i64::MAX - 5)];
        let [a, b] = &bank;
        let full = i64::MAX - 5;
        assert_eq!(transfer(a, b, 10, || ()), Err(full));
        assert_eq!(unordered_transfer(a, b, 10, || ()), Err(full));
        let too_large = Err(Refusal::TooLarge(full));
        assert_eq!(try_transfer_for(LIMIT, a, b, 10, || ()), too_large);
        assert_eq!(try_transfer(a, b, 10, || ()), too_large);
        assert_eq!((*a.lock(), *b.lock()), (100, full));
        assert_eq!(transfer(a, b, 5, || ()), Ok(()));
        assert_eq!((*a.lock(), *b.lock()), (95, i64::MAX));
        // The other way there is room, and within one account nothing is added.
        assert_eq!(transfer(b, b, 10, || ()), Ok(()));
        assert_eq!(transfer(b, a, u32::MAX, || ()), Ok(()));
        let sum = i128::from(*a.lock()) + i128::from(*b.lock());
        assert_eq!(sum, 100 + i128::from(full));
    });
}
