//! Every exercise: what it starts with is judged wrong, its solution right, and each wrong
//! submission is rejected for its own reason.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use exercises::{Exercise, Goal, Judge, LESSONS, judge};
use proofs::own::Libraries;

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
});
static LIBRARIES: LazyLock<Libraries> = LazyLock::new(|| Libraries::of("exercises").unwrap());
static EXERCISES: LazyLock<Vec<Exercise>> =
    LazyLock::new(|| Exercise::all(&ROOT, LESSONS).unwrap());

/// The submissions of an exercise: `start`, and those in `wrong`.
fn wrong(exercise: &Exercise) -> Vec<(String, PathBuf)> {
    let wrong = fs::read_dir(exercise.file("wrong")).unwrap();
    let mut wrong: Vec<_> = wrong.map(|file| file.unwrap().path()).collect();
    wrong.sort();
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let wrong = wrong.into_iter().map(|path| (name(&path), path));
    [("start".to_owned(), exercise.file("start.rs"))]
        .into_iter()
        .chain(wrong)
        .collect()
}

/// Judges what belongs to the exercises of a lesson: what they start with and our solutions; or the
/// submissions in `wrong`. EXERCISE=name: only that one.
fn verdicts(lesson: &str, rejected: bool) {
    let only = std::env::var("EXERCISE").ok();
    let of_lesson = |exercise: &&Exercise| {
        let (its, _) = exercise.name.rsplit_once('-').unwrap();
        its == lesson && only.as_ref().is_none_or(|only| *only == exercise.name)
    };
    for exercise in EXERCISES.iter().filter(of_lesson) {
        let name = &exercise.name;
        let judged = |file: &Path, shown: &str| {
            let judged = judge(exercise, file, shown, &LIBRARIES, None);
            judged.unwrap_or_else(|error| panic!("{name}, {shown}: {error}"))
        };
        if !rejected {
            let solution = judged(&exercise.file("solution.rs"), "solution.rs");
            let said = solution.verdict.to_string();
            assert_eq!(said, "holds", "{name}: {}", solution.evidence);
        }
        let mut expected = exercise.task.verdicts.clone();
        for (wrong, file) in wrong(exercise) {
            let Some(verdict) = expected.remove(&wrong) else {
                panic!("{name}: task.toml has no verdict on '{wrong}'");
            };
            if rejected == (wrong == "start") {
                continue;
            }
            let judged = judged(&file, "it.rs");
            let said = judged.verdict.to_string();
            // Three dots stand for what differs with the lines of the file.
            let mut parts = verdict.split(" ... ");
            assert!(
                parts.next().is_some_and(|first| said.starts_with(first))
                    && parts.all(|part| said.contains(part)),
                "{name}, {wrong}: {said}\n{}",
                judged.evidence
            );
        }
        assert!(
            expected.is_empty(),
            "{name}: verdicts on what is not there: {expected:?}"
        );
    }
}

macro_rules! lessons {
    ($($lesson:ident)*) => {
        mod judged { $(
            #[test]
            fn $lesson() {
                crate::verdicts(&stringify!($lesson).replace('_', "-"), false);
            }
        )* }

        mod rejected { $(
            #[test]
            #[ignore = "takes minutes: `just check-all`"]
            fn $lesson() {
                crate::verdicts(&stringify!($lesson).replace('_', "-"), true);
            }
        )* }
    };
}

lessons!(race lock deadlock gil processes pool queue pipe shared_memory coroutines futures executors
    fetch user_io choosing);

