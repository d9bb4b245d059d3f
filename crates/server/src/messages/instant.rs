//! Instant messages: what is new in several cases, what is older in one, what is unread, and taking a message back.
//!
//! Reading marks nothing: a client says so with `UpdateNewInstantMessagesRead`. Staff has read what the desk has shown them.
//! Who wants to be told rather than ask follows `events/`.

use super::api::to_wire;
use super::rules::{self, Refusal, Since, Written};
use super::{MessageRow, Order, Side, Text, sql};
use crate::accessories;
use crate::app::App;
use crate::caller::Caller;
use crate::cases::access::PathId;
use crate::cases::change::{self, Doer};
use crate::cases::{self, CaseRow, access, sealed};
use crate::error::{Allowed, Code, Error, Result};
use crate::extract::{self, Check, OptionalBody, Query};
use crate::once::Once;
use crate::reply::{Done, Reply};
use crate::search;
use axum::extract::{FromRequestParts, Path, State};
use counterfoil_store::{Tx, events};
use counterfoil_wire::ids::MessageId;
use counterfoil_wire::messages::{
    MarkRead, MessagePage, NewMessages, NewMessagesOfCase, ReadState, UnreadCount, UnreadCounts,
};
use counterfoil_wire::time::Micros;
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};

/// Most cases of one poll.
const CASES: u64 = 100;
/// The messages of each case that a first poll gives.
const FIRST_MESSAGES: i64 = 20;
/// Most messages of one case in a later poll.
const CASE_MESSAGES: usize = 100;
/// Most messages of a later poll. Who is further behind asks again at once.
const POLL_MESSAGES: i64 = 1000;
/// What the documented numbers end at.
const MOST: i64 = 65_535;

fn case_ids(query: &Query) -> Result<Vec<String>> {
    let ids = query.list("case_ids", 0..=CASES, 1..=64)?;
    if ids.is_empty() { Err(Error::param("case_ids", Allowed::Required)) } else { Ok(ids) }
}

/// Poll several cases for what is new since the last poll. Cases that the caller may not see are left out.
pub async fn list_new_instant_messages(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<NewMessages>> {
    let ids = case_ids(&query)?;
    let group_id = query.text("group_id", 0..=64)?;
    query.flag("trim_osm_rich_text_label")?;
    let asked = query.text("last_message_time_id", 0..=64)?;
    let since = asked.as_deref().map(|text| rules::parse_cursor(text).ok_or_else(bad_cursor)).transpose()?;
    let (context, now) = (app.clone(), app.clock.now());
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let cases = access::list_visible(tx, &caller, &ids, group_id.as_deref()).await?;
            let unread = sql::count_unread(tx, &cases, &caller.user_id).await?;
            let (event_no, rows) = match &since {
                None => newest(tx, &cases).await?,
                Some(since) => after(tx, &cases, since).await?,
            };
            let mut immsg = Vec::with_capacity(cases.len());
            for (case, rows) in cases.iter().zip(rows) {
                let message_list = to_wire(tx, &context, &caller, case, rows).await?;
                immsg.push(NewMessagesOfCase { incident_id: case.case_id.clone(), message_list });
            }
            let imstatus = cases
                .iter()
                .zip(unread)
                .map(|(case, unread)| ReadState { status: i64::from(unread <= 0), incident_id: case.case_id.clone() });
            let last_message_time_id = match (event_no, &asked) {
                (None, Some(asked)) => asked.clone(),
                (event_no, _) => rules::cursor(now, event_no.unwrap_or(0)),
            };
            Ok(Reply(NewMessages { imstatus: imstatus.collect(), immsg, last_message_time_id }))
        })
        .await
}

fn bad_cursor() -> Error {
    let zh = "须为上次查询返回的值或毫秒时间戳";
    Error::param("last_message_time_id", Allowed::text(zh, "the value of the last poll, or milliseconds, is allowed"))
}

/// The newest messages of each case, oldest first, and the number of the newest event there can be.
async fn newest(tx: &mut Tx, cases: &[CaseRow]) -> Result<(Option<i64>, Vec<Vec<MessageRow>>)> {
    let horizon = events::horizon(tx).await?;
    let mut all = Vec::with_capacity(cases.len());
    for case in cases {
        let mut rows = sql::list_public(tx, case, FIRST_MESSAGES, 0, Order::NewestFirst).await?;
        // What may yet be overtaken comes with the next poll.
        rows.retain(|row| row.event_no.is_none_or(|number| number < horizon));
        rows.reverse();
        all.push(rows);
    }
    Ok((Some(horizon - 1), all))
}

