//! What the proofs have found, for people.

use interleave::text::align;
pub use interleave::text::thousands;
use interleave::{Graph, State};
use real_std::collections::BTreeSet;
use real_std::fmt::Write as _;

use serde::Serialize;

use crate::proof::{Outcome, Proof, Scene};

/// How wide the first column is, for these proofs.
pub fn width(proofs: &[&Proof]) -> usize {
    proofs
        .iter()
        .map(|proof| subject(proof).len())
        .max()
        .unwrap_or(0)
}

fn subject(proof: &Proof) -> String {
    format!("{}: {}", proof.file, proof.what)
}

/// The line above those of a lesson's proofs.
pub fn heading(lesson: &str, width: usize) -> String {
    format!("{lesson:<width$}  verdict  threads x steps  schedules   ends")
}

/// One proof.
pub fn line(proof: &Proof, outcome: &Outcome, width: usize) -> String {
    let verdict = match (&outcome.failure, proof.wrong) {
        (Some(_), _) => "FAILS",
        (None, true) => "breaks",
        (None, false) => "holds",
    };
    let (threads, steps) = outcome.size;
    let star = match (unit(proof, outcome), is_reduced(proof)) {
        ("executions", _) => '+',
        (_, true) => '*',
        (_, false) => ' ',
    };
    let schedules = thousands(outcome.schedules);
    let (bad, good): (Vec<_>, Vec<_>) = outcome.ends.iter().partition(|(end, _)| end.bad);
    let ends = bad.into_iter().chain(good);
    let ends = ends.map(|(end, &count)| format!("{}: {}", end.what, thousands(count)));
    let ends = ends.collect::<Vec<_>>().join(", ");
    let subject = subject(proof);
    format!(
        "{subject:<width$}  {verdict:<7}  {threads:>7} x {steps:<5}  {schedules:>9}{star}  {ends}"
    )
}

/// What is counted.
pub fn unit(proof: &Proof, outcome: &Outcome) -> &'static str {
    match outcome.weak && is_reduced(proof) {
        true => "executions",
        false => "schedules",
    }
}

fn is_reduced(proof: &Proof) -> bool {
    proof.programs.iter().any(|program| program.bounds.reduce)
}

/// The shortest schedule that breaks the wrong file of a scene, step by step.
pub fn shortest(scene: &Scene) -> String {
    let (file, program) = &scene.wrong;
    let graph = program.graph();
    let Some(way) = graph.way_to_bad(0) else {
        return format!("nothing breaks {file}\n");
    };
    let title = format!(
        "A shortest schedule that breaks {file}: {} steps",
        way.len()
    );
    format!("{title}\n\n{}", table(&graph, &way))
}

/// The file and the line of a thread's next step, if it is in one of the lesson.
fn place(state: &State, thread: usize) -> Option<(&'static str, u32)> {
    let place = state.places.get(thread).copied().flatten()?;
    let (_, file) = place.file().split_once("/lessons/")?;
    let (_, file) = file.split_once("/src/")?;
    (!file.contains("..")).then_some((file, place.line()))
}

/// The same, as it is shown.
pub fn line_of(state: &State, thread: usize) -> String {
    place(state, thread).map_or(String::new(), |(file, line)| format!("{file}:{line}"))
}

/// A schedule as a table: the line of each step, a column for each thread, and then the shared
/// state after the step.
pub fn table(graph: &Graph, schedule: &[usize]) -> String {
    let active = graph.active();
    let states = graph.walk(schedule);
    let first = &graph.states[0];
    let head = ["step", "line"].map(str::to_owned).into_iter();
    let head = head
        .chain(active.iter().map(|&thread| graph.threads[thread].clone()))
        .chain(graph.objects.iter().cloned());
    let start = ["start", ""].map(str::to_owned).into_iter();
    let start = start
        .chain(active.iter().map(|_| String::new()))
        .chain((0..graph.objects.len()).map(|object| shared(graph, first, object)));
    let mut rows: Vec<Vec<String>> = vec![head.collect(), start.collect()];
    for (number, thread) in schedule.iter().enumerate() {
        let Some(step) = graph.states[states[number]].step(*thread) else {
            break;
        };
        let cells = active.iter().map(|other| {
            if other == thread {
                step.what.clone()
            } else {
                String::new()
            }
        });
        let state = &graph.states[step.to];
        let line = line_of(&graph.states[states[number]], *thread);
        let row = [(number + 1).to_string(), line]
            .into_iter()
            .chain(cells)
            .chain((0..graph.objects.len()).map(|object| shared(graph, state, object)));
        rows.push(row.collect());
    }
    let last = &graph.states[states[states.len() - 1]];
    let waiting = active.iter().map(|&thread| match waits_for(last, thread) {
        Some(what) => format!("waits to {what}"),
        None => String::new(),
    });
    let waiting: Vec<String> = [String::new(), String::new()]
        .into_iter()
        .chain(waiting)
        .collect();
    if waiting.iter().any(|cell| !cell.is_empty()) {
        rows.push(waiting);
    }
    let mut text = align(&rows);
    if let Some(end) = &last.end {
        let _ = writeln!(text, "=> {}", end.what);
    }
    text
}

