//! What the search cannot say itself, as it does not come to that: the program computes without
//! end, or aborts the process; or the one who asked is gone.

use std::cell::RefCell;
use std::io::{self, Write};
use std::os::unix::process::parent_id;
use std::panic::{self, PanicHookInfo};
use std::sync::{Mutex, Once, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use std::{process, thread};

use crate::Main;
use crate::report::{self, Name};

/// So much longer a search may take than it was told to: it stops behind a whole schedule.
const GRACE: Duration = Duration::from_secs(3);

/// What is to be said begins like this, and calls the files so.
static WORDS: OnceLock<(&str, &[Name])> = OnceLock::new();

/// When the search has to be over.
static UNTIL: Mutex<Option<Instant>> = Mutex::new(None);

thread_local! {
    /// The place of the last panic.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Ends this process soon after its parent, or if what is done [`within`] a time takes longer.
pub fn watch(prefix: &'static str, names: &'static [Name]) {
    WORDS.get_or_init(|| (prefix, names));
    let parent = parent_id();
    thread::spawn(move || {
        while parent_id() == parent {
            let until = *UNTIL.lock().unwrap_or_else(PoisonError::into_inner);
            if until.is_some_and(|until| until < Instant::now()) {
                end(
                    3,
                    "a thread does not come to its next step: it computes without end, or for too long",
                );
            }
            thread::sleep(Duration::from_millis(50));
        }
        process::exit(2);
    });
}

/// Does something that should not take much longer than this.
pub fn within<T>(limit: Duration, act: impl FnOnce() -> T) -> T {
    let set = |until| *UNTIL.lock().unwrap_or_else(PoisonError::into_inner) = until;
    set(Instant::now().checked_add(limit.saturating_add(GRACE)));
    let result = act();
    set(None);
    result
}

/// Says why in one line, and ends the process.
fn end(status: i32, why: &str) -> ! {
    let (prefix, _) = WORDS.get().unwrap_or(&("", &[]));
    let _ = writeln!(io::stderr(), "{prefix}{why}");
    process::exit(status)
}

/// Runs the program. Before Rust aborts the process, as it does if a destructor panics during a
/// panic, it says so to the hook for panics: that is the last moment to tell the reader.
#[doc(hidden)]
pub fn begin<Kind>(main: impl Main<Kind>) -> Result<(), String> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let search = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            notice(panic);
            search(panic);
        }));
    });
    main.run()
}

fn notice(panic: &PanicHookInfo<'_>) {
    let (what, panics) = match panic.payload_as_str() {
        Some("panic in a destructor during cleanup") => ("a destructor panics during a panic", 2),
        Some("panic in a function that cannot unwind") => {
            ("a panic comes to a function that it cannot leave", 1)
        }
        _ => {
            let names = WORDS.get().map_or(&[][..], |words| words.1);
            let place = panic.location().and_then(|place| {
                let place = report::place(place.file(), place.line(), names)?;
                Some(match place.contains(':') {
                    true => format!(", {place}"),
                    false => format!(", line {place}"),
                })
            });
            LAST.set(place.unwrap_or_default());
            return;
        }
    };
    let place = LAST.take();
    // The search unwinds the threads that are left at an end, without a panic of theirs.
    match interleave::panics() >= panics {
        true => end(1, &format!("{what}{place}: the process aborts")),
        false => end(
            2,
            &format!(
                "the search cannot take down a thread that is left: its destructor panics{place}"
            ),
        ),
    }
}
