//! Contacts that customers want to be told at, and how a user proves that one is theirs: with a code sent to it.
//!
//! Always true: a code is known to its receiver alone (it is stored as a keyed hash, and sealed in the job that sends it);
//! it lives five minutes, ends with the fifth wrong guess, and is used once. A verified contact is sealed, found by a keyed
//! hash, and dropped after three months. Registered contacts of the user and of the account's owner need no code.
//!
//! [`require_usable`] is what a submission or a change of contacts asks; [`spend_code`] before it takes a code that rode
//! along. `codes.rs` sends and checks, `rules.rs` decides, `texts.rs` has the words.

pub mod api;
mod codes;
pub mod rules;
mod sql;
mod texts;

pub use sql::ALL;

use crate::app::App;
use crate::caller::Caller;
use crate::error::{Allowed, Code, Error, Result};
use crate::{extract, iam};
use counterfoil_store::jobs::Job;
use counterfoil_store::{StoreError, Tx};
use counterfoil_wire::cases::CaseContact;
use counterfoil_wire::time::{Micros, TimeZone};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use rules::{Contact, Way};
use secrecy::ExposeSecret;
use sha2::Sha256;

/// Drops a contact whose verification is over. The key is its `verified_id`.
pub const JOB_EXPIRE: &str = "contact.expire";

/// What a request says to prove its contacts: the ids of verified ones.
#[derive(Clone, Copy, Default)]
pub struct Proofs<'a> {
    /// Of the phone number.
    pub phone: Option<&'a str>,
    /// Of the mail address.
    pub mail: Option<&'a str>,
}

/// [`Proofs`] as the headers of a submission carry them.
#[derive(Clone, Default)]
pub struct OwnedProofs {
    phone: Option<String>,
    mail: Option<String>,
}

impl OwnedProofs {
    /// Reads `x-phone-verifiedid` and `x-email-verifiedid`.
    pub fn read(headers: &HeaderMap) -> Result<Self> {
        let read = |name: &str| -> Result<Option<String>> {
            let Some(value) = headers.get(name) else { return Ok(None) };
            let value = value.to_str().unwrap_or_default();
            extract::text(name, value, 1..=32)?;
            Ok(Some(value.to_owned()))
        };
        Ok(Self { phone: read("x-phone-verifiedid")?, mail: read("x-email-verifiedid")? })
    }

    /// The same, lent.
    pub fn borrowed(&self) -> Proofs<'_> {
        Proofs { phone: self.phone.as_deref(), mail: self.mail.as_deref() }
    }
}

/// The contacts of a case, with the field that each came in.
fn contacts_of<'a>(contact: &CaseContact, proofs: &Proofs<'a>) -> Vec<(&'static str, Contact, Option<&'a str>)> {
    let area = contact.area_code.as_deref().unwrap_or_default();
    let phone = contact.remind_mobile.as_deref().filter(|text| !text.is_empty());
    let mail = contact.remind_mail.as_deref().filter(|text| !text.is_empty());
    let phone = phone.map(|number| ("remind_mobile", Contact::phone(area, number), proofs.phone));
    let mail = mail.map(|address| ("remind_mail", Contact::mail(address), proofs.mail));
    phone.into_iter().chain(mail).collect()
}

/// Fails with `OSM.01010010` for a contact that is neither registered nor verified by the caller, where the operator
/// demands that (`contacts.required`). A `verified_id` that is given has to be the one of that very contact.
pub async fn require_usable(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    contact: &CaseContact,
    proofs: Proofs<'_>,
    now: Micros,
) -> Result<()> {
    if !app.config.contacts.required {
        return Ok(());
    }
    for (field, contact, proof) in contacts_of(contact, &proofs) {
        let fits = match standing(tx, app, caller, &contact, now).await? {
            Standing::Registered => true,
            Standing::Verified { verified_id, .. } => proof.is_none_or(|given| given == verified_id),
            Standing::Unknown => false,
        };
        if !fits {
            let words = ("请先验证该联系方式", "this contact has to be verified first");
            return Err(Error::param_as(Code::NotVerified, field, Allowed::text(words.0, words.1)));
        }
    }
    Ok(())
}

/// Like [`require_usable`], for what a change brings in: contacts that were there before stay, whoever has proved them.
pub async fn require_usable_change(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    before: &CaseContact,
    after: &CaseContact,
    now: Micros,
) -> Result<()> {
    let mut new = after.clone();
    if (&new.area_code, &new.remind_mobile) == (&before.area_code, &before.remind_mobile) {
        new.remind_mobile = None;
    }
    if new.remind_mail == before.remind_mail {
        new.remind_mail = None;
    }
    require_usable(tx, app, caller, &new, Proofs::default(), now).await
}

