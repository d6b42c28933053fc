//! You are the scheduler: a dialogue, line by line.

use interleave::text::{counted, excerpt, thousands};
use real_std::collections::BTreeSet;
use real_std::io::{self, BufRead, Write};

use crate::level::{Goal, Level, State, Step, Version};

/// So many lines are shown before a cursor, and behind it.
const AROUND: usize = 1;

/// What may stand behind the number of a thread, and what the thread does then.
const WAYS: [(char, &str); 4] = [
    ('t', "its time is over"),
    ('s', "it wakes up for no reason"),
    ('f', "it fails for no reason"),
    (
        'a',
        "it reads an older value (b: a still older one, and so on)",
    ),
];

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
    pub(crate) fn ask(&mut self, question: &str) -> io::Result<Option<String>> {
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

/// Where a program stands, and how it came there.
struct Game<'a> {
    goal: &'a Goal,
    version: &'a Version,
    /// The steps so far.
    way: Vec<&'a Step>,
    /// The schedules that were tried to their ends.
    tried: BTreeSet<String>,
}

/// All levels, a line each.
///
/// # Errors
///
/// If writing fails.
pub fn list(levels: &[Level], output: &mut impl Write) -> io::Result<()> {
    for level in levels {
        let Level {
            name, title, goal, ..
        } = level;
        let steps = level.versions[0].way(0, |end| goal.is(end));
        let steps = steps.map_or(String::new(), |way| format!(", {} steps", way.len()));
        writeln!(output, "{name:<16} {title} ({}{steps})", goal.words())?;
    }
    Ok(())
}

/// Lets the reader reach the goal, choose a change, and try in vain to break what it repairs. With
/// a `change`, begins with that one.
///
/// # Errors
///
/// If reading or writing fails.
pub fn play(
    level: &Level,
    change: usize,
    terminal: &mut Terminal<impl BufRead, impl Write>,
) -> io::Result<()> {
    introduce(level, change, &mut terminal.output)?;
    writeln!(
        terminal.output,
        "A digit: that thread takes its next step. u: a step back. ?: a hint. q: quit."
    )?;
    let ways = WAYS.iter().filter(|(letter, _)| {
        let mut states = level.versions.iter().flat_map(|version| &version.states);
        states.any(|state| state.steps.iter().any(|step| step.turn.ends_with(*letter)))
    });
    let ways: Vec<_> = ways
        .map(|(letter, what)| format!("{letter}, {what}"))
        .collect();
    if !ways.is_empty() {
        let ways = ways.join("; ");
        writeln!(terminal.output, "A letter behind the digit: {ways}.")?;
    }
    let mut at = change;
    loop {
        let version = &level.versions[at];
        let over = Game::new(level, version).run(terminal)?;
        let is_done = version.repairs == Some(true) || level.versions.len() == 1;
        if over == Over::Quit || is_done {
            return Ok(());
        }
        match choose(level, terminal)? {
            Some(change) => at = change,
            None => return Ok(()),
        }
        say_goal(level, at, &mut terminal.output)?;
    }
}

/// Plays a schedule without asking.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] if a turn is not possible at that point; if writing fails.
pub fn play_schedule(
    level: &Level,
    change: usize,
    schedule: &str,
    output: &mut impl Write,
) -> io::Result<()> {
    let mut game = Game::new(level, &level.versions[change]);
    introduce(level, change, output)?;
    game.show(output)?;
    for (place, turn) in turns(schedule).iter().enumerate() {
        if game.state().steps.is_empty() {
            break;
        }
        if let Err(reason) = game.step(turn, output)? {
            let message = format!("step {} of the schedule: {reason}", place + 1);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        game.show(output)?;
    }
    game.say_end(output).map(drop)
}

fn introduce(level: &Level, change: usize, output: &mut impl Write) -> io::Result<()> {
    let Level {
        name, title, task, ..
    } = level;
    writeln!(output, "{name}: {title}\n{task}")?;
    say_goal(level, change, output)
}

/// The goal of the program, or the one after this change.
fn say_goal(level: &Level, change: usize, output: &mut impl Write) -> io::Result<()> {
    let version = &level.versions[change];
    let schedules = counted(version.schedules as usize, "schedule");
    match &version.change {
        Some(change) => writeln!(
            output,
            "\nThe change: {change}. There are {schedules}. Your goal: break it, if you can."
        ),
        None => {
            let goal = level.goal.words();
            writeln!(output, "Your goal: {goal}. There are {schedules}.")
        }
    }
}

/// The number of the change that the reader chooses.
fn choose(
    level: &Level,
    terminal: &mut Terminal<impl BufRead, impl Write>,
) -> io::Result<Option<usize>> {
    writeln!(terminal.output, "\nWhich of these changes repairs it?")?;
    for (number, version) in level.versions.iter().enumerate().skip(1) {
        let change = version.change.as_deref().unwrap_or_default();
        writeln!(terminal.output, "\n{number}: {change}")?;
        for (sign, line) in version.diff.iter().flatten() {
            writeln!(
                terminal.output,
                "{}",
                format!("   {sign} {line}").trim_end()
            )?;
        }
    }
    let numbers: Vec<String> = (1..level.versions.len())
        .map(|number| number.to_string())
        .collect();
    loop {
        let Some(answer) = terminal.ask(&format!("Your choice? [{} q]", numbers.join(" ")))? else {
            return Ok(None);
        };
        match numbers.iter().position(|number| *number == answer) {
            Some(place) => return Ok(Some(place + 1)),
            None if answer == "q" => return Ok(None),
            None => {
                let (answer, numbers) = (answer.escape_debug(), numbers.join(" "));
                writeln!(terminal.output, "'{answer}' is no answer: {numbers} q")?;
            }
        }
    }
}

/// Digits, each with its letter, in a schedule or an answer; as `link` in `docs/theme/play.js` reads them.
fn turns(text: &str) -> Vec<String> {
    let mut turns: Vec<String> = Vec::new();
    for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
        match turns.last_mut() {
            Some(last) if letter.is_ascii_lowercase() && is_thread(last) => last.push(letter),
            _ => turns.push(letter.into()),
        }
    }
    turns
}

