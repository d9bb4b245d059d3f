//! Contacts of customers, and how mail and SMS reach them.

use super::DAY;
use anyhow::bail;
use secrecy::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Contacts of customers and how they are verified.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contacts {
    /// A case takes registered and verified contacts only.
    pub required: bool,
    /// How long a code is valid, in seconds.
    pub code_seconds: i64,
    /// Between two codes for one contact, in seconds.
    pub resend_seconds: i64,
    /// The most codes that one contact gets in a day.
    pub daily_codes: i64,
    /// The most codes that one user asks for in a day.
    pub daily_codes_of_user: i64,
    /// After this many wrong guesses a code has ended.
    pub guesses: i64,
    /// The most wrong guesses of one user in a day.
    pub daily_guesses: i64,
    /// How long a contact stays verified, in seconds.
    pub verified_seconds: i64,
}

/// Mail and where it goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Nowhere, to files, or to a mail server.
    pub transport: MailTransport,
    /// The sender, such as `Support <support@tickets.example>`.
    pub from: String,
    /// The mail server.
    pub host: String,
    /// Its port; 0 is the usual one for `tls`.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: MailTls,
    /// Certificates (PEM) of authorities that are trusted beside the public ones.
    pub ca_file: PathBuf,
    /// The login; none when empty.
    pub login: String,
    /// Its password. `COUNTERFOIL_MAIL_PASSWORD` wins.
    pub password: Option<SecretString>,
    /// How long the server may take for each answer.
    pub timeout_seconds: u64,
}

/// See [`Mail::transport`].
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// Nothing is sent.
    #[default]
    None,
    /// Into the folder `outbox` in the data folder.
    File,
    /// To the mail server.
    Smtp,
}

/// See [`Mail::tls`].
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// Not at all: for a server on the same machine.
    None,
    /// From the second command on, or not at all: a server that does not offer it gets no mail.
    #[default]
    StartTls,
    /// From the first byte on.
    Tls,
}

/// SMS and which provider sends them.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sms {
    /// Nowhere, to files, or to a provider.
    pub transport: SmsTransport,
    /// Where the request goes; may hold `{{name}}`.
    pub url: String,
    /// `POST`, `PUT` or `GET`.
    pub method: String,
    /// Headers of the request, such as the one with the provider's key.
    pub headers: BTreeMap<String, SecretString>,
    /// The type of the body, which also says how values are written into it.
    pub content_type: String,
    /// The body; holds `{{name}}` where a value belongs.
    pub body: String,
    /// Where a JSON answer says how it went, as a JSON pointer; any answer with status 2xx is good when empty.
    pub success_pointer: String,
    /// What stands there when it went well.
    pub success_value: String,
    /// The provider's ids of registered templates, by the name of the message.
    pub templates: BTreeMap<String, String>,
    /// How long the provider may take.
    pub timeout_seconds: u64,
}

/// See [`Sms::transport`].
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum SmsTransport {
    /// Nothing is sent.
    #[default]
    None,
    /// Into the folder `outbox` in the data folder.
    File,
    /// To the provider.
    Http,
}

impl Default for Contacts {
    fn default() -> Self {
        Self {
            required: false,
            code_seconds: 300,
            resend_seconds: 60,
            daily_codes: 10,
            daily_codes_of_user: 50,
            guesses: 5,
            daily_guesses: 50,
            verified_seconds: 90 * DAY,
        }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            transport: MailTransport::None,
            from: "Counterfoil <counterfoil@localhost>".to_owned(),
            host: String::new(),
            port: 0,
            tls: MailTls::StartTls,
            ca_file: PathBuf::new(),
            login: String::new(),
            password: None,
            timeout_seconds: 15,
        }
    }
}

impl Mail {
    /// The port of the mail server.
    pub fn port(&self) -> u16 {
        match (self.port, self.tls) {
            (0, MailTls::None) => 25,
            (0, MailTls::StartTls) => 587,
            (0, MailTls::Tls) => 465,
            (port, _) => port,
        }
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        if self.transport == MailTransport::None {
            return Ok(());
        }
        crate::mail::check_sender(&self.from).map_err(anyhow::Error::msg)?;
        if self.transport == MailTransport::Smtp && self.host.is_empty() {
            bail!("mail.host names no mail server");
        }
        if !(1..=20).contains(&self.timeout_seconds) {
            bail!("mail.timeout_seconds must be 1 to 20");
        }
        if !self.login.is_empty() && self.tls == MailTls::None && !is_loopback(&self.host) {
            bail!("mail.login would send a password without encryption: set mail.tls to starttls or tls");
        }
        Ok(())
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            transport: SmsTransport::None,
            url: String::new(),
            method: "POST".to_owned(),
            headers: BTreeMap::new(),
            content_type: "application/json".to_owned(),
            body: "{\"to\":\"{{phone}}\",\"text\":\"{{text}}\"}".to_owned(),
            success_pointer: String::new(),
            success_value: String::new(),
            templates: BTreeMap::new(),
            timeout_seconds: 15,
        }
    }
}

impl Sms {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        if self.transport != SmsTransport::Http {
            return Ok(());
        }
        crate::sms::check(self).map_err(anyhow::Error::msg)
    }
}
