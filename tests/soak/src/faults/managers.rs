//! Managers killed under their clients, and clients killed under their manager.

use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use rand::{RngExt, rngs::SmallRng};

use super::pause;
use crate::pieces::forks::Children;
use crate::pieces::manager::{Client, manager};
use crate::pieces::shared::Shared;
use crate::tally::{Count, Outcome, Tally};

const CLIENTS: usize = 3;

/// What the clients found, in memory that they share: a client that is killed has
/// written down what it got before.
type Found = Shared<[AtomicU64]>;
const RIGHT: usize = 0;
const TOLD: usize = 1;
const WRONG: usize = 2;

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    for _ in 0..10 {
        let found = Shared::array(3)?;
        let (manager, mut ends) = manager(CLIENTS + 1)?;
        let mut children = Children::default();
        children.start("manager", || {
            ends.clear();
            manager.serve().expect("only requests come");
        })?;
        for number in 1..=CLIENTS {
            let client = ends.remove(0);
            children.start(format!("client {number}"), || {
                ends.clear();
                ask_for_ever(client, number, &found);
            })?;
        }
        let mut ours = ends.remove(0);
        pause(dice, 6000);
        tally[Count::Faults] += 1;
        let expected_told = if dice.random() {
            // The manager: every client is told.
            children.kill("manager");
            children.wait_until_left(0)?;
            if ours.length().map_err(|error| error.kind()) != Err(ErrorKind::BrokenPipe) {
                tally.job(Outcome::Wrong("a dead manager answers".into()));
            }
            CLIENTS as u64
        } else {
            // One client, or all of them: the manager goes on, and has all that was answered.
            for number in 1..=dice.random_range(1..=CLIENTS) {
                children.kill(&format!("client {number}"));
            }
            let answered = found[RIGHT].load(SeqCst) / 4;
            let listed = ours.length()? as u64;
            if listed < answered {
                tally.job(Outcome::Wrong(format!("only {listed} are listed")));
            }
            0
        };
        drop(children);
        let [right, told, wrong] = [RIGHT, TOLD, WRONG].map(|place| found[place].load(SeqCst));
        (0..right).for_each(|_| tally.job(Outcome::Right));
        (0..told).for_each(|_| tally.job(Outcome::Told));
        (0..wrong).for_each(|_| tally.job(Outcome::Wrong("a client's answer".into())));
        (told + wrong..expected_told).for_each(|_| tally.job(Outcome::Lost));
    }
    Ok(())
}

/// What was whole stays whole: each answer is right, or there is an error.
fn ask_for_ever(mut client: Client, number: usize, found: &Found) {
    let name = format!("{number} {}", "x".repeat(1000));
    let mut ask = |value: i64| -> io::Result<bool> {
        client.put(&name, value)?;
        client.append(value)?;
        let same = client.get(&name)? == Some(value);
        let store = client.snapshot()?;
        let listed = store.list.iter().filter(|listed| **listed >= value).count();
        Ok(same && store.dictionary.get(&name) == Some(&value) && listed > 0)
    };
    for value in 0.. {
        let found_out = match ask(value).map_err(|error| error.kind()) {
            Ok(true) => {
                found[RIGHT].fetch_add(4, SeqCst);
                continue;
            }
            Err(ErrorKind::BrokenPipe) => TOLD,
            _ => WRONG,
        };
        found[found_out].fetch_add(1, SeqCst);
        return;
    }
}
