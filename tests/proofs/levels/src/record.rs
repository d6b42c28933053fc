//! What is recorded of a level: all states of each version, and the source around its steps.

use real::collections::BTreeSet;
use real::error::Error;
use real::fs;
use real::ops::RangeInclusive;

use interleave::{Bounds, Graph, Memory, Place, Seen, State, graph_own};
use own::Name;
use serde::Serialize;
use similar::{ChangeTag, DiffTag, TextDiff};
use tree_sitter::{Node, Parser};

use crate::{Goal, Level, Version};

/// A file with so many lines of code is shown as a whole.
const SMALL: usize = 24;

/// So many lines around a change are shown.
const CONTEXT: usize = 2;

/// A level as the book and `just play` read it.
#[derive(Debug, Serialize)]
pub struct Recording {
    name: &'static str,
    lesson: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exercise: Option<&'static str>,
    title: &'static str,
    task: &'static str,
    goal: GoalIs,
    #[serde(skip_serializing_if = "Option::is_none")]
    shortest: Option<usize>,
    versions: Vec<Recorded>,
}

#[derive(Debug, Serialize)]
struct GoalIs {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<&'static str>,
}

/// All there is to know of a version. What is a number is a place in a list.
#[derive(Debug, Serialize)]
struct Recorded {
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repairs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<Vec<(char, String)>>,
    files: Vec<File>,
    threads: Vec<String>,
    objects: Vec<String>,
    /// What threads can be about to do, with file and line.
    operations: Vec<Operation>,
    schedules: u64,
    states: Vec<Standing>,
}

type Operation = (String, Option<usize>, Option<u32>);

#[derive(Debug, Serialize)]
struct File {
    name: &'static str,
    parts: Vec<Part>,
}

