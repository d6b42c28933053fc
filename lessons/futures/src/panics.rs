// SPDX-License-Identifier: MIT OR Apache-2.0
//! Panics on purpose.

use std::panic::{self, PanicHookInfo};

use timing::say;

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// While this lives, a panic prints one line, and does not end the lesson.
pub struct Planned(Option<Hook>);

impl Planned {
    pub fn begin() -> Self {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(|panic| {
            say!(
                "a panic: {}",
                panic.payload_as_str().unwrap_or("no message")
            );
        }));
        Self(Some(usual))
    }
}

impl Drop for Planned {
    fn drop(&mut self) {
        if let Some(usual) = self.0.take() {
            panic::set_hook(usual);
        }
    }
}
