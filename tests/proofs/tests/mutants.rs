//! Each change to a lesson's file is caught by one of the lesson's proofs.

extern crate model_std as alloc;
extern crate model_std as core;
extern crate model_std as std;
extern crate std as real_std;

use proofs::proof::{self, Proof};
use proofs::tills;
use real_std::thread;
use real_std::time::Instant;

/// The lessons' files with one change each, and the proofs of what must not hold then.
#[allow(
    unused,
    clippy::all,
    reason = "what a change makes of the code is not the point"
)]
mod all {
    include!(concat!(env!("OUT_DIR"), "/mutants.rs"));
}

/// A change to a lesson's file that a proof has to catch.
struct Mutant {
    lesson: &'static str,
    file: &'static str,
    /// In words.
    change: &'static str,
    /// The lesson's proofs, on the changed file.
    proofs: fn() -> Vec<Proof>,
}

#[test]
fn what_is_no_mistake_holds_in_all_executions() {
    for mutant in all::RIGHT {
        let mut proofs = (mutant.proofs)();
        proofs.retain(|proof| proof.file == mutant.file);
        for proof in proofs {
            let outcome = proof.check();
            let (change, what) = (mutant.change, proof.what);
            assert_eq!(outcome.failure, None, "{change}: {what}");
            assert!(outcome.executions, "{change}: {what}");
            println!("{change}: {what}: {} executions", outcome.schedules);
        }
    }
}

#[test]
fn every_mutant_is_caught() {
    // A part of their names, to try only some.
    let only = real_std::env::var("MUTANTS").unwrap_or_default();
    let mut survivors = Vec::new();
    for mutant in all::ALL {
        let name = format!("{}/{}: {}", mutant.lesson, mutant.file, mutant.change);
        if !name.contains(&only) {
            continue;
        }
        let start = Instant::now();
        let refute = || {
            let mut proofs = (mutant.proofs)();
            proofs.retain(|proof| proof.file == mutant.file);
            // Most are caught early by one of them.
            [1_000, u64::MAX].into_iter().find_map(|at_most| {
                proofs.iter().find_map(|proof| {
                    let how = proof.refute(at_most)?;
                    Some(format!("{}: {how}", proof.what))
                })
            })
        };
        // The search itself panics if a program has no end.
        let caught = thread::spawn(refute).join();
        let caught = caught.unwrap_or_else(|_| Some("a schedule without an end".into()));
        let caught_by = caught.as_deref().unwrap_or("NOBODY");
        println!(
            "{name}\n    caught by {caught_by} ({:.2?})",
            start.elapsed()
        );
        if caught.is_none() {
            survivors.push(name);
        }
    }
    assert!(survivors.is_empty(), "not caught: {survivors:#?}");
}
