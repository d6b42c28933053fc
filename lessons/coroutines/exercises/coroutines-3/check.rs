//! The judge of coroutines-3: the program in every order, beside what was predicted.

mod yours;

/// The kitchen.
pub fn kitchen() {
    yours::main();
}

/// What was predicted.
pub fn answer() {
    yours::OUTPUTS
        .iter()
        .for_each(|output| println!("{output}"));
}
