//! The pace of the tutorial: how long its waits take.

use std::env;
use std::process;
use std::sync::OnceLock;
use std::time::Duration;

use crate::output::complain;

/// Seconds of the tutorial as a duration: for a sleep or a time limit that the tutorial plays
/// (a till, a slow page, a pretended input).
///
/// The environment variable `LESSON_SPEED` says how many times faster than the
/// tutorial the lesson runs, from 0.1 to 1000; it is 1 unless set. Only these
/// durations are scaled; computing takes as long as ever. Child processes
/// inherit the setting.
///
/// Ends the program with exit status 2 and one line on standard error if
/// `LESSON_SPEED` is anything else.
pub fn seconds(tutorial_seconds: f64) -> Duration {
    Duration::from_secs_f64(tutorial_seconds / speed())
}

/// The value of `LESSON_SPEED`, read once.
pub(crate) fn speed() -> f64 {
    static SPEED: OnceLock<f64> = OnceLock::new();
    *SPEED.get_or_init(|| {
        let Some(setting) = env::var_os("LESSON_SPEED") else {
            return 1.0;
        };
        let setting = setting.to_string_lossy();
        parse_speed(&setting).unwrap_or_else(|| {
            complain(format_args!(
                "LESSON_SPEED={setting}: must be a number from 0.1 to 1000 (20 is twenty times faster)"
            ));
            process::exit(2)
        })
    })
}

fn parse_speed(setting: &str) -> Option<f64> {
    let speed = setting.parse().ok()?;
    (0.1..=1000.0).contains(&speed).then_some(speed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_a_number_from_a_tenth_to_a_thousand() {
        assert_eq!(parse_speed("20"), Some(20.0));
        assert_eq!(parse_speed("0.1"), Some(0.1));
        assert_eq!(parse_speed("1000"), Some(1000.0));
        for wrong in ["0", "-1", "fast", "1e9", "", "NaN", "inf", "0.09", " 1"] {
            assert_eq!(parse_speed(wrong), None, "{wrong:?}");
        }
    }
}
