//! What a contact is, when a code may be sent, and whether a guess is right.

use crate::config::Contacts;
use counterfoil_wire::time::Micros;

/// The dialling code of a number that comes without one.
pub const HOME: &str = "86";
/// Digits of a code.
const DIGITS: usize = 6;

/// How somebody is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By SMS.
    Phone,
    /// By mail.
    Mail,
}

impl Way {
    /// The number on the wire.
    pub fn number(self) -> i64 {
        match self {
            Self::Phone => 0,
            Self::Mail => 1,
        }
    }

    /// The way of a number.
    pub fn of(number: i64) -> Option<Self> {
        [Self::Phone, Self::Mail].into_iter().find(|way| way.number() == number)
    }
}

/// A contact in the one form in which it is compared. It has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// How it is reached.
    pub way: Way,
    /// The dialling code without signs and leading zeros; empty for mail.
    pub area_code: String,
    /// The digits of a number, or an address.
    pub value: String,
}

impl Contact {
    /// A mail address. Case is not told apart: no provider gives two people addresses that differ in it alone.
    pub fn mail(address: &str) -> Self {
        Self { way: Way::Mail, area_code: String::new(), value: address.trim().to_lowercase() }
    }

    /// A phone number with its dialling code, such as `86`, `+86` or `0086`.
    pub fn phone(area_code: &str, number: &str) -> Self {
        Self { way: Way::Phone, area_code: area_code_of(area_code), value: digits(number) }
    }

    /// The number as it is dialled from everywhere, or the address.
    pub fn international(&self) -> String {
        match self.way {
            Way::Phone => format!("+{}{}", self.area_code, self.value),
            Way::Mail => self.value.clone(),
        }
    }
}

/// The digits in a number.
pub fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A dialling code without signs and leading zeros.
pub fn area_code_of(text: &str) -> String {
    let code = digits(text);
    let code = code.trim_start_matches('0');
    if code.is_empty() { HOME.to_owned() } else { code.to_owned() }
}

/// A code out of random bytes. Of 2^64 numbers each code has the same share, but for one part in 10^13.
pub fn code_from(random: [u8; 8]) -> String {
    format!("{:0DIGITS$}", u64::from_be_bytes(random) % 1_000_000)
}

/// What was sent before, when another code is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// When the last code went to this contact, from anybody in the account.
    pub last_at: Option<Micros>,
    /// How many codes the contact has got today, this one included.
    pub to_contact: i64,
    /// How many codes the user has asked for today, this one included.
    pub by_user: i64,
}

/// Why no code is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The last one went out so recently that it takes this many more seconds.
    TooSoon(i64),
    /// The day's codes are used up.
    UsedUp,
}

/// Whether one more code may be sent.
pub fn may_send(sent: Sent, now: Micros, settings: &Contacts) -> Result<(), Refusal> {
    if let Some(last) = sent.last_at {
        let left = last.plus_seconds(settings.resend_seconds).0 - now.0;
        // A clock that went back does not keep anybody waiting for longer than the interval.
        if left > 0 && left <= settings.resend_seconds * 1_000_000 {
            return Err(Refusal::TooSoon(left.div_euclid(1_000_000) + i64::from(left % 1_000_000 > 0)));
        }
    }
    if sent.to_contact > settings.daily_codes || sent.by_user > settings.daily_codes_of_user {
        return Err(Refusal::UsedUp);
    }
    Ok(())
}

/// Whether a code can still be guessed.
pub fn is_live(expires_at: Micros, wrong_guesses: i64, now: Micros, settings: &Contacts) -> bool {
    now.0 < expires_at.0 && wrong_guesses < settings.guesses
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_contact_has_one_form() {
        for (area, number) in
            [("86", "13800138000"), ("+86", "138 0013-8000"), ("0086", "13800138000"), ("", "138-00138000")]
        {
            assert!(Contact::phone(area, number) == Contact::phone("86", "13800138000"), "{area} {number}");
        }
        assert!(Contact::phone("1", "13800138000") != Contact::phone("86", "13800138000"));
        assert_eq!(Contact::phone("+49", "0301 234").international(), "+490301234");
        assert!(Contact::mail("Bob@ACME.example ") == Contact::mail("bob@acme.example"));
        assert!(Contact::mail("13800138000") != Contact::phone("", "13800138000"));
        assert_eq!(Way::of(0), Some(Way::Phone));
        assert_eq!((Way::of(1), Way::of(2), Way::of(-1)), (Some(Way::Mail), None, None));
    }

    #[test]
    fn codes_are_sent_once_a_minute_and_not_for_ever() {
        let (settings, now) = (Contacts::default(), Micros(1_000_000_000_000));
        let sent = |ago_micros: Option<i64>, to_contact, by_user| Sent {
            last_at: ago_micros.map(|ago| Micros(now.0 - ago)),
            to_contact,
            by_user,
        };
        assert_eq!(may_send(sent(None, 1, 1), now, &settings), Ok(()));
        assert_eq!(may_send(sent(Some(0), 2, 2), now, &settings), Err(Refusal::TooSoon(60)));
        assert_eq!(may_send(sent(Some(59_000_000), 2, 2), now, &settings), Err(Refusal::TooSoon(1)));
        assert_eq!(may_send(sent(Some(59_999_999), 2, 2), now, &settings), Err(Refusal::TooSoon(1)));
        assert_eq!(may_send(sent(Some(60_000_000), 2, 2), now, &settings), Ok(()));
        assert_eq!(may_send(sent(Some(-3_600_000_000), 2, 2), now, &settings), Ok(()), "the clock went back an hour");
        assert_eq!(may_send(sent(None, settings.daily_codes, 1), now, &settings), Ok(()));
        assert_eq!(may_send(sent(None, settings.daily_codes + 1, 1), now, &settings), Err(Refusal::UsedUp));
        assert_eq!(may_send(sent(None, 1, settings.daily_codes_of_user + 1), now, &settings), Err(Refusal::UsedUp));
    }

    #[test]
    fn a_code_ends_with_its_time_or_its_guesses() {
        let (settings, now) = (Contacts::default(), Micros(1_000_000));
        assert!(is_live(Micros(1_000_001), settings.guesses - 1, now, &settings));
        assert!(!is_live(now, 0, now, &settings));
        assert!(!is_live(Micros(1_000_001), settings.guesses, now, &settings));
    }

    proptest! {
        #[test]
        fn every_code_has_six_digits(random in any::<[u8; 8]>()) {
            let code = code_from(random);
            prop_assert!(code.len() == DIGITS && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
        }
    }
}
