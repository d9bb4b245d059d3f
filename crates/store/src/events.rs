//! The append-only table of events: what happened, written with the change itself.
//!
//! Whoever reads on after the last number it saw misses nothing. On SQLite there is one writer, so numbers follow the
//! commits. On PostgreSQL a number is made of the transaction's id and the place in it, and a reader sees only the
//! events of transactions below the oldest one still running in this database: no smaller number can turn up later, and
//! no writer waits for another. An event may thus show a moment after its announcement, so readers also look from time
//! to time. The query is for the primary server; a standby does not list what is running.

use crate::{Result, Topic, Tx, statements, vals};

statements! {
    APPEND = "INSERT INTO events (account_id, kind, subject, actor, payload, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6) RETURNING event_no",
        postgres: "INSERT INTO events (event_no, account_id, kind, subject, actor, payload, created_at) \
        VALUES ((txid_current() + COALESCE((SELECT CAST(value AS BIGINT) FROM settings WHERE name = 'events.base'), 0)) \
        * 65536 + $7, $1, $2, $3, $4, $5, $6) RETURNING event_no";
    LIST_AFTER = "SELECT event_no, account_id, kind, subject, actor, payload, created_at FROM events \
        WHERE event_no > $1 ORDER BY event_no LIMIT $2",
        postgres: "SELECT event_no, account_id, kind, subject, actor, payload, created_at FROM events \
        WHERE event_no > $1 AND event_no < (\
        (SELECT COALESCE(MIN(running.id), txid_snapshot_xmax(txid_current_snapshot())) \
        FROM txid_snapshot_xip(txid_current_snapshot()) running (id) WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity \
        elsewhere WHERE elsewhere.datname <> current_database() \
        AND CAST(CAST(elsewhere.backend_xid AS TEXT) AS BIGINT) = running.id % 4294967296)) \
        + COALESCE((SELECT CAST(value AS BIGINT) FROM settings WHERE name = 'events.base'), 0)) * 65536 \
        ORDER BY event_no LIMIT $2";
    HORIZON = "SELECT COALESCE(MAX(event_no), 0) + 1 FROM events",
        postgres: "SELECT ((SELECT COALESCE(MIN(running.id), txid_snapshot_xmax(txid_current_snapshot())) \
        FROM txid_snapshot_xip(txid_current_snapshot()) running (id) WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity \
        elsewhere WHERE elsewhere.datname <> current_database() \
        AND CAST(CAST(elsewhere.backend_xid AS TEXT) AS BIGINT) = running.id % 4294967296)) \
        + COALESCE((SELECT CAST(value AS BIGINT) FROM settings WHERE name = 'events.base'), 0)) * 65536";
    // A copy in another server would go on with that one's transaction ids: they are lifted above what is there.
    RENUMBER = "SELECT 0 WHERE 1 = 0",
        postgres: "INSERT INTO settings (name, value) SELECT 'events.base', \
        CAST(newest.no / 65536 + 1 - txid_current() AS TEXT) FROM (SELECT MAX(event_no) AS no FROM events) newest \
        WHERE newest.no / 65536 >= txid_current() \
        + COALESCE((SELECT CAST(value AS BIGINT) FROM settings WHERE name = 'events.base'), 0) \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// Makes sure that new events get greater numbers than those that were restored or copied into this database.
pub(crate) async fn renumber_after_restore(tx: &mut Tx) -> Result<()> {
    tx.query(&RENUMBER, &[]).await.map(drop)
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
    append_numbered(tx, event).await.map(drop)
}

/// Appends an event and answers its number.
pub async fn append_numbered(tx: &mut Tx, event: &NewEvent<'_>) -> Result<i64> {
    let payload = event.payload.to_string();
    let mut args = vals![event.account_id, event.kind, event.subject, event.actor, payload, event.at].to_vec();
    if tx.is_postgres() {
        args.push(tx.next_event().into());
    }
    let number = tx.query_one(&APPEND, &args).await?.get(0)?;
    tx.mark(Topic::Events);
    Ok(number)
}

/// The number below which no event can turn up any more: who has seen all below it has missed nothing.
pub async fn horizon(tx: &mut Tx) -> Result<i64> {
    tx.query_one(&HORIZON, &[]).await?.get(0)
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
