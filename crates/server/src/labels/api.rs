//! Making, changing, deleting and listing labels, and putting them on cases.
//!
//! Labels belong to the account, so every user of it may keep them. Who may label a case is decided by the case.

use super::{rules, sql};
use crate::app::App;
use crate::caller::Caller;
use crate::cases::access::{self, PathId};
use crate::cases::change::{self, Doer};
use crate::error::{Allowed, Code, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::once::Once;
use crate::reply::{Done, Reply};
use axum::extract::{FromRequestParts, Path, State};
use counterfoil_store::Tx;
use counterfoil_store::events::{self, NewEvent};
use counterfoil_wire::labels::{CaseLabels, LabelCreated, LabelPage, LabelText};
use counterfoil_wire::time::Micros;
use serde_json::{Value, json};

impl Check for LabelText {
    fn check(&self) -> Result<()> {
        rules::name(&self.name)?;
        rules::color(&self.color).map(drop)
    }
}

/// The path's `label_id`.
pub struct PathLabel(i64);

impl<S: Send + Sync> FromRequestParts<S> for PathLabel {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self> {
        let allowed = || Allowed::Range(0, rules::GREATEST_ID);
        let id = Path::<String>::from_request_parts(parts, state).await;
        let Path(id) = id.map_err(|_| Error::param("label_id", allowed()))?;
        let id = id.parse().map_err(|_| Error::param("label_id", allowed()))?;
        extract::int("label_id", id, 0..=rules::GREATEST_ID)?;
        Ok(Self(id))
    }
}

/// Appends the event of a change of the account's labels.
async fn announce(
    tx: &mut Tx,
    caller: &Caller,
    kind: &'static str,
    id: i64,
    payload: Value,
    now: Micros,
) -> Result<()> {
    let event = NewEvent {
        account_id: caller.account_id.as_str(),
        kind,
        subject: &id.to_string(),
        actor: caller.user_id.as_str(),
        payload,
        at: now.0,
    };
    Ok(events::append(tx, &event).await?)
}

/// List the labels of the account whose name holds a text, oldest first.
pub async fn list_labels(State(app): State<App>, caller: Caller, query: Query) -> Result<Reply<LabelPage>> {
    let offset = query.int("offset", 0..=i64::from(i32::MAX))?.unwrap_or(0);
    let limit = query.int("limit", 0..=100)?.unwrap_or(10);
    let name = query.text("name", 0..=64)?.unwrap_or_default();
    let id = query.int("label_id", 0..=rules::GREATEST_ID)?;
    let labels = app.store.read(async move |tx: &mut Tx| sql::list(tx, &caller.account_id).await).await?;
    let is_wanted = |label_id: i64, text: &str| id.is_none_or(|id| id == label_id) && rules::matches(text, &name);
    let found: Vec<_> = labels.into_iter().filter(|label| is_wanted(label.label_id, &label.name)).collect();
    let total_count = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let place = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let label_list = found.into_iter().skip(place(offset)).take(place(limit)).collect();
    Ok(Reply(LabelPage { total_count, label_list }))
}

/// Make a label.
pub async fn create_labels(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body(request): Body<LabelText>,
) -> Result<Reply<LabelCreated>> {
    let (name, color) = (rules::name(&request.name)?, rules::color(&request.color)?);
    let now = app.clock.now();
    let unit = async move |tx: &mut Tx| {
        let label_id = sql::create(tx, &caller.account_id, &name, &color, now).await?;
        announce(tx, &caller, "label.created", label_id, json!({"name": name, "color": color}), now).await?;
        Ok(LabelCreated { label_id })
    };
    once.write(&app, unit).await.map(Reply)
}

/// Change a label, on every case that has it.
pub async fn update_labels(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathLabel(label_id): PathLabel,
    Body(request): Body<LabelText>,
) -> Result<Reply<Done>> {
    let (name, color) = (rules::name(&request.name)?, rules::color(&request.color)?);
    let now = app.clock.now();
    let unit = async move |tx: &mut Tx| {
        sql::update(tx, &caller.account_id, label_id, &name, &color).await?;
        announce(tx, &caller, "label.updated", label_id, json!({"name": name, "color": color}), now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

/// Delete a label; it is on no case any more.
pub async fn delete_labels(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathLabel(label_id): PathLabel,
) -> Result<Reply<Done>> {
    let now = app.clock.now();
    let unit = async move |tx: &mut Tx| {
        if !sql::delete(tx, &caller.account_id, label_id).await? {
            return Err(Error::new(Code::NoSuchLabel));
        }
        announce(tx, &caller, "label.deleted", label_id, json!({}), now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

/// List the labels on a case.
pub async fn list_case_labels(
    State(app): State<App>,
    caller: Caller,
    PathId(case_id): PathId,
    query: Query,
) -> Result<Reply<CaseLabels>> {
    let group_id = query.text("group_id", 0..=64)?;
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let case = access::load_visible(tx, &caller, &case_id, group_id.as_deref()).await?;
            Ok(Reply(CaseLabels { case_label_list: sql::list_of_case(tx, &case).await? }))
        })
        .await
}

/// Put labels on a case; those that are on it already stay.
pub async fn create_case_labels(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
    query: Query,
) -> Result<Reply<Done>> {
    change_case(&app, caller, once, case_id, &query, true).await
}

/// Take labels off a case; those that are not on it are passed over.
pub async fn delete_case_labels(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
    query: Query,
) -> Result<Reply<Done>> {
    change_case(&app, caller, once, case_id, &query, false).await
}

/// Puts labels on a case or takes them off, and tells of those that this changed.
async fn change_case(
    app: &App,
    caller: Caller,
    once: Once,
    case_id: String,
    query: &Query,
    puts_on: bool,
) -> Result<Reply<Done>> {
    // In the query: there is no body.
    let ids = rules::ids("label_ids", &query.list("label_ids", 1..=5, 1..=64)?)?;
    let group_id = query.text("group_id", 0..=64)?;
    let now = app.clock.now();
    let unit = async move |tx: &mut Tx| {
        let case = access::load_to_change(tx, &caller, &case_id, group_id.as_deref()).await?;
        let (changed, kind) = if puts_on {
            (sql::attach(tx, &case, &ids).await?, "case.labels_added")
        } else {
            (sql::detach(tx, &case, &ids).await?, "case.labels_removed")
        };
        if !changed.is_empty() {
            let payload = json!({"label_ids": changed});
            change::write_event(tx, &Doer::customer(&caller), &case, kind, payload, now).await?;
        }
        Ok(Done {})
    };
    once.write(app, unit).await.map(Reply)
}
