//! The words around a verification code, in both languages. A subject never holds the code: subjects end up in logs.

use counterfoil_wire::lang::Lang;

/// Whole minutes, rounded up.
pub fn minutes(seconds: i64) -> String {
    seconds.max(1).saturating_add(59).div_euclid(60).to_string()
}

/// Subject and text of the mail.
pub fn mail(code: &str, seconds: i64, lang: Lang) -> (String, String) {
    let minutes = minutes(seconds);
    match lang {
        Lang::ZhCn => (
            "工单系统邮箱验证".to_owned(),
            format!(
                "您好：\n\n您的验证码是 {code}，{minutes} 分钟内有效。请在工单系统中输入，以确认该邮箱可用于接收工单进展通知。\n\n\
                 请勿将验证码告诉他人。如非本人操作，请忽略本邮件。\n"
            ),
        ),
        Lang::EnUs => (
            "Confirm your mail address for service tickets".to_owned(),
            format!(
                "Hello,\n\nyour verification code is {code}. It is valid for {minutes} minutes. Enter it where you asked for \
                 it, so that news of your service tickets can be sent to this address.\n\nPlease do not pass the code on. If \
                 you did not ask for it, there is nothing to do.\n"
            ),
        ),
    }
}

/// The text of the SMS, short enough for one part.
pub fn sms(code: &str, seconds: i64, lang: Lang) -> String {
    let minutes = minutes(seconds);
    match lang {
        Lang::ZhCn => format!("验证码 {code}，{minutes} 分钟内有效，用于确认接收工单通知。请勿告诉他人。"),
        Lang::EnUs => format!(
            "{code} is your code to confirm this number for service tickets, valid for {minutes} minutes. Do not pass it on."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_hold_the_code_and_fit() {
        for lang in [Lang::ZhCn, Lang::EnUs] {
            let (subject, text) = mail("012345", 300, lang);
            assert!(text.contains("012345") && text.contains("5 ") && !subject.contains("012345"));
            let text = sms("012345", 300, lang);
            assert!(text.contains("012345") && text.contains('5'));
            // One part of an SMS: 160 characters of the GSM alphabet, 70 of any other.
            assert!(text.chars().count() <= if text.is_ascii() { 160 } else { 70 });
        }
        assert_eq!((minutes(300), minutes(301), minutes(0)), ("5".to_owned(), "6".to_owned(), "1".to_owned()));
    }
}
