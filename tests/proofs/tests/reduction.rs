//! What the reduced search leaves out has the same ends as something that it runs: tried with
//! programs that chance has put together of all the primitives of the models.

extern crate model_std as std;
extern crate std as real_std;

use interleave::Memory::{self, SequentiallyConsistent};
use interleave::{Bounds, End, Found, aside, search};
use parking_lot::{Condvar as QuickCondvar, Mutex as QuickMutex, Once, ReentrantMutex};
use parking_lot::{RwLock, RwLockUpgradableReadGuard as Upgradable, RwLockWriteGuard};
use real_std::collections::{BTreeMap, BTreeSet};
use real_std::sync::{Arc as RealArc, Mutex as RealMutex};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock as StdRwLock, Weak};
use std::thread::{self, Builder, JoinHandle};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(1);
const LARGEST: u64 = 250;

/// What a thread can do. Numbers choose one of several objects.
#[derive(Clone, Debug)]
enum Op {
    Load(usize),
    Store(usize, i64),
    Add(usize),
    CompareAndSwap(usize, i64),
    Locked(usize, Vec<Op>),
    Wait,
    WaitTimeout,
    WaitWhileZero,
    NotifyOne,
    NotifyAll,
    QuickLocked(usize, Vec<Op>),
    QuickTry,
    QuickTryFor,
    QuickWait,
    QuickWaitFor,
    QuickNotifyOne,
    QuickNotifyAll,
    Read(Vec<Op>),
    Write(Vec<Op>),
    UpgradableRead(Vec<Op>),
    TryRead,
    TryReadFor,
    TryWrite,
    TryWriteFor,
    TryUpgradableRead,
    /// By waiting, trying, or waiting in time; then it is a reader again.
    UpgradeLock(usize, Vec<Op>),
    Downgrades(Vec<Op>),
    Reenter(Vec<Op>),
    TryReenter,
    CallOnce(Vec<Op>),
    ForceOnce(Vec<Op>),
    WaitOnce,
    StdRead(Vec<Op>),
    StdWrite(Vec<Op>),
    StdTryRead,
    StdTryWrite,
    SendBounded(i64),
    TrySendBounded(i64),
    ReceiveBounded,
    TryReceiveBounded,
    DropBoundedSender,
    DropBoundedReceiver,
    Send(i64),
    CloneSender,
    DropSender,
    Receive,
    ReceiveTimeout,
    DropReceiver,
    CloneArc,
    DropArc,
    Downgrade,
    Upgrade,
    Spawn(Vec<Op>),
    Join,
    Detach,
    Yield,
    Panic,
    Catch(Vec<Op>),
}

/// What all threads share.
struct World {
    numbers: [AtomicI64; 2],
    mutexes: [Mutex<i64>; 2],
    condvar: Condvar,
    quick: [QuickMutex<i64>; 2],
    quick_condvar: QuickCondvar,
    book: RwLock<i64>,
    shelf: StdRwLock<i64>,
    reentrant: ReentrantMutex<()>,
    once: Once,
    /// What each thread has seen. No step: no other thread adds to a thread's own.
    seen: RealMutex<BTreeMap<String, Vec<String>>>,
}

impl World {
    fn lock(&self, number: usize) -> MutexGuard<'_, i64> {
        let mutex = &self.mutexes[number];
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something whose end can be seen.
struct Mark(RealArc<World>, i64);

impl Drop for Mark {
    fn drop(&mut self) {
        self.0.numbers[0].fetch_add(self.1, SeqCst);
    }
}

/// What a thread has for itself.
struct Own {
    world: RealArc<World>,
    name: String,
    children: usize,
    senders: Vec<Sender<i64>>,
    receiver: Option<Receiver<i64>>,
    bounded: Option<SyncSender<i64>>,
    bounded_receiver: Option<Receiver<i64>>,
    arcs: Vec<Arc<Mark>>,
    weaks: Vec<Weak<Mark>>,
    threads: Vec<JoinHandle<Mark>>,
}

impl Own {
    fn see(&self, what: impl ToString) {
        let mut seen = self.world.seen.lock().unwrap();
        let mine = seen.entry(self.name.clone()).or_default();
        mine.push(what.to_string());
    }

