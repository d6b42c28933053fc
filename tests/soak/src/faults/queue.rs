//! Children at the far end of a queue, killed while they get, put, or do neither.

use std::os::unix::process::ExitStatusExt;
use std::{io, thread};

use nix::sys::signal::Signal;
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use serde::{Deserialize, Serialize};

use super::{bytes, kill_child, pause};
use crate::pieces::queue::{Child, QueueError, Receiver, Sender};
use crate::tally::{Count, Outcome, Tally};

#[derive(Serialize, Deserialize)]
pub enum Ask {
    /// To put this back.
    Echo(Message),
    /// To put messages without end.
    Flood,
    /// To get nothing more.
    Deaf,
}

pub type Message = (u64, Vec<u8>);

/// What a child does. Every queue ends for it when it is killed, or the parent is done.
pub fn child(inbox: Receiver<Ask>, outbox: Sender<Message>) {
    while let Ok(ask) = inbox.get() {
        let put = match ask {
            Ask::Echo(message) => outbox.put(message),
            Ask::Flood => (0..).try_for_each(|number| outbox.put(message(number))),
            Ask::Deaf => loop {
                thread::park();
            },
        };
        if put.is_err() {
            return;
        }
    }
}

/// The one of that number: up to 3 KB long, so that a few dozen fit into a queue.
pub fn message(number: u64) -> Message {
    (number, bytes(number, (number * 97 % 3000) as usize))
}

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    for _ in 0..4 {
        let mut child = Child::start()?;
        let id = child.process.id();
        let mut killers_dice = SmallRng::from_rng(dice);
        tally[Count::Faults] += thread::scope(|scope| {
            let killer = scope.spawn(|| {
                pause(&mut killers_dice, 8000);
                u64::from(kill_child(id))
            });
            match dice.random_range(0..3) {
                0 => get_all(&child, dice.random_range(1..20), tally),
                1 => {
                    // If this fails, so does getting.
                    let _ = child.to.put(Ask::Flood);
                    get_all(&child, 0, tally);
                }
                _ => put_to_the_deaf(&child, tally),
            }
            killer.join().expect("it does not panic")
        });
        // A caller that asks once more is told once more, and how the child ended.
        tally.job(judge(0, child.from.get()));
        let status = child.process.wait()?;
        if status.signal() != Some(Signal::SIGKILL as i32) {
            tally.job(Outcome::Wrong(format!("the child ended, {status}")));
        }
    }
    Ok(())
}

/// Gets all there is, and keeps so many messages under way.
fn get_all(child: &Child<Ask, Message>, depth: u64, tally: &mut Tally) {
    let (mut put, mut got) = (0, 0);
    loop {
        while put < got + depth && child.to.put(Ask::Echo(message(put))).is_ok() {
            put += 1;
        }
        let reply = child.from.get();
        let over = reply.is_err();
        tally.job(judge(got, reply));
        got += 1;
        if over {
            // The error is about all that has no answer yet.
            return (got..put).for_each(|_| tally.job(Outcome::Told));
        }
    }
}

/// Puts until there is no room, and then waits for it until the child is killed.
fn put_to_the_deaf(child: &Child<Ask, Message>, tally: &mut Tally) {
    let mut put = child.to.put(Ask::Deaf);
    while put.is_ok() {
        put = child.to.put(Ask::Echo((0, bytes(0, 50_000))));
    }
    tally.job(judge(0, put.map(|()| message(0))));
}

pub fn judge(number: u64, reply: Result<Message, QueueError>) -> Outcome {
    match reply {
        Ok(reply) if reply == message(number) => Outcome::Right,
        Err(QueueError::Closed) => Outcome::Told,
        other => Outcome::Wrong(format!("message {number}: {other:?}")),
    }
}
