//! Sending a code and checking a guess.

use super::rules::{self, Contact, Refusal, Sent, Way};
use super::sql::{self, NewVerified};
use super::{contact_hash, day, keyed_hash, texts, value_hash};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Code, Error, Result};
use crate::vault;
use crate::{mail, sms};
use counterfoil_store::Tx;
use counterfoil_store::events::{self, NewEvent};
use counterfoil_store::jobs::{self, NewJob};
use counterfoil_wire::time::Micros;
use serde::{Deserialize, Serialize};
use serde_json::json;
use subtle::ConstantTimeEq as _;

/// What a verified contact is sealed for.
pub(super) const PURPOSE: &str = "verified-contact";

/// What became of a guess. It is an answer of the unit, not an error, so that a wrong guess is counted and not undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The contact is verified.
    Right,
    /// There is no such code, or not any more; which of them is not said.
    Wrong,
    /// The user has guessed wrong too often today.
    TooMany {
        /// Until the day is over.
        retry_after_s: i64,
    },
}

impl Outcome {
    /// As the caller is told.
    pub fn answer(self) -> Result<()> {
        match self {
            Self::Right => Ok(()),
            Self::Wrong => Err(Error::new(Code::NotVerified)),
            Self::TooMany { retry_after_s } => Err(Error::retry_after(Code::TooManyRequests, retry_after_s)),
        }
    }
}

fn code_hash(app: &App, caller: &Caller, contact_hash: &str, code: &str) -> String {
    keyed_hash(app, "verify-code", &[caller.account_id.as_str(), caller.user_id.as_str(), contact_hash, code])
}

/// Makes a new code for a contact and queues its message; the one before is not valid any more.
pub async fn send(tx: &mut Tx, app: &App, caller: &Caller, contact: &Contact, now: Micros) -> Result<()> {
    let is_on = match contact.way {
        Way::Phone => sms::is_on(app),
        Way::Mail => mail::is_on(app),
    };
    if !is_on {
        return Err(Error::new(Code::NoChannel));
    }
    let settings = &app.config.contacts;
    let (hash, (day_at, left)) = (contact_hash(app, contact), day(now)?);
    // The contact's count is written first: a second request for the same contact waits here for the first one's end.
    let to_contact = sql::count(tx, caller, &format!("code {hash}"), day_at).await?;
    let by_user = sql::count(tx, caller, &format!("codes of {}", caller.user_id), day_at).await?;
    let last_at = sql::last_sent(tx, caller, &hash).await?;
    rules::may_send(Sent { last_at, to_contact, by_user }, now, settings).map_err(|refusal| match refusal {
        Refusal::TooSoon(seconds) => Error::retry_after(Code::CodeTooSoon, seconds),
        Refusal::UsedUp => Error::retry_after(Code::CodesUsedUp, left),
    })?;
    let code = zeroize::Zeroizing::new(rules::code_from(vault::random_bytes()));
    let expires_at = now.plus_seconds(settings.code_seconds);
    sql::save_code(tx, caller, &hash, &code_hash(app, caller, &hash, &code), now, expires_at).await?;
    match contact.way {
        Way::Mail => {
            let letter = texts::mail(&code, settings.code_seconds, caller.lang);
            let message = mail::Mail { to: &contact.value, subject: &letter.0, text: &letter.1, html: None };
            mail::enqueue(tx, app, &caller.account_id, &message, Some(expires_at), now).await?;
        }
        Way::Phone => {
            let (text, minutes) =
                (texts::sms(&code, settings.code_seconds, caller.lang), texts::minutes(settings.code_seconds));
            let message = sms::Sms {
                area_code: &contact.area_code,
                number: &contact.value,
                template: "verify_code",
                text: &text,
                lang: caller.lang,
                values: &[("code", &code), ("minutes", &minutes)],
            };
            sms::enqueue(tx, app, &caller.account_id, &message, Some(expires_at), now).await?;
        }
    }
    write_event(tx, caller, "contact.code_sent", caller.user_id.as_str(), contact.way, now).await
}

/// Checks a guess; a right one makes the contact verified. Every way through compares once, in constant time.
pub async fn check(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    contact: &Contact,
    guess: &str,
    now: Micros,
) -> Result<Outcome> {
    let settings = &app.config.contacts;
    let (hash, (day_at, retry_after_s)) = (contact_hash(app, contact), day(now)?);
    let guesses = format!("guesses of {}", caller.user_id);
    if sql::counted(tx, caller, &guesses, day_at).await? >= settings.daily_guesses {
        return Ok(Outcome::TooMany { retry_after_s });
    }
    let sent = sql::find_code_locked(tx, caller, &hash).await?.filter(|sent| !sent.code_hash.is_empty());
    let guessed = code_hash(app, caller, &hash, guess);
    let expected = sent.as_ref().map_or_else(|| "0".repeat(guessed.len()), |sent| sent.code_hash.clone());
    let is_same = bool::from(guessed.as_bytes().ct_eq(expected.as_bytes()));
    let live = sent.filter(|sent| rules::is_live(sent.expires_at, sent.wrong_guesses, now, settings));
    if live.is_none() || !is_same {
        if live.is_some() {
            sql::note_wrong_guess(tx, caller, &hash).await?;
        }
        sql::count(tx, caller, &guesses, day_at).await?;
        return Ok(Outcome::Wrong);
    }
    sql::end_code(tx, caller, &hash).await?;
    save_verified(tx, app, caller, contact, &hash, now).await?;
    Ok(Outcome::Right)
}

async fn save_verified(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    contact: &Contact,
    hash: &str,
    now: Micros,
) -> Result<()> {
    let expires_at = now.plus_seconds(app.config.contacts.verified_seconds);
    let new = NewVerified {
        verified_id: uuid::Uuid::new_v4().simple().to_string(),
        way: contact.way,
        area_code: &contact.area_code,
        contact_hash: hash,
        value_hash: value_hash(app, contact.way, &contact.value),
        sealed: app.vault.seal(PURPOSE, contact.value.as_bytes()),
        expires_at,
    };
    let verified_id = sql::save_verified(tx, caller, new, now).await?;
    let job = NewJob {
        kind: super::JOB_EXPIRE,
        key: Some(&verified_id),
        account_id: Some(caller.account_id.as_str()),
        payload: json!({}),
        run_at: expires_at.0,
    };
    jobs::enqueue(tx, &job, now.0).await?;
    write_event(tx, caller, "contact.verified", &verified_id, contact.way, now).await
}

/// Says that something happened with a contact, and not with which.
async fn write_event(
    tx: &mut Tx,
    caller: &Caller,
    kind: &'static str,
    subject: &str,
    way: Way,
    now: Micros,
) -> Result<()> {
    let event = NewEvent {
        account_id: caller.account_id.as_str(),
        kind,
        subject,
        actor: caller.user_id.as_str(),
        payload: json!({"contact_way": way.number()}),
        at: now.0,
    };
    Ok(events::append(tx, &event).await?)
}
