//! A stack of indices: the top is the same again, but what is below it is not.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

const NONE: usize = 9;

struct Stack {
    top: AtomicUsize,
    below: [AtomicUsize; 2],
}

impl Stack {
    fn pop(&self) -> Option<usize> {
        loop {
            let top = self.top.load(SeqCst);
            if top == NONE {
                return None;
            }
            let below = self.below[top].load(SeqCst);
            if self.top.compare_exchange(top, below, SeqCst, SeqCst).is_ok() {
                return Some(top);
            }
        }
    }

    fn push(&self, index: usize) {
        loop {
            let top = self.top.load(SeqCst);
            self.below[index].store(top, SeqCst);
            if self.top.compare_exchange(top, index, SeqCst, SeqCst).is_ok() {
                return;
            }
        }
    }
}

fn main() {
    // 0 lies on 1.
    let below = [AtomicUsize::new(1), AtomicUsize::new(NONE)];
    let stack = Stack { top: AtomicUsize::new(0), below };
    let taken = thread::scope(|scope| {
        let other = scope.spawn(|| stack.pop());
        let first = stack.pop();
        let second = stack.pop();
        if let Some(index) = first {
            stack.push(index);
        }
        (second, other.join().unwrap(), stack.pop(), stack.pop())
    });
    let (second, other, third, fourth) = taken;
    let mut all: Vec<_> = [second, other, third, fourth].into_iter().flatten().collect();
    all.sort_unstable();
    assert_eq!(all, [0, 1], "an index is taken twice, or lost");
}
