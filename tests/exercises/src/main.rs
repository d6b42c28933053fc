//! `just try`: exercises, and what is to be said of your solution.
//!
//! Usage: just try [NAME [--watch | --hint | --solution] [--memory sc|rust]]
//!
//!   NAME        begin this exercise: its file is put into the folder `my`, where you change it;
//!               then, and each time again, it is judged. The status is 0 if it holds
//!   --watch     judge it again each time you save it
//!   --hint      the next of three hints on the task
//!   --solution  our solution, and how yours differs; once yours has held
//!   --memory sc|rust  judge it as if it named the strongest orderings, or by what Rust allows: as for
//!               `just prove`. Such a verdict is not kept
//!
//! Repair: find the mistake. Faster: let happen at once what may. Write: from the Python version beside it.
//! Predict: say all outputs of a program. Reach: be its scheduler. Weakest: name the weakest orderings that
//! are right. To begin one again, delete its file.
//!
//! Without a name: all exercises, and how far you are. With TRY_FOLDER set: in that folder, not in
//! `my`.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs, thread};

use exercises::state::Progress;
use exercises::{Exercise, Judge, LESSONS, Verdict, judge};
use lexopt::prelude::*;
use proofs::own::{Libraries, Memory};
use similar::TextDiff;

/// What to do with an exercise.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Judge,
    Watch,
    Hint,
    Solution,
}

