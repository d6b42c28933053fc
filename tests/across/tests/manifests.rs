//! The rules that keep every lesson's folder whole in itself and equal to its neighbours.

use std::collections::BTreeMap;
use std::fs;

use across::{lessons, pieces, read, root};
use pretty_assertions::assert_eq;
use regex_lite::Regex;
use toml::Table;

fn manifest(lesson: &str) -> Table {
    let path = format!("lessons/{lesson}/Cargo.toml");
    read(&path)
        .parse()
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_list_of_lessons_is_complete() {
    let mut listed = lessons();
    listed.sort();
    let folders = fs::read_dir(root().join("lessons")).unwrap();
    let names = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    assert_eq!(listed, names);
}

#[test]
fn readme_and_just_know_every_lesson_in_order() {
    let commands = |text: &str, pattern: &str| -> Vec<String> {
        let pattern = Regex::new(pattern).unwrap();
        let found = pattern.captures_iter(text);
        found.map(|capture| capture[1].to_owned()).collect()
    };
    let table = commands(&read("README.md"), r"(?m)^\|.*`just ([a-z-]+)` *\|$");
    assert_eq!(table, lessons());
    let recipe = r"(?m)^\[no-cd, no-exit-message\]\n([a-z-]+) \*args:$";
    let recipes = commands(&read("justfile"), recipe);
    assert_eq!(recipes, lessons());
    let programs = r#"(?m)^    @cargo run .* --bin lesson-([a-z-]+) -- "\$@"$"#;
    assert_eq!(commands(&read("justfile"), programs), recipes);
}

/// The oldest `just` that the README names is 1.21; attributes came one by one, and one that
/// it does not know keeps it from reading the file at all.
#[test]
fn an_old_just_can_read_the_justfile() {
    assert!(read("README.md").contains("`just` 1.21"));
    let known = ["no-cd", "no-exit-message", "private"];
    let attributes = Regex::new(r"(?m)^\[(.*)\]$").unwrap();
    for line in attributes.captures_iter(&read("justfile")) {
        for attribute in line[1].split(", ") {
            assert!(known.contains(&attribute), "{attribute}");
        }
    }
}

#[test]
fn every_manifest_stands_alone_and_they_agree() {
    let mut versions = BTreeMap::new();
    for lesson in lessons() {
        let manifest = manifest(&lesson);
        let package = manifest["package"].as_table().unwrap();
        let expected = format!("lesson-{lesson}");
        assert_eq!(package["name"].as_str(), Some(expected.as_str()));
        assert_eq!(package["edition"].as_str(), Some("2024"), "{lesson}");
        assert_eq!(package["rust-version"].as_str(), Some("1.95"), "{lesson}");
        assert_eq!(
            package["license"].as_str(),
            Some("MIT OR Apache-2.0"),
            "{lesson}"
        );
        assert!(
            !read(format!("lessons/{lesson}/Cargo.toml")).contains("workspace"),
            "{lesson}"
        );

        let development = manifest
            .get("dev-dependencies")
            .and_then(|table| table.as_table());
        let all = [manifest["dependencies"].as_table(), development];
        for (name, dependency) in all.into_iter().flatten().flatten() {
            if name == "timing" {
                assert_eq!(
                    dependency["path"].as_str(),
                    Some("../../shared/timing"),
                    "{lesson}"
                );
                continue;
            }
            assert!(
                dependency.get("path").is_none(),
                "{lesson} depends on {name} by a path"
            );
            let version = dependency
                .get("version")
                .unwrap_or(dependency)
                .as_str()
                .unwrap();
            let (first, agreed) = versions
                .entry(name.clone())
                .or_insert((lesson.clone(), version.to_owned()));
            assert_eq!(agreed, version, "{name}, of {first} and of {lesson}");
        }
    }
}

/// The numbers and titles of the acts, from the output in the chapter.
fn acts_shown(lesson: &str) -> Vec<String> {
    let chapter = read(format!("lessons/{lesson}/README.md"));
    let (_, output) = chapter.split_once("```console\n$ cargo run").unwrap();
    let (output, _) = output.split_once("\n```").unwrap();
    let is_act = |line: &&str| {
        let number = line.split_once(". ").map(|(number, _)| number);
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    output.lines().filter(is_act).map(str::to_owned).collect()
}

/// A reader has five minutes, and `main` is the table of contents: it names each act.
#[test]
fn a_lessons_main_is_short_and_names_its_acts() {
    for lesson in lessons() {
        let source = read(format!("lessons/{lesson}/src/main.rs"));
        let lines = source.lines().count();
        assert!(lines <= 160, "{lesson}: main.rs has {lines} lines");
        let acts = acts_shown(&lesson);
        assert!(!acts.is_empty(), "{lesson}");
        for act in acts {
            let (_, title) = act.split_once(". ").unwrap();
            assert!(
                source.contains(title),
                "{lesson}: main.rs does not say '{title}'"
            );
        }
    }
}

/// A piece, which a chapter's last part names, is copied alone: it brings its licence,
/// nothing in it reaches out of the file, except to another piece that is named there, and
/// it leaves time and output to its caller.
#[test]
fn pieces_can_be_copied_alone() {
    for lesson in lessons() {
        let pieces = pieces(&lesson);
        for piece in &pieces {
            let path = format!("lessons/{lesson}/src/{piece}.rs");
            let mut source = read(&path);
            assert!(
                source.starts_with("// SPDX-License-Identifier: MIT OR Apache-2.0\n"),
                "{path} has no licence line"
            );
            for beside in &pieces {
                source = source.replace(&format!("super::{beside}::"), "");
            }
            let outside = ["crate::", "super::", "include!", "include_str!", "cfg("];
            let callers = ["timing::", "say!", "println!", "print!", "\nstatic "];
            for word in outside.iter().chain(&callers) {
                assert!(!source.contains(word), "{path} contains {word}");
            }
        }
    }
}

/// The files that the map offers are in the lessons that it names.
#[test]
fn the_map_leads_to_files_that_are_there() {
    let file = Regex::new("`([a-z_]+\\.rs)`").unwrap();
    let mut found = 0;
    for row in read("docs/map.md").lines() {
        let cells: Vec<_> = row.split(" | ").collect();
        let [.., lessons, files] = cells[..] else {
            continue;
        };
        for file in file.captures_iter(files) {
            let named = |lesson: &&String| {
                lessons.contains(&format!("[{lesson}]"))
                    && root()
                        .join(format!("lessons/{lesson}/src/{}", &file[1]))
                        .exists()
            };
            assert!(across::lessons().iter().any(|it| named(&it)), "{row}");
            found += 1;
        }
    }
    assert!(found > 50, "{found} files");
}

/// For each act a question, in the order of the lesson's output.
#[test]
fn teachers_have_a_question_for_each_act() {
    let page = read("docs/teaching.md");
    for lesson in lessons() {
        let plan = page
            .split_once(&format!("\n### {lesson}: "))
            .expect(&lesson)
            .1;
        let plan = plan.split("\n##").next().unwrap();
        let acts = plan.lines().filter_map(|row| row.strip_prefix("| "));
        let acts = acts.filter(|row| row.starts_with(|first: char| first.is_ascii_digit()));
        let asked: Vec<_> = acts
            .map(|row| row.split(" | ").next().unwrap().replace("\\|", "|"))
            .collect();
        assert_eq!(asked, acts_shown(&lesson), "{lesson}");
    }
}

#[test]
fn links_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)#]+)[^)]*\)").unwrap();
    let mut pages = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    pages.extend(
        lessons()
            .iter()
            .map(|lesson| format!("lessons/{lesson}/README.md")),
    );
    for page in fs::read_dir(root().join("docs")).unwrap() {
        let name = page.unwrap().file_name().into_string().unwrap();
        pages.extend(name.ends_with(".md").then(|| format!("docs/{name}")));
    }
    for page in pages {
        // An indented block is an example of what to write.
        let text = read(&page);
        let text = text.lines().filter(|line| !line.starts_with("    "));
        let text = text.collect::<Vec<_>>().join("\n");
        for target in link.captures_iter(&text) {
            let target = &target[1];
            if !target.starts_with("http") {
                let path = root().join(&page).parent().unwrap().join(target);
                assert!(path.exists(), "{page} links to {target}");
            }
        }
    }
}

