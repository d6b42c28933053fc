//! `just play LESSON --quiz`: what a chapter asks, answered before its answers are seen.

use real_std::collections::BTreeSet;
use real_std::error::Error;
use real_std::io::{self, BufRead, IsTerminal, Write};

use across::questions::{Question, questions};

use crate::play::Terminal;

/// Asks the questions of this lesson's chapter on standard input and output.
///
/// # Errors
///
/// [`lexopt::Error`] if there is no such lesson. If its chapter cannot be read, or asks what its
/// data do not decide; if reading or writing fails.
pub fn run(lesson: Option<&str>) -> Result<(), Box<dyn Error>> {
    let lessons = across::lessons();
    let names = lessons.join(", ");
    let lesson = lesson.ok_or_else(|| lexopt::Error::from(format!("which lesson? {names}")))?;
    if !lessons.iter().any(|name| name == lesson) {
        let lesson = lesson.escape_debug();
        let error = format!("there is no lesson '{lesson}'; these have questions: {names}");
        return Err(lexopt::Error::from(error).into());
    }
    let mut terminal = Terminal {
        input: io::stdin().lock(),
        output: io::stdout().lock(),
        echo: !io::stdin().is_terminal(),
    };
    ask_all(lesson, &questions(lesson)?, &mut terminal)?;
    Ok(terminal.output.flush()?)
}

fn ask_all(
    lesson: &str,
    questions: &[Question],
    terminal: &mut Terminal<impl BufRead, impl Write>,
) -> io::Result<()> {
    let output = &mut terminal.output;
    writeln!(
        output,
        "{lesson}: predict first, {} to answer.",
        questions.len()
    )?;
    writeln!(
        output,
        "A letter: your answer; if several are right, all of them. q: quit."
    )?;
    let (mut right, mut asked) = (0, 0);
    for question in questions {
        writeln!(terminal.output, "\n{}. {}", asked + 1, question.text)?;
        let Some(answer) = ask(question, terminal)? else {
            break;
        };
        asked += 1;
        let key = choices(question).filter(|(_, right)| *right);
        let verdict = if answer == key.map(|(letter, _)| letter).collect() {
            right += 1;
            "Right"
        } else {
            "Not so"
        };
        let key = question.right().collect::<Vec<_>>().join(", ");
        let fact = match question.fact.as_str() {
            "" => String::new(),
            fact => format!(" ({fact})"),
        };
        let why = &question.why;
        writeln!(terminal.output, "{verdict}. The answer: {key}{fact}. {why}")?;
    }
    writeln!(terminal.output, "\n{right} of {asked} right")
}

/// What can be chosen, by its letter, and whether it is right.
fn choices(question: &Question) -> impl Iterator<Item = (char, bool)> {
    ('a'..).zip(question.rows.iter().filter_map(|row| row.right))
}

/// The letters that were chosen; `None` if the reader has had enough.
fn ask(
    question: &Question,
    terminal: &mut Terminal<impl BufRead, impl Write>,
) -> io::Result<Option<BTreeSet<char>>> {
    let mut letters = choices(question).map(|(letter, _)| letter);
    for row in &question.rows {
        let letter = row.right.and_then(|_| letters.next()).unwrap_or(' ');
        let line = format!("  {letter}  {}", row.text);
        writeln!(terminal.output, "{}", line.trim_end())?;
    }
    let last = choices(question).last().map_or('a', |(letter, _)| letter);
    let many = if question.several() {
        "letters"
    } else {
        "a letter"
    };
    let wanted = format!("{many} from a to {last}");
    loop {
        let Some(answer) = terminal.ask(&format!("Your answer, {wanted}?"))? else {
            return Ok(None);
        };
        let letters = answer.to_lowercase();
        if letters == "q" {
            return Ok(None);
        }
        let letters = letters.chars().filter(|letter| !letter.is_whitespace());
        let letters: BTreeSet<_> = letters.collect();
        let known = letters.iter().all(|letter| ('a'..=last).contains(letter));
        if known && (letters.len() == 1 || (letters.len() > 1 && question.several())) {
            return Ok(Some(letters));
        }
        match answer.escape_debug().to_string().as_str() {
            "" => writeln!(terminal.output, "No answer yet: {wanted}, or q")?,
            answer => writeln!(terminal.output, "'{answer}' is not {wanted}")?,
        }
    }
}
