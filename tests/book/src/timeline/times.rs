//! How times are written in a drawing.

/// A time, as exact as it makes sense beside another one.
pub(super) fn time(microseconds: u64, beside: u64) -> String {
    let time = microseconds as f64;
    match beside {
        500_000.. => format!("{:.2} s", time / 1e6),
        20_000.. => format!("{:.0} ms", time / 1e3),
        _ => format!("{:.2} ms", time / 1e3),
    }
}

/// A round time, in the unit of [`time`].
pub(super) fn tick_label(microseconds: u64, beside: u64) -> String {
    let time = microseconds as f64;
    match beside {
        500_000.. => format!("{} s", time / 1e6),
        _ => format!("{} ms", time / 1e3),
    }
}

/// The next even time: 1, 2 or 5 of some power of ten.
pub(super) fn tick(at_least: f64) -> u64 {
    let mut step = 1;
    loop {
        for factor in [1, 2, 5] {
            if (step * factor) as f64 >= at_least {
                return step * factor;
            }
        }
        step *= 10;
    }
}
