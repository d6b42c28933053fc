//! What the search allows that a memory model forbids, and the other way round: small programs whose
//! outcomes and numbers of executions are known. Most numbers were published by the authors of other
//! checkers; what was counted by hand says so.

extern crate model_std as std;
extern crate std as real_std;

use interleave::{Bounds, End, Found, Memory, execution, search};
use real_std::collections::BTreeSet;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::fence;
use std::thread;

#[path = "litmus/axioms.rs"]
mod axioms;

/// One operation of a thread.
#[derive(Clone, Copy, Debug)]
enum Op {
    /// `x=1.r`
    Store(usize, u32, Ordering),
    /// `x=r+1.x`: by so much more than the thread has read last.
    StoreMore(usize, u32, Ordering),
    /// `x.a`
    Load(usize, Ordering),
    /// `x+1.x`
    Add(usize, u32, Ordering),
    /// `x~3.x`
    Swap(usize, u32, Ordering),
    /// `x?12.x`: if it is the first digit, it becomes the second.
    Exchange(usize, u32, u32, Ordering),
    /// The same, but it may fail for no reason.
    Weak(usize, u32, u32, Ordering),
    /// `F.sc`
    Fence(Ordering),
    /// `>0`: the thread ends here, unless it has read more than this last.
    Above(u32),
}

/// The threads of a program: they are separated by `|`, and their operations by blanks.
fn parse(program: &str) -> Vec<Vec<Op>> {
    let thread = |text: &str| text.split_whitespace().map(op).collect();
    program.split('|').map(thread).collect()
}

fn op(text: &str) -> Op {
    if let Some(least) = text.strip_prefix('>') {
        return Op::Above(least.parse().unwrap());
    }
    let (what, order) = text.split_once('.').unwrap();
    let order = match order {
        "x" => Relaxed,
        "a" => Acquire,
        "r" => Release,
        "ar" => AcqRel,
        "sc" => SeqCst,
        _ => panic!("{text}"),
    };
    if what == "F" {
        return Op::Fence(order);
    }
    let location = "xyzw".find(&what[..1]).unwrap();
    let value = what.get(2..).unwrap_or_default();
    let number = |text: &str| text.parse().unwrap();
    match &what[1..what.len().min(2)] {
        "" => Op::Load(location, order),
        "=" => match value.strip_prefix("r+") {
            Some(more) => Op::StoreMore(location, number(more), order),
            None => Op::Store(location, number(value), order),
        },
        "+" => Op::Add(location, number(value), order),
        "~" => Op::Swap(location, number(value), order),
        "?" => Op::Exchange(location, number(&value[..1]), number(&value[1..]), order),
        _ => panic!("{text}"),
    }
}

/// Runs a thread, and returns what it has read, a digit for each. By our atomics, or by loom's.
macro_rules! run {
    ($ops:expr, $at:expr, $fence:path) => {{
        let (mut read, mut last) = (String::new(), 0);
        let mut sees = |value: u32| {
            read += &value.to_string();
            value
        };
        for &op in $ops {
            match op {
                Op::Store(it, value, order) => $at[it].store(value, order),
                Op::StoreMore(it, more, order) => $at[it].store(last + more, order),
                Op::Load(it, order) => last = sees($at[it].load(order)),
                Op::Add(it, value, order) => last = sees($at[it].fetch_add(value, order)),
                Op::Exchange(it, expected, new, order) => {
                    let found = $at[it].compare_exchange(expected, new, order, failure(order));
                    last = sees(found.unwrap_or_else(|found| found));
                }
                Op::Weak(it, expected, new, order) => {
                    let failure = failure(order);
                    let found = $at[it].compare_exchange_weak(expected, new, order, failure);
                    last = sees(found.unwrap_or_else(|found| found));
                }
                Op::Swap(it, value, order) => last = sees($at[it].swap(value, order)),
                Op::Fence(order) => $fence(order),
                Op::Above(least) if last <= least => break,
                Op::Above(_) => {}
            }
        }
        read
    }};
}

