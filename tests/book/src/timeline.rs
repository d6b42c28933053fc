//! A lesson's recording (`LESSON_TRACE`) as a drawing, and the same in words.
//!
//! Each act has a field of its own, with the time from its start. All fields of a lesson have
//! the same scale, so that a shorter act is a narrower field; only those in which one would
//! see next to nothing are drawn wider, in another scale, and say so.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::html::escape;

/// How wide a drawing is; the page may scale it a little, and scrolls it if it must.
const WIDTH: f64 = 720.0;
/// How wide a character is, and one of a heading: rather too wide, for fonts differ.
const CHARACTER: f64 = 7.5;
const BOLD: f64 = 8.2;
/// The narrowest field, for the sake of its title.
const FIELD: f64 = 150.0;
/// An act without a span as wide as this is drawn wider.
const VISIBLE: f64 = 30.0;
const GAP: f64 = 18.0;

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Working,
    Waiting,
    Holding,
    Blocked,
}

impl Kind {
    /// Its class, what a thread does then, and its words in the legend.
    fn look(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Kind::Working => ("working", "works", "working"),
            Kind::Waiting => ("waiting", "waits", "waiting"),
            Kind::Holding => ("holding", "holds a lock", "holding a lock"),
            Kind::Blocked => ("blocked", "waits for a lock", "waiting for a lock"),
        }
    }
}

/// The file as it is, with all times in microseconds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    trace_events: Vec<Event>,
    other_data: Total,
}

#[derive(Deserialize)]
struct Total {
    total: u64,
}

#[derive(Deserialize)]
struct Event {
    ph: char,
    name: String,
    tid: usize,
    #[serde(default)]
    ts: u64,
    #[serde(default)]
    dur: u64,
    cat: Option<Kind>,
    args: Option<Name>,
}

#[derive(Deserialize)]
struct Name {
    name: Option<String>,
}

struct Recording {
    lesson: String,
    lanes: Vec<Lane>,
    acts: Vec<Act>,
}

struct Lane {
    name: String,
    spans: Vec<Span>,
}

struct Span {
    kind: Kind,
    name: String,
    start: u64,
    end: u64,
    /// In how many others on the same lane it lies.
    depth: usize,
}

impl Span {
    fn is_like(&self, other: &Self) -> bool {
        (self.kind, &self.name) == (other.kind, &other.name)
    }
}

struct Act {
    /// With its number.
    title: String,
    start: u64,
    end: u64,
}

impl Act {
    fn length(&self) -> u64 {
        self.end - self.start
    }
}

/// The part of a span that lies within an act, from the act's start.
struct Part<'a> {
    span: &'a Span,
    start: u64,
    end: u64,
}

impl Recording {
    fn read(trace: &str) -> Result<Self, Box<dyn Error>> {
        let trace: Trace = serde_json::from_str(trace)?;
        let total = trace.other_data.total;
        let mut recording = Self {
            lesson: String::new(),
            lanes: Vec::new(),
            acts: Vec::new(),
        };
        for event in trace.trace_events {
            let name = event.args.and_then(|args| args.name);
            match (event.ph, event.cat) {
                ('M', _) if event.name == "process_name" => {
                    recording.lesson = name.ok_or("a process without a name")?;
                }
                ('M', _) if event.name == "thread_name" => recording.lanes.push(Lane {
                    name: name.ok_or("a lane without a name")?,
                    spans: Vec::new(),
                }),
                ('i', _) => {
                    if let Some(before) = recording.acts.last_mut() {
                        before.end = event.ts;
                    }
                    recording.acts.push(Act {
                        title: event.name,
                        start: event.ts,
                        end: total,
                    });
                }
                ('X', Some(kind)) => {
                    let lane = event.tid.checked_sub(1);
                    let lane = lane.and_then(|lane| recording.lanes.get_mut(lane));
                    let spans = &mut lane.ok_or("a span without a lane")?.spans;
                    let around = spans.iter().filter(|other: &&Span| other.end > event.ts);
                    spans.push(Span {
                        kind,
                        name: event.name,
                        start: event.ts,
                        end: event.ts + event.dur,
                        depth: around.count(),
                    });
                }
                _ => {}
            }
        }
        Ok(recording)
    }

