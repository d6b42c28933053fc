//! The channel: sending and receiving are steps, and so is the end of either side and of each
//! sender. Cloning a sender is none: it comes from one that stays, so no thread can tell when.

use interleave::{Chosen, Clock, Flag, Id, Ready, acquire, changed, clock, did, learn, release};
use interleave::{step, step_at};
use real_std::collections::VecDeque;
use real_std::fmt;
use real_std::panic::Location;
use real_std::sync::{Arc, Mutex, MutexGuard};
use real_std::time::Duration;

pub use real_std::sync::mpsc::{
    RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError,
};

/// `std::sync::mpsc::channel`.
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (channel, place) = (new(usize::MAX), Location::caller());
    (
        Sender(Arc::clone(&channel), place),
        Receiver(channel, place),
    )
}

/// `std::sync::mpsc::sync_channel`. With a bound of 0, sending waits until it is received.
#[track_caller]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let (channel, place) = (new(bound), Location::caller());
    let sender = Sender(Arc::clone(&channel), place);
    (SyncSender(sender), Receiver(channel, place))
}

/// Of how many places of a bounded channel it is known who has made room there.
const MOST_ROOM: usize = 1_000;

fn new<T>(bound: usize) -> Arc<Channel<T>> {
    let state = State {
        queue: VecDeque::new(),
        // A rendezvous has room for the one value that is on its way.
        room: match bound {
            0..=MOST_ROOM => (0..bound.max(1)).map(|_| Clock::default()).collect(),
            _ => VecDeque::new(),
        },
        senders: 1,
        receiver: true,
        bound,
    };
    Arc::new(Channel {
        tail: Id::new(),
        head: Id::new(),
        senders: Id::new(),
        state: Mutex::new(state),
        readable: Flag::default(),
        writable: Flag::new(true),
        taken: Mutex::default(),
    })
}

#[derive(Debug)]
struct Channel<T> {
    /// What sending touches, at least.
    tail: Id,
    /// What receiving touches. Receiving that waits touches nothing else: as soon as it need not
    /// wait, what comes behind makes no difference to it.
    head: Id,
    /// What the end of a sender touches, and receiving that does not wait. (Who sends is a sender
    /// that is left: no end of another one changes what that does.)
    senders: Id,
    state: Mutex<State<T>>,
    /// Receiving would not wait: there is something, or there will never be anything again.
    readable: Flag,
    /// Sending would not wait: there is room, or there is no receiver any more.
    writable: Flag,
    /// With a bound of 0: the sender of each value on its way.
    taken: Mutex<VecDeque<Waiting<T>>>,
}

/// A sender that waits until its value is received.
#[derive(Debug)]
struct Waiting<T> {
    /// Up when the value is received, or the receiver is gone.
    over: Flag,
    /// What the receiver knew.
    known: Arc<Mutex<Clock>>,
    /// The value, if the receiver is gone.
    back: Arc<Mutex<Option<T>>>,
}

#[derive(Debug)]
struct State<T> {
    /// The values, each with what its sender knows.
    queue: VecDeque<(T, Clock)>,
    /// With a bound, the free places, each with what was known to the thread that has taken a value
    /// from it.
    room: VecDeque<Clock>,
    senders: usize,
    receiver: bool,
    bound: usize,
}

impl<T> Channel<T> {
    /// What sending touches for which it makes a difference how much was received.
    fn both_ends(&self) -> [Id; 2] {
        [self.tail, self.head]
    }

    /// What receiving touches for which it makes a difference what is sent, and whether all
    /// senders are gone.
    fn all(&self) -> [Id; 3] {
        [self.tail, self.head, self.senders]
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.try_lock().expect("held for no step")
    }

