//! What `children.rs` promises, checked.
//!
//! `fork` wants a program with a single thread, and the usual test harness starts one
//! for each test: these tests are called by a `main` of their own, one after another.

#[path = "../src/children.rs"]
mod children;

use std::cell::Cell;
use std::collections::HashSet;
use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::panic::{self, AssertUnwindSafe};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};
use std::time::{Duration, Instant};
use std::{env, fs, mem, thread};

use children::{Child, Failure, run_all};
use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{self, SaFlags, SigAction, SigHandler, SigSet, Signal};
use nix::sys::wait::{self, WaitPidFlag};
use nix::unistd::{self, ForkResult, Pid, alarm};

type Test = fn() -> Result<(), Box<dyn Error>>;

const TESTS: &[(&str, Test)] = &[
    ("five_ids_all_different_none_the_parents", five_ids),
    ("the_parents_variable_is_unchanged", parents_variable),
    ("answers_come_in_the_order_of_the_jobs", order),
    ("long_answers_and_empty_ones_come_whole", any_length),
    ("half_an_answer_is_no_answer", half_an_answer),
    ("a_panic_is_told_with_its_message_and_place", panics),
    ("no_panic_gets_into_the_parents_code", no_escape),
    ("while_a_panic_is_under_way_no_fork", while_panicking),
    ("a_thread_that_holds_a_robust_lock_is_refused", robust_lock),
    ("a_child_does_not_take_its_parents_input", parents_input),
    ("what_is_printed_is_printed_once", printed_once),
    (
        "exit_statuses_are_kept_if_sigchld_is_ignored",
        sigchld_ignored,
    ),
    (
        "a_whole_answer_is_one_without_a_status",
        answer_without_status,
    ),
    ("another_ones_child_is_not_killed", anothers_child),
    ("a_signal_does_not_end_the_wait", interrupted),
    ("a_grandchild_does_not_delay_the_answer", grandchild),
    ("a_job_can_limit_its_time", limited_time),
    ("a_parent_that_is_gone_already_is_noticed", orphan),
    ("a_stopped_child_is_killed_with_its_parent", stopped),
    ("an_exit_status_is_told", exit_status),
    ("a_signal_is_told_by_its_name", signals),
    ("a_child_that_is_dropped_is_killed", dropped),
    ("a_program_with_threads_is_refused", threads),
    ("threads_that_were_joined_are_no_obstacle", joined_threads),
    ("a_shortage_half_way_ends_those_already_started", shortage),
];

/// Set in a run that is part of a test, to which.
const PART: &str = "CHILDREN_PART";

fn main() -> Result<(), Box<dyn Error>> {
    alarm::set(300);
    match env::var(PART).as_deref() {
        Ok("few descriptors") => return few_descriptors(),
        Ok("read") => return read_in_both(),
        Ok("print") => return print_in_both(),
        Ok("stopped") => return stop_a_child(),
        _ => {}
    }
    // This program may have inherited that it is ignored.
    set_sigchld(SigHandler::SigDfl);
    let filters: Vec<_> = env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let chosen = |name: &str| filters.is_empty() || filters.iter().any(|f| name.contains(f));
    let tests: Vec<_> = TESTS.iter().filter(|(name, _)| chosen(name)).collect();
    println!("\nrunning {} tests", tests.len());
    for (name, test) in &tests {
        // What hangs ends here.
        alarm::set(300);
        test().map_err(|error| format!("{name}: {error}"))?;
        assert!(no_child_left(), "{name}: a child or a zombie is left");
        println!("test {name} ... ok");
    }
    println!(
        "\ntest result: ok. {} passed; 0 failed; 0 ignored; 0 measured; {} filtered out\n",
        tests.len(),
        TESTS.len() - tests.len()
    );
    Ok(())
}

/// Neither a running one nor a zombie.
fn no_child_left() -> bool {
    wait::waitpid(None::<Pid>, Some(WaitPidFlag::WNOHANG)) == Err(Errno::ECHILD)
}

fn five_ids() -> Result<(), Box<dyn Error>> {
    let mut ids = HashSet::from([process::id().to_string()]);
    for answer in run_all([(); 5].map(|()| || process::id().to_string().into()))? {
        ids.insert(String::from_utf8(answer?)?);
    }
    assert_eq!(ids.len(), 6);

    let child = Child::start(|| process::id().to_string().into())?;
    let id = child.id().to_string();
    assert_eq!(child.answer()?, id.into_bytes());
    Ok(())
}

