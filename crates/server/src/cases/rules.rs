//! The life cycle: every transition is one row of [`TABLE`], and nothing else decides about a status.
//!
//! Pure functions only. Durations come from the configuration; the table and its source are in `docs/architecture.md`.

use crate::config::Timers;
use counterfoil_wire::time::Micros;

/// The status of a case, by its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i64)]
pub enum Status {
    /// Submitted; nobody has taken it.
    ToBeProcessed = 0,
    /// An engineer works on it.
    Processing = 1,
    /// The engineer gave a solution; the customer is to confirm it.
    ToBeConfirmed = 2,
    /// Closed.
    Completed = 3,
    /// Withdrawn before anybody took it.
    Canceled = 4,
    /// Suspended by the engineer until a planned time.
    Paused = 5,
    /// Not a real request.
    Invalid = 12,
    /// Hidden from the customer.
    Deleted = 13,
    /// The engineer asked something and waits for the customer.
    PendingFeedback = 17,
}

impl Status {
    /// Every status, in the order of its number.
    pub const ALL: [Status; 9] = [
        Status::ToBeProcessed,
        Status::Processing,
        Status::ToBeConfirmed,
        Status::Completed,
        Status::Canceled,
        Status::Paused,
        Status::Invalid,
        Status::Deleted,
        Status::PendingFeedback,
    ];

    /// The number on the wire.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The status with this number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.number() == number)
    }

    /// Nothing more will happen, unless the customer reopens: contacts and secrets are erased on entering.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Invalid | Self::Deleted)
    }
}

/// What somebody does to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Staff takes the case, or is given it.
    Accept,
    /// The customer withdraws it.
    Cancel,
    /// The customer urges.
    Press,
    /// Staff asks the customer for something.
    Ask,
    /// Staff writes without changing the status.
    Reply,
    /// Staff gives the solution.
    Solve,
    /// The customer writes.
    Message,
    /// The customer confirms that it is solved, or closes it because it is.
    Close,
    /// Nobody confirmed in time.
    CloseByItself,
    /// Nobody answered in time.
    ConfirmByItself,
    /// Staff suspends the case.
    Pause,
    /// Staff, or the planned time, takes it up again.
    Resume,
    /// A lead declares it not to be a real request.
    Invalidate,
    /// The customer takes a closed case up again.
    Reopen,
    /// The customer hides an ended case.
    Delete,
}

impl Action {
    /// Every action.
    pub const ALL: [Action; 15] = [
        Action::Accept,
        Action::Cancel,
        Action::Press,
        Action::Ask,
        Action::Reply,
        Action::Solve,
        Action::Message,
        Action::Close,
        Action::CloseByItself,
        Action::ConfirmByItself,
        Action::Pause,
        Action::Resume,
        Action::Invalidate,
        Action::Reopen,
        Action::Delete,
    ];

    /// The kind of the event that the action leaves.
    pub fn event(self) -> &'static str {
        match self {
            Action::Accept => "case.accepted",
            Action::Cancel => "case.canceled",
            Action::Press => "case.urged",
            Action::Ask => "case.feedback_requested",
            Action::Reply => "case.replied",
            Action::Solve => "case.solved",
            Action::Message => "case.message_added",
            Action::Close => "case.closed",
            Action::CloseByItself => "case.closed_by_system",
            Action::ConfirmByItself => "case.confirmed_by_system",
            Action::Pause => "case.paused",
            Action::Resume => "case.resumed",
            Action::Invalidate => "case.invalidated",
            Action::Reopen => "case.reopened",
            Action::Delete => "case.deleted",
        }
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Somebody of the account who may see the case.
    Customer,
    /// An engineer.
    Engineer,
    /// A lead, who may do what an engineer may.
    Lead,
    /// A timer.
    System,
}

impl Actor {
    /// Every actor.
    pub const ALL: [Actor; 4] = [Actor::Customer, Actor::Engineer, Actor::Lead, Actor::System];

