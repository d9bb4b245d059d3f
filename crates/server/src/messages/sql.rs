//! Statements on messages.

use super::rules::{Place, Since};
use crate::cases::{CaseRow, id, optional_id};
use counterfoil_store::{Result, Row, Tx, Val, statements, vals};
use counterfoil_wire::desk::Visibility;
use counterfoil_wire::ids::{AccountId, CaseId, MessageId, UserId};
use counterfoil_wire::time::Micros;
use std::collections::HashMap;

macro_rules! columns {
    () => {
        "message_id, visibility, author_kind, author_id, author_name, author_is_owner, is_first, content, created_at, \
         doc_no, event_no, withdrawn_at"
    };
}

statements! {
    INSERT = concat!("INSERT INTO messages (account_id, case_id, ", columns!(), ") \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL)");
    LIST_OLDEST_FIRST = concat!("SELECT ", columns!(), " FROM messages WHERE account_id = $1 AND case_id = $2 \
        AND visibility = 'public' AND withdrawn_at IS NULL ORDER BY message_id LIMIT $3 OFFSET $4");
    LIST_NEWEST_FIRST = concat!("SELECT ", columns!(), " FROM messages WHERE account_id = $1 AND case_id = $2 \
        AND visibility = 'public' AND withdrawn_at IS NULL ORDER BY message_id DESC LIMIT $3 OFFSET $4");
    LIST_ALL = concat!("SELECT ", columns!(), " FROM messages WHERE account_id = $1 AND case_id = $2 \
        ORDER BY message_id");
    IS_PUBLIC = "SELECT 1 FROM messages WHERE account_id = $1 AND case_id = $2 AND message_id = $3 \
        AND visibility = 'public' AND withdrawn_at IS NULL";
    COUNT = "SELECT COUNT(*) FROM messages WHERE account_id = $1 AND case_id = $2 AND visibility = 'public' \
        AND withdrawn_at IS NULL";
    FIND = concat!("SELECT ", columns!(), " FROM messages WHERE account_id = $1 AND case_id = $2 AND message_id = $3 \
        AND visibility = 'public'");
    // Older than an instant, or of the instant and by an author of a smaller kind. $6 is later than the id of any such.
    LIST_OLDER = concat!("SELECT ", columns!(), " FROM messages WHERE account_id = $1 AND case_id = $2 \
        AND visibility = 'public' AND withdrawn_at IS NULL \
        AND (created_at < $3 OR created_at < $4 AND author_kind < $5) AND message_id < $6 \
        ORDER BY message_id DESC LIMIT $7");
    COUNT_OLDER = "SELECT COUNT(*) FROM messages WHERE account_id = $1 AND case_id = $2 \
        AND visibility = 'public' AND withdrawn_at IS NULL \
        AND (created_at < $3 OR created_at < $4 AND author_kind < $5) AND message_id < $6";
    ADD_TO_CONVERSATION = "INSERT INTO conversations (account_id, case_id, customer_messages, staff_messages) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (account_id, case_id) DO UPDATE \
        SET customer_messages = conversations.customer_messages + excluded.customer_messages, \
        staff_messages = conversations.staff_messages + excluded.staff_messages";
    CONVERSATION = "SELECT customer_messages, staff_messages FROM conversations WHERE account_id = $1 AND case_id = $2";
    NEWEST = "SELECT MAX(message_id) FROM messages WHERE account_id = $1 AND case_id = $2 AND visibility = 'public' \
        AND withdrawn_at IS NULL";
    MARKER = "SELECT message_id, message_count FROM read_markers WHERE account_id = $1 AND case_id = $2 AND side = $3 \
        AND user_id = $4";
    SAVE_MARKER = "INSERT INTO read_markers (account_id, case_id, side, user_id, message_id, message_count, read_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account_id, case_id, side, user_id) DO UPDATE \
        SET message_id = excluded.message_id, message_count = excluded.message_count, read_at = excluded.read_at";
    READ_BY_SIDE = "SELECT 1 FROM read_markers WHERE account_id = $1 AND case_id = $2 AND side = $3 \
        AND message_id >= $4 LIMIT 1";
    WITHDRAW = "UPDATE messages SET content = '', withdrawn_at = $4 WHERE account_id = $1 AND case_id = $2 \
        AND message_id = $3";
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
    /// The document of the search that holds its words; the case's own holds those of the description.
    pub doc_no: Option<i64>,
    /// The event that told of it; none for what is older than events of messages.
    pub event_no: Option<i64>,
    /// When its author took it back: nothing but the fact is left of it.
    pub withdrawn_at: Option<Micros>,
}

