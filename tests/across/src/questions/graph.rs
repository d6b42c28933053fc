//! What a graph decides: all states of two programs, and all ends of their schedules.

use std::collections::{BTreeMap, BTreeSet};

use regex_lite::Captures;
use serde_json::Value;

use super::{Answer, Data, MOST_ROWS, rows};

/// "With `racy_account.rs`, how many of the 6 schedules go wrong?"
pub(super) fn go_wrong(data: &Data, words: &Captures) -> Answer {
    let program = program(data, &words[1])?;
    let total = program["schedules"].as_u64().unwrap_or(0);
    if words[2] != *total.to_string() || total >= MOST_ROWS as u64 {
        return Err(format!("{total} schedules can be asked for"));
    }
    let states = program["states"].as_array().ok_or("no states")?;
    let ends = ends(states, 0, &mut BTreeMap::new())?;
    if ends.values().sum::<u64>() != total {
        return Err(format!("the graph does not have {total} schedules"));
    }
    let wrong = ends.iter().filter(|((bad, _), _)| *bad);
    let wrong: u64 = wrong.map(|(_, count)| count).sum();
    let fact = ends
        .iter()
        .rev()
        .map(|((_, what), count)| format!("{what}: {count}"));
    let fact = fact.collect::<Vec<_>>().join(", ");
    // All of them and none of them are answers, too.
    Ok((rows(0..=total, |row| row == wrong.to_string()), fact))
}

/// "With `account.rs`, at which values can the balance end?": the values that it has on the way
/// in either program.
pub(super) fn ends_at(data: &Data, words: &Captures) -> Answer {
    let graph = data.graph.ok_or("no graph was recorded")?;
    let object = |program: &Value| {
        let objects = program["objects"].as_array()?.iter();
        objects.clone().position(|name| name == &words[2])
    };
    let values = |program: &Value, at_end: bool| -> Option<BTreeSet<i64>> {
        let object = object(program)?;
        let states = program["states"].as_array()?.iter();
        let states = states.filter(|state| !at_end || !state["end"].is_null());
        states
            .map(|state| state["values"][object].as_i64())
            .collect()
    };
    let none = || format!("nothing there is named {}", &words[2]);
    let ends = values(program(data, &words[1])?, true).ok_or_else(none)?;
    let all = ["wrong", "right"].map(|which| values(&graph[which], false));
    let all: BTreeSet<_> = all.into_iter().flatten().flatten().collect();
    let right = |row: &str| ends.iter().any(|end| row == end.to_string());
    Ok((rows(all.iter().rev(), right), String::new()))
}

fn program<'a>(data: &Data<'a>, file: &str) -> Result<&'a Value, String> {
    if !data.body.starts_with("$ just prove ") {
        return Err("the block is no report".to_owned());
    }
    let graph = data.graph.ok_or("no graph was recorded")?;
    let programs = ["wrong", "right"].map(|which| &graph[which]);
    let found = programs.into_iter().find(|it| it["file"] == file);
    found.ok_or_else(|| format!("no graph was recorded of {file}"))
}

/// Of an end, whether it is a bad one, and what it is.
type End = (bool, String);

/// How many schedules lead from this state to each end.
fn ends(
    states: &[Value],
    at: usize,
    known: &mut BTreeMap<usize, BTreeMap<End, u64>>,
) -> Result<BTreeMap<End, u64>, String> {
    if let Some(known) = known.get(&at) {
        return Ok(known.clone());
    }
    let state = states.get(at).ok_or("a step to nowhere")?;
    let mut counts = BTreeMap::new();
    if let (Some(bad), Some(what)) = (state["end"]["bad"].as_bool(), state["end"]["what"].as_str())
    {
        counts.insert((bad, what.to_owned()), 1);
    }
    for step in state["steps"].as_array().into_iter().flatten() {
        let to = step[2].as_u64().ok_or("a step to nowhere")?;
        for (end, count) in ends(states, to as usize, known)? {
            *counts.entry(end).or_insert(0) += count;
        }
    }
    known.insert(at, counts.clone());
    Ok(counts)
}
