//! A method that locks calls another one that locks: the thread waits for itself.
use std::sync::Mutex;

struct Account(Mutex<i64>);

impl Account {
    fn balance(&self) -> i64 {
        *self.0.lock().unwrap()
    }

    fn withdraw(&self, amount: i64) {
        let mut balance = self.0.lock().unwrap();
        if self.balance() >= amount {
            *balance -= amount;
        }
    }
}

fn main() {
    let account = Account(Mutex::new(100));
    account.withdraw(10);
    println!("{}", account.balance());
}
