//! Instants and time zones as clients write and read them.
//!
//! An instant is [`Micros`]: microseconds since 1970 in UTC, the same number that the database holds. Answers show it
//! as `2026-01-05T09:30:15Z`; token answers with six decimals. Query filters arrive without a zone and are read in the
//! caller's [`TimeZone`] (header `X-Time-Zone`, default `GMT+8`).
//!
//! Nothing here reads a clock: the current time is always an argument.
//!
//! ```
//! use counterfoil_wire::time::TimeZone;
//!
//! let zone = TimeZone::parse("GMT+8").expect("a known form");
//! let instant = zone.parse_local("2026-01-05 17:30:15").expect("a local time");
//! assert_eq!(instant.to_wire(), "2026-01-05T09:30:15Z");
//! ```

use std::fmt::Write as _;

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone as JiffZone, offset};
use jiff::{Timestamp, ToSpan as _, ZonedDateTime};
use serde::{Deserialize, Serialize};

const MICROS_PER_SECOND: i64 = 1_000_000;
/// Longest accepted value of `X-Time-Zone`, in bytes.
const ZONE_NAME_MAX: usize = 32;
/// The farthest offset from UTC that any place uses.
const OFFSET_MAX_MINUTES: i32 = 14 * 60;

/// An instant in UTC, in microseconds since 1970-01-01. Serializes as that number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// `2026-01-05T09:30:15Z`: the form of every time in an answer.
    pub fn to_wire(self) -> String {
        let t = self.civil();
        format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.year(), t.month(), t.day(), t.hour(), t.minute(), t.second())
    }

    /// `2026-01-05T09:30:15.123456Z`: the form of times in token answers.
    pub fn to_wire_micros(self) -> String {
        let mut text = self.to_wire();
        text.pop();
        let _ = write!(text, ".{:06}Z", self.0.rem_euclid(MICROS_PER_SECOND));
        text
    }

    /// `20260105`: the UTC day, as case ids carry it.
    pub fn ymd(self) -> String {
        let t = self.civil();
        format!("{:04}{:02}{:02}", t.year(), t.month(), t.day())
    }

    /// `20260105T093015Z`: the form of the header `X-Sdk-Date`.
    pub fn to_sdk_date(self) -> String {
        let t = self.civil();
        format!("{:04}{:02}{:02}T{:02}{:02}{:02}Z", t.year(), t.month(), t.day(), t.hour(), t.minute(), t.second())
    }

    /// Reads `20260105T093015Z`; anything else is `None`.
    pub fn from_sdk_date(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
            return None;
        }
        let number = |from: usize, to: usize| -> Option<i16> {
            bytes[from..to]
                .iter()
                .try_fold(0_i16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i16::from(byte - b'0')))
        };
        let small = |from: usize| number(from, from + 2).and_then(|n| i8::try_from(n).ok());
        let civil = DateTime::new(number(0, 4)?, small(4)?, small(6)?, small(9)?, small(11)?, small(13)?, 0).ok()?;
        Offset::UTC.to_timestamp(civil).ok().map(Self::from)
    }

    /// The instant this many seconds later (earlier when negative), stopping at the ends of the number range.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)))
    }

    /// Whole seconds since 1970, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// The calendar fields in UTC. An instant outside the years -9999..=9999 is shown as the nearest end.
    fn civil(self) -> DateTime {
        let end = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Offset::UTC.to_datetime(Timestamp::from_microsecond(self.0).unwrap_or(end))
    }
}

impl From<Timestamp> for Micros {
    fn from(at: Timestamp) -> Self {
        Self(at.as_microsecond())
    }
}

/// A calendar month of some zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// `2026-01`.
    pub name: String,
    /// The midnight that ends it.
    pub ends_at: Micros,
}

/// Where a caller's clock hangs: a fixed offset (`GMT+8`) or a named zone (`Asia/Shanghai`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(JiffZone);

impl Default for TimeZone {
    /// `GMT+8`, the documented default of `X-Time-Zone`.
    fn default() -> Self {
        Self(JiffZone::fixed(offset(8)))
    }
}

