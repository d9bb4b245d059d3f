//! Showing the newest agreement, whether the caller has signed it, and signing it.

use super::Kind;
use super::sql::{self, NewSignature};
use crate::app::App;
use crate::caller::{Caller, ClientIp};
use crate::error::{Allowed, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::once::Once;
use crate::reply::Reply;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use counterfoil_store::Tx;
use counterfoil_store::events::{self, NewEvent};
use counterfoil_wire::agreements::{Agreement, AgreementSigned, PublishedAgreement, SignAgreement, SignedLatest};
use serde_json::json;

/// The kind that a query asks for: an ordinary submission when it names none, nothing when it names one that is not known.
fn kind(query: &Query) -> Result<Option<Kind>> {
    Ok(query.text("agreement_type", 1..=32)?.map_or(Some(Kind::NewCase), |text| Kind::parse(&text)))
}

/// Show the newest published agreement of a kind.
pub async fn show_latest_published_agreement(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<PublishedAgreement>> {
    let Some(kind) = kind(&query)? else { return Ok(Reply(PublishedAgreement::default())) };
    let (now, lang) = (app.clock.now(), caller.lang);
    let load = async move |tx: &mut Tx| -> Result<Agreement> {
        let Some(newest) = sql::find_newest(tx, kind, now).await? else { return Ok(Agreement::default()) };
        let text = sql::load_text(tx, kind, newest.version, lang).await?;
        Ok(Agreement {
            id: Some(text.agreement_id.to_string()),
            agreement_name: Some(text.name),
            agreement_type: Some(kind.number().to_string()),
            agreement_type_name: Some(kind.name(lang).to_owned()),
            content: Some(text.content),
            version: Some(newest.version),
        })
    };
    Ok(Reply(PublishedAgreement { case_agreement: app.store.read(load).await? }))
}

/// Show whether the caller has signed the newest published agreement of a kind.
pub async fn show_signed_latest_published_agreement(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<SignedLatest>> {
    let Some(kind) = kind(&query)? else { return Ok(Reply(SignedLatest { is_signed_latest: false })) };
    let now = app.clock.now();
    let load = async move |tx: &mut Tx| -> Result<bool> {
        let Some(newest) = sql::find_newest(tx, kind, now).await? else { return Ok(false) };
        Ok(sql::has_signed(tx, &caller.account_id, &caller.user_id, kind, newest.version).await?)
    };
    Ok(Reply(SignedLatest { is_signed_latest: app.store.read(load).await? }))
}

impl Check for SignAgreement {
    fn check(&self) -> Result<()> {
        extract::optional_text("relation_id", self.relation_id.as_deref(), 1..=32)?;
        extract::line("relation_id", self.relation_id.as_deref().unwrap_or_default())
    }
}

/// The id in the path. A number that no id can be is told the range; what is no number at all is no id either.
fn path_number(id: std::result::Result<Path<String>, PathRejection>, unknown: impl Fn() -> Error) -> Result<i64> {
    let Path(text) = id.map_err(|_| unknown())?;
    let number = match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(number), _) => number,
        (Err(_), Ok(_)) => i64::MAX,
        (Err(_), Err(_)) => return Err(unknown()),
    };
    // The documents bound the id by 32, which the number of texts outgrows.
    extract::int("id", number, 1..=i64::from(i32::MAX))?;
    Ok(number)
}

/// Sign the newest published agreement; signing it again for the same thing answers the same record.
pub async fn sign_published_agreement(
    State(app): State<App>,
    caller: Caller,
    ClientIp(address): ClientIp,
    once: Once,
    id: std::result::Result<Path<String>, PathRejection>,
    Body(request): Body<SignAgreement>,
) -> Result<Reply<AgreementSigned>> {
    let unknown = || {
        let words = ("须为最新已发布协议的ID", "the id of the newest published agreement is needed");
        Error::param("id", Allowed::text(words.0, words.1))
    };
    let agreement_id = path_number(id, unknown)?;
    let now = app.clock.now();
    let address = address.map(|address| address.to_string()).unwrap_or_default();
    let unit = async move |tx: &mut Tx| {
        let (kind, version) = sql::find_kind(tx, agreement_id).await?.ok_or_else(unknown)?;
        let relation_id = request.relation_id.as_deref().unwrap_or_default();
        let new = NewSignature { kind, version, agreement_id, relation_id, client_address: &address };
        if let Some(known) = sql::find_signature(tx, &caller, &new).await? {
            return Ok(AgreementSigned { agreement_signed_record_id: known });
        }
        if sql::find_newest(tx, kind, now).await?.is_none_or(|newest| newest.version != version) {
            return Err(unknown());
        }
        let (record_id, is_new) = sql::insert_signature(tx, &caller, &new, now).await?;
        if is_new {
            let payload = json!({"kind": kind.number(), "version": version, "record_id": record_id,
                "relation_id": relation_id});
            let event = NewEvent {
                account_id: caller.account_id.as_str(),
                kind: "agreement.signed",
                subject: &agreement_id.to_string(),
                actor: caller.user_id.as_str(),
                payload,
                at: now.0,
            };
            events::append(tx, &event).await?;
        }
        Ok(AgreementSigned { agreement_signed_record_id: record_id })
    };
    once.write(&app, unit).await.map(Reply)
}
