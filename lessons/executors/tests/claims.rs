//! What the chapter claims, checked on the lesson's output. What it takes away is checked
//! in `workers.rs` beside this file.

use std::collections::BTreeMap;
use std::process::Command;

/// The acts of the lesson, from its first line to its speed-ups. A wait is 0.2 s, which
/// is far more than what a busy machine adds to it.
fn acts() -> Vec<String> {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-executors"));
    let output = lesson.env("LESSON_SPEED", "2.5").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    output.split("\n\n").map(str::to_owned).collect()
}

/// The time of the act in waits, rounded by the lesson.
fn waits(act: &str) -> u32 {
    let (_, waits) = act.split_once(" in the time of ").expect(act);
    waits.split(' ').next().unwrap().parse().expect(act)
}

/// The numbers of the list that follows the words.
fn list(act: &str, words: &str) -> Vec<u32> {
    let (_, list) = act.split_once(words).expect(act);
    let (list, _) = list.split_once(']').expect(act);
    let numbers = list.split(", ").filter(|number| !number.is_empty());
    numbers.map(|number| number.parse().unwrap()).collect()
}

/// Where the job ran, and which item of its list it added.
fn ran<'a>(act: &'a str, job: &str) -> (&'a str, u32) {
    let (_, line) = act.split_once(&format!("   {job}: ")).expect(act);
    let (place, item) = line.split_once(", item ").expect(act);
    (place, item.split(' ').next().unwrap().parse().expect(act))
}

#[test]
fn the_lesson_shows_what_the_chapter_says() {
    let acts = acts();
    let main = |act: &str| {
        let (_, line) = act.split_once("event loop: ").expect(act);
        line.lines().next().unwrap().to_owned()
    };

    // Ten jobs change the one list. With n at a time they take ceil(10 / n) waits, and on a
    // busy machine up to half as long again.
    for (act, at_least, at_most) in [(1, 10, 15), (2, 5, 8), (3, 1, 2)] {
        let act = &acts[act];
        let mut numbers = list(act, "the list of main: [");
        numbers.sort();
        assert_eq!(numbers, (1..=10).collect::<Vec<_>>(), "{act}");
        assert!((at_least..=at_most).contains(&waits(act)), "{act}");
        // In the process of the event loop, and not on its thread.
        let process = main(act).replace("main", "pool_");
        let mut items = Vec::new();
        for number in 1..=10 {
            let (place, item) = ran(act, &format!("job {number}"));
            assert!(place.starts_with(&process), "{act}");
            items.push(item);
        }
        items.sort();
        assert_eq!(items, (1..=10).collect::<Vec<_>>(), "{act}");
        // As `gather` does: in the order in which they were handed over.
        let places = (1..=10).map(|number| act.find(&format!("job {number}: ")));
        assert!(places.is_sorted(), "{act}");
    }

    // On four processes they take 3. Each list has what its own worker did.
    let act = &acts[4];
    assert!((3..=5).contains(&waits(act)), "{act}");
    assert_eq!(list(act, "the list of main: ["), [], "{act}");
    let mut items = BTreeMap::new();
    for number in 1..=10 {
        let (place, item) = ran(act, &format!("job {number}"));
        assert!(place.ends_with(", thread main"), "{act}");
        assert_ne!(place, main(act), "{act}");
        let before = items.insert(place, item).unwrap_or(0);
        assert_eq!(item, before + 1, "{act}");
    }
    assert_eq!(items.len(), 4, "{act}");

    // Only the job of the killed worker has no answer; its next one has.
    let act = &acts[5];
    assert!(
        act.contains("killed job: no answer, worker 1 (process "),
        "{act}"
    );
    assert!(act.contains("signal: 9 (SIGKILL)"), "{act}");
    assert_eq!(act.matches("no answer,").count(), 1, "{act}");
    for number in [2, 3, 4] {
        assert_eq!(ran(act, &format!("job {number}")).1, 1, "{act}");
    }
    assert_eq!(ran(act, "once more, job 1").1, 1, "{act}");

    // Four processes with 25 tasks each: 100 waits in the time of one.
    let act = &acts[6];
    assert!(act.contains("=> 100 tasks in the time of "), "{act}");
    assert!((1..=2).contains(&waits(act)), "{act}");
}
