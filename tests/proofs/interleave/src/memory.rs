//! What Rust's memory model allows: an execution as a graph, to which one access is added after the
//! other.
//!
//! Rust has the atomics of C++20. The rules here are those of *RC11* (O. Lahav, V. Vafeiadis, J. Kang,
//! C.-K. Hur, D. Dreyer: Repairing Sequential Consistency in C/C++11, PLDI 2017), with the release
//! sequences of C++20, in which only read-modify-writes continue one. A load reads what has been
//! written: that no value comes out of thin air (`po ∪ rf` has no cycle) is so by construction.
//!
//! - For each location there is the *modification order* (`mo`) of its writes.
//! - What *happens before* (`hb`) an event, its [`Clock`] knows.
//! - A load may read each write that is not older in `mo` than one that the thread knows of, by its own
//!   accesses or by those that happen before. A store may be put before any write that may be older
//!   than it in this sense, but not between a read-modify-write and what that has read.
//! - Events that are `SeqCst` are nodes of a second graph, `psc` in the paper, that must have no cycle.
//!
//! No new event comes before an older one in `po`, `rf` or `hb`. So what is not consistent
//! cannot become so, and what is added last can always read, or be, the newest write.

use std::sync::atomic::Ordering;

use fixedbitset::FixedBitSet;

/// An access to an atomic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A load.
    Load(Ordering),
    /// A store.
    Store(Ordering),
    /// It reads, and always writes.
    Update(Ordering),
    /// A compare and swap: an update if it reads the expected value, otherwise a load.
    Exchange {
        /// The value, as [`Execution::set_value`] knows it.
        expected: u64,
        /// How the update is ordered.
        success: Ordering,
        /// How the load is ordered.
        failure: Ordering,
    },
}

/// What an access does: events are called by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It reads this write, and writes nothing.
    Reads(usize),
    /// It reads this write, and comes right behind it in the modification order.
    Follows(usize),
    /// It reads nothing, and comes right before this write, or behind all there are.
    Before(Option<usize>),
}

impl Access {
    /// Whether it, or what it may come to, is not `SeqCst`.
    pub(crate) fn is_weaker(self) -> bool {
        match self {
            Self::Load(order) | Self::Store(order) | Self::Update(order) => {
                order != Ordering::SeqCst
            }
            Self::Exchange {
                success, failure, ..
            } => (success, failure) != (Ordering::SeqCst, Ordering::SeqCst),
        }
    }

    fn order(self, way: Way) -> Ordering {
        match (self, way) {
            (Self::Exchange { failure, .. }, Way::Reads(_)) => failure,
            (Self::Exchange { success, .. }, _) => success,
            (Self::Load(order) | Self::Store(order) | Self::Update(order), _) => order,
        }
    }
}

fn acquires(order: Ordering) -> bool {
    matches!(
        order,
        Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst
    )
}

fn releases(order: Ordering) -> bool {
    matches!(
        order,
        Ordering::Release | Ordering::AcqRel | Ordering::SeqCst
    )
}

/// Of each thread, how many of its events are known: a vector clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock(Vec<u32>);

impl Clock {
    fn of(&self, thread: usize) -> u32 {
        self.0.get(thread).copied().unwrap_or(0)
    }

    fn count_to(&mut self, thread: usize, index: u32) {
        if self.0.len() <= thread {
            self.0.resize(thread + 1, 0);
        }
        self.0[thread] = index;
    }

    /// Knows all that the other one knows, too.
    pub fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, its) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*its);
        }
    }

    fn knows(&self, event: &Event) -> bool {
        event.index <= self.of(event.thread)
    }
}

/// An access, a fence, or something else by which threads are ordered.
#[derive(Clone, Debug)]
struct Event {
    thread: usize,
    /// It is the how manieth of its thread, from 1 on. That of a location's initial write is 0: it
    /// happens before all others.
    index: u32,
    location: Option<usize>,
    /// It is an access or a fence that is `SeqCst`.
    is_sc: bool,
    reads: Option<usize>,
    /// It is a write.
    writes: bool,
    /// The place in the modification order: of the write, or of the first one behind what is read.
    rank: usize,
    /// A read-modify-write has read it.
    is_taken: bool,
    value: u64,
    /// What happens before it, and itself.
    clock: Clock,
    /// Of a write: what is known to those that synchronise with it.
    released: Clock,
    /// The last event of its thread before it that is at no location, or at another one.
    apart: Option<usize>,
    /// The write whose value it has left as it was; itself, if there is none.
    origin: usize,
}

