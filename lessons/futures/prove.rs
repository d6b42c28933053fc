//! One worker and two jobs, one of which may be cancelled in time, in every order of their steps:
//! `just prove` in the tutorial's folder, with the path of this file.

#[path = "src/executor.rs"]
mod executor;

use executor::Executor;

fn main() {
    let executor = Executor::new(1).unwrap();
    let one = executor.submit(|| 1);
    let two = executor.submit(|| 2);
    let in_time = two.cancel();
    assert_eq!(one.result().unwrap(), 1);
    match two.result() {
        Ok(two) => assert!(!in_time && two == 2),
        Err(why) => println!("{why}"),
    }
}
