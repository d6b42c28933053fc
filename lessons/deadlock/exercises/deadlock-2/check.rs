//! The judge of deadlock-2.

mod yours;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use yours::Table;

/// All of them are hungry.
fn dinner(seats: usize) {
    let table = &Table::new(seats);
    let meals: Vec<u32> = thread::scope(|scope| {
        let dine = |seat| {
            let mut meals = 0;
            table.dine(seat, || meals += 1);
            meals
        };
        let guests: Vec<_> = (0..seats)
            .map(|seat| scope.spawn(move || dine(seat)))
            .collect();
        guests
            .into_iter()
            .map(|guest| guest.join().unwrap())
            .collect()
    });
    for (seat, meals) in meals.into_iter().enumerate() {
        assert!(meals == 1, "philosopher {seat} has eaten {meals} times");
    }
}

/// Two at a table with two forks.
pub fn two_philosophers() {
    dinner(2);
}

/// Three at a table with three forks.
pub fn three_philosophers() {
    dinner(3);
}

/// Two at a table with four forks: how many of them eat at the same time, at most.
fn at_once(seats: [usize; 2]) -> u32 {
    let (table, eating) = (&Table::new(4), &AtomicU32::new(0));
    let eat = || {
        let others = eating.fetch_add(1, SeqCst);
        eating.fetch_sub(1, SeqCst);
        others + 1
    };
    thread::scope(|scope| {
        let guests = seats.map(|seat| {
            scope.spawn(move || {
                let mut most = 0;
                table.dine(seat, || most = eat());
                most
            })
        });
        let most = guests.map(|guest| guest.join().unwrap());
        most[0].max(most[1])
    })
}

fn one_after_the_other(seats: [usize; 2]) {
    let [one, other] = seats;
    let most = at_once(seats);
    assert!(most == 1, "{one} and {other} use the same fork at once");
}

/// Philosophers who sit side by side share a fork.
pub fn side_by_side() {
    one_after_the_other([0, 1]);
}

/// The last one and the first sit side by side as well.
pub fn last_and_first() {
    one_after_the_other([3, 0]);
}

/// Philosophers who do not sit side by side have four forks between them.
pub fn far_from_each_other() {
    if at_once([0, 2]) == 2 {
        println!("two eat at once");
    }
}
