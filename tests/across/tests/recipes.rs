//! `just all` and `just copy`, as a reader uses them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use across::{cargo, just, lessons, root};

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The rows of the table at the end of `just all`, below its header.
fn table(output: &str) -> Vec<&str> {
    let (_, table) = output
        .rsplit_once("======== the whole tutorial ========\n\n")
        .unwrap();
    table.lines().skip(1).collect()
}

#[test]
fn all_replays_every_lesson_and_ends_with_one_table() {
    let mut all = just();
    // From a subfolder, as any recipe.
    all.arg("all")
        .current_dir(root().join("lessons/lock"))
        .env("LESSON_SPEED", "100");
    let output = all.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let output = stdout(&output);
    let rows = table(&output);
    let mut place = 0;
    for lesson in lessons() {
        let heading = format!("\n======== {lesson} ========\n");
        place += output[place..].find(&heading).expect("headings in order");
        let row = |row: &&&str| row.split([' ', ':']).next() == Some(&lesson);
        assert!(
            rows.iter().find(row).is_some(),
            "{lesson} has no row: {output}"
        );
    }
    assert!(
        rows.iter().all(|row| row.chars().count() <= 100),
        "{output}"
    );
}

/// With a `cargo` that fails for one lesson: the others run, and the end names it.
#[test]
fn all_goes_on_after_a_failure_and_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let fake = folder.path().join("cargo");
    let cargo = env!("CARGO");
    let script =
        format!("#!/bin/sh\ncase \"$*\" in *lesson-lock*) exit 7;; esac\nexec '{cargo}' \"$@\"\n");
    fs::write(&fake, script).unwrap();
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        folder.path().display(),
        std::env::var("PATH").unwrap()
    );

    let mut all = just();
    let output = all
        .arg("all")
        .env("PATH", path)
        .env("LESSON_SPEED", "1000")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).ends_with("failed: lock\n"),
        "{}",
        stderr(&output)
    );
    let output = stdout(&output);
    let rows = table(&output);
    let failed = rows.iter().find(|row| row.starts_with("lock ")).unwrap();
    assert!(failed.contains("failed"), "{output}");
    assert!(
        rows.last()
            .unwrap()
            .starts_with(lessons().last().unwrap().as_str()),
        "{output}"
    );
}

#[test]
fn a_recipe_runs_a_lesson_by_name_and_hands_on_its_arguments() {
    let output = just().args(["race", "--bogus argument"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("unknown argument '--bogus argument'"));
    // As if the recipe were `cargo run`; and on one line whatever it is.
    let output = just()
        .args(["race", "--", "--bogus\n\u{1b}[1m"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = r"unknown argument '--bogus\n\u{1b}[1m'";
    assert!(stderr(&output).contains(said), "{}", stderr(&output));
}

#[test]
fn a_recipe_runs_where_the_reader_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut recipe = just();
    recipe.arg("--justfile").arg(root().join("justfile"));
    recipe.args(["race"]).current_dir(folder.path());
    let recipe = recipe
        .env("LESSON_SPEED", "1000")
        .env("LESSON_TRACE", "race.json");
    let output = recipe.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(folder.path().join("race.json").exists());
}

/// What `just all` has built is what the recipes run: nothing is built again.
#[test]
fn one_build_serves_all_recipes() {
    let build = |arguments: &[&str]| {
        let mut cargo = cargo();
        cargo.args(["build", "--locked", "--quiet", "--message-format=json"]);
        let output = cargo.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    };
    build(&[]);
    for lesson in lessons() {
        let built = build(&["--bin", &format!("lesson-{lesson}")]);
        assert!(built.contains(r#""fresh":true"#), "{built}");
        let anew = built.lines().find(|line| line.contains(r#""fresh":false"#));
        assert_eq!(anew, None, "{lesson}");
    }
}

#[test]
fn copy_refuses_what_is_there_and_what_it_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let copy =
        |lesson: &str, dest: &Path| just().arg("copy").arg(lesson).arg(dest).output().unwrap();

    fs::write(folder.path().join("mine"), "my file").unwrap();
    let output = copy("lock", &folder.path().join("mine"));
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("is already there"),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("mine")).unwrap(),
        "my file"
    );

    let output = copy("look", &folder.path().join("new"));
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("no lesson 'look'"),
        "{}",
        stderr(&output)
    );

    let output = copy("lo\nok", &folder.path().join("new"));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));

    for (dest, said) in [
        (folder.path().join("no/such/folder"), "there is no folder "),
        ("".into(), "DEST is empty"),
    ] {
        let output = copy("lock", &dest);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
        assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
    }
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "something is left"
    );
}

