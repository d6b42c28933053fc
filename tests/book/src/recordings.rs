//! What `just refresh` has recorded of the lessons.

use std::fs;

use crate::{Error, root};

/// What was recorded of a lesson: its `trace` or its `graph`, as JSON.
pub fn recording(lesson: &str, what: &str) -> Result<Option<String>, Error> {
    let file = root().join(format!("docs/recordings/{lesson}.{what}.json"));
    match fs::exists(&file)? {
        true => Ok(Some(fs::read_to_string(file)?)),
        false => Ok(None),
    }
}
