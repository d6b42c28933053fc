//! A second and a third opinion on small programs: shuttle's exhaustive search, on shuttle's own
//! primitives, and loom's, on loom's. They come to the same ends as ours. What they cannot run,
//! and why, is in `peers/peers.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use interleave::{Bounds, Memory};
use own_programs::{AS_PEERS, Program};

type Programs = &'static [(&'static str, Program)];
type Ends = BTreeSet<String>;

/// How each of the programs can end. Each search has a thread of its own: what a panic leaves
/// behind in a thread makes no difference to the next.
fn ends(
    programs: Programs,
    search: impl Fn(Program) -> Ends + Copy + Send + 'static,
) -> BTreeMap<&'static str, Ends> {
    let ends = programs.iter().map(|&(name, program)| {
        let ends = thread::spawn(move || search(program)).join();
        (
            name,
            ends.unwrap_or_else(|_| panic!("the search of {name} fails")),
        )
    });
    ends.collect()
}

fn ours(bounds: Bounds) -> BTreeMap<&'static str, Ends> {
    ends(own_programs::PROGRAMS, move |program| {
        own_programs::search(program, bounds).ends
    })
}

/// How many programs both can run. They end alike.
fn compare(peer: &BTreeMap<&'static str, Ends>) -> usize {
    let ours = ours(AS_PEERS);
    let both = peer.iter().filter(|(name, _)| ours.contains_key(*name));
    both.inspect(|&(name, ends)| assert_eq!(&ours[name], ends, "{name}"))
        .count()
}

#[test]
fn shuttle_comes_to_the_same_ends() {
    let shuttle = ends(plain_std::PROGRAMS, |program| {
        plain_std::search(program).ends
    });
    assert!(compare(&shuttle) >= 40);
}

#[test]
fn loom_comes_to_the_same_ends() {
    let loom = ends(loom_std::PROGRAMS, |program| loom_std::search(program).ends);
    assert!(compare(&loom) >= 15);
}

/// What the benchmark times: ours is a whole answer, as loom's.
#[test]
fn loom_comes_to_the_same_ends_with_orderings() {
    let program = |programs: Programs| {
        programs
            .iter()
            .find(|it| it.0 == "many_orderings")
            .unwrap()
            .1
    };
    let rust = Bounds {
        memory: Memory::Rust,
        ..AS_PEERS
    };
    let ours = own_programs::search(program(own_programs::LARGE), rust);
    let loom = loom_std::search(program(loom_std::LARGE));
    assert_eq!(ours.ends, loom.ends);
    assert!(ours.executions < loom.executions);
}

#[test]
fn a_redundant_load_changes_no_set_of_ends() {
    let ours = ours(AS_PEERS);
    let changed = ours
        .iter()
        .filter_map(|(name, ends)| Some((name.strip_prefix("redundant_")?, ends)));
    let changed = changed.inspect(|&(name, ends)| assert_eq!(&ours[name], ends, "{name}"));
    assert_eq!(changed.count(), 8);
}

/// All of them are: the file of each names no other ordering.
#[test]
fn executions_of_what_is_sequentially_consistent_end_no_other_way() {
    let bounds = Bounds {
        timeouts: 1,
        spurious: 1,
        ..AS_PEERS
    };
    let executions = ours(Bounds {
        memory: Memory::Rust,
        ..bounds
    });
    assert_eq!(executions, ours(bounds));
}

#[test]
fn what_is_left_out_ends_no_other_way() {
    let bounds = Bounds {
        timeouts: 1,
        spurious: 1,
        ..AS_PEERS
    };
    let reduced = ours(bounds);
    let all = ours(Bounds {
        reduce: false,
        ..bounds
    });
    assert_eq!(reduced, all);
}
