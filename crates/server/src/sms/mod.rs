//! SMS through whichever provider the operator has: an HTTP request described in the configuration.
//!
//! Queued and sent like mail ([`crate::mail`]), with the same promises. The request goes through the guard of outgoing
//! connections. [`enqueue`] is the face, `provider.rs` makes the request, `template.rs` fills in its texts.

mod provider;
mod template;

pub use provider::check;

use crate::app::App;
use crate::config::SmsTransport;
use crate::error::Result;
use crate::jobs::Failure;
use crate::outbox::{self, Channel};
use counterfoil_store::Tx;
use counterfoil_store::jobs::Job;
use counterfoil_wire::ids::AccountId;
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::Micros;
use serde::{Deserialize, Serialize};

/// The job that sends one SMS.
pub const JOB: &str = "sms.send";
const CHANNEL: Channel = Channel { job: JOB, purpose: "job.sms" };

/// An SMS to one receiver.
pub struct Sms<'a> {
    /// The dialling code, digits only.
    pub area_code: &'a str,
    /// The number, digits only.
    pub number: &'a str,
    /// Which message it is, for providers that send registered templates only: a key of `[sms.templates]`.
    pub template: &'static str,
    /// The text.
    pub text: &'a str,
    /// The language of the text.
    pub lang: Lang,
    /// What a registered template is filled with.
    pub values: &'a [(&'static str, &'a str)],
}

/// What a job keeps, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    area_code: String,
    number: String,
    template: String,
    text: String,
    lang: Lang,
    values: Vec<(String, String)>,
}

/// Whether SMS go anywhere at all.
pub fn is_on(app: &App) -> bool {
    app.config.sms.transport != SmsTransport::None
}

/// Queues an SMS in the transaction of what it tells. After `not_after` it is not sent any more, and its content is erased.
/// Without a transport nothing is queued.
pub async fn enqueue(
    tx: &mut Tx,
    app: &App,
    account_id: &AccountId,
    sms: &Sms<'_>,
    not_after: Option<Micros>,
    now: Micros,
) -> Result<()> {
    if !is_on(app) {
        return Ok(());
    }
    let kept = Kept {
        area_code: sms.area_code.to_owned(),
        number: sms.number.to_owned(),
        template: sms.template.to_owned(),
        text: sms.text.to_owned(),
        lang: sms.lang,
        values: sms.values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    outbox::enqueue(tx, app, &CHANNEL, account_id, kept, not_after, now).await
}

/// Sends the SMS of a job.
pub(crate) async fn deliver(app: &App, job: &Job) -> std::result::Result<(), Failure> {
    let kept: Kept = outbox::open(app, &CHANNEL, job)?;
    match app.config.sms.transport {
        SmsTransport::None => Err(Failure::ForNow("SMS are switched off (sms.transport)".to_owned())),
        SmsTransport::File => {
            let shown = serde_json::json!({
                "to": format!("+{}{}", kept.area_code, kept.number), "text": kept.text, "lang": kept.lang.as_str(),
                "template": kept.template,
            });
            outbox::keep(app, format!("{}.sms.json", job.job_id), shown.to_string().into_bytes()).await
        }
        SmsTransport::Http => provider::send(app, &job.job_id, &kept).await,
    }
}
