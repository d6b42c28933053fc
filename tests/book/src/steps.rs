//! The shortest way to a bad end, step by step, as a drawn table.

use std::collections::{BTreeSet, VecDeque};
use std::error::Error;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::html::escape;
use crate::tongue::Tongue;

/// What `prove --graphs` writes; here only the wrong program matters.
#[derive(Deserialize)]
struct Scene {
    wrong: Program,
}

#[derive(Deserialize)]
struct Program {
    file: String,
    threads: Vec<String>,
    objects: Vec<String>,
    /// What threads can be about to do, and its line.
    operations: Vec<(String, String)>,
    states: Vec<State>,
}

#[derive(Deserialize)]
struct State {
    /// The operation that each thread is about to do.
    next: Vec<Option<usize>>,
    values: Vec<Option<i64>>,
    holders: Vec<Option<usize>>,
    /// The thread, what it does, the state after that.
    steps: Vec<(usize, String, usize)>,
    end: Option<End>,
}

#[derive(Deserialize)]
struct End {
    bad: bool,
    what: String,
}

/// A shortest schedule that breaks the wrong program of a graph: the one that `just prove` prints.
///
/// # Errors
///
/// If `graph` is not what `prove --graphs` writes, and if nothing breaks the program.
pub fn figure(graph: &str, tongue: Tongue) -> Result<String, Box<dyn Error>> {
    let Scene { wrong: program } = serde_json::from_str(graph)?;
    let way = program.way_to_bad();
    let way = way.ok_or_else(|| format!("nothing breaks {}", program.file))?;
    let title = "A shortest schedule that breaks {file}: {number} steps";
    let number = way.len().to_string();
    let title = tongue.fill(title, &[("file", &program.file), ("number", &number)]);
    Ok(program.table(&way, &escape(&title), tongue))
}

impl Program {
    /// The steps to the nearest bad end: the state before each, and its place in there.
    fn way_to_bad(&self) -> Option<Vec<(usize, usize)>> {
        let mut seen = BTreeSet::from([0]);
        let mut next = VecDeque::from([(0, Vec::new())]);
        while let Some((state, way)) = next.pop_front() {
            let State { steps, end, .. } = self.states.get(state)?;
            if end.as_ref().is_some_and(|end| end.bad) {
                return Some(way);
            }
            for (place, &(_, _, to)) in steps.iter().enumerate() {
                if seen.insert(to) {
                    let mut way = way.clone();
                    way.push((state, place));
                    next.push_back((to, way));
                }
            }
        }
        None
    }

    fn table(&self, way: &[(usize, usize)], title: &str, tongue: Tongue) -> String {
        let [step, line, start, then] = ["step", "line", "start", "then"].map(|it| tongue.say(it));
        let mut html = format!(
            "<figure class=\"steps\">\n\
             <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\n\
             <table>\n<caption>{title}</caption>\n<thead><tr><th scope=\"col\">{step}</th><th scope=\"col\">{line}</th>"
        );
        for name in self.threads.iter().chain(&self.objects) {
            let _ = write!(html, "<th scope=\"col\">{}</th>", escape(name));
        }
        html += "</tr></thead>\n<tbody>\n";

        let mut state = &self.states[0];
        let idle = vec![String::new(); self.threads.len()];
        html += &self.row((start, ""), &idle, state, state, tongue);
        let mut previous = None;
        for (number, &(from, place)) in (1..).zip(way) {
            let (thread, what, to) = &self.states[from].steps[place];
            // From which side the turn came: so one sees the switch.
            let switch = match previous {
                Some(previous) if previous < *thread => " from-left",
                Some(previous) if previous > *thread => " from-right",
                _ => "",
            };
            let mut cells = idle.clone();
            cells[*thread] = format!("<span class=\"step{switch}\">{}</span>", escape(what));
            let line = self.line(&self.states[from], *thread);
            html += &self.row(
                (&number.to_string(), &line),
                &cells,
                &self.states[from],
                &self.states[*to],
                tongue,
            );
            (state, previous) = (&self.states[*to], Some(*thread));
        }
        let waits: Vec<_> = (0..self.threads.len())
            .map(|thread| self.waits(state, thread, tongue))
            .collect();
        if waits.iter().any(|wait| !wait.is_empty()) {
            html += &self.row((then, ""), &waits, state, state, tongue);
        }
        let end = state.end.as_ref().map_or("", |end| &end.what);
        let columns = 2 + self.threads.len() + self.objects.len();
        let _ = write!(
            html,
            "</tbody>\n<tfoot><tr><td colspan=\"{columns}\">{}</td></tr></tfoot>\n\
             </table>\n</div>\n</figure>\n",
            tongue.fill("The end: <strong>{}</strong>", &[("", &escape(end))])
        );
        html
    }

    /// The place of the thread's next step.
    fn line(&self, state: &State, thread: usize) -> String {
        let next = state.next[thread].map(|next| &self.operations[next]);
        next.map_or(String::new(), |(_, line)| escape(line))
    }

