//! Typed messages to another process.

use std::io::{Read, Write};

use ipc_channel::ipc::{self, IpcBytesReceiver};
use nix::fcntl::{FcntlArg, fcntl};
use serde::{Deserialize, Serialize};

use super::{Outcome, Side, seconds};
use crate::pieces::children;
use crate::pieces::queue::{self, Child};

const SMALL: u32 = 200_000;
const LARGE: u32 = 500;
const MIB: usize = 1 << 20;

pub const SIDES: &[Side] = &[
    ("queue-small", small),
    ("queue-small-bare", || bare_small()),
    ("queue-large", large),
    ("queue-large-bare", bare_large),
];

#[derive(Serialize, Deserialize)]
enum Message {
    Text(String),
    /// Large ones come by a channel for bytes, which is itself a message.
    Bytes(IpcBytesReceiver),
    /// The child says how many it has got.
    Count,
}

pub fn run_if_child() {
    queue::run_if_child(|inbox, outbox| {
        let mut count = 0_u64;
        while let Ok(message) = inbox.get() {
            match message {
                Message::Text(text) => count += u64::from(text.len() == 22),
                Message::Bytes(bytes) => {
                    while let Ok(bytes) = bytes.recv() {
                        count += u64::from(bytes[MIB - 1] == 7);
                    }
                }
                Message::Count => {
                    let _ = outbox.put(count);
                }
            }
        }
    });
}

fn small() -> Outcome {
    let child = Child::<Message, u64>::start()?;
    let text = "a message of 22 bytes!".to_owned();
    let took = seconds(|| {
        for _ in 0..SMALL {
            child.to.put(Message::Text(text.clone())).expect("it lives");
        }
        child.to.put(Message::Count).expect("it lives");
        assert_eq!(child.from.get().expect("it lives"), u64::from(SMALL));
    });
    Ok(vec![("k/s", f64::from(SMALL) / took / 1e3)])
}

fn large() -> Outcome {
    let child = Child::<Message, u64>::start()?;
    let bytes = vec![7; MIB];
    let took = seconds(|| {
        let (sender, receiver) = ipc::bytes_channel().expect("there are descriptors");
        child.to.put(Message::Bytes(receiver)).expect("it lives");
        for _ in 0..LARGE {
            sender.send(&bytes).expect("it lives");
        }
        drop(sender);
        child.to.put(Message::Count).expect("it lives");
        assert_eq!(child.from.get().expect("it lives"), u64::from(LARGE));
    });
    Ok(vec![("GB/s", f64::from(LARGE) * MIB as f64 / took / 1e9)])
}

/// A `write` for each message.
fn bare_small() -> Outcome {
    let took = through_a_pipe(SMALL, 22)?;
    Ok(vec![("k/s", f64::from(SMALL) / took / 1e3)])
}

fn bare_large() -> Outcome {
    let took = through_a_pipe(LARGE, MIB)?;
    Ok(vec![("GB/s", f64::from(LARGE) * MIB as f64 / took / 1e9)])
}

/// So many messages of so many bytes, through a pipe as large as the system allows.
fn through_a_pipe(messages: u32, length: usize) -> Result<f64, Box<dyn std::error::Error>> {
    let (mut reader, mut writer) = std::io::pipe()?;
    fcntl(&writer, FcntlArg::F_SETPIPE_SZ(MIB as i32))?;
    let (mut done, mut say_done) = std::io::pipe()?;
    let child = children::Child::start(move || {
        let mut buffer = vec![0; MIB];
        let mut left = messages as usize * length;
        while left > 0 {
            left -= reader.read(&mut buffer).expect("the parent lives");
        }
        say_done.write_all(&[0]).expect("the parent lives");
        Vec::new()
    })?;
    let message = vec![7; length];
    let took = seconds(|| {
        for _ in 0..messages {
            writer.write_all(&message).expect("it lives");
        }
        done.read_exact(&mut [0]).expect("it lives");
    });
    child.answer()?;
    Ok(took)
}
