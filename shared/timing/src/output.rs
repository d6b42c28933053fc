//! What the program prints: lines on standard output, and one line on standard error for what
//! went wrong.

use std::env;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process;

/// Prints an indented line, formatted as by `println!`.
///
/// Where `println!` would panic, this ends the program: quietly and with exit status 0
/// when the reader has closed the pipe, with one line on standard error and 1 when
/// the line cannot be written, as on a full disk.
#[macro_export]
macro_rules! say {
    () => { $crate::print_line("") };
    ($($text:tt)+) => { $crate::print_line(format_args!("   {}", format_args!($($text)+))) };
}

/// Prints a line as [`say!`] does, without the indentation.
pub fn print_line(line: impl Display) {
    let written = writeln!(io::stdout().lock(), "{line}");
    if let Err(error) = written {
        if error.kind() == ErrorKind::BrokenPipe {
            process::exit(0);
        }
        complain(format_args!("cannot write the output: {error}"));
        process::exit(1);
    }
}

/// One line on standard error, in the name of the program.
pub(crate) fn complain(message: impl Display) {
    let line = format!("{}: {}\n", program(), with_advice(message.to_string()));
    // If standard error is closed as well, the message has no reader: the exit status must do.
    let _ = io::stderr().write_all(line.as_bytes());
}

/// Adds what to do about it where the system ran out of something. Whether an error or
/// the panic of a library tells of that, the system's own words are in it.
fn with_advice(message: String) -> String {
    let shortages = [
        ("Resource temporarily unavailable", "`ulimit -u` or `-v`"),
        ("Too many open files", "`ulimit -n`"),
    ];
    match shortages.iter().find(|(words, _)| message.contains(words)) {
        Some((_, limit)) if !message.contains("`ulimit") => format!("{message}: raise {limit}"),
        _ => message,
    }
}

/// The name of the running program, without its folder.
pub(crate) fn program() -> String {
    let path = env::args_os().next().unwrap_or_default();
    let name = Path::new(&path).file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_comes_with_advice_once() {
        let error = "Too many open files (os error 24)".to_owned();
        let advised = with_advice(error.clone());
        assert_eq!(advised, format!("{error}: raise `ulimit -n`"));
        assert_eq!(with_advice(advised.clone()), advised);
        let other = "no such page".to_owned();
        assert_eq!(with_advice(other.clone()), other);
    }
}
