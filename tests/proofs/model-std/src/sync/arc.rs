//! Shared ownership. Letting go is a step as long as there is anybody else who could tell: the
//! last owner drops the value, and after that a `Weak` finds it gone. Becoming an owner is no
//! step: it comes from an owner who stays one, so nobody can tell when.

use interleave::{Id, Ready, did, step};
use real_std::fmt;
use real_std::ops::Deref;
use real_std::sync;

/// `std::sync::Arc`.
pub struct Arc<T>(Option<sync::Arc<Owned<T>>>);

/// `std::sync::Weak`.
pub struct Weak<T> {
    id: Id,
    owned: sync::Weak<Owned<T>>,
}

struct Owned<T> {
    id: Id,
    value: T,
}

impl<T> Arc<T> {
    /// As in `std`.
    pub fn new(value: T) -> Self {
        let id = Id::new();
        Self(Some(sync::Arc::new(Owned { id, value })))
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

impl<T> Weak<T> {
    /// As in `std`.
    pub fn upgrade(&self) -> Option<Arc<T>> {
        step(|| "upgrade".into(), Ready::Always, &[self.id]);
        let owner = self.owned.upgrade().map(|owner| Arc(Some(owner)));
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
        let owners = sync::Arc::strong_count(self.real()) + sync::Arc::weak_count(self.real());
        if owners > 1 {
            step(|| "let go of it".into(), Ready::Always, &[self.real().id]);
            did(|| "lets go of it".into());
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
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.real().value.fmt(f)
    }
}
