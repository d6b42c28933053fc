//! How far the reader is: kept beside the reader's files, in `my/.progress.json`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Verdict;

/// What is known of each exercise that was begun.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Progress {
    exercises: BTreeMap<String, Known>,
    #[serde(skip)]
    file: PathBuf,
}

/// What is known of one.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Known {
    /// What was judged: changes with the submission and with the exercise.
    judged: u64,
    /// The verdict, in its words.
    pub verdict: String,
    /// Whether it was good, once.
    pub solved: bool,
    /// How many hints were shown.
    pub hints: usize,
}

impl Progress {
    /// What `folder` has; nothing, if it cannot be read.
    pub fn load(folder: &Path) -> Self {
        let file = folder.join(".progress.json");
        let known = fs::read_to_string(&file).unwrap_or_default();
        Self {
            file,
            ..serde_json::from_str(&known).unwrap_or_default()
        }
    }

    /// What is known of an exercise.
    pub fn of(&self, name: &str) -> Known {
        self.exercises.get(name).cloned().unwrap_or_default()
    }

    /// The verdict on this very content, if it was judged before.
    pub fn verdict_on(&self, name: &str, content: &[u8]) -> Option<&str> {
        let known = self.exercises.get(name)?;
        (known.judged == hash(content)).then_some(known.verdict.as_str())
    }

    /// Keeps a verdict.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn judged(
        &mut self,
        name: &str,
        content: &[u8],
        verdict: &Verdict,
    ) -> Result<(), Box<dyn Error>> {
        let known = self.exercises.entry(name.to_owned()).or_default();
        known.judged = hash(content);
        known.verdict = verdict.to_string();
        known.solved |= *verdict == Verdict::Holds;
        self.save()
    }

    /// One more hint was shown.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn hinted(&mut self, name: &str) -> Result<(), Box<dyn Error>> {
        self.exercises.entry(name.to_owned()).or_default().hints += 1;
        self.save()
    }

    fn save(&self) -> Result<(), Box<dyn Error>> {
        let text = serde_json::to_string_pretty(self)?;
        let new = self.file.with_extension("new");
        let told = |error| format!("cannot write '{}': {error}", self.file.display());
        fs::write(&new, text).map_err(told)?;
        Ok(fs::rename(new, &self.file).map_err(told)?)
    }
}

fn hash(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish()
}
