//! Jobs for worker processes.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::{panic, thread};

use serde::{Serialize, de::DeserializeOwned};
use serde_bytes::ByteBuf;

use super::{Outcome, Side, seconds};
use crate::pieces::children::Child;
use crate::pieces::pool::{self, Function, Pool};

const WORKERS: usize = 4;
const APPLIES: u32 = 10_000;
const SQUARES: u64 = 1_000_000;
const LAZY: u64 = 10_000;
/// From the lesson; all prime but the last.
const NUMBERS: [u64; 6] = [
    112_272_535_095_293,
    112_582_705_942_171,
    112_272_535_095_293,
    115_280_095_190_773,
    115_797_848_077_099,
    1_099_726_899_285_419,
];

pub const SIDES: &[Side] = &[
    ("pool-apply", apply),
    ("pool-apply-procspawn", apply_procspawn),
    ("pool-apply-bare", apply_bare),
    ("pool-map", || map(SQUARES)),
    ("pool-map-chunks", map_chunks),
    ("pool-map-procspawn", || {
        map_procspawn(squares, |answers| answers)
    }),
    ("pool-map-procspawn-each", || {
        map_procspawn(squares_each, answered)
    }),
    ("pool-map-bare", map_bare),
    ("pool-imap", imap),
    ("pool-imap-bare", imap_bare),
    ("pool-primes", primes),
    ("pool-primes-here", primes_on_threads),
];

pub fn work_if_worker() {
    squaring();
    squaring_chunks();
    testing();
    procspawn::init();
}

fn squaring() -> Function<u64, u64> {
    pool::work_if_worker(square)
}

fn squaring_chunks() -> Function<ByteBuf, ByteBuf> {
    pool::work_if_worker(|numbers: ByteBuf| bytes(&squares(numbers_of(&numbers))))
}

fn bytes(numbers: &[u64]) -> ByteBuf {
    let bytes: Vec<[u8; 8]> = numbers.iter().map(|number| number.to_le_bytes()).collect();
    bytes.into_flattened().into()
}

fn numbers_of(bytes: &[u8]) -> Vec<u64> {
    let numbers = bytes.as_chunks::<8>().0.iter();
    numbers.map(|number| u64::from_le_bytes(*number)).collect()
}

fn testing() -> Function<u64, bool> {
    pool::work_if_worker(is_prime)
}

fn square(number: u64) -> u64 {
    number * number
}

fn squares(numbers: Vec<u64>) -> Vec<u64> {
    numbers.into_iter().map(square).collect()
}

/// If one panics, it alone has no answer.
fn squares_each(numbers: Vec<u64>) -> Vec<Result<u64, String>> {
    let each =
        |number| panic::catch_unwind(|| square(number)).map_err(|_| "it panicked".to_owned());
    numbers.into_iter().map(each).collect()
}

fn answered(answers: Vec<Result<u64, String>>) -> Vec<u64> {
    answers
        .into_iter()
        .map(|answer| answer.expect("it lives"))
        .collect()
}

/// As in the lesson, and in its Python version: only odd divisors are tried.
fn is_prime(number: u64) -> bool {
    let mut odd = (3..=number.isqrt()).step_by(2);
    number == 2
        || number > 2 && number % 2 == 1 && odd.all(|divisor| !number.is_multiple_of(divisor))
}

fn micros(took: f64) -> Outcome {
    Ok(vec![("us", took * 1e6 / f64::from(APPLIES))])
}

fn apply() -> Outcome {
    let pool = Pool::new(Some(1), &squaring())?;
    assert_eq!(pool.apply(3), Ok(9));
    micros(seconds(|| {
        for _ in 0..APPLIES {
            assert_eq!(pool.apply(3), Ok(9));
        }
    }))
}

fn apply_procspawn() -> Outcome {
    let pool = procspawn::Pool::new(1)?;
    assert_eq!(pool.spawn(3, square).join()?, 9);
    micros(seconds(|| {
        for _ in 0..APPLIES {
            let answer = pool.spawn(3, square).join();
            assert!(answer.is_ok_and(|answer| answer == 9));
        }
    }))
}

