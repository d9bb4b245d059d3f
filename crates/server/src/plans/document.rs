//! The support plans as one TOML document: what `plan import` reads and `plan export` writes.
//!
//! Nothing of a document is used unless all of it is right; every problem is told with the key it stands at. References
//! to the catalogue are checked at import, not here: the catalogue may change afterwards, and a plan is read so that a
//! severity or product that is gone only means nothing any more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use counterfoil_wire::time::TimeZone;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::catalog::document::{Both, CaseKind};
use crate::contact;

/// The document that a new database starts with.
pub const BUILTIN: &str = include_str!("builtin.toml");
/// The only format that is known.
const FORMAT: i64 = 1;
/// The largest number of cases in a month; also the largest that an answer holds.
pub const MOST_CASES: i64 = 65_535;
/// The longest response target: a year.
const LONGEST_MINUTES: i64 = 366 * 24 * 60;

/// Something that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Dotted path of the key, such as `plans.basic.name`.
    pub place: String,
    /// What is wrong and what is allowed.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { write!(f, "{}", self.text) } else { write!(f, "{}: {}", self.place, self.text) }
    }
}

/// When the minutes of a target run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calendar {
    /// Day and night; the rest is then empty.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub always: bool,
    /// The zone of hours and holidays.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// Working days.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// `hh:mm`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub opens: String,
    /// `hh:mm`, later than `opens`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub closes: String,
    /// `yyyy-MM-dd`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<String>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "days of the week")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// How soon the first answer comes: so many minutes of a calendar, or no promise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// Minutes that the calendar counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<i64>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
}

/// How many cases of some kind an account may submit in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// The most cases; -1 for any number.
    pub monthly: i64,
    /// How many more a ticket pack gives; 0 where none is sold.
    #[serde(default)]
    pub pack: i64,
    /// Only consultations or only faults; both when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<CaseKind>,
    /// Products that it is about; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
    /// Problems that it is about; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// A support plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name.
    pub name: Both,
    /// Whether the account has bought support with it.
    pub bought: bool,
    /// Whether faults may be submitted where plan benefits apply.
    pub faults: bool,
    /// Every severity of the catalogue may be chosen, also one that comes later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub every_severity: bool,
    /// Severities that may be chosen, with their targets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub severities: BTreeMap<String, Target>,
    /// Monthly quotas; a case counts in each that applies to it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub quotas: BTreeMap<String, Quota>,
}

/// The whole document, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Calendars by id.
    pub calendars: Vec<(String, Calendar)>,
    /// Plans by id.
    pub plans: Vec<(String, Plan)>,
}