    /// `operator_type` of the operate log: 0 customer, 1 engineer, 2 system; see `change::Doer` for partners.
    pub fn operator_type(self) -> i64 {
        match self {
            Actor::Customer => 0,
            Actor::Engineer | Actor::Lead => 1,
            Actor::System => 2,
        }
    }
}

/// One row of the life cycle.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// In any of these.
    pub from: &'static [Status],
    /// Somebody does this.
    pub action: Action,
    /// One of these may.
    pub by: &'static [Actor],
    /// The next status; `None` keeps it.
    pub to: Option<Status>,
    /// The operate log's type; `None` writes no log.
    pub log: Option<i64>,
}

use Action::{
    Accept, Ask, Cancel, Close, CloseByItself, ConfirmByItself, Delete, Invalidate, Message, Pause, Press, Reopen,
    Reply, Resume, Solve,
};
use Actor::{Customer, Engineer, Lead, System};
use Status::{
    Canceled, Completed, Deleted, Invalid, Paused, PendingFeedback, Processing, ToBeConfirmed, ToBeProcessed,
};

const STAFF: &[Actor] = &[Engineer, Lead];

const fn rule(
    from: &'static [Status],
    action: Action,
    by: &'static [Actor],
    to: Option<Status>,
    log: Option<i64>,
) -> Rule {
    Rule { from, action, by, to, log }
}

/// The whole life cycle.
#[rustfmt::skip]
pub const TABLE: &[Rule] = &[
    rule(&[ToBeProcessed],                                      Accept,          STAFF,           Some(Processing),      Some(1)),
    rule(&[ToBeProcessed],                                      Cancel,          &[Customer],     Some(Canceled),        Some(4)),
    rule(&[ToBeProcessed, Processing],                          Press,           &[Customer],     None,                  Some(2)),
    rule(&[ToBeProcessed, Processing, Paused],                  Message,         &[Customer],     None,                  None),
    rule(&[PendingFeedback],                                    Message,         &[Customer],     Some(Processing),      Some(85)),
    rule(&[ToBeConfirmed],                                      Message,         &[Customer],     Some(Processing),      Some(16)),
    rule(&[Processing, ToBeConfirmed, Paused, PendingFeedback], Reply,           STAFF,           None,                  None),
    rule(&[Processing],                                         Ask,             STAFF,           Some(PendingFeedback), Some(17)),
    rule(&[Processing, PendingFeedback],                        Solve,           STAFF,           Some(ToBeConfirmed),   Some(18)),
    rule(&[Processing, ToBeConfirmed, Paused, PendingFeedback], Close,           &[Customer],     Some(Completed),       Some(3)),
    rule(&[ToBeConfirmed],                                      CloseByItself,   &[System],       Some(Completed),       Some(3)),
    rule(&[PendingFeedback],                                    ConfirmByItself, &[System],       Some(ToBeConfirmed),   Some(19)),
    rule(&[Processing],                                         Pause,           STAFF,           Some(Paused),          Some(20)),
    rule(&[Paused],                                             Resume,          &[Engineer, Lead, System], Some(Processing), Some(21)),
    rule(&[ToBeProcessed, Processing],                          Invalidate,      &[Lead],         Some(Invalid),         Some(12)),
    rule(&[Completed],                                          Reopen,          &[Customer],     Some(Processing),      Some(22)),
    rule(&[Completed, Canceled, Invalid],                       Delete,          &[Customer],     Some(Deleted),         Some(13)),
];

/// Why an action is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// This actor may never do it.
    Actor,
    /// Not in this status, or no longer.
    Status,
    /// Urged right after submission; allowed in so many seconds.
    UrgedTooSoon(i64),
    /// Urged a moment ago; allowed in so many seconds.
    UrgedTooOften(i64),
}

/// A change that the table allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What was done.
    pub action: Action,
    /// Who did it.
    pub actor: Actor,
    /// The status before.
    pub from: Status,
    /// The status after.
    pub to: Status,
    /// The operate log's type.
    pub log: Option<i64>,
}

