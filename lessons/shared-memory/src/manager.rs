// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! A manager: one process owns a dictionary and a list, and the others ask it.
//!
//! All clients write their requests, one line each, into one pipe. Each client has its own pipe for
//! the answers. The manager handles one request at a time, so nothing needs a lock. When a
//! process dies, the system closes its ends of the pipes, and the others get an error.

use std::collections::BTreeMap;
use std::fmt::Arguments;
use std::io::{self, BufRead, BufReader, ErrorKind, PipeReader, PipeWriter, Write};
use std::str::FromStr;

/// In bytes. A whole request is then shorter than 4096 bytes, which a pipe takes in one piece, so
/// that requests of several clients do not mix.
const LONGEST_NAME: usize = 4000;

/// What the manager owns.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Store {
    /// Values by their names.
    pub dictionary: BTreeMap<String, i64>,
    /// Values in the order in which they were appended.
    pub list: Vec<i64>,
}

/// The manager's ends of the pipes.
pub struct Manager {
    requests: BufReader<PipeReader>,
    answers: Vec<PipeWriter>,
}

/// A client's ends of the pipes.
pub struct Client {
    number: usize,
    requests: PipeWriter,
    answers: BufReader<PipeReader>,
}

/// A manager and this many clients, connected. Give each to a process of its own, and let each
/// process drop the others: as long as a copy of an end is open in any process, the death of
/// its owner goes unnoticed.
///
/// # Errors
///
/// If there are too few file descriptors: it needs three for each client, and two more.
pub fn manager(clients: usize) -> io::Result<(Manager, Vec<Client>)> {
    let (requests, request) = io::pipe()?;
    let (mut answers, mut ends) = (Vec::new(), Vec::new());
    for number in 0..clients {
        let (answer, answer_to) = io::pipe()?;
        answers.push(answer_to);
        ends.push(Client {
            number,
            requests: request.try_clone()?,
            answers: BufReader::new(answer),
        });
    }
    let requests = BufReader::new(requests);
    Ok((Manager { requests, answers }, ends))
}

impl Manager {
    /// Answers until the last client has closed its end. If a stopped client does not read a long
    /// answer, all other clients wait until it continues or is killed.
    pub fn serve(mut self) -> io::Result<()> {
        let mut store = Store::default();
        // Not `lines`, which would remove a "\r" at the end of a name.
        for request in self.requests.split(b'\n') {
            let request = String::from_utf8(request?).map_err(|_| ErrorKind::InvalidData)?;
            let answer = store.answer(&request);
            let (client, answer) = answer.ok_or(ErrorKind::InvalidData)?;
            let pipe = self.answers.get_mut(client).ok_or(ErrorKind::InvalidData)?;
            // If this fails, that client is dead, and the others are not.
            let _ = pipe.write_all(answer.as_bytes());
        }
        Ok(())
    }
}

impl Store {
    /// The number of the client that asks, and the answer; `None` if this is no request.
    fn answer(&mut self, request: &str) -> Option<(usize, String)> {
        let (client, request) = request.split_once(' ')?;
        let (verb, rest) = request.split_once(' ')?;
        let answer = match verb {
            "put" => {
                let (value, name) = rest.split_once(' ')?;
                self.dictionary.insert(name.into(), value.parse().ok()?);
                "done\n".into()
            }
            "get" => match self.dictionary.get(rest) {
                Some(value) => format!("{value}\n"),
                None => "none\n".into(),
            },
            "append" => {
                self.list.push(rest.parse().ok()?);
                "done\n".into()
            }
            "length" => format!("{}\n", self.list.len()),
            "snapshot" => self.to_lines(),
            _ => return None,
        };
        Some((client.parse().ok()?, answer))
    }

    /// The two lengths, then one line for each value.
    fn to_lines(&self) -> String {
        let mut lines = format!("{} {}\n", self.dictionary.len(), self.list.len());
        for (name, value) in &self.dictionary {
            lines += &format!("{value} {name}\n");
        }
        for value in &self.list {
            lines += &format!("{value}\n");
        }
        lines
    }
}

/// Every call waits for the manager's answer, without a time-out. If the manager is dead, or
/// dies while you wait, the call fails at once with [`ErrorKind::BrokenPipe`].
///
/// A name is one line of up to 4000 bytes. Any other name is an error,
/// [`ErrorKind::InvalidInput`].
impl Client {
    /// The value of that name, if there is one.
    pub fn get(&mut self, name: &str) -> io::Result<Option<i64>> {
        check(name)?;
        let answer = self.ask(format_args!("get {name}"))?;
        match answer.as_str() {
            "none" => Ok(None),
            value => number(value).map(Some),
        }
    }

    /// Sets the value of that name.
    ///
    /// `get`, add and `put` are a race: another client may ask between them.
    pub fn put(&mut self, name: &str, value: i64) -> io::Result<()> {
        check(name)?;
        self.ask(format_args!("put {value} {name}")).map(drop)
    }

    /// Appends to the list.
    pub fn append(&mut self, value: i64) -> io::Result<()> {
        self.ask(format_args!("append {value}")).map(drop)
    }

    /// How many values the list has.
    pub fn length(&mut self) -> io::Result<usize> {
        number(&self.ask(format_args!("length "))?)
    }

    /// A copy of the dictionary and the list, as they were at one moment.
    pub fn snapshot(&mut self) -> io::Result<Store> {
        let lengths = self.ask(format_args!("snapshot "))?;
        let (names, values) = lengths.split_once(' ').ok_or(ErrorKind::InvalidData)?;
        let mut store = Store::default();
        for _ in 0..number(names)? {
            let line = self.read_line()?;
            let (value, name) = line.split_once(' ').ok_or(ErrorKind::InvalidData)?;
            store.dictionary.insert(name.into(), number(value)?);
        }
        for _ in 0..number(values)? {
            store.list.push(number(&self.read_line()?)?);
        }
        Ok(store)
    }

    fn ask(&mut self, request: Arguments) -> io::Result<String> {
        let line = format!("{} {request}\n", self.number);
        self.requests
            .write_all(line.as_bytes())
            .map_err(|_| gone())?;
        self.read_line()
    }

    fn read_line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        // A line without its end: the manager died while it wrote.
        let line = line.strip_suffix('\n').ok_or_else(gone)?;
        Ok(line.to_owned())
    }
}

fn check(name: &str) -> io::Result<()> {
    if name.len() > LONGEST_NAME || name.contains('\n') {
        let message = "the name has more than one line, or more than 4000 bytes";
        return Err(io::Error::new(ErrorKind::InvalidInput, message));
    }
    Ok(())
}

fn gone() -> io::Error {
    io::Error::new(ErrorKind::BrokenPipe, "the manager is gone")
}

fn number<N: FromStr>(text: &str) -> io::Result<N> {
    text.parse().map_err(|_| ErrorKind::InvalidData.into())
}
