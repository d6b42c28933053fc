//! The drawings of the recordings that the book shows.

use std::fs;

use across::{read, root};
use book::tongue::Tongue;
use book::{steps, timeline};

/// The lesson and the text of each recording of a kind.
fn recordings(kind: &str) -> Vec<(String, String)> {
    let files = fs::read_dir(root().join("docs/recordings")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let texts = files.filter_map(|path| {
        let name = path.file_name()?.to_str()?;
        let lesson = name.strip_suffix(kind)?.to_owned();
        Some((lesson, read(&path)))
    });
    let texts: Vec<_> = texts.collect();
    assert!(!texts.is_empty());
    texts
}

#[test]
fn every_timeline_can_be_drawn_and_is_small() {
    for (lesson, trace) in recordings(".trace.json") {
        let figure = timeline::figure(&trace, None, &lesson, Tongue::English).unwrap();
        assert!(figure.contains("<rect class=\"field\""), "{lesson}");
        assert!(figure.len() < 30_000, "{lesson}: {} bytes", figure.len());
        assert!(trace.len() < 60_000, "{lesson}: {} bytes", trace.len());
    }
}

/// As they stand on the pages: below that of the Python version, and still small.
#[test]
fn the_lessons_beside_python_are_drawn_with_arrows_and_values() {
    let mut pairs = 0;
    for (lesson, python) in recordings(".python.trace.json") {
        let trace = read(format!("docs/recordings/{lesson}.trace.json"));
        let figure = timeline::figure(&trace, Some(&python), &lesson, Tongue::English).unwrap();
        assert!(figure.len() < 60_000, "{lesson}: {} bytes", figure.len());
        let count = |what: &str| figure.matches(what).count();
        match &*lesson {
            // At the least: in the first act from till to till.
            "lock" => assert!(count("class=\"arrow\"") >= 2, "{figure}"),
            "gil" => {
                assert!(count(">A closer look") >= 1, "{figure}");
                assert!(count("<title>the lock: from thread ") >= 3, "{figure}");
            }
            _ => assert!(
                count(">-120<") == 2 && count("class=\"value\"") == 6,
                "{figure}"
            ),
        }
        pairs += 1;
    }
    assert_eq!(pairs, 3);
}

/// Cell by cell the table that `just prove` prints, as it stands in the chapter.
#[test]
fn the_steps_are_those_of_the_proof() {
    for (lesson, graph) in recordings(".graph.json") {
        let chapter = read(format!("lessons/{lesson}/README.md"));
        let (_, printed) = chapter.split_once("\nA shortest schedule ").unwrap();
        let (title, printed) = printed.split_once("\n\n").unwrap();
        let (printed, _) = printed.split_once("\n\n").unwrap();
        let printed = printed.lines().map(|line| line.split("  ").map(str::trim));
        let printed: Vec<Vec<_>> = printed
            .map(|cells| {
                cells
                    .filter(|cell| !cell.is_empty())
                    .map(str::to_owned)
                    .collect()
            })
            .collect();

        let figure = steps::figure(&graph, Tongue::English).unwrap();
        assert!(figure.contains(&format!("<caption>A shortest schedule {title}</caption>")));
        let rows = figure.split("<tr>").skip(1).map(cells);
        let drawn: Vec<Vec<_>> = rows.collect();
        assert_eq!(drawn, printed, "{lesson}");
    }
}

/// The cells of a drawn row that are not empty, in the words of the printed one.
fn cells(row: &str) -> Vec<String> {
    let row = row.split("</tr>").next().unwrap();
    let row = row.replace("<span class=\"holder\">held by ", "(");
    let cells = row.split("</t").map(|cell| {
        let words = cell.split('<').map(|part| match part.split_once('>') {
            Some(("/span", _)) if cell.contains('(') => ")",
            Some((_, words)) => words,
            None => part,
        });
        let words = words.collect::<String>().replace("&gt;", ">");
        let words = words.replace("The end: ", "=> ");
        words.split(", held by").next().unwrap().to_owned()
    });
    let mut cells: Vec<_> = cells.filter(|cell| !cell.is_empty()).collect();
    if cells[0] == "then" {
        // Nothing changes any more.
        cells.retain(|cell| cell.starts_with("waits to "));
    }
    cells
}