#[test]
fn every_lesson_has_an_exercise_and_each_is_whole() {
    let justfile = fs::read_to_string(ROOT.join("justfile")).unwrap();
    assert!(justfile.contains(&format!("lessons := \"{}\"", LESSONS.join(" "))));
    for lesson in LESSONS {
        let mine = |exercise: &&Exercise| exercise.name.starts_with(&format!("{lesson}-"));
        assert!(EXERCISES.iter().any(|exercise| mine(&exercise)), "{lesson}");
    }
    for Exercise { name, task, folder } in &*EXERCISES {
        let wrong = fs::read_dir(folder.join("wrong")).unwrap().count();
        assert!(wrong >= 3, "{name} has {wrong} wrong submissions");
        let judged = matches!(
            task.goal,
            Goal::Repair | Goal::Faster | Goal::Write | Goal::Weakest
        );
        let falls_short = ["too strict: ", "too slow: "];
        let falls_short = task
            .verdicts
            .values()
            .any(|verdict| falls_short.iter().any(|word| verdict.starts_with(word)));
        assert!(
            falls_short == judged,
            "{name}: one submission has to be too strict, or too slow"
        );
        // Under the clock each program says itself how long it may take.
        let clock = task.judge == Judge::Clock;
        assert_eq!(judged && !clock, !task.must.is_empty(), "{name}");
        assert_eq!(task.goal == Goal::Reach, task.reach.is_some(), "{name}");
        let python = folder.join("before.py").exists();
        assert_eq!(task.goal == Goal::Write, python, "{name}");
        let reasons: std::collections::BTreeSet<_> = task.verdicts.values().collect();
        assert!(reasons.len() >= 3 || !judged, "{name}: {reasons:?}");
        assert!(
            task.title.len() <= 44,
            "{name}: the title is too long for the list"
        );
    }
}

/// What the reader copies out runs as it is, but for what needs tokio.
#[test]
fn starts_and_solutions_compile_with_plain_rustc() {
    let folder = tempfile::tempdir().unwrap();
    for exercise in &*EXERCISES {
        if exercise.task.judge == Judge::Clock {
            continue;
        }
        for file in ["start.rs", "solution.rs"] {
            let rustc = Command::new("rustc")
                .args(["--edition", "2024", "--emit=metadata", "--deny=warnings"])
                .args(["--crate-type=bin", "-Adead_code", "-o"])
                .arg(folder.path().join("out"))
                .arg(exercise.file(file))
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&rustc.stderr);
            assert!(rustc.status.success(), "{}: {file}: {said}", exercise.name);
        }
    }
}

#[test]
fn all_files_are_formatted() {
    let mut files = Vec::new();
    for exercise in &*EXERCISES {
        files.extend(wrong(exercise).into_iter().map(|(_, path)| path));
        files.extend(["solution.rs"].map(|file| exercise.file(file)));
    }
    let rustfmt = || {
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--edition", "2024", "--check"]);
        rustfmt
    };
    let fmt = rustfmt().args(files).output().unwrap();
    assert!(
        fmt.status.success(),
        "{}",
        String::from_utf8_lossy(&fmt.stdout)
    );
    // Its module is not there yet: the file goes in without its name.
    for exercise in &*EXERCISES {
        let check = fs::File::open(exercise.file("check.rs")).unwrap();
        let fmt = rustfmt().stdin(check).output().unwrap();
        let said = String::from_utf8_lossy(&fmt.stdout);
        assert!(fmt.status.success(), "{}: {said}", exercise.name);
    }
}

/// With REFRESH=1 the chapters are put right instead.
#[test]
fn each_chapter_names_its_exercises() {
    for lesson in LESSONS {
        let mut section = String::from("## Exercises\n\n");
        for Exercise { name, task, folder } in &*EXERCISES {
            if folder.parent() == Some(&ROOT.join("lessons").join(lesson).join("exercises")) {
                let (title, goal, minutes) = (&task.title, task.goal.word(), task.minutes);
                section += &format!("- `just try {name}`: {title} ({goal}, {minutes} min)\n");
            }
        }
        section += "\n[What a verdict means](../../docs/verdicts.md)\n\n";
        let file = ROOT.join("lessons").join(lesson).join("README.md");
        let chapter = fs::read_to_string(&file).unwrap();
        if !chapter.contains(&section) {
            assert!(
                std::env::var_os("REFRESH").is_some(),
                "{lesson}: not in its chapter:\n{section}"
            );
            let (before, after) = chapter.split_once("## To take away").unwrap();
            let before = before.split("## Exercises\n").next().unwrap();
            fs::write(file, format!("{before}{section}## To take away{after}")).unwrap();
        }
    }
}