/// A number there and a number back, through a socket pair.
fn apply_bare() -> Outcome {
    let (mut socket, child) = bare_worker()?;
    let mut answer = [0; 8];
    let took = seconds(|| {
        for _ in 0..APPLIES {
            socket.write_all(&3_u64.to_le_bytes()).expect("it lives");
            socket.read_exact(&mut answer).expect("it lives");
        }
    });
    assert_eq!(u64::from_le_bytes(answer), 9);
    end(vec![(socket, child)])?;
    micros(took)
}

/// Forks a child that squares all numbers that come, as many at once as there are.
fn bare_worker() -> Result<(UnixStream, Child), Box<dyn std::error::Error>> {
    let (ours, mut theirs) = UnixStream::pair()?;
    let child = Child::start(move || {
        serve(&mut theirs);
        Vec::new()
    })?;
    Ok((ours, child))
}

fn serve(socket: &mut UnixStream) {
    let mut buffer = vec![0; 1 << 20];
    let mut filled = 0;
    while let Ok(length @ 1..) = socket.read(&mut buffer[filled..]) {
        filled += length;
        let whole = filled - filled % 8;
        for number in buffer[..whole].as_chunks_mut::<8>().0 {
            *number = square(u64::from_le_bytes(*number)).to_le_bytes();
        }
        if socket.write_all(&buffer[..whole]).is_err() {
            return;
        }
        buffer.copy_within(whole..filled, 0);
        filled -= whole;
    }
}

fn millions(took: f64) -> Outcome {
    Ok(vec![("M/s", SQUARES as f64 / took / 1e6)])
}

/// Also by the number of squares.
pub fn map(squares: u64) -> Outcome {
    let pool = Pool::new(Some(WORKERS), &squaring())?;
    assert_eq!(pool.apply(3), Ok(9));
    let mut answers = Ok(Vec::new());
    let took = seconds(|| answers = pool.map(0..squares).collect());
    assert!(answers?.into_iter().eq((0..squares).map(square)));
    Ok(vec![("M/s", squares as f64 / took / 1e6), ("s", took)])
}

/// So many numbers are a chunk in a pool of [`WORKERS`]; in ours, too, unless it is told.
const CHUNK: u64 = SQUARES.div_ceil(4 * WORKERS as u64);

fn chunk(first: u64) -> Vec<u64> {
    (first..SQUARES.min(first + CHUNK)).collect()
}

/// A chunk is one job, as in procspawn: if one number panics, the chunk has no answer.
fn map_chunks() -> Outcome {
    let pool = Pool::new(Some(WORKERS), &squaring_chunks())?;
    assert_eq!(pool.apply(bytes(&[3])), Ok(bytes(&[9])));
    let mut answers = Vec::new();
    let took = seconds(|| {
        let chunks = (0..SQUARES)
            .step_by(CHUNK as usize)
            .map(|first| bytes(&chunk(first)));
        let all = pool.imap(chunks, 1);
        answers = all
            .flat_map(|answers| numbers_of(&answers.expect("it lives")))
            .collect();
    });
    assert!(answers.into_iter().eq((0..SQUARES).map(square)));
    millions(took)
}

fn map_procspawn<A>(run: fn(Vec<u64>) -> Vec<A>, read: fn(Vec<A>) -> Vec<u64>) -> Outcome
where
    A: Serialize + DeserializeOwned + Send + 'static,
{
    let pool = procspawn::Pool::new(WORKERS)?;
    pool.spawn(chunk(SQUARES - 1), run).join()?;
    let mut answers = Vec::new();
    let took = seconds(|| {
        let chunks = (0..SQUARES).step_by(CHUNK as usize).map(chunk);
        let handles: Vec<_> = chunks.map(|numbers| pool.spawn(numbers, run)).collect();
        let all = handles.into_iter();
        answers = all
            .flat_map(|handle| read(handle.join().expect("it lives")))
            .collect();
    });
    assert!(answers.into_iter().eq((0..SQUARES).map(square)));
    millions(took)
}

