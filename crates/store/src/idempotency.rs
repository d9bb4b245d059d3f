//! First answers of writes that carried an `Idempotency-Key`, kept for a day per account and caller.

use crate::{Result, Tx, statements, vals};

statements! {
    FIND = "SELECT request_hash, answer FROM idempotency \
        WHERE account_id = $1 AND caller = $2 AND idempotency_key = $3 AND created_at > $4";
    SAVE = "INSERT INTO idempotency (account_id, caller, idempotency_key, request_hash, answer, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id, caller, idempotency_key) DO UPDATE SET \
        request_hash = excluded.request_hash, answer = excluded.answer, created_at = excluded.created_at \
        WHERE idempotency.created_at <= $7";
    SET_ANSWER = "UPDATE idempotency SET answer = $4 WHERE account_id = $1 AND caller = $2 AND idempotency_key = $3";
    FORGET = "DELETE FROM idempotency WHERE created_at <= $1";
}

/// How long an answer is kept, in microseconds.
pub const KEPT_MICROS: i64 = 24 * 3600 * 1_000_000;

/// Who asked with which key.
pub struct Key<'a> {
    /// The account.
    pub account_id: &'a str,
    /// The user in it.
    pub caller: &'a str,
    /// The header's value.
    pub key: &'a str,
}

/// The first answer under `key`, with the hash of its request, if it is still kept at `now`.
pub async fn find(tx: &mut Tx, key: &Key<'_>, now: i64) -> Result<Option<(String, String)>> {
    let row = tx.query_opt(&FIND, &vals![key.account_id, key.caller, key.key, now - KEPT_MICROS]).await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// Keeps `answer`. False when another request with the same key was faster. One that is still at work is waited for, so
/// that its answer can be found afterwards, or the key is free again.
pub async fn save(tx: &mut Tx, key: &Key<'_>, request_hash: &str, answer: &str, now: i64) -> Result<bool> {
    let old = now - KEPT_MICROS;
    let args = vals![key.account_id, key.caller, key.key, request_hash, answer, now, old];
    Ok(tx.execute(&SAVE, &args).await? > 0)
}

/// Puts the answer where [`save`] kept an empty one.
pub async fn set_answer(tx: &mut Tx, key: &Key<'_>, answer: &str) -> Result<()> {
    tx.execute(&SET_ANSWER, &vals![key.account_id, key.caller, key.key, answer]).await.map(drop)
}

/// Drops what is older than a day.
pub async fn forget(tx: &mut Tx, now: i64) -> Result<u64> {
    tx.execute(&FORGET, &vals![now - KEPT_MICROS]).await
}
