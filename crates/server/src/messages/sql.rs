//! Statements on messages.

use crate::cases::{CaseRow, id, optional_id};
use counterfoil_store::{Result, Row, Tx, statements, vals};
use counterfoil_wire::desk::Visibility;
use counterfoil_wire::ids::{AccountId, CaseId, MessageId, UserId};
use counterfoil_wire::time::Micros;

macro_rules! columns {
    () => {
        "message_id, visibility, author_kind, author_id, author_name, author_is_owner, is_first, content, created_at"
    };
}

statements! {
    INSERT = concat!("INSERT INTO messages (account_id, case_id, ", columns!(), ") \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
    LIST_OLDEST_FIRST = concat!("SELECT ", columns!(), " FROM messages WHERE account_id = $1 AND case_id = $2 \
        AND visibility = 'public' ORDER BY message_id LIMIT $3 OFFSET $4");
    LIST_NEWEST_FIRST = concat!("SELECT ", columns!(), " FROM messages WHERE account_id = $1 AND case_id = $2 \
        AND visibility = 'public' ORDER BY message_id DESC LIMIT $3 OFFSET $4");
    LIST_ALL = concat!("SELECT ", columns!(), " FROM messages WHERE account_id = $1 AND case_id = $2 \
        ORDER BY message_id");
    IS_PUBLIC = "SELECT 1 FROM messages WHERE account_id = $1 AND case_id = $2 AND message_id = $3 \
        AND visibility = 'public'";
    COUNT = "SELECT COUNT(*) FROM messages WHERE account_id = $1 AND case_id = $2 AND visibility = 'public'";
}

/// A message as stored.
#[derive(Clone)]
pub struct MessageRow {
    /// Its id, ascending with time.
    pub message_id: MessageId,
    /// For everybody in the case, or for staff alone.
    pub visibility: Visibility,
    /// 0 customer, 1 engineer, 2 third party.
    pub author_kind: i64,
    /// Who wrote it.
    pub author_id: Option<UserId>,
    /// By which name.
    pub author_name: String,
    /// The account's owner, or a user.
    pub author_is_owner: bool,
    /// The description of the case.
    pub is_first: bool,
    /// The text.
    pub content: String,
    /// When.
    pub created_at: Micros,
}

/// In which order messages are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As a conversation is read.
    OldestFirst,
    /// As a poll wants it.
    NewestFirst,
}

/// Writes a message.
pub async fn insert(tx: &mut Tx, account_id: &AccountId, case_id: &CaseId, row: &MessageRow) -> Result<()> {
    let args = vals![
        account_id.as_str(),
        case_id.as_str(),
        row.message_id.as_str(),
        row.visibility.as_str(),
        row.author_kind,
        row.author_id.as_ref().map(UserId::as_str),
        row.author_name.as_str(),
        row.author_is_owner,
        row.is_first,
        row.content.as_str(),
        row.created_at.0,
    ];
    tx.execute(&INSERT, &args).await.map(drop)
}

fn message_row(mut row: Row) -> Result<MessageRow> {
    let visibility: String = row.take(1)?;
    Ok(MessageRow {
        message_id: id(&mut row, 0)?,
        visibility: if visibility == Visibility::Note.as_str() { Visibility::Note } else { Visibility::Public },
        author_kind: row.get(2)?,
        author_id: optional_id(&mut row, 3)?,
        author_name: row.take(4)?,
        author_is_owner: row.get(5)?,
        is_first: row.get(6)?,
        content: row.take(7)?,
        created_at: Micros(row.get(8)?),
    })
}

/// A page of what customers see.
pub async fn list_public(
    tx: &mut Tx,
    case: &CaseRow,
    limit: i64,
    offset: i64,
    order: Order,
) -> Result<Vec<MessageRow>> {
    let stmt = if order == Order::OldestFirst { &LIST_OLDEST_FIRST } else { &LIST_NEWEST_FIRST };
    let args = vals![case.account_id.as_str(), case.case_id.as_str(), limit, offset];
    tx.query(stmt, &args).await?.into_iter().map(message_row).collect()
}

/// How many messages customers see.
pub async fn count_public(tx: &mut Tx, case: &CaseRow) -> Result<i64> {
    tx.query_one(&COUNT, &vals![case.account_id.as_str(), case.case_id.as_str()]).await?.get(0)
}

/// True when a case has this message and customers see it.
pub async fn is_public(tx: &mut Tx, case: &CaseRow, message_id: &MessageId) -> Result<bool> {
    let args = vals![case.account_id.as_str(), case.case_id.as_str(), message_id.as_str()];
    Ok(tx.query_opt(&IS_PUBLIC, &args).await?.is_some())
}

/// Messages and notes, oldest first: for staff.
pub async fn list_all(tx: &mut Tx, case: &CaseRow) -> Result<Vec<MessageRow>> {
    let rows = tx.query(&LIST_ALL, &vals![case.account_id.as_str(), case.case_id.as_str()]).await?;
    rows.into_iter().map(message_row).collect()
}
