//! What is done once: looking whether it is done is a step, and so is the end of doing it.

use interleave::{Flag, Id, PerRun, Ready, Slot, acquire, changed, did, is_unwinding, release};
use interleave::{step, step_at};
use real_std::fmt;
use real_std::mem::take;
use real_std::ops::{Deref, DerefMut};
use real_std::panic::Location;
use real_std::sync::{Arc, Mutex};

/// The state of a [`Once`]: how far it is, and who waits.
#[derive(Debug)]
struct State {
    id: Id,
    /// No thread is at it.
    idle: Flag,
    /// It has come to an end, by a panic or not.
    over: Flag,
    at: Mutex<At>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Start,
    Poisoned,
    Done,
}

impl Default for State {
    fn default() -> Self {
        Self {
            id: Id::new(),
            idle: Flag::new(true),
            over: Flag::default(),
            at: Mutex::new(At::Start),
        }
    }
}

/// `std::sync::Once`.
pub struct Once(PerRun<State>);

/// `std::sync::OnceState`.
#[derive(Debug)]
pub struct OnceState {
    poisoned: bool,
}

impl OnceState {
    /// As in `std`.
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once { .. }")
    }
}

impl Once {
    /// As in `std`.
    #[expect(clippy::new_without_default, reason = "as in `std`")]
    pub const fn new() -> Self {
        Self(PerRun::new())
    }

    /// As in `std`: waits while another thread is at it.
    ///
    /// # Panics
    ///
    /// If it has panicked before, in any thread.
    #[track_caller]
    pub fn call_once(&self, act: impl FnOnce()) {
        self.call(false, |_| act());
    }

    /// As in `std`: waits while another thread is at it.
    #[track_caller]
    pub fn call_once_force(&self, act: impl FnOnce(&OnceState)) {
        self.call(true, act);
    }

    #[track_caller]
    fn call(&self, ignore_poison: bool, act: impl FnOnce(&OnceState)) {
        let (place, state) = (Location::caller(), self.0.get());
        let ready = Ready::When(state.idle.clone());
        step(|| "look whether it is done".into(), ready, &[state.id]);
        acquire(state.id);
        let at = *state.at.lock().expect("no panic");
        match at {
            At::Done => return did(|| "finds it done".into()),
            At::Poisoned if !ignore_poison => panic!("Once instance has previously been poisoned"),
            _ => did(|| "begins it".into()),
        }
        state.idle.set(false);
        state.over.set(false);
        let _end = Ending(place, &state, is_unwinding());
        let poisoned = at == At::Poisoned;
        act(&OnceState { poisoned });
    }

    /// As in `std`.
    #[track_caller]
    pub fn is_completed(&self) -> bool {
        let state = self.0.get();
        step(
            || "look whether it is done".into(),
            Ready::Always,
            &[state.id],
        );
        let is_done = *state.at.lock().expect("no panic") == At::Done;
        if is_done {
            acquire(state.id);
        }
        is_done
    }

    /// As in `std`: waits.
    ///
    /// # Panics
    ///
    /// If it has panicked.
    #[track_caller]
    pub fn wait(&self) {
        self.wait_for(false);
    }

    /// As in `std`: waits, also behind a panic.
    #[track_caller]
    pub fn wait_force(&self) {
        self.wait_for(true);
    }

    #[track_caller]
    fn wait_for(&self, ignore_poison: bool) {
        let state = self.0.get();
        loop {
            let ready = Ready::When(state.over.clone());
            step(|| "wait until it is done".into(), ready, &[state.id]);
            acquire(state.id);
            let at = *state.at.lock().expect("no panic");
            match at {
                At::Done => return did(|| "finds it done".into()),
                At::Poisoned if !ignore_poison => {
                    panic!("Once instance has previously been poisoned")
                }
                _ => {}
            }
        }
    }
}

