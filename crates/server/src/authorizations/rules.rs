//! The life cycle of an authorization: every transition is one row of [`TABLE`]; and for how long one may hold.

use crate::config::Authorizations;
use crate::error::{Allowed, Error, Result};
use counterfoil_wire::time::Micros;

/// The status of an authorization, by its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i64)]
pub enum Status {
    /// Asked for; the customer has not answered.
    Requested = 0,
    /// In force.
    Authorized = 1,
    /// The customer said no.
    Rejected = 2,
    /// Its time is over, or nobody answered, or its case ended.
    Expired = 3,
    /// The engineer took the request back.
    Recalled = 4,
    /// The customer ended it before its time.
    Cancelled = 5,
}

impl Status {
    /// Every status, in the order of its number.
    pub const ALL: [Status; 6] =
        [Status::Requested, Status::Authorized, Status::Rejected, Status::Expired, Status::Recalled, Status::Cancelled];

    /// The number on the wire.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The status with this number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.number() == number)
    }

    /// Something can still happen to it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::Authorized)
    }
}

/// What somebody does to an authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The customer grants it.
    Confirm,
    /// The customer refuses.
    Reject,
    /// The customer ends one that is in force.
    Cancel,
    /// The engineer takes the request back.
    Recall,
    /// Its time is over.
    Expire,
    /// Its case ends.
    EndWithCase,
}

impl Action {
    /// Every action.
    pub const ALL: [Action; 6] =
        [Action::Confirm, Action::Reject, Action::Cancel, Action::Recall, Action::Expire, Action::EndWithCase];

    /// The kind of the event that the action leaves.
    pub fn event(self) -> &'static str {
        match self {
            Action::Confirm => "authorization.confirmed",
            Action::Reject => "authorization.rejected",
            Action::Cancel => "authorization.canceled",
            Action::Recall => "authorization.recalled",
            Action::Expire => "authorization.expired",
            Action::EndWithCase => "authorization.ended_with_case",
        }
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Somebody of the account who may see the case.
    Customer,
    /// The engineer who asked, or one who handles the case now.
    Engineer,
    /// A timer, or the end of the case.
    System,
}

impl Actor {
    /// Every actor.
    pub const ALL: [Actor; 3] = [Actor::Customer, Actor::Engineer, Actor::System];
}

/// One row of the life cycle.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// In any of these.
    pub from: &'static [Status],
    /// Somebody does this.
    pub action: Action,
    /// Only this actor may.
    pub by: Actor,
    /// The next status.
    pub to: Status,
    /// The type in the operate log of the case; `None` writes none.
    pub log: Option<i64>,
}

const fn rule(from: &'static [Status], action: Action, by: Actor, to: Status, log: Option<i64>) -> Rule {
    Rule { from, action, by, to, log }
}

/// The whole life cycle. A request begins as [`Status::Requested`].
#[rustfmt::skip]
pub const TABLE: &[Rule] = &[
    rule(&[Status::Requested],                     Action::Confirm,     Actor::Customer, Status::Authorized, Some(73)),
    rule(&[Status::Requested],                     Action::Reject,      Actor::Customer, Status::Rejected,   Some(74)),
    rule(&[Status::Requested],                     Action::Recall,      Actor::Engineer, Status::Recalled,   None),
    rule(&[Status::Authorized],                    Action::Cancel,      Actor::Customer, Status::Cancelled,  Some(83)),
    rule(&[Status::Requested, Status::Authorized], Action::Expire,      Actor::System,   Status::Expired,    None),
    rule(&[Status::Requested, Status::Authorized], Action::EndWithCase, Actor::System,   Status::Expired,    None),
];

/// A change that the table allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What was done.
    pub action: Action,
    /// The status before.
    pub from: Status,
    /// The status after.
    pub to: Status,
    /// The operate log's type.
    pub log: Option<i64>,
}

/// Decides: the one question that is asked before an authorization changes.
pub fn decide(status: Status, action: Action, actor: Actor) -> Option<Change> {
    let rule = TABLE.iter().find(|rule| rule.action == action && rule.by == actor && rule.from.contains(&status))?;
    Some(Change { action, from: status, to: rule.to, log: rule.log })
}

/// When an authorization holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// From then on.
    pub from: Micros,
    /// Not any more at that time.
    pub to: Micros,
}

/// The window that a customer asks for, in milliseconds since 1970. A beginning that has passed means now, none means now
/// as well; without an end the usual time is given.
pub fn window(from_ms: Option<i64>, to_ms: Option<i64>, now: Micros, limits: &Authorizations) -> Result<Window> {
    let at = |ms: i64| Micros(ms.saturating_mul(1000));
    let from = from_ms.map_or(now, at).max(now);
    let latest = now.plus_seconds(limits.longest_seconds);
    if from > latest {
        let days = days(limits.longest_seconds);
        let zh = format!("须在 {days} 天之内");
        return Err(Error::param(
            "auth_effective_time",
            Allowed::text(zh, format!("a time within {days} days is allowed")),
        ));
    }
    let to = to_ms.map_or_else(|| from.plus_seconds(limits.default_seconds), at);
    if to <= from || to > from.plus_seconds(limits.longest_seconds) {
        let days = days(limits.longest_seconds);
        let words = (
            format!("须晚于生效时间和当前时间，且不超过生效后 {days} 天"),
            format!("a time in the future is allowed, after the beginning and at most {days} days after it"),
        );
        return Err(Error::param("auth_expire_time", Allowed::text(words.0, words.1)));
    }
    Ok(Window { from, to })
}

