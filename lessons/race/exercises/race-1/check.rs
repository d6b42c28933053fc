//! The judge of race-1: the program in every order, beside what was predicted.

mod yours;

pub fn tills() {
    yours::main();
}

pub fn answer() {
    yours::OUTPUTS
        .iter()
        .for_each(|output| println!("{output}"));
}
