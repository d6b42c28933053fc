//! What is measured, and what it should come to.

/// Sides that take turns.
pub struct Case {
    /// The lesson.
    pub group: &'static str,
    pub sides: &'static [Side],
    /// How often each side has its turn.
    pub rounds: usize,
    pub rows: &'static [Row],
}

/// A process that prints lines of a name and a number.
pub struct Side {
    pub role: Role,
    /// Of [`crate::sides`], or a file in `python` with its arguments.
    pub command: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Python,
    Rust,
    /// The same work by the plainest means that the system has.
    Limit,
    /// A well-known crate that does the like.
    Peer(&'static str),
}

/// A line of the table.
pub struct Row {
    pub name: &'static str,
    /// The number of each side's that it is about.
    pub value: &'static str,
    pub unit: &'static str,
    pub better: Better,
    pub goals: &'static [Goal],
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Better {
    Less,
    More,
}

#[derive(Clone, Copy)]
pub enum Goal {
    /// So many times as good as Python.
    TimesPython(f64),
    /// At least this part of what the limit reaches.
    OfLimit(f64),
    /// At most this, in the unit of the row.
    AtMost(f64),
    /// Not outside of these two.
    Within(f64, f64),
    /// At least this, in the unit of the row.
    AtLeast(f64),
}