/// The two sides of a case, each with its own idea of what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Users of the account.
    Customer,
    /// The provider's people.
    Staff,
}

impl Side {
    /// The name in the database and in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Staff => "staff",
        }
    }
}

/// How many messages each side has written in a case, beside the description and what was withdrawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conversation {
    /// By users of the account.
    pub customer_messages: i64,
    /// By staff.
    pub staff_messages: i64,
}

impl Conversation {
    /// How many messages somebody of `side` has to read.
    pub fn to_read_by(self, side: Side) -> i64 {
        match side {
            Side::Customer => self.staff_messages,
            Side::Staff => self.customer_messages,
        }
    }
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
        row.doc_no,
        row.event_no,
    ];
    tx.execute(&INSERT, &args).await?;
    if row.is_first || row.visibility == Visibility::Note {
        return Ok(());
    }
    let (customer, staff) = if row.author_kind == 0 { (1_i64, 0_i64) } else { (0, 1) };
    let args = vals![account_id.as_str(), case_id.as_str(), customer, staff];
    tx.execute(&ADD_TO_CONVERSATION, &args).await.map(drop)
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
        doc_no: row.get(9)?,
        event_no: row.get(10)?,
        withdrawn_at: row.get::<Option<i64>>(11)?.map(Micros),
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

/// A message or what is left of it; notes are none.
pub async fn find(tx: &mut Tx, case: &CaseRow, message_id: &MessageId) -> Result<Option<MessageRow>> {
    let args = vals![case.account_id.as_str(), case.case_id.as_str(), message_id.as_str()];
    tx.query_opt(&FIND, &args).await?.map(message_row).transpose()
}

/// Takes text and count of a customer's message away.
pub async fn withdraw(tx: &mut Tx, case: &CaseRow, message_id: &MessageId, now: Micros) -> Result<()> {
    let (account, id) = (case.account_id.as_str(), case.case_id.as_str());
    tx.execute(&WITHDRAW, &vals![account, id, message_id.as_str(), now.0]).await?;
    tx.execute(&ADD_TO_CONVERSATION, &vals![account, id, -1_i64, 0_i64]).await.map(drop)
}

/// What customers see of messages before a place, newest first, and how many there are.
pub async fn list_older(tx: &mut Tx, case: &CaseRow, place: &Place, limit: i64) -> Result<(i64, Vec<MessageRow>)> {
    let mut args = vals![
        case.account_id.as_str(),
        case.case_id.as_str(),
        place.from.0,
        place.until.0,
        place.author_kind,
        place.below_id.as_str(),
    ]
    .to_vec();
    let count = tx.query_one(&COUNT_OLDER, &args).await?.get(0)?;
    args.push(limit.into());
    let rows = tx.query(&LIST_OLDER, &args).await?;
    Ok((count, rows.into_iter().map(message_row).collect::<Result<_>>()?))
}

/// What customers see of the messages of several cases of one account that became visible after `since`, in that order,
/// with the case that each belongs to.
pub async fn list_since(
    tx: &mut Tx,
    cases: &[CaseRow],
    since: &Since,
    limit: i64,
) -> Result<Vec<(CaseId, MessageRow)>> {
    let Some(first) = cases.first() else { return Ok(Vec::new()) };
    let horizon = counterfoil_store::events::horizon(tx).await?;
    let marks: Vec<String> = (0..cases.len()).map(|at| format!("${}", at + 7)).collect();
    let sql = format!(
        concat!(
            "SELECT ",
            columns!(),
            ", case_id FROM messages WHERE account_id = $1 AND case_id IN ({}) AND visibility = 'public' \
            AND withdrawn_at IS NULL AND message_id >= $2 AND event_no > $3 AND created_at > $4 AND event_no < $5 \
            ORDER BY event_no LIMIT $6"
        ),
        marks.join(", ")
    );
    let mut args = vals![
        first.account_id.as_str(),
        since.from_id.as_str(),
        since.event_no,
        since.created_after.0,
        horizon,
        limit,
    ]
    .to_vec();
    args.extend(cases.iter().map(|case| Val::from(case.case_id.as_str())));
    let rows = tx.query_dyn(&sql, &args).await?;
    rows.into_iter().map(|mut row| Ok((id(&mut row, 12)?, message_row(row)?))).collect()
}