/// The same numbers, from an iterator into a list, through a socket pair for each worker,
/// with nothing around them.
fn map_bare() -> Outcome {
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        workers.push(bare_worker()?);
    }
    let mut answers = Vec::new();
    let took = seconds(|| {
        let numbers: Vec<u64> = (0..SQUARES).collect();
        answers = vec![0; numbers.len()];
        let share = numbers.len().div_ceil(WORKERS);
        thread::scope(|scope| {
            let shares = numbers.chunks(share).zip(answers.chunks_mut(share));
            for ((numbers, answers), (socket, _)) in shares.zip(&mut workers) {
                scope.spawn(move || {
                    // A piece of 64 KiB at a time: it fits into the socket both ways.
                    for (numbers, answers) in numbers.chunks(8192).zip(answers.chunks_mut(8192)) {
                        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
                        socket.write_all(&bytes).expect("it lives");
                        let mut bytes = bytes;
                        socket.read_exact(&mut bytes).expect("it lives");
                        for (answer, bytes) in answers.iter_mut().zip(bytes.as_chunks::<8>().0) {
                            *answer = u64::from_le_bytes(*bytes);
                        }
                    }
                });
            }
        });
    });
    assert!(
        answers
            .iter()
            .zip(0..)
            .all(|(answer, n)| *answer == square(n))
    );
    end(workers)?;
    millions(took)
}

fn end(workers: Vec<(UnixStream, Child)>) -> Result<(), Box<dyn std::error::Error>> {
    for (socket, child) in workers {
        // Each child has copies of our ends, so dropping ours would tell it nothing.
        socket.shutdown(Shutdown::Both)?;
        child.answer()?;
    }
    Ok(())
}

fn thousands(took: f64) -> Outcome {
    Ok(vec![("k/s", LAZY as f64 / took / 1e3)])
}

fn imap() -> Outcome {
    let pool = Pool::new(Some(WORKERS), &squaring())?;
    assert_eq!(pool.apply(3), Ok(9));
    thousands(seconds(|| {
        let answers = pool.imap(0..LAZY, 1);
        assert!(answers.zip(0..).all(|(answer, n)| answer == Ok(square(n))));
    }))
}

/// Eight numbers under way with each worker, a write and a read for each.
fn imap_bare() -> Outcome {
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        workers.push(bare_worker()?);
    }
    let mut under_way = VecDeque::new();
    let mut numbers = 0..LAZY;
    let took = seconds(|| {
        let mut turn = 0;
        loop {
            while under_way.len() < 8 * WORKERS
                && let Some(number) = numbers.next()
            {
                let worker = turn % WORKERS;
                turn += 1;
                workers[worker]
                    .0
                    .write_all(&number.to_le_bytes())
                    .expect("it lives");
                under_way.push_back((worker, number));
            }
            let Some((worker, number)) = under_way.pop_front() else {
                break;
            };
            let mut answer = [0; 8];
            workers[worker].0.read_exact(&mut answer).expect("it lives");
            assert_eq!(u64::from_le_bytes(answer), square(number));
        }
    });
    end(workers)?;
    thousands(took)
}

fn primes() -> Outcome {
    let pool = Pool::new(Some(WORKERS), &testing())?;
    assert_eq!(pool.apply(3), Ok(true));
    let mut primes = 0;
    let took = seconds(|| {
        primes = pool
            .map(NUMBERS)
            .filter(|answer| *answer == Ok(true))
            .count()
    });
    assert_eq!(primes, 5);
    Ok(vec![("s", took)])
}

/// The same without processes.
fn primes_on_threads() -> Outcome {
    let took = seconds(|| {
        thread::scope(|scope| {
            for number in NUMBERS {
                scope.spawn(move || is_prime(number));
            }
        });
    });
    Ok(vec![("s", took)])
}