/// The messages of each case after a cursor, oldest first, and the number of the last one.
async fn after(tx: &mut Tx, cases: &[CaseRow], since: &Since) -> Result<(Option<i64>, Vec<Vec<MessageRow>>)> {
    let mut found = sql::list_since(tx, cases, since, POLL_MESSAGES).await?;
    let of: Vec<&str> = found.iter().map(|(case_id, _)| case_id.as_str()).collect();
    found.truncate(rules::cut(&of, CASE_MESSAGES));
    let last = found.last().and_then(|(_, row)| row.event_no);
    let mut all: Vec<Vec<MessageRow>> = cases.iter().map(|_| Vec::new()).collect();
    for (case_id, row) in found {
        if let Some(at) = cases.iter().position(|case| case.case_id == case_id) {
            all[at].push(row);
        }
    }
    for rows in &mut all {
        rows.sort_by(|a, b| a.message_id.cmp(&b.message_id));
    }
    Ok((last, all))
}

/// List what is older than the messages that a client shows, newest first.
pub async fn list_more_instant_messages(
    State(app): State<App>,
    caller: Caller,
    PathId(case_id): PathId,
    query: Query,
) -> Result<Reply<MessagePage>> {
    let time = query.required_text("create_time", 1..=100)?;
    let required = |name, value: Option<i64>| value.ok_or_else(|| Error::param(name, Allowed::Required));
    let kind = required("type", query.int("type", 0..=1)?)?;
    let limit = required("limit", query.int("limit", 1..=100)?)?;
    let group_id = query.text("group_id", 0..=64)?;
    query.flag("trim_osm_rich_text_label")?;
    let place = rules::parse_place(&time, kind, &caller.zone).ok_or_else(|| {
        let zh = "须为毫秒或秒时间戳、yyyy-MM-ddTHH:mm:ssZ 或消息ID";
        let en = "milliseconds, seconds, yyyy-MM-ddTHH:mm:ssZ or the id of a message is allowed";
        Error::param("create_time", Allowed::text(zh, en))
    })?;
    let context = app.clone();
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let case = access::load_visible(tx, &caller, &case_id, group_id.as_deref()).await?;
            let (count, rows) = sql::list_older(tx, &case, &place, limit).await?;
            let message_list = to_wire(tx, &context, &caller, &case, rows).await?;
            Ok(Reply(MessagePage { count: count.min(MOST), message_list }))
        })
        .await
}

/// Count what the caller has not read in several cases. Cases that the caller may not see are left out.
pub async fn list_unread_new_instant_messages(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<UnreadCounts>> {
    let ids = case_ids(&query)?;
    let group_id = query.text("group_id", 0..=64)?;
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let cases = access::list_visible(tx, &caller, &ids, group_id.as_deref()).await?;
            let unread = sql::count_unread(tx, &cases, &caller.user_id).await?;
            let imunread = cases.into_iter().zip(unread).map(|(case, unread)| UnreadCount {
                status: i64::from(case.assignee_id.is_some() && !case.status.is_ended()),
                incident_id: case.case_id,
                unread_num: unread.clamp(0, MOST),
            });
            Ok(Reply(UnreadCounts { imunread: imunread.collect() }))
        })
        .await
}

impl Check for MarkRead {
    fn check(&self) -> Result<()> {
        extract::optional_text("group_id", self.group_id.as_deref(), 0..=64)
    }
}

