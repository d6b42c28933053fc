//! It is right, and takes more steps than the search follows.
fn main() {
    for number in 0..100_000 {
        println!("{number}");
    }
}
