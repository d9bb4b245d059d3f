//! The statements of plans, calendars, assignments and what cases were promised; the only file that knows their columns.

use super::document::{Calendar, Document, Plan, Target};
use counterfoil_store::{Result, Row, StoreError, Tx, statements, vals};
use counterfoil_wire::ids::{AccountId, CaseId};
use counterfoil_wire::time::Micros;
use serde::de::DeserializeOwned;

macro_rules! assigned {
    () => {
        "(SELECT a.plan_id FROM account_plans a WHERE a.account_id = $1 AND a.starts_at <= $2 \
         AND (a.ends_at IS NULL OR a.ends_at > $2) ORDER BY a.starts_at DESC LIMIT 1)"
    };
}

statements! {
    FIND_CURRENT = concat!("SELECT plan_id, body FROM plans WHERE plan_id = COALESCE(", assigned!(), ", $3)");
    FIND_BOUGHT = concat!("SELECT bought FROM plans WHERE plan_id = ", assigned!());
    FIND = "SELECT enabled, body FROM plans WHERE plan_id = $1";
    LIST = "SELECT plan_id, enabled, body FROM plans ORDER BY position, plan_id";
    LIST_CALENDARS = "SELECT calendar_id, enabled, body FROM calendars ORDER BY calendar_id";
    SAVE = "INSERT INTO plans (plan_id, position, enabled, bought, body) VALUES ($1, $2, 1, $3, $4) \
        ON CONFLICT (plan_id) DO UPDATE SET position = excluded.position, enabled = 1, bought = excluded.bought, \
        body = excluded.body";
    SAVE_CALENDAR = "INSERT INTO calendars (calendar_id, enabled, body) VALUES ($1, 1, $2) \
        ON CONFLICT (calendar_id) DO UPDATE SET enabled = 1, body = excluded.body";
    SWITCH_OFF = "UPDATE plans SET enabled = 0";
    SWITCH_OFF_CALENDARS = "UPDATE calendars SET enabled = 0";
    // Two imports at once must not mix. The row is theirs to wait for: on PostgreSQL the second one waits here.
    TAKE_TURN = "INSERT INTO settings (name, value) VALUES ('plans_turn', '1') \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    ASSIGN = "INSERT INTO account_plans (account_id, starts_at, ends_at, plan_id, created_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (account_id, starts_at) DO UPDATE SET ends_at = excluded.ends_at, plan_id = excluded.plan_id, \
        created_at = excluded.created_at";
    END_ASSIGNMENTS = "UPDATE account_plans SET ends_at = $2 WHERE account_id = $1 AND starts_at <= $2 \
        AND (ends_at IS NULL OR ends_at > $2)";
    LIST_ASSIGNMENTS = "SELECT plan_id, starts_at, ends_at FROM account_plans WHERE account_id = $1 ORDER BY starts_at";
    SAVE_PROMISE = "INSERT INTO case_plans (account_id, case_id, plan_id, target_minutes, calendar_id) \
        VALUES ($1, $2, $3, $4, $5)";
    FIND_PROMISE = "SELECT c.plan_id, p.body, c.target_minutes, c.calendar_id FROM case_plans c \
        JOIN plans p ON p.plan_id = c.plan_id WHERE c.account_id = $1 AND c.case_id = $2";
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T> {
    serde_json::from_str(body).map_err(|e| StoreError::Engine(format!("a plan cannot be read: {e}").into()))
}

fn write<T: serde::Serialize>(item: &T) -> Result<String> {
    serde_json::to_string(item).map_err(|e| StoreError::Engine(format!("a plan cannot be written: {e}").into()))
}

/// The plan that an account has at a time, or the default; nothing when there is no such plan.
pub(super) async fn find_current(
    tx: &mut Tx,
    account_id: &AccountId,
    at: Micros,
    default: &str,
) -> Result<Option<(String, Plan)>> {
    let row = tx.query_opt(&FIND_CURRENT, &vals![account_id.as_str(), at.0, default]).await?;
    row.map(|row| Ok((row.get(0)?, read(&row.get::<String>(1)?)?))).transpose()
}

/// Whether a plan that counts as bought is assigned to an account at a time.
pub(super) async fn has_bought(tx: &mut Tx, account_id: &AccountId, at: Micros) -> Result<bool> {
    let row = tx.query_opt(&FIND_BOUGHT, &vals![account_id.as_str(), at.0]).await?;
    row.map_or(Ok(false), |row| row.get(0))
}

/// A plan by its id, and whether it may be assigned.
pub(super) async fn find(tx: &mut Tx, plan_id: &str) -> Result<Option<(bool, Plan)>> {
    let row = tx.query_opt(&FIND, &vals![plan_id]).await?;
    row.map(|row| Ok((row.get(0)?, read(&row.get::<String>(1)?)?))).transpose()
}

fn item<T: DeserializeOwned>(row: &Row) -> Result<(String, bool, T)> {
    Ok((row.get(0)?, row.get(1)?, read(&row.get::<String>(2)?)?))
}

/// Every plan in order: id, whether it may be assigned, the plan.
pub(super) async fn list(tx: &mut Tx) -> Result<Vec<(String, bool, Plan)>> {
    tx.query(&LIST, &[]).await?.iter().map(item).collect()
}

/// Every calendar.
pub(super) async fn list_calendars(tx: &mut Tx) -> Result<Vec<(String, bool, Calendar)>> {
    tx.query(&LIST_CALENDARS, &[]).await?.iter().map(item).collect()
}

/// Replaces plans and calendars by a document's; those that it does not name are switched off.
pub(super) async fn replace(tx: &mut Tx, document: &Document) -> Result<()> {
    tx.execute(&TAKE_TURN, &[]).await?;
    tx.execute(&SWITCH_OFF, &[]).await?;
    tx.execute(&SWITCH_OFF_CALENDARS, &[]).await?;
    for (id, calendar) in &document.calendars {
        tx.execute(&SAVE_CALENDAR, &vals![id, write(calendar)?]).await?;
    }
    for (position, (id, plan)) in (0_i64..).zip(&document.plans) {
        tx.execute(&SAVE, &vals![id, position, plan.bought, write(plan)?]).await?;
    }
    Ok(())
}

/// An assignment of a plan.
pub(super) struct Assignment {
    /// The plan.
    pub plan_id: String,
    /// From this time.
    pub starts_at: Micros,
    /// Until before this time; without an end when absent.
    pub ends_at: Option<Micros>,
}

/// Assigns a plan. One that starts at the same time is replaced.
pub(super) async fn assign(tx: &mut Tx, account_id: &AccountId, new: &Assignment, now: Micros) -> Result<()> {
    let ends_at = new.ends_at.map(|at| at.0);
    let args = vals![account_id.as_str(), new.starts_at.0, ends_at, new.plan_id.as_str(), now.0];
    tx.execute(&ASSIGN, &args).await.map(drop)
}

/// Ends what is valid at a time, and says how many assignments that were.
pub(super) async fn end_assignments(tx: &mut Tx, account_id: &AccountId, at: Micros) -> Result<u64> {
    tx.execute(&END_ASSIGNMENTS, &vals![account_id.as_str(), at.0]).await
}

/// The assignments of an account, the earliest first.
pub(super) async fn list_assignments(tx: &mut Tx, account_id: &AccountId) -> Result<Vec<Assignment>> {
    let rows = tx.query(&LIST_ASSIGNMENTS, &vals![account_id.as_str()]).await?;
    let assignment = |row: &Row| {
        let ends_at = row.get::<Option<i64>>(2)?.map(Micros);
        Ok(Assignment { plan_id: row.get(0)?, starts_at: Micros(row.get(1)?), ends_at })
    };
    rows.iter().map(assignment).collect()
}

/// What was promised for a case.
pub struct Promise {
    /// The plan of the account when the case was submitted.
    pub plan_id: String,
    /// The plan as it is now.
    pub plan: Plan,
    /// The target of that time.
    pub target: Target,
}

/// Keeps what is promised for a new case.
pub(super) async fn save_promise(
    tx: &mut Tx,
    account_id: &AccountId,
    case_id: &CaseId,
    plan_id: &str,
    target: &Target,
) -> Result<()> {
    let args = vals![account_id.as_str(), case_id.as_str(), plan_id, target.minutes, target.calendar.as_deref()];
    tx.execute(&SAVE_PROMISE, &args).await.map(drop)
}

/// What was promised for a case when it was submitted.
pub async fn find_promise(tx: &mut Tx, account_id: &AccountId, case_id: &CaseId) -> Result<Option<Promise>> {
    let row = tx.query_opt(&FIND_PROMISE, &vals![account_id.as_str(), case_id.as_str()]).await?;
    let promise = |row: Row| {
        let target = Target { minutes: row.get(2)?, calendar: row.get(3)? };
        Ok(Promise { plan_id: row.get(0)?, plan: read(&row.get::<String>(1)?)?, target })
    };
    row.map(promise).transpose()
}