/// Ends what is done once, also by a panic.
struct Ending<'a>(&'static Location<'static>, &'a Arc<State>, bool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let Self(place, state, unwinding) = self;
        step_at(place, || "end it".into(), Ready::Always, &[state.id]);
        let at = match is_unwinding() && !*unwinding {
            true => At::Poisoned,
            false => At::Done,
        };
        *state.at.lock().expect("no panic") = at;
        release(state.id);
        state.idle.set(true);
        state.over.set(true);
        changed(state.id);
        did(|| "ends it".into());
    }
}

/// `std::sync::OnceLock`.
pub struct OnceLock<T> {
    once: Once,
    value: Slot<real_std::sync::OnceLock<T>>,
}

impl<T> OnceLock<T> {
    /// As in `std`.
    pub const fn new() -> Self {
        Self {
            once: Once::new(),
            value: Slot::new(real_std::sync::OnceLock::new()),
        }
    }

    /// As in `std`.
    #[track_caller]
    pub fn get(&self) -> Option<&T> {
        self.once.is_completed().then(|| self.there())
    }

    /// As in `std`: waits while another thread sets it.
    ///
    /// # Errors
    ///
    /// The value, if there is one already.
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.once.call(true, |_| {
            _ = self.value.get().set(value.take().expect("once"))
        });
        value.map_or(Ok(()), Err)
    }

    /// As in `std`: waits while another thread makes it.
    #[track_caller]
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        self.once.call(true, |_| _ = self.value.get().set(make()));
        self.there()
    }

    /// As in `std`: waits until there is a value.
    #[track_caller]
    pub fn wait(&self) -> &T {
        self.once.wait_force();
        self.there()
    }

    /// As in `std`: no step, as there is only one user.
    pub fn take(&mut self) -> Option<T> {
        take(self).into_inner()
    }

    /// As in `std`: no step, as there is only one user.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut().get_mut()
    }

    /// As in `std`: no step, as there is only one user.
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner().into_inner()
    }

    fn there(&self) -> &T {
        self.value.get().get().expect("it is done")
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_tuple("OnceLock");
        match self.get() {
            Some(value) => text.field(value),
            None => text.field(&format_args!("<uninit>")),
        };
        text.finish()
    }
}

impl<T> From<T> for OnceLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        let it = Self::new();
        let _ = it.set(value);
        it
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        self.get().cloned().map_or_else(Self::new, Self::from)
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    #[track_caller]
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceLock<T> {}

/// `std::sync::LazyLock`.
pub struct LazyLock<T, F = fn() -> T> {
    value: OnceLock<T>,
    /// Each execution makes the value anew.
    make: Slot<Mutex<Option<F>>>,
}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// As in `std`.
    pub const fn new(make: F) -> Self {
        Self {
            value: OnceLock::new(),
            make: Slot::new(Mutex::new(Some(make))),
        }
    }

    /// As in `std`: waits while another thread makes it.
    ///
    /// # Panics
    ///
    /// If making it has panicked.
    #[track_caller]
    pub fn force(this: &Self) -> &T {
        this.value.get_or_init(|| {
            let make = this.make.get().lock().ok().and_then(|mut make| make.take());
            make.expect("LazyLock instance has previously been poisoned")()
        })
    }

    /// As in `std`: makes it, if need be.
    ///
    /// # Panics
    ///
    /// If making it has panicked.
    #[track_caller]
    pub fn force_mut(this: &mut Self) -> &mut T {
        Self::force(this);
        this.value.get_mut().expect("made above")
    }
}

impl<T, F> LazyLock<T, F> {
    /// As in `std`.
    #[track_caller]
    pub fn get(this: &Self) -> Option<&T> {
        this.value.get()
    }

    /// As in `std`: no step, as there is only one user.
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        this.value.get_mut()
    }
}

impl<T: Default> Default for LazyLock<T> {
    fn default() -> Self {
        Self::new(T::default)
    }
}

impl<T, F: FnOnce() -> T> DerefMut for LazyLock<T, F> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        Self::force_mut(self)
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        Self::force(self)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_tuple("LazyLock");
        match Self::get(self) {
            Some(value) => text.field(value),
            None => text.field(&format_args!("<uninit>")),
        };
        text.finish()
    }
}