#[derive(Debug, Serialize)]
struct Part {
    first: usize,
    lines: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Standing {
    next: Vec<Option<usize>>,
    waits: Vec<Option<usize>>,
    values: Vec<Option<i64>>,
    holders: Vec<Option<usize>>,
    steps: Vec<Step>,
    #[serde(skip_serializing_if = "String::is_empty")]
    printed: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<End>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Step {
    Usual(usize, String, usize),
    InAWay(usize, String, usize, String),
}

#[derive(Debug, Serialize)]
struct End {
    bad: bool,
    what: String,
    kind: &'static str,
}

/// Runs all versions of a level in every order.
///
/// # Errors
///
/// If a file cannot be read or parsed.
pub fn record(level: &Level) -> Result<Recording, Box<dyn Error>> {
    let graphs: Vec<_> = level
        .versions
        .iter()
        .map(|version| graph_own(bounds(level), version.main))
        .collect();
    let versions = level.versions.iter().zip(&graphs);
    let versions = versions.map(|(version, graph)| recorded(level, version, graph));
    let names = names(&level.versions[0]);
    let wanted = |state: &State| {
        state
            .seen
            .as_ref()
            .is_some_and(|seen| level.goal.is(seen, state, &names))
    };
    Ok(Recording {
        name: level.name,
        lesson: level.lesson,
        exercise: level.exercise,
        title: level.title,
        task: level.task,
        goal: level.goal.into(),
        shortest: graphs[0].way(0, wanted).map(|way| way.len()),
        versions: versions.collect::<Result<_, _>>()?,
    })
}

/// How far the search goes: as far as that of a reader's own program.
pub fn bounds(level: &Level) -> Bounds {
    Bounds {
        threads: level.threads,
        objects: level.objects,
        reduce: false,
        memory: match level.orderings {
            true => Memory::AsNamed,
            false => Memory::SequentiallyConsistent,
        },
        ..own::BOUNDS
    }
}

impl Goal {
    fn is(self, seen: &Seen, state: &State, names: &[Name]) -> bool {
        match self {
            Self::Bad => seen.is_bad(),
            Self::Deadlock => matches!(seen, Seen::Deadlock(_)),
            Self::None => false,
            Self::End(end) => what(seen, state, names) == end,
        }
    }
}

impl From<Goal> for GoalIs {
    fn from(goal: Goal) -> Self {
        let (kind, end) = match goal {
            Goal::Bad => ("bad", None),
            Goal::Deadlock => ("deadlock", None),
            Goal::None => ("none", None),
            Goal::End(end) => ("end", Some(end)),
        };
        Self { kind, end }
    }
}

fn names(version: &Version) -> Vec<Name> {
    let names = version.files.iter().map(|&(compiled, shown)| Name {
        compiled: compiled.into(),
        shown: shown.into(),
    });
    names.collect()
}

/// An end in words: a good one in those that the program has printed.
fn what(seen: &Seen, state: &State, names: &[Name]) -> String {
    match seen {
        Seen::Done if !state.printed.is_empty() => in_one_line(&state.printed),
        Seen::Done => "main returns".into(),
        seen => own::what(seen, names),
    }
}

fn in_one_line(printed: &str) -> String {
    printed.trim_end().replace('\n', " | ")
}

fn recorded(level: &Level, version: &Version, graph: &Graph) -> Result<Recorded, Box<dyn Error>> {
    let names = names(version);
    let place = |place: Place| {
        let place = place?;
        let file = version
            .files
            .iter()
            .position(|file| file.0 == place.file())?;
        Some((file, place.line()))
    };
    let operation = |state: &State, thread: usize| -> Option<(Operation, bool)> {
        let (next, at) = (&state.next[thread], place(state.places[thread]));
        let (label, waits) = match (next, at) {
            (Some(next), _) => (next.as_str(), false),
            (None, Some(_)) => ("wait for a thread to end", true),
            (None, None) => return None,
        };
        let (file, line) = at.unzip();
        Some(((label.to_owned(), file, line), waits))
    };
    let threads = 0..graph.threads.len();
    let all = graph
        .states
        .iter()
        .flat_map(|state| threads.clone().filter_map(|it| operation(state, it)));
    let operations: BTreeSet<Operation> = all.map(|(operation, _)| operation).collect();
    let operations: Vec<_> = operations.into_iter().collect();

    let standing = |state: &State| {
        let at = |thread| {
            let (operation, waits) = operation(state, thread)?;
            Some((operations.binary_search(&operation).ok()?, waits))
        };
        let at: Vec<_> = threads.clone().map(at).collect();
        let of = |waiting| {
            move |it: &Option<(usize, bool)>| it.filter(|it| it.1 == waiting).map(|it| it.0)
        };
        Standing {
            next: at.iter().map(of(false)).collect(),
            waits: at.iter().map(of(true)).collect(),
            values: state.values.clone(),
            holders: state.holders.clone(),
            steps: state.steps.iter().map(Step::from).collect(),
            printed: in_one_line(&state.printed),
            end: state.seen.as_ref().map(|seen| End {
                bad: seen.is_bad(),
                what: what(seen, state, &names),
                kind: kind(seen),
            }),
        }
    };
    let first = &level.versions[0];
    let wrong = |state: &State| {
        state
            .seen
            .as_ref()
            .is_some_and(|seen| seen.is_bad() || level.goal.is(seen, state, &names))
    };
    let bad = graph.way(0, wrong).is_some();
    Ok(Recorded {
        change: version.change,
        repairs: version.change.map(|_| !bad),
        diff: version.change.map(|_| diff(first, version)).transpose()?,
        files: files(version, &touched(level, version)?, &operations)?,
        threads: graph.threads.clone(),
        objects: graph.objects.clone(),
        schedules: graph.schedules(),
        states: graph.states.iter().map(standing).collect(),
        operations,
    })
}

impl From<&interleave::Leads> for Step {
    fn from(step: &interleave::Leads) -> Self {
        let interleave::Leads {
            thread,
            way,
            what,
            to,
        } = step;
        // A step that touches nothing shared has no words of its own.
        let what = match what.as_str() {
            "" => "goes on".to_owned(),
            what => what.to_owned(),
        };
        match own::letters(*way) {
            way if way.is_empty() => Self::Usual(*thread, what, *to),
            way => Self::InAWay(*thread, what, *to, way),
        }
    }
}

fn kind(seen: &Seen) -> &'static str {
    match seen {
        Seen::Done => "ends",
        Seen::Outlived(_) => "outlived",
        Seen::Panicked(_) => "panics",
        Seen::Failed(_) => "error",
        Seen::Race(_) => "race",
        Seen::Deadlock(_) => "deadlock",
        Seen::Spins(_) => "spins",
        Seen::TooLong => "too long",
    }
}

/// The text of a file of a version, as the level shows it.
fn text(version: &Version, name: &str) -> Result<String, Box<dyn Error>> {
    let file = version.files.iter().find(|file| file.1 == name);
    let (path, _) = file.ok_or_else(|| format!("no file is called {name}"))?;
    let text = fs::read_to_string(path)?;
    let end = text.find("\npub fn __end()").unwrap_or(text.len());
    Ok(as_written(&text[..end]))
}

/// Without what `compiled` in `build.rs` has put in.
fn as_written(text: &str) -> String {
    let text = text.replace("#[track_caller] ", "");
    text.replace("use crate::Cell;", "use std::cell::Cell;")
}

/// How many lines tell what the file is about: they would tell which change is the right one.
fn head(text: &str) -> usize {
    let lines = text.lines();
    let head = lines.take_while(|line| line.starts_with("//") || line.is_empty());
    head.count()
}

/// The lines that are not the same in the file as it is and in its changes.
fn touched(level: &Level, version: &Version) -> Result<BTreeSet<usize>, Box<dyn Error>> {
    let mine = text(version, version.changed)?;
    let others = match version.change {
        None => &level.versions[1..],
        Some(_) => &level.versions[..1],
    };
    let mut touched = BTreeSet::new();
    for other in others {
        let other = text(other, other.changed)?;
        let diff = TextDiff::from_lines(&other, &mine);
        let differ = diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal);
        // Where the other one has more, the line before is near enough.
        touched.extend(differ.flat_map(|op| match op.new_range() {
            lines if lines.is_empty() => lines.start.max(1)..lines.start.max(1) + 1,
            lines => lines.start + 1..lines.end + 1,
        }));
    }
    touched.retain(|&line| line > head(&mine));
    Ok(touched)
}

