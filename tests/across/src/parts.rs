//! A page's source, taken apart.

use std::mem;

/// A part of a page's source.
pub enum Part {
    Words(String),
    Block { info: String, body: String },
}

/// Words and fenced blocks, in turn.
pub fn split(text: &str) -> Vec<Part> {
    let (mut parts, mut words, mut lines) = (Vec::new(), String::new(), text.lines());
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            words += line;
            words.push('\n');
            continue;
        };
        parts.push(Part::Words(mem::take(&mut words)));
        let body = lines.by_ref().take_while(|line| *line != "```");
        let body = body.map(|line| line.to_owned() + "\n").collect();
        parts.push(Part::Block {
            info: info.to_owned(),
            body,
        });
    }
    parts.push(Part::Words(words));
    parts
}