    /// What a lane does in an act. Threads do not stop in the very moment in which an act ends:
    /// a sliver of a span that belongs to the neighbouring act is left out, and what is too
    /// short to see.
    fn parts<'a>(&self, lane: &'a Lane, act: &Act) -> Vec<Part<'a>> {
        let parts = lane.spans.iter().filter_map(|span| {
            let (start, end) = (span.start.max(act.start), span.end.min(act.end));
            let inside = end.checked_sub(start)?;
            let whole = inside == span.end - span.start;
            let least = act.length() / if whole { 10_000 } else { 50 };
            (inside > least).then(|| Part {
                span,
                start: start - act.start,
                end: end - act.start,
            })
        });
        parts.collect()
    }

    fn all_parts<'a>(&'a self, act: &'a Act) -> impl Iterator<Item = Part<'a>> {
        self.lanes.iter().flat_map(|lane| self.parts(lane, act))
    }

    /// The longest part that an act has of any span; none if nothing is drawn of it.
    fn longest_part(&self, act: &Act) -> Option<u64> {
        let parts = self.all_parts(act);
        parts.map(|part| part.end - part.start).max()
    }
}

/// The timeline of a lesson as a figure for a page of the book.
///
/// # Errors
///
/// If `trace` is not what a lesson writes.
pub fn figure(trace: &str, title: &str) -> Result<String, Box<dyn Error>> {
    let recording = Recording::read(trace)?;
    let title = escape(title);
    let (drawing, words) = (draw(&recording, &title), words(&recording));
    Ok(format!(
        "<figure class=\"timeline\">\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\n{drawing}</div>\n\
         <details><summary>The same in words</summary>\n{words}</details>\n</figure>\n"
    ))
}

/// An act's place in the drawing.
struct Field<'a> {
    act: &'a Act,
    left: f64,
    /// How wide a microsecond is.
    scale: f64,
    heading: Vec<String>,
}

/// The fields from left to right in rows, as words on a page.
fn lay_out(recording: &Recording, left: f64) -> Vec<Vec<Field<'_>>> {
    // With a gap to spare: two acts of half that length stand side by side.
    let room = WIDTH - left - 1.5 * GAP;
    let acts = recording.acts.iter();
    let acts: Vec<_> = acts
        .filter_map(|act| Some((act, recording.longest_part(act)? as f64)))
        .collect();
    let lengths = acts.iter().map(|(act, _)| act.length());
    let common = room / lengths.max().unwrap_or(1) as f64;
    let short = acts.iter().filter(|(_, part)| part * common < VISIBLE);
    let short = short.map(|(act, _)| act.length());
    let wider = room / short.max().unwrap_or(1) as f64;

    let mut rows: Vec<Vec<Field>> = vec![Vec::new()];
    let mut next = left;
    for (act, part) in acts {
        let mut title = act.title.clone();
        let mut scale = common;
        if part * common < VISIBLE && wider > common {
            scale = wider;
            let _ = write!(title, " ({:.0} times wider)", wider / common);
        }
        let width = (act.length() as f64 * scale).max(FIELD);
        if next > left && next + width > WIDTH {
            rows.push(Vec::new());
            next = left;
        }
        let row = rows.last_mut().expect("a row");
        row.push(Field {
            act,
            left: next,
            scale,
            heading: wrap(&title, ((width + GAP) / BOLD) as usize),
        });
        next += width + GAP;
    }
    rows
}

