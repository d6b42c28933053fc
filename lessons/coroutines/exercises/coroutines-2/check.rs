//! The judge of coroutines-2.

mod yours;

use std::cell::RefCell;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use yours::Prices;

/// Three prices, with a lookup of one second each; and then again.
pub async fn different() {
    let (start, asked) = (Instant::now(), RefCell::default());
    let prices = Prices::new(async |name: &str| look_up(name, &asked).await);
    let three = async || tokio::join!(prices.of("tea"), prices.of("cocoa"), prices.of("water"));
    assert_eq!(in_time(three()).await, (3, 5, 5), "of tea, cocoa, water");
    let otherwise = "different prices are looked up one after the other";
    at_most(1, start, otherwise);
    in_time(three()).await;
    let asked = asked.borrow();
    assert!(asked.len() == 3, "asked twice, looked up: {asked:?}");
}

/// Two ask for the same price, and a third one half a second later.
pub async fn the_same() {
    let (start, asked) = (Instant::now(), RefCell::default());
    let prices = Prices::new(async |name: &str| look_up(name, &asked).await);
    let later = async {
        sleep(Duration::from_millis(500)).await;
        prices.of("tea").await
    };
    let all = async { tokio::join!(prices.of("tea"), prices.of("tea"), later) };
    assert_eq!(
        in_time(all).await,
        (3, 3, 3),
        "the price of tea, three times"
    );
    let asked = asked.borrow();
    assert!(
        asked.len() == 1,
        "all want the price of tea, looked up: {asked:?}"
    );
    let otherwise = "tasks that want the same price do not get it together";
    at_most(1, start, otherwise);
}

/// One asks and does not wait for the answer: another one still gets it.
pub async fn one_goes_away() {
    let asked = RefCell::default();
    let prices = Prices::new(async |name: &str| look_up(name, &asked).await);
    let short = timeout(Duration::from_millis(500), prices.of("tea"));
    let (_, price) = in_time(async { tokio::join!(short, prices.of("tea")) }).await;
    assert_eq!(price, 3, "of tea");
}

/// How long something takes at most.
fn at_most(seconds: u64, start: Instant, otherwise: &str) {
    let took = start.elapsed().as_secs();
    assert!(
        took <= seconds,
        "too slow: it took {took} s of the paused clock, at most {seconds} s are allowed: {otherwise}"
    );
}

/// Takes a second: as many coins as the name has letters.
async fn look_up(name: &str, asked: &RefCell<Vec<String>>) -> u32 {
    asked.borrow_mut().push(name.to_owned());
    sleep(Duration::from_secs(1)).await;
    name.len() as u32
}

/// On a clock that stands still while a task can go on; a thread that blocks is noticed as well.
async fn in_time<T>(work: impl Future<Output = T>) -> T {
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(2));
        let told = || panic!("the thread is blocked, and no task can go on");
        let _ = std::panic::catch_unwind(told);
        std::process::exit(1);
    });
    let done = timeout(Duration::from_secs(60), work).await;
    done.unwrap_or_else(|_| panic!("a task still waits after 60 s"))
}