fn diff(first: &Version, version: &Version) -> Result<Vec<(char, String)>, Box<dyn Error>> {
    let body = |version: &Version| -> Result<String, Box<dyn Error>> {
        let text = text(version, version.changed)?;
        let body = text.split_inclusive('\n').skip(head(&text));
        Ok(body.collect())
    };
    let (old, new) = (body(first)?, body(version)?);
    let diff = TextDiff::from_lines(&old, &new);
    let mut lines = Vec::new();
    for (number, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if number > 0 {
            lines.push(('⋮', String::new()));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            lines.push((sign, change.value().trim_end().to_owned()));
        }
    }
    Ok(lines)
}

/// Of each file the functions in which something happens, or is changed; of a small one, all.
fn files(
    version: &Version,
    touched: &BTreeSet<usize>,
    operations: &[Operation],
) -> Result<Vec<File>, Box<dyn Error>> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_rust::LANGUAGE.into())?;
    let mut files = Vec::new();
    for (number, &(_, name)) in version.files.iter().enumerate() {
        let text = text(version, name)?;
        let lines: Vec<&str> = text.lines().collect();
        let happens = operations.iter().filter(|it| it.1 == Some(number));
        let mut happens: BTreeSet<usize> = happens.filter_map(|it| Some(it.2? as usize)).collect();
        let tree = parser.parse(&text, None).ok_or("it cannot be parsed")?;
        if name == version.changed {
            let inside = |line: &&usize| function(tree.root_node(), **line).is_some();
            happens.extend(touched.iter().filter(inside));
        }
        let head = head(&text);
        let shown: BTreeSet<usize> = match lines.len() - head <= SMALL {
            true => (head + 1..=lines.len()).collect(),
            false => {
                let functions = happens.into_iter().map(|line| {
                    let found = function(tree.root_node(), line);
                    found.unwrap_or(line..=line)
                });
                functions.flatten().collect()
            }
        };
        let mut parts: Vec<Part> = Vec::new();
        for number in shown {
            let line = lines[number - 1];
            if line.trim_start().starts_with("///") {
                continue;
            }
            match parts.last_mut() {
                Some(part) if part.first + part.lines.len() == number => {
                    part.lines.push(line.into())
                }
                _ => parts.push(Part {
                    first: number,
                    lines: vec![line.into()],
                }),
            }
        }
        files.push(File { name, parts });
    }
    Ok(files)
}

/// The lines of the outermost function around this one.
fn function(node: Node<'_>, line: usize) -> Option<RangeInclusive<usize>> {
    let lines = node.start_position().row + 1..=node.end_position().row + 1;
    if !lines.contains(&line) {
        return None;
    }
    if node.kind() == "function_item" {
        return Some(lines);
    }
    (0..node.child_count()).find_map(|child| function(node.child(child)?, line))
}
