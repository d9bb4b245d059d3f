//! What customer and staff write to each other in a case, and the notes that only staff sees.
//!
//! `api.rs` has writing and listing, `instant.rs` polling, reading and taking back, `rules.rs` what decides about them.
//!
//! Always true: a case's first message is its description; a message of a customer moves the case as the life cycle says;
//! a note is in no answer and no search of a customer; of a withdrawn message nothing is left but that there was one; the
//! counts of a conversation are written with the messages, and nothing ever counts them.

pub mod api;
pub mod instant;
pub mod rules;
mod sql;

pub use sql::{ALL, MessageRow, Order, Side, count_public, insert, is_public, list_all, list_public};

use crate::accessories;
use crate::app::App;
use crate::caller::Caller;
use crate::cases::CaseRow;
use crate::cases::change::{self, Doer};
use crate::cases::rules::Actor;
use crate::error::{Allowed, Error, Result};
use crate::extract;
use crate::search;
use counterfoil_store::Tx;
use counterfoil_wire::accessories::AccessoryName;
use counterfoil_wire::desk::Visibility;
use counterfoil_wire::ids::{AccessoryId, MessageId, UserId};
use counterfoil_wire::messages::CaseMessage;
use counterfoil_wire::time::Micros;
use serde_json::json;

/// Who writes: 0 customer, 1 engineer, 2 third party.
#[derive(Clone, Debug)]
pub struct Author {
    /// The kind on the wire.
    pub kind: i64,
    /// The user.
    pub id: Option<UserId>,
    /// The name that is shown.
    pub name: String,
    /// The account's owner, or a user.
    pub is_owner: bool,
}

impl Author {
    /// A caller on the customer's side.
    pub fn customer(caller: &Caller) -> Self {
        let name = caller.user_name.to_string();
        Self { kind: 0, id: Some(caller.user_id.clone()), name, is_owner: caller.is_owner }
    }

    /// A caller on the desk.
    pub fn staff(caller: &Caller) -> Self {
        Self { kind: 1, ..Self::customer(caller) }
    }
}

/// The files of a case: message, accessory, name.
pub type CaseFiles = [(MessageId, AccessoryId, String)];

/// The files of one message.
pub fn files_of(files: &CaseFiles, message_id: &MessageId) -> Vec<AccessoryName> {
    let of_message = files.iter().filter(|(message, ..)| message == message_id);
    of_message.map(|(_, id, name)| AccessoryName { accessory_id: id.clone(), file_actual_name: name.clone() }).collect()
}

/// Checks the number and the length of accessory ids.
pub fn check_file_ids(field: &str, ids: Option<&[String]>, most: u64) -> Result<()> {
    let ids = ids.unwrap_or_default();
    extract::count(field, ids.len(), 0..=most)?;
    ids.iter().enumerate().try_for_each(|(i, id)| extract::text(&format!("{field}[{i}]"), id, 1..=32))
}

/// Reads accessory ids. One that cannot exist is refused like one that does not.
pub fn parse_file_ids(field: &str, ids: Option<&[String]>) -> Result<Vec<AccessoryId>> {
    let parse = |id: &String| {
        let words =
            || Allowed::text("须为已上传且未使用的附件ID", "ids of uploaded files that are not used yet are allowed");
        AccessoryId::parse(id).ok_or_else(|| Error::param(field, words()))
    };
    ids.unwrap_or_default().iter().map(parse).collect()
}

/// Attaches the caller's uploaded files to a message of a case.
pub async fn bind_files(
    tx: &mut Tx,
    caller: &Caller,
    case: &CaseRow,
    message_id: &MessageId,
    files: &[AccessoryId],
    source: accessories::Source,
    field: &str,
) -> Result<()> {
    let binding = accessories::Binding {
        uploader_account_id: &caller.account_id,
        uploader_id: &caller.user_id,
        account_id: &case.account_id,
        case_id: &case.case_id,
        message_id,
        source,
    };
    accessories::bind(tx, &binding, files, field).await
}

/// Writes the description of a new case as its first message. The case's own document holds its words for the search.
/// `event_no` is the event that tells of the case.
pub async fn write_first(
    tx: &mut Tx,
    app: &App,
    case: &CaseRow,
    author: &Author,
    event_no: i64,
    now: Micros,
) -> Result<MessageId> {
    let mut row = row(app.sequence.tick(now), author, Visibility::Public, true, &case.description, now);
    row.event_no = Some(event_no);
    insert(tx, &case.account_id, &case.case_id, &row).await?;
    Ok(row.message_id)
}

