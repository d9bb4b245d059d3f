//! Reporting abuse, and reading the reports as staff.

use super::rules;
use super::sql::{self, FeedbackRow, FileRole};
use crate::accessories;
use crate::app::App;
use crate::caller::Caller;
use crate::cases;
use crate::error::{Code, Error, Result};
use crate::extract::{Body, Check, Query};
use crate::messages;
use crate::once::Once;
use crate::reply::Reply;
use axum::extract::{FromRequestParts, Path, State};
use counterfoil_store::Tx;
use counterfoil_store::events::{self, NewEvent};
use counterfoil_wire::accessories::AccessoryName;
use counterfoil_wire::feedbacks::{CreateFeedback, FeedbackCreated, FeedbackDetail, FeedbackPage, FeedbackSummary};
use counterfoil_wire::ids::{AccessoryId, FeedbackId};
use serde_json::json;
use std::collections::BTreeSet;

/// What contacts are sealed for.
const PURPOSE: &str = "feedback-contacts";

impl Check for CreateFeedback {
    fn check(&self) -> Result<()> {
        rules::check(self)
    }
}

/// Report abuse.
pub async fn create_feedback(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body(request): Body<CreateFeedback>,
) -> Result<Reply<FeedbackCreated>> {
    let proof = messages::parse_file_ids("files", Some(&request.files))?;
    let id_files = request.contacts.as_ref().map(|contacts| contacts.id_files.as_slice());
    let identity = messages::parse_file_ids("contacts.id_files", id_files)?;
    let now = app.clock.now();
    let right = request.ip.as_ref().map(serde_json::to_string).transpose().map_err(Error::internal)?;
    let contacts = request.contacts.as_ref().map(serde_json::to_vec).transpose().map_err(Error::internal)?;
    let row = FeedbackRow {
        account_id: caller.account_id.clone(),
        feedback_id: FeedbackId::random(app.sequence.tick(now)),
        user_id: caller.user_id.clone(),
        user_name: caller.user_name.to_string(),
        kind: request.kind,
        title: request.title,
        content: request.content,
        right_claimed: right.unwrap_or_default(),
        contacts: contacts.map(|plain| app.vault.seal(PURPOSE, &plain)),
        created_at: now,
    };
    let unit = async move |tx: &mut Tx| {
        sql::insert(tx, &row).await?;
        for (role, ids, field) in
            [(FileRole::Proof, &proof, "files"), (FileRole::Identity, &identity, "contacts.id_files")]
        {
            let names = accessories::bind_to_feedback(tx, &caller, &row.feedback_id, ids, field).await?;
            let files: Vec<(AccessoryId, String)> = ids.iter().cloned().zip(names).collect();
            sql::insert_files(tx, &row, role, &files).await?;
        }
        let event = NewEvent {
            account_id: row.account_id.as_str(),
            kind: "feedback.created",
            subject: row.feedback_id.as_str(),
            actor: row.user_id.as_str(),
            payload: json!({"type": row.kind}),
            at: now.0,
        };
        events::append(tx, &event).await?;
        Ok(FeedbackCreated { feedback_id: row.feedback_id.clone() })
    };
    once.write(&app, unit).await.map(Reply)
}

fn summary(row: &FeedbackRow, account_name: String) -> FeedbackSummary {
    FeedbackSummary {
        feedback_id: row.feedback_id.clone(),
        account_id: row.account_id.clone(),
        account_name,
        user_id: row.user_id.clone(),
        user_name: row.user_name.clone(),
        kind: row.kind.clone(),
        title: row.title.clone(),
        create_time: row.created_at.to_wire(),
    }
}

/// List the reports of all accounts, newest first; for leads and auditors.
pub async fn list_feedbacks(State(app): State<App>, query: Query) -> Result<Reply<FeedbackPage>> {
    let kind = query.text("type", 0..=32)?;
    if let Some(kind) = &kind {
        rules::check_kind(kind)?;
    }
    let offset = query.int("offset", 0..=65_535)?.unwrap_or(0);
    let limit = query.int("limit", 0..=100)?.unwrap_or(20);
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let counted = sql::count(tx).await?;
            let is_wanted = |name: &str| kind.as_deref().is_none_or(|kind| kind == name);
            let total_count = counted.iter().filter(|(name, _)| is_wanted(name)).map(|(_, amount)| amount).sum();
            let rows = if limit > 0 { sql::list(tx, kind.as_deref(), limit, offset).await? } else { Vec::new() };
            let accounts: BTreeSet<_> = rows.iter().map(|row| &row.account_id).collect();
            let names = cases::account_names(tx, &accounts).await?;
            let name = |row: &FeedbackRow| names.get(row.account_id.as_str()).cloned().unwrap_or_default();
            let feedbacks = rows.iter().map(|row| summary(row, name(row))).collect();
            Ok(Reply(FeedbackPage { total_count, feedbacks }))
        })
        .await
}

/// The path's `feedback_id`. A text that is no id belongs to nothing, and answers like it.
pub struct PathFeedback(FeedbackId);

impl<S: Send + Sync> FromRequestParts<S> for PathFeedback {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self> {
        let missing = || Error::new(Code::NoSuchFeedback);
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| missing())?;
        FeedbackId::parse(&id).map(Self).ok_or_else(missing)
    }
}

/// Show all of a report; for leads and auditors.
pub async fn show_feedback(
    State(app): State<App>,
    PathFeedback(feedback_id): PathFeedback,
) -> Result<Reply<FeedbackDetail>> {
    let context = app.clone();
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let row = sql::find_of_any(tx, &feedback_id).await?.ok_or_else(|| Error::new(Code::NoSuchFeedback))?;
            let files = sql::list_files(tx, &row).await?;
            let names = cases::account_names(tx, &BTreeSet::from([&row.account_id])).await?;
            let of = |wanted: FileRole| {
                let files = files.iter().filter(move |(role, ..)| *role == wanted);
                files.map(|(_, id, name)| AccessoryName { accessory_id: id.clone(), file_actual_name: name.clone() })
            };
            let (files, id_files) = (of(FileRole::Proof).collect(), of(FileRole::Identity).collect());
            let contacts = match &row.contacts {
                None => None,
                Some(sealed) => {
                    let plain = context.vault.open(PURPOSE, sealed).map_err(Error::internal)?;
                    Some(serde_json::from_slice(&plain).map_err(Error::internal)?)
                }
            };
            let ip = Some(&row.right_claimed).filter(|json| !json.is_empty());
            let ip = ip.map(|json| serde_json::from_str(json)).transpose().map_err(Error::internal)?;
            let summary = summary(&row, names.into_values().next().unwrap_or_default());
            Ok(Reply(FeedbackDetail { summary, content: row.content, ip, contacts, files, id_files }))
        })
        .await
}
