//! What is true of the book whatever browser shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use across::{lessons, read, root};
use book::tongue::Tongue;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use tempfile::TempDir;

/// The book, made once for all tests. It stays until they have ended.
static BOOK: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    book::build(&folder.path().join("book")).unwrap();
    folder
});

/// All pages of both languages, by their paths in the book.
static PAGES: LazyLock<BTreeMap<PathBuf, String>> = LazyLock::new(|| {
    let book = BOOK.path().join("book");
    let folders = ["", "lessons", "zh-CN", "zh-CN/lessons"].map(|folder| book.join(folder));
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|file| file.unwrap().path());
    let pages = files.filter(|file| file.extension().is_some_and(|ending| ending == "html"));
    let page = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        (file.strip_prefix(&book).unwrap().to_owned(), text)
    };
    pages.map(page).collect()
});

fn chapter(lesson: &str) -> Html {
    Html::parse_document(&PAGES[Path::new(&format!("lessons/{lesson}.html"))])
}

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(element: ElementRef) -> String {
    element.text().collect()
}

#[test]
fn links_lead_somewhere_and_nothing_is_loaded_from_elsewhere() {
    let ids = |page: &Html| -> BTreeSet<String> {
        let elements = select(page, "[id]");
        elements
            .iter()
            .map(|element| element.attr("id").unwrap().to_owned())
            .collect()
    };
    let parsed: BTreeMap<_, _> = PAGES
        .iter()
        .map(|(path, text)| (path.clone(), Html::parse_document(text)))
        .collect();
    let ids: BTreeMap<_, _> = parsed
        .iter()
        .map(|(path, page)| (path, ids(page)))
        .collect();
    let mut checked = 0;
    for (path, page) in &parsed {
        for element in select(page, "[href], [src]") {
            let link = element.attr("href").or(element.attr("src")).unwrap();
            if link.contains("://") {
                assert_eq!(
                    element.value().name(),
                    "a",
                    "{}: loads {link}",
                    path.display()
                );
                continue;
            }
            let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
            let mut target = path.parent().unwrap().to_owned();
            for part in file.split('/').filter(|part| *part != ".") {
                if part == ".." {
                    target.pop();
                } else {
                    target.push(part)
                }
            }
            let target = if file.is_empty() {
                path.clone()
            } else {
                target
            };
            let place = BOOK.path().join("book").join(&target);
            assert!(place.exists(), "{}: {link} leads nowhere", path.display());
            if !fragment.is_empty() {
                let there = ids.get(&target).is_some_and(|ids| ids.contains(fragment));
                assert!(there, "{}: {link} leads to no place there", path.display());
            }
            checked += 1;
        }
    }
    assert!(checked > 1000, "{checked} links");
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    for tongue in Tongue::ALL {
        check_contents(tongue.folder());
    }
}

fn check_contents(folder: &str) {
    let book = BOOK.path().join("book").join(folder);
    let contents = fs::read_to_string(book.join("toc.html")).unwrap();
    let contents = Html::parse_document(&contents);
    let links = select(&contents, "a[href]");
    let listed: BTreeSet<_> = links
        .iter()
        .map(|link| PathBuf::from(link.attr("href").unwrap()))
        .collect();
    let inside = |page: &&PathBuf| page.starts_with("zh-CN") != folder.is_empty();
    let pages: BTreeSet<_> = PAGES
        .keys()
        .filter(inside)
        .map(|page| page.strip_prefix(folder).unwrap().to_owned())
        .filter(|page| **page != *"toc.html")
        .collect();
    assert_eq!(listed, pages, "{folder}");
    let chapters = links.iter().filter_map(|link| {
        link.attr("href")?
            .strip_prefix("lessons/")?
            .strip_suffix(".html")
    });
    assert_eq!(chapters.collect::<Vec<_>>(), lessons());
}