/// What the thread would do if it did not have to wait.
pub fn waits_for(state: &State, thread: usize) -> Option<&str> {
    let next = state.next.get(thread)?.as_deref()?;
    state.step(thread).is_none().then_some(next)
}

/// An object's value and holder.
pub fn shared(graph: &Graph, state: &State, object: usize) -> String {
    let value = state.values.get(object).copied().flatten();
    let holder = state.holders.get(object).copied().flatten();
    let mut text = value.map_or(String::new(), |value| value.to_string());
    if let Some(holder) = holder {
        let _ = write!(text, " ({})", graph.threads[holder]);
    }
    text.trim_start().to_owned()
}

#[derive(Serialize)]
struct SceneJson<'a> {
    lesson: &'a str,
    goal: &'a str,
    wrong: VersionJson<'a>,
    right: VersionJson<'a>,
}

/// A program's states; each number of a state, thread, object or operation is a place in a list.
#[derive(Serialize)]
struct VersionJson<'a> {
    file: &'a str,
    threads: Vec<&'a str>,
    objects: &'a [String],
    /// What threads can be about to do, with its line: so no file is named in each state.
    operations: Vec<(&'a str, String)>,
    schedules: u64,
    states: Vec<StateJson<'a>>,
}

#[derive(Serialize)]
struct StateJson<'a> {
    /// What each thread is to do next; nothing if it is done.
    next: Vec<Option<usize>>,
    values: &'a [Option<i64>],
    /// The thread that holds the object.
    holders: Vec<Option<usize>>,
    /// Who can go on: the thread, what it does, the state after that.
    steps: Vec<(usize, &'a str, usize)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<EndJson<'a>>,
}

#[derive(Serialize)]
struct EndJson<'a> {
    bad: bool,
    what: &'a str,
}

/// The states of both programs of a scene, the one that it starts in first.
pub fn json(scene: &Scene) -> String {
    let (wrong, right) = (scene.wrong.1.graph(), scene.right.1.graph());
    let scene = SceneJson {
        lesson: scene.lesson,
        goal: scene.goal,
        wrong: version(scene.wrong.0, &wrong),
        right: version(scene.right.0, &right),
    };
    let json = serde_json::to_string(&scene).expect("plain data");
    // A state a line: so one sees what a change changes.
    json.replace(r#"{"next":"#, "\n{\"next\":") + "\n"
}

fn version<'a>(file: &'a str, graph: &'a Graph) -> VersionJson<'a> {
    let active = graph.active();
    let column = |thread: usize| active.iter().position(|&other| other == thread);
    let operation = |state: &'a State, thread: usize| {
        let next = state.next[thread].as_deref()?;
        Some((next, line_of(state, thread)))
    };
    let operations = graph.states.iter().flat_map(|state| {
        let operations = active.iter();
        operations.filter_map(move |&thread| operation(state, thread))
    });
    let operations: Vec<_> = operations.collect::<BTreeSet<_>>().into_iter().collect();
    let next =
        |state: &'a State, thread: usize| operations.binary_search(&operation(state, thread)?).ok();
    let state = |state: &'a State| StateJson {
        next: active.iter().map(|&thread| next(state, thread)).collect(),
        values: &state.values,
        holders: state
            .holders
            .iter()
            .map(|&holder| holder.and_then(column))
            .collect(),
        steps: state
            .steps
            .iter()
            .filter_map(|step| Some((column(step.thread)?, step.what.as_str(), step.to)))
            .collect(),
        end: state.end.as_ref().map(|end| EndJson {
            bad: end.bad,
            what: &end.what,
        }),
    };
    VersionJson {
        file,
        threads: active
            .iter()
            .map(|&thread| graph.threads[thread].as_str())
            .collect(),
        objects: &graph.objects,
        schedules: graph.schedules(),
        states: graph.states.iter().map(state).collect(),
        operations: operations.clone(),
    }
}
