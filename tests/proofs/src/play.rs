//! You are the scheduler: a dialogue, line by line.

use interleave::text::{align, thousands};
use interleave::{Graph, State};
use real_std::io::{self, BufRead, Write};

use crate::proof::{Program, Scene};
use crate::report::{line_of, shared, source_of, waits_for};

/// Where a program stands, and how it came there.
struct Game<'a> {
    file: &'a str,
    graph: Graph,
    /// The threads that can be told to go on; a digit is a place in here.
    threads: Vec<usize>,
    /// The digits so far.
    schedule: Vec<usize>,
}

/// Where the dialogue takes place.
#[derive(Debug)]
pub struct Terminal<I, O> {
    /// The answers, a line each.
    pub input: I,
    /// Everything else.
    pub output: O,
    /// Whether to print the answers as well, because the terminal does not.
    pub echo: bool,
}

impl<I: BufRead, O: Write> Terminal<I, O> {
    /// `None` at the end of the input.
    fn ask(&mut self, question: &str) -> io::Result<Option<String>> {
        write!(self.output, "{question} ")?;
        self.output.flush()?;
        let mut line = Vec::new();
        let length = self.input.read_until(b'\n', &mut line)?;
        let answer = String::from_utf8_lossy(&line).trim().to_owned();
        if self.echo || length == 0 {
            writeln!(self.output, "{answer}")?;
        }
        Ok((length > 0).then_some(answer))
    }
}

/// What became of a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Won,
    Quit,
}

/// Lets the reader break the wrong file, and then try in vain to break the right one.
///
/// # Errors
///
/// If reading or writing fails.
pub fn play(scene: &Scene, terminal: &mut Terminal<impl BufRead, impl Write>) -> io::Result<()> {
    let mut game = Game::new(&scene.wrong);
    let output = &mut terminal.output;
    writeln!(output, "{}: {}", scene.lesson, game.title())?;
    writeln!(output, "Your goal: {}.", scene.goal)?;
    writeln!(
        output,
        "A digit: that thread takes its next step. u: a step back. ?: a hint. q: quit."
    )?;
    match game.run(terminal)? {
        Over::Won => play_fixed(scene, terminal),
        Over::Quit => Ok(()),
    }
}

/// Lets the reader try in vain to break the right file.
///
/// # Errors
///
/// If reading or writing fails.
pub fn play_fixed(
    scene: &Scene,
    terminal: &mut Terminal<impl BufRead, impl Write>,
) -> io::Result<()> {
    let mut game = Game::new(&scene.right);
    writeln!(terminal.output, "\nNow try the same with {}.", game.title())?;
    game.run(terminal).map(drop)
}