impl TimeZone {
    /// Reads `GMT+8`, `GMT+08:00`, `UTC`, `+08:00` or a name of the IANA database; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.len() > ZONE_NAME_MAX {
            return None;
        }
        if let Some(seconds) = fixed_offset(text) {
            return Offset::from_seconds(seconds).ok().map(|offset| Self(JiffZone::fixed(offset)));
        }
        JiffZone::get(text).ok().filter(|zone| !zone.is_unknown()).map(Self)
    }

    /// Reads a time from a query: `yyyy-MM-dd HH:mm:ss` or `yyyy-MM-dd` (its midnight) in this zone, or RFC 3339 with
    /// its own offset. A local time that a clock change skips or repeats is read as most calendars do: the later clock
    /// for a skipped one, the first of a repeated one.
    pub fn parse_local(&self, text: &str) -> Option<Micros> {
        let text = text.trim();
        let bytes = text.as_bytes();
        let civil = match (bytes.len(), bytes.get(10)) {
            (10, _) => plain_date(text)?.to_datetime(jiff::civil::Time::midnight()),
            (19, Some(b' ')) => {
                plain_date(text.get(..10)?)?;
                text.parse::<DateTime>().ok()?
            }
            (20.., Some(b'T' | b't')) if !text.contains('[') => {
                return text.parse::<Timestamp>().ok().map(Micros::from);
            }
            _ => return None,
        };
        self.0.to_timestamp(civil).ok().map(Micros::from)
    }

    /// The clock's reading at an instant in this zone, `2026-01-05 17:30:15`.
    pub fn local(&self, at: Micros) -> String {
        let end = if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let t = self.0.to_datetime(Timestamp::from_microsecond(at.0).unwrap_or(end));
        format!("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", t.year(), t.month(), t.day(), t.hour(), t.minute(), t.second())
    }

    /// The calendar month of `at` in this zone.
    pub fn month_of(&self, at: Micros) -> Option<Month> {
        let zoned = ZonedDateTime::new(Timestamp::from_microsecond(at.0).ok()?, self.0.clone());
        let next = zoned.first_of_month().ok()?.checked_add(1.month()).ok()?.start_of_day().ok()?;
        let name = format!("{:04}-{:02}", zoned.year(), zoned.month());
        Some(Month { name, ends_at: next.timestamp().into() })
    }

    /// The midnight that starts the day of `at` in this zone, and the one that ends it.
    pub fn day_of(&self, at: Micros) -> Option<(Micros, Micros)> {
        let zoned = ZonedDateTime::new(Timestamp::from_microsecond(at.0).ok()?, self.0.clone());
        let start = zoned.start_of_day().ok()?;
        let end = start.checked_add(1.day()).ok()?;
        Some((start.timestamp().into(), end.timestamp().into()))
    }
}

/// `yyyy-MM-dd` and nothing looser: the calendar crate also reads week dates and longer years.
fn plain_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if shaped { text.parse().ok() } else { None }
}

