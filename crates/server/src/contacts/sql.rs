//! The statements of verified contacts and codes; the only file that knows their columns.

use super::rules::Way;
use crate::caller::Caller;
use counterfoil_store::{Result, Row, StoreError, Tx, statements, vals};
use counterfoil_wire::time::Micros;

macro_rules! wanted {
    () => {
        "account_id = $1 AND ($2 = '' OR user_id = $2) AND (CAST($3 AS BIGINT) < 0 OR way = CAST($3 AS BIGINT)) \
        AND ($4 = '' OR verified_id = $4) AND ($5 = '' OR area_code = $5) AND ($6 = '' OR value_hash = $6 \
        OR value_hash = $7) AND expires_at > $8"
    };
}

statements! {
    FIND_VERIFIED = "SELECT verified_id, expires_at FROM verified_contacts WHERE account_id = $1 AND user_id = $2 \
        AND contact_hash = $3 AND expires_at > $4";
    // Verified once more, a contact keeps its id.
    SAVE_VERIFIED = "INSERT INTO verified_contacts (account_id, user_id, verified_id, way, area_code, contact_hash, \
        value_hash, sealed, verified_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
        ON CONFLICT (account_id, user_id, contact_hash) DO UPDATE SET sealed = excluded.sealed, \
        verified_at = excluded.verified_at, expires_at = excluded.expires_at RETURNING verified_id";
    DELETE_EXPIRED = "DELETE FROM verified_contacts WHERE verified_id = $1 AND expires_at <= $2";
    LIST_VERIFIED = concat!("SELECT way, sealed, area_code, verified_id FROM verified_contacts WHERE ", wanted!(),
        " ORDER BY verified_at DESC, verified_id LIMIT $9 OFFSET $10");
    COUNT_VERIFIED = concat!("SELECT COUNT(*) FROM verified_contacts WHERE ", wanted!());

    SAVE_CODE = "INSERT INTO contact_codes (account_id, contact_hash, user_id, code_hash, wrong_guesses, sent_at, \
        expires_at) VALUES ($1, $2, $3, $4, 0, $5, $6) ON CONFLICT (account_id, contact_hash, user_id) \
        DO UPDATE SET code_hash = excluded.code_hash, wrong_guesses = 0, sent_at = excluded.sent_at, \
        expires_at = excluded.expires_at";
    FIND_CODE = "SELECT code_hash, wrong_guesses, expires_at FROM contact_codes WHERE account_id = $1 \
        AND contact_hash = $2 AND user_id = $3",
        postgres: "SELECT code_hash, wrong_guesses, expires_at FROM contact_codes WHERE account_id = $1 \
        AND contact_hash = $2 AND user_id = $3 FOR UPDATE";
    LAST_SENT = "SELECT MAX(sent_at) FROM contact_codes WHERE account_id = $1 AND contact_hash = $2";
    // The time of sending stays: a code that was used or guessed to its end does not allow the next one any sooner.
    END_CODE = "UPDATE contact_codes SET code_hash = '', expires_at = 0 WHERE account_id = $1 AND contact_hash = $2 \
        AND user_id = $3";
    NOTE_WRONG_GUESS = "UPDATE contact_codes SET wrong_guesses = wrong_guesses + 1 WHERE account_id = $1 \
        AND contact_hash = $2 AND user_id = $3";

    COUNT = "INSERT INTO contact_counts (account_id, subject, day_at, amount) VALUES ($1, $2, $3, 1) \
        ON CONFLICT (account_id, subject, day_at) DO UPDATE SET amount = contact_counts.amount + 1 RETURNING amount";
    COUNTED = "SELECT amount FROM contact_counts WHERE account_id = $1 AND subject = $2 AND day_at = $3";
    FORGET_CODES = "DELETE FROM contact_codes WHERE sent_at < $1";
    FORGET_COUNTS = "DELETE FROM contact_counts WHERE day_at < $1";
}

/// A contact that was just verified.
pub struct NewVerified<'a> {
    /// Its id, unless it has one.
    pub verified_id: String,
    /// How it is reached.
    pub way: Way,
    /// The dialling code, or empty.
    pub area_code: &'a str,
    /// By which it is found.
    pub contact_hash: &'a str,
    /// By which it is found without its dialling code.
    pub value_hash: String,
    /// The contact itself.
    pub sealed: Vec<u8>,
    /// Until when it counts.
    pub expires_at: Micros,
}

/// A code that is out.
pub struct SentCode {
    /// Its keyed hash.
    pub code_hash: String,
    /// How often it was guessed wrong.
    pub wrong_guesses: i64,
    /// Until when it counts.
    pub expires_at: Micros,
}

/// Which verified contacts are asked for; an empty text means all.
#[derive(Clone, Default)]
pub struct Wanted {
    /// Of this user.
    pub user_id: String,
    /// Of this way.
    pub way: Option<i64>,
    /// With this id.
    pub verified_id: String,
    /// With this dialling code.
    pub area_code: String,
    /// With one of these values.
    pub value_hashes: (String, String),
    /// Valid after this time.
    pub valid_after: Micros,
}

/// A verified contact as it is kept.
#[expect(clippy::struct_field_names, reason = "the wire's word for the id of a verified contact")]
pub struct Verified {
    /// How it is reached, by number.
    pub way: i64,
    /// The contact itself.
    pub sealed: Vec<u8>,
    /// The dialling code, or empty.
    pub area_code: String,
    /// Its id.
    pub verified_id: String,
}

