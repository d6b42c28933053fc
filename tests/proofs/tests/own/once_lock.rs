//! Both ask for the value, which is made once: right.
use std::sync::OnceLock;
use std::thread;

static NAME: OnceLock<String> = OnceLock::new();

fn main() {
    let threads = [1, 2].map(|number| {
        thread::spawn(move || NAME.get_or_init(|| format!("made by {number}")).as_str())
    });
    let [one, two] = threads.map(|thread| thread.join().unwrap());
    assert_eq!(one, two);
    println!("{one}");
}
