//! Decisions about reading on and taking back.
//!
//! A poll goes on from a cursor, which clients hand back as they got it: the time of the poll and the number of the newest
//! event it told of. Numbers order messages as they became visible, which ids cannot: two nodes may write at once. The time
//! only bounds how far back the database has to look.

use counterfoil_wire::ids::{MessageId, UserId};
use counterfoil_wire::time::{Micros, TimeZone};

/// A message may become visible so much later than its id says: a slow transaction, and nodes whose clocks differ.
const SLACK_SECONDS: i64 = 600;
/// The smallest number of 12 digits that is taken for milliseconds; anything below is seconds.
const LEAST_MILLIS: i64 = 100_000_000_000;
/// The largest time that is taken, in milliseconds: 12 hexadecimal digits hold it, and the database's microseconds.
const MOST_MILLIS: i64 = 9_000_000_000_000;

/// From where a poll goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// Messages of greater event numbers are new.
    pub event_no: i64,
    /// Only messages of this id or later can be new.
    pub from_id: String,
    /// Only messages that were written after this are new.
    pub created_after: Micros,
}

/// Reads the cursor of an earlier poll, or a time in milliseconds. `None` for anything else.
pub fn parse_cursor(text: &str) -> Option<Since> {
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    match text.split_once('-') {
        Some((millis, event_no)) => {
            let (millis, event_no) = (number(millis)?, number(event_no)?);
            Some(Since { event_no, from_id: id_at(millis)?, created_after: Micros(i64::MIN) })
        }
        None => {
            let millis = number(text)?;
            let created_after = Micros(millis.min(MOST_MILLIS) * 1000 + 999);
            Some(Since { event_no: 0, from_id: id_at(millis)?, created_after })
        }
    }
}

/// Writes the cursor of a poll.
pub fn cursor(now: Micros, event_no: i64) -> String {
    format!("{}-{event_no}", now.0 / 1000)
}

/// A text below the ids of all messages that become visible from this time on.
fn id_at(millis: i64) -> Option<String> {
    (millis <= MOST_MILLIS).then(|| format!("{:012x}", (millis - SLACK_SECONDS * 1000).max(0)))
}

/// How many of the messages of a poll, which come in the order of their numbers, can be answered so that none is passed
/// over: where a case has more than `most`, the poll ends before the first that is too many.
pub fn cut<T: PartialEq>(cases: &[T], most: usize) -> usize {
    let of = |at: usize| cases[..at].iter().filter(|case| **case == cases[at]).count();
    (0..cases.len()).find(|at| of(*at) >= most).unwrap_or(cases.len())
}

/// A place in a conversation, before which older messages are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Everything written before this is older.
    pub from: Micros,
    /// What was written before this is older when its author's kind is smaller.
    pub until: Micros,
    /// See `until`.
    pub author_kind: i64,
    /// No older message has this id or a greater one.
    pub below_id: String,
}

/// Reads the time of the oldest message that is shown: milliseconds, seconds, the form of answers, or a message's id, which
/// tells it from others of the same second. The two first name everything within their unit alike.
pub fn parse_place(text: &str, author_kind: i64, zone: &TimeZone) -> Option<Place> {
    let text = text.trim();
    if let Some(id) = MessageId::parse(text) {
        let end = Micros(i64::MAX);
        return Some(Place { from: end, until: end, author_kind, below_id: id.into_string() });
    }
    let (from, unit) = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        match text.parse::<i64>().ok()? {
            millis @ LEAST_MILLIS..=MOST_MILLIS => (Micros(millis * 1000), 1000),
            seconds @ 0..LEAST_MILLIS => (Micros(0).plus_seconds(seconds.min(MOST_MILLIS / 1000)), 1_000_000),
            _ => return None,
        }
    } else {
        (Micros(zone.parse_local(text)?.0.div_euclid(1_000_000) * 1_000_000), 1_000_000)
    };
    // Ids are hexadecimal: no other digit is greater.
    Some(Place { from, until: Micros(from.0 + unit), author_kind, below_id: "g".to_owned() })
}

/// What withdrawing a message depends on.
#[derive(Clone, Debug)]
pub struct Written<'a> {
    /// Who wrote it.
    pub author_id: Option<&'a UserId>,
    /// 0 customer.
    pub author_kind: i64,
    /// The description of the case.
    pub is_first: bool,
    /// When it was written.
    pub created_at: Micros,
    /// Whether staff has read it.
    pub is_read: bool,
}

