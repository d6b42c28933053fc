//! Each change to a lesson's file is caught by one of the lesson's proofs.

use std::time::Instant;

#[test]
fn every_mutant_is_caught() {
    let mut survivors = Vec::new();
    for mutant in proofs::mutants() {
        let start = Instant::now();
        let proofs = (mutant.proofs)();
        let on_this = proofs.into_iter().filter(|proof| proof.file == mutant.file);
        let caught = on_this.into_iter().find_map(|proof| {
            let what = proof.what;
            proof.refute().map(|how| format!("{what}: {how}"))
        });
        let caught_by = caught.as_deref().unwrap_or("NOBODY");
        let name = format!("{}/{}: {}", mutant.lesson, mutant.file, mutant.change);
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
