//! The channel: sending and receiving are steps, and so is the end of either side and of each
//! sender. Cloning a sender is none: it comes from one that stays, so nobody can tell when.

use interleave::{Chosen, Flag, Id, Ready, did, step};
use real_std::collections::VecDeque;
use real_std::sync::{Arc, Mutex, MutexGuard};
use real_std::time::Duration;

pub use real_std::sync::mpsc::{RecvError, RecvTimeoutError, SendError};

/// `std::sync::mpsc::channel`.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let state = State {
        queue: VecDeque::new(),
        senders: 1,
        receiver: true,
    };
    let channel = Arc::new(Channel {
        id: Id::new(),
        senders: Id::new(),
        state: Mutex::new(state),
        readable: Flag::default(),
    });
    (Sender(Arc::clone(&channel)), Receiver(channel))
}

#[derive(Debug)]
struct Channel<T> {
    /// What sending and receiving touch.
    id: Id,
    /// What receiving and the end of a sender touch. (Who sends is a sender that is left: no
    /// end of another one changes what that does.)
    senders: Id,
    state: Mutex<State<T>>,
    /// Receiving would not wait: there is something, or there will never be anything again.
    readable: Flag,
}

#[derive(Debug)]
struct State<T> {
    queue: VecDeque<T>,
    senders: usize,
    receiver: bool,
}

impl<T> Channel<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.try_lock().expect("held for no step")
    }

    fn receive(&self) -> Option<T> {
        let mut state = self.state();
        let value = state.queue.pop_front();
        self.readable
            .set(!state.queue.is_empty() || state.senders == 0);
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
#[derive(Debug)]
pub struct Sender<T>(Arc<Channel<T>>);

impl<T> Sender<T> {
    /// As in `std`.
    ///
    /// # Errors
    ///
    /// If the receiver is gone; with the value.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        step(|| "send".into(), Ready::Always, &[self.0.id]);
        let mut state = self.0.state();
        if !state.receiver {
            did(|| "finds nobody to send to".into());
            return Err(SendError(value));
        }
        state.queue.push_back(value);
        self.0.readable.set(true);
        did(|| "sends".into());
        Ok(())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.state().senders += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        step(|| "stop sending".into(), Ready::Always, &[self.0.senders]);
        let mut state = self.0.state();
        state.senders -= 1;
        if state.senders == 0 {
            self.0.readable.set(true);
        }
        did(|| match state.senders {
            0 => "closes the channel".into(),
            _ => "stops sending".into(),
        });
    }
}

/// `std::sync::mpsc::Receiver`.
#[derive(Debug)]
pub struct Receiver<T>(Arc<Channel<T>>);

impl<T> Receiver<T> {
    /// As in `std`: waits.
    ///
    /// # Errors
    ///
    /// If there is nothing, and all senders are gone.
    pub fn recv(&self) -> Result<T, RecvError> {
        let ready = Ready::When(self.0.readable.clone());
        let touches = [self.0.id, self.0.senders];
        step(|| "receive".into(), ready, &touches);
        self.0.receive().ok_or(RecvError)
    }

    /// As in `std`; how long the limit is does not matter.
    ///
    /// # Errors
    ///
    /// If there is nothing, for too long or for ever.
    pub fn recv_timeout(&self, _limit: Duration) -> Result<T, RecvTimeoutError> {
        let ready = Ready::WhenOr(self.0.readable.clone(), &[Chosen::TimedOut]);
        let touches = [self.0.id, self.0.senders];
        match step(|| "receive".into(), ready, &touches) {
            Chosen::Ready => self.0.receive().ok_or(RecvTimeoutError::Disconnected),
            _ => Err(RecvTimeoutError::Timeout),
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        step(|| "stop receiving".into(), Ready::Always, &[self.0.id]);
        did(|| "stops receiving".into());
        let left = {
            let mut state = self.0.state();
            state.receiver = false;
            real_std::mem::take(&mut state.queue)
        };
        // What is in it may take steps of its own.
        drop(left);
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}

/// `std::sync::mpsc::IntoIter`.
#[derive(Debug)]
pub struct IntoIter<T>(Receiver<T>);

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}