fn draw(recording: &Recording, title: &str) -> String {
    let id = |what: &str| format!("timeline-{}-{what}", escape(&recording.lesson));
    let names = recording.lanes.iter().map(|lane| lane.name.chars().count());
    let left = names.max().unwrap_or(0) as f64 * CHARACTER + 10.0;

    let mut drawing = String::new();
    let mut top = 0.0;
    for fields in lay_out(recording, left) {
        let heading = fields.iter().map(|field| field.heading.len()).max();
        let body = top + heading.unwrap_or(0) as f64 * 16.0 + 6.0;
        let in_use = |lane: &&Lane| {
            let mut acts = fields.iter().map(|field| field.act);
            acts.any(|act| !recording.parts(lane, act).is_empty())
        };
        let lanes: Vec<_> = recording.lanes.iter().filter(in_use).collect();
        let lane_height = if lanes.len() > 6 { 16.0 } else { 25.0 };
        let bottom = body + lanes.len() as f64 * lane_height + 4.0;
        for field in &fields {
            drawing += &frame(field, top, body, bottom);
        }
        for (place, lane) in lanes.iter().enumerate() {
            let middle = body + 2.0 + (place as f64 + 0.5) * lane_height;
            let name = escape(&lane.name);
            let _ = writeln!(
                drawing,
                "<text y=\"{}\">{name}</text>",
                number(middle + 4.5)
            );
            for field in &fields {
                for bar in bars(recording.parts(lane, field.act), field) {
                    drawing += &bar.draw(&id(""), &lane.name, field, middle, lane_height - 4.0);
                }
            }
        }
        top = bottom + 30.0;
    }

    let parts = recording
        .acts
        .iter()
        .flat_map(|act| recording.all_parts(act));
    let kinds: BTreeSet<_> = parts.map(|part| part.span.kind).collect();
    let mut x = left;
    for kind in kinds {
        let (class, _, words) = kind.look();
        let _ = writeln!(
            drawing,
            "{}/><text x=\"{}\" y=\"{}\">{words}</text>",
            rectangle(class, &id(""), x, top, 26.0, 14.0),
            number(x + 32.0),
            number(top + 12.0),
        );
        x += 32.0 + CHARACTER * words.len() as f64 + GAP;
    }

    let acts: Vec<_> = recording
        .acts
        .iter()
        .map(|act| escape(&act.title))
        .collect();
    let lanes: Vec<_> = recording
        .lanes
        .iter()
        .map(|lane| escape(&lane.name))
        .collect();
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"{name} {what}\">\n\
         <title id=\"{name}\">{title}</title>\n\
         <desc id=\"{what}\">The acts {acts}, with the lanes {lanes}. The same in words is below.</desc>\n\
         <defs>{}{}</defs>\n{drawing}</svg>\n",
        pattern(&id("holding"), "M-2 2l4 -4M0 8l8 -8M6 10l4 -4"),
        pattern(&id("blocked"), "M2 2l4 4M2 6l4 -4"),
        height = number(top + 18.0),
        name = id("title"),
        what = id("what"),
        acts = acts.join("; "),
        lanes = lanes.join(", "),
    )
}

fn pattern(id: &str, path: &str) -> String {
    format!(
        "<pattern id=\"{id}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><path d=\"{path}\"/></pattern>"
    )
}

/// The heading, the lines at even times, and those times.
fn frame(field: &Field, top: f64, body: f64, bottom: f64) -> String {
    let mut frame = String::from("<text class=\"act\">");
    for (line, text) in field.heading.iter().enumerate() {
        let (x, y) = (number(field.left), number(top + 13.0 + 16.0 * line as f64));
        let _ = write!(frame, "<tspan x=\"{x}\" y=\"{y}\">{}</tspan>", escape(text));
    }
    frame += "</text>\n";
    let length = field.act.length();
    let end = field.left + length as f64 * field.scale;
    let (width, height) = (number(end - field.left), number(bottom - body));
    let _ = writeln!(
        frame,
        "<rect class=\"field\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\"/>",
        number(field.left),
        number(body),
    );
    let mut label = |x: f64, anchor: &str, text: &str| {
        let (x, y) = (number(x), number(bottom + 14.0));
        let _ = writeln!(
            frame,
            "<text class=\"time\" x=\"{x}\" y=\"{y}\"{anchor}>{text}</text>"
        );
    };
    let last = time(length, length);
    // The last time stands below its line where it has room, else to the right of the zero.
    let room = end - last.len() as f64 * CHARACTER;
    label(end.max(field.left + 62.0), " text-anchor=\"end\"", &last);
    label(field.left, "", "0");
    let step = tick(70.0 / field.scale);
    let mut lines = String::new();
    for time in (1..)
        .map(|place| place * step)
        .take_while(|time| *time < length)
    {
        let x = field.left + time as f64 * field.scale;
        let _ = write!(lines, "M{} {}V{}", number(x), number(body), number(bottom));
        let text = tick_label(time, length);
        let half = text.len() as f64 * CHARACTER / 2.0;
        if x + half + 6.0 < room {
            label(x, " text-anchor=\"middle\"", &text);
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(frame, "<path class=\"ticks\" d=\"{lines}\"/>");
    }
    frame
}

/// One or more spans in the drawing, which cannot be told apart if they are more.
struct Bar<'a> {
    parts: Vec<Part<'a>>,
    left: f64,
    right: f64,
    /// By a later one.
    covered: bool,
}