    fn run(&mut self, ops: &[Op]) {
        for op in ops {
            self.one(op);
        }
    }

    fn one(&mut self, op: &Op) {
        let world = RealArc::clone(&self.world);
        match op {
            Op::Load(it) => self.see(world.numbers[*it].load(SeqCst)),
            Op::Store(it, value) => world.numbers[*it].store(*value, SeqCst),
            Op::Add(it) => self.see(world.numbers[*it].fetch_add(1, SeqCst)),
            Op::CompareAndSwap(it, expected) => {
                let number = &world.numbers[*it];
                self.see(
                    number
                        .compare_exchange(*expected, 7, SeqCst, SeqCst)
                        .is_ok(),
                );
            }
            Op::Locked(it, ops) => {
                let guard = world.mutexes[*it].lock();
                self.see(guard.is_err());
                let mut guard = guard.unwrap_or_else(PoisonError::into_inner);
                *guard += 1;
                self.see(*guard);
                self.run(ops);
            }
            Op::Wait => {
                let woken = world.condvar.wait(world.lock(0));
                self.see(woken.is_err());
                *woken.unwrap_or_else(PoisonError::into_inner) += 1;
            }
            Op::WaitTimeout => {
                let woken = world.condvar.wait_timeout(world.lock(0), LIMIT);
                let (mut guard, result) = woken.unwrap_or_else(PoisonError::into_inner);
                *guard += 1;
                self.see(result.timed_out());
            }
            Op::WaitWhileZero => {
                let zero = |value: &mut i64| *value == 0;
                let woken = world.condvar.wait_timeout_while(world.lock(0), LIMIT, zero);
                let (guard, result) = woken.unwrap_or_else(PoisonError::into_inner);
                self.see(*guard);
                self.see(result.timed_out());
            }
            Op::NotifyOne => world.condvar.notify_one(),
            Op::NotifyAll => world.condvar.notify_all(),
            Op::QuickLocked(it, ops) => {
                let mut guard = world.quick[*it].lock();
                *guard += 1;
                self.see(*guard);
                self.run(ops);
            }
            Op::QuickTry => self.see(world.quick[0].try_lock().is_some()),
            Op::QuickTryFor => self.see(world.quick[0].try_lock_for(LIMIT).is_some()),
            Op::QuickWait => {
                let mut guard = world.quick[0].lock();
                world.quick_condvar.wait(&mut guard);
                self.see(*guard);
            }
            Op::QuickWaitFor => {
                let mut guard = world.quick[0].lock();
                let result = world.quick_condvar.wait_for(&mut guard, LIMIT);
                *guard += 1;
                self.see(result.timed_out());
            }
            Op::QuickNotifyOne => self.see(world.quick_condvar.notify_one()),
            Op::QuickNotifyAll => self.see(world.quick_condvar.notify_all()),
            Op::Read(ops) => {
                let guard = world.book.read();
                self.see(*guard);
                self.run(ops);
            }
            Op::Write(ops) => {
                let mut guard = world.book.write();
                *guard += 1;
                self.run(ops);
            }
            Op::UpgradableRead(ops) => {
                let guard = world.book.upgradable_read();
                self.see(*guard);
                self.run(ops);
            }
            Op::TryRead => self.see(world.book.try_read().is_some()),
            Op::TryReadFor => self.see(world.book.try_read_for(LIMIT).is_some()),
            Op::TryWrite => self.see(world.book.try_write().is_some()),
            Op::TryWriteFor => self.see(world.book.try_write_for(LIMIT).is_some()),
            Op::TryUpgradableRead => self.see(world.book.try_upgradable_read().is_some()),
            Op::UpgradeLock(how, ops) => {
                let guard = world.book.upgradable_read();
                let upgraded = match how {
                    0 => Ok(Upgradable::upgrade(guard)),
                    1 => Upgradable::try_upgrade(guard),
                    _ => Upgradable::try_upgrade_for(guard, LIMIT),
                };
                self.see(upgraded.is_ok());
                let _guard = upgraded.map(|mut guard| {
                    *guard += 1;
                    RwLockWriteGuard::downgrade_to_upgradable(guard)
                });
                self.run(ops);
            }
            Op::Downgrades(ops) => {
                let mut guard = world.book.write();
                *guard += 1;
                let guard = RwLockWriteGuard::downgrade(guard);
                self.run(ops);
                self.see(*guard);
            }
            Op::Reenter(ops) => {
                let _guard = world.reentrant.lock();
                self.run(ops);
            }
            Op::TryReenter => self.see(world.reentrant.try_lock().is_some()),
            Op::CallOnce(ops) => world.once.call_once(|| self.run(ops)),
            Op::ForceOnce(ops) => {
                world.once.call_once_force(|state| {
                    self.see(state.is_poisoned());
                    self.run(ops);
                });
            }
            Op::WaitOnce => {
                self.see(world.once.is_completed());
                world.once.wait();
            }
            Op::StdRead(ops) => {
                let guard = world.shelf.read();
                self.see(guard.is_err());
                let guard = guard.unwrap_or_else(PoisonError::into_inner);
                self.see(*guard);
                self.run(ops);
            }
            Op::StdWrite(ops) => {
                let guard = world.shelf.write();
                self.see(guard.is_err());
                *guard.unwrap_or_else(PoisonError::into_inner) += 1;
                self.run(ops);
            }
            Op::StdTryRead => self.see(world.shelf.try_read().is_ok()),
            Op::StdTryWrite => self.see(world.shelf.try_write().is_ok()),
            Op::SendBounded(value) => {
                if let Some(sender) = &self.bounded {
                    self.see(sender.send(*value).is_ok());
                }
            }
            Op::TrySendBounded(value) => {
                if let Some(sender) = &self.bounded {
                    self.see(format!("{:?}", sender.try_send(*value)));
                }
            }
            Op::ReceiveBounded => {
                if let Some(receiver) = &self.bounded_receiver {
                    self.see(format!("{:?}", receiver.recv()));
                }
            }
            Op::TryReceiveBounded => {
                if let Some(receiver) = &self.bounded_receiver {
                    self.see(format!("{:?}", receiver.try_recv()));
                }
            }
            Op::DropBoundedSender => self.bounded = None,
            Op::DropBoundedReceiver => self.bounded_receiver = None,
            Op::Send(value) => {
                if let Some(sender) = self.senders.last() {
                    self.see(sender.send(*value).is_ok());
                }
            }
            Op::CloneSender => self.senders.extend(self.senders.last().cloned()),
            Op::DropSender => drop(self.senders.pop()),
            Op::Receive => {
                if let Some(receiver) = &self.receiver {
                    self.see(format!("{:?}", receiver.recv()));
                }
            }
            Op::ReceiveTimeout => {
                if let Some(receiver) = &self.receiver {
                    self.see(format!("{:?}", receiver.recv_timeout(LIMIT)));
                }
            }
            Op::DropReceiver => self.receiver = None,
            Op::CloneArc => self.arcs.extend(self.arcs.last().cloned()),
            Op::DropArc => drop(self.arcs.pop()),
            Op::Downgrade => self.weaks.extend(self.arcs.last().map(Arc::downgrade)),
            Op::Upgrade => {
                if let Some(weak) = self.weaks.last() {
                    self.see(weak.upgrade().is_some());
                }
            }
            Op::Spawn(ops) => {
                self.children += 1;
                let mut child = Own {
                    name: format!("{}.{}", self.name, self.children),
                    world: RealArc::clone(&world),
                    children: 0,
                    senders: self.senders.clone(),
                    receiver: None,
                    bounded: self.bounded.clone(),
                    bounded_receiver: None,
                    arcs: self.arcs.last().cloned().into_iter().collect(),
                    weaks: self.weaks.pop().into_iter().collect(),
                    threads: Vec::new(),
                };
                let ops = ops.clone();
                let thread = Builder::new().spawn(move || {
                    child.run(&ops);
                    Mark(world, 100)
                });
                self.see(thread.is_ok());
                self.threads.extend(thread.ok());
            }
            Op::Join => {
                if let Some(thread) = self.threads.pop() {
                    self.see(thread.join().is_ok());
                }
            }
            Op::Detach => drop(self.threads.pop()),
            Op::Yield => thread::yield_now(),
            Op::Panic => panic!("as it should"),
            Op::Catch(ops) => {
                let caught = catch_unwind(AssertUnwindSafe(|| self.run(ops)));
                self.see(caught.is_err());
            }
        }
    }
}

/// A number below `end`, of a sequence that is the same in each run (*splitmix64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((it ^ (it >> 31)) % end as u64) as usize
    }

    /// So many operations, of these families only: the fewer there are, the more they meet.
    fn ops(&mut self, count: usize, families: &[usize], depth: usize) -> Vec<Op> {
        (0..count)
            .map(|_| {
                let family = families[self.below(families.len())];
                self.op(family, families, depth)
            })
            .collect()
    }

    fn op(&mut self, family: usize, families: &[usize], depth: usize) -> Op {
        let (it, value) = (self.below(2), self.below(2) as i64);
        let inner = |chance: &mut Self, count| match depth {
            0 => Vec::new(),
            _ => chance.ops(count, families, depth - 1),
        };
        match (family, self.below(7)) {
            (0, 0 | 1) => Op::Load(it),
            (0, 2 | 3) => Op::Store(it, value),
            (0, 4 | 5) => Op::Add(it),
            (0, _) => Op::CompareAndSwap(it, value),
            (1, 0 | 1) => Op::Wait,
            (1, 2) => Op::WaitTimeout,
            (1, 3) => Op::WaitWhileZero,
            (1, 4 | 5) => Op::NotifyOne,
            (1, _) => Op::NotifyAll,
            (2, 0 | 1) => Op::QuickTry,
            (2, 2 | 3) => Op::QuickTryFor,
            (2, _) => Op::QuickLocked(it, inner(self, 1)),
            (3, 0 | 1) => Op::Send(value),
            (3, 2) => Op::CloneSender,
            (3, 3) => Op::DropSender,
            (3, 4) => Op::Receive,
            (3, 5) => Op::ReceiveTimeout,
            (3, _) => [Op::DropReceiver, Op::DropSender][it].clone(),
            (4, 0 | 1) => Op::DropArc,
            (4, 2) => Op::CloneArc,
            (4, 3 | 4) => Op::Downgrade,
            (4, _) => Op::Upgrade,
            (5, 0..=3) => Op::Spawn(inner(self, 2)),
            (5, 4 | 5) => Op::Join,
            (5, _) => Op::Detach,
            (6, 0) => Op::Panic,
            (6, 1) => Op::Yield,
            (6, 2 | 3) => Op::Catch(inner(self, 2)),
            (7, 0) => Op::Read(inner(self, 1)),
            (7, 1) => Op::Write(inner(self, 1)),
            (7, 2) => Op::UpgradableRead(inner(self, 1)),
            (7, 3) => [Op::TryRead, Op::TryReadFor][it].clone(),
            (7, 4) => [Op::TryWrite, Op::TryWriteFor][it].clone(),
            (7, 5) => [Op::TryUpgradableRead, Op::Downgrades(inner(self, 1))][it].clone(),
            (7, _) => Op::UpgradeLock(self.below(3), inner(self, 1)),
            (8, 0 | 1) => Op::QuickWait,
            (8, 2 | 3) => Op::QuickWaitFor,
            (8, 4 | 5) => Op::QuickNotifyOne,
            (8, _) => Op::QuickNotifyAll,
            (9, 0 | 1) => Op::Reenter(inner(self, 1)),
            (9, 2) => Op::TryReenter,
            (9, 3 | 4) => Op::CallOnce(inner(self, 1)),
            (9, 5) => Op::ForceOnce(inner(self, 1)),
            (9, _) => Op::WaitOnce,
            (10, 0 | 1) => Op::StdRead(inner(self, 1)),
            (10, 2 | 3) => Op::StdWrite(inner(self, 1)),
            (10, 4) => Op::StdTryRead,
            (10, _) => Op::StdTryWrite,
            (11, 0 | 1) => Op::SendBounded(value),
            (11, 2) => Op::TrySendBounded(value),
            (11, 3) => Op::ReceiveBounded,
            (11, 4) => Op::TryReceiveBounded,
            (11, 5) => Op::DropBoundedSender,
            (11, _) => [Op::DropBoundedReceiver, Op::ReceiveBounded][it].clone(),
            (_, _) => Op::Locked(it, inner(self, 1)),
        }
    }
}