fn main() -> ExitCode {
    match run() {
        Ok(status) => status,
        Err(error) => {
            let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
            if kind == Some(io::ErrorKind::BrokenPipe) {
                return ExitCode::SUCCESS;
            }
            let _ = writeln!(io::stderr(), "just try: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let (mut name, mut asked, mut memory) = (None, Asked::Judge, None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        asked = match argument {
            Value(value) if name.is_none() => {
                name = Some(value.string()?);
                continue;
            }
            Short('h') | Long("help") => {
                proofs::manners::help(include_str!("main.rs"))?;
                return Ok(ExitCode::SUCCESS);
            }
            Long("memory") => {
                memory = Some(arguments.value()?.parse()?);
                continue;
            }
            Long("watch") if asked == Asked::Judge => Asked::Watch,
            Long("hint") if asked == Asked::Judge => Asked::Hint,
            Long("solution") if asked == Asked::Judge => Asked::Solution,
            other => return Err(other.unexpected().into()),
        };
    }
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()?;
    let exercises = Exercise::all(&root, LESSONS)?;
    let mine = env::var_os("TRY_FOLDER").map_or_else(|| root.join("my"), PathBuf::from);
    if mine.as_os_str().is_empty() {
        return Err("TRY_FOLDER is empty: name a folder, or unset it".into());
    }
    if mine.exists() && !mine.is_dir() {
        return Err(format!("'{}' is not a folder", mine.display()).into());
    }
    let Some(name) = name else {
        if asked != Asked::Judge || memory.is_some() {
            return Err("which exercise? `just try` lists them".into());
        }
        list(&exercises, &mine)?;
        return Ok(ExitCode::SUCCESS);
    };
    let Some(exercise) = exercises.into_iter().find(|it| it.name == name) else {
        let name = name.escape_debug();
        return Err(format!("there is no exercise '{name}'; `just try` lists them").into());
    };
    let searched = exercise.task.judge == Judge::Orders;
    if memory.is_some() && !(searched && matches!(asked, Asked::Judge | Asked::Watch)) {
        return Err("--memory is for a verdict that comes from all orders".into());
    }
    let begun = Begun::new(&root, mine, exercise, memory)?;
    match asked {
        Asked::Judge => {
            begun.introduce()?;
            begun.judge(&Libraries::of("exercises")?)
        }
        Asked::Watch => {
            begun.introduce()?;
            begun.watch()
        }
        Asked::Hint => begun.hint(),
        Asked::Solution => begun.solution(),
    }
}

/// All exercises with their state.
fn list(exercises: &[Exercise], mine: &Path) -> Result<(), Box<dyn Error>> {
    let progress = Progress::load(mine);
    let mut output = io::stdout().lock();
    let (mut solved, mut next) = (0, None);
    for exercise in exercises {
        let Exercise { name, task, .. } = exercise;
        let known = progress.of(name);
        solved += u32::from(known.solved);
        if !known.solved {
            next.get_or_insert(name);
        }
        let state = match fs::read(mine.join(format!("{name}.rs"))) {
            Err(_) => "not begun",
            Ok(content) => match progress.verdict_on(name, &content) {
                None => "changed since it was judged",
                Some("holds") => "holds",
                Some(verdict) => verdict.split(':').next().unwrap_or(verdict),
            },
        };
        let goal = task.goal.word();
        let minutes = task.minutes;
        writeln!(
            output,
            "{name:<16} {goal:<8} {minutes:>3} min  {:<44} {state}",
            task.title
        )?;
    }
    let all = exercises.len();
    let next = next.map_or(String::new(), |next| {
        format!(" The next one: just try {next}")
    });
    writeln!(output, "\n{solved} of {all} solved.{next}")?;
    Ok(output.flush()?)
}

/// An exercise, with the reader's file.
struct Begun {
    mine: PathBuf,
    exercise: Exercise,
    file: PathBuf,
    /// The file, as the reader sees it.
    shown: String,
    /// It was put there just now.
    new: bool,
    /// See [`judge`].
    memory: Option<Memory>,
}

impl Begun {
    /// Puts the start at its place, unless there is something.
    fn new(
        root: &Path,
        mine: PathBuf,
        exercise: Exercise,
        memory: Option<Memory>,
    ) -> Result<Self, Box<dyn Error>> {
        let file = mine.join(format!("{}.rs", exercise.name));
        let shown = file
            .strip_prefix(root)
            .unwrap_or(&file)
            .display()
            .to_string();
        let new = !file.exists();
        if new {
            let told = |error| format!("cannot write '{shown}': {error}");
            fs::create_dir_all(&mine).map_err(told)?;
            let start = fs::read(exercise.file("start.rs"))?;
            let half = file.with_extension("new");
            fs::write(&half, start).map_err(told)?;
            fs::rename(half, &file).map_err(told)?;
        }
        Ok(Self {
            mine,
            exercise,
            file,
            shown,
            new,
            memory,
        })
    }

    fn content(&self) -> Result<Vec<u8>, Box<dyn Error>> {
        let told = |error| format!("cannot read '{}': {error}", self.shown);
        Ok(fs::read(&self.file).map_err(told)?)
    }

    /// What to do, and where.
    fn introduce(&self) -> io::Result<()> {
        let Exercise { name, task, folder } = &self.exercise;
        let mut output = io::stdout().lock();
        let (goal, minutes) = (task.goal.word(), task.minutes);
        writeln!(output, "{name}: {} ({goal}, {minutes} min)\n", task.title)?;
        writeln!(output, "{}\n", task.task.trim())?;
        let shown = &self.shown;
        let lesson = folder.parent().and_then(|exercises| exercises.parent());
        let lesson = lesson
            .and_then(|lesson| lesson.file_name())
            .unwrap_or_default();
        let lesson = lesson.display();
        let new = if self.new { " (new)" } else { "" };
        writeln!(
            output,
            "your file: {shown}{new}   its judge: lessons/{lesson}/exercises/{name}/check.rs"
        )?;
        if folder.join("before.py").exists() {
            writeln!(
                output,
                "in Python: lessons/{lesson}/exercises/{name}/before.py"
            )?;
        }
        writeln!(output)?;
        output.flush()
    }

    fn judge(&self, libraries: &Libraries) -> Result<ExitCode, Box<dyn Error>> {
        let name = &self.exercise.name;
        let content = self.content()?;
        let judged = judge(
            &self.exercise,
            &self.file,
            &self.shown,
            libraries,
            self.memory,
        )?;
        // The verdict is told also if it cannot be kept.
        let kept = match self.memory {
            None => Progress::load(&self.mine).judged(name, &content, &judged.verdict),
            Some(_) => Ok(()),
        };
        let mut output = io::stdout().lock();
        let verdict = judged.verdict.to_string();
        let (first, rest) = verdict.split_once(':').unwrap_or((&verdict, ""));
        writeln!(
            output,
            "{}{}{rest}",
            first.to_uppercase(),
            if rest.is_empty() { "" } else { ":" }
        )?;
        writeln!(output, "{}", judged.evidence)?;
        let advice = judged.verdict.advice();
        writeln!(output, "What to do: {advice}")?;
        match judged.verdict {
            Verdict::Holds if self.memory.is_some() => {}
            Verdict::Holds => writeln!(output, "Our solution: just try {name} --solution")?,
            _ => writeln!(
                output,
                "More on this verdict: docs/verdicts.md. A hint on the task: just try {name} --hint"
            )?,
        }
        output.flush()?;
        kept?;
        Ok(match judged.verdict {
            Verdict::Holds => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        })
    }

    /// Judges it now, and whenever it has changed.
    fn watch(&self) -> Result<ExitCode, Box<dyn Error>> {
        let libraries = Libraries::of("exercises")?;
        loop {
            let content = self.content()?;
            self.judge(&libraries)?;
            writeln!(
                io::stdout(),
                "\n-- waiting for a change of {}; Ctrl-C ends --\n",
                self.shown
            )?;
            // An editor may put a new file in the place of the old one: there is none for a moment.
            while fs::read(&self.file).is_ok_and(|now| now == content) || !self.file.exists() {
                thread::sleep(Duration::from_millis(100));
            }
        }
    }

    fn hint(&self) -> Result<ExitCode, Box<dyn Error>> {
        let Exercise { name, task, .. } = &self.exercise;
        let mut progress = Progress::load(&self.mine);
        let place = progress.of(name).hints.min(task.hints.len() - 1);
        writeln!(
            io::stdout(),
            "Hint {} of 3, on the task: {}",
            place + 1,
            task.hints[place].trim()
        )?;
        progress.hinted(name)?;
        Ok(ExitCode::SUCCESS)
    }

    fn solution(&self) -> Result<ExitCode, Box<dyn Error>> {
        let name = &self.exercise.name;
        if !Progress::load(&self.mine).of(name).solved {
            return Err(format!("yours has not held yet: just try {name}").into());
        }
        let solution = fs::read_to_string(self.exercise.file("solution.rs"))?;
        let mine = String::from_utf8_lossy(&self.content()?).into_owned();
        let mut output = io::stdout().lock();
        let difference = TextDiff::from_lines(&mine, &solution);
        writeln!(output, "{solution}")?;
        write!(
            output,
            "{}",
            difference.unified_diff().header(&self.shown, "solution.rs")
        )?;
        output.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}