fn bars<'a>(parts: Vec<Part<'a>>, field: &Field) -> Vec<Bar<'a>> {
    let mut bars: Vec<Bar> = Vec::new();
    for part in parts {
        let x = |time: u64| field.left + time as f64 * field.scale;
        let (left, right) = (x(part.start), x(part.end).max(x(part.start) + 1.5));
        if let Some(bar) = bars.last_mut() {
            let touches = left < bar.right + 1.0;
            let tiny = right - left < 3.0 || right < bar.right + 1.5;
            if part.span.is_like(bar.parts[0].span) && touches && tiny {
                bar.right = right.max(bar.right);
                bar.parts.push(part);
                continue;
            }
            bar.covered = left < bar.right - 1.0;
        }
        bars.push(Bar {
            parts: vec![part],
            left,
            right,
            covered: false,
        });
    }
    bars
}

impl Bar<'_> {
    fn draw(&self, ids: &str, lane: &str, field: &Field, middle: f64, height: f64) -> String {
        let span = self.parts[0].span;
        let height = (height - 6.0 * span.depth as f64).max(6.0);
        let width = self.right - self.left;
        let class = span.kind.look().0;
        let bar = rectangle(class, ids, self.left, middle - height / 2.0, width, height);
        let words = phrase(&self.parts, field.act);
        let lane = escape(lane);
        let mut bar = format!("{bar}><title>{lane}: {words}</title></rect>");
        let needs = span.name.chars().count() as f64 * CHARACTER + 6.0;
        if !span.name.is_empty() && needs < width && !self.covered {
            let (x, y) = (number(self.left + width / 2.0), number(middle + 4.5));
            let name = escape(&span.name);
            let _ = write!(
                bar,
                "<text class=\"label\" x=\"{x}\" y=\"{y}\">{name}</text>"
            );
        }
        bar + "\n"
    }
}

/// The element, not closed.
fn rectangle(class: &str, ids: &str, x: f64, y: f64, width: f64, height: f64) -> String {
    let [x, y, width, height] = [x, y, width, height].map(number);
    let fill = match class {
        "holding" | "blocked" => format!(" fill=\"url(#{ids}{class})\""),
        _ => String::new(),
    };
    format!(
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{fill}"
    )
}

/// Act by act, lane by lane.
fn words(recording: &Recording) -> String {
    let mut words = String::from("<ul>\n");
    for act in &recording.acts {
        let _ = write!(words, "<li>{}", escape(&act.title));
        if recording.longest_part(act).is_none() {
            words += ": nothing is drawn</li>\n";
            continue;
        }
        words += "\n<ul>\n";
        for lane in &recording.lanes {
            let parts = recording.parts(lane, act);
            if parts.is_empty() {
                continue;
            }
            let runs = parts.chunk_by(|part, next| part.span.is_like(next.span));
            let phrases: Vec<_> = runs.map(|run| phrase(run, act)).collect();
            let _ = writeln!(
                words,
                "<li>{}: {}</li>",
                escape(&lane.name),
                phrases.join("; ")
            );
        }
        words += "</ul></li>\n";
    }
    words + "</ul>\n"
}

/// What a lane does in spans that are alike.
fn phrase(parts: &[Part], act: &Act) -> String {
    let span = parts[0].span;
    let does = span.kind.look().1;
    let what = match span.name.as_str() {
        "" => does.to_owned(),
        name => format!("{} ({does})", escape(name)),
    };
    let time = |of: u64| time(of, act.length());
    let range = |part: &Part| {
        let start = if part.span.start < act.start {
            "the act before".to_owned()
        } else {
            time(part.start)
        };
        let end = if part.span.end > act.end {
            "the next act".to_owned()
        } else {
            time(part.end)
        };
        format!("from {start} to {end}")
    };
    if parts.len() <= 3 {
        let ranges: Vec<_> = parts.iter().map(range).collect();
        return format!("{what} {}", ranges.join(", "));
    }
    let sum = parts.iter().map(|part| part.end - part.start).sum();
    let (first, last) = (&parts[0], &parts[parts.len() - 1]);
    format!(
        "{what} {} times between {} and {}, {} in all",
        parts.len(),
        time(first.start),
        time(last.end),
        time(sum)
    )
}

