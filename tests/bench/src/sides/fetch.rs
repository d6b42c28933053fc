//! Fetching pages.

use super::Side;

pub const SIDES: &[Side] = &[];
