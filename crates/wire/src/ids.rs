//! Ids as types, so that one can not be taken for another.
//!
//! All but the case id are 32 lower-case hex digits in the layout of a version 7 UUID: they start with the time they
//! were made at, so new rows land at the end of an index. A case id is `TT`, the UTC day and eight digits.
//!
//! A value of these types always follows its rule: `parse`, `FromStr` and `Deserialize` refuse anything else, and a
//! text that breaks the rule can only be the id of something that does not exist.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::{Builder, Uuid};

use crate::time::Micros;

/// A text that can not be an id of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct InvalidId(&'static str);

/// Digits after the day in a case id.
const SERIAL_DIGITS: usize = 8;
/// Serial numbers of a case id are below this.
pub const CASE_SERIALS: u32 = 100_000_000;

fn is_hex_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_case_id(text: &str) -> bool {
    text.len() == 2 + 8 + SERIAL_DIGITS && text.starts_with("TT") && text.bytes().skip(2).all(|b| b.is_ascii_digit())
}

/// Milliseconds in the first 48 bits, the rest of the microsecond in the next 12 (RFC 9562 section 6.2, method 3), then
/// 62 random bits: ids made in one process sort by time down to the microsecond.
fn time_ordered(now: Micros) -> String {
    let micros = u64::try_from(now.0).unwrap_or(0);
    let fraction = u16::try_from(micros % 1000 * 4096 / 1000).unwrap_or(0).to_be_bytes();
    let source = Uuid::new_v4().into_bytes();
    let mut tail = [0_u8; 10];
    tail[..2].copy_from_slice(&fraction);
    // Bytes 6 and 8 of the source carry its version and variant; the others are all random.
    tail[2..7].copy_from_slice(&source[..5]);
    tail[7..].copy_from_slice(&source[13..]);
    Builder::from_unix_timestamp_millis(micros / 1000, &tail).into_uuid().simple().to_string()
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The id, when the text follows the rule of its kind.
            pub fn parse(text: &str) -> Option<Self> {
                $rule(text).then(|| Self(text.to_owned()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Gives the text up without copying it.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text).ok_or(InvalidId($what))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                if $rule(&text) { Ok(Self(text)) } else { Err(InvalidId($what)) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::try_from(String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    };
}

macro_rules! hex_ids {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)*) => {$(
        text_id!($(#[$doc])* $name, $what, is_hex_id);

        impl $name {
            /// A new id; ids made later sort later.
            pub fn random(now: Micros) -> Self {
                Self(time_ordered(now))
            }
        }
    )*};
}

hex_ids! {
    /// An account (tenant): `domain_id` and `customer_id` on the wire.
    AccountId, "account id";
    /// A user of an account: `user_id`, `xcustomer_id` and `sub_customer_id` on the wire.
    UserId, "user id";
    /// A user group of an account: `group_id` on the wire.
    GroupId, "group id";
    /// A project of an account: `project_id` on the wire.
    ProjectId, "project id";
    /// An attachment: `accessory_id` on the wire.
    AccessoryId, "accessory id";
    /// A message of a case: `message_id` on the wire.
    MessageId, "message id";
    /// An entry of a case's operate log.
    LogId, "log id";
    /// A report of abuse.
    FeedbackId, "feedback id";
    /// Access that a customer grants to staff for one case: `authorization_id` on the wire.
    AuthorizationId, "authorization id";
}

text_id!(
    /// A case: `case_id` and `incident_id` on the wire, like `TT2026010512345678`.
    CaseId, "case id", is_case_id
);

impl CaseId {
    /// The id of a case opened at `now`. `serial` is the caller's random number below [`CASE_SERIALS`]; only its last
    /// eight digits count.
    pub fn compose(now: Micros, serial: u32) -> Self {
        let day = Micros(now.0.max(0)).ymd();
        Self(format!("TT{day}{:08}", serial % CASE_SERIALS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_ids_follow_the_layout_and_the_time() {
        let now = Micros(1_767_605_415_123_456);
        let id = MessageId::random(now);
        assert_eq!(MessageId::parse(id.as_str()).as_ref(), Some(&id));
        let uuid = Uuid::parse_str(id.as_str()).unwrap();
        assert_eq!(uuid.get_version_num(), 7);
        assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(i64::from_str_radix(&id.as_str()[..12], 16).unwrap(), now.0 / 1000);
        let ids: Vec<_> = (0..2000).map(|step| MessageId::random(Micros(now.0 + step))).collect();
        assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]));
        assert_ne!(UserId::random(now), UserId::random(now));
        assert!(UserId::parse(UserId::random(Micros(-5)).as_str()).is_some());
    }

    #[test]
    fn texts_that_break_the_rule_are_refused() {
        for bad in [
            "",
            "0a1b2c3d4e5f60718293a4b5c6d7e8f",
            "0A1B2C3D4E5F60718293A4B5C6D7E8F9",
            "0a1b2c3d4e5f60718293a4b5c6d7e8fg",
        ] {
            assert_eq!(AccountId::parse(bad), None, "{bad}");
            assert!(serde_json::from_value::<AccountId>(bad.into()).is_err(), "{bad}");
        }
        let good = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        assert_eq!(serde_json::to_value(AccountId::parse(good).unwrap()).unwrap(), good);
        assert_eq!("x".parse::<GroupId>().unwrap_err().to_string(), "not a valid group id");
    }

    #[test]
    fn case_ids_carry_their_day() {
        let id = CaseId::compose(Micros(1_767_605_415_000_000), 42);
        assert_eq!(id.as_str(), "TT2026010500000042");
        assert_eq!(CaseId::parse("TT2026010500000042"), Some(id));
        for bad in [
            "TT202601050000004",
            "TS2026010500000042",
            "tt2026010500000042",
            "TT20260105000000é2",
            "TT20260105000000+2",
        ] {
            assert_eq!(CaseId::parse(bad), None, "{bad}");
        }
        assert!(CaseId::parse(CaseId::compose(Micros(i64::MAX), u32::MAX).as_str()).is_some());
        assert!(CaseId::parse(CaseId::compose(Micros(i64::MIN), 0).as_str()).is_some());
    }
}
