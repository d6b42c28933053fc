// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; nix 0.31 (mman).
//! Memory that a process shares with the children it forks: a value, an array, and a value
//! under a lock that survives the death of its holder. Linux only. Needs the crate `nix`
//! with `mman`.
//!
//! The `unsafe` of sharing memory is all in this file; what it offers is safe to use.

use std::cell::UnsafeCell;
use std::fmt;
use std::hint;
use std::io;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::num::NonZeroUsize;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::*;
use std::thread;

use nix::errno::Errno;
use nix::libc;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};

/// What may live in shared memory: integers, floats, atomics, and arrays and tuples of them.
///
/// # Safety
///
/// The value must not point to anything: another process has memory of its own at that
/// address. Every pattern of bits must be a value of the type: a process may be killed
/// when half of one is written (so no `bool`, no `enum`). It must not need to be dropped.
pub unsafe trait Plain: Send + Sync {}

macro_rules! plain {
    ($($number:ty)*) => { $(
        // SAFETY: any bits are a number, and it points nowhere.
        unsafe impl Plain for $number {}
    )* };
}
plain!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);
plain!(AtomicU8 AtomicU16 AtomicU32 AtomicU64 AtomicUsize);
plain!(AtomicI8 AtomicI16 AtomicI32 AtomicI64 AtomicIsize);

// SAFETY: they are nothing but their parts, and those are plain.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}
// SAFETY: likewise; the gaps between the parts are never read.
unsafe impl<A: Plain, B: Plain> Plain for (A, B) {}
// SAFETY: likewise.
unsafe impl<A: Plain, B: Plain, C: Plain> Plain for (A, B, C) {}

/// A value, or as `Shared<[T]>` an array, that this process and the children it forks
/// later have in common. What changes is made of atomics: there is only `&T` to be had.
///
/// The memory has no name. It is freed when the last process that has it drops this or
/// ends, in whatever way: nothing is left behind.
pub struct Shared<T: ?Sized> {
    memory: NonNull<T>,
}

// SAFETY: like a `Box<T>`, it owns a `T`, and hands out nothing but `&T`.
unsafe impl<T: ?Sized + Send + Sync> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send + Sync> Sync for Shared<T> {}

impl<T: Plain> Shared<T> {
    /// Shares `value`. Fails if the system has no memory for it.
    pub fn new(value: T) -> io::Result<Self> {
        Self::place(value)
    }
}

impl<T: Plain> Shared<[T]> {
    /// Shares an array of `length` values, all zero. Fails if the system has no memory
    /// for it.
    pub fn array(length: usize) -> io::Result<Self> {
        // Zeros are as good a value as any other bits: `T` is plain.
        let memory = NonNull::slice_from_raw_parts(map::<T>(length)?, length);
        Ok(Self { memory })
    }
}

impl<T> Shared<T> {
    /// For any type: it is up to the caller that it is fit for being shared.
    fn place(value: T) -> io::Result<Self> {
        let memory = map::<T>(1)?;
        // SAFETY: there is room for a `T`, and nobody else knows the place yet.
        unsafe { memory.write(value) };
        Ok(Self { memory })
    }
}

/// New memory, all zero, with room for `count` values of `T`.
fn map<T>(count: usize) -> io::Result<NonNull<T>> {
    const { assert!(align_of::<T>() <= 4096, "a page is not aligned enough") };
    let length = size_of::<T>().checked_mul(count).ok_or(Errno::ENOMEM)?;
    let length = NonZeroUsize::new(length).unwrap_or(NonZeroUsize::MIN);
    let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    // SAFETY: the system chooses a free place, so no other memory is replaced.
    let memory = unsafe { mmap_anonymous(None, length, access, MapFlags::MAP_SHARED)? };
    Ok(memory.cast())
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: a `T` is there, and stays there until `drop`. The other processes have
        // `&T` as well, like other threads, and change it only as `T: Sync` lets them.
        unsafe { self.memory.as_ref() }
    }
}

impl<T: ?Sized> Drop for Shared<T> {
    fn drop(&mut self) {
        let length = size_of_val::<T>(self).max(1);
        // SAFETY: all of what `map` made and no more; no borrow of it outlives `self`.
        let _ = unsafe { munmap(self.memory.cast(), length) };
    }
}

/// How often to look whether the lock is free before going to sleep: about a microsecond.
const LOOKS: u32 = 100;

/// A value under a lock that this process and the children it forks later have in common.
///
/// If a process dies while it holds the lock, be it by `kill -9`, the system lets go of
/// the lock, and the next one to take it is told. A holder that lives on and never lets
/// go blocks the others for ever, as with any lock.
pub struct SharedMutex<T> {
    shared: ManuallyDrop<Shared<Locked<T>>>,
}

struct Locked<T> {
    /// Guards `value`. Process-shared, and *robust*: the system knows who holds it.
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    /// A holder died or panicked, and nobody has seen to the value yet.
    half_done: AtomicU8,
    value: UnsafeCell<T>,
}

// SAFETY: by the mutex, only one thread of one process at a time is at the value.
unsafe impl<T: Send> Sync for Locked<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Locked<T> {}

