//! What the file to take away promises, checked. The workers are fresh starts of this
//! program, so it has a `main` of its own, as every program that uses the file.

#[path = "../src/workers.rs"]
mod workers;

use std::collections::HashSet;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::pin::pin;
use std::process::{self, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, thread};

use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use workers::{Failure, Workers, work_if_worker};

/// When this is set, the program plays the part that it names instead of testing.
const PART: &str = "WORKERS_TEST_PART";

fn main() {
    let part = env::var(PART).unwrap_or_default();
    if part == "stillborn workers" && env::args().len() > 1 {
        process::exit(3);
    }
    work_if_worker(work);
    match part.as_str() {
        "stillborn workers" => return run(part, workers_that_end_before_their_first_job()),
        "parent" => return run(part, a_parent_to_be_killed()),
        "print" => {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let workers = Workers::new(1);
            runtime
                .block_on(workers.run("print no line end", |_, _| ()))
                .unwrap();
            return;
        }
        "delete" | "kill one" => {
            if part == "delete" {
                fs::remove_file(env::current_exe().unwrap()).unwrap();
            }
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            return runtime.block_on(kill_one());
        }
        _ => (),
    }
    // A promise of the file: no wait is endless.
    thread::spawn(|| {
        thread::sleep(Duration::from_secs(120));
        println!("this hangs");
        process::exit(1);
    });
    run("every job gets its own answer", answers());
    run("what goes wrong is told", failures());
    run("a dropped job leaves nothing behind", dropped());
    run("killed while idle, no job suffers", killed_while_idle());
    run("killed 200 times at random moments", killed_at_random());
    run("a grandchild delays no job", grandchild());
    run("standard input is empty", standard_input());
    run(
        "what jobs have started goes with their worker",
        programs_of_jobs(),
    );
    case("another runtime is as good", another_runtime);
    run("jobs that hang are given up", limited());
    case("what jobs print is printed", || {
        let output = in_part("print").output().unwrap();
        assert_eq!(output.stdout, b"no line end", "{output:?}");
    });
    case("a parent that ignores SIGCHLD", || {
        let ignore = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])";
        let mut python = Command::new("python3");
        python.args(["-c", ignore]).arg(env::current_exe().unwrap());
        let output = python.env(PART, "kill one").output().unwrap();
        assert_eq!(output.stdout, b"None\n9\n", "{output:?}");
    });
    case("the file of the program is deleted", || {
        let program = env::temp_dir().join(format!("lesson-executors-{}", process::id()));
        fs::copy(env::current_exe().unwrap(), &program).unwrap();
        let output = Command::new(&program).env(PART, "delete").output().unwrap();
        assert_eq!(output.stdout, b"Some(9)\n9\n", "{output:?}");
    });
    case("stillborn workers", || {
        let status = in_part("stillborn workers").status().unwrap();
        assert!(status.success(), "{status}");
    });
    case("workers leave with their parent", leave_with_parent);
}

fn case(name: &str, test: impl FnOnce()) {
    print!("{name} ... ");
    test();
    println!("ok");
}

fn run(name: impl AsRef<str>, test: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    case(name.as_ref(), || runtime.block_on(test));
}

fn in_part(part: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.env(PART, part);
    command
}

/// The worker's side.
fn work(job: &str) -> Result<String, String> {
    let (what, rest) = job.split_once(' ').unwrap_or((job, ""));
    match what {
        "square" => {
            let number: u64 = rest.parse().unwrap();
            thread::sleep(Duration::from_millis(number % 4));
            Ok((number * number).to_string())
        }
        "reverse" => Ok(rest.chars().rev().collect()),
        "refuse" => Err(format!("no {rest}")),
        "panic" => {
            std::panic::set_hook(Box::new(|_| ()));
            panic!("as told")
        }
        "leave" => process::exit(rest.parse().unwrap()),
        #[expect(clippy::zombie_processes, reason = "it is left behind on purpose")]
        "leave-a-program" => {
            // It has the worker's standard input and reads it to the end.
            let program = Command::new("cat").stdout(Stdio::null()).spawn();
            program.expect("a program `cat`");
            match rest {
                "" => process::exit(4),
                _ => Ok("left".into()),
            }
        }
        "read" => {
            let read = io::read_to_string(io::stdin()).unwrap();
            let cat = Command::new("cat").output().unwrap();
            Ok((read.len() + cat.stdout.len()).to_string())
        }
        "print" => {
            print!("{rest}");
            Ok(String::new())
        }
        "start" => {
            let program = Command::new("sleep").arg("1000").spawn();
            Ok(program.unwrap().id().to_string())
        }
        "hang" => loop {
            thread::park();
        },
        _ => Err(format!("what is {job}?")),
    }
}

/// Threads wait for those that were dropped.
fn wait_until_gone(process: u32) {
    while exists(process) {
        thread::yield_now();
    }
}

