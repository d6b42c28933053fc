//! How times are written.

use std::time::Duration;

/// A time as the lessons write it, in three digits or so: `2.00 s`, `1.25 ms`, `3.1 µs`.
pub fn pretty(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds >= 0.1 {
        format!("{seconds:.2} s")
    } else if seconds >= 1e-4 {
        format!("{:.2} ms", seconds * 1e3)
    } else {
        format!("{:.1} µs", seconds * 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_three_digits() {
        assert_eq!(pretty(Duration::from_millis(2004)), "2.00 s");
        assert_eq!(pretty(Duration::from_micros(1250)), "1.25 ms");
        assert_eq!(pretty(Duration::from_nanos(3140)), "3.1 µs");
    }
}
