//! The executions of a small program by the axioms alone, word for word as the paper has them: all ways to
//! choose what is read and in which order writes come, without those that an axiom forbids. (O. Lahav,
//! V. Vafeiadis, J. Kang, C.-K. Hur, D. Dreyer: Repairing Sequential Consistency in C/C++11, 2017; release
//! sequences are those of C++20.)

use real_std::collections::BTreeSet;
use real_std::string::String;
use real_std::vec::Vec;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

use super::Op;

/// An event; an update is one.
#[derive(Clone, Copy)]
struct Event {
    thread: usize,
    /// As our search counts: the first event of a thread learns what its parent knows.
    index: usize,
    location: Option<usize>,
    reads: bool,
    writes: bool,
    order: Ordering,
}

/// Pairs of events: a row of bits for each first one.
#[derive(Clone, PartialEq)]
struct Relation(Vec<u32>);

impl Relation {
    fn of(events: &[Event], holds: impl Fn(usize, usize) -> bool) -> Self {
        let row = |one| {
            let related = (0..events.len()).filter(|&two| holds(one, two));
            related.fold(0, |bits, two| bits | 1 << two)
        };
        Self((0..events.len()).map(row).collect())
    }

    fn has(&self, one: usize, two: usize) -> bool {
        self.0[one] & 1 << two != 0
    }

    fn or(&self, other: &Self) -> Self {
        Self(
            self.0
                .iter()
                .zip(&other.0)
                .map(|(one, two)| one | two)
                .collect(),
        )
    }

    /// First this one, then the other.
    fn then(&self, other: &Self) -> Self {
        let row = |row: &u32| {
            let next = (0..other.0.len()).filter(|it| row & 1 << it != 0);
            next.fold(0, |bits, it| bits | other.0[it])
        };
        Self(self.0.iter().map(row).collect())
    }

    fn maybe(&self) -> Self {
        let or_same = |(number, row): (usize, &u32)| row | 1 << number;
        Self(self.0.iter().enumerate().map(or_same).collect())
    }

    fn closed(&self) -> Self {
        let longer = self.or(&self.then(self));
        match longer == *self {
            true => longer,
            false => longer.closed(),
        }
    }

    fn is_irreflexive(&self) -> bool {
        (0..self.0.len()).all(|it| !self.has(it, it))
    }
}

/// All executions, in the words of [`interleave::execution`].
pub fn executions(program: &[Vec<Op>]) -> BTreeSet<String> {
    let mut events: Vec<Event> = (0..2)
        .map(|location| Event {
            thread: 0,
            index: 0,
            location: Some(location),
            reads: false,
            writes: true,
            order: Relaxed,
        })
        .collect();
    for (thread, ops) in program.iter().enumerate() {
        for (number, &op) in ops.iter().enumerate() {
            let (location, reads, writes, order) = match op {
                Op::Store(it, _, order) => (Some(it), false, true, order),
                Op::Load(it, order) => (Some(it), true, false, order),
                Op::Add(it, _, order) | Op::Swap(it, _, order) => (Some(it), true, true, order),
                Op::Fence(order) => (None, false, false, order),
                other => panic!("{other:?}"),
            };
            events.push(Event {
                thread: thread + 1,
                index: number + 2,
                location,
                reads,
                writes,
                order,
            });
        }
    }
    let mut found = BTreeSet::new();
    let orders = [0, 1].map(|location| {
        let at = |&it: &usize| events[it].writes && events[it].location == Some(location);
        let rest: Vec<_> = (2..events.len()).filter(at).collect();
        permutations(&rest)
    });
    for first in &orders[0] {
        for second in &orders[1] {
            let order = [first, second].map(|rest| rest.as_slice());
            let mut candidate = Candidate {
                events: &events,
                order,
                read: vec![None; events.len()],
            };
            candidate.try_all(0, &mut found);
        }
    }
    found
}

fn permutations(all: &[usize]) -> Vec<Vec<usize>> {
    let Some((&first, rest)) = all.split_first() else {
        return vec![Vec::new()];
    };
    let put = |rest: Vec<usize>| {
        (0..=rest.len()).map(move |place| {
            let mut all = rest.clone();
            all.insert(place, first);
            all
        })
    };
    permutations(rest).into_iter().flat_map(put).collect()
}

struct Candidate<'a> {
    events: &'a [Event],
    /// The writes of each location behind the initial one.
    order: [&'a [usize]; 2],
    read: Vec<Option<usize>>,
}