    fn row(
        &self,
        (head, line): (&str, &str),
        cells: &[String],
        before: &State,
        after: &State,
        tongue: Tongue,
    ) -> String {
        let mut row = format!("<tr><th scope=\"row\">{head}</th><td>{line}</td>");
        for cell in cells {
            let _ = write!(row, "<td class=\"thread\">{cell}</td>");
        }
        for object in 0..self.objects.len() {
            let [old, new] = [before, after].map(|state| self.shared(state, object, tongue));
            let new = if old == new {
                new
            } else {
                format!("<mark>{new}</mark>")
            };
            let _ = write!(row, "<td class=\"object\">{new}</td>");
        }
        row + "</tr>\n"
    }

    /// An object's value, and who holds it.
    fn shared(&self, state: &State, object: usize, tongue: Tongue) -> String {
        let value = state.values[object].map(|value| value.to_string());
        let holder = state.holders[object].map(|holder| {
            let name = escape(&self.threads[holder]);
            let held = tongue.fill("held by {name}", &[("name", &name)]);
            format!("<span class=\"holder\">{held}</span>")
        });
        let parts: Vec<_> = value.into_iter().chain(holder).collect();
        parts.join(" ")
    }

    /// What the thread waits for, if it has to.
    fn waits(&self, state: &State, thread: usize, tongue: Tongue) -> String {
        let can_go_on = state.steps.iter().any(|step| step.0 == thread);
        let Some(next) = state.next[thread].filter(|_| !can_go_on) else {
            return String::new();
        };
        let (next, _) = &self.operations[next];
        let named = |object: &String| next.ends_with(&format!(" {object}"));
        let object = self.objects.iter().position(named);
        let holder = object.and_then(|object| state.holders[object]);
        let holder = holder.map_or(String::new(), |holder| {
            tongue.fill(", held by {}", &[("", &self.threads[holder])])
        });
        let waits = tongue.fill(
            "waits to {next}{holder}",
            &[("next", next), ("holder", &holder)],
        );
        let what = escape(&waits);
        format!("<span class=\"wait\">{what}</span>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAPH: &str = r#"{"lesson":"deadlock","goal":"","wrong":{
        "file":"wrong.rs","threads":["A>B","B>A"],"objects":["A","B"],
        "operations":[["lock A","wrong.rs:3"],["lock B","wrong.rs:3"],["lock A","wrong.rs:4"],["lock B","wrong.rs:4"]],"schedules":2,"states":[
        {"next":[0,1],"values":[100,null],"holders":[null,null],"steps":[[0,"locks A",1],[1,"locks B",4]]},
        {"next":[3,1],"values":[100,null],"holders":[0,null],"steps":[[0,"locks B",2],[1,"locks B",3]]},
        {"next":[null,1],"values":[70,null],"holders":[null,null],"steps":[],"end":{"bad":false,"what":"moved"}},
        {"next":[3,2],"values":[100,null],"holders":[0,1],"steps":[],"end":{"bad":true,"what":"deadlock"}},
        {"next":[0,2],"values":[100,null],"holders":[null,1],"steps":[[0,"locks A",3]]}
        ]}}"#;

    #[test]
    fn a_table_shows_who_does_what_and_what_it_changes() {
        let html = figure(GRAPH, Tongue::English).unwrap();
        for part in [
            "<caption>A shortest schedule that breaks wrong.rs: 2 steps</caption>",
            "<th scope=\"col\">A&gt;B</th>",
            "<tr><th scope=\"row\">start</th><td></td><td class=\"thread\"></td><td class=\"thread\"></td><td class=\"object\">100</td><td class=\"object\"></td></tr>",
            "<tr><th scope=\"row\">1</th><td>wrong.rs:3</td><td class=\"thread\"><span class=\"step\">locks A</span></td><td class=\"thread\"></td>\
             <td class=\"object\"><mark>100 <span class=\"holder\">held by A&gt;B</span></mark></td><td class=\"object\"></td></tr>",
            "<tr><th scope=\"row\">2</th><td>wrong.rs:3</td><td class=\"thread\"></td><td class=\"thread\"><span class=\"step from-left\">locks B</span></td>\
             <td class=\"object\">100 <span class=\"holder\">held by A&gt;B</span></td><td class=\"object\"><mark><span class=\"holder\">held by B&gt;A</span></mark></td></tr>",
            "<span class=\"wait\">waits to lock B, held by B&gt;A</span>",
            "<td colspan=\"6\">The end: <strong>deadlock</strong></td>",
        ] {
            assert!(html.contains(part), "{part}\n{html}");
        }
        assert!(!html.contains("\n\n"));
    }

    /// The other thread first, when the nearest way to the bad end begins with it.
    #[test]
    fn it_is_the_shortest_way() {
        let longer = GRAPH.replace("[1,\"locks B\",3]", "[1,\"locks B\",2]");
        let html = figure(&longer, Tongue::English).unwrap();
        assert!(html.contains("wrong.rs: 2 steps"), "{html}");
        assert!(
            html.contains("<span class=\"step from-right\">locks A</span>"),
            "{html}"
        );
    }

    #[test]
    fn without_a_bad_end_there_is_nothing_to_show() {
        let error = figure(
            &GRAPH.replace("\"bad\":true", "\"bad\":false"),
            Tongue::English,
        )
        .unwrap_err();
        assert_eq!(error.to_string(), "nothing breaks wrong.rs");
        assert!(figure("{}", Tongue::English).is_err());
    }
}