/// What the decision depends on besides status, action and actor.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// When the case was submitted.
    pub created_at: Micros,
    /// When it was last urged, 0 if never.
    pub urged_at: Micros,
    /// When it took its present status.
    pub status_at: Micros,
}

/// Decides: the one question that is asked before a case changes.
pub fn decide(
    status: Status,
    action: Action,
    actor: Actor,
    times: Times,
    now: Micros,
    timers: &Timers,
) -> Result<Change, Refusal> {
    let of_action = || TABLE.iter().filter(|rule| rule.action == action);
    if !of_action().any(|rule| rule.by.contains(&actor)) {
        return Err(Refusal::Actor);
    }
    let rule =
        of_action().find(|rule| rule.from.contains(&status) && rule.by.contains(&actor)).ok_or(Refusal::Status)?;
    if action == Action::Press {
        check_urge(times, now, timers)?;
    }
    if action == Action::Reopen && now > times.status_at.plus_seconds(timers.reopen_seconds) {
        return Err(Refusal::Status);
    }
    Ok(Change { action, actor, from: status, to: rule.to.unwrap_or(status), log: rule.log })
}

fn check_urge(times: Times, now: Micros, timers: &Timers) -> Result<(), Refusal> {
    let wait = |from: Micros, seconds| (from.plus_seconds(seconds).0 - now.0 + 999_999).div_euclid(1_000_000);
    if times.urged_at.0 > 0 {
        let seconds = wait(times.urged_at, timers.next_urge_seconds);
        return if seconds > 0 { Err(Refusal::UrgedTooOften(seconds)) } else { Ok(()) };
    }
    let seconds = wait(times.created_at, timers.first_urge_seconds);
    if seconds > 0 { Err(Refusal::UrgedTooSoon(seconds)) } else { Ok(()) }
}

/// A timer that runs while a case is in a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// The kind of its job.
    pub job: &'static str,
    /// Seconds after entering the status.
    pub after_seconds: i64,
}

/// Closes a case that nobody confirmed.
pub const JOB_CLOSE: &str = "case.close_by_itself";
/// Reminds the customer of a question, for the first time.
pub const JOB_REMIND_FIRST: &str = "case.remind_first";
/// Reminds the customer of a question once more.
pub const JOB_REMIND_SECOND: &str = "case.remind_second";
/// Confirms a case whose question nobody answered.
pub const JOB_CONFIRM: &str = "case.confirm_by_itself";
/// Takes a paused case up again; its time is planned by the engineer.
pub const JOB_RESUME: &str = "case.resume";