/// The text of a message with its words for the search.
pub struct Text {
    /// As it was written.
    pub content: String,
    words: search::Words,
}

impl Text {
    /// Finds the words of a text.
    pub fn new(content: String) -> Self {
        let words = search::Words::of(&content);
        Self { content, words }
    }
}

/// Writes a message or note, its words for the search, and for a message an event. Who answers for staff has read the rest.
pub async fn write(
    tx: &mut Tx,
    app: &App,
    case: &CaseRow,
    author: &Author,
    visibility: Visibility,
    text: &Text,
    now: Micros,
) -> Result<MessageId> {
    let at = app.sequence.tick_after(now, case.updated_at);
    let mut row = row(at, author, visibility, false, &text.content, now);
    let is_note = visibility == Visibility::Note;
    let document = app.sequence.number(now);
    row.doc_no = Some(document);
    if !is_note {
        let actor = if author.kind == 0 { Actor::Customer } else { Actor::Engineer };
        let doer = Doer { actor, id: author.id.clone(), name: author.name.clone() };
        let payload = json!({"message_id": row.message_id, "type": author.kind.min(1)});
        let event_no = change::write_numbered_event(tx, &doer, case, "message.written", payload, now).await?;
        row.event_no = Some(event_no);
    }
    insert(tx, &case.account_id, &case.case_id, &row).await?;
    if let (false, 1.., Some(user_id)) = (is_note, author.kind, &author.id) {
        let count = sql::conversation(tx, case).await?.to_read_by(Side::Staff);
        sql::save_marker(tx, case, (Side::Staff, user_id), (&row.message_id, count), now).await?;
    }
    search::store_document(tx, document, case.account_id.as_str(), case.case_no, is_note, &text.words).await?;
    Ok(row.message_id)
}

fn row(at: Micros, author: &Author, visibility: Visibility, is_first: bool, content: &str, now: Micros) -> MessageRow {
    MessageRow {
        message_id: MessageId::random(at),
        visibility,
        author_kind: author.kind,
        author_id: author.id.clone(),
        author_name: author.name.clone(),
        author_is_owner: author.is_owner,
        is_first,
        content: content.to_owned(),
        created_at: now,
        doc_no: None,
        event_no: None,
        withdrawn_at: None,
    }
}

/// Whether somebody has not read all of a case: its newest message, or how much the other side wrote, has moved on.
async fn find_unread(
    tx: &mut Tx,
    case: &CaseRow,
    side: Side,
    user_id: &UserId,
) -> Result<Option<(MessageId, i64, bool)>> {
    let Some(newest) = sql::newest(tx, case).await? else { return Ok(None) };
    let count = sql::conversation(tx, case).await?.to_read_by(side);
    let (read_to, read_count) = sql::find_marker(tx, case, side, user_id).await?.unzip();
    let has_moved = read_to.is_none_or(|id| id < newest) || read_count.unwrap_or(0) < count;
    Ok(has_moved.then_some((newest, count, read_count.unwrap_or(0) < count)))
}

/// Whether [`mark_read`] would change anything.
pub async fn is_unread(tx: &mut Tx, case: &CaseRow, side: Side, user_id: &UserId) -> Result<bool> {
    Ok(find_unread(tx, case, side, user_id).await?.is_some())
}

/// Remembers that somebody has read a case up to now. The caller holds the case, so that no message comes in between. When
/// there was a message of the other side among it, an event tells of it.
pub async fn mark_read(tx: &mut Tx, case: &CaseRow, side: Side, doer: &Doer, now: Micros) -> Result<()> {
    let Some(user_id) = &doer.id else { return Ok(()) };
    let Some((newest, count, is_news)) = find_unread(tx, case, side, user_id).await? else { return Ok(()) };
    sql::save_marker(tx, case, (side, user_id), (&newest, count), now).await?;
    if is_news {
        let payload = json!({"side": side.as_str(), "message_id": newest});
        change::write_event(tx, doer, case, "message.read", payload, now).await?;
    }
    Ok(())
}

impl MessageRow {
    /// As it stands in a case's detail.
    pub fn into_case_message(self, files: &CaseFiles) -> CaseMessage {
        CaseMessage {
            kind: self.author_kind.min(1),
            replier: self.author_id,
            replier_name: Some(self.author_name),
            content: self.content,
            create_time: self.created_at.to_wire(),
            is_first_message: self.is_first.into(),
            accessory_list: files_of(files, &self.message_id),
            message_id: self.message_id,
        }
    }
}