impl Candidate<'_> {
    /// Tries all that can be read by this event and those behind it.
    fn try_all(&mut self, event: usize, found: &mut BTreeSet<String>) {
        let Some(&Event {
            location, reads, ..
        }) = self.events.get(event)
        else {
            if self.is_consistent() {
                found.insert(self.in_words());
            }
            return;
        };
        let Some(location) = location.filter(|_| reads) else {
            return self.try_all(event + 1, found);
        };
        for write in [location].iter().chain(self.order[location]) {
            self.read[event] = Some(*write);
            self.try_all(event + 1, found);
        }
    }

    fn is_consistent(&self) -> bool {
        let all = self.events;
        let relation = |holds: &dyn Fn(usize, usize) -> bool| Relation::of(all, holds);
        let only =
            |holds: &dyn Fn(&Event) -> bool| relation(&|one, two| one == two && holds(&all[one]));
        let same = |one: usize, two: usize| {
            all[one].location.is_some() && all[one].location == all[two].location
        };

        let po = relation(&|one, two| {
            let (one, two) = (&all[one], &all[two]);
            let of_one = one.thread == two.thread && one.index < two.index;
            (one.index == 0 && two.index > 0) || of_one
        });
        let rf = relation(&|one, two| self.read[two] == Some(one));
        let place = |write: usize| {
            let order = self.order[all[write].location.unwrap_or(0)];
            order
                .iter()
                .position(|&it| it == write)
                .map_or(0, |place| place + 1)
        };
        let mo = relation(&|one, two| {
            all[one].writes && all[two].writes && same(one, two) && place(one) < place(two)
        });
        let rb = relation(&|one, two| {
            one != two && self.read[one].is_some_and(|read| mo.has(read, two))
        });
        let eco = rf.or(&mo).or(&rb).closed();

        let fence = only(&|it| it.location.is_none());
        let write = only(&|it| it.writes);
        let release = only(&|it| matches!(it.order, Release | AcqRel | SeqCst));
        let acquire = only(&|it| matches!(it.order, Acquire | AcqRel | SeqCst));
        let update = only(&|it| it.reads && it.writes);
        let sequence = rf.then(&update).closed().maybe();
        let sw = release
            .then(&fence.then(&po).or(&only(&|_| true)))
            .then(&write)
            .then(&sequence)
            .then(&rf)
            .then(&po.then(&fence).or(&only(&|_| true)))
            .then(&acquire);
        let hb = po.or(&sw).closed();

        let apart = relation(&|one, two| po.has(one, two) && !same(one, two));
        let hb_at_one = relation(&|one, two| hb.has(one, two) && same(one, two));
        let scb = po
            .or(&apart.then(&hb).then(&apart))
            .or(&hb_at_one)
            .or(&mo)
            .or(&rb);
        let sc = only(&|it| it.order == SeqCst);
        let sc_fence = sc.then(&fence);
        let base = sc
            .or(&sc_fence.then(&hb.maybe()))
            .then(&scb)
            .then(&sc.or(&hb.maybe().then(&sc_fence)));
        let fences = sc_fence
            .then(&hb.or(&hb.then(&eco).then(&hb)))
            .then(&sc_fence);

        po.or(&rf).closed().is_irreflexive()
            && eco.is_irreflexive()
            && hb.is_irreflexive()
            && hb.then(&eco).is_irreflexive()
            && base.or(&fences).closed().is_irreflexive()
    }

    fn in_words(&self) -> String {
        let name = |it: usize| {
            let Event { thread, index, .. } = self.events[it];
            match index {
                0 => "0".into(),
                _ => format!("{thread}.{index}"),
            }
        };
        let last = self.events.iter().map(|it| it.thread).max().unwrap_or(0);
        let mut words = String::new();
        for thread in 0..=last {
            let own = (0..self.events.len()).filter(|&it| self.events[it].thread == thread);
            let read: Vec<String> = own.filter_map(|it| self.read[it]).map(name).collect();
            words += &format!("{thread}: {} ", read.join(","));
        }
        let order = |order: &&[usize]| {
            order
                .iter()
                .map(|&it| name(it))
                .collect::<Vec<_>>()
                .join("<")
        };
        let mut orders: Vec<String> = self.order.iter().map(order).collect();
        orders.retain(|order| !order.is_empty());
        orders.sort();
        words + &orders.join(" ")
    }
}
