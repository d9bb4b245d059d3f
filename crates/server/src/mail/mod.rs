//! Mail to customers and staff: queued with the change that causes it, sent by a job, tried again until it is gone.
//!
//! Always true: nothing of a mail is readable in the table of jobs, in a log or in an error; a mail keeps its `Message-ID`
//! over all tries, so that one that arrives twice is seen to be the same; no transaction waits for a mail server.
//!
//! [`enqueue`] is the face. `letter.rs` makes the message, `smtp.rs` sends it; `[mail] transport` says where it goes.

mod letter;
mod smtp;

use crate::app::App;
use crate::config::MailTransport;
use crate::error::Result;
use crate::jobs::Failure;
use crate::outbox::{self, Channel};
use counterfoil_store::Tx;
use counterfoil_store::jobs::Job;
use counterfoil_wire::ids::AccountId;
use counterfoil_wire::time::Micros;
use serde::{Deserialize, Serialize};

pub use letter::check_sender;

/// The job that sends one mail.
pub const JOB: &str = "mail.send";
const CHANNEL: Channel = Channel { job: JOB, purpose: "job.mail" };

/// A mail to one receiver.
pub struct Mail<'a> {
    /// The receiver's address.
    pub to: &'a str,
    /// The subject; it ends up in logs of mail servers, so nothing secret.
    pub subject: &'a str,
    /// The plain text.
    pub text: &'a str,
    /// The same as HTML, where there is one. Everything in it that somebody wrote is escaped already.
    pub html: Option<&'a str>,
}

/// What a job keeps, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    to: String,
    subject: String,
    text: String,
    html: Option<String>,
    /// When the mail was asked for; its `Date`.
    asked_at: i64,
}

/// Whether mail goes anywhere at all.
pub fn is_on(app: &App) -> bool {
    app.config.mail.transport != MailTransport::None
}

/// Queues a mail in the transaction of what it tells. After `not_after` it is not sent any more, and its content is erased.
/// Without a transport nothing is queued.
pub async fn enqueue(
    tx: &mut Tx,
    app: &App,
    account_id: &AccountId,
    mail: &Mail<'_>,
    not_after: Option<Micros>,
    now: Micros,
) -> Result<()> {
    if !is_on(app) {
        return Ok(());
    }
    let kept = Kept {
        to: mail.to.to_owned(),
        subject: mail.subject.to_owned(),
        text: mail.text.to_owned(),
        html: mail.html.map(str::to_owned),
        asked_at: now.0,
    };
    outbox::enqueue(tx, app, &CHANNEL, account_id, kept, not_after, now).await
}

/// Sends the mail of a job.
pub(crate) async fn deliver(app: &App, job: &Job) -> std::result::Result<(), Failure> {
    let kept: Kept = outbox::open(app, &CHANNEL, job)?;
    let settings = &app.config.mail;
    let message = letter::write(settings, &job.job_id, &kept)?;
    match settings.transport {
        MailTransport::None => Err(Failure::ForNow("mail is switched off (mail.transport)".to_owned())),
        MailTransport::File => outbox::keep(app, format!("{}.eml", job.job_id), message.formatted()).await,
        MailTransport::Smtp => smtp::send(settings, message).await,
    }
}
