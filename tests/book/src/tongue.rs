//! The two languages of the book, and what its programs say in them. Chinese is in the pages
//! beside the English ones, in `zh-CN.toml` beside levels and exercises, and in `docs/theme/words.zh-CN.toml`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use across::chinese;
use across::items;
use across::questions::{self, Question};
use serde::Deserialize;

use crate::{Error, read, root};

/// A language of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    English,
    Chinese,
}

/// What a page says in Chinese, by what it says in English.
type Words = BTreeMap<String, String>;

/// The words of a level or an exercise.
#[derive(Clone, Debug, Deserialize)]
pub struct Task {
    pub title: String,
    pub task: String,
    #[serde(default)]
    pub hints: Vec<String>,
    #[serde(default)]
    pub changes: Vec<String>,
}

impl Tongue {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The folder in the book.
    pub fn folder(self) -> &'static str {
        match self {
            Self::English => "",
            Self::Chinese => "zh-CN",
        }
    }

    /// The source of a page.
    pub fn source(self, english: &str) -> String {
        match self {
            Self::English => english.to_owned(),
            Self::Chinese => chinese::chinese(english).unwrap_or_else(|| english.to_owned()),
        }
    }

    /// The name of a lesson; the Chinese one is that of its page, and has the English one behind it if it is another.
    pub fn lesson(self, name: &str) -> String {
        if self == Self::English {
            return name.to_owned();
        }
        let titles = read(self.source("docs/SUMMARY.md"));
        let title = titles.lines().find_map(|line| {
            let (title, page) = line.trim_start_matches("- [").split_once("](../lessons/")?;
            page.starts_with(&format!("{name}/")).then_some(title)
        });
        match title.unwrap_or(name) {
            title if title.to_lowercase().contains(name) => title.to_owned(),
            title => format!("{title}（{name}）"),
        }
    }

    /// What the page says.
    ///
    /// # Panics
    ///
    /// If there are no Chinese words for it.
    pub fn say(self, english: &str) -> &str {
        static WORDS: OnceLock<Words> = OnceLock::new();
        let words = || {
            let file: BTreeMap<String, Words> = toml::from_str(&read(WORDS_FILE))
                .unwrap_or_else(|error| panic!("{WORDS_FILE}: {error}"));
            file.into_values().next().unwrap_or_default()
        };
        match self {
            Self::English => english,
            Self::Chinese => {
                let said = WORDS.get_or_init(words).get(english);
                said.unwrap_or_else(|| panic!("{WORDS_FILE} has nothing for '{english}'"))
            }
        }
    }

    /// What the page says, with these in their places.
    pub fn fill(self, english: &str, places: &[(&str, &str)]) -> String {
        let mut said = self.say(english).to_owned();
        for (name, value) in places {
            said = said.replace(&format!("{{{name}}}"), value);
        }
        said
    }

    /// How a question begins.
    pub fn asks(self) -> &'static str {
        match self {
            Self::English => questions::BEGINS,
            Self::Chinese => "> **先猜一猜。** ",
        }
    }

    /// The questions of a chapter, as it asks them.
    pub fn questions(self, lesson: &str, chapter: &str) -> Result<Vec<Question>, Error> {
        let mut questions = questions::questions(lesson)?;
        if self == Self::Chinese {
            let asked = questions::asked(chapter, self.asks());
            if asked.len() != questions.len() {
                return Err("it asks more or fewer questions than in English".into());
            }
            for (question, (text, why)) in questions.iter_mut().zip(asked) {
                (question.text, question.why) = (text, why);
            }
        }
        Ok(questions)
    }

    /// Of a line that says of which file the code below it is: the link to that.
    pub fn caption(self, line: &str) -> Option<String> {
        let (is_one, between) = match self {
            Self::English => (items::is_caption(line), "), `"),
            Self::Chinese => (
                line.starts_with("[`") && line.contains(")，`") && line.ends_with("`："),
                ")，`",
            ),
        };
        let (link, _) = line.split_once(between).filter(|_| is_one)?;
        Some(link.to_owned() + ")")
    }

    /// The words of the `levels` or `exercises` of a lesson, by name; some lessons have no levels.
    pub fn tasks(self, lesson: &str, kind: &str) -> Result<BTreeMap<String, Task>, Error> {
        let file = format!("lessons/{lesson}/{kind}/zh-CN.toml");
        match self {
            Self::Chinese if root().join(&file).exists() => Ok(toml::from_str(&read(file))?),
            _ => Ok(BTreeMap::new()),
        }
    }

    /// What mdBook itself says on the pages.
    pub fn interface(self) -> Result<Interface, Error> {
        let words = match self {
            Self::English => Words::new(),
            Self::Chinese => words_of("mdBook's pages")?,
        };
        let unsaid = words.keys().cloned().collect();
        Ok(Interface { words, unsaid })
    }

    /// A script, with what it says; `name` is that of its words.
    pub fn script(self, name: &str, script: &str) -> Result<String, Error> {
        if self == Self::English {
            return Ok(script.to_owned());
        }
        let mut script = script.to_owned();
        let mut words = Vec::from_iter(words_of(name)?);
        // One text may be a part of another one.
        words.sort_by_key(|(english, _)| Reverse(english.len()));
        for (english, chinese) in words {
            let mut said = false;
            for quote in ["'", "`"] {
                let [english, chinese] =
                    [&english, &chinese].map(|it| format!("{quote}{it}{quote}"));
                said |= script.contains(&english);
                script = script.replace(&english, &chinese);
            }
            if !said {
                return Err(format!("{WORDS_FILE}: {name} no longer says '{english}'").into());
            }
        }
        Ok(script)
    }
}

