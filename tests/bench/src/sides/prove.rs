//! All orders of a small program, up to the end: our search, loom's and shuttle's. The programs
//! are the same files, in `tests/proofs/tests/large`.

use std::time::Instant;

use interleave::{Bounds, Memory};
use own_programs::Program;

use super::{Outcome, Side};

pub const SIDES: &[Side] = &[
    ("prove-locks", || ours("many_locks")),
    ("prove-locks-loom", || loom("many_locks")),
    ("prove-locks-shuttle", || shuttle("many_locks")),
    ("prove-atomics", || ours("many_atomics")),
    ("prove-atomics-loom", || loom("many_atomics")),
    ("prove-atomics-shuttle", || shuttle("many_atomics")),
    ("prove-messages", || ours("many_messages")),
    ("prove-messages-loom", || loom("many_messages")),
    ("prove-messages-shuttle", || shuttle("many_messages")),
    ("prove-waits", || ours("many_waits")),
    ("prove-waits-loom", || loom("many_waits")),
    ("prove-waits-shuttle", || shuttle("many_waits")),
    ("prove-orderings", || ours_as_named("many_orderings")),
    ("prove-orderings-loom", || loom("many_orderings")),
];

fn ours(name: &str) -> Outcome {
    let search = |program| own_programs::search(program, own_programs::AS_PEERS).executions;
    measure(own_programs::LARGE, name, search)
}

/// Also what the orderings allow, as loom does. Shuttle takes each for the strongest.
fn ours_as_named(name: &str) -> Outcome {
    let bounds = Bounds {
        memory: Memory::Rust,
        ..own_programs::AS_PEERS
    };
    let search = |program| own_programs::search(program, bounds).executions;
    measure(own_programs::LARGE, name, search)
}

fn loom(name: &str) -> Outcome {
    let search = |program| loom_std::search(program).executions;
    measure(loom_std::LARGE, name, search)
}

fn shuttle(name: &str) -> Outcome {
    let search = |program| plain_std::search(program).executions;
    measure(plain_std::LARGE, name, search)
}

fn measure(programs: &[(&str, Program)], name: &str, search: impl Fn(Program) -> u64) -> Outcome {
    let program = programs.iter().find(|program| program.0 == name);
    let &(_, program) = program.ok_or_else(|| format!("there is no program '{name}'"))?;
    let start = Instant::now();
    let executions = search(program);
    let took = start.elapsed().as_secs_f64();
    Ok(vec![("ms", took * 1e3), ("executions", executions as f64)])
}