fn is_thread(turn: &str) -> bool {
    matches!(turn.as_bytes(), [b'0'..=b'9'])
}

impl State {
    /// The turns that can be taken, with a space behind each.
    fn choices(&self) -> String {
        self.steps
            .iter()
            .map(|step| format!("{} ", step.turn))
            .collect()
    }
}

impl<'a> Game<'a> {
    fn new(level: &'a Level, version: &'a Version) -> Self {
        Self {
            goal: &level.goal,
            version,
            way: Vec::new(),
            tried: BTreeSet::new(),
        }
    }

    fn state(&self) -> &'a State {
        let state = self.way.last().map_or(0, |step| step.to);
        &self.version.states[state]
    }

    fn schedule(&self) -> String {
        self.way.iter().map(|step| step.turn.as_str()).collect()
    }

    fn run(&mut self, terminal: &mut Terminal<impl BufRead, impl Write>) -> io::Result<Over> {
        self.show(&mut terminal.output)?;
        loop {
            if self.say_end(&mut terminal.output)? {
                return Ok(Over::Won);
            }
            let choices = self.state().choices();
            let Some(answer) = terminal.ask(&format!("Who goes on? [{choices}u ? q]"))? else {
                return Ok(Over::Quit);
            };
            let output = &mut terminal.output;
            match answer.as_str() {
                "q" => return Ok(Over::Quit),
                "?" => self.hint(output)?,
                "u" if self.way.pop().is_none() => {
                    writeln!(output, "This is the start: there is no step to take back.")?;
                }
                "u" => self.show(output)?,
                // Several at once, too: a hint can be typed as it is shown.
                answer => {
                    let before = self.way.len();
                    let mut refused = None;
                    for turn in turns(answer) {
                        refused = self.step(&turn, output)?.err();
                        if refused.is_some() || self.state().end.is_some() {
                            break;
                        }
                    }
                    if self.way.len() > before {
                        self.show(output)?;
                    }
                    if let Some(reason) = refused {
                        writeln!(output, "{reason}")?;
                    }
                }
            }
        }
    }

    /// Takes a step, or says why that cannot be.
    fn step(&mut self, turn: &str, output: &mut impl Write) -> io::Result<Result<(), String>> {
        let state = self.state();
        let Some(step) = state.steps.iter().find(|step| step.turn == turn) else {
            let (turn, choices) = (turn.escape_debug(), state.choices());
            let can = match choices.trim_end() {
                "" => "no thread can go on".to_owned(),
                choices => format!("who can go on: {choices}"),
            };
            return Ok(Err(format!("'{turn}' is not possible here; {can}")));
        };
        self.way.push(step);
        let (number, thread) = (self.way.len(), &self.version.threads[step.thread]);
        writeln!(output, "  {number}. {thread}: {}", step.what)?;
        Ok(Ok(()))
    }

    /// Where everything stands: what is shared, and each thread with the lines around its cursor.
    fn show(&self, output: &mut impl Write) -> io::Result<()> {
        let Self { version, .. } = self;
        let state = self.state();
        writeln!(output)?;
        let objects = version.objects.iter().enumerate();
        let objects = objects.map(|(number, name)| {
            let holder = state.holders[number].map(|holder| &version.threads[holder]);
            match (state.values[number], holder) {
                (Some(value), Some(holder)) => format!("{name}: {value} ({holder})"),
                (Some(value), None) => format!("{name}: {value}"),
                (None, Some(holder)) => format!("{name} ({holder})"),
                (None, None) => name.clone(),
            }
        });
        let objects: Vec<_> = objects.collect();
        if !objects.is_empty() {
            writeln!(output, "{}", objects.join("   "))?;
        }
        if !state.printed.is_empty() {
            writeln!(output, "printed: {}", state.printed)?;
        }
        for (thread, name) in version.threads.iter().enumerate() {
            let turns = state.steps.iter().filter(|step| step.thread == thread);
            let turns: Vec<_> = turns.map(|step| step.turn.as_str()).collect();
            let can = match turns.is_empty() {
                true => "-".to_owned(),
                false => turns.join(" "),
            };
            let operation = state.next[thread].or(state.waits[thread]);
            let place = operation.and_then(|operation| version.place(operation));
            let place = place.map_or(String::new(), |(file, line)| format!(", {file}:{line}"));
            let does = self.does(state, thread, turns.is_empty());
            writeln!(output, "  {can:<2} {name}{place}: {does}")?;
            if turns.len() > 1 {
                // What it does is up to the letter.
                for step in state.steps.iter().filter(|step| step.thread == thread) {
                    writeln!(output, "        {}: it {}", step.turn, step.what)?;
                }
            }
            if let Some(part) = state.next[thread].and_then(|it| version.part(it)) {
                let line = version.operations[state.next[thread].unwrap_or(0)]
                    .2
                    .unwrap_or(0);
                let lines: Vec<_> = part.lines.iter().map(String::as_str).collect();
                write!(output, "{}", excerpt(part.first, &lines, line, AROUND))?;
            }
        }
        Ok(())
    }

    fn does(&self, state: &State, thread: usize, blocked: bool) -> String {
        let label = |operation: usize| self.version.operations[operation].0.as_str();
        match (state.next[thread], state.waits[thread]) {
            (None, None) if self.way.iter().all(|step| step.thread != thread) => {
                "has not begun".into()
            }
            (None, None) => "is done".into(),
            (None, Some(_)) => "waits for a thread to end".into(),
            (Some(next), _) if !blocked => format!("next: {}", label(next)),
            (Some(next), _) => {
                // A lock is named at the end of what it is waited for to do.
                let what = label(next);
                let mut objects = self.version.objects.iter().zip(&state.holders);
                let holder =
                    objects.find_map(|(name, holder)| holder.filter(|_| what.ends_with(name)));
                match holder {
                    Some(holder) => {
                        format!("waits to {what}, held by {}", self.version.threads[holder])
                    }
                    None => format!("waits to {what}"),
                }
            }
        }
    }

    /// Says how the program has ended, if it has. Whether the game is won by that.
    fn say_end(&mut self, output: &mut impl Write) -> io::Result<bool> {
        let Some(end) = &self.state().end else {
            return Ok(false);
        };
        let schedule = self.schedule();
        let steps = counted(self.way.len(), "step");
        let what = &end.what;
        let is_changed = self.version.change.is_some();
        let ends = match self.goal {
            _ if end.bad && (is_changed || self.goal.is(end)) => "You have broken it",
            _ if end.bad => "It ends badly",
            Goal::End { .. } if self.goal.is(end) => "You have reached it",
            Goal::End { .. } => "It ends otherwise",
            _ => "It ends well",
        };
        let it = if end.bad { "it " } else { "" };
        writeln!(output, "\n{ends} after {steps}, {schedule}: {it}{what}.")?;
        if self.goal.is(end) || (is_changed && end.bad) {
            let then = match is_changed {
                true => "The change does not repair it.",
                false => "That was the goal.",
            };
            writeln!(output, "{then}")?;
            return Ok(true);
        }
        self.tried.insert(schedule);
        let schedules = self.version.schedules;
        let all = counted(schedules as usize, "schedule");
        if self.version.repairs == Some(true) {
            writeln!(output, "So do all of its {all}: the change repairs it.")?;
            return Ok(true);
        }
        if matches!(self.goal, Goal::None) {
            let tried = self.tried.len() as u64;
            if tried == schedules {
                writeln!(output, "You have tried all of its {all}: none ends badly.")?;
                return Ok(true);
            }
            let left = thousands(schedules - tried);
            writeln!(
                output,
                "Of its {all}, {left} are left: take steps back, and try another way."
            )?;
        } else {
            writeln!(output, "Take steps back, and try another way.")?;
        }
        Ok(false)
    }

    /// Whether a change repairs the program is for the reader to find out: a hint comes after a try.
    fn hint(&self, output: &mut impl Write) -> io::Result<()> {
        let Self { goal, version, .. } = self;
        if version.change.is_some() && self.tried.is_empty() {
            return writeln!(output, "Try one schedule to its end first.");
        }
        let from = self.way.last().map_or(0, |step| step.to);
        let wanted = |end: &crate::level::End| match version.change {
            Some(_) => end.bad || goal.is(end),
            None => goal.is(end),
        };
        match version.way(from, wanted) {
            Some(way) => writeln!(output, "A shortest way from here: {}", way.join(" ")),
            None if version.way(0, wanted).is_some() => {
                writeln!(output, "No way leads there from here: take steps back.")
            }
            None => {
                let schedules = counted(version.schedules as usize, "schedule");
                writeln!(
                    output,
                    "There is none: of its {schedules}, not one ends badly."
                )
            }
        }
    }
}