fn parents_variable() -> Result<(), Box<dyn Error>> {
    let mut balance = 100;
    let child = Child::start(|| {
        balance -= 80;
        vec![balance]
    })?;
    assert_eq!(child.answer()?, [20]);
    assert_eq!(balance, 100);
    Ok(())
}

/// The first child ends last: it waits until the others are gone.
fn order() -> Result<(), Box<dyn Error>> {
    let (listener, done) = io::pipe()?;
    let answers = run_all((0..8).map(|number| {
        let (listener, done) = (&listener, &done);
        move || {
            if number == 0 {
                (&*listener).read_exact(&mut [0; 7]).unwrap();
            } else {
                (&*done).write_all(&[0]).unwrap();
            }
            vec![number]
        }
    }))?;
    let answers: Result<Vec<_>, _> = answers.into_iter().collect();
    assert_eq!(answers?.concat(), [0, 1, 2, 3, 4, 5, 6, 7]);
    Ok(())
}

fn any_length() -> Result<(), Box<dyn Error>> {
    let lengths = [0, 1, 65_535, 65_536, 65_537, 20_000_000];
    let answer = |length| {
        (0..length)
            .map(|n: u32| (n % 251) as u8)
            .collect::<Vec<_>>()
    };
    let answers = run_all(lengths.map(|length| move || answer(length)))?;
    for (length, given) in lengths.into_iter().zip(answers) {
        assert!(given? == answer(length), "{length} bytes");
    }
    Ok(())
}

fn half_an_answer() -> Result<(), Box<dyn Error>> {
    let child = Child::start(|| vec![7; 1_000_000])?;
    // As soon as it sleeps, the pipe is full, and the child is in the middle of writing.
    while !state(child.id(), 'S') {
        thread::yield_now();
    }
    signal::kill(child.id(), Signal::SIGKILL)?;
    let answer = child.answer();
    assert!(
        matches!(answer, Err(Failure::Killed(Signal::SIGKILL))),
        "{answer:?}"
    );

    // With exit status 0 it is no better.
    let child = Child::start(|| {
        let writer = unistd::getpid();
        thread::spawn(move || {
            while !state(writer, 'S') {
                thread::yield_now();
            }
            // SAFETY: nothing comes after it.
            unsafe { libc::_exit(0) };
        });
        vec![7; 1_000_000]
    })?;
    while !state(child.id(), 'Z') {
        thread::yield_now();
    }
    let answer = child.answer();
    assert!(matches!(answer, Err(Failure::Exited(0))), "{answer:?}");
    Ok(())
}

/// Whether a process is in that state, as ps shows it.
fn state(id: Pid, state: char) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"));
    stat.is_ok_and(|stat| stat.contains(&format!(") {state} ")))
}

fn panics() -> Result<(), Box<dyn Error>> {
    let line = line!();
    let children = [
        Child::start(|| panic!("out of paper"))?,
        Child::start(|| panic!("out of {}", "ink"))?,
        Child::start(|| panic::panic_any(7))?,
        Child::start(|| panic::resume_unwind(Box::new("passes the hook by")))?,
        Child::start(|| {
            let caught = panic::catch_unwind(|| panic!("caught"));
            vec![u8::from(caught.is_err())]
        })?,
    ];
    let told: Vec<_> = children.into_iter().map(Child::answer).collect();
    let (last, told) = told.split_last().unwrap();
    assert!(matches!(last, Ok(answer) if answer == &[1]), "{last:?}");
    let place = |after: u32| format!("{}:{}:", file!(), line + after);
    let expected = [
        ("out of paper", place(2)),
        ("out of ink", place(3)),
        ("no message", place(4)),
        ("no message", "an unknown place".into()),
    ];
    for (told, (words, start)) in told.iter().zip(expected) {
        match told {
            Err(Failure::Panicked { message, place }) => {
                assert_eq!(message, words);
                assert!(place.starts_with(&start), "{place}, not {start}");
            }
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}

/// It panics again when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("again");
    }
}