/// Tries a code that came with a submission on those of its contacts that need one. Its outcome is kept whatever becomes
/// of the submission: a wrong guess counts.
pub async fn spend_code(app: &App, caller: &Caller, contact: &CaseContact, code: Option<&str>) -> Result<()> {
    let Some(code) = code.filter(|code| !code.is_empty() && app.config.contacts.required) else { return Ok(()) };
    for (_, contact, _) in contacts_of(contact, &Proofs::default()) {
        let (context, caller, code, now) = (app.clone(), caller.clone(), code.to_owned(), app.clock.now());
        let unit = async move |tx: &mut Tx| -> Result<Option<codes::Outcome>> {
            let standing = standing(tx, &context, &caller, &contact, now).await?;
            if !matches!(standing, Standing::Unknown) {
                return Ok(None);
            }
            codes::check(tx, &context, &caller, &contact, &code, now).await.map(Some)
        };
        match app.store.write(unit).await? {
            Some(codes::Outcome::Right) => return Ok(()),
            // Whether the contact is usable is asked later, and answered for each.
            Some(codes::Outcome::Wrong) | None => {}
            Some(outcome @ codes::Outcome::TooMany { .. }) => return outcome.answer(),
        }
    }
    Ok(())
}

/// What is known of a contact.
enum Standing {
    /// The user or the account's owner registered it.
    Registered,
    /// The user has verified it.
    Verified {
        /// The id of that.
        verified_id: String,
        /// Until when.
        expires_at: Micros,
    },
    /// Nothing.
    Unknown,
}

async fn standing(tx: &mut Tx, app: &App, caller: &Caller, contact: &Contact, now: Micros) -> Result<Standing> {
    for registered in iam::list_registered_contacts(tx, &caller.account_id, &caller.user_id).await? {
        let opened = registered.open(&app.vault).map_err(Error::internal)?;
        let is_same = match contact.way {
            Way::Mail => opened.mail.is_some_and(|mail| Contact::mail(mail.expose_secret()) == *contact),
            Way::Phone => {
                let area = opened.area_code.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
                opened.phone.is_some_and(|phone| Contact::phone(area, phone.expose_secret()) == *contact)
            }
        };
        if is_same {
            return Ok(Standing::Registered);
        }
    }
    let found = sql::find_verified(tx, caller, &contact_hash(app, contact), now).await?;
    Ok(found.map_or(Standing::Unknown, |(verified_id, expires_at)| Standing::Verified { verified_id, expires_at }))
}

/// A keyed hash in hexadecimal digits; the parts cannot run into each other.
fn keyed_hash(app: &App, purpose: &str, parts: &[&str]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&app.vault.mac_key(purpose)).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    crate::vault::hex(&mac.finalize().into_bytes())
}

/// By which a contact is found.
fn contact_hash(app: &App, contact: &Contact) -> String {
    let way = contact.way.number().to_string();
    keyed_hash(app, "contact", &[&way, &contact.area_code, &contact.value])
}

/// By which a contact is found without its dialling code.
fn value_hash(app: &App, way: Way, value: &str) -> String {
    keyed_hash(app, "contact-value", &[&way.number().to_string(), value])
}

/// The service's day: its beginning, and the seconds until its end. A caller that could choose the zone would have two.
fn day(now: Micros) -> Result<(Micros, i64)> {
    let (day, end) = TimeZone::default().day_of(now).ok_or_else(|| Error::internal("there is no such day"))?;
    Ok((day, end.seconds() - now.seconds()))
}

/// Carries out [`JOB_EXPIRE`]. One that came too early, because the contact was verified again, does nothing.
pub async fn expire(tx: &mut Tx, app: &App, job: &Job) -> Result<()> {
    let id = job.key.as_deref().ok_or_else(|| Error::internal("an expiry names no contact"))?;
    Ok(sql::delete_expired(tx, id, app.clock.now()).await?)
}

/// Removes codes and counts that mean nothing any more.
pub async fn sweep(app: &App) -> std::result::Result<(), StoreError> {
    let before = app.clock.now().plus_seconds(-2 * 24 * 3600);
    app.store.write(async move |tx: &mut Tx| sql::forget(tx, before).await).await
}
