//! Failed logins in a row.
//!
//! Keyed by a hash of the names in place of an account, because names that do not exist are counted alike.

use counterfoil_store::{Result, Tx, statements, vals};
use counterfoil_wire::time::Micros;

statements! {
    FAILURES = "SELECT failures, locked_until FROM login_failures WHERE subject = $1";
    NOTE_FAILURE = "INSERT INTO login_failures (subject, failures, locked_until, last_at) VALUES ($1, 1, 0, $2) \
        ON CONFLICT (subject) DO UPDATE SET failures = login_failures.failures + 1, last_at = excluded.last_at RETURNING failures";
    LOCK_SUBJECT = "UPDATE login_failures SET failures = 0, locked_until = $2 WHERE subject = $1";
    FORGET_FAILURES = "DELETE FROM login_failures WHERE subject = $1";
    FORGET_OLD_FAILURES = "DELETE FROM login_failures WHERE last_at < $1";
}

/// Failures in a row and until when the subject is locked.
pub(crate) async fn get_failures(tx: &mut Tx, subject: &str) -> Result<(i64, Micros)> {
    let row = tx.query_opt(&FAILURES, &vals![subject]).await?;
    row.map_or(Ok((0, Micros(0))), |row| Ok((row.get(0)?, Micros(row.get(1)?))))
}

/// Counts one more failure and answers how many there are in a row.
pub(crate) async fn note_failure(tx: &mut Tx, subject: &str, now: Micros) -> Result<i64> {
    tx.query_one(&NOTE_FAILURE, &vals![subject, now.0]).await?.get(0)
}

pub(crate) async fn lock_subject(tx: &mut Tx, subject: &str, until: Micros) -> Result<()> {
    tx.execute(&LOCK_SUBJECT, &vals![subject, until.0]).await?;
    Ok(())
}

pub(crate) async fn forget_failures(tx: &mut Tx, subject: &str) -> Result<()> {
    tx.execute(&FORGET_FAILURES, &vals![subject]).await?;
    Ok(())
}

pub(crate) async fn forget_failures_before(tx: &mut Tx, at: Micros) -> Result<()> {
    tx.execute(&FORGET_OLD_FAILURES, &vals![at.0]).await?;
    Ok(())
}