/// The timers that start on entering `status` and are taken back on leaving it.
pub fn timers_of(status: Status, timers: &Timers) -> Vec<Timer> {
    let timer = |job, after_seconds| Timer { job, after_seconds };
    match status {
        Status::ToBeConfirmed => vec![timer(JOB_CLOSE, timers.auto_close_seconds)],
        Status::PendingFeedback => vec![
            timer(JOB_REMIND_FIRST, timers.first_reminder_seconds),
            timer(JOB_REMIND_SECOND, timers.second_reminder_seconds),
            timer(JOB_CONFIRM, timers.unanswered_seconds),
        ],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros(1_767_605_415_000_000);

    fn times(created: i64, urged: i64, status: i64) -> Times {
        let ago = |seconds: i64| if seconds < 0 { Micros(0) } else { NOW.plus_seconds(-seconds) };
        Times { created_at: ago(created), urged_at: ago(urged), status_at: ago(status) }
    }

    fn settled(status: Status, action: Action, actor: Actor) -> Result<Change, Refusal> {
        decide(status, action, actor, times(7200, -1, 0), NOW, &Timers::default())
    }

    /// The life cycle as the product documents it, written down a second time by hand: (status, action, actor) -> status.
    #[rustfmt::skip]
    const DOCUMENTED: &[(i64, Action, Actor, i64)] = &[
        (0, Accept, Engineer, 1), (0, Accept, Lead, 1), (0, Cancel, Customer, 4), (0, Press, Customer, 0), (1, Press, Customer, 1),
        (1, Ask, Engineer, 17), (1, Ask, Lead, 17), (17, Message, Customer, 1), (0, Message, Customer, 0), (1, Message, Customer, 1),
        (5, Message, Customer, 5), (2, Message, Customer, 1), (1, Solve, Engineer, 2), (1, Solve, Lead, 2), (17, Solve, Engineer, 2),
        (17, Solve, Lead, 2), (1, Close, Customer, 3), (2, Close, Customer, 3), (5, Close, Customer, 3), (17, Close, Customer, 3),
        (2, CloseByItself, System, 3), (17, ConfirmByItself, System, 2), (1, Pause, Engineer, 5), (1, Pause, Lead, 5),
        (5, Resume, Engineer, 1), (5, Resume, Lead, 1), (5, Resume, System, 1), (0, Invalidate, Lead, 12), (1, Invalidate, Lead, 12),
        (3, Reopen, Customer, 1), (3, Delete, Customer, 13), (4, Delete, Customer, 13), (12, Delete, Customer, 13),
        (1, Reply, Engineer, 1), (1, Reply, Lead, 1), (2, Reply, Engineer, 2), (2, Reply, Lead, 2), (5, Reply, Engineer, 5),
        (5, Reply, Lead, 5), (17, Reply, Engineer, 17), (17, Reply, Lead, 17),
    ];

    #[test]
    fn every_status_action_and_actor_is_as_documented() {
        let mut allowed = 0;
        for status in Status::ALL {
            for action in Action::ALL {
                for actor in Actor::ALL {
                    let documented = DOCUMENTED
                        .iter()
                        .find(|(from, what, who, _)| (*from, *what, *who) == (status.number(), action, actor))
                        .map(|(.., to)| *to);
                    let decided = settled(status, action, actor).ok().map(|change| change.to.number());
                    assert_eq!(decided, documented, "{status:?} {action:?} {actor:?}");
                    allowed += usize::from(documented.is_some());
                }
            }
        }
        assert_eq!(allowed, DOCUMENTED.len());
    }

    #[test]
    fn no_two_rows_answer_the_same_question() {
        for (i, a) in TABLE.iter().enumerate() {
            for b in &TABLE[i + 1..] {
                let overlap = a.action == b.action && a.from.iter().any(|s| b.from.contains(s));
                assert!(!overlap || !a.by.iter().any(|who| b.by.contains(who)), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn urging_waits_after_submission_and_between() {
        let press = |created, urged| {
            decide(ToBeProcessed, Press, Customer, times(created, urged, created), NOW, &Timers::default()).err()
        };
        assert_eq!(press(0, -1), Some(Refusal::UrgedTooSoon(1800)));
        assert_eq!(press(1799, -1), Some(Refusal::UrgedTooSoon(1)));
        assert_eq!(press(1800, -1), None);
        assert_eq!(press(9000, 1799), Some(Refusal::UrgedTooOften(1)));
        assert_eq!(press(9000, 1800), None);
    }

    #[test]
    fn reopening_ends_after_14_days() {
        let day = 24 * 3600;
        let reopen = |ago| decide(Completed, Reopen, Customer, times(ago, -1, ago), NOW, &Timers::default());
        assert_eq!(reopen(14 * day).map(|c| c.to), Ok(Processing));
        assert_eq!(reopen(14 * day + 1), Err(Refusal::Status));
    }

    #[test]
    fn a_stranger_to_the_action_is_told_so_in_every_status() {
        for status in Status::ALL {
            assert_eq!(settled(status, Invalidate, Engineer), Err(Refusal::Actor));
            assert_eq!(settled(status, Accept, Customer), Err(Refusal::Actor));
        }
    }
}