/// Say that the caller has read a case up to now.
pub async fn update_new_instant_messages_read(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
    OptionalBody(request): OptionalBody<MarkRead>,
) -> Result<Reply<Done>> {
    let now = app.clock.now();
    let unit = async move |tx: &mut Tx| {
        let case = access::load_to_change(tx, &caller, &case_id, request.group_id.as_deref()).await?;
        super::mark_read(tx, &case, Side::Customer, &Doer::customer(&caller), now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

/// The path's `case_id` and `message_id`. A text that is no id belongs to nothing, and answers like it.
pub struct PathIds {
    case_id: String,
    message_id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for PathIds {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self> {
        let ids = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((case_id, message_id)) = ids.map_err(|_| Error::new(Code::NoSuchCase))?;
        extract::text("case_id", &case_id, 1..=32)?;
        extract::text("message_id", &message_id, 1..=64)?;
        Ok(Self { case_id, message_id })
    }
}

fn refused(refusal: Refusal, within_seconds: i64) -> Error {
    let (zh, en) = match refusal {
        Refusal::NotOwn => {
            ("只能撤回自己发送的消息。".to_owned(), "Only one's own message can be withdrawn.".to_owned())
        }
        Refusal::First => {
            ("工单描述不能撤回。".to_owned(), "The description of a case cannot be withdrawn.".to_owned())
        }
        Refusal::TooLate => (
            format!("消息发送 {within_seconds} 秒后不能撤回。"),
            format!("A message can be withdrawn within {within_seconds} seconds of writing it."),
        ),
        Refusal::Read => {
            ("消息已被工程师阅读，不能撤回。".to_owned(), "An engineer has read the message already.".to_owned())
        }
    };
    Error::said(Code::NoPermission, zh, en)
}

/// Take an own message back, shortly after writing it and before staff has read it. Its text, the words by which it was
/// found, its confidential text and its files go; that there was a message stays. Once more does nothing.
pub async fn revoke_message(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathIds { case_id, message_id }: PathIds,
    query: Query,
) -> Result<Reply<Done>> {
    // Not documented, but the message may be in a case that the caller sees through a group only.
    let group_id = query.text("group_id", 0..=64)?;
    let now = app.clock.now();
    let files = Arc::new(Mutex::new(Vec::new()));
    let (context, given_up) = (app.clone(), Arc::clone(&files));
    let unit = async move |tx: &mut Tx| {
        let mut case = access::load_to_change(tx, &caller, &case_id, group_id.as_deref()).await?;
        let missing = || {
            Error::param(
                "message_id",
                Allowed::text("须为该工单中的消息ID", "the id of a message of the case is allowed"),
            )
        };
        let id = MessageId::parse(&message_id).ok_or_else(missing)?;
        let message = sql::find(tx, &case, &id).await?.ok_or_else(missing)?;
        let written = Written {
            author_id: message.author_id.as_ref(),
            author_kind: message.author_kind,
            is_first: message.is_first,
            created_at: message.created_at,
            is_read: sql::is_read_by(tx, &case, Side::Staff, &id).await?,
        };
        if message.withdrawn_at.is_some() && message.author_id.as_ref() == Some(&caller.user_id) {
            return Ok(Done {});
        }
        let within_seconds = context.config.timers.withdraw_seconds;
        rules::may_withdraw(&written, &caller.user_id, now, within_seconds)
            .map_err(|refusal| refused(refusal, within_seconds))?;
        let objects = erase(tx, &case, &message, now).await?;
        *given_up.lock().unwrap_or_else(PoisonError::into_inner) = objects;
        case.updated_at = context.sequence.tick_after(now, case.updated_at);
        cases::update(tx, &case).await?;
        let payload = json!({"message_id": id});
        change::write_event(tx, &Doer::customer(&caller), &case, "message.withdrawn", payload, now).await?;
        Ok(Done {})
    };
    let done = once.write(&app, unit).await?;
    let files = std::mem::take(&mut *files.lock().unwrap_or_else(PoisonError::into_inner));
    accessories::remove_objects(&app, files).await;
    Ok(Reply(done))
}

/// Removes everything of a message but the fact that it was there; answers the files that have to go.
async fn erase(tx: &mut Tx, case: &CaseRow, message: &MessageRow, now: Micros) -> Result<Vec<accessories::Object>> {
    let id = &message.message_id;
    sql::withdraw(tx, case, id, now).await?;
    if let Some(doc_no) = message.doc_no {
        let words = Text::new(message.content.clone()).words;
        search::remove_document(tx, doc_no, case.account_id.as_str(), &words).await?;
    }
    sealed::erase_of_message(tx, case, id.as_str()).await?;
    accessories::take_of_message(tx, &case.account_id, &case.case_id, id).await
}
