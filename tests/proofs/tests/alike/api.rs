//! One thread, and what each type of `std::sync` shows and counts: the same with the models.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicPtr, AtomicU8, Ordering::SeqCst};
use std::sync::*;
use std::thread;

static MEETING: Barrier = Barrier::new(1);

struct Round(Weak<Round>);

fn main() {
    let lock = RwLock::from(5);
    println!("{} {:?}", lock.read().unwrap(), lock.read().unwrap());
    println!("{} {lock:?}", lock.write().unwrap());
    println!("{lock:?}");
    let reader = RwLockWriteGuard::downgrade(lock.write().unwrap());
    println!("{reader} {} {:?}", lock.read().unwrap(), lock.try_write().is_err());
    drop(reader);
    println!("{:?}", lock.try_write());

    let mutex = Mutex::new("text");
    println!("{mutex:?}");
    let guard = mutex.lock().unwrap();
    println!("{guard} {guard:?} {mutex:?}");
    drop(guard);
    let _ = catch_unwind(|| {
        let _guard = mutex.lock().unwrap();
        panic!("poison");
    });
    println!("{mutex:?}");

    let once = Once::new();
    println!("{once:?}");
    let _ = catch_unwind(AssertUnwindSafe(|| once.call_once(|| panic!("poison"))));
    println!("{}", catch_unwind(AssertUnwindSafe(|| once.wait())).is_err());
    once.call_once_force(|state| println!("{state:?} {}", state.is_poisoned()));
    once.wait();
    once.wait_force();

    let mut cell = OnceLock::new();
    println!("{cell:?}");
    cell.set(7).unwrap();
    println!("{cell:?} {} {}", cell.wait(), cell == OnceLock::from(7));
    println!("{:?} {:?}", cell.clone(), cell.take());
    println!("{cell:?}");

    let mut lazy = LazyLock::new(|| 2);
    println!("{lazy:?} {:?}", LazyLock::get(&lazy));
    *lazy += 1;
    println!("{lazy:?} {}", *lazy);
    println!("{:?}", LazyLock::get_mut(&mut lazy));

    println!("{:?} {MEETING:?} {:?}", Condvar::new(), MEETING.wait());
    let (sender, receiver) = mpsc::channel::<u8>();
    println!("{sender:?} {receiver:?} {:?} {:?}", receiver.iter(), receiver.try_iter());
    drop(sender);
    println!("{:?}", receiver.into_iter());
    println!("{:?}", mpsc::sync_channel::<u8>(1).0);

    let mut shared = Arc::new(3);
    let other = Arc::clone(&shared);
    let weak = Arc::downgrade(&shared);
    println!("{shared} {shared:?} {weak:?} {}", shared == other);
    println!("{} {}", weak.strong_count(), weak.weak_count());
    *Arc::make_mut(&mut shared) += 1;
    println!("{shared} {other} {} {}", shared > other, weak.strong_count());
    let mut other = other;
    *Arc::make_mut(&mut other) += 4;
    println!("{other} {:?} {}", weak.upgrade(), weak.ptr_eq(&weak.clone()));
    println!("{} {}", Arc::unwrap_or_clone(shared.clone()), Arc::unwrap_or_clone(shared));
    let round = Arc::new_cyclic(|weak: &Weak<Round>| {
        println!("{}", weak.upgrade().is_none());
        Round(weak.clone())
    });
    println!("{}", round.0.strong_count());
    println!("{} {:?}", Weak::<u8>::new().strong_count(), Weak::<u8>::default().upgrade());
    println!("{}", HashSet::from([Arc::new(1), Arc::new(1)]).contains(&1));

    let number = AtomicU8::new(1);
    println!("{} {number:?}", number.update(SeqCst, SeqCst, |it| it + 1));
    println!("{}", AtomicPtr::<u8>::default().load(SeqCst).is_null());
    println!("{:?} {:?}", thread::current().id(), thread::current().name());
}
