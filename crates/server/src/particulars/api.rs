//! Contacts, copy addresses, extra parameters and the rating of a case.

use super::{rules, sql};
use crate::app::App;
use crate::caller::Caller;
use crate::cases::access::{self, PathId};
use crate::cases::api::all_params;
use crate::cases::change::{self, Doer};
use crate::cases::rules::{Action, Status};
use crate::cases::{self, CaseRow, sealed};
use crate::contacts;
use crate::error::{Allowed, Code, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::messages;
use crate::once::Once;
use crate::reply::{Done, Reply};
use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::cases::CaseContact;
use counterfoil_wire::ids::MessageId;
use counterfoil_wire::particulars::{CaseParams, CcEmailInfo, CcEmails, RateCase, SubmitParams, UpdateContact};
use serde_json::{Map, Value, json};

/// The operate log's type of a rating.
const LOG_RATED: i64 = 5;
/// The operate log's type of contacts that were given or replaced.
const LOG_CONTACT_CHANGED: i64 = 114;
/// The operate log's type of contacts that were taken away.
const LOG_CONTACT_REMOVED: i64 = 115;
/// The most addresses in the answer of `ListCaseCcEmails`.
const MOST_ADDRESSES: usize = 5;

/// Fails for a case that has ended: what it would carry is erased.
fn must_be_open(case: &CaseRow) -> Result<()> {
    if case.status.is_ended() { Err(Error::new(Code::WrongState)) } else { Ok(()) }
}

/// The copy addresses of the caller's open cases.
pub async fn list_case_cc_emails(State(app): State<App>, caller: Caller) -> Result<Reply<CcEmails>> {
    let (account_id, user_id) = (caller.account_id.clone(), caller.user_id.clone());
    let read = async move |tx: &mut Tx| sql::newest_copies(tx, &account_id, &user_id, sealed::CONTACT).await;
    let mut used: Vec<String> = Vec::new();
    for sealed in app.store.read(read).await? {
        let contact: CaseContact = sealed::open(&app, &sealed)?;
        used.extend(contact.cc_email);
    }
    let mut mc_email_infos: Vec<String> = Vec::new();
    for address in used.iter().flat_map(|copies| copies.split(',')) {
        if mc_email_infos.len() < MOST_ADDRESSES && !mc_email_infos.iter().any(|known| known == address) {
            mc_email_infos.push(address.to_owned());
        }
    }
    let cc_email = used.into_iter().next().unwrap_or_default();
    let cc_email_info = CcEmailInfo { user_id: caller.user_id, customer_id: caller.account_id, cc_email };
    Ok(Reply(CcEmails { cc_email_info, mc_email_infos }))
}

impl Check for UpdateContact {
    fn check(&self) -> Result<()> {
        let optional = |field: &str, value: &Option<Option<String>>, min, max| {
            extract::optional_text(field, value.as_ref().and_then(Option::as_deref), min..=max)
        };
        optional("area_code", &self.area_code, 1, 32)?;
        optional("remind_mobile", &self.remind_mobile, 1, 32)?;
        optional("remind_mail", &self.remind_mail, 0, 128)?;
        optional("remind_time", &self.remind_time, 0, 16)?;
        extract::optional_text("group_id", self.group_id.as_deref(), 0..=64)?;
        let any = self.area_code.is_some()
            || self.remind_mobile.is_some()
            || self.remind_mail.is_some()
            || self.remind_time.is_some()
            || self.extension_map.as_ref().is_some_and(|map| !map.is_empty());
        if any {
            return Ok(());
        }
        let names = "area_code, remind_mobile, remind_mail, remind_time, extension_map";
        Err(Error::param("body", Allowed::text(format!("须至少有一项：{names}"), format!("one of {names} is needed"))))
    }
}

/// Change how a customer wants to be reached about an open case.
pub async fn update_case_contact_info(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
    Body(mut request): Body<UpdateContact>,
) -> Result<Reply<Done>> {
    let catalog = app.catalog.snapshot(&app.store).await?;
    let mut further = request.extension_map.take().unwrap_or_default();
    let copies = rules::take_copies(&mut further, catalog.settings().case_cc_email_max_count)?;
    let now = app.clock.now();
    let context = app.clone();
    let unit = async move |tx: &mut Tx| {
        let mut case = access::load_to_change(tx, &caller, &case_id, request.group_id.as_deref()).await?;
        must_be_open(&case)?;
        let contact = sealed::load(tx, &context, &case).await?.contact;
        let before = contact.clone();
        let change = rules::change_contact(&request, copies.clone(), contact, &case.remind_time, &catalog)?;
        contacts::require_usable_change(tx, &context, &caller, &before, &change.contact, now).await?;
        let mut changed = change.changed;
        let extension = with_further(&case, &further)?;
        if extension != case.extension {
            changed.push("extension_map");
        }
        if changed.is_empty() && change.removed.is_empty() {
            return Ok(Done {});
        }
        sealed::save_contact(tx, &context, &case, &change.contact).await?;
        (case.remind_time, case.extension) = (change.remind_time, extension);
        case.updated_at = context.sequence.tick_after(now, case.updated_at);
        cases::update_details(tx, &case).await?;
        let doer = Doer::customer(&caller);
        for (kind, names) in [(LOG_CONTACT_CHANGED, &changed), (LOG_CONTACT_REMOVED, &change.removed)] {
            if !names.is_empty() {
                let at = context.sequence.tick_after(now, case.updated_at);
                change::write_log(tx, &doer, &case, kind, &names.join(", "), (at, now)).await?;
            }
        }
        let payload = json!({"changed": changed, "removed": change.removed});
        change::write_event(tx, &doer, &case, "case.contact_changed", payload, now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

/// The further values of a case with others put in; null takes one away.
fn with_further(case: &CaseRow, given: &Map<String, Value>) -> Result<String> {
    let mut further: Map<String, Value> = serde_json::from_str(&case.extension).map_err(Error::internal)?;
    for (key, value) in given {
        if value.is_null() {
            further.remove(key);
        } else {
            further.insert(key.clone(), value.clone());
        }
    }
    cases::check_extension(further)
}

/// Show the extra parameters of a case.
pub async fn show_case_extends_param(
    State(app): State<App>,
    caller: Caller,
    PathId(case_id): PathId<64>,
    query: Query,
) -> Result<Reply<CaseParams>> {
    let group_id = query.text("group_id", 0..=64)?;
    let context = app.clone();
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let case = access::load_visible(tx, &caller, &case_id, group_id.as_deref()).await?;
            let is_private = caller.is_owner || caller.user_id == case.user_id;
            let secrets = sealed::load(tx, &context, &case).await?;
            Ok(Reply(CaseParams { extends_map: all_params(&case, is_private.then_some(secrets.params)) }))
        })
        .await
}

impl Check for SubmitParams {
    fn check(&self) -> Result<()> {
        extract::optional_text("group_id", self.group_id.as_deref(), 1..=64)?;
        extract::optional_text("message_id", self.message_id.as_deref(), 1..=64)?;
        if self.extends_map.as_ref().is_none_or(Map::is_empty) {
            return Err(Error::param("extends_map", Allowed::Required));
        }
        Ok(())
    }
}

/// Give extra parameters of an open case, as its problem type describes them.
pub async fn create_case_extends_param(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
    Body(request): Body<SubmitParams>,
) -> Result<Reply<Done>> {
    let catalog = app.catalog.snapshot(&app.store).await?;
    let now = app.clock.now();
    let context = app.clone();
    let unit = async move |tx: &mut Tx| {
        let mut case = access::load_to_change(tx, &caller, &case_id, request.group_id.as_deref()).await?;
        must_be_open(&case)?;
        if let Some(id) = &request.message_id {
            let is_there = match MessageId::parse(id) {
                Some(id) => messages::is_public(tx, &case, &id).await?,
                None => false,
            };
            if !is_there {
                let allowed = Allowed::text("须为该工单的消息ID", "a message of the case is needed");
                return Err(Error::param("message_id", allowed));
            }
        }
        let none = Map::new();
        let given = request.extends_map.as_ref().unwrap_or(&none);
        let (known, common) = (catalog.extra_params_for(&case.problem_id), catalog.common_params());
        let (plain, sensitive) = cases::check_some_params(given, known, common)?;
        let mut params = all_params(&case, None);
        params.retain(|key, _| !given.contains_key(key));
        params.extend(plain);
        let mut secret = sealed::load(tx, &context, &case).await?.params;
        secret.retain(|key, _| !given.contains_key(key));
        secret.extend(sensitive);
        sealed::save_params(tx, &context, &case, &secret).await?;
        case.params = Value::Object(params).to_string();
        case.updated_at = context.sequence.tick_after(now, case.updated_at);
        cases::update_details(tx, &case).await?;
        let keys: Vec<&String> = given.keys().collect();
        let payload = json!({"keys": keys, "message_id": request.message_id});
        change::write_event(tx, &Doer::customer(&caller), &case, "case.params_given", payload, now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

impl Check for RateCase {
    fn check(&self) -> Result<()> {
        extract::text("judgement", &self.judgement, 0..=400)?;
        extract::optional_text("group_id", self.group_id.as_deref(), 0..=64)?;
        rules::check_bounds(&self.incident_satisfaction_list)?;
        if self.judgement.trim().is_empty() && self.incident_satisfaction_list.is_empty() {
            return Err(Error::param("incident_satisfaction_list", Allowed::Required));
        }
        Ok(())
    }
}

/// Rate a case that is to be confirmed, which closes it, or that is completed. A rating may be changed for some days.
pub async fn create_scores(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId<64>,
    Body(request): Body<RateCase>,
) -> Result<Reply<Done>> {
    let catalog = app.catalog.snapshot(&app.store).await?;
    let scores = rules::read_scores(&request.incident_satisfaction_list, &catalog)?;
    let now = app.clock.now();
    let context = app.clone();
    let unit = async move |tx: &mut Tx| {
        let mut case = access::load_to_change(tx, &caller, &case_id, request.group_id.as_deref()).await?;
        let doer = Doer::customer(&caller);
        case.judgement.clone_from(&request.judgement);
        let rated_at = match case.status {
            Status::ToBeConfirmed => {
                let change = change::decide(&context, &doer, &case, Action::Close, now)?;
                change::save(tx, &context, &doer, &mut case, &change, "", now).await?;
                None
            }
            Status::Completed => {
                let rated_at = sql::rated_at(tx, &case).await?;
                rules::check_editable(rated_at, context.config.timers.rating_seconds, now)?;
                case.updated_at = context.sequence.tick_after(now, case.updated_at);
                cases::update(tx, &case).await?;
                rated_at
            }
            _ => return Err(Error::new(Code::WrongState)),
        };
        sql::rate(tx, &case, &scores, rated_at.unwrap_or(now), now).await?;
        let at = context.sequence.tick_after(now, case.updated_at);
        change::write_log(tx, &doer, &case, LOG_RATED, "", (at, now)).await?;
        change::write_event(tx, &doer, &case, "case.rated", json!({"again": rated_at.is_some()}), now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}
