//! Statements on ratings, and on which cases have copy addresses.

use crate::cases::CaseRow;
use counterfoil_store::{Result, Tx, statements, vals};
use counterfoil_wire::ids::{AccountId, UserId};
use counterfoil_wire::time::Micros;

/// How many of a user's newest cases are looked at for copy addresses.
const NEWEST: i64 = 20;

statements! {
    SAVE_SCORE = "INSERT INTO case_scores (account_id, case_id, satisfaction_id, score, created_at) \
        VALUES ($1, $2, $3, $4, $5)";
    FORGET_SCORES = "DELETE FROM case_scores WHERE account_id = $1 AND case_id = $2";
    LIST_SCORES = "SELECT satisfaction_id, score FROM case_scores WHERE account_id = $1 AND case_id = $2 \
        ORDER BY satisfaction_id";
    SAVE_RATING = "INSERT INTO case_ratings (account_id, case_id, rated_at) VALUES ($1, $2, $3) \
        ON CONFLICT (account_id, case_id) DO UPDATE SET rated_at = excluded.rated_at";
    RATED_AT = "SELECT rated_at FROM case_ratings WHERE account_id = $1 AND case_id = $2";
    REMEMBER = "INSERT INTO case_cc_emails (account_id, case_no, case_id, user_id) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (account_id, case_no) DO NOTHING";
    FORGET = "DELETE FROM case_cc_emails WHERE account_id = $1 AND case_no = $2";
    NEWEST_COPIES = "SELECT s.sealed FROM case_cc_emails c JOIN case_secrets s ON s.account_id = c.account_id \
        AND s.case_id = c.case_id AND s.kind = $3 AND s.message_id = '' \
        WHERE c.account_id = $1 AND c.user_id = $2 ORDER BY c.case_no DESC LIMIT $4";
}

/// When a case was first rated.
pub(super) async fn rated_at(tx: &mut Tx, case: &CaseRow) -> Result<Option<Micros>> {
    let row = tx.query_opt(&RATED_AT, &vals![case.account_id.as_str(), case.case_id.as_str()]).await?;
    row.map(|row| row.get(0).map(Micros)).transpose()
}

/// Writes a rating in place of the one before; `rated_at` is when it was first given.
pub async fn rate(tx: &mut Tx, case: &CaseRow, scores: &[(i64, i64)], rated_at: Micros, now: Micros) -> Result<()> {
    let (account, id) = (case.account_id.as_str(), case.case_id.as_str());
    tx.execute(&FORGET_SCORES, &vals![account, id]).await?;
    for (dimension, score) in scores {
        tx.execute(&SAVE_SCORE, &vals![account, id, *dimension, *score, now.0]).await?;
    }
    tx.execute(&SAVE_RATING, &vals![account, id, rated_at.0]).await.map(drop)
}

/// The scores of a case: dimension and value.
pub async fn list_scores(tx: &mut Tx, case: &CaseRow) -> Result<Vec<(i64, i64)>> {
    let rows = tx.query(&LIST_SCORES, &vals![case.account_id.as_str(), case.case_id.as_str()]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Remembers that a case has copy addresses; they stand with its contacts.
pub async fn remember_copies(tx: &mut Tx, case: &CaseRow) -> Result<()> {
    let args = vals![case.account_id.as_str(), case.case_no, case.case_id.as_str(), case.user_id.as_str()];
    tx.execute(&REMEMBER, &args).await.map(drop)
}

/// Forgets that a case has copy addresses.
pub async fn forget_copies(tx: &mut Tx, case: &CaseRow) -> Result<()> {
    tx.execute(&FORGET, &vals![case.account_id.as_str(), case.case_no]).await.map(drop)
}

/// The sealed contacts of a user's newest open cases that have copy addresses, newest first.
pub(super) async fn newest_copies(
    tx: &mut Tx,
    account_id: &AccountId,
    user_id: &UserId,
    kind: &str,
) -> Result<Vec<Vec<u8>>> {
    let rows = tx.query(&NEWEST_COPIES, &vals![account_id.as_str(), user_id.as_str(), kind, NEWEST]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}
