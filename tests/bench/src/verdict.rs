//! What the rounds say about the goals of a row.

use crate::rows::{Better, Role, Row};

/// With fewer rounds there is no verdict.
pub const FEWEST: usize = 5;
/// With so many rounds, what is open stays open.
pub const MOST: usize = 15;

/// So close to a peer, the next run may tell otherwise.
const AS_GOOD: f64 = 0.98;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Met,
    /// The rounds do not tell on which side of the goal the row is.
    Close,
    Missed,
    /// The machine had not the cores for it.
    Busy,
}

/// The median of some rounds, and between what it lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Median {
    pub middle: f64,
    pub least: f64,
    pub most: f64,
}

impl Median {
    /// The bounds are those between which the median of all possible rounds lies with a probability
    /// of at least 92 %: the values at the same distance from both ends of the sorted list. (That
    /// is the sign test; it holds for every distribution.) `None` of no values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let cut = match values.len() {
            0 => return None,
            1..8 => 0,
            8..11 => 1,
            11..14 => 2,
            _ => 3,
        };
        let (least, most) = (values[cut], values[values.len() - 1 - cut]);
        let middle = values[values.len() / 2];
        Some(Self {
            middle,
            least,
            most,
        })
    }

    /// Whether it is at least this.
    fn reaches(self, goal: f64) -> Verdict {
        match self {
            Self { least, .. } if least >= goal => Verdict::Met,
            Self { most, .. } if most < goal => Verdict::Missed,
            _ => Verdict::Close,
        }
    }
}

/// How many times as good ours is as the other, round by round.
pub fn ratio(row: &Row, sides: &[(Role, Vec<f64>)], other: Role) -> Option<Median> {
    let of = |role| Some(&sides.iter().find(|side| side.0 == role)?.1);
    let pairs = of(Role::Rust)?.iter().zip(of(other)?);
    Median::of(pairs.map(|(ours, other)| match row.better {
        Better::Less => other / ours,
        Better::More => ours / other,
    }))
}

/// The best of the peers.
pub fn best_peer(row: &Row, sides: &[(Role, Vec<f64>)]) -> Option<Role> {
    let peers = sides
        .iter()
        .map(|side| side.0)
        .filter(|role| matches!(role, Role::Peer(_)));
    let ratios = peers.filter_map(|peer| Some((peer, ratio(row, sides, peer)?.middle)));
    ratios
        .min_by(|one, two| one.1.total_cmp(&two.1))
        .map(|(peer, _)| peer)
}

/// The worst of the verdicts on the goals of a row.
pub fn verdict(row: &Row, sides: &[(Role, Vec<f64>)]) -> Verdict {
    let python = row.python.map(|goal| (Role::Python(0), goal));
    let baseline = row.baseline.map(|goal| (Role::Baseline, goal));
    let goals = python.into_iter().chain(baseline).map(|(role, goal)| {
        let ratio = ratio(row, sides, role);
        ratio.map_or(Verdict::Missed, |ratio| ratio.reaches(goal))
    });
    // As good as a peer is good enough, and so is a little less.
    let peer = best_peer(row, sides).filter(|_| row.peers);
    let behind =
        peer.and_then(|peer| ratio(row, sides, peer))
            .map(|ratio| match ratio.most < AS_GOOD {
                true => Verdict::Missed,
                false => Verdict::Met,
            });
    goals.chain(behind).max().unwrap_or(Verdict::Met)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::row;
    use Better::{Less, More};

    fn sides(python: &[f64], rust: &[f64], peer: &[f64]) -> Vec<(Role, Vec<f64>)> {
        vec![
            (Role::Python(0), python.to_vec()),
            (Role::Rust, rust.to_vec()),
            (Role::Peer("other"), peer.to_vec()),
        ]
    }

    #[test]
    fn ratios_are_formed_in_each_round() {
        // A machine that becomes slower from round to round changes no ratio.
        let sides = sides(&[8.0, 16.0, 80.0], &[2.0, 4.0, 20.0], &[2.0, 2.0, 2.0]);
        let four = Median {
            middle: 4.0,
            least: 4.0,
            most: 4.0,
        };
        assert_eq!(
            ratio(&row("a", "s", "s", Less), &sides, Role::Python(0)),
            Some(four)
        );
        assert_eq!(
            ratio(&row("a", "s", "s", More), &sides, Role::Python(0))
                .unwrap()
                .middle,
            0.25
        );
    }

    #[test]
    fn the_bounds_of_a_median_leave_out_what_is_rare() {
        let of = |number: u32| Median::of((1..=number).map(f64::from)).unwrap();
        assert_eq!((of(5).least, of(5).middle, of(5).most), (1.0, 3.0, 5.0));
        assert_eq!((of(9).least, of(9).middle, of(9).most), (2.0, 5.0, 8.0));
        assert_eq!((of(15).least, of(15).middle, of(15).most), (4.0, 8.0, 12.0));
        assert_eq!(Median::of([]), None);
    }

    #[test]
    fn what_lies_across_the_goal_is_open() {
        let row = row("a", "s", "s", Less).python(4.0);
        let verdict = |python: &[f64]| verdict(&row, &sides(python, &[1.0; 5], &[1.0; 5]));
        assert_eq!(verdict(&[4.0, 5.0, 6.0, 4.5, 9.0]), Verdict::Met);
        assert_eq!(verdict(&[3.9, 3.0, 1.0, 2.0, 3.0]), Verdict::Missed);
        assert_eq!(verdict(&[3.9, 5.0, 6.0, 4.5, 9.0]), Verdict::Close);
    }

    #[test]
    fn behind_a_peer_is_missed_and_beside_it_is_met() {
        let row = row("a", "s", "s", Less).python(2.0);
        let verdict = |row: &Row, peer| verdict(row, &sides(&[3.0; 5], &[1.0; 5], peer));
        assert_eq!(verdict(&row, &[0.9; 5]), Verdict::Missed);
        assert_eq!(verdict(&row, &[0.9, 0.9, 1.1, 0.9, 0.9]), Verdict::Met);
        assert_eq!(verdict(&row.beside_peers(), &[0.9; 5]), Verdict::Met);
    }

    #[test]
    fn a_goal_whose_side_was_not_measured_is_missed() {
        let row = row("a", "s", "s", Less).baseline(0.5);
        assert_eq!(
            verdict(&row, &sides(&[1.0; 5], &[1.0; 5], &[1.0; 5])),
            Verdict::Missed
        );
    }
}
