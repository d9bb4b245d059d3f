//! Quotas: how many cases an account may submit in a month, by its plan, and what it has used of that.
//!
//! Always true: what is used of a quota in a month is the number of cases that count in it; a case counts from its own
//! submission on, in the month of that time in the configured zone, until it is declared invalid. Ticket packs add to one
//! month of one quota and lapse with it.
//!
//! `rules.rs` says which quotas a case counts in. Units take quotas in the order of their ids and before any counter, so
//! that two of them never wait for each other crosswise.

pub mod api;
pub mod rules;
mod sql;

pub use sql::{ALL, Pack, Place, add_pack, list_month, list_packs};

use crate::app::App;
use crate::cases::CaseRow;
use crate::catalog::ProblemType;
use crate::error::{Code, Error, Result};
use crate::plans::Plan;
use counterfoil_store::Tx;
use counterfoil_wire::time::{Micros, Month};

/// The month of a time, in the zone in which months begin.
pub fn month_of(app: &App, at: Micros) -> Result<Month> {
    app.config.plans.zone().month_of(at).ok_or_else(|| Error::internal("the time is in no month"))
}

/// Takes a new case from every quota that applies to it; fails when one of them is used up.
pub async fn take(
    tx: &mut Tx,
    app: &App,
    case: &CaseRow,
    problem: &ProblemType,
    plan_id: &str,
    plan: &Plan,
    now: Micros,
) -> Result<()> {
    let month = month_of(app, now)?;
    for (quota_id, quota) in rules::applying(plan, problem) {
        let place = Place { account_id: &case.account_id, month: &month.name, plan_id, quota_id };
        if !sql::take(tx, &place, quota.monthly).await? {
            let seconds = (month.ends_at.0 - now.0).div_euclid(1_000_000);
            return Err(Error::retry_after(Code::QuotaUsedUp, seconds));
        }
        sql::note_case(tx, &place, &case.case_id).await?;
    }
    Ok(())
}

/// Gives back what a case took: it turned out not to be a request.
pub async fn give_back(tx: &mut Tx, case: &CaseRow) -> Result<()> {
    let mut taken = sql::forget_case(tx, &case.account_id, &case.case_id).await?;
    taken.sort();
    for (plan_id, quota_id, month) in &taken {
        sql::give(tx, &Place { account_id: &case.account_id, month, plan_id, quota_id }).await?;
    }
    Ok(())
}