impl Event {
    fn is_sc_fence(&self) -> bool {
        self.is_sc && self.location.is_none()
    }

    /// The events are at different locations, as far as they are at one.
    fn is_apart(&self, other: &Self) -> bool {
        self.location.is_none() || self.location != other.location
    }
}

#[derive(Clone, Debug, Default)]
struct Thread {
    events: Vec<usize>,
    clock: Clock,
    /// What an acquire fence would make known: the releases of all that was read.
    read: Clock,
    /// What was known at the last release fence: each store releases it.
    fence: Clock,
}

#[derive(Clone, Debug, Default)]
struct Location {
    /// Its writes, the oldest first.
    writes: Vec<usize>,
    /// Its accesses, by thread.
    accesses: Vec<Vec<usize>>,
}

/// A graph of events.
#[derive(Clone, Debug, Default)]
pub struct Execution {
    events: Vec<Event>,
    threads: Vec<Thread>,
    locations: Vec<Location>,
    /// The events that are `SeqCst`: the nodes of `psc`.
    nodes: Vec<usize>,
    /// The nodes to which a way leads from each.
    reach: Vec<FixedBitSet>,
}

impl Execution {
    /// A new location, with its initial value.
    pub fn locate(&mut self, value: u64) -> usize {
        let (write, location) = (self.events.len(), self.locations.len());
        self.events.push(Event {
            thread: 0,
            index: 0,
            location: Some(location),
            is_sc: false,
            reads: None,
            writes: true,
            rank: 0,
            is_taken: false,
            value,
            clock: Clock::default(),
            released: Clock::default(),
            apart: None,
            origin: write,
        });
        self.locations.push(Location {
            writes: vec![write],
            accesses: Vec::new(),
        });
        location
    }

    fn thread(&mut self, number: usize) -> &mut Thread {
        if self.threads.len() <= number {
            self.threads.resize_with(number + 1, Thread::default);
        }
        &mut self.threads[number]
    }

    /// The rank of the oldest write that the thread may read.
    fn view(&self, thread: usize, location: usize) -> usize {
        let none = Clock::default();
        let clock = self.threads.get(thread).map_or(&none, |it| &it.clock);
        let accesses = self.locations[location].accesses.iter();
        let last = accesses.filter_map(|accesses| {
            let mut accesses = accesses.iter().rev().map(|&it| &self.events[it]);
            let last = accesses.find(|event| clock.knows(event))?;
            Some(match (last.writes, last.reads) {
                (false, Some(write)) => self.events[write].rank,
                _ => last.rank,
            })
        });
        last.max().unwrap_or(0)
    }

    /// All that a thread's next access can do, with the newest write first.
    pub fn ways(&self, thread: usize, location: usize, access: Access) -> Vec<Way> {
        let view = self.view(thread, location);
        let writes = &self.locations[location].writes;
        let read = writes[view..].iter().rev();
        let mut ways: Vec<Way> = match access {
            Access::Load(_) => read.map(|&write| Way::Reads(write)).collect(),
            Access::Update(_) => read
                .filter(|&&write| !self.events[write].is_taken)
                .map(|&write| Way::Follows(write))
                .collect(),
            Access::Exchange { expected, .. } => read
                .filter_map(|&write| {
                    let Event {
                        value, is_taken, ..
                    } = self.events[write];
                    match value == expected {
                        true => (!is_taken).then_some(Way::Follows(write)),
                        false => Some(Way::Reads(write)),
                    }
                })
                .collect(),
            Access::Store(_) => {
                let behind = writes[view + 1..].iter().rev();
                let behind = behind.filter(|&&write| self.events[write].reads.is_none());
                let behind = behind.map(|&write| Way::Before(Some(write)));
                [Way::Before(None)].into_iter().chain(behind).collect()
            }
        };
        if !self.nodes.is_empty() {
            ways.retain(|&way| self.is_consistent(&self.access(thread, location, access, way)));
        }
        ways
    }

