//! The frame of a lesson: arguments, acts, errors, and the chart at the end.

use std::env;
use std::error::Error;
use std::fmt::{self, Display};
use std::fs::{self, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::panic::{self, PanicHookInfo};
use std::process::{self, ExitCode};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::chart::chart;
use crate::lane::{Lane, Recorder};
use crate::output::{complain, print_line, program};
use crate::pace::{seconds, speed};
use crate::pretty::pretty;
use crate::say;
use crate::trace::trace;

/// Runs a lesson: the body of every `main`.
///
/// `header` is the source of the `main.rs` itself; its `//!` lines are the `--help`,
/// and the first of them opens the output. `options` are the flags that the lesson
/// takes; an entry in capitals, such as `ADDRESS`, says that it takes other arguments
/// as well. The lesson gets a [`Lesson`], and after it the timeline is printed, then
/// the speedups.
///
/// If the environment variable `LESSON_TRACE` names a file, a lesson that ends well
/// writes its timeline there as Chrome trace events, which Perfetto shows.
///
/// The exit status is 0 after success and after `--help`, 1 if the lesson returns an
/// error, 2 for an unknown argument or a `LESSON_SPEED` out of range; the last two
/// with one line on standard error.
///
/// A panic that the lesson did not plan for, such as a thread that cannot be started,
/// is one line on standard error and exit status 1 as well, in whatever thread it
/// happens. A lesson that panics on purpose sets a panic hook of its own meanwhile.
///
/// ```no_run
/// //! **Patience**: waiting without doing anything.
/// fn main() -> std::process::ExitCode {
///     timing::run("//! **Patience**: waiting without doing anything.", &[], |lesson| {
///         let act = lesson.act("Wait for a second");
///         std::thread::sleep(timing::seconds(1.0));
///         act.end("it is over");
///         Ok(())
///     })
/// }
/// ```
pub fn run(
    header: &str,
    options: &[&str],
    body: impl FnOnce(&Lesson) -> Result<(), Box<dyn Error>>,
) -> ExitCode {
    let mut arguments: Vec<String> = env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    // `just lesson -- --flag` hands this on, as if the recipe were `cargo run`.
    if arguments.first().is_some_and(|first| first == "--") {
        arguments.remove(0);
    }
    if arguments.iter().any(|argument| argument == "--help") {
        print_line(help(header, options));
        return ExitCode::SUCCESS;
    }
    let takes_words = options.iter().any(|option| !option.starts_with('-'));
    let known =
        |argument: &str| options.contains(&argument) || (takes_words && !argument.starts_with('-'));
    if let Some(unknown) = arguments.iter().find(|argument| !known(argument)) {
        let unknown = unknown.escape_debug();
        complain(format_args!("unknown argument '{unknown}' (try --help)"));
        return ExitCode::from(2);
    }
    let lesson = Lesson {
        arguments,
        recorder: Recorder::new(),
        speedups: Mutex::default(),
    };
    panic::set_hook(Box::new(end_with_one_line));
    lesson.open(header);
    let result = body(&lesson).and_then(|()| lesson.close());
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(error);
            ExitCode::FAILURE
        }
    }
}

/// Most likely it is a thread that could not be started: `spawn` panics then.
fn end_with_one_line(panic: &PanicHookInfo<'_>) {
    complain(panic.payload_as_str().unwrap_or("a thread panicked"));
    process::exit(1);
}

fn help(header: &str, options: &[&str]) -> String {
    let mut help = String::new();
    for line in header_lines(header) {
        help.push_str(&format!("{line}\n"));
    }
    let options: Vec<_> = options
        .iter()
        .map(|option| match option.starts_with('-') {
            true => format!(" [{option}]"),
            false => format!(" [{option}...]"),
        })
        .collect();
    let usage = format!("\nusage: {} [--help]{}", program(), options.concat());
    let environment = "\
LESSON_SPEED=20 in the environment makes the waits twenty times shorter;
LESSON_TRACE=FILE saves the timeline there, to look at it in Perfetto.";
    help + &usage + "\n" + environment
}

/// The `//!` lines of a source file, as plain text.
fn header_lines(source: &str) -> impl Iterator<Item = String> {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| line.strip_prefix(' ').unwrap_or(line).replace("**", ""))
}

/// A lesson while it runs.
pub struct Lesson {
    arguments: Vec<String>,
    recorder: Arc<Recorder>,
    speedups: Mutex<Vec<Speedup>>,
}

impl Lesson {
    /// Whether the flag, such as `--hang`, was given.
    pub fn has(&self, flag: &str) -> bool {
        self.arguments.iter().any(|argument| argument == flag)
    }