/// How many messages each side has written.
pub async fn conversation(tx: &mut Tx, case: &CaseRow) -> Result<Conversation> {
    let row = tx.query_opt(&CONVERSATION, &vals![case.account_id.as_str(), case.case_id.as_str()]).await?;
    row.map_or(Ok(Conversation::default()), |row| {
        Ok(Conversation { customer_messages: row.get(0)?, staff_messages: row.get(1)? })
    })
}

/// How many messages of staff each of the cases has that a user has not read, in the order of the cases.
pub async fn count_unread(tx: &mut Tx, cases: &[CaseRow], user_id: &UserId) -> Result<Vec<i64>> {
    let Some(first) = cases.first() else { return Ok(Vec::new()) };
    let marks: Vec<String> = (0..cases.len()).map(|at| format!("${}", at + 3)).collect();
    let sql = format!(
        "SELECT c.case_id, c.staff_messages - COALESCE(r.message_count, 0) FROM conversations c \
         LEFT JOIN read_markers r ON r.account_id = c.account_id AND r.case_id = c.case_id AND r.side = 'customer' \
         AND r.user_id = $2 WHERE c.account_id = $1 AND c.case_id IN ({})",
        marks.join(", ")
    );
    let mut args = vals![first.account_id.as_str(), user_id.as_str()].to_vec();
    args.extend(cases.iter().map(|case| Val::from(case.case_id.as_str())));
    let mut unread = HashMap::new();
    for row in tx.query_dyn(&sql, &args).await? {
        unread.insert(row.get::<String>(0)?, row.get::<i64>(1)?);
    }
    Ok(cases.iter().map(|case| unread.get(case.case_id.as_str()).copied().unwrap_or(0)).collect())
}

/// Up to where somebody has read a case: the newest message then, and how many of the other side's there were.
pub async fn find_marker(
    tx: &mut Tx,
    case: &CaseRow,
    side: Side,
    user_id: &UserId,
) -> Result<Option<(MessageId, i64)>> {
    let args = vals![case.account_id.as_str(), case.case_id.as_str(), side.as_str(), user_id.as_str()];
    let row = tx.query_opt(&MARKER, &args).await?;
    row.map(|mut row| Ok((id(&mut row, 0)?, row.get(1)?))).transpose()
}

/// Says that somebody has read all of a case.
pub async fn save_marker(
    tx: &mut Tx,
    case: &CaseRow,
    (side, user_id): (Side, &UserId),
    (newest, count): (&MessageId, i64),
    now: Micros,
) -> Result<()> {
    let (account, case_id) = (case.account_id.as_str(), case.case_id.as_str());
    let args = vals![account, case_id, side.as_str(), user_id.as_str(), newest.as_str(), count, now.0];
    tx.execute(&SAVE_MARKER, &args).await.map(drop)
}

/// The newest message that customers see.
pub async fn newest(tx: &mut Tx, case: &CaseRow) -> Result<Option<MessageId>> {
    let mut row = tx.query_one(&NEWEST, &vals![case.account_id.as_str(), case.case_id.as_str()]).await?;
    optional_id(&mut row, 0)
}

/// Whether anybody of a side has read a message.
pub async fn is_read_by(tx: &mut Tx, case: &CaseRow, side: Side, message_id: &MessageId) -> Result<bool> {
    let args = vals![case.account_id.as_str(), case.case_id.as_str(), side.as_str(), message_id.as_str()];
    Ok(tx.query_opt(&READ_BY_SIDE, &args).await?.is_some())
}
