// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; nix 0.31 (mman).
//! Memory that a process shares with the children it forks: a value, an array, and a value under
//! a lock that survives the death of its holder. Linux only.
//!
//! All `unsafe` code of sharing memory is in this file. Its functions are safe to use if no
//! thread forks while it holds a robust lock: the child would have a copy of the holder's `&mut`.
//! `fork` is `unsafe`, and its caller must guarantee this. One rule cannot be expressed in types:
//! see [`SharedMutex::with`] on threads and kills.

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

/// Types that may be in shared memory: integers, floats, atomics, and arrays and tuples of them.
///
/// # Safety
///
/// The value must not contain a pointer: at that address another process has other memory. Every
/// pattern of bits must be a valid value, because a process may be killed when it has written half
/// of one (so no `bool`, no `enum`). The type must not need to be dropped.
pub unsafe trait Plain: Send + Sync {}

macro_rules! plain {
    ($($number:ty)*) => { $(
        // SAFETY: any bits are a number, and a number is no pointer.
        unsafe impl Plain for $number {}
    )* };
}
plain!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);
plain!(AtomicU8 AtomicU16 AtomicU32 AtomicU64 AtomicUsize);
plain!(AtomicI8 AtomicI16 AtomicI32 AtomicI64 AtomicIsize);

// SAFETY: an array consists of its parts only, and these are plain.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}
// SAFETY: likewise; the padding between the parts is never read.
unsafe impl<A: Plain, B: Plain> Plain for (A, B) {}
// SAFETY: likewise.
unsafe impl<A: Plain, B: Plain, C: Plain> Plain for (A, B, C) {}

/// A value, or as `Shared<[T]>` an array, that this process shares with the children that it forks
/// later. It only gives you `&T`, so use atomics for what changes.
///
/// The memory has no name. The system frees it when the last process that has it drops this or
/// ends, in whatever way.
pub struct Shared<T: ?Sized> {
    memory: NonNull<T>,
}

// SAFETY: like a `Box<T>`, it owns a `T`, and it only gives out `&T`.
unsafe impl<T: ?Sized + Send + Sync> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send + Sync> Sync for Shared<T> {}

impl<T: Plain> Shared<T> {
    /// Shares `value`.
    ///
    /// # Errors
    ///
    /// If the system has no memory for it.
    pub fn new(value: T) -> io::Result<Self> {
        Self::place(value)
    }
}

impl<T: Plain> Shared<[T]> {
    /// Shares an array of `length` values, all zero.
    ///
    /// # Errors
    ///
    /// If the system has no memory for it.
    pub fn array(length: usize) -> io::Result<Self> {
        // `T` is plain, so zeros are a valid value.
        let memory = NonNull::slice_from_raw_parts(map::<T>(length)?, length);
        Ok(Self { memory })
    }
}

impl<T> Shared<T> {
    /// For any type: the caller must know that it may be shared.
    fn place(value: T) -> io::Result<Self> {
        let memory = map::<T>(1)?;
        // SAFETY: there is room for a `T`, and no one else knows the address yet.
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
    // SAFETY: the system chooses a free address, so no other memory is replaced.
    let memory = unsafe { mmap_anonymous(None, length, access, MapFlags::MAP_SHARED)? };
    Ok(memory.cast())
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: a `T` is at this address until `drop`. Other processes have only `&T` as well,
        // as other threads do, and can only change what `T: Sync` allows.
        unsafe { self.memory.as_ref() }
    }
}

impl<T: ?Sized> Drop for Shared<T> {
    fn drop(&mut self) {
        let length = size_of_val::<T>(self).max(1);
        // SAFETY: this is exactly what `map` made, and no borrow of it outlives `self`.
        let _ = unsafe { munmap(self.memory.cast(), length) };
    }
}

/// How often to check whether the lock is free before going to sleep: about a microsecond.
const LOOKS: u32 = 100;