/// How a compare and swap is ordered that fails.
fn failure(order: Ordering) -> Ordering {
    match order {
        Release => Relaxed,
        AcqRel => Acquire,
        order => order,
    }
}

/// All executions. An end is what each thread has read, then the values that are left, and then the
/// execution itself.
fn executions(program: &str, bounds: Bounds) -> Found {
    executions_of(parse(program), bounds)
}

fn executions_of(threads: Vec<Vec<Op>>, bounds: Bounds) -> Found {
    search(bounds, move || {
        let at: [AtomicU32; 4] = Default::default();
        let read: Vec<_> = threads
            .iter()
            .map(|_| real_std::sync::Mutex::default())
            .collect();
        thread::scope(|scope| {
            for (ops, read) in threads.iter().zip(&read) {
                let at = &at;
                scope.spawn(move || *read.lock().unwrap() = run!(ops, at, fence));
            }
        });
        let read = read.into_iter().map(|it| it.into_inner().unwrap());
        let read: Vec<String> = read.collect();
        let left = at.map(|it| it.into_inner().to_string()).concat();
        End::good(format!("{} / {left} / {}", read.join(" "), execution()))
    })
}

const RUST: Bounds = Bounds {
    memory: Memory::Rust,
    reduce: true,
    ..Bounds::NONE
};

/// Whether an end is such an outcome. In that, `*` is any digit, and all behind it may be left out.
fn is(end: &str, outcome: &str) -> bool {
    let fits = |(seen, wanted): (char, char)| wanted == '*' || seen == wanted;
    end.chars().zip(outcome.chars()).all(fits)
}

/// Where a number of executions is from.
enum By {
    /// It was published with GenMC, for a program of the same structure.
    GenMC,
    /// It was counted by hand.
    Hand,
}
use By::{GenMC, Hand};