/// What the threads do, the first of which starts the others and has the receiver.
#[derive(Clone, Debug)]
struct Program {
    bounds: Bounds,
    /// Whether there is a `Weak` from the start.
    weak: bool,
    /// How many messages the bounded channel has room for.
    room: usize,
    threads: Vec<Vec<Op>>,
}

impl Program {
    fn by(chance: &mut Chance) -> Self {
        let families: Vec<_> = (0..3).map(|_| chance.below(13)).collect();
        let mut threads = vec![chance.ops(2, &families, 1)];
        for _ in 0..1 + chance.below(2) {
            let count = 1 + chance.below(3);
            threads.push(chance.ops(count, &families, 1));
        }
        let bounds = Bounds {
            timeouts: chance.below(2) as u32,
            spurious: chance.below(2) as u32,
            failures: u32::from(chance.below(4) == 0),
            at_most: LARGEST,
            ..Bounds::NONE
        };
        let weak = chance.below(2) == 0;
        Self {
            bounds,
            weak,
            room: chance.below(3),
            threads,
        }
    }

    fn search(&self, reduce: bool, memory: Memory) -> Found {
        let program = self.clone();
        let bounds = Bounds {
            reduce,
            memory,
            ..self.bounds
        };
        search(bounds, move || program.run())
    }