/// A value under a lock, shared by this process and the children that it forks later.
///
/// If a process dies while it holds the lock, even by `kill -9`, the system releases the lock.
/// The next process that acquires it repairs the value first.
pub struct SharedMutex<T> {
    shared: Shared<Locked<T>>,
    repair: fn(&mut T),
}

struct Locked<T> {
    /// Guards `value`. Process-shared, and *robust*: the system knows who holds it.
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    /// 1 while a change is in progress, and so also after a change that was not completed.
    half_done: AtomicU8,
    value: UnsafeCell<T>,
}

// SAFETY: the mutex lets only one thread of one process at a time access the value.
unsafe impl<T: Send> Sync for Locked<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Locked<T> {}

impl<T: Plain> SharedMutex<T> {
    /// Shares `value` under a lock.
    ///
    /// If a process dies or a thread panics in the middle of a change, the next holder of the
    /// lock calls `repair` first. If `repair` panics, or its process dies, the holder after that
    /// calls it again. To give up the value instead, let `repair` panic.
    ///
    /// # Errors
    ///
    /// If the system has no memory for it.
    pub fn new(value: T, repair: fn(&mut T)) -> io::Result<Self> {
        let shared = Shared::place(Locked {
            mutex: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER),
            half_done: AtomicU8::new(0),
            value: UnsafeCell::new(value),
        })?;
        let mut attributes = MaybeUninit::uninit();
        let attributes = attributes.as_mut_ptr();
        // SAFETY: the attributes are initialised before they are used. The mutex will not move,
        // and no one else knows its address yet.
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
            // *Priority inheritance*: the kernel itself passes the lock to the next waiter.
            // Otherwise a waiter could be woken, and killed before it acquires the lock, and the
            // others would sleep forever.
            check(libc::pthread_mutexattr_setprotocol(
                attributes,
                libc::PTHREAD_PRIO_INHERIT,
            ))?;
            // A thread that locks it twice gets an error instead of a deadlock.
            check(libc::pthread_mutexattr_settype(
                attributes,
                libc::PTHREAD_MUTEX_ERRORCHECK,
            ))?;
            check(libc::pthread_mutex_init(shared.mutex.get(), attributes))?;
            check(libc::pthread_mutexattr_destroy(attributes))?;
        }
        Ok(Self { shared, repair })
    }

    /// Acquires the lock, does `work` on the value, and releases the lock.
    ///
    /// Blocks until the holder's `work` has returned, or its process has ended. There is no
    /// time-out: a holder that is stopped, or whose `work` does not return, blocks all others.
    ///
    /// Use the value on this thread only. When a process is killed, the system releases the lock
    /// as soon as this thread has ended. If `work` has lent the value to another thread, that
    /// thread may write for a moment longer, while the next process already holds the lock.
    ///
    /// Acquire two of these locks in the same order everywhere. Opposite orders are a deadlock;
    /// the kernel detects it, and the C library *aborts* the process.
    ///
    /// There is no guard as of a `std` mutex: a thread could leak the guard and end, and then the
    /// system would release the lock while the guard still exists.
    ///
    /// # Panics
    ///
    /// If `work` or the repair panics. If this thread already holds the lock, inside `work`.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let Locked {
            half_done, value, ..
        } = &*self.shared;
        let _held = self.take();
        // SAFETY: this thread holds the lock, so it is alone with the value.
        // Neither `work` nor `repair` can keep the borrow, because both
        // must accept a borrow of any lifetime.
        let value = unsafe { &mut *value.get() };
        // `Relaxed` is enough: the lock orders all that is done under it.
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
        // Most holders release the lock soon. Checking again for a moment is much faster than
        // having the system put this thread to sleep and wake it up.
        let mut looks = 0;
        // SAFETY: `new` initialised the mutex, and it has not moved since.
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
            // The owner died. SAFETY: as above. This makes the lock usable again, not the value.
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
