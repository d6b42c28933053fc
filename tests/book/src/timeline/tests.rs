//! A drawing says what its recording says.

use super::fields::wrap;
use super::figure;
use super::times::{tick, tick_label};

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

fn drawn(trace: &str) -> String {
    figure(trace, None, "Race").unwrap()
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
    assert!(figure(&whole[..whole.len() - 1], None, "").is_err());
    assert!(figure(&whole.replace("working", "idle"), None, "").is_err());
    assert!(
        figure(
            &whole.replace("\"tid\":1,\"name\":\"\"", "\"tid\":3,\"name\":\"\""),
            None,
            ""
        )
        .is_err()
    );
}
