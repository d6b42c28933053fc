//! A buffer for one value, with one condition for both sides: right.
use std::sync::{Condvar, Mutex};
use std::thread;

struct Buffer {
    value: Mutex<Option<u32>>,
    changed: Condvar,
}

impl Buffer {
    fn put(&self, value: u32) {
        let full = |place: &mut Option<u32>| place.is_some();
        let mut place = self.changed.wait_while(self.value.lock().unwrap(), full).unwrap();
        *place = Some(value);
        self.changed.notify_all();
    }

    fn take(&self) -> u32 {
        let empty = |place: &mut Option<u32>| place.is_none();
        let mut place = self.changed.wait_while(self.value.lock().unwrap(), empty).unwrap();
        self.changed.notify_all();
        place.take().unwrap()
    }
}

fn main() {
    let buffer = Buffer { value: Mutex::new(None), changed: Condvar::new() };
    thread::scope(|scope| {
        scope.spawn(|| (1..=2).for_each(|value| buffer.put(value)));
        let taken = [buffer.take(), buffer.take()];
        println!("{taken:?}");
        assert_eq!(taken, [1, 2]);
    });
}
