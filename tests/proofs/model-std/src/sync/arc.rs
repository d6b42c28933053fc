//! Shared ownership. Dropping is a step as long as there is another handle that could tell: the
//! last owner drops the value, and after that a `Weak` finds it gone. Becoming an owner is no
//! step: it comes from an owner who stays one, so no thread can tell when.

use interleave::{Id, Ready, acquire, did, release, step, step_at};
use real_std::borrow::Borrow;
use real_std::cmp::Ordering;
use real_std::fmt;
use real_std::hash::{Hash, Hasher};
use real_std::ops::Deref;
use real_std::panic::Location;
use real_std::sync;

/// `std::sync::Arc`.
pub struct Arc<T>(Option<sync::Arc<Owned<T>>>, &'static Location<'static>);

/// `std::sync::Weak`.
pub struct Weak<T> {
    id: Id,
    owned: sync::Weak<Owned<T>>,
}

impl<T> Default for Weak<T> {
    fn default() -> Self {
        Self::new()
    }
}

struct Owned<T> {
    id: Id,
    value: T,
}

impl<T> Arc<T> {
    /// As in `std`.
    #[track_caller]
    pub fn new(value: T) -> Self {
        let id = Id::new();
        Self(
            Some(sync::Arc::new(Owned { id, value })),
            Location::caller(),
        )
    }

    /// As in `std`.
    #[track_caller]
    pub fn new_cyclic(make: impl FnOnce(&Weak<T>) -> T) -> Self {
        let id = Id::new();
        let owned = sync::Arc::new_cyclic(|owned| {
            let owned = owned.clone();
            let value = make(&Weak { id, owned });
            Owned { id, value }
        });
        Self(Some(owned), Location::caller())
    }

    /// As in `std`.
    pub fn downgrade(this: &Self) -> Weak<T> {
        let id = this.real().id;
        let owned = sync::Arc::downgrade(this.real());
        Weak { id, owned }
    }

    fn real(&self) -> &sync::Arc<Owned<T>> {
        self.0.as_ref().expect("there until it is dropped")
    }
}

impl<T> Arc<T> {
    /// As in `std`.
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        sync::Arc::ptr_eq(this.real(), other.real())
    }

    /// As in `std`. A step: other owners come and go.
    #[track_caller]
    pub fn strong_count(this: &Self) -> usize {
        step(
            || "count the owners".into(),
            Ready::Always,
            &[this.real().id],
        );
        let count = sync::Arc::strong_count(this.real());
        did(|| format!("counts {count}"));
        count
    }

    /// As in `std`.
    #[track_caller]
    pub fn weak_count(this: &Self) -> usize {
        step(
            || "count the weak ones".into(),
            Ready::Always,
            &[this.real().id],
        );
        sync::Arc::weak_count(this.real())
    }

    /// As in `std`: the value, if this is the only owner.
    ///
    /// # Errors
    ///
    /// This, if there is another owner.
    #[track_caller]
    pub fn try_unwrap(mut this: Self) -> Result<T, Self> {
        step(|| "unwrap".into(), Ready::Always, &[this.real().id]);
        let real = this.0.take().expect("there until it is dropped");
        match sync::Arc::try_unwrap(real) {
            Ok(owned) => {
                acquire(owned.id);
                did(|| "unwraps".into());
                Ok(owned.value)
            }
            Err(real) => {
                did(|| "is not the only owner".into());
                Err(Self(Some(real), this.1))
            }
        }
    }

    /// As in `std`: the value, if this is the last owner.
    #[track_caller]
    pub fn into_inner(mut this: Self) -> Option<T> {
        step(|| "unwrap".into(), Ready::Always, &[this.real().id]);
        let real = this.0.take().expect("there until it is dropped");
        release(real.id);
        sync::Arc::into_inner(real).map(|owned| {
            acquire(owned.id);
            owned.value
        })
    }

    /// As in `std`: if this is the only owner.
    #[track_caller]
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        step(
            || "look for other owners".into(),
            Ready::Always,
            &[this.real().id],
        );
        let real = this.0.as_mut().expect("there until it is dropped");
        sync::Arc::get_mut(real).map(|owned| {
            acquire(owned.id);
            &mut owned.value
        })
    }
}

impl<T: Clone> Arc<T> {
    /// As in `std`: the value, or a copy if there is another owner.
    #[track_caller]
    pub fn unwrap_or_clone(this: Self) -> T {
        Self::try_unwrap(this).unwrap_or_else(|this| T::clone(&this))
    }

    /// As in `std`: of a copy, if there is another owner.
    #[track_caller]
    pub fn make_mut(this: &mut Self) -> &mut T {
        if Self::get_mut(this).is_none() {
            // A `Weak` of it finds the value gone, as in `std`.
            *this = Self::new(T::clone(this));
        }
        let real = this.0.as_mut().expect("there until it is dropped");
        &mut sync::Arc::get_mut(real).expect("the only owner").value
    }
}

impl<T: Default> Default for Arc<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Arc<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: fmt::Display> fmt::Display for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> AsRef<T> for Arc<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T> Borrow<T> for Arc<T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: PartialEq> PartialEq for Arc<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Arc<T> {}

impl<T: PartialOrd> PartialOrd for Arc<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: Ord> Ord for Arc<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: Hash> Hash for Arc<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T> Clone for Weak<T> {
    fn clone(&self) -> Self {
        let (id, owned) = (self.id, self.owned.clone());
        Self { id, owned }
    }
}

impl<T> fmt::Debug for Weak<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(Weak)")
    }
}

impl<T> Weak<T> {
    /// As in `std`.
    pub fn new() -> Self {
        let (id, owned) = (Id::new(), sync::Weak::new());
        Self { id, owned }
    }

    /// As in `std`.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.owned.ptr_eq(&other.owned)
    }

    /// As in `std`. A step: owners come and go.
    #[track_caller]
    pub fn strong_count(&self) -> usize {
        step(|| "count the owners".into(), Ready::Always, &[self.id]);
        let count = self.owned.strong_count();
        did(|| format!("counts {count}"));
        count
    }

    /// As in `std`. A step: owners come and go.
    #[track_caller]
    pub fn weak_count(&self) -> usize {
        step(|| "count the weak ones".into(), Ready::Always, &[self.id]);
        let count = self.owned.weak_count();
        did(|| format!("counts {count}"));
        count
    }

    /// As in `std`.
    #[track_caller]
    pub fn upgrade(&self) -> Option<Arc<T>> {
        step(|| "upgrade".into(), Ready::Always, &[self.id]);
        let place = Location::caller();
        let owner = self.owned.upgrade().map(|owner| Arc(Some(owner), place));
        did(|| {
            if owner.is_some() {
                "upgrades"
            } else {
                "finds it gone"
            }
            .into()
        });
        owner
    }
}

impl<T> Drop for Arc<T> {
    fn drop(&mut self) {
        let Some(real) = &self.0 else {
            return; // It was unwrapped.
        };
        if sync::Arc::strong_count(real) + sync::Arc::weak_count(real) > 1 {
            let next = || "drop its Arc".into();
            step_at(self.1, next, Ready::Always, &[real.id]);
            did(|| "drops its Arc".into());
        }
        match sync::Arc::strong_count(real) {
            1 => acquire(real.id),
            _ => release(real.id),
        }
        // What it owns may take steps of its own when it is dropped here.
        self.0 = None;
    }
}

impl<T> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.real().value
    }
}

impl<T> Clone for Arc<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Self(self.0.clone(), Location::caller())
    }
}

impl<T: fmt::Debug> fmt::Debug for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.real().value.fmt(f)
    }
}