    /// What the thread's next event would be, if it is at this location or at none.
    fn event(&self, thread: usize, location: Option<usize>, order: Ordering) -> Event {
        let before = self.threads.get(thread);
        let mut event = Event {
            thread,
            index: self.next(thread),
            location,
            is_sc: order == Ordering::SeqCst,
            reads: None,
            writes: false,
            rank: 0,
            is_taken: false,
            value: 0,
            clock: before.map_or_else(Clock::default, |before| before.clock.clone()),
            released: Clock::default(),
            apart: None,
            origin: self.events.len(),
        };
        event.clock.count_to(thread, event.index);
        let last = before.and_then(|before| before.events.last());
        event.apart = last.and_then(|&last| match &self.events[last] {
            other if other.is_apart(&event) => Some(last),
            other => other.apart,
        });
        event
    }

    /// The same for an access in this way.
    fn access(&self, thread: usize, location: usize, access: Access, way: Way) -> Event {
        let order = access.order(way);
        let mut event = self.event(thread, Some(location), order);
        event.writes = !matches!(way, Way::Reads(_));
        event.rank = match way {
            Way::Reads(write) | Way::Follows(write) => self.events[write].rank + 1,
            Way::Before(Some(write)) => self.events[write].rank,
            Way::Before(None) => self.locations[location].writes.len(),
        };
        if let Way::Reads(read) | Way::Follows(read) = way {
            let write = &self.events[read];
            event.reads = Some(read);
            if acquires(order) {
                event.clock.join(&write.released);
            }
            if event.writes {
                event.released = write.released.clone();
            }
        }
        match self.threads.get(thread) {
            _ if !event.writes => {}
            _ if releases(order) => event.released.join(&event.clock),
            before => event
                .released
                .join(before.map_or(&Clock::default(), |it| &it.fence)),
        }
        event
    }

    /// Adds an access that the thread makes in this way, and returns the value that it reads.
    pub fn add(&mut self, thread: usize, location: usize, access: Access, way: Way) -> Option<u64> {
        let event = self.access(thread, location, access, way);
        let read = event.reads.map(|write| self.events[write].value);
        self.push(event);
        read
    }

    /// Adds a fence.
    pub fn fence(&mut self, thread: usize, order: Ordering) {
        let mut event = self.event(thread, None, order);
        if acquires(order) {
            event.clock.join(&self.thread(thread).read);
        }
        let clock = event.clock.clone();
        self.push(event);
        if releases(order) {
            self.thread(thread).fence = clock;
        }
    }

    /// The thread makes known what it knows, by something that is no atomic.
    pub fn release(&mut self, thread: usize) -> Clock {
        let event = self.event(thread, None, Ordering::Relaxed);
        let clock = event.clock.clone();
        self.push(event);
        clock
    }

    /// The thread learns what was made known.
    pub fn acquire(&mut self, thread: usize, known: &Clock) {
        let mut event = self.event(thread, None, Ordering::Relaxed);
        event.clock.join(known);
        self.push(event);
    }

    /// The index that the thread's next event will have.
    pub fn next(&self, thread: usize) -> u32 {
        let events = self.threads.get(thread).map_or(0, |it| it.events.len());
        events as u32 + 1
    }

    /// Whether what the thread does now comes behind that event of the other one.
    pub fn knows(&self, thread: usize, other: usize, index: u32) -> bool {
        let known = self.threads.get(thread).map_or(0, |it| it.clock.of(other));
        thread == other || index <= known
    }

    fn push(&mut self, event: Event) {
        let (number, thread) = (self.events.len(), event.thread);
        self.connect(&event, number);
        if let Some(location) = event.location {
            let Location { writes, accesses } = &mut self.locations[location];
            if accesses.len() <= thread {
                accesses.resize_with(thread + 1, Vec::new);
            }
            accesses[thread].push(number);
            if event.writes {
                for &newer in &writes[event.rank..] {
                    self.events[newer].rank += 1;
                }
                writes.insert(event.rank, number);
            }
        }
        if let Some(write) = event.reads {
            self.events[write].is_taken |= event.writes;
            let released = self.events[write].released.clone();
            self.thread(thread).read.join(&released);
        }
        let own = self.thread(thread);
        own.events.push(number);
        own.clock = event.clock.clone();
        self.events.push(event);
    }

