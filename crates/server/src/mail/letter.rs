//! A mail as it travels: headers, encodings, and plain text beside HTML.

use super::Kept;
use crate::config;
use crate::jobs::Failure;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use std::time::{Duration, SystemTime};

/// Fails with what is wrong with the sender of the configuration.
pub fn check_sender(from: &str) -> Result<(), String> {
    from.parse::<Mailbox>().map(drop).map_err(|e| format!("mail.from is {from:?}: {e}"))
}

/// Writes the message of a job, the same at every try.
pub(super) fn write(settings: &config::Mail, job_id: &str, kept: &Kept) -> Result<Message, Failure> {
    let from: Mailbox = settings.from.parse().map_err(|e| Failure::ForNow(format!("mail.from: {e}")))?;
    // What the parser says may hold the address.
    let to: Address = kept.to.parse().map_err(|_| Failure::ForGood("the receiver is no mail address".to_owned()))?;
    let asked_at = Duration::from_micros(u64::try_from(kept.asked_at).unwrap_or_default());
    let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    let builder = Message::builder()
        .message_id(Some(format!("<{job_id}@{}>", from.email.domain())))
        .date(SystemTime::UNIX_EPOCH + asked_at)
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(&kept.subject)
        .raw_header(automatic);
    let written = match &kept.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(kept.text.clone(), html.clone())),
        None => builder.header(ContentType::TEXT_PLAIN).body(kept.text.clone()),
    };
    written.map_err(|_| Failure::ForGood("the mail cannot be written".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(to: &str, html: Option<&str>) -> Kept {
        Kept {
            to: to.to_owned(),
            subject: "工单进展".to_owned(),
            text: "验证码 012345\n.\nlast".to_owned(),
            html: html.map(str::to_owned),
            asked_at: 1_767_605_415_000_000,
        }
    }

    fn settings() -> config::Mail {
        config::Mail { from: "Support <support@tickets.example>".to_owned(), ..config::Mail::default() }
    }

    #[test]
    fn a_mail_is_the_same_at_every_try() {
        let first = write(&settings(), "job-1", &kept("bob@acme.example", None)).unwrap();
        let text = String::from_utf8(first.formatted()).unwrap();
        for line in [
            "Message-ID: <job-1@tickets.example>\r\n",
            "Date: Mon, 05 Jan 2026 09:30:15 +0000\r\n",
            "To: bob@acme.example\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(text.is_ascii(), "encoded for every server: {text}");
        assert_eq!(
            first.formatted(),
            write(&settings(), "job-1", &kept("bob@acme.example", None)).unwrap().formatted()
        );
        let both = write(&settings(), "job-2", &kept("bob@acme.example", Some("<p>x</p>"))).unwrap();
        assert!(String::from_utf8(both.formatted()).unwrap().contains("multipart/alternative"));
    }

    #[test]
    fn nothing_of_the_receiver_is_told_and_no_header_can_be_added() {
        for bad in ["no address", "a@b\r\nBcc: c@d.example", "a@b.example, c@d.example", ""] {
            let error = write(&settings(), "job", &kept(bad, None)).unwrap_err();
            assert_eq!(error.to_string(), "the receiver is no mail address");
        }
        let mut sly = kept("bob@acme.example", None);
        sly.subject = "x\r\nBcc: eve@evil.example".to_owned();
        let text = String::from_utf8(write(&settings(), "job", &sly).unwrap().formatted()).unwrap();
        assert!(!text.lines().any(|line| line.starts_with("Bcc:")), "{text}");
        assert!(check_sender("Support <support@tickets.example>").is_ok() && check_sender("nobody").is_err());
    }
}
