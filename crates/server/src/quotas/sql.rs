//! The statements of used quotas and ticket packs; the only file that knows their columns.

use super::rules::Use;
use counterfoil_store::{Result, Tx, statements, vals};
use counterfoil_wire::ids::{AccountId, CaseId};
use counterfoil_wire::time::Micros;
use std::collections::HashMap;
use uuid::Uuid;

statements! {
    OPEN_MONTH = "INSERT INTO quota_months (account_id, month, plan_id, quota_id, used, extra) \
        VALUES ($1, $2, $3, $4, 0, 0) ON CONFLICT (account_id, month, plan_id, quota_id) DO NOTHING";
    // The condition is part of the change: of two that race for the last one, the second finds none.
    TAKE = "UPDATE quota_months SET used = used + 1 WHERE account_id = $1 AND month = $2 AND plan_id = $3 \
        AND quota_id = $4 AND used - extra < $5";
    GIVE = "UPDATE quota_months SET used = used - 1 WHERE account_id = $1 AND month = $2 AND plan_id = $3 \
        AND quota_id = $4";
    LIST_MONTH = "SELECT quota_id, used, extra FROM quota_months \
        WHERE account_id = $1 AND month = $2 AND plan_id = $3";
    NOTE_CASE = "INSERT INTO case_quotas (account_id, case_id, plan_id, quota_id, month) VALUES ($1, $2, $3, $4, $5)";
    FORGET_CASE = "DELETE FROM case_quotas WHERE account_id = $1 AND case_id = $2 \
        RETURNING plan_id, quota_id, month";
    ADD_EXTRA = "INSERT INTO quota_months (account_id, month, plan_id, quota_id, used, extra) \
        VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT (account_id, month, plan_id, quota_id) \
        DO UPDATE SET extra = quota_months.extra + excluded.extra";
    SAVE_PACK = "INSERT INTO quota_packs (account_id, pack_id, month, plan_id, quota_id, cases, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    LIST_PACKS = "SELECT pack_id, month, plan_id, quota_id, cases, created_at FROM quota_packs \
        WHERE account_id = $1 ORDER BY created_at, pack_id";
}

/// One quota of one account in one month.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Whose.
    pub account_id: &'a AccountId,
    /// `yyyy-MM` in the configured zone.
    pub month: &'a str,
    /// The plan that has the quota.
    pub plan_id: &'a str,
    /// The quota.
    pub quota_id: &'a str,
}

/// Takes one case out of a quota, and says whether there was one left.
pub(super) async fn take(tx: &mut Tx, place: &Place<'_>, monthly: i64) -> Result<bool> {
    let Place { account_id, month, plan_id, quota_id } = *place;
    tx.execute(&OPEN_MONTH, &vals![account_id.as_str(), month, plan_id, quota_id]).await?;
    Ok(tx.execute(&TAKE, &vals![account_id.as_str(), month, plan_id, quota_id, monthly]).await? == 1)
}

/// Gives one case back.
pub(super) async fn give(tx: &mut Tx, place: &Place<'_>) -> Result<()> {
    let Place { account_id, month, plan_id, quota_id } = *place;
    tx.execute(&GIVE, &vals![account_id.as_str(), month, plan_id, quota_id]).await.map(drop)
}

/// Keeps that a case counts in a quota.
pub(super) async fn note_case(tx: &mut Tx, place: &Place<'_>, case_id: &CaseId) -> Result<()> {
    let Place { account_id, month, plan_id, quota_id } = *place;
    tx.execute(&NOTE_CASE, &vals![account_id.as_str(), case_id.as_str(), plan_id, quota_id, month]).await.map(drop)
}

/// Forgets in which quotas a case counts, and says which those were: plan, quota, month.
pub(super) async fn forget_case(
    tx: &mut Tx,
    account_id: &AccountId,
    case_id: &CaseId,
) -> Result<Vec<(String, String, String)>> {
    let rows = tx.query(&FORGET_CASE, &vals![account_id.as_str(), case_id.as_str()]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// What an account used of a plan's quotas in a month.
pub async fn list_month(
    tx: &mut Tx,
    account_id: &AccountId,
    month: &str,
    plan_id: &str,
) -> Result<HashMap<String, Use>> {
    let rows = tx.query(&LIST_MONTH, &vals![account_id.as_str(), month, plan_id]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, Use { used: row.get(1)?, extra: row.get(2)? }))).collect()
}

/// A ticket pack.
pub struct Pack {
    /// Its id.
    pub pack_id: String,
    /// The only month in which it is valid.
    pub month: String,
    /// The plan that sold it.
    pub plan_id: String,
    /// The quota that it adds to.
    pub quota_id: String,
    /// How many cases it adds.
    pub cases: i64,
    /// When it was added.
    pub created_at: Micros,
}

/// Adds cases to a quota for one month, as a ticket pack.
pub async fn add_pack(tx: &mut Tx, place: &Place<'_>, cases: i64, now: Micros) -> Result<()> {
    let pack_id = Uuid::new_v4().simple().to_string();
    let Place { account_id, month, plan_id, quota_id } = *place;
    tx.execute(&ADD_EXTRA, &vals![account_id.as_str(), month, plan_id, quota_id, cases]).await?;
    let args = vals![account_id.as_str(), pack_id, month, plan_id, quota_id, cases, now.0];
    tx.execute(&SAVE_PACK, &args).await.map(drop)
}

/// The packs of an account, the earliest first.
pub async fn list_packs(tx: &mut Tx, account_id: &AccountId) -> Result<Vec<Pack>> {
    let rows = tx.query(&LIST_PACKS, &vals![account_id.as_str()]).await?;
    let pack = |row: &counterfoil_store::Row| {
        Ok(Pack {
            pack_id: row.get(0)?,
            month: row.get(1)?,
            plan_id: row.get(2)?,
            quota_id: row.get(3)?,
            cases: row.get(4)?,
            created_at: Micros(row.get(5)?),
        })
    };
    rows.iter().map(pack).collect()
}
