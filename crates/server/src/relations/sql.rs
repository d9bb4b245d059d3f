//! Statements on relations. Each relation is two rows, written and deleted together.

use crate::cases::rules::{Change, Status};
use crate::cases::{CaseRow, id};
use counterfoil_store::{Result, Tx, statements, vals};
use counterfoil_wire::ids::{AccountId, CaseId};
use counterfoil_wire::time::Micros;

statements! {
    INSERT = "INSERT INTO case_relations (account_id, case_id, related_id, related_at) \
        VALUES ($1, $2, $3, $4), ($1, $3, $2, $4)";
    LIST = "SELECT related_id FROM case_relations WHERE account_id = $1 AND case_id = $2 ORDER BY related_at, related_id";
    DELETE = "DELETE FROM case_relations WHERE account_id = $1 \
        AND (case_id = $2 AND related_id = $3 OR case_id = $3 AND related_id = $2)";
}

/// Relates two cases that the caller has locked.
pub(super) async fn insert(tx: &mut Tx, account_id: &AccountId, a: &CaseId, b: &CaseId, at: Micros) -> Result<()> {
    tx.execute(&INSERT, &vals![account_id.as_str(), a.as_str(), b.as_str(), at.0]).await.map(drop)
}

/// The cases that are related to a case, in the order in which they were.
pub(super) async fn list(tx: &mut Tx, account_id: &AccountId, case_id: &CaseId) -> Result<Vec<CaseId>> {
    let rows = tx.query(&LIST, &vals![account_id.as_str(), case_id.as_str()]).await?;
    rows.into_iter().map(|mut row| id(&mut row, 0)).collect()
}

/// Ends a relation; false when there was none.
pub(super) async fn delete(tx: &mut Tx, account_id: &AccountId, a: &CaseId, b: &CaseId) -> Result<bool> {
    Ok(tx.execute(&DELETE, &vals![account_id.as_str(), a.as_str(), b.as_str()]).await? > 0)
}

/// Follows a case into its new status: one that is deleted is related to nothing any more.
pub async fn follow(tx: &mut Tx, case: &CaseRow, change: &Change) -> Result<()> {
    if change.to == Status::Deleted {
        for related in list(tx, &case.account_id, &case.case_id).await? {
            delete(tx, &case.account_id, &case.case_id, &related).await?;
        }
    }
    Ok(())
}
