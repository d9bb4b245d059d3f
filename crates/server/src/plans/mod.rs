//! Support plans: which severities an account may choose, whether it may report faults, how soon it is answered, and how
//! many cases it may submit in a month (`quotas/`).
//!
//! Always true: an account has exactly one plan at any time, the one assigned last of those that are valid, or the default
//! of the configuration; a case keeps what its plan promised when it was submitted, whatever becomes of the plan.
//! Plans are replaced as a whole by `plan import`; one that is not named any more is switched off, never deleted.
//!
//! `document.rs` is the TOML form, `rules.rs` what a plan allows, `admin.rs` what an operator does.

mod admin;
pub mod document;
pub mod rules;
mod sql;

pub use admin::{PlanError, Standing, add_packs, assign, end, export, import, list, seed, standing};
pub use document::{Plan, Quota, Target};
pub use sql::{ALL, Promise, find_promise};

use crate::app::App;
use crate::cases::CaseRow;
use crate::catalog::Snapshot;
use crate::catalog::document::CaseKind;
use crate::error::{Code, Error, Result};
use crate::quotas;
use counterfoil_store::Tx;
use counterfoil_wire::ids::AccountId;
use counterfoil_wire::time::Micros;
use rules::{Question, Refusal};

/// Whether a support plan was bought for this account, as far as partners are concerned: the default plan never was.
pub async fn has_bought_plan(tx: &mut Tx, account_id: &AccountId, now: Micros) -> Result<bool> {
    Ok(sql::has_bought(tx, account_id, now).await?)
}

/// The plan that an account has, with its id.
pub async fn load_current(tx: &mut Tx, app: &App, account_id: &AccountId, now: Micros) -> Result<(String, Plan)> {
    let default = &app.config.plans.default_plan;
    let found = sql::find_current(tx, account_id, now, default).await?;
    found.ok_or_else(|| Error::internal(format!("plans.default_plan is {default:?}, which is no plan")))
}

/// Asks the account's plan whether a new case may be submitted, keeps what the plan promises for it, and takes it from the
/// quotas of the month. The unit goes on only if all of that was possible.
pub async fn admit(tx: &mut Tx, app: &App, case: &CaseRow, catalog: &Snapshot, now: Micros) -> Result<()> {
    let (plan_id, plan) = load_current(tx, app, &case.account_id, now).await?;
    let problem = catalog.problem_type(&case.problem_id);
    let problem = problem.ok_or_else(|| Error::internal("a new case is of an unknown problem type"))?;
    let question = Question {
        is_fault: problem.kind == CaseKind::Fault,
        has_benefits: problem.support_plan,
        severity: case.severity_id.as_deref(),
        mildest: catalog.mildest_severity().map(|severity| severity.id.as_str()),
    };
    let target = rules::admit(&plan, question).map_err(|refusal| match refusal {
        Refusal::Fault => Error::new(Code::PlanForbids),
        Refusal::Severity => Error::new(Code::NoSuchSeverity),
    })?;
    sql::save_promise(tx, &case.account_id, &case.case_id, &plan_id, &target).await?;
    quotas::take(tx, app, case, problem, &plan_id, &plan, now).await
}
