//! A drawing says what its recording says.

use super::fields::wrap;
use super::figure;
use super::times::{tick, tick_label};
use crate::tongue::Tongue;

/// A trace with two lanes, from acts and spans in thousandths of a second.
fn trace(acts: &[u64], spans: &[(usize, &str, &str, u64, u64)], total: u64) -> String {
    let mut events = vec![
        r#"{"ph":"M","tid":0,"name":"process_name","args":{"name":"lesson-race"}}"#.to_owned(),
    ];
    for lane in [1, 2] {
        events.push(format!(
            r#"{{"ph":"M","tid":{lane},"name":"thread_name","args":{{"name":"till {lane} <"}}}}"#
        ));
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

/// More events, in thousandths of a second: what lane 1 hands to lane 2, and values.
fn with(trace: &str, handed: &[(u64, u64)], values: &[(u64, i64)]) -> String {
    let mut events = String::new();
    for (id, (sent, received)) in handed.iter().enumerate() {
        for (phase, lane, time) in [("s", 1, sent), ("f", 2, received)] {
            let time = 1000 * time;
            events += &format!(
                r#"{{"ph":"{phase}","tid":{lane},"name":"a <coin>","cat":"handed","id":{id},"ts":{time}}},"#
            );
        }
    }
    for (time, value) in values {
        let time = 1000 * time;
        events += &format!(
            r#"{{"ph":"C","tid":0,"name":"balance","ts":{time},"args":{{"value":{value}}}}},"#
        );
    }
    // After the lanes, and before a span.
    let (lanes, spans) = trace.split_once(r#"{"ph":"X""#).unwrap();
    format!(r#"{lanes}{events}{{"ph":"X"{spans}"#)
}

fn drawn(trace: &str) -> String {
    figure(trace, None, "race", Tongue::English).unwrap()
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
fn a_chinese_drawing_leaves_what_was_recorded_and_has_room_for_its_words() {
    let spans = [
        (1, "blocked", "waits", 500, 1500),
        (2, "working", "", 0, 990),
        (2, "waiting", "", 1000, 10),
    ];
    let trace = trace(&[0, 1000, 1990], &spans, 2000);
    let html = figure(&trace, None, "race", Tongue::Chinese).unwrap();
    for said in [
        ">竞态条件（race）的时间线</title>",
        "<li>1. Act\n<ul>\n<li>till 1 &lt;：waits（等锁），0.50 s～下一幕</li>\n<li>till 2 &lt;：计算，0.00 s～0.99 s</li>",
        "<li>till 1 &lt;：waits（等锁），前一幕～下一幕</li>\n<li>till 2 &lt;：等待，0.00 s～0.01 s</li>",
        "<title>till 2 &lt;：计算，0.00 s～0.99 s</title>",
        ">3. Act （放宽到 100 倍）</tspan>",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    // In the legend a text ends before the next rectangle begins; a Chinese character is about 13 wide.
    let entries: Vec<_> = html
        .lines()
        .filter(|line| line.contains("/><text x="))
        .collect();
    let place = |class| {
        let entry = entries.iter().find(|line| line.contains(class));
        numbers(entry.unwrap(), class, "x")[0]
    };
    assert_eq!(entries.len(), 3, "{html}");
    let (working, waiting, blocked) = (place("working"), place("waiting"), place("blocked"));
    for (from, to) in [(working, waiting), (waiting, blocked)] {
        assert!(to - from > 32.0 + 2.0 * 13.0, "{html}");
    }
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
    let (x, width) = (
        numbers(&html, "working", "x"),
        numbers(&html, "working", "width"),
    );
    assert!(width[0] > 500.0 && x[1..].len() < 8, "{html}");
    // But where one looks closer: half of the time the lane is idle.
    assert!(
        html.contains(">A closer look: 10.00 ms (106 times wider)<"),
        "{html}"
    );
    assert!((x[2] - x[1] - 2.0 * width[1]).abs() < 0.2, "{html}");
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
    assert!(html.contains(">holding a lock</text>") && html.contains(">waiting for a lock</text>"));
    assert!(!html.contains(">working</text>"), "{html}");
    // Also for Markdown it is one piece, and a page may have several.
    assert!(!html.contains("\n\n"));
    assert_eq!(
        html.matches(" id=\"").count(),
        html.matches(" id=\"lesson-race-").count()
    );
}

/// Every number of the paths of a class.
fn paths(html: &str, class: &str) -> Vec<Vec<f64>> {
    let class = format!("class=\"{class}\" d=\"");
    let paths = html.split(&class).skip(1).map(|path| {
        let path = path.split('"').next().unwrap();
        let numbers = path.split(|character: char| !"-.0123456789".contains(character));
        numbers.filter_map(|number| number.parse().ok()).collect()
    });
    paths.collect()
}

#[test]
fn an_arrow_leads_from_lane_to_lane_and_from_moment_to_moment() {
    let spans = [(1, "working", "", 0, 1000), (2, "working", "", 1000, 1000)];
    let plain = trace(&[0], &spans, 2000);
    assert!(paths(&drawn(&plain), "arrow").is_empty());
    let html = drawn(&with(&plain, &[(500, 1500)], &[]));
    let (x, width) = (
        numbers(&html, "working", "x"),
        numbers(&html, "working", "width"),
    );
    let y = numbers(&html, "working", "y");
    let [arrow] = &paths(&html, "arrow")[..] else {
        panic!("{html}");
    };
    for (drawn, expected) in [
        (arrow[0], x[0] + width[0] / 2.0),
        (arrow[2], x[1] + width[1] / 2.0),
        (arrow[3] - arrow[1], y[1] - y[0]),
    ] {
        assert!((drawn - expected).abs() < 0.2, "{html}");
    }
    let words = "a &lt;coin&gt;: from till 1 &lt; to till 2 &lt; at 1.50 s";
    assert!(html.contains(&format!("<title>{words}</title>")), "{html}");
    assert!(html.contains(&format!("<li>{words}</li>")), "{html}");
}

#[test]
fn arrows_that_would_cover_all_are_only_in_the_words() {
    let spans = [(1, "working", "", 0, 1000), (2, "working", "", 0, 1000)];
    let handed: Vec<_> = (0..500).map(|time| (2 * time, 2 * time + 1)).collect();
    let html = drawn(&with(&trace(&[0], &spans, 1000), &handed, &[]));
    assert!(paths(&html, "arrow").is_empty(), "{html}");
    assert!(
        html.contains("<li>handed over 500 times: a &lt;coin&gt;</li>"),
        "{html}"
    );
}

#[test]
fn a_value_is_a_step_line_below_the_lanes_that_goes_below_zero() {
    let spans = [(1, "working", "", 0, 1000), (1, "working", "", 1000, 1000)];
    let values = [(0, 100), (500, 100), (500, 20), (990, -120), (1000, 50)];
    let html = drawn(&with(&trace(&[0, 1000], &spans, 2000), &[], &values));
    let lines = paths(&html, "value");
    let [first, second] = &lines[..] else {
        panic!("{html}");
    };
    // M x y, and then H x V y for each change, H x to the end.
    let [x, y, down, at_20, fall, below, end] = first[..] else {
        panic!("{first:?}");
    };
    assert!(y < at_20 && at_20 < below, "{html}");
    assert!(
        ((at_20 - y) / (below - at_20) - 80.0 / 140.0).abs() < 0.02,
        "{html}"
    );
    assert!(
        ((down - x) / (end - x) - 0.5).abs() < 0.01 && fall < end,
        "{html}"
    );
    assert_eq!(
        second.len(),
        3,
        "what an act begins with it does not take over: {html}"
    );
    // Below zero it says so in another colour, at the left of its end.
    assert!(
        html.contains("class=\"number below\"") && html.contains(">-120<"),
        "{html}"
    );
    assert_eq!(html.matches("class=\"number below\"").count(), 1);
    let lanes = numbers(&html, "working", "y");
    assert!(lanes[0] + 21.0 < y, "{html}");
    assert!(
        html.contains("<li>balance: 100 at 0.00 s, 20 at 0.50 s, -120 at 0.99 s</li>"),
        "{html}"
    );
}

#[test]
fn python_stands_above_rust_in_one_scale() {
    let python = trace(&[0], &[(1, "working", "", 0, 2000)], 2000);
    let rust = trace(&[0], &[(1, "working", "", 0, 500)], 500);
    let html = figure(&rust, Some(&python), "race", Tongue::English).unwrap();
    let (width, y) = (
        numbers(&html, "working", "width"),
        numbers(&html, "working", "y"),
    );
    assert!((width[0] - 4.0 * width[1]).abs() < 0.3, "{html}");
    assert!(y[0] < y[1], "{html}");
    assert_eq!(html.matches(">1. Act<").count(), 1, "{html}");
    let [above, below] = [">Python</text>", ">Rust</text>"].map(|name| html.find(name).unwrap());
    assert!(above < below, "{html}");
    assert!(
        html.contains("<p>Python</p>") && html.contains("<p>Rust</p>"),
        "{html}"
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
    assert!(figure(&whole[..whole.len() - 1], None, "race", Tongue::English).is_err());
    assert!(
        figure(
            &whole.replace("working", "idle"),
            None,
            "race",
            Tongue::English
        )
        .is_err()
    );
    assert!(
        figure(
            &whole.replace("\"tid\":1,\"name\":\"\"", "\"tid\":3,\"name\":\"\""),
            None,
            "race",
            Tongue::English
        )
        .is_err()
    );
    let received = with(&whole, &[(0, 1)], &[]).replace("\"ph\":\"s\"", "\"ph\":\"x\"");
    assert!(
        figure(&received, None, "race", Tongue::English).is_err(),
        "received, and not sent"
    );
    let counted = with(&whole, &[], &[(0, 7)]).replace("\"value\":7", "\"value\":\"7\"");
    assert!(
        figure(&counted, None, "race", Tongue::English).is_err(),
        "a value that is no number"
    );
}