impl Document {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut add = |place: &str, text: String| problems.push(Problem { place: place.to_owned(), text });
        let root: Table = match text.parse() {
            Ok(root) => root,
            // The parser's own words name line and column.
            Err(e) => return Err(vec![Problem { place: String::new(), text: e.to_string().trim().to_owned() }]),
        };
        for key in root.keys().filter(|key| !["format", "calendars", "plans"].contains(&key.as_str())) {
            add(key, "no such section; there are: format, calendars, plans".to_owned());
        }
        if root.get("format").and_then(Value::as_integer) != Some(FORMAT) {
            add("format", format!("must be {FORMAT}, the only format that this version reads"));
        }
        let document =
            Self { calendars: section(&root, "calendars", &mut add), plans: section(&root, "plans", &mut add) };
        if root.get("plans").and_then(Value::as_table).is_none_or(Table::is_empty) {
            add("plans", "at least one plan is needed".to_owned());
        }
        document.check(&mut add);
        if problems.is_empty() { Ok(document) } else { Err(problems) }
    }

    fn check(&self, add: &mut impl FnMut(&str, String)) {
        for (id, calendar) in &self.calendars {
            let place = format!("calendars.{id}");
            if let Err(text) = check_calendar(calendar) {
                add(&place, text.to_owned());
            }
        }
        for (id, plan) in &self.plans {
            let place = format!("plans.{id}");
            for (key, name) in [("zh", &plan.name.zh), ("en", &plan.name.en)] {
                if !(1..=64).contains(&name.trim().chars().count()) || name.contains(char::is_control) {
                    add(&format!("{place}.name.{key}"), "must be a line of 1 to 64 characters".to_owned());
                }
            }
            if plan.every_severity != plan.severities.is_empty() {
                let text = "either every_severity = true, or at least one severity is needed";
                add(&format!("{place}.severities"), text.to_owned());
            }
            for (severity, target) in &plan.severities {
                let place = format!("{place}.severities.{severity}");
                let known = |id: &String| self.calendars.iter().any(|(other, _)| other == id);
                match (target.minutes, &target.calendar) {
                    (None, None) => {}
                    (Some(minutes), Some(calendar)) if known(calendar) => {
                        if !(1..=LONGEST_MINUTES).contains(&minutes) {
                            add(&format!("{place}.minutes"), format!("must be from 1 to {LONGEST_MINUTES}"));
                        }
                    }
                    (Some(_), Some(calendar)) => {
                        add(&format!("{place}.calendar"), format!("there is no calendar {calendar:?}"));
                    }
                    _ => add(&place, "needs both minutes and calendar, or neither".to_owned()),
                }
            }
            for (quota, limit) in &plan.quotas {
                let place = format!("{place}.quotas.{quota}");
                if !is_id(quota) {
                    add(&place, ID_RULE.to_owned());
                }
                if !(-1..=MOST_CASES).contains(&limit.monthly) {
                    add(&format!("{place}.monthly"), format!("must be from -1 (any number) to {MOST_CASES}"));
                }
                if !(0..=MOST_CASES).contains(&limit.pack) || (limit.pack > 0 && limit.monthly < 0) {
                    let text = format!("must be from 0 to {MOST_CASES}, and 0 where monthly is -1");
                    add(&format!("{place}.pack"), text);
                }
            }
        }
    }

    /// The document as text.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        fn table<T: Serialize>(items: &[(String, T)]) -> Result<Value, toml::ser::Error> {
            let item = |(id, item): &(String, T)| Ok((id.clone(), Value::try_from(item)?));
            items.iter().map(item).collect::<Result<Table, _>>().map(Value::Table)
        }
        let root = [
            ("format".to_owned(), Value::Integer(FORMAT)),
            ("calendars".to_owned(), table(&self.calendars)?),
            ("plans".to_owned(), table(&self.plans)?),
        ];
        toml::to_string(&root.into_iter().collect::<Table>())
    }
}

const ID_RULE: &str = "an id has 1 to 32 small letters, digits and hyphens";

fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The items of a section, in their order.
fn section<T: DeserializeOwned>(root: &Table, name: &str, add: &mut impl FnMut(&str, String)) -> Vec<(String, T)> {
    let items = match root.get(name) {
        Some(Value::Table(items)) => items,
        None => return Vec::new(),
        Some(_) => {
            add(name, "must be a table of items by id".to_owned());
            return Vec::new();
        }
    };
    let mut out = Vec::new();
    for (id, value) in items {
        let place = format!("{name}.{id}");
        if !is_id(id) {
            add(&place, ID_RULE.to_owned());
        }
        match value.clone().try_into() {
            Ok(item) => out.push((id.clone(), item)),
            Err(e) => add(&place, e.to_string().trim().to_owned()),
        }
    }
    out
}