    /// The last event of the thread is a write of this value. Returns the newest value of the
    /// location.
    pub fn set_value(&mut self, thread: usize, value: u64) -> u64 {
        let number = self.last(thread);
        let event = &self.events[number];
        let writes = &self.locations[event.location.expect("a write")].writes;
        // A thread that writes the same again and again does nothing new.
        let same = event.reads.or_else(|| {
            let older = writes[event.rank.checked_sub(1)?];
            let write = &self.events[older];
            let same = write.thread == thread && write.index > 0;
            (same && write.released == event.released).then_some(older)
        });
        let same = same.map(|write| &self.events[write]);
        let origin = same.filter(|write| write.value == value);
        let origin = origin.map_or(number, |write| write.origin);
        let newest = *writes.last().expect("the initial write");
        self.events[number].origin = origin;
        self.events[number].value = value;
        self.events[newest].value
    }

    /// The value of a write.
    pub fn value(&self, write: usize) -> u64 {
        self.events[write].value
    }

    fn last(&self, thread: usize) -> usize {
        let events = &self.threads[thread].events;
        *events.last().expect("it has made an access")
    }

    /// The newest value of a location.
    pub fn newest(&self, location: usize) -> u64 {
        let writes = &self.locations[location].writes;
        self.events[*writes.last().expect("the initial write")].value
    }

    /// Of the last event of the thread: the newest value of its location, if that is of a newer
    /// write than what it has read or written.
    pub fn newer(&self, thread: usize) -> Option<u64> {
        let event = &self.events[self.last(thread)];
        let writes = &self.locations[event.location?].writes;
        let next = event.rank + usize::from(event.writes);
        let newest = writes[next..].last()?;
        Some(self.events[*newest].value)
    }

    /// What the last event of the thread has found, or left: a write.
    pub fn found(&self, thread: usize) -> usize {
        let number = self.last(thread);
        let event = &self.events[number];
        match event.writes {
            true => event.origin,
            false => self.events[event.reads.unwrap_or(number)].origin,
        }
    }

    /// What a way would find: a write; nothing if it only writes.
    pub fn finds(&self, way: Way) -> Option<usize> {
        match way {
            Way::Reads(write) | Way::Follows(write) => Some(self.events[write].origin),
            Way::Before(_) => None,
        }
    }

    /// Whether the thread may read there what differs from this.
    pub fn may_find_other(&self, thread: usize, location: usize, found: usize) -> bool {
        let view = self.view(thread, location);
        let mut writes = self.locations[location].writes[view..].iter();
        writes.any(|&write| self.events[write].origin != found)
    }

    /// The graph in words that do not depend on the order in which it was made, as long as the
    /// threads have the same numbers: what each event of each thread reads or follows, and the order
    /// of the writes.
    pub fn canonical(&self) -> String {
        let name = |number: usize| {
            let Event { thread, index, .. } = self.events[number];
            match index {
                0 => "0".into(),
                _ => format!("{thread}.{index}"),
            }
        };
        let mut text = String::new();
        for (number, thread) in self.threads.iter().enumerate() {
            let events = thread.events.iter().map(|&event| &self.events[event]);
            let read = events.filter_map(|event| event.reads).map(name);
            text += &format!("{number}: {} ", read.collect::<Vec<_>>().join(","));
        }
        let orders = self.locations.iter().filter_map(|location| {
            let order: Vec<_> = location.writes[1..].iter().map(|&it| name(it)).collect();
            (!order.is_empty()).then(|| order.join("<"))
        });
        let mut orders: Vec<_> = orders.collect();
        orders.sort();
        text + &orders.join(" ")
    }
}

