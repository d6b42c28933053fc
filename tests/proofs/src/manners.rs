//! How the programs here end: quietly, or with one line that says why.

use real_std::error::Error;
use real_std::io::{self, Write};
use real_std::process::ExitCode;

/// Runs the program. Wrong arguments end with status 2, other errors with 1, with one line
/// on standard error each. When the output is no longer read, that is not an error.
pub fn run(name: &str, program: impl FnOnce() -> Result<(), Box<dyn Error>>) -> ExitCode {
    let Err(error) = program() else {
        return ExitCode::SUCCESS;
    };
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    let status = match kind {
        Some(io::ErrorKind::BrokenPipe) => return ExitCode::SUCCESS,
        Some(io::ErrorKind::InvalidInput) => 2,
        _ if error.is::<lexopt::Error>() => 2,
        _ => 1,
    };
    // If not even this can be written, the status has to do.
    let _ = writeln!(io::stderr(), "{name}: {error}");
    ExitCode::from(status)
}

/// Prints the `//!` lines at the top of a source file.
///
/// # Errors
///
/// If writing fails.
pub fn help(source: &str) -> Result<(), Box<dyn Error>> {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut output = io::stdout().lock();
    for line in lines {
        writeln!(output, "{}", line.strip_prefix(' ').unwrap_or(line))?;
    }
    Ok(output.flush()?)
}
