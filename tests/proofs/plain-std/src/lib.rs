//! shuttle's own primitives in the place of `std`'s: a second opinion on our models.

pub use shuttle::{sync, thread};
pub use std::{cmp, ptr};