    fn run(&self) -> End {
        let world = RealArc::new(World {
            numbers: [0, 0].map(AtomicI64::new),
            mutexes: [0, 0].map(Mutex::new),
            condvar: Condvar::new(),
            quick: [0, 0].map(QuickMutex::new),
            quick_condvar: QuickCondvar::new(),
            book: RwLock::new(0),
            shelf: StdRwLock::new(0),
            reentrant: ReentrantMutex::new(()),
            once: Once::new(),
            seen: RealMutex::default(),
        });
        let (sender, receiver) = channel();
        let (bounded, bounded_receiver) = sync_channel(self.room);
        let mark = Arc::new(Mark(RealArc::clone(&world), 10));
        let weak = self.weak.then(|| Arc::downgrade(&mark));
        let mut own = Own {
            world: RealArc::clone(&world),
            name: "0".into(),
            children: 0,
            senders: vec![sender],
            receiver: Some(receiver),
            bounded: Some(bounded),
            bounded_receiver: Some(bounded_receiver),
            arcs: vec![mark],
            weaks: weak.into_iter().collect(),
            threads: Vec::new(),
        };
        for ops in &self.threads[1..] {
            own.one(&Op::Spawn(ops.clone()));
        }
        let threads = real_std::mem::take(&mut own.threads);
        let _ = catch_unwind(AssertUnwindSafe(|| own.run(&self.threads[0])));
        drop(own);
        for thread in threads {
            let _ = thread.join();
        }
        let numbers = aside(|| world.numbers.each_ref().map(|it| it.load(SeqCst)));
        End::good(format!("{numbers:?} {:?}", world.seen.lock().unwrap()))
    }
}

