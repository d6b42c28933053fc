//! Accesses to atomics, and what else orders threads; as [`Memory::Rust`] has it.

use std::panic::Location;
use std::sync::atomic::Ordering;

use crate::memory::{Access, Clock, Way};
use crate::own::{Seen, Version, place};
use crate::{Chosen, Id, Memory, PerRun, Ready, Run, Thread, take, text, with};

/// What an access has come to.
#[derive(Clone, Copy, Debug)]
pub struct Accessed {
    /// How it was chosen.
    pub chosen: Chosen,
    /// The value that it has read; nothing if that is the one that all threads see.
    pub read: Option<u64>,
    /// The newest value, if the one that it has read is older.
    pub newer: Option<u64>,
}

/// A step that accesses this atomic, which all threads see with the value `now`, if they do. What it
/// writes is told by [`wrote`], before the next step. Values are numbers here; `words` says what
/// they mean.
#[track_caller]
pub fn access(
    next: impl FnOnce() -> String,
    ready: Ready,
    id: Id,
    now: u64,
    words: fn(u64) -> String,
    access: Access,
) -> Accessed {
    let looks = id.looked_at();
    with(|run| run.name(access.is_weaker()));
    let location = with(|run| run.location(id, now)).flatten();
    let (touched, what) = match (location, access) {
        (Some(location), _) => (looks, Some((location, access, words))),
        (None, Access::Load(_)) => (looks, None),
        (None, _) => (id, None),
    };
    with(|run| run.accessed = false);
    let chosen = take(Location::caller(), next, ready, &[touched], what);
    let (read, newer) = with(|run| match run.accessed {
        true => (run.read, run.memory.newer(run.current)),
        false => (None, None),
    })
    .unwrap_or_default();
    Accessed {
        chosen,
        read,
        newer: newer.filter(|_| read.is_some()),
    }
}

/// The value that the access has written. Returns the newest one, if that is another write.
pub fn wrote(value: u64) -> Option<u64> {
    with(|run| {
        if !run.accessed {
            return None;
        }
        let current = run.current;
        run.memory.set_value(current, value);
        run.see();
        run.memory.newer(current)
    })
    .flatten()
}

/// What threads may share without an atomic and without a lock, if something else orders their
/// accesses: otherwise that is a *data race*, and the execution ends.
#[derive(Debug)]
pub struct Plain(PerRun<Id>);

/// An access to it.
pub(crate) struct Touch {
    thread: usize,
    /// It comes before the event of its thread that has this index.
    index: u32,
    writes: bool,
    /// None, if it is the end.
    place: Option<&'static Location<'static>>,
}

impl Plain {
    /// No access yet.
    #[expect(clippy::new_without_default, reason = "const")]
    pub const fn new() -> Self {
        Self(PerRun::new())
    }

    /// An access of the running thread at the place of the caller. No step: without a data race, it
    /// has its place in the order of the others. Whether it writes, the source says: unless it is
    /// clear that it reads, it writes.
    #[track_caller]
    pub fn access(&self) {
        let (id, place) = (self.0.get(), Location::caller());
        with(|run| {
            run.name(true);
            run.touch(id.number, Some(place));
        });
    }
}

impl Drop for Plain {
    /// Who ends it writes it. (What no thread has accessed has no end that could be seen.)
    fn drop(&mut self) {
        if let Some(id) = self.0.known() {
            with(|run| run.touch(id.number, None));
        }
    }
}

/// Whether an access may read what is not the newest: see [`Memory`].
pub fn is_weak() -> bool {
    with(|run| run.is_ordered()) == Some(true)
}

/// A fence of the running thread. No step: no other thread can tell when. Returns whether it
/// makes a difference: see [`is_weak`].
pub fn fence(order: Ordering) -> bool {
    let fence = |run: &mut Run| {
        run.name(true);
        let is_ordered = run.is_ordered();
        if is_ordered {
            run.memory.fence(run.current, order);
        }
        is_ordered
    };
    with(fence) == Some(true)
}

/// What the running thread knows: for those that [`learn`] it.
pub fn clock() -> Clock {
    let clock = with(|run| match run.is_ordered() {
        true => run.memory.release(run.current),
        false => Clock::default(),
    });
    clock.unwrap_or_default()
}

/// What the running thread does from now on happens after all that this clock knows.
pub fn learn(clock: &Clock) {
    with(|run| {
        if run.is_ordered() {
            run.memory.acquire(run.current, clock);
        }
    });
}

/// What the running thread has done so far happens before what others do after they [`acquire`]
/// this object.
pub fn release(id: Id) {
    with(|run| {
        if run.is_ordered() {
            let clock = run.memory.release(run.current);
            run.released.entry(id.number).or_default().join(&clock);
        }
    });
}

/// The other half of [`release`].
pub fn acquire(id: Id) {
    let clock = with(|run| run.released.get(&id.number).cloned()).flatten();
    if let Some(clock) = clock {
        learn(&clock);
    }
}