/// Whether there is such a process; a zombie is one until it is waited for.
fn exists(process: u32) -> bool {
    fs::exists(format!("/proc/{process}")).unwrap()
}

fn is_zombie(process: u32) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| stat.contains(") Z "))
}

fn kill(process: u32) {
    signal::kill(Pid::from_raw(process as i32), Signal::SIGKILL).unwrap();
}

async fn answers() {
    let workers = Arc::new(Workers::new(3));
    let processes = Arc::new(Mutex::new(HashSet::new()));
    let mut jobs = JoinSet::new();
    for number in 0..100_u64 {
        let (workers, processes) = (workers.clone(), processes.clone());
        jobs.spawn(async move {
            let taken = |worker, process| {
                assert!((1..=3).contains(&worker));
                processes.lock().unwrap().insert(process);
            };
            let answer = workers.run(&format!("square {number}"), taken).await;
            assert_eq!(answer.unwrap(), (number * number).to_string());
        });
    }
    jobs.join_all().await;
    // More than any socket holds, both ways; and nothing at all.
    let text: String = "Größe ".repeat(1_000_000);
    let answer = workers.run(&format!("reverse {text}"), |_, _| ()).await;
    assert!(answer.unwrap().chars().eq(text.chars().rev()));
    let answer = workers.run("reverse ", |_, _| ()).await;
    assert_eq!(answer.unwrap(), "");
    // The workers were used again, and are gone with the pool.
    drop(workers);
    let processes = processes.lock().unwrap();
    assert!((1..=3).contains(&processes.len()), "{processes:?}");
    processes
        .iter()
        .for_each(|process| wait_until_gone(*process));
}

async fn failures() {
    let workers = Workers::new(1);
    let refused = workers.run("refuse coffee", |_, _| ()).await.unwrap_err();
    assert!(matches!(&refused, Failure::Failed(why) if why == "no coffee"));
    for (job, code) in [("panic", 101), ("leave 0", 0), ("leave 5", 5)] {
        let mut taken_by = 0;
        let died = workers.run(job, |_, process| taken_by = process).await;
        let died = died.unwrap_err();
        assert!(
            matches!(died, Failure::Died { worker: 1, process, status: Some(status) }
                if process == taken_by && status.code() == Some(code)),
            "{died}"
        );
        assert!(!exists(taken_by));
        let answer = workers.run("square 3", |_, _| ()).await;
        assert_eq!(answer.unwrap(), "9");
    }
}

async fn dropped() {
    let workers = Workers::new(1);
    for _ in 0..20 {
        let (sender, taken) = oneshot::channel();
        let process = {
            let taken_by = |_, process| sender.send(process).unwrap();
            let mut job = pin!(workers.run("square 2", taken_by));
            tokio::select! {
                biased;
                process = taken => process.unwrap(),
                answer = &mut job => panic!("{answer:?}"),
            }
        };
        // Else it would answer the next job.
        wait_until_gone(process);
        let answer = workers.run("square 3", |_, _| ()).await;
        assert_eq!(answer.unwrap(), "9");
    }
}

async fn killed_while_idle() {
    let workers = Workers::new(1);
    for _ in 0..20 {
        let mut process = 0;
        let answer = workers
            .run("square 1", |_, taken_by| process = taken_by)
            .await;
        assert_eq!(answer.unwrap(), "1");
        kill(process);
        // Killed, but not dead before the last of its threads is.
        while !is_zombie(process)
            || fs::read_dir(format!("/proc/{process}/task"))
                .unwrap()
                .count()
                > 1
        {
            thread::yield_now();
        }
        let answer = workers
            .run("square 2", |_, new| assert_ne!(new, process))
            .await;
        assert_eq!(answer.unwrap(), "4");
        wait_until_gone(process);
    }
}