/// A name; the program; an outcome, and whether it is allowed; how many executions there are
/// if all is `SeqCst`, and as it stands; and who says so.
type Row = (&'static str, &'static str, &'static str, bool, u64, u64, By);

const TABLE: &[Row] = &[
    // name, program, outcome / x y z w, allowed, executions
    ("CoWW", "x=1.x x=2.x", " / 1", false, 1, 1, Hand),
    ("CoRR", "x=1.x x=2.x | x.x x.x", " 21", false, 6, 6, GenMC),
    ("CoRR", "x=1.x x=2.x | x.x x.x", " 10", false, 6, 6, GenMC),
    ("CoRW", "x.x x=1.x | x=2.x", "1", false, 3, 3, GenMC),
    ("CoRW", "x.x x=1.x | x=2.x", "2  / 2", false, 3, 3, GenMC),
    ("CoWR", "x=1.x x.x | x=2.x", "0", false, 3, 3, GenMC),
    ("CoWR", "x=1.x x.x | x=2.x", "2  / 1", false, 3, 3, GenMC),
    ("two RMWs", "x+1.x | x+1.x", "* * / 1", false, 2, 2, Hand),
    ("inc2w", "x+1.x | x=4.r | x+2.x", "0  0", false, 6, 6, GenMC),
    ("SB", "x=1.x y.x | y=1.x x.x", "0 0", true, 3, 4, Hand),
    (
        "SB+rel+acq",
        "x=1.r y.a | y=1.r x.a",
        "0 0",
        true,
        3,
        4,
        GenMC,
    ),
    (
        "SB+4sc",
        "x=1.sc y.sc | y=1.sc x.sc",
        "0 0",
        false,
        3,
        3,
        GenMC,
    ),
    (
        "SB+3sc+acq",
        "x=1.sc y.a | y=1.sc x.sc",
        "0 0",
        true,
        3,
        4,
        GenMC,
    ),
    (
        "SB+3sc+rel",
        "x=1.r y.sc | y=1.sc x.sc",
        "0 0",
        true,
        3,
        4,
        GenMC,
    ),
    (
        "SB+scfs",
        "x=1.x F.sc y.x | y=1.x F.sc x.x",
        "0 0",
        false,
        3,
        3,
        GenMC,
    ),
    (
        "SB+2sc+scf",
        "x=1.sc y.sc | y=1.x F.sc x.x",
        "0 0",
        false,
        3,
        3,
        GenMC,
    ),
    (
        "SB+rfis",
        "x=1.r x.sc y.sc | y=1.r y.sc x.sc",
        "10 10",
        true,
        3,
        4,
        GenMC,
    ),
    ("MP", "x=1.x y=1.x | y.x x.x", " 10", true, 3, 4, Hand),
    ("MP+rel", "x=1.x y=1.r | y.x x.x", " 10", true, 3, 4, Hand),
    ("MP+acq", "x=1.x y=1.x | y.a x.x", " 10", true, 3, 4, Hand),
    (
        "MP+rel+acq",
        "x=1.x y=1.r | y.a x.x",
        " 10",
        false,
        3,
        3,
        GenMC,
    ),
    (
        "MP+rel+acq, if",
        "x=1.x y=1.r | y.a >0 x.x",
        " 10",
        false,
        2,
        2,
        GenMC,
    ),
    (
        "MP+relf+acqf",
        "x=1.x F.r y=1.x | y.x >0 F.a x.x",
        " 10",
        false,
        2,
        2,
        GenMC,
    ),
    (
        "MP+relf+acq",
        "x=1.x F.r y=1.x | y.a >0 x.x",
        " 10",
        false,
        2,
        2,
        GenMC,
    ),
    (
        "MP+rel+acqf",
        "x=1.x y=1.r | y.x >0 F.a x.x",
        " 10",
        false,
        2,
        2,
        GenMC,
    ),
    (
        "MP+rels+acq",
        "x=1.x y=0.r y=1.x | y.a >0 x.x",
        " 10",
        true,
        3,
        4,
        GenMC,
    ),
    (
        "MPU+rel+acq",
        "x=1.x y=1.r | y+1.x | y.a >1 x=2.x",
        " 1 2 / 1",
        false,
        6,
        6,
        GenMC,
    ),
    ("S", "x=2.x y=1.x | y.x x=1.x", " 1 / 2", true, 3, 4, GenMC),
    (
        "S+rel+acq",
        "x=2.x y=1.r | y.a >0 x=1.x",
        " 1 / 2",
        false,
        2,
        2,
        GenMC,
    ),
    (
        "LB+rel+acq",
        "x.a y=1.r | y.a x=1.r",
        "1 1",
        false,
        3,
        3,
        GenMC,
    ),
    ("LB+acq", "x.a y=1.x | y.a x=1.x", "1 1", false, 3, 3, GenMC),
    ("LB+rel", "x.x y=1.r | y.x x=1.r", "1 1", false, 3, 3, GenMC),
    ("LB", "x.x y=1.x | y.x x=1.x", "1 1", false, 3, 3, Hand),
    (
        "LB+dep",
        "x.x y=r+1.x | y.x x=r+1.x",
        "2",
        false,
        3,
        3,
        GenMC,
    ),
    (
        "LB3",
        "x.x y=1.x | y.x z=1.x | z.x x=1.x",
        "1 1 1",
        false,
        7,
        7,
        GenMC,
    ),
    (
        "2+2W",
        "x=1.x y=2.x | y=1.x x=2.x",
        "  / 11",
        true,
        3,
        4,
        GenMC,
    ),
    (
        "2+2W+rel",
        "x=1.r y=2.r | y=1.r x=2.r",
        "  / 11",
        true,
        3,
        4,
        GenMC,
    ),
    (
        "2+2W+4sc",
        "x=1.sc y=2.sc | y=1.sc x=2.sc",
        "  / 11",
        false,
        3,
        3,
        GenMC,
    ),
    (
        "2+2W+3sc+rel1",
        "x=1.r y=2.sc | y=1.sc x=2.sc",
        "  / 11",
        true,
        3,
        4,
        GenMC,
    ),
    (
        "2+2W+3sc+rel2",
        "x=1.sc y=2.r | y=1.sc x=2.sc",
        "  / 11",
        true,
        3,
        4,
        GenMC,
    ),
    (
        "2+2W+scfs",
        "x=1.x F.sc y=2.x | y=1.x F.sc x=2.x",
        "  / 11",
        false,
        3,
        3,
        GenMC,
    ),
    ("R", "x=1.x y=1.x | y=2.x x.x", " 0 / 12", true, 3, 4, Hand),
    (
        "R+rel+acq",
        "x=1.r y=1.r | y=2.r x.a",
        " 0 / 12",
        true,
        3,
        4,
        Hand,
    ),
    (
        "R+4sc",
        "x=1.sc y=1.sc | y=2.sc x.sc",
        " 0 / 12",
        false,
        3,
        3,
        Hand,
    ),
    (
        "WRC",
        "x=1.x | x.x y=1.x | y.x x.x",
        " 1 10",
        true,
        7,
        8,
        Hand,
    ),
    (
        "WRC+rel+acq",
        "x=1.r | x.a y=1.r | y.a x.a",
        " 1 10",
        false,
        7,
        7,
        Hand,
    ),
    (
        "ISA2",
        "x=1.x y=1.r | y.a z=1.r | z.a x.x",
        " 1 10",
        false,
        7,
        7,
        GenMC,
    ),
    (
        "cumul-release",
        "x=1.x y=1.r | y.x z=r+0.x | z.x F.ar x.x",
        " 1 10",
        true,
        7,
        8,
        GenMC,
    ),
    (
        "IRIW",
        "x=1.x | y=1.x | x.x y.x | y.x x.x",
        "  10 10",
        true,
        15,
        16,
        Hand,
    ),
    (
        "IRIW+rel+acq",
        "x=1.r | y=1.r | x.a y.a | y.a x.a",
        "  10 10",
        true,
        15,
        16,
        Hand,
    ),
    (
        "IRIW+sc",
        "x=1.sc | y=1.sc | x.sc y.sc | y.sc x.sc",
        "  10 10",
        false,
        15,
        15,
        Hand,
    ),
    (
        "IRIW-acq-sc",
        "x=1.sc | y=1.sc | x.a y.sc | y.a x.sc",
        "  10 10",
        true,
        15,
        16,
        GenMC,
    ),
    (
        "RWC",
        "x=1.r | x.a y.a | y=1.r x.a",
        " 10 0",
        true,
        7,
        8,
        Hand,
    ),
    (
        "RWC+syncs",
        "x=1.x | x.x F.sc y.x | y=1.x F.sc x.x",
        " 10 0",
        false,
        7,
        7,
        GenMC,
    ),
    (
        "W+RWC",
        "x=1.x z=1.r | z.a F.sc y.x | y=1.x F.sc x.x",
        " 10 0",
        false,
        7,
        7,
        GenMC,
    ),
    // GenMC has 22: of an update its model orders the write behind what happens before the read. RC11
    // does not, as both are at one location, and allows the outcome in question: so does C++20.
    (
        "Z6.U",
        "x=1.sc y=1.r | y+1.sc y.x | y=3.sc x.sc",
        " 13 0",
        true,
        18,
        24,
        Hand,
    ),
    (
        "Z6+acq",
        "x=1.x F.sc y=1.x | y.a z=1.x | z=2.x F.sc x.x",
        " 1 0 / 112",
        false,
        7,
        7,
        GenMC,
    ),
    (
        "relseq",
        "x=1.x y=1.r y=2.x | y~3.x | y.x F.ar x.x",
        " 1 30",
        false,
        16,
        20,
        GenMC,
    ),
    (
        "relseq",
        "x=1.x y=1.r y=2.x | y~3.x | y.x F.ar x.x",
        " 2 30",
        true,
        16,
        20,
        GenMC,
    ),
    ("CoRR0", "x=1.r | x.a | x.a", "", true, 4, 4, GenMC),
    (
        "CoRR1",
        "x=1.r | x=2.r | x.a x.a | x.a",
        "  10",
        false,
        36,
        36,
        GenMC,
    ),
    (
        "CoRR2",
        "x=1.r | x=2.r | x.a x.a | x.a x.a",
        "  12 21",
        false,
        72,
        72,
        GenMC,
    ),
    ("2CoWR", "y.a | x.a | x=1.r | y=1.r", "", true, 4, 4, GenMC),
    (
        "W+RRR+W",
        "x=1.x | x.x x.x x.x | x=2.x",
        " 121",
        false,
        20,
        20,
        GenMC,
    ),
    (
        "fr+w+w+w+reads",
        "x=1.x | x=2.x | x=3.x | x.x x.x x.x x.x",
        "   1213",
        false,
        210,
        210,
        GenMC,
    ),
    (
        "inc+inc+RR+W+RR",
        "x+1.x | x+1.x | x.x x.x | x=9.x | x.x x.x",
        "* * 92  19",
        false,
        600,
        600,
        GenMC,
    ),
    (
        "MP+incMP",
        "y.a z+1.ar | z+1.ar x.a | x=1.r y=1.r",
        "10 10",
        false,
        7,
        7,
        GenMC,
    ),
    (
        "LB+incMPs",
        "x.a z+1.ar | z+1.ar y=1.r | y.a w+1.ar | w+1.ar x=1.r",
        "10 1 10 1",
        false,
        15,
        15,
        GenMC,
    ),
    (
        "IRIWish",
        "x=1.x | x.x y=r+0.r | x.x F.ar y.x | y.x F.ar x.x",
        " 1 10 10",
        false,
        27,
        28,
        GenMC,
    ),
    (
        "MPU+rels+acq",
        "x=1.x y=0.r y=1.x | y+1.x | y.a >1 x=2.x",
        " 1 2 / 1",
        true,
        12,
        13,
        GenMC,
    ),
    (
        "MPU2+rel+acq",
        "x=1.x y=1.r | y?23.x | y?12.x | y.a >2 x=2.x",
        " 2 1 3 / 1",
        false,
        14,
        14,
        GenMC,
    ),
    (
        "MPU2+rels+acq",
        "x=1.x y=0.r y=1.x | y?23.x | y?12.x | y.a >2 x=2.x",
        " 2 1 3 / 1",
        true,
        35,
        36,
        GenMC,
    ),
    (
        "viktor-relseq",
        "x+1.a x+1.x | x+1.x x+1.x | x+1.r | x+1.x",
        "0* 0",
        false,
        180,
        180,
        GenMC,
    ),
];

/// With all accesses and fences `SeqCst`.
fn sequential(program: &str) -> String {
    let op = |op: &str| match op.split_once('.') {
        Some((what, _)) => format!("{what}.sc"),
        None => op.into(),
    };
    let ops: Vec<_> = program.split_whitespace().map(op).collect();
    ops.join(" ")
}

#[test]
fn outcomes_and_numbers_of_executions_are_those_of_the_model() {
    let mut wrong = Vec::new();
    for (name, program, outcome, allowed, sequential_count, count, by) in TABLE {
        let found = executions(program, RUST);
        let seen = found.ends.keys().any(|end| is(&end.what, outcome));
        let all_sc = executions(&sequential(program), RUST);
        let by = match by {
            GenMC => "GenMC",
            Hand => "by hand",
        };
        let ours = (seen, all_sc.schedules, found.schedules);
        println!("{name:16} {ours:?}, {} runs: {program}", found.runs);
        if ours != (*allowed, *sequential_count, *count) {
            wrong.push(format!(
                "{name}: {ours:?}, not ({allowed}, {sequential_count}, {count}) ({by}): {program}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const SCHEDULES: Bounds = Bounds {
    memory: Memory::SequentiallyConsistent,
    ..RUST
};

/// The ends, without the executions that lead to them.
fn outcomes(found: &Found) -> BTreeSet<String> {
    let outcome = |end: &End| end.what.rsplit_once(" / ").unwrap().0.to_owned();
    found.ends.keys().map(outcome).collect()
}

fn whats(found: &Found) -> BTreeSet<String> {
    found.ends.keys().map(|end| end.what.clone()).collect()
}

/// Each execution is run once, and none is left out.
#[test]
fn no_execution_is_run_twice_or_left_out() {
    for (name, program, ..) in TABLE {
        let found = executions(program, RUST);
        assert_eq!(found.ends.len() as u64, found.schedules, "{name}");
        let all = Bounds {
            reduce: false,
            ..RUST
        };
        assert_eq!(whats(&found), whats(&executions(program, all)), "{name}");
    }
}

/// If all is `SeqCst`, the outcomes are those of the search over schedules.
#[test]
fn what_is_sequentially_consistent_is_found_by_the_search_over_schedules() {
    for (name, program, ..) in TABLE {
        let program = sequential(program);
        let outcomes = |bounds| outcomes(&executions(&program, bounds));
        assert_eq!(outcomes(RUST), outcomes(SCHEDULES), "{name}");
    }
}

/// Chance that is the same in each run of the tests.
struct Chance(u64);

impl Chance {
    /// A number below this.
    fn below(&mut self, limit: usize) -> usize {
        // Xorshift, by G. Marsaglia (2003).
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Two threads with so many operations each at most, or three with one less.
    fn program(&mut self, most: usize, sequential: bool) -> Vec<Vec<Op>> {
        let threads = 2 + self.below(2);
        let mut number = 0;
        let mut thread = || {
            let ops = 2 + self.below(most + 1 - threads);
            (0..ops).map(|_| self.op(sequential, &mut number)).collect()
        };
        (0..threads).map(|_| thread()).collect()
    }

    /// Two or three threads that access one location and then the other one, with a fence in between
    /// or not; most of that `SeqCst`.
    fn shape(&mut self) -> Vec<Vec<Op>> {
        let (threads, mut number) = (2 + self.below(2), 0);
        let mut thread = || {
            let first = self.below(2);
            let mut ops = vec![self.access(first, &mut number)];
            if self.below(2) == 0 {
                ops.push(Op::Fence(self.of(&[SeqCst, SeqCst, AcqRel])));
            }
            ops.push(self.access(1 - first, &mut number));
            ops
        };
        (0..threads).map(|_| thread()).collect()
    }

    /// Two or three threads with up to six accesses in all, and fences.
    fn long_program(&mut self) -> Vec<Vec<Op>> {
        let (threads, mut number) = (2 + self.below(2), 0);
        let mut first = || {
            let it = self.below(2);
            vec![self.access(it, &mut number)]
        };
        let mut program: Vec<_> = (0..threads).map(|_| first()).collect();
        let mut left = 6 - threads;
        while left > 0 {
            let ops = &mut program[self.below(threads)];
            if self.below(5) == 0 {
                ops.push(Op::Fence(
                    self.of(&[SeqCst, SeqCst, AcqRel, Acquire, Release]),
                ));
            } else {
                let it = self.below(2);
                ops.push(self.access(it, &mut number));
                left -= 1;
            }
        }
        program
    }

    fn access(&mut self, it: usize, number: &mut u32) -> Op {
        *number += 1;
        match self.below(5) {
            0..2 => Op::Store(it, *number, self.of(&[Relaxed, Release, SeqCst, SeqCst])),
            2..4 => Op::Load(it, self.of(&[Relaxed, Acquire, SeqCst, SeqCst])),
            _ => Op::Swap(it, *number, self.of(&[Relaxed, AcqRel, SeqCst, SeqCst])),
        }
    }

    /// Each store writes another number.
    fn op(&mut self, sequential: bool, number: &mut u32) -> Op {
        let it = self.below(2);
        let mut order = |orders: &[Ordering]| match sequential {
            true => SeqCst,
            false => self.of(orders),
        };
        let update = order(&[Relaxed, Acquire, Release, AcqRel]);
        let load = order(&[Relaxed, Acquire]);
        let store = order(&[Relaxed, Release]);
        let fence = order(&[Acquire, Release, AcqRel]);
        *number += 1;
        match self.below(12) {
            0..4 => Op::Store(it, *number, store),
            4..8 => Op::Load(it, load),
            8 => Op::Add(it, 1, update),
            9 => Op::Swap(it, *number, update),
            10 => Op::Exchange(it, self.below(3) as u32, *number, update),
            _ => Op::Fence(fence),
        }
    }
}

/// So many random programs.
const PROGRAMS: usize = 200;

/// loom does not see all that we see. On the other hand it lets an update read an older write than the
/// one that it follows, and forgets an order of two writes if one of them is also behind another
/// thread's: then a thread reads what it has overwritten itself. No memory model allows that. So here
/// each thread stores to a location of its own, and the last location is only updated.
#[test]
fn what_loom_sees_is_among_our_outcomes() {
    let mut chance = Chance(1);
    let mut more = 0;
    for _ in 0..PROGRAMS {
        let mut program = chance.program(3, false);
        for (thread, ops) in program.iter_mut().enumerate() {
            for op in ops {
                match op {
                    Op::Store(it, ..) => *it = thread,
                    Op::Add(it, ..) | Op::Swap(it, ..) | Op::Exchange(it, ..) => *it = 3,
                    Op::Load(it, ..) => *it = chance.below(4),
                    _ => {}
                }
            }
        }
        let ours = outcomes(&executions_of(program.clone(), RUST));
        let looms = loom(&program);
        let strange: Vec<_> = looms.difference(&ours).collect();
        assert!(strange.is_empty(), "{strange:?} of {program:?}");
        more += usize::from(ours.len() > looms.len());
    }
    println!("of {PROGRAMS} programs, loom does not see all outcomes of {more}");
}

/// The outcomes that loom sees.
fn loom(threads: &[Vec<Op>]) -> BTreeSet<String> {
    use loom::sync::atomic::AtomicU32;
    use real_std::sync::{Arc, Mutex};
    let outcomes: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let (threads, found) = (threads.to_vec(), Arc::clone(&outcomes));
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = None;
    builder.check(move || {
        let at = Arc::new([0; 4].map(AtomicU32::new));
        let spawn = |ops: &Vec<Op>| {
            let (ops, at) = (ops.clone(), Arc::clone(&at));
            loom::thread::spawn(move || run!(&ops, at, loom::sync::atomic::fence))
        };
        let running: Vec<_> = threads.iter().map(spawn).collect();
        let read: Vec<_> = running.into_iter().map(|it| it.join().unwrap()).collect();
        let at = Arc::into_inner(at).expect("the threads have ended");
        let left = at.map(|mut it| it.with_mut(|value| value.to_string()));
        let outcome = format!("{} / {}", read.join(" "), left.concat());
        found.lock().unwrap().insert(outcome);
    });
    real_std::mem::take(&mut outcomes.lock().unwrap())
}

#[test]
fn random_programs_with_seq_cst_only_end_as_in_the_search_over_schedules() {
    let mut chance = Chance(2);
    for _ in 0..PROGRAMS {
        let program = chance.program(4, true);
        let outcomes = |bounds| outcomes(&executions_of(program.clone(), bounds));
        assert_eq!(outcomes(RUST), outcomes(SCHEDULES), "{program:?}");
    }
}

/// The same as for the table, for programs that are not chosen by hand.
#[test]
fn no_execution_of_a_random_program_is_run_twice_or_left_out() {
    let mut chance = Chance(3);
    for number in 0..PROGRAMS {
        let mut program = chance.program(4, false);
        // Some accesses are `SeqCst`.
        for op in program.iter_mut().flatten() {
            match op {
                Op::Store(.., order)
                | Op::Load(_, order)
                | Op::Swap(.., order)
                | Op::Add(.., order)
                | Op::Fence(order)
                    if chance.below(2) == 0 =>
                {
                    *order = SeqCst
                }
                _ => {}
            }
        }
        let found = executions_of(program.clone(), RUST);
        assert_eq!(found.ends.len() as u64, found.schedules, "{program:?}");
        let (threads, ops) = (program.len(), program.iter().map(Vec::len).sum::<usize>());
        if threads == 3 && ops > 6 {
            continue; // Too many orders.
        }
        let all = Bounds {
            reduce: false,
            ..RUST
        };
        assert_eq!(
            whats(&found),
            whats(&executions_of(program.clone(), all)),
            "{number}: {program:?}"
        );
    }
}

/// Which of them fails is up to the budget that they share.
#[test]
fn no_execution_with_weak_swaps_is_left_out() {
    let mut chance = Chance(5);
    let bounds = Bounds {
        spurious: 1,
        ..RUST
    };
    let mut swaps = 0;
    for _ in 0..PROGRAMS {
        let mut program = chance.program(3, false);
        for op in program.iter_mut().flatten() {
            if let Op::Exchange(it, .., order) | Op::Load(it, order) = *op {
                *op = Op::Weak(it, 0, 9, order);
                swaps += 1;
            }
        }
        let all = Bounds {
            reduce: false,
            ..bounds
        };
        let (some, all) = [bounds, all]
            .map(|it| executions_of(program.clone(), it))
            .into();
        assert_eq!(whats(&some), whats(&all), "{program:?}");
        assert!(some.schedules <= all.schedules);
    }
    assert!(swaps > PROGRAMS);
}

/// What each access has read, and the modification orders.
fn graphs(found: &Found) -> BTreeSet<String> {
    let execution = |end: &End| end.what.rsplit_once(" / ").unwrap().1.to_owned();
    found.ends.keys().map(execution).collect()
}

/// The executions that the search runs are those that the axioms allow, no more and no fewer.
#[test]
fn the_executions_of_random_programs_are_those_of_the_axioms() {
    let mut chance = Chance(4);
    let (mut forbidden, mut all) = (0, 0);
    for _ in 0..5 * PROGRAMS {
        let mut program = chance.shape();
        let ours = graphs(&executions_of(program.clone(), RUST));
        assert_eq!(ours, axioms::executions(&program), "{program:?}");
        // Without `SeqCst` there would be more.
        for op in program.iter_mut().flatten() {
            match op {
                Op::Store(.., order) if *order == SeqCst => *order = Release,
                Op::Load(_, order) if *order == SeqCst => *order = Acquire,
                Op::Swap(.., order) | Op::Add(.., order) | Op::Fence(order) if *order == SeqCst => {
                    *order = AcqRel;
                }
                _ => {}
            }
        }
        forbidden += usize::from(axioms::executions(&program).len() > ours.len());
        all += ours.len();
    }
    println!("{all} executions; in {forbidden} programs `SeqCst` forbids some");
    assert!(forbidden >= 40);
}

/// The same of longer programs.
#[test]
#[ignore = "takes minutes: `just check-all`"]
fn the_executions_of_longer_programs_are_those_of_the_axioms() {
    let mut chance = Chance(77);
    for _ in 0..5 * PROGRAMS {
        let program = chance.long_program();
        let found = executions_of(program.clone(), RUST);
        let ours = graphs(&found);
        assert_eq!(ours, axioms::executions(&program), "{program:?}");
        assert_eq!(ours.len() as u64, found.schedules, "{program:?}");
    }
}
