//! Framed bytes through a socket pair.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use super::{Outcome, Side, seconds};
use crate::pieces::children::Child;
use crate::pieces::framed::{FrameReader, FrameWriter};

const TRIPS: u32 = 20_000;
const SMALL: u32 = 200_000;
const LARGE: u32 = 1000;
const MIB: usize = 1 << 20;
const LIMIT: u32 = MIB as u32;
const TEXT: &[u8] = b"a message of 22 bytes!";

pub const SIDES: &[Side] = &[
    ("pipe-trip", trip),
    ("pipe-trip-bare", bare_trip),
    ("pipe-small", || per_second(framed(TEXT, SMALL)?)),
    ("pipe-small-bare", || per_second(bare(TEXT, SMALL)?)),
    ("pipe-large", || gigabytes(framed(&vec![7; MIB], LARGE)?)),
    ("pipe-large-bare", || gigabytes(bare(&vec![7; MIB], LARGE)?)),
];

fn per_second(took: f64) -> Outcome {
    Ok(vec![("k/s", f64::from(SMALL) / took / 1e3)])
}

fn gigabytes(took: f64) -> Outcome {
    Ok(vec![("GB/s", f64::from(LARGE) * MIB as f64 / took / 1e9)])
}

fn trip() -> Outcome {
    let (ours, theirs) = UnixStream::pair()?;
    let child = Child::start(|| {
        let mut reader = FrameReader::new(&theirs, LIMIT);
        let mut writer = FrameWriter::new(&theirs, LIMIT);
        let mut message = Vec::new();
        for _ in 0..TRIPS {
            assert!(reader.receive_into(&mut message).is_ok_and(|more| more));
            writer.send(&message).expect("the parent lives");
        }
        Vec::new()
    })?;
    let (mut reader, mut writer) = (
        FrameReader::new(&ours, LIMIT),
        FrameWriter::new(&ours, LIMIT),
    );
    let mut answer = Vec::new();
    let took = seconds(|| {
        for _ in 0..TRIPS {
            writer.send(TEXT).expect("it lives");
            assert!(reader.receive_into(&mut answer).is_ok_and(|more| more));
            assert_eq!(answer, TEXT);
        }
    });
    child.answer()?;
    Ok(vec![("us", took * 1e6 / f64::from(TRIPS))])
}

fn bare_trip() -> Outcome {
    let (mut ours, mut theirs) = UnixStream::pair()?;
    let child = Child::start(move || {
        let mut buffer = [0; 22];
        for _ in 0..TRIPS {
            theirs.read_exact(&mut buffer).expect("the parent lives");
            theirs.write_all(&buffer).expect("the parent lives");
        }
        Vec::new()
    })?;
    let mut buffer = [0; 22];
    let took = seconds(|| {
        for _ in 0..TRIPS {
            ours.write_all(TEXT).expect("it lives");
            ours.read_exact(&mut buffer).expect("it lives");
        }
    });
    child.answer()?;
    Ok(vec![("us", took * 1e6 / f64::from(TRIPS))])
}

/// By the size of the messages: the time for one.
pub fn messages(size: u64) -> Outcome {
    let count = ((1 << 28) / size).clamp(16, 200_000);
    let took = framed(&vec![7; usize::try_from(size)?], u32::try_from(count)?)?;
    Ok(vec![("s", took / count as f64)])
}

fn framed(message: &[u8], count: u32) -> Result<f64, Box<dyn std::error::Error>> {
    let limit = u32::try_from(message.len())?;
    let (ours, theirs) = UnixStream::pair()?;
    let child = Child::start(|| {
        let mut reader = FrameReader::new(&theirs, limit);
        let mut received = Vec::new();
        for _ in 0..count {
            let more = reader.receive_into(&mut received);
            assert!(more.is_ok_and(|more| more) && received.len() == message.len());
        }
        (&theirs).write_all(&[0]).expect("the parent lives");
        Vec::new()
    })?;
    let mut writer = FrameWriter::new(&ours, limit);
    let took = seconds(|| {
        for _ in 0..count {
            writer.send(message).expect("it lives");
        }
        (&ours).read_exact(&mut [0]).expect("it lives");
    });
    child.answer()?;
    Ok(took)
}

fn bare(message: &[u8], count: u32) -> Result<f64, Box<dyn std::error::Error>> {
    let (mut ours, mut theirs) = UnixStream::pair()?;
    let length = message.len();
    let child = Child::start(move || {
        let mut buffer = vec![0; MIB];
        let mut left = count as usize * length;
        while left > 0 {
            left -= theirs.read(&mut buffer).expect("the parent lives");
        }
        theirs.write_all(&[0]).expect("the parent lives");
        Vec::new()
    })?;
    let took = seconds(|| {
        for _ in 0..count {
            ours.write_all(message).expect("it lives");
        }
        ours.read_exact(&mut [0]).expect("it lives");
    });
    child.answer()?;
    Ok(took)
}