/// What mdBook says, and what of it has not been found yet: no page says all.
pub struct Interface {
    words: Words,
    unsaid: BTreeSet<String>,
}

impl Interface {
    /// A page with these words.
    pub fn say(&mut self, page: &str) -> String {
        let mut page = page.to_owned();
        for (english, chinese) in &self.words {
            for [begin, end] in [["\"", "\""], [">", "<"]] {
                let [from, to] = [english, chinese].map(|it| format!("{begin}{it}{end}"));
                if page.contains(&from) {
                    self.unsaid.remove(english);
                    page = page.replace(&from, &to);
                }
            }
        }
        page
    }

    /// # Errors
    ///
    /// If no page has said one of them.
    pub fn is_said(&self) -> Result<(), Error> {
        match self.unsaid.first() {
            None => Ok(()),
            Some(english) => Err(format!("{WORDS_FILE}: mdBook no longer says '{english}'").into()),
        }
    }
}

/// The words of a file or a program, behind whose name they stand.
fn words_of(name: &str) -> Result<Words, Error> {
    let file = read(WORDS_FILE);
    let Some((_, words)) = file.split_once(&format!("\n# ---- {name} ")) else {
        return Ok(Words::new());
    };
    let (_, words) = words.split_once('\n').unwrap_or_default();
    let words = words.split("\n# ---- ").next().unwrap_or_default();
    Ok(toml::from_str(words)?)
}

const WORDS_FILE: &str = "docs/theme/words.zh-CN.toml";

#[cfg(test)]
mod tests {
    use regex_lite::Regex;

    use super::*;

    /// Those of scripts are looked for when they are replaced.
    #[test]
    fn each_text_with_chinese_words_is_in_the_source_that_they_name() {
        let heading = Regex::new(r"(?m)^# ---- (tests/\S+\.rs) -").unwrap();
        let continued = Regex::new(r"\\\n\s*").unwrap();
        let file = read(WORDS_FILE);
        let mut texts = 0;
        for source in heading
            .captures_iter(&file)
            .map(|found| found[1].to_owned())
        {
            let code = continued.replace_all(&read(&source), "").into_owned();
            for english in words_of(&source).unwrap().into_keys() {
                let said = code.contains(&english.replace('\n', "\\n"));
                assert!(said, "{source} no longer says '{english}'");
                texts += 1;
            }
        }
        assert!(texts > 50, "{texts}");
    }
}