    fn receive(&self) -> Option<T> {
        let mut state = self.state();
        let value = state.queue.pop_front().map(|(value, known)| {
            learn(&known);
            value
        });
        self.readable
            .set(!state.queue.is_empty() || state.senders == 0);
        self.writable
            .set(!state.receiver || state.queue.len() < state.bound.max(1));
        if value.is_some() {
            if let Some(sender) = self.taken.try_lock().expect("held for no step").pop_front() {
                *sender.known.lock().expect("no panic") = clock();
                sender.over.set(true);
            }
            if state.bound <= MOST_ROOM {
                state.room.push_back(clock());
            }
            changed(self.head);
        } else {
            acquire(self.senders);
        }
        did(|| {
            if value.is_some() {
                "receives"
            } else {
                "finds it closed"
            }
            .into()
        });
        value
    }
}

/// `std::sync::mpsc::Sender`.
pub struct Sender<T>(Arc<Channel<T>>, &'static Location<'static>);

impl<T> Sender<T> {
    /// As in `std`.
    ///
    /// # Errors
    ///
    /// If the receiver is gone; with the value.
    #[track_caller]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        step(|| "send".into(), Ready::Always, &[self.0.tail]);
        self.put(value)
    }

    fn put(&self, value: T) -> Result<(), SendError<T>> {
        let mut state = self.0.state();
        if !state.receiver {
            acquire(self.0.head);
            did(|| "finds no receiver".into());
            return Err(SendError(value));
        }
        if let Some(known) = state.room.pop_front() {
            learn(&known);
        }
        state.queue.push_back((value, clock()));
        self.0.readable.set(true);
        self.0.writable.set(state.queue.len() < state.bound.max(1));
        changed(self.0.tail);
        did(|| "sends".into());
        Ok(())
    }
}

/// `std::sync::mpsc::SyncSender`.
pub struct SyncSender<T>(Sender<T>);

impl<T> SyncSender<T> {
    /// As in `std`: waits for room; with a bound of 0, until the value is received.
    ///
    /// # Errors
    ///
    /// If the receiver is gone; with the value.
    #[track_caller]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        let channel = &self.0.0;
        let ready = Ready::When(channel.writable.clone());
        let rendezvous = channel.state().bound == 0;
        let both_ends = channel.both_ends();
        let touches = if rendezvous {
            &both_ends
        } else {
            &both_ends[..1]
        };
        step(|| "send".into(), ready, touches);
        self.0.put(value)?;
        if !rendezvous {
            return Ok(());
        }
        let (over, back, known) = (Flag::default(), Arc::default(), Arc::default());
        let sender = Waiting {
            over: over.clone(),
            known: Arc::clone(&known),
            back: Arc::clone(&back),
        };
        channel
            .taken
            .try_lock()
            .expect("held for no step")
            .push_back(sender);
        let next = || "wait until it is received".into();
        step(next, Ready::When(over), &both_ends);
        learn(&known.lock().expect("no panic"));
        let back = back.try_lock().expect("held for no step").take();
        back.map_or(Ok(()), |value| {
            did(|| "finds no receiver".into());
            Err(SendError(value))
        })
    }

    /// As in `std`: does not wait. (With a bound of 0 it fails, as if no receiver waited.)
    ///
    /// # Errors
    ///
    /// If there is no room, or the receiver is gone; with the value.
    #[track_caller]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let channel = &self.0.0;
        step(|| "try to send".into(), Ready::Always, &channel.both_ends());
        let full = {
            let state = channel.state();
            state.receiver && state.queue.len() >= state.bound
        };
        if full {
            did(|| "finds no room".into());
            return Err(TrySendError::Full(value));
        }
        self.0
            .put(value)
            .map_err(|SendError(value)| TrySendError::Disconnected(value))
    }
}

impl<T> Clone for SyncSender<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

macro_rules! debug {
    ($($name:ident)+) => {
        $(
            impl<T> fmt::Debug for $name<T> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(concat!(stringify!($name), " { .. }"))
                }
            }
        )+
    };
}

debug! { Sender SyncSender Receiver }

