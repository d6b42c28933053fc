//! The Chinese version says what the English one says, in the words of its field.
//!
//! `REFRESH=1` writes blocks of code and output, and where links lead.

use std::fs;

use across::chinese::{in_step, pages, sections, stale, tasks};
use across::{read, root};
use regex_lite::Regex;
use toml::{Table, Value};

/// Fails with all of these lines, if there are any.
fn none(found: Vec<String>) {
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
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
        if !root().join(&chinese).exists() {
            continue;
        }
        for (ours, theirs) in stale(&english, &chinese) {
            old.push(format!(
                "{english}, '{theirs}' has changed: translate it in {chinese}, '{ours}', then \
                 `just translated {chinese}`"
            ));
        }
    }
    none(old);
}

#[test]
fn each_level_and_exercise_is_translated() {
    let mut wrong = Vec::new();
    for tasks in tasks() {
        let file = &tasks.chinese;
        let Ok(text) = fs::read_to_string(root().join(file)) else {
            wrong.push(format!("{file} is not there"));
            continue;
        };
        match tasks.stale(&text) {
            Err(what) => wrong.push(what),
            Ok(names) => wrong.extend(names.iter().map(|name| {
                format!("{name} has changed: translate it in {file}, then `just translated {file}`")
            })),
        }
    }
    none(wrong);
}

/// The Chinese files in a folder and the folders in it.
fn chinese_files(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files.extend(chinese_files(&path));
        } else if path.contains("zh-CN") {
            files.push(path);
        }
    }
    files
}

#[test]
fn no_chinese_file_is_left_of_what_is_no_more() {
    let pages = pages().into_iter().map(|(_, chinese)| chinese);
    let mut known: Vec<_> = pages
        .chain(tasks().into_iter().map(|tasks| tasks.chinese))
        .collect();
    known.push(WORDS.to_owned());
    let files = ["docs", "lessons"].into_iter().flat_map(chinese_files);
    none(files.filter(|file| !known.contains(file)).collect());
}

/// What the book and the game say.
const WORDS: &str = "docs/theme/words.zh-CN.toml";

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Table(table) => table.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Each line that a Chinese file says, without code, targets of links, markup and places to be filled.
fn each_line(mut look: impl FnMut(&str) -> Option<String>) {
    let code = Regex::new(r"``[^`]*(`[^`]+)*``|`[^`]*`").unwrap();
    let place = Regex::new(r#"\$?\{[^{}]*\}|</?[a-z][^>]*>|aria-label="[^"]*""#).unwrap();
    let target = Regex::new(r"\]\([^()\s]+\)|<!--|-->|https?://\S+").unwrap();
    let mut wrong = Vec::new();
    let mut look = |file: &str, text: &str| {
        for line in text.lines() {
            let line = place.replace_all(line, "…");
            let line = target.replace_all(&line, "]");
            let line = code.replace_all(&line, "`");
            wrong.extend(look(&line).map(|what| format!("{file}: {what}: {line}")));
        }
    };
    for (_, chinese) in pages() {
        for section in sections(&read(&chinese)) {
            look(&chinese, &section.heading);
            section.words().for_each(|words| look(&chinese, words));
        }
    }
    let files = tasks().into_iter().map(|tasks| tasks.chinese);
    for file in files.chain([WORDS.to_owned()]) {
        let table: Table = read(&file).parse().unwrap();
        table
            .values()
            .flat_map(texts)
            .for_each(|text| look(&file, text));
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
    each_line(|line| {
        let rejected = REJECTED.iter().find(|(word, _)| line.contains(word));
        rejected.map(|(word, ours)| format!("'{word}', and not '{ours}'"))
    });
}

fn is_chinese(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

#[test]
fn punctuation_is_full_width_and_latin_words_stand_apart() {
    each_line(|line| {
        let letters: Vec<char> = line.chars().collect();
        let wrong = letters.windows(2).find(|pair| {
            let half = |it: char| ",;:?!".contains(it);
            let beside = |it: char| half(it) || ".()\"".contains(it);
            let apart = |it: char| it.is_ascii_alphanumeric() || it == '`';
            let (one, other) = (pair[0], pair[1]);
            is_chinese(one) && (beside(other) || apart(other))
                || is_chinese(other) && (beside(one) || apart(one))
                || "`]）”".contains(one) && half(other)
        });
        wrong.map(|pair| format!("'{}{}'", pair[0], pair[1]))
    });
}