/// Says that the program looks whether a thread has ended: what that does last cannot be taken first.
pub fn observes() {
    with(|run| {
        if run.weak && run.bounds.reduce && !run.observes {
            run.observes = true;
            run.again = true;
        }
    });
}

/// The execution so far in words, the same for each schedule of it: what each access has read, and
/// the modification orders. (Threads must have the same numbers in all of them.)
pub fn execution() -> String {
    with(|run| run.memory.canonical()).unwrap_or_default()
}

impl Run {
    /// The program names a fence or an ordering that may be weaker than `SeqCst`.
    fn name(&mut self, weaker: bool) {
        if weaker && !self.names && !self.aside && self.bounds.memory == Memory::AsNamed {
            self.names = true;
            self.again = true;
        }
    }

    /// Whether what the running thread does is part of the execution.
    fn is_ordered(&self) -> bool {
        self.weak && !self.aside && !self.is_over()
    }

    fn touch(&mut self, plain: usize, place: Option<&'static Location<'static>>) {
        if !self.is_ordered() {
            return;
        }
        let touch = Touch {
            thread: self.current,
            index: self.memory.next(self.current),
            writes: !place.is_some_and(text::reads),
            place,
        };
        let touches = self.plain.entry(plain).or_default();
        let race = touches.iter().find(|other| {
            let conflict = other.writes || touch.writes;
            conflict && !self.memory.knows(touch.thread, other.thread, other.index)
        });
        if let Some(other) = race {
            let mut both = [other, &touch];
            both.sort_by_key(|touch| touch.thread);
            let words = both.map(|touch| {
                let does = if touch.writes { "may write" } else { "reads" };
                let name = &self.threads[touch.thread].name;
                match touch.place {
                    Some(place) => format!("{name} {does} at {}", self::place(place)),
                    None => format!("{name} drops it"),
                }
            });
            self.ended.get_or_insert(Seen::Race(words.into()));
        }
        touches.push(touch);
    }

    /// The atomic as the execution knows it. If its value is not the newest one that was written,
    /// its only user has changed it, and it begins anew.
    fn location(&mut self, id: Id, now: u64) -> Option<usize> {
        if !self.is_ordered() {
            return None;
        }
        let known = self.locations.get(&id.number).copied();
        let known = known.filter(|&location| self.memory.newest(location) == now);
        Some(known.unwrap_or_else(|| {
            let location = self.memory.locate(now);
            self.locations.insert(id.number, location);
            location
        }))
    }

    /// Finds out what the next step of the thread can mean for the memory. A loop that has seen the same
    /// again and again sees something else next, if it can.
    pub(crate) fn find_ways(&mut self, thread: usize) {
        let next = self.threads[thread].next.as_ref();
        let mut ways = Vec::new();
        if let Some((location, access, _)) = next.and_then(|next| next.access) {
            ways = self.memory.ways(thread, location, access);
            if let Some(found) = self.has_found(thread) {
                let is_new = |it: &_| self.memory.finds(*it).is_none_or(|it| it != found);
                if ways.iter().any(is_new) {
                    let all = ways.len();
                    ways.retain(is_new);
                    // What follows if it sees the same once more is left out.
                    self.waited |= ways.len() < all;
                }
            }
        }
        self.threads[thread].ways = ways;
    }

    /// The thread takes its next step, chosen in this way.
    pub(crate) fn access(&mut self, thread: usize, chosen: Chosen) {
        let next = self.threads[thread].next.as_ref();
        let access = next.and_then(|next| next.access);
        let ways = &self.threads[thread].ways;
        let way = chosen.older().and_then(|by| ways.get(by)).copied();
        if let (Some((location, access, _)), Some(way)) = (access, way) {
            self.read = self.memory.add(thread, location, access, way);
            self.accessed = true;
            self.see();
        }
    }

    /// What it means to choose the thread's next step in this way, if there are several.
    pub(crate) fn means(&self, thread: usize, chosen: Chosen) -> Option<String> {
        let Thread { next, ways, .. } = &self.threads[thread];
        let (_, _, words) = next.as_ref()?.access?;
        let way = ways.get(chosen.older()?).filter(|_| ways.len() > 1)?;
        let value = |write| words(self.memory.value(write));
        Some(match *way {
            Way::Reads(write) | Way::Follows(write) => format!("reads {}", value(write)),
            Way::Before(Some(write)) => format!("writes before {}", value(write)),
            Way::Before(None) => "writes behind all".into(),
        })
    }

    /// Keeps in mind what the access of the running thread has found.
    fn see(&mut self) {
        let found = self.memory.found(self.current);
        let look = self.threads[self.current].looks.last_mut();
        if let Some(at) = look.and_then(|look| look.at.first_mut()) {
            at.1 = Version::of_write(found);
        }
    }
}
