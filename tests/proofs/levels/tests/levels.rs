//! The recordings of the levels are those of the sources, and each level can be won.
//!
//! `REFRESH=1 cargo test -p levels` writes them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::{env, fs};

use interleave::{Bounds, Seen, graph_own, search_own};
use levels::{Goal, LEVELS, Level, bounds, record};
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../docs/recordings/levels")
}

/// What is recorded of each level, made once.
static RECORDINGS: LazyLock<Vec<(&Level, String)>> = LazyLock::new(|| {
    let text = |level| serde_json::to_string(&record(level).unwrap()).unwrap() + "\n";
    LEVELS.iter().map(|level| (level, text(level))).collect()
});

fn recordings() -> impl Iterator<Item = (&'static Level, Value)> {
    let parsed = |text: &String| serde_json::from_str(text).unwrap();
    RECORDINGS
        .iter()
        .map(move |(level, text)| (*level, parsed(text)))
}

#[test]
fn recordings_are_those_of_the_sources() {
    let refresh = env::var_os("REFRESH").is_some();
    if refresh {
        let _ = fs::remove_dir_all(folder());
        fs::create_dir_all(folder()).unwrap();
    }
    for (level, text) in &*RECORDINGS {
        let file = folder().join(format!("{}.json", level.name));
        if refresh {
            fs::write(&file, text).unwrap();
        }
        let recorded = fs::read_to_string(&file).unwrap_or_default();
        let name = level.name;
        assert!(
            recorded == *text,
            "{name} is recorded otherwise: just refresh"
        );
        assert!(text.len() <= 60_000, "{name}: {} bytes", text.len());
    }
    let names = fs::read_dir(folder()).unwrap();
    let names = names.map(|file| file.unwrap().file_name().into_string().unwrap());
    let expected = LEVELS.iter().map(|level| format!("{}.json", level.name));
    assert_eq!(
        names.collect::<BTreeSet<_>>(),
        expected.collect::<BTreeSet<_>>()
    );
}

/// The goal can be reached on a way of the length that is told, or there is no bad end; and one
/// change out of three repairs the program.
#[test]
fn each_level_can_be_won() {
    for (level, recording) in recordings() {
        let name = level.name;
        let versions = recording["versions"].as_array().unwrap();
        let bad = |version: &Value| {
            let states = version["states"].as_array().unwrap();
            states.iter().any(|state| state["end"]["bad"] == true)
        };
        match level.goal {
            Goal::None => assert!(
                !bad(&versions[0]) && recording["shortest"].is_null(),
                "{name}"
            ),
            _ => {
                let steps = recording["shortest"].as_u64();
                assert!(
                    steps.is_some_and(|steps| (2..=20).contains(&steps)),
                    "{name}: {steps:?}"
                );
            }
        }
        // An object is known by its name, whichever thread uses it first.
        let objects = versions
            .iter()
            .flat_map(|it| it["objects"].as_array().unwrap());
        let mut objects = objects.map(|object| object.as_str().unwrap());
        let twice = |object: &str| object.ends_with(" 2") && level.objects.is_empty();
        assert!(!objects.any(twice), "{name}: two objects have one name");
        let changes = &versions[1..];
        assert!(
            matches!(changes.len(), 0 | 3),
            "{name}: {} changes",
            changes.len()
        );
        let repairs = changes.iter().filter(|change| change["repairs"] == true);
        assert_eq!(repairs.count(), changes.len() / 3, "{name}");
        for change in changes {
            if change["repairs"] == true {
                assert!(!bad(change), "{name}");
            }
            let diff = change["diff"].as_array().unwrap();
            assert!(diff.iter().any(|line| line[0] != " "), "{name}");
        }
    }
}

/// The states are those of the search: as many ways lead through them as there are schedules, and
/// to the same ends. What `just prove` leaves out makes no difference.
#[test]
fn levels_end_as_just_prove_says() {
    for level in LEVELS {
        for version in level.versions {
            let graph = graph_own(bounds(level), version.main);
            let states = graph.states.iter();
            let ends =
                states.filter_map(|state| Some((state.seen.clone()?, state.printed.clone())));
            let ends: BTreeSet<(Seen, String)> = ends.collect();
            for reduce in [false, true] {
                let bounds = Bounds {
                    reduce,
                    ..bounds(level)
                };
                let report = search_own(bounds, version.main, |_| true);
                if !reduce {
                    assert_eq!(report.found.schedules, graph.schedules(), "{}", level.name);
                }
                let found: BTreeSet<_> = report.ends.into_keys().collect();
                assert_eq!(found, ends, "{}, {:?}", level.name, version.change);
            }
        }
    }
}

/// Each step is in a line that is shown.
#[test]
fn each_cursor_is_on_a_line_that_is_shown() {
    for (level, recording) in recordings() {
        for version in recording["versions"].as_array().unwrap() {
            for operation in version["operations"].as_array().unwrap() {
                let (Some(file), Some(line)) = (operation[1].as_u64(), operation[2].as_u64())
                else {
                    assert_eq!(operation[0], "end of main", "{}", level.name);
                    continue;
                };
                let parts = version["files"][file as usize]["parts"].as_array().unwrap();
                let shown = parts.iter().find_map(|part| {
                    let line = line.checked_sub(part["first"].as_u64()?)?;
                    part["lines"].get(line as usize)?.as_str()
                });
                let shown = shown.unwrap_or_default();
                assert!(!shown.trim().is_empty(), "{}: {operation}", level.name);
            }
        }
    }
}