/// Seconds as days, with a decimal where it is needed.
fn days(seconds: i64) -> String {
    let tenths = seconds * 10 / (24 * 3600);
    if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Micros = Micros(1_767_605_415_123_456);
    const DAY: i64 = 24 * 3600;

    /// The life cycle as the product documents it, written down a second time by hand.
    #[rustfmt::skip]
    const DOCUMENTED: &[(i64, Action, Actor, i64, Option<i64>)] = &[
        (0, Action::Confirm, Actor::Customer, 1, Some(73)), (0, Action::Reject, Actor::Customer, 2, Some(74)),
        (0, Action::Recall, Actor::Engineer, 4, None), (0, Action::Expire, Actor::System, 3, None),
        (0, Action::EndWithCase, Actor::System, 3, None), (1, Action::Cancel, Actor::Customer, 5, Some(83)),
        (1, Action::Expire, Actor::System, 3, None), (1, Action::EndWithCase, Actor::System, 3, None),
    ];

    #[test]
    fn every_status_action_and_actor_is_as_documented() {
        let mut allowed = 0;
        for status in Status::ALL {
            for action in Action::ALL {
                for actor in Actor::ALL {
                    let documented = DOCUMENTED
                        .iter()
                        .find(|(from, what, who, ..)| (*from, *what, *who) == (status.number(), action, actor))
                        .map(|(.., to, log)| (*to, *log));
                    let decided = decide(status, action, actor).map(|change| (change.to.number(), change.log));
                    assert_eq!(decided, documented, "{status:?} {action:?} {actor:?}");
                    allowed += usize::from(documented.is_some());
                }
            }
        }
        assert_eq!(allowed, DOCUMENTED.len());
    }

    #[test]
    fn nothing_leaves_what_has_ended_and_everything_open_can_end() {
        for rule in TABLE {
            assert!(rule.from.iter().all(|status| status.is_open()), "{rule:?}");
        }
        for status in Status::ALL.into_iter().filter(|status| status.is_open()) {
            for action in [Action::Expire, Action::EndWithCase] {
                assert!(!decide(status, action, Actor::System).unwrap().to.is_open());
            }
        }
    }

    #[test]
    fn a_window_is_a_day_unless_it_says_otherwise_and_at_most_a_week() {
        let limits = Authorizations::default();
        let ms = |seconds: i64| Some(NOW.plus_seconds(seconds).0 / 1000);
        let ask = |from, to| window(from, to, NOW, &limits);
        let usual = ask(None, None).unwrap();
        assert_eq!((usual.from, usual.to), (NOW, NOW.plus_seconds(DAY)));
        // What has begun begins now; a client's clock is never exact.
        assert_eq!(ask(ms(-60), None).unwrap(), usual);
        assert_eq!(ask(Some(0), None).unwrap(), usual);
        let later = ask(ms(DAY), None).unwrap();
        assert_eq!(later.to.0 - later.from.0, DAY * 1_000_000);
        assert!(ask(None, ms(7 * DAY)).is_ok());
        assert!(ask(ms(DAY), ms(8 * DAY)).is_ok());
        for (from, to, field) in [
            (None, ms(0), "auth_expire_time"),
            (None, ms(-1), "auth_expire_time"),
            (None, Some(0), "auth_expire_time"),
            (ms(DAY), ms(DAY), "auth_expire_time"),
            (None, ms(7 * DAY + 1), "auth_expire_time"),
            (None, Some(i64::MAX), "auth_expire_time"),
            (ms(7 * DAY + 1), None, "auth_effective_time"),
            (Some(i64::MAX), Some(i64::MAX), "auth_effective_time"),
        ] {
            let error = ask(from, to).unwrap_err();
            assert!(error.to_string().contains(field), "{from:?} {to:?} {error}");
        }
        assert_eq!((days(7 * DAY), days(DAY / 2)), ("7".to_owned(), "0.5".to_owned()));
    }

    proptest! {
        /// Whatever is asked for, an authorization that is given begins not in the past, ends after it began, and soon.
        #[test]
        fn no_window_is_without_bounds(from in proptest::option::of(0..=i64::MAX), to in proptest::option::of(0..=i64::MAX)) {
            if let Ok(window) = window(from, to, NOW, &Authorizations::default()) {
                prop_assert!(window.from >= NOW && window.from < window.to);
                prop_assert!(window.to <= NOW.plus_seconds(14 * DAY));
            }
        }
    }
}