fn ends(found: &Found) -> BTreeSet<&End> {
    found.ends.keys().collect()
}

/// Both searches of a program in which one wait may time out.
fn both(program: fn() -> End) -> [Found; 2] {
    [false, true].map(|reduce| {
        let bounds = Bounds {
            timeouts: 1,
            reduce,
            ..Bounds::NONE
        };
        search(bounds, program)
    })
}

/// The smallest program of its kind: each of two threads drops its sender beside a step on
/// something else. Whether the channel is closed when the flag is up depends on their order.
#[test]
fn the_end_of_a_sender_that_is_not_the_last_is_a_step() {
    let [full, reduced] = both(|| {
        let numbers = RealArc::new([0, 0].map(AtomicI64::new));
        let (one, receiver) = channel::<i64>();
        let two = one.clone();
        let (mine, its) = (RealArc::clone(&numbers), RealArc::clone(&numbers));
        let _ = thread::spawn(move || {
            mine[0].store(1, SeqCst);
            drop(one);
        });
        let _ = thread::spawn(move || {
            its[1].store(1, SeqCst);
            drop(two);
            its[1].store(2, SeqCst);
        });
        let up = numbers[1].load(SeqCst);
        let closed = receiver.recv_timeout(LIMIT) == Err(RecvTimeoutError::Disconnected);
        End::good(format!("{up} {closed}"))
    });
    assert_eq!(full.ends.len(), 6);
    assert_eq!(ends(&reduced), ends(&full));
}

