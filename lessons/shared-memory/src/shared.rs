// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; nix 0.31 (mman).
//! Memory that a process shares with the children it forks: a value, an array, and a value
//! under a lock that survives the death of its holder. Linux only.
//!
//! The `unsafe` of sharing memory is all in this file. What it offers is safe to use, together
//! with a fork that refuses while the calling thread holds a robust lock: the child would
//! have a copy of the holder's `&mut`. `fork` itself is `unsafe`; its caller sees to that. One
//! thing remains that no type expresses: see [`SharedMutex::with`] on threads and kills.

use std::cell::UnsafeCell;
use std::hint;
use std::io;
use std::mem::MaybeUninit;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize};
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering};

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
/// If a process dies while it holds the lock, be it by `kill -9`, the system releases the
/// lock, and the next process to take it repairs the value first.
pub struct SharedMutex<T> {
    shared: Shared<Locked<T>>,
    repair: fn(&mut T),
}

struct Locked<T> {
    /// Guards `value`. Process-shared, and *robust*: the system knows who holds it.
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    /// 1 while a change is under way, so also after one that its process did not survive.
    half_done: AtomicU8,
    value: UnsafeCell<T>,
}

// SAFETY: by the mutex, only one thread of one process at a time is at the value.
unsafe impl<T: Send> Sync for Locked<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Locked<T> {}

impl<T: Plain> SharedMutex<T> {
    /// Shares `value` under a lock. Fails if the system has no memory for it.
    ///
    /// After a process died or a thread panicked in the middle of a change, the next one to
    /// take the lock calls `repair` first. If `repair` panics, or its process dies, the one
    /// after that calls it again. To give the value up instead, let `repair` panic.
    pub fn new(value: T, repair: fn(&mut T)) -> io::Result<Self> {
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
            // the others asleep without end.
            check(libc::pthread_mutexattr_setprotocol(
                attributes,
                libc::PTHREAD_PRIO_INHERIT,
            ))?;
            // A thread that takes it twice gets an error instead of waiting for itself.
            check(libc::pthread_mutexattr_settype(
                attributes,
                libc::PTHREAD_MUTEX_ERRORCHECK,
            ))?;
            check(libc::pthread_mutex_init(shared.mutex.get(), attributes))?;
            check(libc::pthread_mutexattr_destroy(attributes))?;
        }
        Ok(Self { shared, repair })
    }

    /// Waits for the lock, does `work` on the value, and releases the lock.
    ///
    /// The wait ends when the holder's `work` does, or its process. There is no limit: a
    /// holder that is stopped, or whose `work` does not return, blocks all others.
    ///
    /// Keep the value on this thread. If the process is killed, the system releases the lock as
    /// soon as this thread has ended, and another thread that `work` has lent the value to may
    /// write for a moment longer, while the next process holds the lock.
    ///
    /// Take two of these locks in the same order everywhere. Taken in opposite orders they are a
    /// deadlock; the system sees it, and the C library *aborts* the process where it does.
    ///
    /// A guard that is kept, as of a `std` mutex, would not do here: a thread may leak it and
    /// end, and then the system releases the lock under it.
    ///
    /// # Panics
    ///
    /// If `work` or the repair panics. If this thread holds the lock already, in `work`.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let Locked {
            half_done, value, ..
        } = &*self.shared;
        let _held = self.take();
        // SAFETY: this thread holds the lock, and so is alone with the value. Neither `work`
        // nor `repair` can keep the borrow, as they work for a borrow of any length.
        let value = unsafe { &mut *value.get() };
        // The lock orders what is done under it.
        if half_done.load(Ordering::Relaxed) != 0 {
            (self.repair)(value);
        }
        half_done.store(1, Ordering::Relaxed);
        let result = work(value);
        half_done.store(0, Ordering::Relaxed);
        result
    }

    /// The lock is held until what this returns is dropped.
    fn take(&self) -> Held<'_> {
        let mutex = self.shared.mutex.get();
        // Most holders are about to release the lock. To look again for a moment is much
        // quicker than to have the system put this thread to sleep and wake it up.
        let mut looks = 0;
        // SAFETY: `new` made the mutex, and it is at the same place ever since.
        let taken = loop {
            match unsafe { libc::pthread_mutex_trylock(mutex) } {
                libc::EBUSY if looks < LOOKS => hint::spin_loop(),
                libc::EBUSY => break unsafe { libc::pthread_mutex_lock(mutex) },
                taken => break taken,
            }
            looks += 1;
        };
        match taken {
            0 => {}
            // SAFETY: as above. This makes the lock fit for use again, not the value.
            libc::EOWNERDEAD => _ = unsafe { libc::pthread_mutex_consistent(mutex) },
            error => panic!("cannot take the lock: {}", Errno::from_raw(error).desc()),
        }
        Held(&self.shared.mutex)
    }
}

/// The lock of this mutex, held by this thread.
struct Held<'a>(&'a UnsafeCell<libc::pthread_mutex_t>);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread holds the lock.
        unsafe { libc::pthread_mutex_unlock(self.0.get()) };
    }
}

fn check(error: libc::c_int) -> io::Result<()> {
    match error {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}
