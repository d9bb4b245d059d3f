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

#[cfg(test)]
mod tests {
    use super::*;

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
