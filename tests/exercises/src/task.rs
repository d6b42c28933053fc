//! What an exercise is.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What the reader is to do.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// Find the mistake, and repair it.
    Repair,
    /// Make it faster without breaking it.
    Faster,
    /// Write it.
    Write,
    /// Make the orderings of its atomics as weak as is right.
    Weakest,
    /// Say all outputs of a program, in `OUTPUTS`.
    Predict,
    /// Find a schedule with the output [`Task::reach`], and write it into `SCHEDULE`.
    Reach,
}

impl Goal {
    /// In the list of exercises.
    pub fn word(self) -> &'static str {
        match self {
            Self::Repair => "repair",
            Self::Faster => "faster",
            Self::Write => "write",
            Self::Weakest => "weakest",
            Self::Predict => "predict",
            Self::Reach => "reach",
        }
    }
}

/// How a submission is judged.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Judge {
    /// Every order of the steps is run.
    Orders,
    /// The programs are run with real threads and processes.
    Processes,
    /// The programs are run by tokio, with a clock that stands still while a task can go on.
    Clock,
}

/// What `task.toml` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// A few words.
    pub title: String,
    /// How long it may take.
    pub minutes: u32,
    /// What is to be done.
    pub goal: Goal,
    /// How it is judged.
    pub judge: Judge,
    /// The same for the reader, in two sentences or three.
    pub task: String,
    /// Three, each says more than the one before.
    pub hints: [String; 3],
    /// A line that some schedule of [`Goal::Reach`] prints.
    #[serde(default)]
    pub reach: Option<String>,
    /// Lines that the programs print, in some schedule each, if the submission is right; and what
    /// is wrong with one that never does: it is too strict, unless the words begin with "too slow: ".
    #[serde(default)]
    pub must: Vec<(String, String)>,
    /// For the tests: the verdict on the start (`start`), and on each file in `wrong`.
    pub verdicts: BTreeMap<String, String>,
}

impl Task {
    /// The first line of [`Task::must`] that is not among these, and what is wrong then.
    pub fn missing(&self, seen: &BTreeSet<String>) -> Option<&(String, String)> {
        self.must.iter().find(|(line, _)| !seen.contains(line))
    }
}

/// An exercise.
#[derive(Clone, Debug)]
pub struct Exercise {
    /// `lock-1`.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What it is.
    pub task: Task,
}

impl Exercise {
    /// All exercises, in the order of these lessons.
    ///
    /// # Errors
    ///
    /// In one line: what cannot be read.
    pub fn all(root: &Path, lessons: &[&str]) -> Result<Vec<Self>, Box<dyn Error>> {
        let mut all = Vec::new();
        for lesson in lessons {
            let folder = root.join("lessons").join(lesson).join("exercises");
            let mut folders: Vec<_> = match fs::read_dir(&folder) {
                Ok(entries) => entries
                    .map(|it| Ok(it?.path()))
                    .collect::<Result<_, std::io::Error>>()?,
                Err(_) => Vec::new(),
            };
            folders.retain(|it: &PathBuf| it.is_dir());
            folders.sort();
            for folder in folders {
                all.push(Self::read(folder)?);
            }
        }
        Ok(all)
    }

    fn read(folder: PathBuf) -> Result<Self, Box<dyn Error>> {
        let told = |error: &dyn Error| format!("{}: {error}", folder.join("task.toml").display());
        let task = fs::read_to_string(folder.join("task.toml")).map_err(|error| told(&error))?;
        let task = toml::from_str(&task).map_err(|error| told(&error))?;
        let name = folder.file_name().unwrap_or_default();
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            task,
            folder,
        })
    }

    /// A file of it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}