#[test]
fn the_timing_crate_depends_on_nothing() {
    let manifest: Table = read("shared/timing/Cargo.toml").parse().unwrap();
    assert!(manifest["dependencies"].as_table().unwrap().is_empty());
}

#[test]
fn unsafe_is_for_fork_and_shared_memory_only() {
    let mut files = Vec::new();
    for lesson in lessons() {
        for file in fs::read_dir(root().join(format!("lessons/{lesson}/src"))).unwrap() {
            let path = file.unwrap().path();
            if Regex::new("unsafe [{if]").unwrap().is_match(&read(&path)) {
                let name = path.file_name().unwrap().to_string_lossy();
                files.push(format!("{lesson}/{name}"));
            }
        }
    }
    files.sort();
    let expected = [
        "processes/children.rs",
        "shared-memory/children.rs",
        "shared-memory/shared.rs",
    ];
    assert_eq!(files, expected);
}

#[test]
fn each_chapter_leads_to_the_next() {
    let lessons = lessons();
    for pair in lessons.windows(2) {
        let chapter = read(format!("lessons/{}/README.md", pair[0]));
        let last = chapter.lines().last().unwrap_or_default();
        let next = format!("Next: [{0}](../{0}/README.md)", pair[1]);
        assert!(
            last.starts_with(&next),
            "{}: its last line is {last:?}",
            pair[0]
        );
    }
}
