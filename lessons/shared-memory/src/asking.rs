//! Acts 5 and 6: no memory is shared. One process owns the data, and the others ask it.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

use timing::say;

use crate::children::Children;
use crate::manager::{Client, Store, manager};
use crate::shared::Shared;

/// The manager answers one request at a time, so nothing needs a lock.
pub fn ask_the_manager() -> io::Result<Store> {
    let (mut processes, mut client) = manager_and_tills(|till, mut client| {
        for sale in 1..=20 {
            client.append(sale).expect("a living manager");
            client.put(till, sale).expect("a living manager");
        }
    })?;
    // The tills leave. The manager stays for its last client, the parent.
    processes.wait_until_left(1)?;
    let (till_1, till_9) = (client.get("till 1")?, client.get("till 9")?);
    say!("till 1: {till_1:?}, till 9: {till_9:?}");
    say!("length of the list: {}", client.length()?);
    let store = client.snapshot()?;
    drop(client);
    processes.wait_until_left(0)?;
    Ok(store)
}

/// A killed manager's ends of the pipes close, so every client gets an error at once. How many
/// tills got one?
pub fn killed_while_others_ask_it() -> io::Result<u32> {
    let told = Shared::new(AtomicU32::new(0))?;
    let (mut processes, mut client) = manager_and_tills(|till, mut client| {
        while client.put(till, 1).is_ok() {}
        told.fetch_add(1, SeqCst);
    })?;
    thread::sleep(timing::seconds(0.5));
    processes.kill("manager");
    processes.wait_until_left(0)?;
    if let Err(error) = client.length() {
        say!("parent: {error}");
    }
    Ok(told.load(SeqCst))
}

/// A manager and three tills, each in its own process, and a client for the parent. Each process
/// drops the clients that are not its own: as long as a copy is open, no end of file comes.
fn manager_and_tills(job: impl Fn(&str, Client) + Sync) -> io::Result<(Children, Client)> {
    let (manager, mut clients) = manager(4)?;
    let mut processes = Children::default();
    processes.start("manager", || {
        clients.clear();
        manager.serve().expect("requests of our clients");
    })?;
    for till in ["till 1", "till 2", "till 3"] {
        let client = clients.remove(0);
        processes.start(till, || {
            clients.clear();
            job(till, client)
        })?;
    }
    Ok((processes, clients.remove(0)))
}
