//! What a contact looks like: mail addresses, phone numbers and the time window in which somebody may be called.

use crate::error::{Allowed, Error, Result};

/// Fails unless `value` is a plain mail address: one `@`, a local part of up to 64 characters without spaces or control
/// characters, and a domain of labels.
pub fn check_mail(field: &str, value: &str) -> Result<()> {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let good = value.rsplit_once('@').is_some_and(|(local, domain)| {
        let local_good = !local.is_empty()
            && local.chars().count() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c));
        local_good && domain.contains('.') && domain.split('.').all(is_label)
    });
    if good {
        Ok(())
    } else {
        Err(Error::param(field, Allowed::text("须为邮箱地址", "a mail address is needed")))
    }
}

/// Fails unless `value` is a phone number: 5 to 20 digits, written with spaces or hyphens if wished.
pub fn check_mobile(field: &str, value: &str) -> Result<()> {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let good = (5..=20).contains(&digits) && value.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-');
    if good {
        Ok(())
    } else {
        Err(Error::param(field, Allowed::text("须为5到20位数字", "5 to 20 digits are needed")))
    }
}

/// Fails unless `value` is `0` (any time) or a window `hh:mm-hh:mm`.
pub fn check_window(field: &str, value: &str) -> Result<()> {
    let time = |text: &str| {
        let (hours, minutes) = text.split_once(':')?;
        let two = |t: &str| if t.len() == 2 { t.parse::<u8>().ok() } else { None };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        ((hours < 24 && minutes < 60) || (hours, minutes) == (24, 0)).then_some((hours, minutes))
    };
    let good = value == "0"
        || value
            .split_once('-')
            .is_some_and(|(from, to)| matches!((time(from), time(to)), (Some(f), Some(t)) if f != t));
    let allowed = || Allowed::text("须为0或 hh:mm-hh:mm", "0 or hh:mm-hh:mm is needed");
    if good { Ok(()) } else { Err(Error::param(field, allowed())) }
}

/// A name of which only the ends can be read: `a***e`.
pub fn mask_name(name: &str) -> String {
    let mut letters = name.chars();
    match (letters.next(), letters.next_back(), letters.next()) {
        (Some(first), Some(last), Some(_)) => format!("{first}***{last}"),
        (Some(first), ..) => format!("{first}***"),
        (None, ..) => String::new(),
    }
}

/// A phone number of which only the start and the end can be read: `138****8000`.
pub fn mask_mobile(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        0 => String::new(),
        1..=7 => format!("****{}", digits[digits.len() - digits.len().min(2)..].iter().collect::<String>()),
        many => {
            let (start, end) = (digits[..3].iter().collect::<String>(), digits[many - 4..].iter().collect::<String>());
            format!("{start}****{end}")
        }
    }
}

/// A mail address whose name cannot be read: `a***@example.com`.
pub fn mask_mail(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return if address.is_empty() { String::new() } else { "***".to_owned() };
    };
    format!("{}***@{domain}", local.chars().next().map(String::from).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_leave_enough_to_be_recognized() {
        for (name, masked) in [("alice", "a***e"), ("李四", "李***"), ("x", "x***"), ("", ""), ("abc", "a***c")] {
            assert_eq!(mask_name(name), masked);
        }
        for (number, masked) in [("13800138000", "138****8000"), ("138 0013-8000", "138****8000"), ("12345", "****45")]
        {
            assert_eq!(mask_mobile(number), masked);
        }
        assert_eq!(mask_mobile(""), "");
        for (mail, masked) in [("bob@acme.example", "b***@acme.example"), ("", ""), ("odd", "***")] {
            assert_eq!(mask_mail(mail), masked);
        }
    }

    #[test]
    fn contacts_are_told_from_nonsense() {
        for good in ["a@b.cn", "first.last+tag@mail.example.com", "李@例子.公司"] {
            assert!(check_mail("m", good).is_ok(), "{good}");
        }
        for bad in ["", "a", "a@b", "a b@c.cn", "a@b..cn", "@b.cn", "a@-b.cn", "a@b.cn\n", "a@b@c.cn", ".a@b.cn"] {
            assert!(check_mail("m", bad).is_err(), "{bad}");
        }
        assert!(check_mobile("p", "138 0013-8000").is_ok());
        assert!(check_mobile("p", "1234").is_err() && check_mobile("p", "+8613800138000").is_err());
        for good in ["0", "09:00-18:00", "22:00-06:00", "00:00-24:00"] {
            assert!(check_window("w", good).is_ok(), "{good}");
        }
        for bad in ["1", "9:00-18:00", "09:00", "09:00-09:00", "25:00-26:00", "09:60-10:00", "09:00-18:00-"] {
            assert!(check_window("w", bad).is_err(), "{bad}");
        }
    }
}