fn check_calendar(calendar: &Calendar) -> Result<(), &'static str> {
    let Calendar { always, zone, days, opens, closes, holidays } = calendar;
    if *always {
        let is_bare =
            zone.is_empty() && days.is_empty() && opens.is_empty() && closes.is_empty() && holidays.is_empty();
        return if is_bare { Ok(()) } else { Err("always = true stands alone") };
    }
    let zone = TimeZone::parse(zone).ok_or("zone must be GMT+8, UTC, +08:00 or the name of a time zone")?;
    if days.is_empty() || days.iter().collect::<BTreeSet<_>>().len() != days.len() {
        return Err("days must name some of mon, tue, wed, thu, fri, sat, sun, each once");
    }
    if contact::check_window("hours", &format!("{opens}-{closes}")).is_err() || opens >= closes {
        return Err("opens and closes must be hh:mm, the first before the second");
    }
    let is_date = |text: &String| text.len() == 10 && zone.parse_local(text).is_some();
    if !holidays.iter().all(is_date) || holidays.iter().collect::<BTreeSet<_>>().len() != holidays.len() {
        return Err("holidays must be dates yyyy-MM-dd, each once");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        Document::parse(text).unwrap_err().iter().map(ToString::to_string).collect()
    }

    const HEAD: &str = "format = 1\n[plans.a]\nname = { zh = \"甲\", en = \"A\" }\nbought = true\nfaults = true\n";

    #[test]
    fn the_built_in_plans_read_and_read_back() {
        let document = Document::parse(BUILTIN).unwrap();
        let ids: Vec<&str> = document.plans.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["unrestricted", "basic", "developer", "business", "enterprise-on-ramp", "enterprise"]);
        assert_eq!(Document::parse(&document.to_toml().unwrap()).unwrap(), document);
        let (_, business) = &document.plans[3];
        assert_eq!(business.severities["production-down"].minutes, Some(60));
        assert!(business.bought && !business.severities.contains_key("core-down"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(problems("format = ")[0].contains("line 1"));
        assert_eq!(problems("format = 2\nplan = 1").len(), 3);
        assert!(problems(&format!("{HEAD}other = 1"))[0].starts_with("plans.a: unknown field `other`"));
        assert!(problems("format = 1\nplans = 1")[0].starts_with("plans: must be a table"));
        for (more, place, words) in [
            ("", "plans.a.severities", "every_severity"),
            ("every_severity = true\nseverities = { x = {} }", "plans.a.severities", "either"),
            ("severities = { x = { minutes = 5 } }", "plans.a.severities.x", "both"),
            ("severities = { x = { minutes = 5, calendar = \"c\" } }", "plans.a.severities.x.calendar", "no calendar"),
            ("every_severity = true\nquotas = { q = { monthly = -2 } }", "plans.a.quotas.q.monthly", "from -1"),
            ("every_severity = true\nquotas = { q = { monthly = 65536 } }", "plans.a.quotas.q.monthly", "65535"),
            ("every_severity = true\nquotas = { q = { monthly = -1, pack = 5 } }", "plans.a.quotas.q.pack", "0 where"),
            ("every_severity = true\nquotas = { Q = { monthly = 1 } }", "plans.a.quotas.Q", "small letters"),
            ("every_severity = true\nquotas = { q = { monthly = 1, kind = \"x\" } }", "plans.a", "unknown variant"),
            ("every_severity = true\n[calendars.c]\nalways = true\nzone = \"UTC\"", "calendars.c", "alone"),
            ("every_severity = true\n[calendars.c]\nzone = \"Mars\"", "calendars.c", "zone"),
            ("every_severity = true\n[calendars.c]\nzone = \"UTC\"", "calendars.c", "days"),
            (
                "every_severity = true\n[calendars.c]\nzone = \"UTC\"\ndays = [\"mon\"]\nopens = \"18:00\"\ncloses = \"09:00\"",
                "calendars.c",
                "opens",
            ),
            (
                "every_severity = true\n[calendars.c]\nzone = \"UTC\"\ndays = [\"mon\"]\nopens = \"09:00\"\ncloses = \"18:00\"\n\
                 holidays = [\"2026-02-30\"]",
                "calendars.c",
                "holidays",
            ),
        ] {
            let found = problems(&format!("{HEAD}{more}"));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].starts_with(&format!("{place}: ")) && found[0].contains(words), "{found:?}");
        }
    }
}
