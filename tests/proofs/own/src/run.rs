//! Runs the search, or one schedule, as the arguments say.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use interleave::text::thousands;
use interleave::{Bounds, Chosen, Turn, replay, search_own};

use crate::report;

/// What `just prove` has asked for, in the arguments of the program:
/// `SOURCE NAME BUDGET-IN-SECONDS all|reduced [SCHEDULE]`.
struct Asked {
    source: String,
    name: String,
    budget: Duration,
    bounds: Bounds,
    schedule: Option<Vec<Turn>>,
}

/// How far a search goes: a wait with a time limit may time out twice in a schedule, one
/// without a limit may end for no reason once, and so may a weak compare and swap.
const BOUNDS: Bounds = Bounds {
    timeouts: 2,
    spurious: 1,
    reduce: true,
    most_steps: 2_000,
    ..Bounds::NONE
};

/// Runs the program in every order, and reports. The status is 0 if it has no bad end, 1 if
/// it has one, 3 if the search was not complete.
pub fn run(main: fn() -> Result<(), String>) -> ExitCode {
    let Some(asked) = asked() else {
        return ExitCode::from(2);
    };
    match report_on(&asked, main) {
        Ok(status) => ExitCode::from(status),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "just prove: {error}");
            ExitCode::from(2)
        }
    }
}

fn asked() -> Option<Asked> {
    let mut arguments = std::env::args().skip(1);
    let source = std::fs::read_to_string(arguments.next()?).ok()?;
    let name = arguments.next()?;
    let budget = Duration::from_secs(arguments.next()?.parse().ok()?);
    let reduce = arguments.next()? == "reduced";
    let schedule = match arguments.next() {
        Some(schedule) => Some(read_schedule(&schedule)?),
        None => None,
    };
    Some(Asked {
        source,
        name,
        budget,
        bounds: Bounds { reduce, ..BOUNDS },
        schedule,
    })
}

fn report_on(asked: &Asked, main: fn() -> Result<(), String>) -> io::Result<u8> {
    let mut output = io::stdout().lock();
    let lines: Vec<&str> = asked.source.lines().collect();
    if let Some(schedule) = &asked.schedule {
        let shown = replay(asked.bounds, schedule, main);
        write!(output, "{}", report::table(&shown, &lines))?;
        output.flush()?;
        return Ok(u8::from(shown.seen.is_bad()));
    }
    let start = Instant::now();
    let (budget, mut told) = (asked.budget, Duration::ZERO);
    let found = search_own(asked.bounds, main, move |schedules| {
        let took = start.elapsed();
        if took > told + Duration::from_secs(1) && io::stderr().is_terminal() {
            told = took;
            let rate = thousands((schedules as f64 / took.as_secs_f64()) as u64);
            let so_far = thousands(schedules);
            let _ = write!(
                io::stderr(),
                "\r{so_far} schedules so far, {rate} a second, {:.0} s ",
                took.as_secs_f64()
            );
        }
        took < budget
    });
    let took = start.elapsed();
    if took > Duration::from_secs(1) && io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
    write!(
        output,
        "{}",
        report::found(&asked.name, asked.bounds.reduce, &found, took)
    )?;
    for (end, way) in report::bad(&found) {
        let shown = replay(asked.bounds, &way.schedule, main);
        let schedule = write_schedule(&way.schedule);
        write!(
            output,
            "\nThe shortest schedule found in which it {}: {} steps\n\n{}\nAgain: just prove {} --schedule '{schedule}'\n",
            report::kind(&end.0),
            shown.steps.len(),
            report::table(&shown, &lines),
            asked.name,
        )?;
    }
    output.flush()?;
    let bad = report::bad(&found).next().is_some();
    Ok(match (bad, found.complete) {
        (true, _) => 1,
        (false, true) => 0,
        (false, false) => 3,
    })
}

/// A turn is the number of the thread, and a letter if the step is not an ordinary one.
pub fn write_schedule(schedule: &[Turn]) -> String {
    let turn = |(thread, chosen): &Turn| {
        let letter = match chosen {
            Chosen::Ready => "",
            Chosen::TimedOut => "t",
            Chosen::Spurious => "s",
            Chosen::Failed => "f",
        };
        match thread {
            0..=9 => format!("{thread}{letter}"),
            _ => format!("({thread}){letter}"),
        }
    };
    schedule.iter().map(turn).collect()
}

fn read_schedule(text: &str) -> Option<Vec<Turn>> {
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
            _ => return None,
        }
    }
    Some(schedule)
}