/// What is compiled is in a file of the lesson; all other blocks are the chapter's own, which
/// `tests/across` compiles or compares with a run.
#[test]
fn every_block_of_code_is_that_of_a_file_or_of_the_chapter() {
    let trimmed =
        |text: &str| -> Vec<String> { text.lines().map(|line| line.trim().to_owned()).collect() };
    let holds =
        |source: &[String], code: &[String]| source.windows(code.len()).any(|part| part == code);
    for lesson in lessons() {
        let folder = root().join("lessons").join(&lesson);
        let mut sources = vec![
            read(folder.join("lesson.py")),
            read(folder.join("README.md")),
        ];
        for file in fs::read_dir(folder.join("src")).unwrap() {
            sources.push(read(file.unwrap().path()));
        }
        let sources: Vec<_> = sources.iter().map(|source| trimmed(source)).collect();
        let page = chapter(&lesson);
        let blocks = select(&page, "pre code");
        assert!(blocks.len() > 5, "{lesson}");
        for block in blocks {
            let block = text(block);
            let code = trimmed(block.trim_end());
            if sources.iter().any(|source| holds(source, &code)) {
                continue;
            }
            // A report whose schedule is drawn: the lines before it, and the total.
            let (total, report) = code.split_last().unwrap();
            let chapter = &sources[1];
            let drawn = report[0].starts_with("$ just prove")
                && holds(chapter, report)
                && chapter.contains(total);
            assert!(drawn, "{lesson}: neither compiled nor run:\n{block}");
        }
    }
}

#[test]
fn every_chapter_shows_all_that_a_page_can() {
    let mut played = BTreeMap::new();
    for lesson in lessons() {
        let page = chapter(&lesson);
        let count = |selector: &str| select(&page, selector).len();
        assert!(
            count(".columns > figure, .stacked > figure") >= 4,
            "{lesson}"
        );
        assert_eq!(
            count(".columns > figure"),
            2 * count(".columns"),
            "{lesson}"
        );
        assert!(count("figure.timeline svg") == 1, "{lesson}");
        assert!(count("figure.refused") >= 1, "{lesson}");
        assert!(count("details.file") >= 2, "{lesson}");
        let levels = select(&page, ".play a[data-level]");
        let levels = levels
            .iter()
            .map(|level| level.attr("data-level").unwrap().to_owned());
        played.insert(lesson, levels.collect::<Vec<_>>());
    }
    for lesson in ["race", "lock", "deadlock"] {
        assert!(!played[lesson].is_empty(), "{lesson}");
    }
    for (name, level) in recorded_levels() {
        let lesson = level["lesson"].as_str().unwrap();
        assert!(played[lesson].contains(&name), "{name}");
    }
    let all: usize = played.values().map(Vec::len).sum();
    assert_eq!(all, recorded_levels().len());
}

/// What `just refresh` has recorded of each level, by its name.
fn recorded_levels() -> BTreeMap<String, Value> {
    let levels = fs::read_dir(root().join("docs/recordings/levels")).unwrap();
    let levels =
        levels.map(|file| serde_json::from_str::<Value>(&read(file.unwrap().path())).unwrap());
    levels
        .map(|level| (level["name"].as_str().unwrap().to_owned(), level))
        .collect()
}

