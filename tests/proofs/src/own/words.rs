//! Why a file cannot be searched, in one line.

use serde::Deserialize;

use super::{Name, Refused};

/// What compiles, but is not seen by the search.
pub fn refuse(text: &str, name: &str) -> Result<(), Refused> {
    let ways = [
        ("static mut ", "use an atomic, or a Mutex in a static"),
        ("extern crate", "use paths that begin with `std`"),
        ("no_std", "the search needs `std`"),
        ("asm!", "the search does not see assembly"),
    ];
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or("");
        if let Some((way, instead)) = ways.iter().find(|(way, _)| code.contains(way)) {
            let (way, number) = (way.trim(), number + 1);
            return Err(Refused::NotModelled(format!(
                "{name}:{number}: `{way}` cannot be searched: {instead}"
            )));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Message {
    level: String,
    message: String,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    is_primary: bool,
    text: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    text: String,
    highlight_start: usize,
    highlight_end: usize,
}

/// The first error, and its place.
fn first_error(messages: &str) -> Option<(String, Option<Span>)> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let mut errors = messages.filter(|message| message.level == "error");
    let error = errors.next()?;
    let span = error.spans.into_iter().find(|span| span.is_primary);
    Some((error.message, span))
}

impl Span {
    /// The file and the line; `root` if it has no other name.
    fn place(&self, names: &[Name], root: &str) -> String {
        let name = names.iter().find_map(|name| {
            let rest = self.file_name.strip_prefix(&name.compiled)?;
            let shown = format!("{}{rest}", name.shown);
            Some(if shown.is_empty() {
                root.to_owned()
            } else {
                shown
            })
        });
        format!(
            "{}:{}",
            name.as_ref().unwrap_or(&self.file_name),
            self.line_start
        )
    }

    /// What it is about, as it is written there.
    fn what(&self) -> String {
        let Some(line) = self.text.first() else {
            return String::new();
        };
        let length = line.highlight_end.saturating_sub(line.highlight_start);
        let letters = line.text.chars().skip(line.highlight_start - 1);
        letters.take(length).collect()
    }
}

/// The first thing that compiles with `std`, and not with the models.
pub fn not_modelled(messages: &str, names: &[Name], root: &str) -> String {
    match first_error(messages) {
        None => format!("{root} cannot be searched"),
        Some((error, None)) => format!("{root} cannot be searched: {error}"),
        Some((error, Some(span))) => {
            let what = span.what();
            let instead = instead(&format!("{what} {error}"));
            let place = span.place(names, root);
            format!("{place}: `{what}` is not modelled{instead}")
        }
    }
}

/// The first thing that the program needs of the reader's file, and does not find there.
pub fn missing(messages: &str, names: &[Name], yours: &str) -> String {
    match first_error(messages) {
        Some((error, Some(span))) => {
            let (what, place) = (span.what(), span.place(names, yours));
            format!("{yours} does not have `{what}` as {place} uses it: {error}")
        }
        _ => format!("{yours} cannot be used as it should be"),
    }
}

/// What to do instead.
fn instead(what: &str) -> &'static str {
    let advice = [
        (
            &["Instant", "SystemTime", "elapsed"][..],
            ": times differ from run to run; leave out the clock",
        ),
        (
            &["fs", "File", "net", "Tcp", "Udp", "Unix"],
            ": files and sockets differ from run to run; use a channel or a value",
        ),
        (
            &["env", "args"],
            ": what comes from outside differs from run to run; write it into the program",
        ),
        (
            &["Command", "process", "abort", "exit"],
            ": processes cannot be searched; use a thread",
        ),
        (
            &["stdin", "stdout", "stderr"],
            ": use println!, and values instead of input",
        ),
        (
            &["rand", "RandomState"],
            ": chance cannot be searched; try all values in a loop",
        ),
    ];
    let found = advice
        .iter()
        .find(|(words, _)| words.iter().any(|word| what.contains(word)));
    found.map_or("", |(_, advice)| advice)
}