/// Why a message cannot be withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody else wrote it.
    NotOwn,
    /// It is the description of the case.
    First,
    /// Too much time has passed.
    TooLate,
    /// Staff has read it.
    Read,
}

/// Whether `user` may take a message back now: the own one, not the description, shortly after writing it, and unread.
pub fn may_withdraw(message: &Written<'_>, user: &UserId, now: Micros, within_seconds: i64) -> Result<(), Refusal> {
    if message.author_kind != 0 || message.author_id != Some(user) {
        Err(Refusal::NotOwn)
    } else if message.is_first {
        Err(Refusal::First)
    } else if now > message.created_at.plus_seconds(within_seconds) {
        Err(Refusal::TooLate)
    } else if message.is_read {
        Err(Refusal::Read)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back() {
        let now = Micros(1_767_605_415_123_456);
        let text = cursor(now, 77);
        assert_eq!(text, "1767605415123-77");
        let since = parse_cursor(&text).unwrap();
        assert_eq!((since.event_no, since.created_after), (77, Micros(i64::MIN)));
        let earliest = MessageId::random(now.plus_seconds(-SLACK_SECONDS + 1));
        assert!(since.from_id.as_str() < earliest.as_str());
        assert!(since.from_id.as_str() > MessageId::random(now.plus_seconds(-SLACK_SECONDS - 1)).as_str());
        let by_time = parse_cursor("1700000000000").unwrap();
        assert_eq!((by_time.event_no, by_time.created_after), (0, Micros(1_700_000_000_000_999)));
        assert_eq!(parse_cursor("0-0").unwrap().from_id, "000000000000");
        for bad in ["", "x", "1-", "-1", "1-2-3", "1 2", "+1-2", "99999999999999", "99999999999999-1", "１"] {
            assert_eq!(parse_cursor(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_poll_ends_before_the_first_message_that_is_too_many() {
        assert_eq!(cut(&["a", "b", "a", "a", "b"], 2), 3);
        assert_eq!(cut(&["a", "b", "a", "b"], 2), 4);
        assert_eq!(cut::<&str>(&[], 2), 0);
    }

    #[test]
    fn places_are_read_in_every_form() {
        let zone = TimeZone::default();
        let place = |text: &str| parse_place(text, 1, &zone).map(|place| (place.from.0, place.until.0));
        assert_eq!(place("1767605415123"), Some((1_767_605_415_123_000, 1_767_605_415_124_000)));
        let second = Some((1_767_605_415_000_000, 1_767_605_416_000_000));
        assert_eq!(place("1767605415"), second);
        assert_eq!(place("2026-01-05T09:30:15Z"), second);
        assert_eq!(place("2026-01-05 17:30:15"), second);
        let id = MessageId::random(Micros(1_767_605_415_123_456));
        assert_eq!(parse_place(id.as_str(), 0, &zone).unwrap().below_id, id.as_str());
        for bad in ["", "x", "-1", "99999999999999", "2026-02-30 00:00:00", "１"] {
            assert_eq!(place(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_the_own_unread_and_young_message_is_taken_back() {
        let now = Micros(1_000_000_000);
        let (me, other) = (UserId::random(now), UserId::random(now));
        let good = Written { author_id: Some(&me), author_kind: 0, is_first: false, created_at: now, is_read: false };
        let later = now.plus_seconds(120);
        assert_eq!(may_withdraw(&good, &me, later, 120), Ok(()));
        assert_eq!(may_withdraw(&good, &me, Micros(later.0 + 1), 120), Err(Refusal::TooLate));
        assert_eq!(may_withdraw(&good, &other, now, 120), Err(Refusal::NotOwn));
        assert_eq!(may_withdraw(&Written { author_kind: 1, ..good.clone() }, &me, now, 120), Err(Refusal::NotOwn));
        assert_eq!(may_withdraw(&Written { author_id: None, ..good.clone() }, &me, now, 120), Err(Refusal::NotOwn));
        assert_eq!(may_withdraw(&Written { is_first: true, ..good.clone() }, &me, now, 120), Err(Refusal::First));
        assert_eq!(may_withdraw(&Written { is_read: true, ..good }, &me, now, 120), Err(Refusal::Read));
    }
}
