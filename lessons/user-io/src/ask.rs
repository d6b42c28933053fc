//! The act that `--ask` plays.

use std::error::Error;
use std::io::{self, ErrorKind, Read};
use std::thread;
use std::time::Duration;

use timing::{Lane, Lesson, say};
use tokio::io::{AsyncBufRead, AsyncWriteExt, BufReader};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use crate::MULTIPLES;
use crate::prompt::Prompt;

/// The right way again, with a real keyboard and a countdown slow enough to watch. The
/// countdown waits only where it needs an answer that is not there yet; the clock never waits.
pub async fn act(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Async and right, with your answers: a number from 1 to 5, five times");
    let keyboard_input = keyboard_input();
    let input = keyboard_input.map_err(|error| format!("no thread for the keyboard: {error}"))?;
    let (answers, mut answered) = mpsc::channel(MULTIPLES.len());
    let keyboard = tokio::spawn(ask_all(input, answers, lesson.lane("keyboard")));
    tokio::spawn(clock());
    let mut count = 100;
    for multiple in MULTIPLES {
        while count > multiple {
            sleep(timing::seconds(0.1)).await;
            count -= 1;
        }
        let span = lesson.lane("countdown").waiting("");
        let Some(answer) = answered.recv().await else {
            keyboard
                .await?
                .map_err(|error| format!("cannot read the answers: {error}"))?;
            act.end(format_args!("stays at {multiple}, which has no answer"));
            return Ok(());
        };
        drop(span);
        count -= answer;
        say!("at {multiple}: the answer is {answer}, {count} is left");
    }
    act.end(format_args!("ends at {count}: minus the last answer"));
    Ok(())
}

/// Asks all questions, beginning at once, one after another, until the input ends.
async fn ask_all(
    (input, mut failure): (impl AsyncBufRead + Unpin, oneshot::Receiver<io::Error>),
    answers: mpsc::Sender<i32>,
    lane: Lane,
) -> io::Result<()> {
    let mut prompt = Prompt::new(input);
    for multiple in MULTIPLES {
        say!("for {multiple}?");
        let _span = lane.waiting(format!("for {multiple}"));
        let again = |line: &str, reason| say!("{line:?} {reason}; for {multiple}?");
        let Some(answer) = prompt.ask(parse, again).await? else {
            if let Ok(error) = failure.try_recv() {
                return Err(error);
            }
            say!("the input has ended before the answer for {multiple}");
            break;
        };
        if answers.send(answer).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Returns what is typed, and the error that ended the input, if there was one. A read of
/// standard input blocks its thread until a line is there, so it gets a thread of its own. The
/// program does not wait for that thread; it ends with the program.
fn keyboard_input() -> io::Result<(impl AsyncBufRead, oneshot::Receiver<io::Error>)> {
    let (mut typed, input) = tokio::io::duplex(4096);
    let (fails, failure) = oneshot::channel();
    let runtime = Handle::current();
    thread::Builder::new().spawn(move || {
        let mut bytes = [0; 1024];
        let error = loop {
            match io::stdin().read(&mut bytes) {
                Ok(0) => return,
                Ok(count) if runtime.block_on(typed.write_all(&bytes[..count])).is_err() => return,
                Ok(_) => (),
                Err(error) if error.kind() == ErrorKind::Interrupted => (),
                Err(error) => break error,
            }
        };
        // Sent before `typed` is dropped: the drop is what ends the input.
        let _ = fails.send(error);
    })?;
    Ok((BufReader::new(input), failure))
}

fn parse(line: &str) -> Result<i32, &'static str> {
    match line.parse() {
        Ok(number @ 1..=5) => Ok(number),
        _ => Err("is not a number from 1 to 5"),
    }
}

async fn clock() {
    for second in 1.. {
        sleep(Duration::from_secs(1)).await;
        say!("        the clock: {second} s");
    }
}
