//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 shared-memory-1.rs && ./shared-memory-1

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Makes a file that counts from 0.
///
/// # Errors
///
/// If it cannot be written.
pub fn create(path: &Path) -> io::Result<()> {
    File::create_new(path)?.write_all_at(&0_u64.to_le_bytes(), 0)
}

/// Adds one, and returns the new number. Many processes do that at the same time.
///
/// # Errors
///
/// If the file cannot be read or written.
pub fn add_one(path: &Path) -> io::Result<u64> {
    let file = File::options().read(true).write(true).open(path)?;
    file.try_lock()?;
    let mut bytes = [0; 8];
    file.read_exact_at(&mut bytes, 0)?;
    let count = u64::from_le_bytes(bytes) + 1;
    file.write_all_at(&count.to_le_bytes(), 0)?;
    Ok(count)
}

fn main() -> io::Result<()> {
    let path = std::env::temp_dir().join("shared-memory-1");
    create(&path)?;
    println!("{} {}", add_one(&path)?, add_one(&path)?);
    std::fs::remove_file(path)
}
