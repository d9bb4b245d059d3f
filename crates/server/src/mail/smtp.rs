//! Sending one mail to the operator's mail server, and what its refusals mean.

use crate::config::{self, MailTls};
use crate::jobs::Failure;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::ExposeSecret as _;
use std::time::Duration;

/// Hands a mail over. One connection for each: a server that went away is not noticed by the next mail.
pub(super) async fn send(settings: &config::Mail, message: Message) -> Result<(), Failure> {
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.as_str())
        .port(settings.port())
        .tls(tls(settings).await?)
        .timeout(Some(Duration::from_secs(settings.timeout_seconds)));
    if !settings.login.is_empty() {
        let password = settings.password.as_ref().map(|password| password.expose_secret().to_owned());
        builder = builder.credentials(Credentials::new(settings.login.clone(), password.unwrap_or_default()));
    }
    // The time limit above is for each command; together they get a little more.
    let limit = Duration::from_secs(settings.timeout_seconds.saturating_mul(2));
    match tokio::time::timeout(limit, builder.build().send(message)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(failure(&error)),
        Err(_) => Err(Failure::ForNow("the mail server did not answer in time".to_owned())),
    }
}

async fn tls(settings: &config::Mail) -> Result<Tls, Failure> {
    if settings.tls == MailTls::None {
        return Ok(Tls::None);
    }
    let wrong = |e: &dyn std::fmt::Display| Failure::ForNow(format!("TLS to the mail server cannot be set up: {e}"));
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if !settings.ca_file.as_os_str().is_empty() {
        let pem = tokio::fs::read(&settings.ca_file).await.map_err(|e| wrong(&e))?;
        parameters = parameters.add_root_certificate(Certificate::from_pem(&pem).map_err(|e| wrong(&e))?);
    }
    let parameters = parameters.build().map_err(|e| wrong(&e))?;
    Ok(if settings.tls == MailTls::Tls { Tls::Wrapper(parameters) } else { Tls::Required(parameters) })
}

/// What an error means. Its own text may repeat the receiver's address, so none of it is kept but the number.
fn failure(error: &Error) -> Failure {
    if let Some(status) = error.status() {
        let status = status.to_string();
        let text = format!("the mail server answered {status}");
        // The mailbox or the message is refused for good. Other refusals (a login, a policy) are the operator's to mend.
        let is_final = error.is_permanent() && ["550", "551", "552", "553", "554", "556"].contains(&status.as_str());
        return if is_final { Failure::ForGood(text) } else { Failure::ForNow(text) };
    }
    let text = if error.is_timeout() {
        "the mail server did not answer in time"
    } else if error.is_tls() {
        "TLS with the mail server failed"
    } else if error.is_response() {
        "the mail server went away, or answered with something that is no SMTP"
    } else if error.is_client() {
        "the mail server lacks something that this mail or the configured login needs"
    } else {
        "there is no connection to the mail server, or it broke"
    };
    Failure::ForNow(text.to_owned())
}
