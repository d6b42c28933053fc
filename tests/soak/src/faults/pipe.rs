//! A pipe that is full, that carries garbage, or whose far end is gone in mid-message.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Write};
use std::thread;

use rand::{RngExt, SeedableRng, rngs::SmallRng};

use super::{bytes, kill_child, pause};
use crate::pieces::children::{Child, Failure};
use crate::pieces::framed::{FrameReader, FrameWriter};
use crate::tally::{Count, Outcome, Tally};

const LIMIT: u32 = 1 << 20;

/// What comes over the pipe after the last good message.
#[derive(Clone, Copy)]
enum End {
    /// Nothing: the writer is dropped.
    Clean,
    /// Bytes that are no frame, or the length of one that is too long.
    Garbage,
    /// A part of a frame.
    CutOff,
    /// Whatever there is when its process is killed.
    Killed,
}

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    for _ in 0..6 {
        match dice.random_range(0..5) {
            0 => in_threads(End::Clean, dice, tally)?,
            1 => in_threads(End::Garbage, dice, tally)?,
            2 => in_threads(End::CutOff, dice, tally)?,
            3 => writer_killed(dice, tally)?,
            _ => reader_dropped(dice, tally)?,
        }
        tally[Count::Faults] += 1;
    }
    Ok(())
}

/// Some are empty, some do not fit into the pipe.
fn message(number: u64) -> Vec<u8> {
    bytes(number, (number * 7919 % 100_000) as usize)
}

/// A writer who is done after a while, and a reader who is slow now and then.
fn in_threads(end: End, dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let (reader, pipe) = io::pipe()?;
    let count = dice.random_range(0..30);
    let mut writers_dice = SmallRng::from_rng(dice);
    thread::scope(|scope| {
        scope.spawn(|| write(pipe, count, end, &mut writers_dice));
        let got = read(reader, end, dice, tally);
        // Between a whole message and the end of the stream nothing may get lost.
        (got..count).for_each(|_| tally.job(Outcome::Lost));
    });
    Ok(())
}

fn write(mut pipe: PipeWriter, count: u64, end: End, dice: &mut SmallRng) {
    let mut writer = FrameWriter::new(&mut pipe, LIMIT);
    let sent = (0..count).try_for_each(|number| writer.send(&message(number)));
    sent.expect("its reader is there");
    let last = match end {
        // The highest byte of a length beyond the limit, then anything.
        End::Garbage => [vec![dice.random_range(1..=255)], bytes(count, 5000)].concat(),
        End::CutOff => {
            let mut frame = [vec![0, 0, 2, 0], bytes(count, 512)].concat();
            frame.truncate(dice.random_range(1..frame.len()));
            frame
        }
        End::Clean | End::Killed => vec![],
    };
    // A reader who has understood that this is no frame may have gone.
    let _ = pipe.write_all(&last);
}

/// Reads to the end, which is to be the right one, and returns how many messages came.
fn read(pipe: PipeReader, end: End, dice: &mut SmallRng, tally: &mut Tally) -> u64 {
    let mut reader = FrameReader::new(pipe, LIMIT);
    let slow = dice.random();
    for number in 0.. {
        if slow {
            pause(dice, 300);
        }
        let outcome = match (reader.receive(), end) {
            (Ok(Some(got)), _) if got == message(number) => {
                tally.job(Outcome::Right);
                continue;
            }
            (Ok(None), End::Clean | End::Killed) => return number,
            (Err(error), _) => {
                // An error inside a frame stays.
                let again = reader.receive().map_err(|error| error.kind());
                match (error.kind(), end) {
                    (kind, _) if again != Err(kind) => Outcome::Wrong(format!("{again:?}")),
                    (ErrorKind::InvalidData, End::Garbage) => Outcome::Told,
                    (ErrorKind::UnexpectedEof, End::CutOff | End::Killed) => Outcome::Told,
                    _ => Outcome::Wrong(error.to_string()),
                }
            }
            (other, _) => Outcome::Wrong(format!("message {number}: {other:?}")),
        };
        tally.job(outcome);
        return number;
    }
    unreachable!("numbers do not end")
}

/// In a process of its own, in the middle of a frame as a rule.
fn writer_killed(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let (reader, mut pipe) = io::pipe()?;
    let child = Child::start(|| {
        write(
            pipe.try_clone().expect("a descriptor"),
            u64::MAX,
            End::Killed,
            dice,
        );
        Vec::new()
    })?;
    // Only the child has it now.
    pipe.flush()?;
    drop(pipe);
    let id = child.id().as_raw() as u32;
    let mut killers_dice = SmallRng::from_rng(dice);
    thread::scope(|scope| {
        scope.spawn(|| {
            pause(&mut killers_dice, 10_000);
            kill_child(id)
        });
        read(reader, End::Killed, dice, tally);
    });
    match child.answer() {
        Err(Failure::Killed(_)) => {}
        other => tally.job(Outcome::Wrong(format!("the killed writer: {other:?}"))),
    }
    Ok(())
}

/// The writer hears of it at once, also when it waits for room, and each time.
fn reader_dropped(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let (reader, pipe) = io::pipe()?;
    let count = dice.random_range(0..30);
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut reader = FrameReader::new(reader, LIMIT);
            (0..count).for_each(|_| drop(reader.receive()));
        });
        let mut writer = FrameWriter::new(pipe, LIMIT);
        let sent = (0..).try_for_each(|number| writer.send(&message(number)));
        for result in [sent, writer.send(b"again")] {
            tally.job(match result.map_err(|error| error.kind()) {
                Err(ErrorKind::BrokenPipe) => Outcome::Told,
                other => Outcome::Wrong(format!("to nobody: {other:?}")),
            });
        }
    });
    Ok(())
}