/// What is `SeqCst`.
impl Execution {
    /// `scb` of the paper, for events in the graph, the second of which may be about to be added.
    fn is_before(&self, one: &Event, other: &Event) -> bool {
        if one.index == 0 {
            return false;
        }
        if one.thread == other.thread {
            return one.index < other.index;
        }
        if one.location.is_some() && one.location == other.location {
            let older = other.writes && self.is_older(one, other);
            if older || other.clock.knows(one) {
                return true;
            }
        }
        // By two events of other locations.
        let Some(apart) = other.apart else {
            return false;
        };
        let behind = &self.threads[one.thread].events[one.index as usize..];
        let mut behind = behind.iter().map(|&event| &self.events[event]);
        let next = behind.find(|event| event.is_apart(one));
        next.is_some_and(|next| self.events[apart].clock.knows(next))
    }

    /// The nodes from which an edge leads to this event, which is `SeqCst` and about to be added.
    fn sources(&self, event: &Event) -> FixedBitSet {
        let fence = event.is_sc_fence();
        let known = self.events.iter().filter(|it| event.clock.knows(it));
        let targets: Vec<&Event> = known.filter(|_| fence).chain([event]).collect();
        let before = |one: &Event| targets.iter().any(|it| self.is_before(one, it));
        // What a fence has to be known to, so that an edge leads from it.
        let mut reached = Clock::default();
        if fence {
            reached.join(&event.clock);
            for write in targets.iter().filter_map(|it| it.reads) {
                let write = &self.events[write];
                reached.join(&write.clock);
                for older in self.events.iter().filter(|it| self.is_older(it, write)) {
                    reached.join(&older.clock);
                }
            }
        }
        let mut sources = FixedBitSet::with_capacity(self.nodes.len());
        for one in self.events.iter().filter(|one| before(one)) {
            reached.join(&one.clock);
        }
        for (number, &node) in self.nodes.iter().enumerate() {
            let node = &self.events[node];
            let is_source = match node.is_sc_fence() {
                true => reached.knows(node),
                false => before(node),
            };
            sources.set(number, is_source);
        }
        sources
    }

    /// Whether the access comes before the write by `mo` or `rb`.
    fn is_older(&self, one: &Event, write: &Event) -> bool {
        let rank = match (one.writes, one.reads) {
            (true, _) => one.rank,
            (false, Some(read)) => self.events[read].rank,
            (false, None) => return false,
        };
        one.location == write.location && rank < write.rank
    }

    /// The nodes to which an edge leads from an access that is about to be added, and the
    /// fences to which one leads from each fence that happens before it.
    fn targets(&self, event: &Event) -> (FixedBitSet, FixedBitSet) {
        let mut from_access = FixedBitSet::with_capacity(self.nodes.len());
        let mut from_fence = from_access.clone();
        let Some(location) = event.location else {
            return (from_access, from_fence);
        };
        let newer = &self.locations[location].writes[event.rank..];
        let reads_newer = |it: &&Event| it.reads.is_some_and(|read| newer.contains(&read));
        let readers: Vec<_> = self.events.iter().filter(reads_newer).collect();
        for (number, &node) in self.nodes.iter().enumerate() {
            let it = &self.events[node];
            let knows = |write: &usize| it.clock.knows(&self.events[*write]);
            let fence = it.is_sc_fence();
            let is_target = newer.contains(&node) || (fence && newer.iter().any(knows));
            from_access.set(number, is_target);
            let knows_reader = fence && readers.iter().any(|reader| it.clock.knows(reader));
            from_fence.set(number, is_target || knows_reader);
        }
        (from_access, from_fence)
    }

    /// The fences that happen before it.
    fn fences(&self, event: &Event) -> FixedBitSet {
        let mut fences = FixedBitSet::with_capacity(self.nodes.len());
        for (number, &node) in self.nodes.iter().enumerate() {
            let node = &self.events[node];
            fences.set(number, node.is_sc_fence() && event.clock.knows(node));
        }
        fences
    }

    /// The nodes to which a way leads from one of these, and these.
    fn reached(&self, from: &FixedBitSet) -> FixedBitSet {
        let mut all = from.clone();
        for node in from.ones() {
            all.union_with(&self.reach[node]);
        }
        all
    }

