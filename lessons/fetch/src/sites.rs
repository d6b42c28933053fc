//! Which pages the lesson fetches.

use std::net::SocketAddr;

use timing::Lesson;

use crate::server::PAGES;

/// A page to fetch, and its name in the output.
pub struct Site {
    pub name: String,
    pub address: String,
}

/// The addresses from the command line; without any, the six pages of Yang's article.
pub fn sites(lesson: &Lesson, server: SocketAddr) -> Vec<Site> {
    let site = |start: &str, name: &str| Site {
        name: name.to_owned(),
        address: format!("{start}{name}"),
    };
    if lesson.words().next().is_some() {
        return lesson.words().map(|word| site("", word)).collect();
    }
    let start = match lesson.has("--online") {
        true => "https://".to_owned(),
        false => format!("http://{server}/"),
    };
    PAGES.iter().map(|(page, ..)| site(&start, page)).collect()
}

/// Whether the pages are on other computers.
pub fn elsewhere(lesson: &Lesson) -> bool {
    lesson.has("--online") || lesson.words().next().is_some()
}