fn of(caller: &Caller) -> (&str, &str) {
    (caller.account_id.as_str(), caller.user_id.as_str())
}

/// The caller's verification of a contact: its id, and until when.
pub async fn find_verified(
    tx: &mut Tx,
    caller: &Caller,
    contact_hash: &str,
    now: Micros,
) -> Result<Option<(String, Micros)>> {
    let (account, user) = of(caller);
    let row = tx.query_opt(&FIND_VERIFIED, &vals![account, user, contact_hash, now.0]).await?;
    row.map(|mut row| Ok((row.take(0)?, Micros(row.get(1)?)))).transpose()
}

/// Keeps a contact that the caller has verified; its id.
pub async fn save_verified(tx: &mut Tx, caller: &Caller, new: NewVerified<'_>, now: Micros) -> Result<String> {
    let (account, user) = of(caller);
    let args = vals![
        account,
        user,
        new.verified_id,
        new.way.number(),
        new.area_code,
        new.contact_hash,
        new.value_hash,
        new.sealed,
        now.0,
        new.expires_at.0
    ];
    tx.query_one(&SAVE_VERIFIED, &args).await?.get(0)
}

/// Drops a contact whose verification is over.
pub async fn delete_expired(tx: &mut Tx, verified_id: &str, now: Micros) -> Result<()> {
    tx.execute(&DELETE_EXPIRED, &vals![verified_id, now.0]).await.map(drop)
}

/// A page of an account's verified contacts, newest first, and how many there are in all.
pub async fn page(
    tx: &mut Tx,
    caller: &Caller,
    wanted: &Wanted,
    limit: i64,
    offset: i64,
) -> Result<(i64, Vec<Verified>)> {
    let mut args = vals![
        caller.account_id.as_str(),
        wanted.user_id.as_str(),
        wanted.way.unwrap_or(-1),
        wanted.verified_id.as_str(),
        wanted.area_code.as_str(),
        wanted.value_hashes.0.as_str(),
        wanted.value_hashes.1.as_str(),
        wanted.valid_after.0
    ]
    .to_vec();
    let count: i64 = tx.query_one(&COUNT_VERIFIED, &args).await?.get(0)?;
    args.extend(vals![limit, offset]);
    let verified = |mut row: Row| {
        Ok::<_, StoreError>(Verified {
            way: row.get(0)?,
            sealed: row.take(1)?,
            area_code: row.take(2)?,
            verified_id: row.take(3)?,
        })
    };
    let rows: Result<Vec<_>> = tx.query(&LIST_VERIFIED, &args).await?.into_iter().map(verified).collect();
    Ok((count, rows?))
}

/// Keeps a new code of the caller for a contact in place of the one before.
pub async fn save_code(
    tx: &mut Tx,
    caller: &Caller,
    contact_hash: &str,
    code_hash: &str,
    now: Micros,
    expires_at: Micros,
) -> Result<()> {
    let (account, user) = of(caller);
    let args = vals![account, contact_hash, user, code_hash, now.0, expires_at.0];
    tx.execute(&SAVE_CODE, &args).await.map(drop)
}

/// The caller's code for a contact; nobody else can guess at it until the unit ends.
pub async fn find_code_locked(tx: &mut Tx, caller: &Caller, contact_hash: &str) -> Result<Option<SentCode>> {
    let (account, user) = of(caller);
    let row = tx.query_opt(&FIND_CODE, &vals![account, contact_hash, user]).await?;
    row.map(|mut row| {
        Ok(SentCode { code_hash: row.take(0)?, wrong_guesses: row.get(1)?, expires_at: Micros(row.get(2)?) })
    })
    .transpose()
}

/// When anybody in the account last had a code sent to a contact.
pub async fn last_sent(tx: &mut Tx, caller: &Caller, contact_hash: &str) -> Result<Option<Micros>> {
    let row = tx.query_one(&LAST_SENT, &vals![caller.account_id.as_str(), contact_hash]).await?;
    Ok(row.get::<Option<i64>>(0)?.map(Micros))
}

/// Ends the caller's code for a contact.
pub async fn end_code(tx: &mut Tx, caller: &Caller, contact_hash: &str) -> Result<()> {
    let (account, user) = of(caller);
    tx.execute(&END_CODE, &vals![account, contact_hash, user]).await.map(drop)
}

/// Counts a wrong guess at the caller's code for a contact.
pub async fn note_wrong_guess(tx: &mut Tx, caller: &Caller, contact_hash: &str) -> Result<()> {
    let (account, user) = of(caller);
    tx.execute(&NOTE_WRONG_GUESS, &vals![account, contact_hash, user]).await.map(drop)
}

/// Counts one more of something in the account's day; how many there are now.
pub async fn count(tx: &mut Tx, caller: &Caller, subject: &str, day_at: Micros) -> Result<i64> {
    tx.query_one(&COUNT, &vals![caller.account_id.as_str(), subject, day_at.0]).await?.get(0)
}

/// How many there are of something in the account's day.
pub async fn counted(tx: &mut Tx, caller: &Caller, subject: &str, day_at: Micros) -> Result<i64> {
    let row = tx.query_opt(&COUNTED, &vals![caller.account_id.as_str(), subject, day_at.0]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// Removes codes and counts from before a time, of all accounts.
pub async fn forget(tx: &mut Tx, before: Micros) -> Result<()> {
    tx.execute(&FORGET_CODES, &vals![before.0]).await?;
    tx.execute(&FORGET_COUNTS, &vals![before.0]).await.map(drop)
}
