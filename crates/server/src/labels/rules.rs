//! What a label may be called, and which of those that are asked for can be there at all.

use crate::error::{Allowed, Error, Result};
use crate::extract;

/// The most labels of an account.
pub const MOST_OF_ACCOUNT: i64 = 30;
/// The most labels on a case.
pub const MOST_OF_CASE: usize = 5;
/// The greatest id on the wire.
pub const GREATEST_ID: i64 = 2_147_483_647;

/// The name as it is kept: without spaces at its ends, 1 to 64 characters on one line.
pub fn name(given: &str) -> Result<String> {
    extract::text("name", given, 1..=64)?;
    extract::line("name", given)?;
    let name = given.trim();
    if name.is_empty() { Err(Error::param("name", Allowed::Required)) } else { Ok(name.to_owned()) }
}

/// The colour as it is kept: `#RRGGBB` in the case in which it came.
pub fn color(given: &str) -> Result<String> {
    extract::text("color", given, 1..=7)?;
    let digits = given.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        Ok(given.to_owned())
    } else {
        Err(Error::param("color", Allowed::text("须为 #RRGGBB", "#RRGGBB in hexadecimal digits is needed")))
    }
}

/// Reads the ids of labels in a list: whole numbers, each once.
pub fn ids(field: &str, texts: &[String]) -> Result<Vec<i64>> {
    let mut out = Vec::new();
    for text in texts {
        let id = text.parse().ok().filter(|id| (0..=GREATEST_ID).contains(id));
        let id = id.ok_or_else(|| Error::param(field, Allowed::Range(0, GREATEST_ID)))?;
        if !out.contains(&id) {
            out.push(id);
        }
    }
    Ok(out)
}

/// The ids of a filter. What is no number is no label's id either: then nothing can match, and the answer is none.
pub fn wanted(texts: &[String]) -> Option<Vec<i64>> {
    let mut ids = texts.iter().map(|text| text.parse().ok()).collect::<Option<Vec<i64>>>()?;
    ids.sort_unstable();
    ids.dedup();
    Some(ids)
}

/// Whether a name holds the text that is looked for, whatever the case of their letters.
pub fn matches(name: &str, wanted: &str) -> bool {
    wanted.is_empty() || name.to_lowercase().contains(&wanted.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_spaces_around_them() {
        assert_eq!(name(" 生产 prod ").unwrap(), "生产 prod");
        assert_eq!(name(&"🏷".repeat(64)).unwrap().chars().count(), 64);
        for bad in ["", "   ", "a\nb", &"a".repeat(65)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn colours_are_six_digits() {
        for good in ["#000000", "#A0b1C2"] {
            assert_eq!(color(good).unwrap(), good);
        }
        for bad in ["", "1", "#12345", "#1234567", "1234567", "#12345g", "#12 456", "#+12345", "红红红红红红红"]
        {
            assert!(color(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn ids_are_numbers_and_come_once() {
        let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(ids("f", &texts(&["7", "007", "3"])).unwrap(), [7, 3]);
        for bad in ["x", "-1", "2147483648", "1.0", "99999999999999999999"] {
            assert!(ids("f", &texts(&[bad])).is_err(), "{bad}");
        }
        assert_eq!(wanted(&texts(&["9", "2", "9"])), Some(vec![2, 9]));
        assert_eq!(wanted(&texts(&["9", "x"])), None);
        assert_eq!(wanted(&[]), Some(Vec::new()));
    }

    #[test]
    fn a_name_is_found_by_a_part_of_it() {
        assert!(matches("Straße PROD", "prod") && matches("生产环境", "产环") && matches("x", ""));
        assert!(!matches("prod", "prod1"));
    }
}
