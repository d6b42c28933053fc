//! One of those that meet at a barrier is the leader: the last to come.
use std::sync::Barrier;
use std::thread;

fn main() {
    let barrier = Barrier::new(2);
    let leads = thread::scope(|scope| {
        let other = scope.spawn(|| barrier.wait().is_leader());
        [barrier.wait().is_leader(), other.join().unwrap()]
    });
    assert_ne!(leads[0], leads[1]);
    println!("main leads: {}", leads[0]);
}
