//! Panics, which are those of one thread of the search.

use interleave::catch;
pub use interleave::resume as resume_unwind;
use real_std::thread::Result;

pub use real_std::panic::{AssertUnwindSafe, UnwindSafe};

/// `std::panic::catch_unwind`. What `act` holds may be a model, which is not known to be
/// `UnwindSafe`; without the models the compiler has seen that it is.
///
/// # Errors
///
/// What `act` panicked with.
pub fn catch_unwind<T>(act: impl FnOnce() -> T) -> Result<T> {
    catch(act)
}
