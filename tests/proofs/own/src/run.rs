//! Runs the search, or one schedule, as it was ordered.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use interleave::text::{counted, thousands};
use interleave::{Bounds, Chosen, Memory, Report, Standing, Turn, replay, search_own, stand};
use serde::{Deserialize, Serialize};

use crate::play::Game;
use crate::report::{self, Name};
use crate::watch::{watch, within};

/// What can be run in every order, by name.
pub type Programs = &'static [(&'static str, fn() -> Result<(), String>)];

/// The argument of the program, in TOML: see `proofs::own::Order`.
#[derive(Deserialize)]
struct Order {
    program: Option<String>,
    names: Vec<Name>,
    shown: String,
    budget: u64,
    enough: u64,
    all: bool,
    schedule: Option<String>,
    memory: Option<Shared>,
}

/// What threads see of each other's writes. See `proofs::own::Memory`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shared {
    Sc,
    Rust,
}

/// How far a search goes: a wait with a time limit may time out twice in a schedule, one
/// without a limit may end for no reason once, and so may a weak compare and swap.
pub const BOUNDS: Bounds = Bounds {
    timeouts: 2,
    spurious: 1,
    reduce: true,
    most_steps: 2_000,
    ..Bounds::NONE
};

/// How long it goes on after a schedule that takes too many steps.
const LONG: Duration = Duration::from_secs(5);

