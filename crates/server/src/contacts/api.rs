//! Whether a contact needs a code, sending one, checking it, and listing what is verified.

use super::codes::{self, Outcome, PURPOSE};
use super::rules::{self, Contact, Way};
use super::sql::{self, Wanted};
use super::{Standing, standing, value_hash};
use crate::app::App;
use crate::caller::Caller;
use crate::contact::{check_mail, check_mobile};
use crate::error::{Allowed, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::once::Once;
use crate::reply::{Done, Reply};
use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::contacts::{CheckVerifyCode, NeedVerify, SendVerifyCode, VerifiedContact, VerifiedContactPage};
use counterfoil_wire::time::Micros;
use secrecy::ExposeSecret as _;

impl Check for SendVerifyCode {
    fn check(&self) -> Result<()> {
        extract::text("contact_value", &self.contact_value, 0..=64)?;
        extract::int("contact_way", self.contact_way, 0..=1)?;
        extract::text("area_code", &self.area_code, 0..=16)
    }
}

impl Check for CheckVerifyCode {
    fn check(&self) -> Result<()> {
        extract::text("verify_code", &self.verify_code, 6..=6)?;
        extract::text("contact_value", &self.contact_value, 0..=64)?;
        extract::int("contact_way", self.contact_way, 0..=1)?;
        extract::optional_text("area_code", self.area_code.as_deref(), 0..=16)?;
        extract::optional_text("x_customer_id", self.x_customer_id.as_deref(), 0..=64)?;
        extract::optional_text("customer_id", self.customer_id.as_deref(), 0..=64)
    }
}

/// Reads a contact: an address, or a number with a dialling code that the catalogue knows.
async fn contact(app: &App, way: i64, value: &str, area_code: &str) -> Result<Contact> {
    if value.is_empty() {
        return Err(Error::param("contact_value", Allowed::Required));
    }
    if Way::of(way) == Some(Way::Mail) {
        check_mail("contact_value", value)?;
        return Ok(Contact::mail(value));
    }
    check_mobile("contact_value", value)?;
    // In a query, a plus sign that was not encoded arrives as a space.
    let area_code = area_code.trim();
    let contact = Contact::phone(area_code, value);
    let is_sign = |c: char| c.is_ascii_digit() || c == '+';
    if !area_code.chars().all(is_sign) || !app.catalog.snapshot(&app.store).await?.has_area_code(&contact.area_code) {
        let words = ("须为 ListAreaCodes 返回的国家码", "a code of ListAreaCodes is needed");
        return Err(Error::param("area_code", Allowed::text(words.0, words.1)));
    }
    Ok(contact)
}

/// Show whether a contact needs a code before it is used.
pub async fn check_need_verify(State(app): State<App>, caller: Caller, query: Query) -> Result<Reply<NeedVerify>> {
    let value = query.required_text("contact_value", 0..=64)?;
    let way = query.int("contact_way", 0..=1)?.ok_or_else(|| Error::param("contact_way", Allowed::Required))?;
    let area_code = query.text("area_code", 0..=16)?.unwrap_or_default();
    let contact = contact(&app, way, &value, &area_code).await?;
    let (context, now) = (app.clone(), app.clock.now());
    let load = async move |tx: &mut Tx| -> Result<NeedVerify> {
        Ok(match standing(tx, &context, &caller, &contact, now).await? {
            Standing::Registered => NeedVerify { need_verify_code: 0, expire_time: None },
            Standing::Verified { expires_at, .. } => {
                NeedVerify { need_verify_code: 0, expire_time: Some(expires_at.to_wire()) }
            }
            Standing::Unknown => NeedVerify { need_verify_code: 1, expire_time: None },
        })
    };
    app.store.read(load).await.map(Reply)
}

/// Send a code to a contact.
pub async fn send_verify_codes(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body(request): Body<SendVerifyCode>,
) -> Result<Reply<Done>> {
    let contact = contact(&app, request.contact_way, &request.contact_value, &request.area_code).await?;
    let (context, now) = (app.clone(), app.clock.now());
    let unit = async move |tx: &mut Tx| -> Result<Done> {
        codes::send(tx, &context, &caller, &contact, now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

/// Check a code; the right one makes its contact verified.
pub async fn check_verify_codes(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body(request): Body<CheckVerifyCode>,
) -> Result<Reply<Done>> {
    let area_code = request.area_code.unwrap_or_default();
    let contact = contact(&app, request.contact_way, &request.contact_value, &area_code).await?;
    let (context, now) = (app.clone(), app.clock.now());
    let unit = async move |tx: &mut Tx| -> Result<Outcome> {
        codes::check(tx, &context, &caller, &contact, &request.verify_code, now).await
    };
    // Answered after the commit: what a wrong guess has counted must stay.
    once.write(&app, unit).await?.answer()?;
    Ok(Reply(Done {}))
}

/// List the contacts that the caller has verified; the owner's list is the whole account's.
pub async fn list_has_verified_contacts(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<VerifiedContactPage>> {
    let offset = query.int("offset", 0..=65_535)?.unwrap_or(0);
    let limit = query.int("limit", 0..=100)?.unwrap_or(10);
    let now = app.clock.now();
    let mut wanted = Wanted {
        way: query.int("contact_way", 0..=1)?,
        verified_id: query.text("verified_id", 0..=64)?.unwrap_or_default(),
        area_code: query.text("area_code", 0..=16)?.map(|text| rules::area_code_of(&text)).unwrap_or_default(),
        valid_after: expired_time(&caller, &query)?.map_or(now, |at| Micros(at.0.max(now.0))),
        ..Wanted::default()
    };
    let account = query.text("customer_id", 0..=64)?;
    let user = query.text("sub_customer_id", 0..=64)?;
    if let Some(value) = query.text("contact_value", 0..=64)? {
        let (mail, phone) = (Contact::mail(&value), Contact::phone("", &value));
        wanted.value_hashes = (value_hash(&app, Way::Mail, &mail.value), value_hash(&app, Way::Phone, &phone.value));
    }
    let is_foreign = account.is_some_and(|id| id != caller.account_id.as_str())
        || user.as_deref().is_some_and(|id| !caller.is_owner && id != caller.user_id.as_str());
    if is_foreign {
        return Ok(Reply(VerifiedContactPage::default()));
    }
    wanted.user_id = match user {
        Some(id) => id,
        None if caller.is_owner => String::new(),
        None => caller.user_id.to_string(),
    };
    let load = async move |tx: &mut Tx| sql::page(tx, &caller, &wanted, limit, offset).await;
    let (count, rows) = app.store.read(load).await?;
    let shown = |row: sql::Verified| -> Result<VerifiedContact> {
        let value = app.vault.open_text(PURPOSE, &row.sealed).map_err(Error::internal)?;
        Ok(VerifiedContact {
            contact_way: row.way,
            contact_value: value.expose_secret().to_owned(),
            area_code: Some(row.area_code).filter(|code| !code.is_empty()),
            verified_id: row.verified_id,
        })
    };
    let contact_list = rows.into_iter().map(shown).collect::<Result<_>>()?;
    Ok(Reply(VerifiedContactPage { count, contact_list }))
}

fn expired_time(caller: &Caller, query: &Query) -> Result<Option<Micros>> {
    let Some(text) = query.text("expired_time", 0..=32)? else { return Ok(None) };
    caller.zone.parse_local(&text).map(Some).ok_or_else(|| Error::param("expired_time", Allowed::time()))
}
