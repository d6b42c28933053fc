//! The judge of user-io-1.

mod yours;

use std::fmt;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufReader, duplex};
use tokio::time::{Instant, sleep, timeout};

/// What is typed, each piece after so many milliseconds.
type Typed = &'static [(u64, &'static str)];

/// How three seconds are counted.
const NO_ANSWER: &str = "2 at 1 s, 1 at 2 s, 0 at 3 s, after 3 s: none";

/// An answer in three pieces, while the seconds go by.
pub async fn in_pieces() {
    let answers = ask(&[(500, "gr"), (2_000, "een"), (1_000, " tea\n")], 5, 1).await;
    assert!(
        answers[0].line.as_deref() == Some("green tea"),
        "typed 'gr', 'een', ' tea', and the answer is {:?}",
        answers[0].line
    );
    let expected = "4 at 1 s, 3 at 2 s, 2 at 3 s, after 3 s: green tea";
    counts("an answer in pieces", &answers[0], 3, expected);
}

/// Nothing is typed.
pub async fn no_answer() {
    let answers = ask(&[(60_000, "late\n")], 3, 1).await;
    counts("nothing is typed", &answers[0], 3, NO_ANSWER);
}

/// A letter every 400 ms, and no end of the line: the seconds go by all the same.
pub async fn letters_only() {
    let answers = ask(&[(400, "a"); 20], 3, 1).await;
    let typed = "letters are typed, and no end of the line";
    counts(typed, &answers[0], 3, NO_ANSWER);
}

/// Two answers are typed at once: the second one is for the second question.
pub async fn two_questions() {
    let answers = ask(&[(1_500, "tea\nmilk\n")], 5, 2).await;
    let lines = answers.iter().map(|it| it.line.as_deref());
    let lines: Vec<_> = lines.collect();
    assert!(
        lines == [Some("tea"), Some("milk")],
        "typed two lines at once for two questions, and the answers are {lines:?}"
    );
}

/// The input ends, behind a last line that has no end.
pub async fn the_end() {
    let answers = ask(&[(1_500, "tea")], 5, 2).await;
    let lines: Vec<_> = answers.iter().map(|it| it.line.as_deref()).collect();
    assert!(
        lines == [Some("tea"), None],
        "typed 'tea', and then the end of the input; the answers are {lines:?}"
    );
}

/// What `ask` returned, and when; and when it called `tick`.
struct Answer {
    line: Option<String>,
    took: u64,
    ticks: String,
}

/// The countdown, and how long the question takes at most.
fn counts(typed: &str, answer: &Answer, seconds: u64, expected: &str) {
    let took = answer.took;
    assert!(
        took <= seconds,
        "too slow: {typed}, and it took {took} s of the paused clock, at most {seconds} s are allowed"
    );
    assert!(
        answer.to_string() == expected,
        "{typed}: the ticks have to be '{expected}', and they are '{answer}'"
    );
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.as_deref().unwrap_or("none");
        write!(f, "{}after {} s: {line}", self.ticks, self.took)
    }
}

/// Asks so many questions one after the other, all with the same limit.
async fn ask(typed: Typed, seconds: u32, questions: u32) -> Vec<Answer> {
    let (mut keyboard, input) = duplex(1_000);
    tokio::spawn(async move {
        for (wait, piece) in typed {
            sleep(Duration::from_millis(*wait)).await;
            let _ = keyboard.write_all(piece.as_bytes()).await;
        }
    });
    let mut input = BufReader::new(input);
    let mut answers = Vec::new();
    for _ in 0..questions {
        let (start, mut ticks) = (Instant::now(), String::new());
        let now = || start.elapsed().as_secs();
        let tick = |left| ticks += &format!("{left} at {} s, ", now());
        let line = yours::ask(&mut input, seconds, tick);
        let line = timeout(Duration::from_secs(100), line).await;
        let line = line.unwrap_or_else(|_| panic!("ask does not end"));
        let line = line.expect("reading does not fail");
        let took = now();
        answers.push(Answer { line, took, ticks });
    }
    answers
}
