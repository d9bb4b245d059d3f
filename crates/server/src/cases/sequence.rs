//! Numbers and ids that rise with every call, even within one microsecond or when the clock steps back.

use counterfoil_wire::ids::{CASE_SERIALS, CaseId};
use counterfoil_wire::time::Micros;
use std::sync::atomic::{AtomicI64, Ordering};

/// The ids of one change lie within so many microseconds.
const UNIT_MICROS: i64 = 16;
/// A change that lies further ahead than this was made by a clock that is wrong, and is not followed.
const NEAR_MICROS: i64 = 60_000_000;

/// Gives each message, log entry and case of this node a later instant than the one before.
#[derive(Debug, Default)]
pub struct Sequence(AtomicI64);

impl Sequence {
    /// `now`, or the microsecond after the last one given, whichever is later.
    pub fn tick(&self, now: Micros) -> Micros {
        let last = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(now.0.max(last + 1)));
        let last = last.unwrap_or_default();
        Micros(now.0.max(last + 1))
    }

    /// Like [`Sequence::tick`], and later than everything that another node wrote with a change at `last`: a request that
    /// waited for its turn has an older `now` than the one before it, and nodes' clocks differ a little.
    pub fn tick_after(&self, now: Micros, last: Micros) -> Micros {
        let ahead = last.0.saturating_sub(now.0);
        let is_near = (0..NEAR_MICROS).contains(&ahead);
        self.tick(if is_near { Micros(last.0 + UNIT_MICROS) } else { now })
    }

    /// A number for a row that is sorted by time: microseconds and three random digits, so that nodes do not collide.
    pub fn number(&self, now: Micros) -> i64 {
        self.tick(now).0.saturating_mul(1000) + rand::random_range(0..1000)
    }
}

/// A new case id of today's date.
pub fn case_id(now: Micros) -> CaseId {
    CaseId::compose(now, rand::random_range(0..CASE_SERIALS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_goes_on_after_what_another_node_wrote() {
        let (sequence, now) = (Sequence::default(), Micros(5_000_000));
        assert_eq!(sequence.tick_after(now, Micros(4_999_999)), now);
        let after = sequence.tick_after(now, Micros(6_000_000));
        assert!(after > Micros(6_000_000));
        assert!(sequence.tick_after(now, after) > after);
        let wrong = Micros(now.0 + 3600 * 1_000_000);
        assert!(Sequence::default().tick_after(now, wrong) < wrong);
    }

    #[test]
    fn numbers_rise_when_time_stands_still_or_steps_back() {
        let sequence = Sequence::default();
        let first = sequence.number(Micros(5_000_000));
        let second = sequence.number(Micros(5_000_000));
        let third = sequence.number(Micros(1));
        assert!(first < second && second < third);
    }
}
