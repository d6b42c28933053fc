//! A level as it is recorded in `docs/recordings/levels`: a program with a goal, and all its states.

use real_std::collections::{HashMap, VecDeque};
use real_std::error::Error;
use real_std::fs;
use real_std::path::Path;

use serde::Deserialize;

/// A level.
#[derive(Clone, Debug, Deserialize)]
pub struct Level {
    /// `race-1`.
    pub name: String,
    /// The lesson that it is part of.
    pub lesson: String,
    /// A few words.
    pub title: String,
    /// What to do.
    pub task: String,
    /// What to reach.
    pub goal: Goal,
    /// The program, and then those that the reader chooses from.
    pub versions: Vec<Version>,
}

/// What to reach.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Goal {
    /// A bad end.
    Bad,
    /// A deadlock.
    Deadlock,
    /// To see that there is no bad end.
    None,
    /// An end that prints this.
    End {
        /// In one line.
        end: String,
    },
}

/// A program. Numbers of threads, objects, operations, files and states are places in lists.
#[derive(Clone, Debug, Deserialize)]
pub struct Version {
    /// What was changed.
    pub change: Option<String>,
    /// Whether that repairs the program.
    pub repairs: Option<bool>,
    /// The lines of the change, each with `-`, `+` or a space; `⋮` where lines are left out.
    pub diff: Option<Vec<(String, String)>>,
    /// Its files.
    pub files: Vec<File>,
    /// The names of its threads.
    pub threads: Vec<String>,
    /// The names of what they share.
    pub objects: Vec<String>,
    /// What threads can be about to do, with file and line.
    pub operations: Vec<(String, Option<usize>, Option<usize>)>,
    /// How many schedules there are.
    pub schedules: u64,
    /// Its states; the first one is the start.
    pub states: Vec<State>,
}

/// A file, as far as something happens in it.
#[derive(Clone, Debug, Deserialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Lines that follow each other.
    pub parts: Vec<Part>,
}

/// Lines that follow each other.
#[derive(Clone, Debug, Deserialize)]
pub struct Part {
    /// The number of the first one.
    pub first: usize,
    /// The lines.
    pub lines: Vec<String>,
}

/// A state of a program.
#[derive(Clone, Debug, Deserialize)]
pub struct State {
    /// The next operation of each thread.
    pub next: Vec<Option<usize>>,
    /// The operation of a thread that waits for another one's end.
    pub waits: Vec<Option<usize>>,
    /// The value of each object that is a number.
    pub values: Vec<Option<i64>>,
    /// The thread that holds each object.
    pub holders: Vec<Option<usize>>,
    /// The steps that can be taken.
    pub steps: Vec<Step>,
    /// What the program has printed.
    #[serde(default)]
    pub printed: String,
    /// How the program has ended, if it has.
    pub end: Option<End>,
}

/// A step, and where it leads.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "StepIs")]
pub struct Step {
    /// The number of the thread, with a letter if the step is taken in another way than usual.
    pub turn: String,
    /// The thread that takes it.
    pub thread: usize,
    /// What it does.
    pub what: String,
    /// The state after it.
    pub to: usize,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum StepIs {
    Usual(usize, String, usize),
    InAWay(usize, String, usize, String),
}

impl From<StepIs> for Step {
    fn from(step: StepIs) -> Self {
        let (thread, what, to, way) = match step {
            StepIs::Usual(thread, what, to) => (thread, what, to, String::new()),
            StepIs::InAWay(thread, what, to, way) => (thread, what, to, way),
        };
        let turn = format!("{thread}{way}");
        Self {
            turn,
            thread,
            what,
            to,
        }
    }
}

/// How a program ends.
#[derive(Clone, Debug, Deserialize)]
pub struct End {
    /// Whether that must not happen.
    pub bad: bool,
    /// In words.
    pub what: String,
    /// `ends`, `panics`, `deadlock`, ...
    pub kind: String,
}

impl Goal {
    /// What to do, behind "Your goal:".
    pub fn words(&self) -> String {
        match self {
            Self::Bad => "a bad end".into(),
            Self::Deadlock => "a deadlock".into(),
            Self::None => "all schedules tried, and no bad end".into(),
            // Without the place of a panic.
            Self::End { end } => format!("the end '{}'", end.rsplit(": ").next().unwrap_or(end)),
        }
    }

    /// Whether this end is the goal.
    pub fn is(&self, end: &End) -> bool {
        match self {
            Self::Bad => end.bad,
            Self::Deadlock => end.kind == "deadlock",
            Self::None => false,
            Self::End { end: wanted } => end.what == *wanted,
        }
    }
}

impl Level {
    /// All levels: the lessons in the order of the tutorial, and those of a lesson by name.
    ///
    /// # Errors
    ///
    /// In one line, if one cannot be read.
    pub fn all() -> Result<Vec<Self>, Box<dyn Error>> {
        let folder = across::root().join("docs/recordings/levels");
        let told = |error: &dyn Error, path: &Path| format!("{}: {error}", path.display());
        let mut levels = Vec::new();
        for entry in fs::read_dir(&folder).map_err(|error| told(&error, &folder))? {
            let path = entry?.path();
            let text = fs::read_to_string(&path).map_err(|error| told(&error, &path))?;
            let level: Self = serde_json::from_str(&text).map_err(|error| told(&error, &path))?;
            levels.push(level);
        }
        let order = across::lessons();
        levels.sort_by_key(|level| {
            let lesson = order.iter().position(|lesson| *lesson == level.lesson);
            (lesson, level.name.clone())
        });
        Ok(levels)
    }
}

impl Version {
    /// The turns from this state to such an end, on a shortest way.
    pub fn way(&self, from: usize, wanted: impl Fn(&End) -> bool) -> Option<Vec<&str>> {
        let mut ways = HashMap::from([(from, Vec::new())]);
        let mut next = VecDeque::from([from]);
        while let Some(state) = next.pop_front() {
            let way = ways[&state].clone();
            if self.states[state].end.as_ref().is_some_and(&wanted) {
                return Some(way);
            }
            for step in &self.states[state].steps {
                ways.entry(step.to).or_insert_with(|| {
                    next.push_back(step.to);
                    let mut way = way.clone();
                    way.push(step.turn.as_str());
                    way
                });
            }
        }
        None
    }

    /// Where an operation is: the name of the file, and the number of the line.
    pub fn place(&self, operation: usize) -> Option<(&str, usize)> {
        let (_, file, line) = self.operations[operation];
        Some((self.files[file?].name.as_str(), line?))
    }

    /// The part of the file in which an operation is.
    pub fn part(&self, operation: usize) -> Option<&Part> {
        let (_, file, line) = self.operations[operation];
        let mut parts = self.files[file?].parts.iter();
        parts.find(|part| (part.first..part.first + part.lines.len()).contains(&line.unwrap_or(0)))
    }
}