fn no_escape() -> Result<(), Box<dyn Error>> {
    let this = process::id();
    let sibling = Child::start(|| b"alive".to_vec())?;
    for bomb_is_hook in [false, true] {
        let print_trace = panic::take_hook();
        if bomb_is_hook {
            let bomb = Bomb;
            panic::set_hook(Box::new(move |_| _ = &bomb));
        }
        let panicked = panic::catch_unwind(|| Child::start(|| panic::panic_any(Bomb)));
        if process::id() != this {
            // SAFETY: this is a child that must not be here, and leaves at once.
            unsafe { libc::_exit(0) };
        }
        mem::forget(panic::take_hook());
        panic::set_hook(print_trace);
        let answer = panicked.unwrap()?.answer();
        assert!(
            matches!(answer, Err(Failure::Panicked { .. })),
            "{answer:?}"
        );
    }
    assert_eq!(sibling.answer()?, b"alive");
    Ok(())
}

/// A destructor that forks.
struct ForkInDrop<'a>(&'a Cell<Option<io::Result<Child>>>);

impl Drop for ForkInDrop<'_> {
    fn drop(&mut self) {
        self.0.set(Some(Child::start(Vec::new)));
    }
}

fn while_panicking() -> Result<(), Box<dyn Error>> {
    let forked = Cell::new(None);
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        let _fork = ForkInDrop(&forked);
        panic::resume_unwind(Box::new(()));
    }));
    assert!(outcome.is_err());
    let refusal = forked.take().unwrap().unwrap_err().to_string();
    assert_eq!(refusal, "cannot fork: a panic is under way");
    Ok(())
}

fn robust_lock() -> Result<(), Box<dyn Error>> {
    let mut attributes = mem::MaybeUninit::uninit();
    let mut mutex = libc::PTHREAD_MUTEX_INITIALIZER;
    // SAFETY: both are made before they are used, and are where they stay.
    let mut refused = || unsafe {
        libc::pthread_mutexattr_init(attributes.as_mut_ptr());
        libc::pthread_mutexattr_setrobust(attributes.as_mut_ptr(), libc::PTHREAD_MUTEX_ROBUST);
        assert_eq!(libc::pthread_mutex_init(&mut mutex, attributes.as_ptr()), 0);
        assert_eq!(libc::pthread_mutex_lock(&mut mutex), 0);
        let refused = Child::start(Vec::new);
        assert_eq!(libc::pthread_mutex_unlock(&mut mutex), 0);
        refused
    };
    let refusal = refused().unwrap_err().to_string();
    assert_eq!(
        refusal,
        "cannot fork: this thread holds a lock in shared memory"
    );
    assert_eq!(Child::start(Vec::new)?.answer()?, []);
    Ok(())
}

/// What this program prints if it does that part of a test, given that input.
fn part(name: &str, input: &str) -> Result<String, Box<dyn Error>> {
    let mut part = Command::new(env::current_exe()?)
        .env(PART, name)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    part.stdin.take().unwrap().write_all(input.as_bytes())?;
    let output = part.wait_with_output()?;
    assert!(output.status.success(), "{output:?}");
    Ok(String::from_utf8(output.stdout)?)
}