    /// Whether `psc` has no cycle if this access is added.
    fn is_consistent(&self, event: &Event) -> bool {
        let (from_access, from_fence) = self.targets(event);
        // All that is older comes before it, and nothing behind it.
        if from_fence.is_clear() {
            return true;
        }
        let by_fence = self.reached(&from_fence).is_disjoint(&self.fences(event));
        let by_access = || self.reached(&from_access).is_disjoint(&self.sources(event));
        by_fence && (!event.is_sc || by_access())
    }

    /// Adds the edges of an event that is about to be added with this number.
    fn connect(&mut self, event: &Event, number: usize) {
        if self.nodes.is_empty() && !event.is_sc {
            return;
        }
        let (from_access, from_fence) = self.targets(event);
        if !from_fence.is_clear() {
            let fences = self.fences(event);
            let all = self.reached(&from_fence);
            self.lead(&fences, &all);
        }
        if event.is_sc {
            let sources = self.sources(event);
            let mut all = self.reached(&from_access);
            self.reach.push(all.clone());
            all.grow_and_insert(self.nodes.len());
            self.nodes.push(number);
            self.lead(&sources, &all);
        }
    }

    /// Ways lead from each of these nodes to all of those.
    fn lead(&mut self, from: &FixedBitSet, to: &FixedBitSet) {
        for (number, reach) in self.reach.iter_mut().enumerate() {
            if from.contains(number) || !reach.is_disjoint(from) {
                reach.grow(to.len());
                reach.union_with(to);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

    use super::*;

    /// Adds the access in its newest way, and a value if it writes one.
    fn act(it: &mut Execution, thread: usize, location: usize, access: Access, value: u64) -> u64 {
        let way = it.ways(thread, location, access)[0];
        let read = it.add(thread, location, access, way);
        if !matches!(way, Way::Reads(_)) {
            it.set_value(thread, value);
        }
        read.unwrap_or(0)
    }

    /// The values that the thread may load there.
    fn loads(it: &Execution, thread: usize, location: usize, order: Ordering) -> BTreeSet<u64> {
        let ways = it.ways(thread, location, Access::Load(order));
        let values = ways.into_iter().filter_map(|way| match way {
            Way::Reads(write) => Some(it.events[write].value),
            _ => None,
        });
        values.collect()
    }

    #[test]
    fn a_thread_reads_nothing_older_than_what_it_knows() {
        let mut it = Execution::default();
        let x = it.locate(0);
        act(&mut it, 1, x, Access::Store(Relaxed), 1);
        act(&mut it, 1, x, Access::Store(Relaxed), 2);
        assert_eq!(loads(&it, 1, x, Relaxed), [2].into());
        assert_eq!(loads(&it, 2, x, Relaxed), [0, 1, 2].into());
        it.add(2, x, Access::Load(Relaxed), Way::Reads(1));
        assert_eq!(loads(&it, 2, x, Relaxed), [1, 2].into());
    }

    #[test]
    fn a_store_may_come_before_others_but_not_behind_an_update() {
        let mut it = Execution::default();
        let x = it.locate(0);
        act(&mut it, 1, x, Access::Store(Relaxed), 1);
        act(&mut it, 2, x, Access::Update(Relaxed), 2);
        let ways = it.ways(3, x, Access::Store(Relaxed));
        assert_eq!(ways, [Way::Before(None), Way::Before(Some(1))]);
        // What is taken cannot be taken again; the initial write can.
        let ways = it.ways(3, x, Access::Update(Relaxed));
        assert_eq!(ways, [Way::Follows(2), Way::Follows(0)]);
        it.add(3, x, Access::Store(Relaxed), Way::Before(Some(1)));
        assert_eq!(it.set_value(3, 3), 2);
        assert_eq!(it.newer(3), Some(2));
    }

    #[test]
    fn a_compare_and_swap_fails_where_it_reads_another_value() {
        let mut it = Execution::default();
        let x = it.locate(0);
        act(&mut it, 1, x, Access::Store(Relaxed), 1);
        let swap = Access::Exchange {
            expected: 0,
            success: AcqRel,
            failure: Relaxed,
        };
        assert_eq!(it.ways(2, x, swap), [Way::Reads(1), Way::Follows(0)]);
    }

    /// The values of `data` that can be read behind a flag that was raised.
    fn message(
        write: impl Fn(&mut Execution, usize),
        read: impl Fn(&mut Execution, usize),
    ) -> bool {
        let mut it = Execution::default();
        let (data, flag) = (it.locate(0), it.locate(0));
        act(&mut it, 1, data, Access::Store(Relaxed), 1);
        write(&mut it, flag);
        read(&mut it, flag);
        loads(&it, 2, data, Relaxed).contains(&0)
    }

    #[test]
    fn a_release_is_known_to_those_that_acquire_it() {
        let store =
            |order| move |it: &mut Execution, flag| _ = act(it, 1, flag, Access::Store(order), 1);
        let load =
            |order| move |it: &mut Execution, flag| _ = act(it, 2, flag, Access::Load(order), 0);
        assert!(!message(store(Release), load(Acquire)));
        assert!(!message(store(SeqCst), load(SeqCst)));
        assert!(message(store(Relaxed), load(Acquire)));
        assert!(message(store(Release), load(Relaxed)));
        let fenced_store = |it: &mut Execution, flag| {
            it.fence(1, Release);
            act(it, 1, flag, Access::Store(Relaxed), 1);
        };
        let fenced_load = |it: &mut Execution, flag| {
            act(it, 2, flag, Access::Load(Relaxed), 0);
            it.fence(2, Acquire);
        };
        assert!(!message(fenced_store, fenced_load));
        assert!(!message(store(Release), fenced_load));
        assert!(!message(fenced_store, load(Acquire)));
    }

    #[test]
    fn an_update_continues_a_release_and_a_store_does_not() {
        let release = |it: &mut Execution, flag| _ = act(it, 1, flag, Access::Store(Release), 1);
        let acquire = |it: &mut Execution, flag| _ = act(it, 2, flag, Access::Load(Acquire), 0);
        let behind = |thread, access| {
            move |it: &mut Execution, flag| {
                release(it, flag);
                act(it, thread, flag, access, 2);
            }
        };
        assert!(!message(behind(3, Access::Update(Relaxed)), acquire));
        assert!(message(behind(3, Access::Store(Relaxed)), acquire));
        // As in C++20, also if it is of the same thread.
        assert!(message(behind(1, Access::Store(Relaxed)), acquire));
    }

    #[test]
    fn sequential_consistency_has_no_cycle() {
        for (order, read) in [(SeqCst, &[1][..]), (Acquire, &[0, 1])] {
            let mut it = Execution::default();
            let (x, y) = (it.locate(0), it.locate(0));
            act(&mut it, 1, x, Access::Store(SeqCst), 1);
            it.add(1, y, Access::Load(order), Way::Reads(1));
            act(&mut it, 2, y, Access::Store(SeqCst), 1);
            let read: BTreeSet<u64> = read.iter().copied().collect();
            assert_eq!(loads(&it, 2, x, SeqCst), read, "{order:?}");
        }
    }

    #[test]
    fn fences_order_what_is_around_them() {
        for (order, read) in [(SeqCst, &[1][..]), (AcqRel, &[0, 1])] {
            let mut it = Execution::default();
            let (x, y) = (it.locate(0), it.locate(0));
            act(&mut it, 1, x, Access::Store(Relaxed), 1);
            it.fence(1, SeqCst);
            it.add(1, y, Access::Load(Relaxed), Way::Reads(1));
            act(&mut it, 2, y, Access::Store(Relaxed), 1);
            it.fence(2, order);
            let read: BTreeSet<u64> = read.iter().copied().collect();
            assert_eq!(loads(&it, 2, x, Relaxed), read, "{order:?}");
        }
    }

    #[test]
    fn what_is_not_atomic_orders_too() {
        let mut it = Execution::default();
        let x = it.locate(0);
        act(&mut it, 1, x, Access::Store(Relaxed), 1);
        let now = it.next(1);
        let known = it.release(1);
        assert!(!it.knows(2, 1, now));
        it.acquire(2, &known);
        assert!(it.knows(2, 1, now) && !it.knows(2, 1, now + 1));
        assert_eq!(loads(&it, 2, x, Relaxed), [1].into());
    }
}