/// Seconds east of UTC of `GMT`, `UTC`, `Z`, `[GMT|UTC]±h`, `±hh`, `±hhmm` or `±hh:mm`.
fn fixed_offset(text: &str) -> Option<i32> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let rest = match text.get(..3) {
        Some(name) if name.eq_ignore_ascii_case("gmt") || name.eq_ignore_ascii_case("utc") => {
            if text.len() == 3 {
                return Some(0);
            }
            &text[3..]
        }
        _ => text,
    };
    let (sign, digits) = match rest.as_bytes().first()? {
        b'+' => (1, &rest[1..]),
        b'-' => (-1, &rest[1..]),
        _ => return None,
    };
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some(parts), _) => parts,
        (None, 1 | 2) => (digits, "00"),
        (None, 4) if digits.is_ascii() => digits.split_at(2),
        _ => return None,
    };
    let number = |part: &str, length: std::ops::RangeInclusive<usize>| -> Option<i32> {
        (length.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let (hours, minutes) = (number(hours, 1..=2)?, number(minutes, 2..=2)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= OFFSET_MAX_MINUTES).then_some(sign * total * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Micros = Micros(1_767_605_415_123_456); // 2026-01-05T09:30:15.123456Z

    #[test]
    fn instants_are_written_in_utc() {
        assert_eq!(NOON.to_wire(), "2026-01-05T09:30:15Z");
        assert_eq!(NOON.to_wire_micros(), "2026-01-05T09:30:15.123456Z");
        assert_eq!(NOON.ymd(), "20260105");
        assert_eq!(NOON.to_sdk_date(), "20260105T093015Z");
        assert_eq!(Micros(-1).to_wire_micros(), "1969-12-31T23:59:59.999999Z");
        assert_eq!(Micros(-1).seconds(), -1);
        assert_eq!(NOON.plus_seconds(-15).to_wire(), "2026-01-05T09:30:00Z");
        assert_eq!(Micros(i64::MAX).plus_seconds(1), Micros(i64::MAX));
        assert_eq!(Micros(i64::MAX).to_wire(), "9999-12-30T22:00:00Z");
    }

    #[test]
    fn the_signing_date_reads_back() {
        assert_eq!(Micros::from_sdk_date("20260105T093015Z").unwrap().to_wire(), "2026-01-05T09:30:15Z");
        for bad in
            ["", "20260105T093015", "20261305T093015Z", "20260230T093015Z", "2026010ST093015Z", "20260105T246015Z"]
        {
            assert_eq!(Micros::from_sdk_date(bad), None, "{bad}");
        }
        assert_eq!(Micros::from_sdk_date("2026010é093015Z"), None);
    }

    #[test]
    fn zones_are_read_in_every_documented_form() {
        let at = |zone: &str| TimeZone::parse(zone).unwrap().parse_local("2026-01-05 17:30:15").unwrap().to_wire();
        for zone in ["GMT+8", "gmt+08:00", "UTC+8", "+08:00", "+0800", "+08", "Asia/Shanghai", " GMT+8 "] {
            assert_eq!(at(zone), "2026-01-05T09:30:15Z", "{zone}");
        }
        for zone in ["UTC", "GMT", "Z", "+00:00", "GMT-0"] {
            assert_eq!(at(zone), "2026-01-05T17:30:15Z", "{zone}");
        }
        assert_eq!(at("GMT-03:30"), "2026-01-05T21:00:15Z");
        for bad in
            ["", "GMT+15", "GMT+8:5", "+8:99", "GMT+", "GMT8", "+é1", "Mars/Base", "../../etc/passwd", "Etc/Unknown"]
        {
            assert_eq!(TimeZone::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn query_times_are_local_unless_they_say_otherwise() {
        let zone = TimeZone::default();
        let wire = |text: &str| zone.parse_local(text).map(Micros::to_wire);
        assert_eq!(wire("2026-01-05").as_deref(), Some("2026-01-04T16:00:00Z"));
        assert_eq!(wire("2026-01-05 00:00:01").as_deref(), Some("2026-01-04T16:00:01Z"));
        assert_eq!(wire("2026-01-05T00:00:01Z").as_deref(), Some("2026-01-05T00:00:01Z"));
        assert_eq!(wire("2026-01-05T00:00:01.5+02:00").as_deref(), Some("2026-01-04T22:00:01Z"));
        for bad in [
            "",
            "2026-02-30",
            "2026-W01-1",
            "05/01/2026",
            "2026-01-05 25:00:00",
            "2026-01-05T00:00:01",
            "二〇二六-01-05",
        ] {
            assert_eq!(wire(bad), None, "{bad}");
        }
        let skipped = TimeZone::parse("Europe/Berlin").unwrap().parse_local("2026-03-29 02:30:00").unwrap();
        assert_eq!(skipped.to_wire(), "2026-03-29T01:30:00Z");
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let last_second = Micros(1_769_875_199_000_000); // 2026-01-31T15:59:59Z, in GMT+8 the last second of January.
        let month = |zone: &str, at: Micros| {
            let month = TimeZone::parse(zone).unwrap().month_of(at).unwrap();
            (month.name, month.ends_at.to_wire())
        };
        assert_eq!(month("GMT+8", last_second), ("2026-01".to_owned(), "2026-01-31T16:00:00Z".to_owned()));
        assert_eq!(month("GMT+8", last_second.plus_seconds(1)).0, "2026-02");
        assert_eq!(month("UTC", last_second.plus_seconds(1)).0, "2026-01");
        let berlin = month("Europe/Berlin", Micros(1_774_783_800_000_000));
        assert_eq!(berlin, ("2026-03".to_owned(), "2026-03-31T22:00:00Z".to_owned()));
        assert_eq!(TimeZone::default().local(last_second), "2026-01-31 23:59:59");
    }

    #[test]
    fn a_day_ends_where_the_next_begins() {
        let (start, end) = TimeZone::default().day_of(NOON).unwrap();
        assert_eq!(
            (start.to_wire().as_str(), end.to_wire().as_str()),
            ("2026-01-04T16:00:00Z", "2026-01-05T16:00:00Z")
        );
        let (start, end) = TimeZone::parse("Europe/Berlin").unwrap().day_of(Micros(1_774_783_800_000_000)).unwrap();
        assert_eq!(end.seconds() - start.seconds(), 23 * 3600);
    }
}