/// Plays a schedule without asking, with the right file if `fixed`.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] if a digit is no thread that can go on at that point; if
/// writing fails.
pub fn play_schedule(
    scene: &Scene,
    fixed: bool,
    schedule: &str,
    output: &mut impl Write,
) -> io::Result<()> {
    let mut game = Game::new(if fixed { &scene.right } else { &scene.wrong });
    writeln!(output, "{}: {}", scene.lesson, game.title())?;
    game.show(output)?;
    for (place, digit) in schedule.chars().enumerate() {
        if game.choices().is_empty() {
            break;
        }
        if let Err(reason) = game.step(&digit.to_string(), output)? {
            let message = format!("step {} of the schedule: {reason}", place + 1);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        game.show(output)?;
    }
    game.say_end(output)
}

impl<'a> Game<'a> {
    fn new((file, program): &'a (&'static str, Program)) -> Self {
        let graph = program.graph();
        let threads = graph.active();
        Self {
            file,
            graph,
            threads,
            schedule: Vec::new(),
        }
    }

    fn title(&self) -> String {
        let schedules = thousands(self.graph.schedules());
        format!(
            "{}, {} threads, {schedules} schedules",
            self.file,
            self.threads.len()
        )
    }

    fn run(&mut self, terminal: &mut Terminal<impl BufRead, impl Write>) -> io::Result<Over> {
        self.show(&mut terminal.output)?;
        loop {
            self.say_end(&mut terminal.output)?;
            let end = &self.graph.states[self.state()].end;
            if end.as_ref().is_some_and(|end| end.bad) {
                return Ok(Over::Won);
            }
            let choices: String = self
                .choices()
                .iter()
                .map(|digit| format!("{digit} "))
                .collect();
            let Some(answer) = terminal.ask(&format!("Who goes on? [{choices}u ? q]"))? else {
                return Ok(Over::Quit);
            };
            let output = &mut terminal.output;
            match answer.as_str() {
                "q" => return Ok(Over::Quit),
                "?" => self.hint(output)?,
                "u" if self.schedule.pop().is_none() => {
                    writeln!(output, "This is the start: there is no step to take back.")?;
                }
                "u" => self.show(output)?,
                // Several at once, too: a hint can be typed as it is shown.
                digits => {
                    for digit in digits.split(' ') {
                        match self.step(digit, output)? {
                            Ok(()) => self.show(output)?,
                            Err(reason) => {
                                writeln!(output, "{reason}")?;
                                break;
                            }
                        }
                    }
                }
            }
        }
    }

    fn state(&self) -> usize {
        let schedule: Vec<_> = self
            .schedule
            .iter()
            .map(|&digit| self.threads[digit])
            .collect();
        self.graph.walk(&schedule)[schedule.len()]
    }

    /// The digits of the threads that can go on.
    fn choices(&self) -> Vec<usize> {
        let steps = &self.graph.states[self.state()].steps;
        (0..self.threads.len())
            .filter(|&digit| steps.iter().any(|step| step.thread == self.threads[digit]))
            .collect()
    }

    /// Takes a step, or says why that cannot be.
    fn step(&mut self, digit: &str, output: &mut impl Write) -> io::Result<Result<(), String>> {
        let choices: Vec<_> = self.choices().iter().map(usize::to_string).collect();
        let Some(place) = choices.iter().position(|choice| choice == digit) else {
            let can = match choices.as_slice() {
                [] => "nobody can go on".to_owned(),
                choices => format!("who can go on: {}", choices.join(" ")),
            };
            return Ok(Err(format!("'{digit}' is not possible here; {can}")));
        };
        let digit = self.choices()[place];
        let thread = self.threads[digit];
        let what = &self.graph.states[self.state()]
            .step(thread)
            .expect("it can go on")
            .what;
        writeln!(
            output,
            "  {}. {}: {what}",
            self.schedule.len() + 1,
            self.graph.threads[thread]
        )?;
        self.schedule.push(digit);
        Ok(Ok(()))
    }

    /// Where everything stands.
    fn show(&self, output: &mut impl Write) -> io::Result<()> {
        let Self { graph, threads, .. } = self;
        let state = &graph.states[self.state()];
        let objects = graph.objects.iter().enumerate();
        let objects: Vec<_> = objects
            .map(|(number, name)| format!("{name}: {}", shared(graph, state, number)))
            .collect();
        writeln!(output, "\n{}", objects.join("   "))?;
        let mut rows = Vec::new();
        for (digit, &thread) in threads.iter().enumerate() {
            let (digit, does) = match (&state.next[thread], waits_for(state, thread)) {
                (None, _) => ("-".to_owned(), "is done".to_owned()),
                (Some(_), Some(what)) => ("-".to_owned(), self.waits(state, what)),
                (Some(what), None) => (digit.to_string(), format!("next: {what}")),
            };
            rows.push(vec![
                format!("  {digit}"),
                graph.threads[thread].clone(),
                does,
                line_of(state, thread),
                source_of(state, thread),
            ]);
        }
        write!(output, "{}", align(&rows))
    }

    /// A lock is named at the end of what it is waited for to do.
    fn waits(&self, state: &State, what: &str) -> String {
        let mut objects = self.graph.objects.iter().zip(&state.holders);
        let holder = objects.find_map(|(name, holder)| holder.filter(|_| what.ends_with(name)));
        match holder {
            Some(holder) => format!("waits to {what}, held by {}", self.graph.threads[holder]),
            None => format!("waits to {what}"),
        }
    }

    fn say_end(&self, output: &mut impl Write) -> io::Result<()> {
        let Some(end) = &self.graph.states[self.state()].end else {
            return Ok(());
        };
        let schedule: String = self.schedule.iter().map(usize::to_string).collect();
        let steps = self.schedule.len();
        let what = &end.what;
        if end.bad {
            return writeln!(
                output,
                "\nYou have broken it: {what}, after {steps} steps: {schedule}"
            );
        }
        let breakable = self.graph.way_to_bad(0).is_some();
        let advice = if breakable {
            "take steps back and try another way".to_owned()
        } else {
            let schedules = thousands(self.graph.schedules());
            format!("and so do all of its {schedules} schedules")
        };
        writeln!(
            output,
            "\nIt ends well ({what}), schedule {schedule}: {advice}."
        )
    }

    fn hint(&self, output: &mut impl Write) -> io::Result<()> {
        let digit = |thread| self.threads.iter().position(|&other| other == thread);
        match self.graph.way_to_bad(self.state()) {
            Some(way) => {
                let way: Vec<_> = way
                    .into_iter()
                    .filter_map(digit)
                    .map(|it| it.to_string())
                    .collect();
                writeln!(output, "A shortest way from here: {}", way.join(" "))
            }
            None if self.graph.way_to_bad(0).is_some() => {
                writeln!(output, "No way leads there from here: take steps back.")
            }
            None => {
                let schedules = thousands(self.graph.schedules());
                writeln!(
                    output,
                    "There is none: not one of its {schedules} schedules ends badly."
                )
            }
        }
    }
}