fn parents_input() -> Result<(), Box<dyn Error>> {
    let read = part("read", "a line\n")?;
    assert_eq!(read, r#"child "", its program "", parent "a line\n""#);
    Ok(())
}

fn read_in_both() -> Result<(), Box<dyn Error>> {
    let child = Child::start(|| io::read_to_string(io::stdin()).unwrap().into())?;
    let program = Child::start(|| {
        let cat = Command::new("cat").stdout(Stdio::piped()).spawn().unwrap();
        cat.wait_with_output().unwrap().stdout
    })?;
    let child = String::from_utf8(child.answer()?)?;
    let program = String::from_utf8(program.answer()?)?;
    let parent = io::read_to_string(io::stdin())?;
    print!("child {child:?}, its program {program:?}, parent {parent:?}");
    Ok(())
}

fn printed_once() -> Result<(), Box<dyn Error>> {
    let printed = part("print", "")?;
    assert_eq!(printed, "parent: child\nand no line end, parent again\n");
    Ok(())
}

fn print_in_both() -> Result<(), Box<dyn Error>> {
    print!("parent: ");
    let child = Child::start(|| {
        print!("child\nand no line end");
        Vec::new()
    })?;
    child.answer()?;
    println!(", parent again");
    Ok(())
}

/// How it was before.
fn set_sigchld(handler: SigHandler) -> SigHandler {
    // SAFETY: none of these runs any code.
    unsafe { signal::signal(Signal::SIGCHLD, handler) }.unwrap()
}

fn sigchld_ignored() -> Result<(), Box<dyn Error>> {
    for _ in 0..2 {
        set_sigchld(SigHandler::SigIgn);
        assert_eq!(Child::start(|| vec![7])?.answer()?, [7]);
        let now = set_sigchld(SigHandler::SigDfl);
        assert!(matches!(now, SigHandler::SigDfl), "{now:?}");
    }
    set_sigchld(SigHandler::SigIgn);
    exit_status()?;
    set_sigchld(SigHandler::SigIgn);
    signals()
}

/// Another part of this program waits for all children that there are.
fn answer_without_status() -> Result<(), Box<dyn Error>> {
    let answered = Child::start(|| vec![7])?;
    let panicked = Child::start(|| panic!("out of paper"))?;
    let exited = Child::start(|| process::exit(3))?;
    while wait::waitpid(None::<Pid>, None) != Err(Errno::ECHILD) {}
    assert_eq!(answered.answer()?, [7]);
    let panicked = panicked.answer();
    assert!(
        matches!(panicked, Err(Failure::Panicked { .. })),
        "{panicked:?}"
    );
    let lost = exited.answer().unwrap_err().to_string();
    assert_eq!(lost, "lost: No child processes (os error 10)");
    Ok(())
}

/// A child has copies of its siblings, which are not its children.
fn anothers_child() -> Result<(), Box<dyn Error>> {
    let (mut wait, end) = io::pipe()?;
    let mut sibling = Some(Child::start(|| {
        wait.read_exact(&mut [0]).unwrap();
        b"alive".to_vec()
    })?);
    let child = Child::start(|| {
        drop(sibling.take());
        Vec::new()
    })?;
    child.answer()?;
    (&end).write_all(&[0])?;
    assert_eq!(sibling.unwrap().answer()?, b"alive");
    Ok(())
}

/// The parent is interrupted while it reads, and while it waits for the end.
fn interrupted() -> Result<(), Box<dyn Error>> {
    extern "C" fn nothing(_: libc::c_int) {}
    let handler = SigHandler::Handler(nothing);
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing.
    unsafe { signal::sigaction(Signal::SIGUSR1, &action) }?;
    let parent = unistd::getpid();
    let interrupt = || {
        for _ in 0..50 {
            while !state(parent, 'S') {
                thread::yield_now();
            }
            signal::kill(parent, Signal::SIGUSR1).unwrap();
        }
    };
    let child = Child::start(|| {
        interrupt();
        // From here on there is nothing to read: the parent waits for the end.
        for descriptor in 3..64 {
            // SAFETY: whatever it belonged to, this child does not use it any more.
            unsafe { libc::close(descriptor) };
        }
        interrupt();
        process::exit(3)
    })?;
    let answer = child.answer();
    assert!(matches!(answer, Err(Failure::Exited(3))), "{answer:?}");
    // SAFETY: no code of ours.
    unsafe { signal::signal(Signal::SIGUSR1, SigHandler::SigDfl) }?;
    Ok(())
}

/// It has the child's end of the pipe as well, and lives on until `end` is closed.
fn grandchild() -> Result<(), Box<dyn Error>> {
    let (mut wait, end) = io::pipe()?;
    let child = Child::start(|| {
        // SAFETY: there is one thread, and the grandchild only waits and leaves.
        if let ForkResult::Child = unsafe { unistd::fork() }.unwrap() {
            // SAFETY: this copy of it is not used any more, and nothing comes after `_exit`.
            unsafe { libc::close(end.as_raw_fd()) };
            let _ = wait.read(&mut [0]);
            unsafe { libc::_exit(0) };
        }
        vec![7]
    })?;
    assert_eq!(child.answer()?, [7]);
    drop(end);
    Ok(())
}

/// As the documentation of `answer` has it.
fn limited_time() -> Result<(), Box<dyn Error>> {
    let child = Child::start(|| {
        alarm::set(1);
        loop {
            std::hint::spin_loop();
        }
    })?;
    assert_eq!(child.answer().unwrap_err().to_string(), "killed by SIGALRM");
    Ok(())
}

/// A parent that is killed between `fork` and the child's first step.
fn orphan() -> Result<(), Box<dyn Error>> {
    static PARENT: AtomicI32 = AtomicI32::new(0);
    extern "C" fn leave() {
        // SAFETY: nothing comes after it.
        unsafe { libc::_exit(0) };
    }
    extern "C" fn wait_until_it_left() {
        let start = Instant::now();
        while unistd::getppid().as_raw() == PARENT.load(SeqCst) {
            assert!(start.elapsed() < Duration::from_secs(60));
            thread::yield_now();
        }
    }
    let (mut listen, tell) = io::pipe()?;
    // SAFETY: there is one thread.
    match unsafe { unistd::fork() }? {
        ForkResult::Parent { child } => {
            drop(tell);
            wait::waitpid(child, None)?;
        }
        ForkResult::Child => {
            PARENT.store(unistd::getpid().as_raw(), SeqCst);
            // SAFETY: both are functions that may be called at any time.
            unsafe { libc::pthread_atfork(None, Some(leave), Some(wait_until_it_left)) };
            let _ = Child::start(|| {
                (&tell).write_all(b"a job without a parent").unwrap();
                Vec::new()
            });
            unreachable!("the parent leaves in `fork`");
        }
    }
    let mut said = String::new();
    listen.read_to_string(&mut said)?;
    assert_eq!(said, "");
    Ok(())
}

fn stopped() -> Result<(), Box<dyn Error>> {
    let mut parent = Command::new(env::current_exe()?)
        .env(PART, "stopped")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut id = String::new();
    BufReader::new(parent.stdout.take().unwrap()).read_line(&mut id)?;
    parent.kill()?;
    parent.wait()?;
    let child = Pid::from_raw(id.trim().parse()?);
    let start = Instant::now();
    while state(child, 'T') {
        if start.elapsed() > Duration::from_secs(30) {
            signal::kill(child, Signal::SIGKILL)?;
            return Err("it is left".into());
        }
        thread::yield_now();
    }
    Ok(())
}

fn stop_a_child() -> Result<(), Box<dyn Error>> {
    let (mut begun, begins) = io::pipe()?;
    let child = Child::start(|| {
        (&begins).write_all(&[0]).unwrap();
        loop {
            unistd::pause();
        }
    })?;
    begun.read_exact(&mut [0])?;
    signal::kill(child.id(), Signal::SIGSTOP)?;
    wait::waitpid(child.id(), Some(WaitPidFlag::WUNTRACED))?;
    println!("{}", child.id());
    io::read_to_string(io::stdin())?;
    Ok(())
}

/// A child that leaves before it answers has no answer, whatever its status.
fn exit_status() -> Result<(), Box<dyn Error>> {
    for status in [0, 3, 101] {
        let answer = Child::start(|| process::exit(status))?.answer();
        assert!(
            matches!(answer, Err(Failure::Exited(s)) if s == status),
            "{answer:?}"
        );
    }
    Ok(())
}

fn signals() -> Result<(), Box<dyn Error>> {
    for signal in [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGUSR1] {
        let child = Child::start(|| {
            loop {
                unistd::pause();
            }
        })?;
        signal::kill(child.id(), signal)?;
        let failure = child.answer().unwrap_err();
        assert_eq!(failure.to_string(), format!("killed by {signal}"));
    }
    let answer = Child::start(|| process::abort())?.answer();
    assert!(
        matches!(answer, Err(Failure::Killed(Signal::SIGABRT))),
        "{answer:?}"
    );
    Ok(())
}

/// It would never end by itself.
fn dropped() -> Result<(), Box<dyn Error>> {
    drop(Child::start(|| {
        loop {
            unistd::pause();
        }
    })?);
    Ok(())
}

fn threads() -> Result<(), Box<dyn Error>> {
    thread::scope(|scope| {
        let other = scope.spawn(thread::park);
        let refusal = Child::start(Vec::new).err();
        other.thread().unpark();
        assert!(
            refusal
                .unwrap()
                .to_string()
                .contains("more than one thread")
        );
    });
    Ok(())
}

fn joined_threads() -> Result<(), Box<dyn Error>> {
    for _ in 0..200 {
        thread::spawn(|| ()).join().unwrap();
        Child::start(Vec::new)?.answer()?;
    }
    Ok(())
}

/// This program again, with few descriptors.
fn shortage() -> Result<(), Box<dyn Error>> {
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 32; exec \"$0\""])
        .arg(env::current_exe()?)
        .env(PART, "few descriptors")
        .output()?;
    assert!(output.status.success(), "{output:?}");
    Ok(())
}

fn few_descriptors() -> Result<(), Box<dyn Error>> {
    let jobs = (0..100).map(|_| {
        || loop {
            unistd::pause();
        }
    });
    let error = run_all(jobs).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::EMFILE), "{error}");
    assert!(no_child_left());
    Ok(())
}
