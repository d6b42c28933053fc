//! The Chinese version says what the English one says, in the words of its field.
//!
//! `REFRESH=1` writes blocks of code and output, and where links lead. `TRANSLATED="FILE..."` says
//! that these Chinese files translate the English ones as they are now.

use std::collections::BTreeMap;
use std::fs;

use across::chinese::{has_stamps, in_step, pages, sections, stamp, stamped};
use across::{lessons, read, root};
use regex_lite::Regex;
use toml::{Table, Value};

/// Fails with all of these lines, if there are any.
fn none(found: Vec<String>) {
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// Whether this file is to be taken for a translation of what is there now.
fn is_new(chinese: &str) -> bool {
    let named = std::env::var("TRANSLATED").unwrap_or_default();
    named.split_whitespace().any(|name| name == chinese)
}

#[test]
fn each_page_has_the_shape_of_the_english_one() {
    let mut wrong = Vec::new();
    for (english, chinese) in pages() {
        if !root().join(&chinese).exists() {
            wrong.push(format!("{english}: {chinese} is not there"));
            continue;
        }
        match in_step(&english, &chinese) {
            Err(what) => wrong.push(what),
            Ok(page) if page == read(&chinese) => {}
            Ok(page) if std::env::var_os("REFRESH").is_some() => {
                fs::write(root().join(&chinese), page).unwrap();
            }
            Ok(_) => wrong.push(format!(
                "{chinese} has other blocks or links than {english}: `just refresh` writes them"
            )),
        }
    }
    none(wrong);
}

#[test]
fn each_section_translates_what_the_english_one_says_now() {
    let mut old = Vec::new();
    for (english, chinese) in pages() {
        if !root().join(&chinese).exists() || !has_stamps(&english) {
            continue;
        }
        if is_new(&chinese) {
            fs::write(root().join(&chinese), stamped(&english, &chinese)).unwrap();
        }
        let sections = sections(&read(&chinese))
            .into_iter()
            .zip(self::sections(&read(&english)));
        for (ours, theirs) in sections {
            if ours.stamp.as_deref() != Some(&theirs.stamp()) {
                old.push(format!(
                    "{english}, '{}' has changed: translate it in {chinese}, '{}', then \
                     `just translated {chinese}`",
                    theirs.heading, ours.heading
                ));
            }
        }
    }
    none(old);
}

/// The words of a level or an exercise for its reader, in their order.
fn words(of: &Value) -> Vec<String> {
    let text = |it: &Value| it.as_str().map(str::to_owned);
    let list = |name: &str| {
        of.get(name)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let mut words: Vec<_> = ["title", "task"]
        .iter()
        .filter_map(|name| text(of.get(name)?))
        .collect();
    words.extend(list("hints").iter().filter_map(text));
    let changes = list("changes");
    words.extend(
        changes
            .iter()
            .filter_map(|change| text(change.get("words").unwrap_or(change))),
    );
    words
}

/// What is translated in `zh-CN.toml` of this folder, by name.
fn english(folder: &str) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let Ok(entries) = fs::read_dir(root().join(folder)) else {
        return all;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let (name, file) = match path.is_dir() {
            true => (path.file_name().unwrap(), path.join("task.toml")),
            false => (path.file_stem().unwrap(), path.clone()),
        };
        let name = name.to_str().unwrap().to_owned();
        if name != "zh-CN" && file.extension().is_some_and(|it| it == "toml") {
            let task = fs::read_to_string(file).unwrap().parse::<Table>().unwrap();
            all.insert(name, Value::Table(task));
        }
    }
    all
}

#[test]
fn each_level_and_exercise_is_translated() {
    let mut wrong = Vec::new();
    for lesson in lessons() {
        for kind in ["levels", "exercises"] {
            let folder = format!("lessons/{lesson}/{kind}");
            let english = english(&folder);
            if english.is_empty() {
                continue;
            }
            let file = format!("{folder}/zh-CN.toml");
            let Ok(mut text) = fs::read_to_string(root().join(&file)) else {
                wrong.push(format!("{file} is not there"));
                continue;
            };
            for (name, task) in &english {
                let theirs = words(task);
                let stamp = stamp(theirs.iter().map(String::as_str));
                if is_new(&file) {
                    let entry =
                        Regex::new(&format!(r#"(?m)^\[{name}\]\n(en = "\w*"\n)?"#)).unwrap();
                    text = entry
                        .replace(&text, format!("[{name}]\nen = \"{stamp}\"\n"))
                        .into_owned();
                }
                let table = text.parse::<Table>().unwrap();
                match table.get(name) {
                    Some(ours) if words(ours).len() != theirs.len() => {
                        wrong.push(format!("{file}, [{name}]: more or fewer words than in English"));
                    }
                    Some(ours) if ours.get("en").and_then(Value::as_str) == Some(&stamp) => {}
                    Some(_) => wrong.push(format!(
                        "{folder}/{name} has changed: translate it in {file}, then `just translated {file}`"
                    )),
                    None => wrong.push(format!("{file} has no [{name}]")),
                }
            }
            if is_new(&file) {
                fs::write(root().join(&file), text).unwrap();
            }
        }
    }
    none(wrong);
}

/// What a Chinese file says, without code, links' targets and comments.
fn prose(text: &str) -> Vec<String> {
    let code = Regex::new(r"``[^`]*(`[^`]+)*``|`[^`]*`").unwrap();
    let target = Regex::new(r"\]\([^()\s]+\)|<!--.*?-->|<[a-z/][^>]*>|https?://\S+").unwrap();
    let sections = sections(text);
    let mut lines = Vec::new();
    for section in &sections {
        let words = section.words().flat_map(str::lines);
        for line in [section.heading.as_str()].into_iter().chain(words) {
            let line = target.replace_all(line, "]");
            lines.push(code.replace_all(&line, "`").into_owned());
        }
    }
    lines
}

fn each_line(mut look: impl FnMut(&str, &str) -> Option<String>) {
    let mut wrong = Vec::new();
    for (_, chinese) in pages() {
        let Ok(text) = fs::read_to_string(root().join(&chinese)) else {
            continue;
        };
        for line in prose(&text) {
            wrong.extend(look(&chinese, &line));
        }
    }
    none(wrong);
}

/// Words that other texts use, each with the one that ours does.
const REJECTED: &[(&str, &str)] = &[
    ("期物", "Future"),
    ("互斥器", "互斥锁"),
    ("互斥量", "互斥锁"),
    ("信道", "通道"),
    ("数据争用", "数据竞争"),
    ("竞争条件", "竞态条件"),
    ("饿死", "饥饿"),
    ("发送者", "发送端"),
    ("接收者", "接收端"),
    ("启动方式", "启动方法"),
    ("退出代码", "退出码"),
    ("栅栏", "屏障"),
    ("递归互斥", "可重入锁"),
];

#[test]
fn terms_are_those_of_the_field() {
    each_line(|file, line| {
        let rejected = REJECTED.iter().find(|(word, _)| line.contains(word));
        rejected.map(|(word, ours)| format!("{file}: '{word}', and not '{ours}': {line}"))
    });
}

fn is_chinese(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

#[test]
fn punctuation_is_full_width_and_latin_words_stand_apart() {
    each_line(|file, line| {
        let letters: Vec<char> = line.chars().collect();
        let wrong = letters.windows(2).find(|pair| {
            let half = |it: char| ",;:?!".contains(it);
            let apart = |it: char| it.is_ascii_alphanumeric() || it == '`';
            let (one, other) = (pair[0], pair[1]);
            is_chinese(one) && (half(other) || apart(other)) || apart(one) && is_chinese(other)
        });
        wrong.map(|pair| format!("{file}: '{}{}' in: {line}", pair[0], pair[1]))
    });
}