/// Runs a program in every order, and reports. The status is 0 if it has no bad end, 1 if
/// it has one, 3 if the search was not complete.
pub fn run(programs: Programs) -> ExitCode {
    match try_run(programs) {
        Ok(status) => ExitCode::from(status),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let tool = if is_played() { "play" } else { "prove" };
            let _ = writeln!(io::stderr(), "just {tool}: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether the reader is the scheduler.
fn is_played() -> bool {
    std::env::args().nth(2).as_deref() == Some("play")
}

fn try_run(programs: Programs) -> io::Result<u8> {
    let order = std::env::args().nth(1).unwrap_or_default();
    let order: Order = toml::from_str(&order).map_err(io::Error::other)?;
    static ORDER: OnceLock<Order> = OnceLock::new();
    let order = ORDER.get_or_init(|| order);
    watch(
        match order.program {
            Some(_) => "",
            None if is_played() => "just play: ",
            None => "just prove: ",
        },
        &order.names,
    );
    let budget = Duration::from_secs(order.budget);
    let asked = order.program.as_deref().unwrap_or("main");
    let program = programs.iter().find(|(name, _)| *name == asked);
    let &(_, main) = program.ok_or_else(|| io::Error::other(format!("there is no {asked}")))?;
    let bounds = Bounds {
        reduce: !order.all,
        memory: match order.memory {
            Some(Shared::Sc) => Memory::SequentiallyConsistent,
            Some(Shared::Rust) => Memory::Rust,
            None => Memory::AsNamed,
        },
        ..BOUNDS
    };
    let mut output = io::stdout().lock();
    let schedule = order.schedule.as_deref().map(|text| {
        let error = || io::Error::other(format!("'{text}' is not a schedule"));
        read_schedule(text).ok_or_else(error)
    });
    let schedule = schedule.transpose()?;
    if is_played() {
        let mut game = Game {
            shown: &order.shown,
            names: &order.names,
            bounds,
            main,
            schedule: schedule.unwrap_or_default(),
            memory: order.memory,
        };
        let echo = !io::stdin().is_terminal();
        game.run(&mut io::stdin().lock(), &mut output, echo)?;
        output.flush()?;
        return Ok(0);
    }
    if let Some(schedule) = schedule {
        if order.program.is_none() {
            possible(
                &schedule,
                &within(budget, || stand(bounds, &schedule, main)),
            )?;
        }
        let shown = within(budget, || replay(bounds, &schedule, main));
        match &order.program {
            Some(_) => write_toml(&mut output, &report::Shown::new(&shown, &order.names))?,
            None => write!(output, "{}", report::table(&shown, &order.names))?,
        }
        output.flush()?;
        return Ok(u8::from(shown.seen.is_bad()));
    }
    let start = Instant::now();
    let enough = Duration::from_secs(order.enough);
    let found = within(budget, || search(bounds, main, start, budget, enough));
    let took = start.elapsed();
    let bad = report::bad(&found).map(|(end, way)| {
        let shown = replay(bounds, &way.schedule, main);
        (
            report::kind(&end.0, &order.names),
            write_schedule(&way.schedule),
            shown,
        )
    });
    let bad: Vec<_> = bad.collect();
    match &order.program {
        Some(_) => {
            let found = report::Searched::new(&found, !order.all, &bad, &order.names);
            write_toml(&mut output, &found)?;
        }
        None => {
            let (name, names) = (&order.shown, &order.names);
            write!(
                output,
                "{}",
                report::found(name, names, !order.all, &found, took)
            )?;
            for (kind, schedule, shown) in &bad {
                let steps = counted(shown.steps.len(), "step");
                let table = report::table(shown, names);
                let again = match shown.steps.len() {
                    ..1_000 => format!("\n{}\n", again(name, schedule, order.memory)),
                    _ => String::new(),
                };
                write!(
                    output,
                    "\nThe shortest schedule found in which it {kind}: {steps}\n\n\
                    {table}{again}",
                )?;
            }
        }
    }
    output.flush()?;
    let bad = found.ends.keys().any(|(seen, _)| seen.is_bad());
    Ok(match (!bad, found.complete) {
        (false, _) => 1,
        (true, true) => 0,
        (true, false) => 3,
    })
}

/// How the reader comes to this schedule again.
pub fn again(name: &str, schedule: &str, memory: Option<Shared>) -> String {
    let memory = match memory {
        Some(Shared::Sc) => " --memory sc",
        Some(Shared::Rust) => " --memory rust",
        None => "",
    };
    format!("Again: just prove {name} --schedule '{schedule}'{memory}")
}

/// Whether the schedule could be followed, as far as the program went.
pub fn possible(schedule: &[Turn], standing: &Standing) -> io::Result<()> {
    standing.impossible.map_or(Ok(()), |place| {
        let turn = write_schedule(&schedule[place..=place]);
        let step = place + 1;
        Err(io::Error::other(format!(
            "step {step} of the schedule: '{turn}' is not possible there"
        )))
    })
}

fn write_toml(output: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let text = toml::to_string(value).map_err(io::Error::other)?;
    output.write_all(text.as_bytes())
}

/// Says how far it is, once a second, if there is a terminal.
fn search(
    bounds: Bounds,
    main: fn() -> Result<(), String>,
    start: Instant,
    budget: Duration,
    enough: Duration,
) -> Report {
    let mut told = Duration::ZERO;
    let found = search_own(bounds, main, move |progress| {
        let took = start.elapsed();
        if took > told + Duration::from_secs(1) && io::stderr().is_terminal() {
            told = took;
            let seconds = took.as_secs_f64();
            let rate = thousands((progress.schedules as f64 / seconds) as u64);
            let schedules = thousands(progress.schedules);
            let _ = write!(
                io::stderr(),
                "\r{schedules} schedules so far, {rate} a second, {seconds:.0} s "
            );
        }
        // It will not be complete, but another schedule may end badly.
        let long = !progress.too_long || took < LONG;
        let bad = !progress.bad || took < enough;
        took < budget && long && bad && progress.ends < report::MOST_ENDS
    });
    if start.elapsed() > Duration::from_secs(1) && io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
    found
}

/// By how many writes an access is not the newest: the place of the letter, from 1 on. Several
/// letters count together.
const OLDER: &str = "abcdeghijklmnopqruvwxyz";

/// What stands behind the number of a thread whose step was chosen in this way.
pub fn letters(chosen: Chosen) -> String {
    match chosen {
        Chosen::Ready => String::new(),
        Chosen::TimedOut => "t".into(),
        Chosen::Spurious => "s".into(),
        Chosen::Failed => "f".into(),
        Chosen::Older(by) => {
            let (by, all) = (usize::from(by).saturating_sub(1), OLDER.len());
            let rest = by % all;
            OLDER[all - 1..].repeat(by / all) + &OLDER[rest..=rest]
        }
    }
}

/// A turn is the number of the thread, and a letter if the step is not an ordinary one.
pub fn write_schedule(schedule: &[Turn]) -> String {
    let turn = |&(thread, chosen): &Turn| {
        let letter = letters(chosen);
        match thread {
            0..=9 => format!("{thread}{letter}"),
            _ => format!("({thread}){letter}"),
        }
    };
    schedule.iter().map(turn).collect()
}

pub fn read_schedule(text: &str) -> Option<Vec<Turn>> {
    let mut schedule: Vec<Turn> = Vec::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '0'..='9' => schedule.push((letter.to_digit(10)? as usize, Chosen::Ready)),
            '(' => {
                let number: String = letters.by_ref().take_while(|it| *it != ')').collect();
                schedule.push((number.parse().ok()?, Chosen::Ready));
            }
            't' => schedule.last_mut()?.1 = Chosen::TimedOut,
            's' => schedule.last_mut()?.1 = Chosen::Spurious,
            'f' => schedule.last_mut()?.1 = Chosen::Failed,
            _ => {
                let more = u16::try_from(OLDER.find(letter)?).ok()? + 1;
                let (_, chosen) = schedule.last_mut()?;
                *chosen = match chosen {
                    Chosen::Older(by) => Chosen::Older(by.checked_add(more)?),
                    _ => Chosen::Older(more),
                };
            }
        }
    }
    Some(schedule)
}
