//! A pipe that is full, that carries garbage, or whose far end is gone in mid-message.

use std::io::{self, ErrorKind, PipeWriter, Write};

use rand::{RngExt, rngs::SmallRng};

use super::{bytes, kill_child, pause};
use crate::pieces::children::{Child, Failure};
use crate::pieces::framed::{FrameReader, FrameWriter};
use crate::tally::{Count, Outcome, Tally};

const LIMIT: u32 = 1 << 20;

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// The writer is dropped after so many messages.
    Clean(u64),
    /// After so many, bytes that are no frame: what should be a length is beyond the limit.
    Garbage(u64),
    /// After so many, a part of a frame.
    CutOff(u64),
    /// The writer is killed when so many have been read; as a rule in the middle of another.
    Killed(u64),
    /// The reader is dropped when it has read so many; the writer, as a rule, waits for room.
    NoReader(u64),
}

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    for _ in 0..6 {
        let ends = [
            End::Clean,
            End::Garbage,
            End::CutOff,
            End::Killed,
            End::NoReader,
        ];
        let end = ends[dice.random_range(0..ends.len())](dice.random_range(0..30));
        let (reader, pipe) = io::pipe()?;
        let mut reader = Some(reader);
        let writer = Child::start(|| {
            reader = None; // The parent's is the only one.
            let over = write(pipe, end, dice).map_err(|error| error.kind());
            format!("{over:?}").into()
        })?;
        tally[Count::Faults] += 1;
        let id = writer.id().as_raw() as u32;
        read(
            FrameReader::new(reader.expect("it is here"), LIMIT),
            end,
            id,
            dice,
            tally,
        );
        let expected = match end {
            End::NoReader(_) => "Err(BrokenPipe)",
            _ => "Ok(())",
        };
        match (writer.answer(), end) {
            (Err(Failure::Killed(_)), End::Killed(_)) => {}
            (Ok(over), _) if over == expected.as_bytes() => {}
            // It may have found nobody to take the rest of its garbage.
            (Ok(_), End::Garbage(_)) => {}
            (other, _) => tally.job(Outcome::Wrong(format!("the writer, {end:?}: {other:?}"))),
        }
    }
    Ok(())
}

/// Some are empty, some do not fit into the pipe.
pub fn message(number: u64) -> Vec<u8> {
    bytes(number, (number * 7919 % 100_000) as usize)
}

fn write(mut pipe: PipeWriter, end: End, dice: &mut SmallRng) -> io::Result<()> {
    let (count, last) = match end {
        End::Clean(count) => (count, vec![]),
        End::Garbage(count) => (
            count,
            [vec![dice.random_range(1..=255)], message(1)].concat(),
        ),
        End::CutOff(count) => {
            let frame = [vec![0, 0, 31, 0], message(1)].concat();
            (count, frame[..dice.random_range(1..frame.len())].to_vec())
        }
        End::Killed(_) | End::NoReader(_) => (u64::MAX, vec![]),
    };
    let mut writer = FrameWriter::new(&mut pipe, LIMIT);
    (0..count).try_for_each(|number| writer.send(&message(number)))?;
    pipe.write_all(&last)
}

/// Reads to the end, which is to be the right one; slowly, now and then.
fn read(
    mut reader: FrameReader<io::PipeReader>,
    end: End,
    writer: u32,
    dice: &mut SmallRng,
    tally: &mut Tally,
) {
    let slow = dice.random();
    for number in 0.. {
        if slow {
            pause(dice, 300);
        }
        match end {
            End::Killed(moment) if number == moment => {
                pause(dice, 300);
                kill_child(writer);
            }
            End::NoReader(moment) if number == moment => return,
            _ => {}
        }
        let outcome = match (reader.receive(), end) {
            (Ok(Some(got)), _) if got == message(number) => {
                tally.job(Outcome::Right);
                continue;
            }
            (Ok(None), End::Clean(count)) if number < count => Outcome::Lost,
            (Ok(None), End::Clean(_) | End::Killed(_)) => return,
            (Err(error), End::Garbage(count) | End::CutOff(count)) if number < count => {
                Outcome::Wrong(format!("message {number} of {count}: {error}"))
            }
            (Err(error), _) => {
                // An error inside a frame stays.
                let again = reader.receive().map_err(|error| error.kind());
                match (error.kind(), end) {
                    (kind, _) if again != Err(kind) => Outcome::Wrong(format!("{again:?}")),
                    (ErrorKind::InvalidData, End::Garbage(_)) => Outcome::Told,
                    (ErrorKind::UnexpectedEof, End::CutOff(_) | End::Killed(_)) => Outcome::Told,
                    _ => Outcome::Wrong(error.to_string()),
                }
            }
            (other, _) => Outcome::Wrong(format!("message {number}: {other:?}")),
        };
        return tally.job(outcome);
    }
}