/// The chapter of a copy leads only to what is in it, and names all of it.
fn check_chapter(lesson: &str, page: &Path, told: &str) {
    let copy = page.parent().unwrap();
    let chapter = fs::read_to_string(page).unwrap();
    let link = regex_lite::Regex::new(r"\]\(([^)#]+)[^)]*\)").unwrap();
    let targets = link.captures_iter(&chapter).map(|it| it[1].to_owned());
    let targets: Vec<_> = targets.filter(|it| !it.starts_with("http")).collect();
    for target in &targets {
        let inside = !target.starts_with("..") && copy.join(target).exists();
        assert!(inside, "{} links to {target}", page.display());
    }
    assert!(
        !chapter.contains("\nNext: ") && !chapter.contains("\n下一课："),
        "{lesson}"
    );
    for name in ["exercises", "prove.rs"] {
        let there = copy.join(name).exists();
        assert_eq!(
            there,
            targets.iter().any(|it| it == name),
            "{}: {name}",
            page.display()
        );
        // A command has the path as a shell wants it.
        let told = told.replace('\\', "").contains(&format!("my copy/{name}"));
        assert_eq!(there, told, "{lesson}: {name}");
    }
}

/// A copy is a crate of its own: it builds, runs and passes its tests, also below another
/// workspace and in a folder whose path has a space, with the versions it had here. Its chapter
/// leads only to what is in the copy, and names all of it.
fn check_copy(lesson: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[workspace]\n").unwrap();
    let below = folder.path().join("a folder");
    fs::create_dir(&below).unwrap();
    let output = just()
        .arg("--justfile")
        .arg(root().join("justfile"))
        .args(["copy", lesson, "my copy"])
        .current_dir(&below)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));

    let copy = below.join("my copy");
    for page in ["README.md", "README.zh-CN.md"] {
        check_chapter(lesson, &copy.join(page), &stdout(&output));
    }

    let cargo = |arguments: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        // What the copies have in common is built once.
        cargo.env("CARGO_TARGET_DIR", root().join("target/copies"));
        cargo.env("LESSON_SPEED", "20");
        cargo
            .env_remove("LESSON_SPEEDUPS")
            .env_remove("LESSON_TRACE");
        let output = cargo.args(arguments).current_dir(&copy).output().unwrap();
        assert!(
            output.status.success(),
            "{lesson}: {}{}",
            stdout(&output),
            stderr(&output)
        );
        stdout(&output)
    };
    let ran = cargo(&["run", "--locked"]);
    assert!(ran.contains("\n1. "), "{ran}");
    let tested = cargo(&["test", "--locked"]);
    assert!(tested.contains("test result: ok"), "{tested}");

    let here = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let there = fs::read_to_string(copy.join("Cargo.lock")).unwrap();
    for package in there.split("\n\n").skip(1) {
        let name_and_version: Vec<_> = package.lines().take(3).collect();
        assert!(
            here.contains(&name_and_version.join("\n")),
            "{lesson}: {package}"
        );
    }
}

#[test]
fn a_copied_lesson_is_a_crate_of_its_own() {
    check_copy("lock");
}

#[test]
#[ignore = "builds every lesson anew: part of `just check-all`"]
fn every_lesson_can_be_copied() {
    for lesson in lessons() {
        check_copy(&lesson);
    }
}

/// In a copy of the repository: a line more above a step moves the cursor of the levels that are
/// played there, and before that the book is out of date.
#[test]
#[ignore = "compiles the levels and the book anew: part of `just check-all`"]
fn a_line_that_moves_in_a_source_moves_the_cursor_in_the_book() {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(root()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name != "target" && !name.starts_with('.') {
            let mut copying = Command::new("cp");
            copying.arg("-R").arg(entry.path()).arg(copy.path());
            assert!(copying.status().unwrap().success(), "{name}");
        }
    }
    let cargo = |arguments: &str| {
        let mut cargo = cargo();
        cargo.env("CARGO_TARGET_DIR", root().join("target/copies"));
        cargo.env("REFRESH", "1").current_dir(copy.path());
        cargo.args(arguments.split(' ')).output().unwrap()
    };
    let book = |arguments: &str| cargo(&format!("run --quiet -p book{arguments}"));
    let check = || stderr(&book(" -- --check"));
    let line = || {
        let level = copy.path().join("target/book/levels/race-1.js");
        let level = fs::read_to_string(level).unwrap();
        let (_, place) = level.split_once("\"subtract from balance\",1,").unwrap();
        let (line, _) = place.split_once(']').unwrap();
        line.parse::<usize>().unwrap()
    };
    assert!(book("").status.success(), "{}", stderr(&book("")));
    assert_eq!(check(), "");
    let before = line();

    let source = copy.path().join("lessons/race/src/racy_account.rs");
    let text = fs::read_to_string(&source).unwrap();
    let function = "    pub fn balance";
    let moved = text.replace(function, &format!("    // A line more.\n{function}"));
    fs::write(&source, moved).unwrap();
    let outdated = "just book: the book is out of date, ";
    assert!(check().starts_with(outdated), "{}", check());
    let refreshed = cargo("test --quiet -p levels recordings");
    assert!(refreshed.status.success(), "{}", stderr(&refreshed));
    assert!(check().starts_with(outdated), "{}", check());
    assert!(book("").status.success());
    assert_eq!((check(), line()), (String::new(), before + 1));
}