/// The same with owners: who is the last one drops the value, and does nothing else before that.
#[test]
fn the_end_of_an_owner_that_is_not_the_last_is_a_step() {
    let [full, reduced] = both(|| {
        let numbers = RealArc::new([0, 0].map(AtomicI64::new));
        let (sender, receiver) = channel::<i64>();
        let one = Arc::new(sender);
        let two = one.clone();
        let mine = RealArc::clone(&numbers);
        let _ = thread::spawn(move || {
            mine[0].store(1, SeqCst);
            drop(one);
        });
        numbers[1].store(1, SeqCst);
        drop(two);
        let closed = receiver.recv_timeout(LIMIT) == Err(RecvTimeoutError::Disconnected);
        End::good(format!("{closed}"))
    });
    assert_eq!(full.ends.len(), 2);
    assert_eq!(ends(&reduced), ends(&full));
}

#[test]
fn programs_of_all_primitives_end_the_same_when_the_search_is_reduced() {
    assert!(programs_end_the_same(100).len() > 40);
}

#[test]
#[ignore = "takes a minute: `just check-all`"]
fn many_programs_of_all_primitives_end_the_same_when_the_search_is_reduced() {
    let used = programs_end_the_same(500);
    let enough = used.values().all(|&times| times > 2);
    assert!(used.len() == 58 && enough, "not all were tried: {used:?}");
}

/// How often each operation occurs in so many programs.
fn programs_end_the_same(number: usize) -> BTreeMap<String, usize> {
    let mut chance = Chance(1);
    let (mut compared, mut tried, mut full_size, mut reduced_size) = (0, 0, 0, 0);
    let mut in_executions = 0;
    let mut used = BTreeMap::new();
    while compared < number {
        tried += 1;
        if real_std::env::var_os("TALK").is_some() {
            eprintln!("{compared} of {tried}");
        }
        let program = Program::by(&mut chance);
        let reduced = program.search(true, SequentiallyConsistent);
        if reduced.runs >= LARGEST || reduced.schedules < 2 {
            continue;
        }
        let full = program.search(false, SequentiallyConsistent);
        if full.runs >= LARGEST {
            continue;
        }
        assert_eq!(ends(&reduced), ends(&full), "{program:#?}");
        assert!(reduced.schedules <= full.schedules);
        // All accesses are `SeqCst`.
        let executions = program.search(true, Memory::Rust);
        if executions.runs < LARGEST {
            assert_eq!(ends(&executions), ends(&full), "{program:#?}");
            in_executions += 1;
        }
        compared += 1;
        full_size += full.schedules;
        reduced_size += reduced.schedules;
        for word in format!("{:?}", program.threads).split(|it: char| !it.is_alphabetic()) {
            *used.entry(word.to_owned()).or_insert(0) += 1;
        }
    }
    println!("{compared} of {tried} programs: {full_size} schedules, reduced {reduced_size}");
    println!("{in_executions} of them compared with their executions");
    assert!(in_executions * 10 > compared * 9);
    used.remove("");
    assert!(
        reduced_size * 2 < full_size,
        "{reduced_size} of {full_size}"
    );
    used
}
