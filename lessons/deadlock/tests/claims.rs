//! What the chapter claims, checked.

#[path = "../src/impatient_transfer.rs"]
mod impatient_transfer;
#[path = "../src/transfer.rs"]
mod transfer;
#[path = "../src/wrong_transfer.rs"]
mod wrong_transfer;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use impatient_transfer::{Refusal, transfer_both_or_none, transfer_within};
use parking_lot::deadlock;
use transfer::{Account, transfer};
use wrong_transfer::wrong_transfer;

/// Longer than anything here takes; what takes as long as this hangs.
const LIMIT: Duration = Duration::from_secs(60);

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

/// Fails if `test` has not ended within the limit, instead of hanging with it.
fn within_a_minute(test: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let test = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    let result = wait.recv_timeout(LIMIT);
    assert_ne!(result, Err(RecvTimeoutError::Timeout), "it hangs");
    test.join().unwrap();
}

/// The deadlock in its first act does not keep it from ending.
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
        assert!(act.contains("lets go of"), "{output}");
    }
}

#[test]
fn with_hang_it_hangs_after_the_report() {
    let (mut lesson, lines) = lesson(&["--hang"]);
    let mut line = String::new();
    while !line.contains("Ctrl-C") {
        line = lines.recv_timeout(LIMIT).unwrap();
    }
    // Going on would take it milliseconds.
    let next = lines.recv_timeout(Duration::from_secs(1));
    let running = lesson.try_wait().unwrap().is_none();
    lesson.kill().unwrap();
    lesson.wait().unwrap();
    assert_eq!(next, Err(RecvTimeoutError::Timeout));
    assert!(running);
}

#[test]
fn the_wrong_twin_is_found_deadlocked() {
    static BANK: [Account; 2] = [Account::new(100), Account::new(100)];
    static BOTH_HOLD_ONE: Barrier = Barrier::new(2);
    let mut threads = [(0, 1), (1, 0)].map(|(from, to)| {
        let transfer = move || {
            wrong_transfer(&BANK[from], &BANK[to], 10, || {
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
}

/// Eight threads, five accounts, every pair of them and every account with itself.
#[test]
fn transfers_between_any_two_accounts_end_and_lose_nothing() {
    let bank: Arc<[Account; 5]> = Arc::new([const { Account::new(100) }; 5]);
    let (done, wait) = mpsc::channel();
    for thread in 0..8 {
        let (bank, done) = (Arc::clone(&bank), done.clone());
        thread::spawn(move || {
            for round in 0..5_000 {
                let (from, to) = ((thread + round) % 5, (thread * round + round / 5) % 5);
                // Now and then only: on a busy machine a thread that yields waits long.
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
}

/// The one difference that matters: which lock comes first.
#[test]
fn the_first_lock_is_the_same_both_ways_only_in_the_piece() {
    within_a_minute(|| {
        let bank = [Account::new(100), Account::new(100)];
        let [a, b] = &bank;
        let only_a = || assert!(a.is_locked() && !b.is_locked());
        let only_b = || assert!(b.is_locked() && !a.is_locked());
        assert_eq!(transfer(a, b, 10, only_a), Ok(()));
        assert_eq!(transfer(b, a, 10, only_a), Ok(()));
        assert_eq!(wrong_transfer(a, b, 10, only_a), Ok(()));
        assert_eq!(wrong_transfer(b, a, 10, only_b), Ok(()));
    });
}

#[test]
fn the_same_account_twice() {
    within_a_minute(|| {
        let account = Account::new(100);
        let not_called = || panic!("there is only one lock");
        assert_eq!(transfer(&account, &account, 100, not_called), Ok(()));
        assert_eq!(transfer(&account, &account, 101, not_called), Err(100));
        assert_eq!(*account.lock(), 100);
    });
}

#[test]
fn too_small_a_balance_is_refused_and_nothing_moves() {
    within_a_minute(|| {
        let bank = [Account::new(50), Account::new(7)];
        let [a, b] = &bank;
        assert_eq!(transfer(a, b, 80, || ()), Err(50));
        assert_eq!(transfer(b, a, 8, || ()), Err(7));
        assert_eq!(wrong_transfer(a, b, 80, || ()), Err(50));
        let too_small = Err(Refusal::TooSmall(50));
        assert_eq!(transfer_within(LIMIT, a, b, 80, || ()), too_small);
        assert_eq!(transfer_both_or_none(a, b, 80, || ()), too_small);
        assert_eq!((*a.lock(), *b.lock()), (50, 7));
    });
}

/// Whoever cannot have both locks ends up with none, and nothing has moved.
#[test]
fn the_impatient_ones_let_go() {
    within_a_minute(|| {
        let bank = [Account::new(100), Account::new(100)];
        let [a, b] = &bank;
        let limit = Duration::from_millis(1);
        let taken = b.lock();
        assert_eq!(transfer_within(limit, a, b, 10, || ()), Err(Refusal::Busy));
        assert_eq!(transfer_within(limit, b, a, 10, || ()), Err(Refusal::Busy));
        assert_eq!(transfer_both_or_none(a, b, 10, || ()), Err(Refusal::Busy));
        assert!(!a.is_locked());
        drop(taken);
        assert_eq!(transfer_within(limit, a, b, 10, || ()), Ok(()));
        assert_eq!(transfer_both_or_none(a, b, 10, || ()), Ok(()));
        assert_eq!((*a.lock(), *b.lock()), (80, 120));
    });
}
