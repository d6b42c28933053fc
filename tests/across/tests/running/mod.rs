//! Runs lessons in odd surroundings, and looks for what they leave behind.

#![allow(dead_code)] // each test uses a part of it

use std::fs;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use across::lessons;
use tempfile::TempDir;

/// Far longer than any lesson takes at this speed: what is not over by then hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Checks every lesson, two at a time: they mostly wait.
pub fn each_lesson(check: impl Fn(&str) + Sync) {
    let lessons = lessons();
    let next = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(lesson) = lessons.get(next.fetch_add(1, Relaxed) as usize) {
                    check(lesson);
                }
            });
        }
    });
}

/// A lesson while it runs. All its processes carry a mark in their environment and put
/// temporary files into a folder of their own.
pub struct Running {
    pub child: Child,
    pub folder: TempDir,
    mark: String,
}

pub fn start(mut command: Command) -> Running {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = tempfile::tempdir().unwrap();
    let mark = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
    let child = command
        .env("LESSON_MARK", &mark)
        .env("TMPDIR", folder.path())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    Running {
        child,
        folder,
        mark,
    }
}

impl Running {
    /// Waits for the end, reads what was written, and looks for leftovers.
    pub fn finish(mut self) -> Output {
        let status = self.wait();
        let mut output = Output {
            status,
            stdout: Vec::new(),
            stderr: Vec::new(),
        };
        self.assert_nothing_is_left();
        // Nobody holds the other ends any more, so reading comes to an end.
        if let Some(mut stdout) = self.child.stdout.take() {
            stdout.read_to_end(&mut output.stdout).unwrap();
        }
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_end(&mut output.stderr).unwrap();
        }
        output
    }

    fn wait(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            if start.elapsed() > PATIENCE {
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                panic!("the lesson hangs");
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Children may need a moment to notice that their parent is gone, but not a long one.
    fn assert_nothing_is_left(&self) {
        let start = Instant::now();
        loop {
            let processes = marked_processes(&self.mark);
            let files: Vec<_> = fs::read_dir(self.folder.path()).unwrap().collect();
            if processes.is_empty() && files.is_empty() {
                return;
            }
            let late = start.elapsed() > Duration::from_secs(5);
            assert!(
                !late,
                "left behind: processes {processes:?}, files {files:?}"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The ids of the processes whose environment carries the mark.
fn marked_processes(mark: &str) -> Vec<String> {
    let mark = format!("LESSON_MARK={mark}\0");
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let marked = processes.filter(|process| {
        let environment = fs::read(process.path().join("environ")).unwrap_or_default();
        environment
            .windows(mark.len())
            .any(|part| part == mark.as_bytes())
    });
    marked
        .map(|process| process.file_name().to_string_lossy().into_owned())
        .collect()
}

pub fn run(mut command: Command) -> Output {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    start(command).finish()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
pub fn assert_one_line(name: &str, output: &Output) {
    let stderr = stderr(output);
    assert_eq!(stderr.lines().count(), 1, "{name}: {stderr}");
    assert!(stderr.contains("lesson-"), "{name}: {stderr}");
}