/// A time, as exact as it makes sense beside another one.
fn time(microseconds: u64, beside: u64) -> String {
    let time = microseconds as f64;
    match beside {
        500_000.. => format!("{:.2} s", time / 1e6),
        20_000.. => format!("{:.0} ms", time / 1e3),
        _ => format!("{:.2} ms", time / 1e3),
    }
}

/// A round time, in the unit of [`time`].
fn tick_label(microseconds: u64, beside: u64) -> String {
    let time = microseconds as f64;
    match beside {
        500_000.. => format!("{} s", time / 1e6),
        _ => format!("{} ms", time / 1e3),
    }
}

/// The next even time: 1, 2 or 5 of some power of ten.
fn tick(at_least: f64) -> u64 {
    let mut step = 1;
    loop {
        for factor in [1, 2, 5] {
            if (step * factor) as f64 >= at_least {
                return step * factor;
            }
        }
        step *= 10;
    }
}

/// A text in lines of so many characters at most, if no word is longer.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("a line");
        if line.is_empty() {
            *line = word.to_owned();
        } else if line.chars().count() + 1 + word.chars().count() <= columns {
            *line += &format!(" {word}");
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A length in the drawing, short.
fn number(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A trace with two lanes, from acts and spans in thousandths of a second.
    fn trace(acts: &[u64], spans: &[(usize, &str, &str, u64, u64)], total: u64) -> String {
        let mut events = vec![
            r#"{"ph":"M","tid":0,"name":"process_name","args":{"name":"lesson-race"}}"#.to_owned(),
        ];
        for lane in [1, 2] {
            events.push(format!(r#"{{"ph":"M","tid":{lane},"name":"thread_name","args":{{"name":"till {lane} <"}}}}"#));
        }
        for (number, start) in (1..).zip(acts.iter().map(|start| 1000 * start)) {
            events.push(format!(
                r#"{{"ph":"i","tid":0,"name":"{number}. Act","ts":{start}}}"#
            ));
        }
        for (lane, kind, name, start, length) in spans {
            let (start, length) = (1000 * start, 1000 * length);
            events.push(format!(
                r#"{{"ph":"X","tid":{lane},"name":"{name}","cat":"{kind}","ts":{start},"dur":{length}}}"#
            ));
        }
        let total = 1000 * total;
        let events = events.join(",");
        format!(r#"{{"traceEvents":[{events}],"otherData":{{"total":{total}}}}}"#)
    }

    fn drawn(trace: &str) -> String {
        figure(trace, "Race").unwrap()
    }

    /// An attribute of the elements of a class.
    fn numbers(html: &str, class: &str, attribute: &str) -> Vec<f64> {
        let class = format!("class=\"{class}\"");
        let elements = html.split('<').filter(|element| element.contains(&class));
        let value = |element: &str| {
            let (_, value) = element.split_once(&format!(" {attribute}=\"")).unwrap();
            value.split('"').next().unwrap().parse().unwrap()
        };
        elements.map(value).collect()
    }

    #[test]
    fn a_bar_is_where_its_span_is() {
        let spans = [(1, "working", "", 0, 1000), (2, "working", "", 1000, 500)];
        let html = drawn(&trace(&[0], &spans, 2000));
        let (x, width) = (
            numbers(&html, "working", "x"),
            numbers(&html, "working", "width"),
        );
        let y = numbers(&html, "working", "y");
        assert!((x[0] + width[0] - x[1]).abs() < 0.2, "{html}");
        assert!((width[0] - 2.0 * width[1]).abs() < 0.2, "{html}");
        assert!(y[0] < y[1], "{html}");
        let field = numbers(&html, "field", "width");
        assert!((field[0] - 2.0 * width[0]).abs() < 0.2, "{html}");
    }

    #[test]
    fn acts_have_the_same_scale_but_for_a_very_short_one() {
        let spans = [
            (1, "waiting", "", 0, 2000),
            (1, "waiting", "", 2000, 1000),
            (1, "waiting", "", 3000, 10),
        ];
        let html = drawn(&trace(&[0, 2000, 3000], &spans, 3010));
        let width = numbers(&html, "field", "width");
        assert!((width[0] - 2.0 * width[1]).abs() < 0.2, "{html}");
        assert_eq!(width.len(), 3, "{html}");
        assert!(html.contains(">3. Act (200 times wider)<"), "{html}");
        assert!(!html.contains(">2. Act ("), "{html}");
    }

    #[test]
    fn a_span_that_outlasts_its_act_goes_on_in_the_next() {
        let spans = [
            (1, "blocked", "waits", 500, 1500),
            (2, "waiting", "", 0, 1001),
        ];
        let html = drawn(&trace(&[0, 1000], &spans, 2000));
        // And what is over a moment too late does not.
        assert!(html.contains("<li>1. Act\n<ul>\n<li>till 1 &lt;: waits (waits for a lock) from 0.50 s to the next act</li>\n<li>till 2"), "{html}");
        assert!(html.contains("<li>2. Act\n<ul>\n<li>till 1 &lt;: waits (waits for a lock) from the act before to 1.00 s</li>\n</ul>"), "{html}");
    }

    #[test]
    fn the_inner_one_of_two_spans_is_smaller_and_on_top() {
        let spans = [
            (1, "waiting", "outer", 0, 1000),
            (1, "holding", "inner", 200, 700),
        ];
        let html = drawn(&trace(&[0], &spans, 1000));
        let (outer, inner) = (
            html.find("\"waiting\" x").unwrap(),
            html.find("\"holding\" x").unwrap(),
        );
        assert!(outer < inner, "{html}");
        let height = |class| numbers(&html, class, "height")[0];
        assert!(height("holding") < height("waiting"), "{html}");
        assert!(
            html.contains(">inner</text>") && !html.contains(">outer</text>"),
            "{html}"
        );
    }

    #[test]
    fn spans_that_cannot_be_told_apart_are_one_bar() {
        let spans: Vec<_> = (0..1000)
            .map(|place| (1, "working", "", place * 2, 1))
            .collect();
        let html = drawn(&trace(&[0], &spans, 2000));
        assert!(numbers(&html, "working", "x").len() < 5, "{html}");
        assert!(
            html.contains("works 1000 times between 0.00 s and 2.00 s, 1.00 s in all"),
            "{html}"
        );
    }

    #[test]
    fn names_are_in_the_bar_where_they_fit_and_kinds_in_the_legend() {
        let spans = [
            (1, "holding", "counts &", 0, 1000),
            (2, "blocked", "counts", 0, 20),
        ];
        let html = drawn(&trace(&[0], &spans, 1000));
        assert_eq!(html.matches("class=\"label\"").count(), 1, "{html}");
        assert!(html.contains(">counts &amp;</text>"), "{html}");
        assert!(
            html.contains("<title>till 2 &lt;: counts (waits for a lock) from"),
            "{html}"
        );
        assert!(
            html.contains(">holding a lock</text>") && html.contains(">waiting for a lock</text>")
        );
        assert!(!html.contains(">working</text>"), "{html}");
        // Also for Markdown it is one piece, and a page may have several.
        assert!(!html.contains("\n\n"));
        assert_eq!(
            html.matches(" id=\"").count(),
            html.matches(" id=\"timeline-lesson-race-").count()
        );
    }

    #[test]
    fn times_stand_at_round_numbers() {
        assert_eq!([0.3, 3.0, 30_001.0].map(tick), [1, 5, 50_000]);
        assert_eq!(tick_label(50_000, 290_000), "50 ms");
        assert_eq!(tick_label(500_000, 2_000_000), "0.5 s");
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    }

    #[test]
    fn what_is_no_trace_is_an_error() {
        let whole = trace(&[0], &[(1, "working", "", 0, 1)], 2);
        assert!(figure(&whole[..whole.len() - 1], "").is_err());
        assert!(figure(&whole.replace("working", "idle"), "").is_err());
        assert!(
            figure(
                &whole.replace("\"tid\":1,\"name\":\"\"", "\"tid\":3,\"name\":\"\""),
                ""
            )
            .is_err()
        );
    }
}