impl<T> Clone for Sender<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        self.0.state().senders += 1;
        Self(Arc::clone(&self.0), Location::caller())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let next = || "stop sending".into();
        let touches = [self.0.senders.counted_down()];
        step_at(self.1, next, Ready::Always, &touches);
        release(self.0.senders);
        let mut state = self.0.state();
        state.senders -= 1;
        if state.senders == 0 {
            self.0.readable.set(true);
        }
        changed(self.0.senders);
        did(|| match state.senders {
            0 => "closes the channel".into(),
            _ => "stops sending".into(),
        });
    }
}

/// `std::sync::mpsc::Receiver`.
pub struct Receiver<T>(Arc<Channel<T>>, &'static Location<'static>);

impl<T> Receiver<T> {
    /// As in `std`: waits.
    ///
    /// # Errors
    ///
    /// If there is nothing, and all senders are gone.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        self.recv_at(Location::caller())
    }

    fn recv_at(&self, place: &'static Location<'static>) -> Result<T, RecvError> {
        let ready = Ready::When(self.0.readable.clone());
        step_at(place, || "receive".into(), ready, &[self.0.head]);
        self.0.receive().ok_or(RecvError)
    }

    /// As in `std`; how long the limit is does not matter.
    ///
    /// # Errors
    ///
    /// If there is nothing, for too long or forever.
    #[track_caller]
    pub fn recv_timeout(&self, _limit: Duration) -> Result<T, RecvTimeoutError> {
        let ready = Ready::WhenOr(self.0.readable.clone(), &[Chosen::TimedOut]);
        match step(|| "receive".into(), ready, &self.0.all()) {
            Chosen::Ready => self.0.receive().ok_or(RecvTimeoutError::Disconnected),
            _ => Err(RecvTimeoutError::Timeout),
        }
    }
}

impl<T> Receiver<T> {
    /// As in `std`: does not wait.
    ///
    /// # Errors
    ///
    /// If there is nothing now, or never again.
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        step(|| "try to receive".into(), Ready::Always, &self.0.all());
        if !self.0.readable.is_up() {
            did(|| "finds nothing".into());
            return Err(TryRecvError::Empty);
        }
        self.0.receive().ok_or(TryRecvError::Disconnected)
    }

    /// As in `std`.
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self, Location::caller())
    }

    /// As in `std`.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }
}

/// `std::sync::mpsc::Iter`.
pub struct Iter<'a, T>(&'a Receiver<T>, &'static Location<'static>);

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv_at(self.1).ok()
    }
}

/// `std::sync::mpsc::TryIter`.
pub struct TryIter<'a, T>(&'a Receiver<T>);

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    #[track_caller]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let next = || "stop receiving".into();
        step_at(self.1, next, Ready::Always, &self.0.both_ends());
        did(|| "stops receiving".into());
        let left = {
            release(self.0.head);
            let mut state = self.0.state();
            state.receiver = false;
            self.0.writable.set(true);
            for sender in self.0.taken.try_lock().expect("held for no step").drain(..) {
                let back = state.queue.pop_front().map(|(value, _)| value);
                *sender.back.try_lock().expect("held for no step") = back;
                *sender.known.lock().expect("no panic") = clock();
                sender.over.set(true);
            }
            changed(self.0.tail);
            real_std::mem::take(&mut state.queue)
        };
        // What is in it may take steps of its own.
        drop(left);
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[track_caller]
    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self, Location::caller())
    }
}

/// `std::sync::mpsc::IntoIter`.
pub struct IntoIter<T>(Receiver<T>, &'static Location<'static>);

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv_at(self.1).ok()
    }
}

macro_rules! debug_iterators {
    ($($name:ident<$($life:lifetime,)? T>)+) => {
        $(
            impl<$($life,)? T> fmt::Debug for $name<$($life,)? T> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.debug_struct(stringify!($name)).field("rx", &self.0).finish()
                }
            }
        )+
    };
}

debug_iterators! { Iter<'a, T> TryIter<'a, T> IntoIter<T> }