impl<T: Plain> SharedMutex<T> {
    /// Shares `value` under a lock. Fails if the system has no memory for it.
    pub fn new(value: T) -> io::Result<Self> {
        let shared = Shared::place(Locked {
            mutex: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER),
            half_done: AtomicU8::new(0),
            value: UnsafeCell::new(value),
        })?;
        let mut attributes = MaybeUninit::uninit();
        let attributes = attributes.as_mut_ptr();
        // SAFETY: the attributes are made before they are used. The mutex is where it
        // stays from now on, and nobody else knows it yet.
        unsafe {
            check(libc::pthread_mutexattr_init(attributes))?;
            let shared_by_processes = libc::PTHREAD_PROCESS_SHARED;
            check(libc::pthread_mutexattr_setpshared(
                attributes,
                shared_by_processes,
            ))?;
            check(libc::pthread_mutexattr_setrobust(
                attributes,
                libc::PTHREAD_MUTEX_ROBUST,
            ))?;
            // *Priority inheritance*: the system itself hands the lock to the next one in the
            // queue. Else one that is woken, and killed before it takes the lock, may leave
            // the others asleep for ever.
            check(libc::pthread_mutexattr_setprotocol(
                attributes,
                libc::PTHREAD_PRIO_INHERIT,
            ))?;
            // Who takes it twice gets an error instead of waiting for itself for ever.
            check(libc::pthread_mutexattr_settype(
                attributes,
                libc::PTHREAD_MUTEX_ERRORCHECK,
            ))?;
            check(libc::pthread_mutex_init(shared.mutex.get(), attributes))?;
            check(libc::pthread_mutexattr_destroy(attributes))?;
        }
        let shared = ManuallyDrop::new(shared);
        Ok(Self { shared })
    }

    /// Waits for the lock, and holds it until the guard is dropped.
    ///
    /// # Errors
    ///
    /// [`HolderDied`] if a process died or a thread panicked while it held the lock. The
    /// error contains the guard.
    ///
    /// # Panics
    ///
    /// If this thread holds the lock already.
    pub fn lock(&self) -> Result<SharedGuard<'_, T>, HolderDied<'_, T>> {
        let mutex = self.shared.mutex.get();
        // Whoever holds the lock is mostly about to let it go. To look again for a moment is
        // much quicker than to have the system put us to sleep and wake us up.
        for _ in 0..LOOKS {
            // SAFETY: `new` made the mutex, and it is at the same place ever since.
            match unsafe { libc::pthread_mutex_trylock(mutex) } {
                libc::EBUSY => hint::spin_loop(),
                taken => return self.taken(taken),
            }
        }
        // SAFETY: as above.
        self.taken(unsafe { libc::pthread_mutex_lock(mutex) })
    }
}

impl<T> SharedMutex<T> {
    /// What to make of the answer to an attempt to take the lock.
    fn taken(&self, error: libc::c_int) -> Result<SharedGuard<'_, T>, HolderDied<'_, T>> {
        match error {
            0 => {}
            libc::EOWNERDEAD => {
                self.shared.half_done.store(1, Ordering::SeqCst);
                // SAFETY: this thread has the mutex now. (The *lock* is fit for use
                // again; whether the value is, `half_done` remembers.)
                unsafe { libc::pthread_mutex_consistent(self.shared.mutex.get()) };
            }
            error => panic!("cannot take the lock: {}", Errno::from_raw(error).desc()),
        }
        let guard = SharedGuard {
            locked: &self.shared,
            this_thread_only: PhantomData,
        };
        match self.shared.half_done.load(Ordering::SeqCst) {
            0 => Ok(guard),
            _ => Err(HolderDied(guard)),
        }
    }
}

impl<T> Drop for SharedMutex<T> {
    fn drop(&mut self) {
        // SAFETY: as in `lock`.
        let error = unsafe { libc::pthread_mutex_trylock(self.shared.mutex.get()) };
        if let 0 | libc::EOWNERDEAD = error {
            drop(self.taken(error));
            // SAFETY: nothing comes after `drop`.
            unsafe { ManuallyDrop::drop(&mut self.shared) };
        }
        // Else somebody holds it, perhaps this very process, by a guard that was leaked. The
        // system's list of the locks we hold leads here then: the memory stays.
    }
}

fn check(error: libc::c_int) -> io::Result<()> {
    match error {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

/// The lock is held, and the value at hand, until this is dropped.
#[must_use = "the lock is let go as soon as its guard is dropped"]
pub struct SharedGuard<'a, T> {
    locked: &'a Locked<T>,
    /// Only the thread that took the lock can let it go: a guard is not `Send`.
    this_thread_only: PhantomData<*const ()>,
}

impl<T> Deref for SharedGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: whoever holds the lock is alone with the value.
        unsafe { &*self.locked.value.get() }
    }
}

impl<T> DerefMut for SharedGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and there is only this guard, borrowed exclusively.
        unsafe { &mut *self.locked.value.get() }
    }
}

impl<T> Drop for SharedGuard<'_, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.locked.half_done.store(1, Ordering::SeqCst);
        }
        // SAFETY: this thread holds the lock.
        unsafe { libc::pthread_mutex_unlock(self.locked.mutex.get()) };
    }
}

/// Somebody died or panicked while holding the lock: the value may be half changed.
///
/// This holds the lock. If it is dropped, the next one to take the lock is told as well.
pub struct HolderDied<'a, T>(SharedGuard<'a, T>);

impl<'a, T> HolderDied<'a, T> {
    /// The guard, to see to the value: it counts as whole from now on, unless you die
    /// as well before you drop the guard.
    pub fn into_guard(self) -> SharedGuard<'a, T> {
        self.0.locked.half_done.store(0, Ordering::SeqCst);
        self.0
    }
}

impl<T> fmt::Debug for HolderDied<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HolderDied(..)")
    }
}
