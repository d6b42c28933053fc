//! The proofs hold, and the search is what it says.

use std::collections::BTreeSet;

use interleave::{Bounds, Chosen, End, Flag, Ready, search, step};

#[test]
fn every_proof_holds() {
    for proof in proofs::proofs() {
        let outcome = proof.check();
        let why = outcome.failure.as_deref();
        assert_eq!(why, None, "{}: {}", proof.file, proof.what);
    }
}

/// What is left out of a search would have ended like something that is not.
#[test]
fn leaving_out_what_makes_no_difference_leaves_out_no_end() {
    let small = ["the worker panics", "dropped in the middle of a job"];
    for proof in proofs::proofs() {
        if !small.contains(&proof.what) {
            continue;
        }
        for mut program in proof.programs {
            assert!(program.bounds.reduce);
            let reduced = program.search();
            program.bounds.reduce = false;
            let full = program.search();
            let ends =
                |found: &interleave::Found| found.ends.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(ends(&reduced), ends(&full), "{}", proof.what);
            assert!(reduced.schedules < full.schedules);
        }
    }
    // The others, too, where running all schedules is a matter of seconds.
    for scene in proofs::scenes() {
        for (_, mut program) in [scene.wrong, scene.right] {
            let full = program.search();
            program.bounds.reduce = true;
            let reduced = program.search();
            let ends =
                |found: &interleave::Found| found.ends.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(ends(&reduced), ends(&full), "{}", scene.lesson);
        }
    }
}

/// Two ways to count: run them all, or add up the ways through the states.
#[test]
fn a_graph_has_as_many_ways_as_there_are_schedules() {
    for scene in proofs::scenes() {
        for (file, program) in [scene.wrong, scene.right] {
            let (found, graph) = (program.search(), program.graph());
            assert_eq!(graph.schedules(), found.schedules, "{file}");
            let bad = |end: &Option<End>| end.as_ref().is_some_and(|end| end.bad);
            let breaks = graph.states.iter().any(|state| bad(&state.end));
            assert_eq!(breaks, found.bad() > 0, "{file}");
            let shortest = found.shortest_bad.map(|schedule| schedule.len());
            assert_eq!(graph.way_to_bad(0).map(|way| way.len()), shortest, "{file}");
        }
    }
}

/// Threads that take so many steps each, which nothing keeps apart.
fn free(steps: &'static [usize]) -> impl Fn() -> End + Send + Sync + 'static {
    move || {
        shuttle::thread::scope(|scope| {
            for &steps in steps {
                scope.spawn(move || {
                    for _ in 0..steps {
                        step(String::new, Ready::Always, &[]);
                    }
                });
            }
        });
        End::good("done")
    }
}

#[test]
fn the_number_of_schedules_is_that_of_combinatorics() {
    // (2 + 2)! / (2! 2!), (3 + 2 + 1)! / (3! 2! 1!), 8! / (2! 2! 2! 2!)
    for (steps, schedules) in [(&[2, 2][..], 6), (&[3, 2, 1], 60), (&[2, 2, 2, 2], 2520)] {
        assert_eq!(search(Bounds::NONE, free(steps)).schedules, schedules);
        // They touch nothing: any order is like any other.
        let reduced = Bounds {
            reduce: true,
            ..Bounds::NONE
        };
        assert_eq!(search(reduced, free(steps)).schedules, 1);
    }
}

#[test]
fn a_wait_with_a_time_limit_times_out_as_often_as_it_may() {
    for timeouts in 0..3 {
        let bounds = Bounds {
            timeouts,
            ..Bounds::NONE
        };
        let found = search(bounds, || {
            let never = Flag::default();
            for _ in 0..2 {
                step(
                    String::new,
                    Ready::WhenOr(never.clone(), &[Chosen::TimedOut]),
                    &[],
                );
            }
            End::good("over")
        });
        let end = if timeouts < 2 {
            End::bad("deadlock")
        } else {
            End::good("over")
        };
        assert_eq!(found.ends.into_keys().collect::<Vec<_>>(), [end]);
    }
}

#[test]
#[should_panic(expected = "a schedule without an end")]
fn a_program_without_an_end_is_not_searched_for_ever() {
    search(Bounds::NONE, || {
        loop {
            step(String::new, Ready::Always, &[]);
        }
    });
}