/// The scripts of a level and of its changes are its recording, with the page of its exercise: only the code is
/// coloured, and no element reaches beyond its line.
#[test]
fn levels_are_those_that_were_recorded() {
    let plain = |line: &Value| {
        let line = line.as_str().unwrap();
        assert_eq!(line.matches('<').count(), 2 * line.matches("</").count());
        let fragment = Html::parse_fragment(line);
        Value::from(fragment.root_element().text().collect::<String>())
    };
    for (name, recorded) in recorded_levels() {
        let script = |name: &str| -> Value {
            let script = BOOK.path().join(format!("book/levels/{name}.js"));
            let script = fs::read_to_string(script).unwrap();
            let data = script.strip_prefix("document.currentScript.level=");
            serde_json::from_str(data.unwrap()).unwrap()
        };
        let mut level = script(&name);
        let page = level.as_object_mut().unwrap().remove("page");
        if let Some(exercise) = recorded["exercise"].as_str() {
            let page = page.as_ref().and_then(Value::as_str).unwrap();
            let (page, id) = page.split_once('#').unwrap();
            assert_eq!(id, exercise, "{name}");
            let page = Html::parse_document(&PAGES[Path::new(page)]);
            assert_eq!(select(&page, &format!("[id='{id}']")).len(), 1, "{name}");
        }
        for (number, version) in level["versions"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .enumerate()
        {
            if number > 0 {
                assert!(version["states"].is_null(), "{name}");
                *version = script(&format!("{name}.{number}"));
            }
            for file in version["files"].as_array_mut().unwrap() {
                for part in file["parts"].as_array_mut().unwrap() {
                    for line in part["lines"].as_array_mut().unwrap() {
                        *line = plain(line);
                    }
                }
            }
        }
        assert_eq!(level, recorded, "{name}");
    }
}

/// The first page can be played, and shows each lesson as it ran.
#[test]
fn the_first_page_is_a_game_and_a_way_to_each_lesson() {
    let page = Html::parse_document(&PAGES[Path::new("index.html")]);
    assert_eq!(select(&page, ".play a[data-level]").len(), 1);
    let ways = select(&page, ".gallery a[href]");
    let ways = ways.iter().map(|way| way.attr("href").unwrap().to_owned());
    let lessons = lessons();
    let expected = lessons
        .iter()
        .map(|lesson| format!("lessons/{lesson}.html"));
    assert!(ways.eq(expected));
    let drawn = select(&page, ".gallery a svg.thumbnail");
    assert_eq!(drawn.len(), lessons.len());
    for svg in drawn {
        let html = svg.html();
        assert!(
            select(&Html::parse_fragment(&html), "path").len() >= 2,
            "{html}"
        );
    }
}

/// A Chinese page shows what the English one shows, and each leads to the other.
#[test]
fn each_page_is_there_in_both_languages() {
    let english = PAGES
        .iter()
        .filter(|(path, _)| !path.starts_with("zh-CN") && **path != *"toc.html");
    for (path, page) in english {
        let other = Path::new("zh-CN").join(path);
        let [one, two] = [page, &PAGES[&other]].map(|page| Html::parse_document(page));
        for (page, language, others) in [(&one, "en", "zh-CN"), (&two, "zh-CN", "en")] {
            let html = select(page, "html")[0];
            assert_eq!(html.attr("lang"), Some(language), "{}", path.display());
            let switch = select(page, ".switch");
            assert_eq!(switch.len(), 1, "{}", path.display());
            assert_eq!(
                switch[0].attr("hreflang"),
                Some(others),
                "{}",
                path.display()
            );
        }
        for selector in [
            "main h1, main h2, main h3",
            "main table tr",
            "main pre",
            "main svg",
            "div.predict label",
            "div.predict .key",
            ".play [data-level]",
            "details",
            "figure",
        ] {
            let [ours, theirs] = [&two, &one].map(|page| select(page, selector).len());
            assert_eq!(ours, theirs, "{}: {selector}", other.display());
        }
    }
    let words = fs::read_to_string(BOOK.path().join("book/zh-CN/theme/play.js")).unwrap();
    assert!(words.contains("'退一步'") && !words.contains("'step back'"));
}

#[test]
fn the_picture_above_the_readme_is_that_of_the_recording() {
    assert!(read("README.md").contains("](docs/front.svg)"));
    let made = book::front::picture().unwrap();
    assert_eq!(read("docs/front.svg"), made, "run `just book --front`");
}

/// With all that it loads by itself, also when the reader comes near the board. The search comes when it is
/// asked for, and a change of a level when it is chosen.
#[test]
fn a_page_weighs_less_than_300_kb() {
    for (path, page) in PAGES.iter() {
        let mut weight = page.len();
        let folder = BOOK.path().join("book").join(path.parent().unwrap());
        for element in select(
            &Html::parse_document(page),
            "script[src], link[rel=stylesheet]",
        ) {
            let link = element.attr("href").or(element.attr("src")).unwrap();
            weight += fs::metadata(folder.join(link)).unwrap().len() as usize;
        }
        if let Some(level) = select(&Html::parse_document(page), ".play [data-level]").first() {
            let level = format!("levels/{}.js", level.attr("data-level").unwrap());
            let scripts = ["graph", "board", "play"].map(|name| format!("theme/{name}.js"));
            for script in scripts.iter().chain([&level]) {
                let file = BOOK.path().join("book").join(script);
                weight += fs::metadata(file).unwrap().len() as usize;
            }
        }
        assert!(weight < 300_000, "{}: {weight} bytes", path.display());
    }
}

#[test]
fn a_book_is_the_same_when_it_is_made_again() {
    for tongue in Tongue::ALL {
        assert_eq!(book::pages(tongue).unwrap(), book::pages(tongue).unwrap());
    }
    let again = tempfile::tempdir().unwrap();
    let folder = again.path().join("book");
    book::build(&folder).unwrap();
    for (path, page) in PAGES.iter() {
        assert_eq!(&read(folder.join(path)), page, "{}", path.display());
    }
}
