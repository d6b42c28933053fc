//! You are the scheduler of your own program: a dialogue, line by line.
//!
//! There is no list of its states. Each time, the program is run anew up to where it stands.

use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

use interleave::{At, Bounds, Standing, Turn, search_own_from, stand};

use crate::report::{self, Name};
use crate::run::{Shared, again, possible, read_schedule, write_schedule};
use crate::watch::within;

/// A hint is looked for so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// A program, and how far it has come.
pub struct Game<'a> {
    pub shown: &'a str,
    pub names: &'a [Name],
    pub bounds: Bounds,
    pub main: fn() -> Result<(), String>,
    pub schedule: Vec<Turn>,
    pub memory: Option<Shared>,
}

impl Game<'_> {
    /// Asks who goes on until it has ended badly, or the reader has had enough.
    ///
    /// # Errors
    ///
    /// If the schedule is not possible; if reading or writing fails.
    pub fn run(
        &mut self,
        input: &mut impl BufRead,
        output: &mut impl Write,
        echo: bool,
    ) -> io::Result<()> {
        let mut standing = self.stand();
        possible(&self.schedule, &standing)?;
        // What is left over at the end is left out.
        self.schedule.truncate(standing.steps.len());
        writeln!(
            output,
            "{}: a digit: that thread takes its next step. u: a step back. ?: a hint. q: quit.\n\
             A letter behind the digit: t, the time is over; s, it wakes up for no reason; f, it fails; \
             a, it reads an older value (b: a still older one, and so on).",
            self.shown
        )?;
        self.show(&standing, output)?;
        loop {
            if standing.end.as_ref().is_some_and(|end| end.is_bad()) {
                return Ok(());
            }
            let turns = turns(&standing);
            let choices: String = turns.iter().map(|turn| digit(*turn) + " ").collect();
            write!(output, "Who goes on? [{choices}u ? q] ")?;
            output.flush()?;
            let mut line = Vec::new();
            let length = input.read_until(b'\n', &mut line)?;
            let answer = String::from_utf8_lossy(&line).trim().to_owned();
            if echo || length == 0 {
                writeln!(output, "{answer}")?;
            }
            match answer.as_str() {
                _ if length == 0 => return Ok(()),
                "q" => return Ok(()),
                "?" => self.hint(output)?,
                "u" if self.schedule.pop().is_none() => {
                    writeln!(output, "This is the start: there is no step to take back.")?;
                }
                "u" => {
                    standing = self.stand();
                    self.show(&standing, output)?;
                }
                digits => {
                    let digits: String = digits.split_whitespace().collect();
                    match read_schedule(&digits) {
                        Some(turns) if !turns.is_empty() => {
                            standing = self.go_on(&turns, standing, output)?;
                        }
                        _ => {
                            let answer = answer.escape_debug();
                            writeln!(output, "'{answer}' is no answer: {choices}u ? q")?;
                        }
                    }
                }
            }
        }
    }

    fn stand(&self) -> Standing {
        within(PATIENCE, || stand(self.bounds, &self.schedule, self.main))
    }

    /// Takes these turns, up to the first that is not possible.
    fn go_on(
        &mut self,
        asked: &[Turn],
        mut standing: Standing,
        output: &mut impl Write,
    ) -> io::Result<Standing> {
        for &turn in asked {
            let can = turns(&standing);
            if !can.contains(&turn) {
                let can: Vec<_> = can.into_iter().map(digit).collect();
                let can = can.join(" ");
                let turn = digit(turn);
                writeln!(
                    output,
                    "'{turn}' is not possible here; who can go on: {can}"
                )?;
                return Ok(standing);
            }
            self.schedule.push(turn);
            standing = self.stand();
            if let Some(step) = standing.steps.get(self.schedule.len() - 1) {
                let number = self.schedule.len();
                writeln!(output, "  {number}. {}: {}", step.thread, step.what)?;
            }
            if standing.end.is_some() {
                break;
            }
        }
        self.show(&standing, output)?;
        Ok(standing)
    }

    /// Where everything stands.
    fn show(&self, standing: &Standing, output: &mut impl Write) -> io::Result<()> {
        writeln!(output)?;
        let printed = standing.printed.trim_end().replace('\n', " | ");
        if !printed.is_empty() {
            writeln!(output, "printed: {printed}")?;
        }
        for at in &standing.threads {
            let can: Vec<_> = at.turns.iter().copied().map(digit).collect();
            let can = if can.is_empty() {
                "-".into()
            } else {
                can.join(" ")
            };
            let place = at.place.map(|place| (place.file(), place.line()));
            let name = place.and_then(|(file, line)| report::place(file, line, self.names));
            let line = name
                .as_ref()
                .map_or(String::new(), |name| match name.contains(':') {
                    true => format!(", {name}"),
                    false => format!(", line {name}"),
                });
            writeln!(output, "  {can:<2} {}{line}: {}", at.name, self.does(at))?;
            if let (Some((file, line)), Some(_)) = (place, name) {
                write!(output, "{}", report::excerpt(file, line))?;
            }
            let means = at.turns.iter().zip(&at.means);
            let means = means.filter_map(|(turn, means)| Some((digit(*turn), means.as_ref()?)));
            for (turn, means) in means {
                writeln!(output, "        {turn}: it {means}")?;
            }
        }
        let Some(end) = &standing.end else {
            return Ok(());
        };
        let what = report::what(end, self.names);
        let (steps, schedule) = (self.schedule.len(), write_schedule(&self.schedule));
        let verdict = match end.is_bad() {
            true => "You have broken it: it",
            false => "It",
        };
        writeln!(
            output,
            "{verdict} {what}, after {steps} steps.\n{}",
            again(self.shown, &schedule, self.memory)
        )
    }

    fn does(&self, at: &At) -> String {
        match (&at.next, &at.held) {
            _ if at.finished => "has ended".into(),
            (None, _) => "waits for a thread to end".into(),
            (Some(next), _) if !at.turns.is_empty() => format!("next: {next}"),
            (Some(next), Some((holder, since))) => {
                let since = report::place(since.file(), since.line(), self.names);
                let since = since.map_or(String::new(), |line| format!(" since {line}"));
                format!("waits to {next}, held by {holder}{since}")
            }
            (Some(next), None) => format!("waits to {next}"),
        }
    }

    fn hint(&self, output: &mut impl Write) -> io::Result<()> {
        let start = Instant::now();
        let in_time = move |_| start.elapsed() < PATIENCE;
        let search = || search_own_from(self.bounds, &self.schedule, self.main, in_time);
        let found = within(PATIENCE, search);
        let bad = report::bad(&found).min_by_key(|(_, way)| way.schedule.len());
        match bad {
            Some(((seen, _), way)) => {
                let way = way.schedule.get(self.schedule.len()..).unwrap_or_default();
                let way: Vec<_> = way.iter().copied().map(digit).collect();
                let kind = report::kind(seen, self.names);
                let way = way.join(" ");
                writeln!(
                    output,
                    "The shortest way found from here: {way}. It {kind}."
                )
            }
            None if !found.complete => {
                let seconds = PATIENCE.as_secs();
                writeln!(output, "No bad end was found from here in {seconds} s.")
            }
            None if self.schedule.is_empty() => {
                writeln!(output, "There is none: no schedule ends badly.")
            }
            None => writeln!(output, "No way leads to a bad end from here."),
        }
    }
}

fn turns(standing: &Standing) -> Vec<Turn> {
    let turns = standing.threads.iter().flat_map(|at| &at.turns);
    turns.copied().collect()
}

fn digit(turn: Turn) -> String {
    write_schedule(&[turn])
}