    /// The arguments that are not flags, in order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let words = self.arguments.iter().filter(|word| !word.starts_with('-'));
        words.map(String::as_str)
    }

    /// Begins the next act: prints its number and title and starts its stopwatch.
    pub fn act(&self, title: impl Display) -> Act {
        let title = title.to_string();
        let number = self.recorder.act(title.clone());
        print_line(format_args!("\n{number}. {title}"));
        Act {
            start: Instant::now(),
        }
    }

    /// The lane of this name in the timeline: the same one each time it is asked for.
    pub fn lane(&self, name: impl Display) -> Lane {
        self.recorder.lane(&name.to_string())
    }

    /// Notes a value for the recording, under the timeline. `read` is called at once, while no
    /// other thread notes a value: so the last one noted is the last one that there was. Where
    /// it waits for a lock, the holder must not note a value.
    pub fn value(&self, name: &'static str, read: impl FnOnce() -> i64) {
        self.recorder.value(name, read);
    }

    /// Compares the same work done one by one and together: a line at the end of the
    /// lesson and a row in the table of `just all`. `author` is the speed-up that the
    /// author of the tutorial printed, if he printed one.
    pub fn speedup(
        &self,
        work: &str,
        one_by_one: Duration,
        together: Duration,
        author: Option<f64>,
    ) {
        let mut speedups = self.speedups.lock().unwrap_or_else(PoisonError::into_inner);
        speedups.push(Speedup {
            work: work.to_owned(),
            one_by_one,
            together,
            author,
        });
    }

    fn open(&self, header: &str) {
        let speed = speed();
        print_line(header_lines(header).next().unwrap_or_default());
        if speed != 1.0 {
            print_line(format_args!(
                "(LESSON_SPEED={speed}: a second of the tutorial takes {})",
                pretty(seconds(1.0))
            ));
        }
    }

    fn close(self) -> Result<(), Box<dyn Error>> {
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colour = io::stdout().is_terminal() && !no_color;
        let recording = self.recorder.lock();
        let total = self.recorder.start.elapsed();
        let chart = chart(&recording, total, colour);
        let trace = trace(&recording, &self.recorder.values(), total, &program());
        drop(recording);
        if !chart.is_empty() {
            print_line(format_args!("\n{chart}"));
        }
        let speedups = self.speedups.into_inner();
        let speedups = speedups.unwrap_or_else(PoisonError::into_inner);
        if !speedups.is_empty() {
            print_line("");
        }
        for speedup in &speedups {
            print_line(speedup);
        }
        if let Some(path) = env::var_os("LESSON_TRACE") {
            // Not written beside and renamed: it may be a pipe. What was cut does not parse.
            fs::write(&path, trace)
                .map_err(|error| format!("LESSON_TRACE={}: {error}", path.display()))?;
        }
        if let Some(path) = env::var_os("LESSON_SPEEDUPS") {
            let rows: String = speedups.iter().map(Speedup::row).collect();
            let file = OpenOptions::new().append(true).create(true).open(&path);
            file.and_then(|mut file| file.write_all(rows.as_bytes()))
                .map_err(|error| format!("LESSON_SPEEDUPS={}: {error}", path.display()))?;
        }
        Ok(())
    }
}

/// An act of the lesson and its stopwatch.
#[must_use = "an act is timed until its end"]
pub struct Act {
    start: Instant,
}

impl Act {
    /// Stops the stopwatch and prints the act's conclusion and its time, which it returns.
    pub fn end(self, conclusion: impl Display) -> Duration {
        let time = self.start.elapsed();
        say!("=> {conclusion} ({})", pretty(time));
        time
    }
}

/// Times one named step within an act, prints its time and returns it with the result.
pub fn step<T>(name: impl Display, work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    let time = start.elapsed();
    say!("{:<32} {:>9}", name.to_string(), pretty(time));
    (result, time)
}

/// The times of the same work done one by one and together.
struct Speedup {
    work: String,
    one_by_one: Duration,
    together: Duration,
    author: Option<f64>,
}

impl Speedup {
    fn factor(&self) -> f64 {
        self.one_by_one.as_secs_f64() / self.together.as_secs_f64()
    }

    /// A row of the table of `just all`, its cells set apart by tabs.
    fn row(&self) -> String {
        let author = self
            .author
            .map_or("-".into(), |speedup| format!("{speedup:.1}x"));
        format!(
            "{}\t{}\t{}\t{:.1}x\t{author}\n",
            self.work,
            pretty(self.one_by_one),
            pretty(self.together),
            self.factor(),
        )
    }
}

impl Display for Speedup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one_by_one = pretty(self.one_by_one);
        let together = pretty(self.together);
        let factor = self.factor();
        write!(
            f,
            "{}: one by one {one_by_one}, together {together}: speed-up {factor:.1}x",
            self.work
        )?;
        match self.author {
            Some(author) => write!(f, " (in the text: {author:.1}x)"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_is_the_header_of_the_source() {
        let source = "//! **Race**: who comes first.\n//!\n//!     cargo run\n\nmod account;\n";
        let help = help(source, &["--hang", "ADDRESS"]);
        assert!(help.starts_with("Race: who comes first.\n\n    cargo run\n\nusage: "));
        assert!(help.contains(" [--help] [--hang] [ADDRESS...]\n"));
        assert!(!help.contains("mod account"));
    }

    #[test]
    fn a_speedup_is_told_in_words_and_as_a_row() {
        let speedup = Speedup {
            work: "fetch".into(),
            one_by_one: Duration::from_millis(2710),
            together: Duration::from_millis(620),
            author: Some(4.4),
        };
        assert_eq!(speedup.row(), "fetch\t2.71 s\t0.62 s\t4.4x\t4.4x\n");
        assert_eq!(
            speedup.to_string(),
            "fetch: one by one 2.71 s, together 0.62 s: speed-up 4.4x (in the text: 4.4x)"
        );
    }
}
