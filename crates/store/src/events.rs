//! The append-only table of events: what happened, in the order of commit numbers, written with the change itself.

use crate::{Result, Topic, Tx, statements, vals};

statements! {
    APPEND = "INSERT INTO events (account_id, kind, subject, actor, payload, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    LIST_AFTER = "SELECT event_no, account_id, kind, subject, actor, payload, created_at FROM events \
        WHERE event_no > $1 ORDER BY event_no LIMIT $2";
}

/// An event to append.
pub struct NewEvent<'a> {
    /// Whose data changed.
    pub account_id: &'a str,
    /// What happened, such as `case.created`.
    pub kind: &'static str,
    /// What it happened to, such as a case id.
    pub subject: &'a str,
    /// Who did it: a user id, or `system`.
    pub actor: &'a str,
    /// Details as a JSON object.
    pub payload: serde_json::Value,
    /// When, in microseconds UTC.
    pub at: i64,
}

/// An event as read back.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its number, ascending.
    pub event_no: i64,
    /// Whose data changed.
    pub account_id: String,
    /// What happened.
    pub kind: String,
    /// What it happened to.
    pub subject: String,
    /// Who did it.
    pub actor: String,
    /// Details as a JSON object.
    pub payload: String,
    /// When, in microseconds UTC.
    pub at: i64,
}

/// Appends an event.
pub async fn append(tx: &mut Tx, event: &NewEvent<'_>) -> Result<()> {
    let payload = event.payload.to_string();
    let args = vals![event.account_id, event.kind, event.subject, event.actor, payload, event.at];
    tx.execute(&APPEND, &args).await?;
    tx.mark(Topic::Events);
    Ok(())
}

/// Up to `limit` events after number `after`, in order.
pub async fn list_after(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Event>> {
    let rows = tx.query(&LIST_AFTER, &vals![after, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Event {
                event_no: row.get(0)?,
                account_id: row.get(1)?,
                kind: row.get(2)?,
                subject: row.get(3)?,
                actor: row.get(4)?,
                payload: row.get(5)?,
                at: row.get(6)?,
            })
        })
        .collect()
}