/// Twelve jobs on four workers, one of which is killed meanwhile: 200 times in a row.
async fn killed_at_random() {
    const JOBS: u64 = 12;
    let workers = Arc::new(Workers::new(4));
    let random = RandomState::new();
    let taken_by = Arc::new(Mutex::new(Vec::new()));
    let killed = Arc::new(Mutex::new(HashSet::new()));
    let mut hits = HashSet::new();
    // A kill that finds its victim dead already does not count.
    for round in 0_u64.. {
        if killed.lock().unwrap().len() == 200 {
            break;
        }
        let mut jobs = JoinSet::new();
        for number in 0..JOBS {
            let (workers, taken_by) = (workers.clone(), taken_by.clone());
            jobs.spawn(async move {
                let taken = |_, process| taken_by.lock().unwrap().push(process);
                let answer = workers.run(&format!("square {number}"), taken).await;
                (number, answer)
            });
        }
        let (taken_by, killed_so_far) = (taken_by.clone(), killed.clone());
        let delay = Duration::from_micros(random.hash_one(round) % 6000);
        let killer = tokio::task::spawn_blocking(move || {
            thread::sleep(delay);
            // The worker that took a job last, unless it was killed before: its id may be another's.
            if let Some(victim) = taken_by.lock().unwrap().last().copied()
                && killed_so_far.lock().unwrap().insert(victim)
            {
                kill(victim);
            }
        });
        let mut sum = 0;
        while let Some(job) = jobs.join_next().await {
            let (number, mut answer) = job.unwrap();
            while let Err(failure) = answer {
                let Failure::Died { process, .. } = failure else {
                    panic!("{failure}");
                };
                assert!(failure.to_string().contains("SIGKILL"), "{failure}");
                assert!(killed.lock().unwrap().contains(&process));
                assert!(hits.insert(process), "two jobs suffered from one kill");
                assert!(!exists(process), "it was not reaped");
                answer = workers.run(&format!("square {number}"), |_, _| ()).await;
            }
            sum += answer.unwrap().parse::<u64>().unwrap();
        }
        assert_eq!(sum, (0..JOBS).map(|number| number * number).sum::<u64>());
        killer.await.unwrap();
    }
    drop(workers);
    taken_by
        .lock()
        .unwrap()
        .iter()
        .for_each(|process| wait_until_gone(*process));
    assert!(!hits.is_empty(), "no kill came in time");
    print!("({} in the middle of a job) ", hits.len());
}

async fn grandchild() {
    let workers = Workers::new(1);
    let died = workers.run("leave-a-program", |_, _| ()).await;
    let died = died.unwrap_err();
    assert!(
        matches!(died, Failure::Died { status: Some(status), .. } if status.code() == Some(4)),
        "{died}"
    );
}

async fn standard_input() {
    let workers = Workers::new(1);
    assert_eq!(workers.run("read", |_, _| ()).await.unwrap(), "0");
    // Nor do readers that are left behind get any of the jobs.
    for _ in 0..20 {
        workers
            .run("leave-a-program running", |_, _| ())
            .await
            .unwrap();
        assert_eq!(workers.run("square 3", |_, _| ()).await.unwrap(), "9");
    }
}

async fn programs_of_jobs() {
    let workers = Workers::new(1);
    let program = workers.run("start", |_, _| ()).await.unwrap();
    drop(workers);
    wait_until_gone(program.parse().unwrap());
}

/// The workers outlive the runtime of their first job.
fn another_runtime() {
    let workers = Workers::new(1);
    let mut processes = HashSet::new();
    for _ in 0..3 {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let taken = |_, process| _ = processes.insert(process);
        let answer = runtime.block_on(workers.run("square 3", taken));
        assert_eq!(answer.unwrap(), "9");
    }
    assert_eq!(processes.len(), 1, "one worker has done it all");
}

async fn limited() {
    let workers = Workers::new(1);
    for _ in 0..3 {
        let mut process = 0;
        let hang = workers.run("hang", |_, taken_by| process = taken_by);
        let limit = Duration::from_millis(10);
        assert!(tokio::time::timeout(limit, hang).await.is_err());
        wait_until_gone(process);
        assert_eq!(workers.run("square 3", |_, _| ()).await.unwrap(), "9");
    }
}

async fn kill_one() {
    let workers = Workers::new(1);
    let died = workers.run("hang", |_, process| kill(process)).await;
    let Err(Failure::Died { status, .. }) = died else {
        panic!("{died:?}");
    };
    println!("{:?}", status.map(|status| status.signal().unwrap()));
    println!("{}", workers.run("square 3", |_, _| ()).await.unwrap());
}

async fn workers_that_end_before_their_first_job() {
    let workers = Workers::new(2);
    for _ in 0..5 {
        let died = workers.run("square 1", |_, _| ()).await.unwrap_err();
        assert!(
            matches!(died, Failure::Died { status: Some(status), .. } if status.code() == Some(3)),
            "{died}"
        );
    }
}

async fn a_parent_to_be_killed() {
    let workers = Arc::new(Workers::new(4));
    let mut jobs = JoinSet::new();
    for _ in 0..4 {
        let workers = workers.clone();
        let taken = |_, process| println!("{process}");
        jobs.spawn(async move { workers.run("hang", taken).await.map(drop) });
    }
    jobs.join_all().await;
}

fn leave_with_parent() {
    for _ in 0..5 {
        let mut parent = in_part("parent").stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(parent.stdout.take().unwrap()).lines();
        let last = |line: String| line.rsplit(' ').next().unwrap().parse().unwrap();
        let workers: Vec<u32> = lines.take(4).map(|line| last(line.unwrap())).collect();
        parent.kill().unwrap();
        parent.wait().unwrap();
        // The process that inherits them may wait for them only later.
        let running = |worker: &u32| exists(*worker) && !is_zombie(*worker);
        while workers.iter().any(running) {
            thread::yield_now();
        }
    }
}
