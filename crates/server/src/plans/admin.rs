//! What an operator does with plans: import and export them, assign them, add ticket packs. Used by the command line.

use super::document::{BUILTIN, Document, Plan, Problem};
use super::sql::{self, Assignment};
use crate::catalog::Snapshot;
use crate::catalog::document::problem_type_id;
use crate::iam::{self, AdminError};
use crate::quotas;
use counterfoil_store::events::{self, NewEvent};
use counterfoil_store::{Store, StoreError, Tx};
use counterfoil_wire::ids::AccountId;
use counterfoil_wire::time::Micros;
use serde_json::json;

/// Why a change of plans was refused.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The document is wrong, in these places.
    #[error("the plans were not changed:\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Refused(Vec<Problem>),
    /// There is no such plan, or it is switched off.
    #[error("there is no plan {0:?} to assign; \"plan list\" shows them")]
    NoPlan(String),
    /// A plan would end before it starts.
    #[error("a plan has to end after it starts")]
    EndsFirst,
    /// The account has no plan that could be ended.
    #[error("no plan is assigned to the account now")]
    NoneAssigned,
    /// The plan of the account has no such quota, or sells no packs for it.
    #[error("the account's plan {plan:?} sells no ticket packs for the quota {quota:?}")]
    NoPack {
        /// The plan.
        plan: String,
        /// The quota.
        quota: String,
    },
    /// The account cannot be found.
    #[error(transparent)]
    Account(#[from] AdminError),
    /// The engine failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A document cannot be written.
    #[error("the plans cannot be written: {0}")]
    Unwritable(#[from] toml::ser::Error),
}

/// What these functions answer.
pub type Result<T> = std::result::Result<T, PlanError>;

/// Gives a database without plans the built-in ones; any other is left alone.
pub async fn seed(store: &Store) -> std::result::Result<(), StoreError> {
    if !store.read(async |tx: &mut Tx| sql::list(tx).await).await?.is_empty() {
        return Ok(());
    }
    let document = Document::parse(BUILTIN).map_err(|problems| StoreError::Unusable(format!("{problems:?}")))?;
    let write = async move |tx: &mut Tx| -> std::result::Result<(), StoreError> {
        if sql::list(tx).await?.is_empty() { sql::replace(tx, &document).await } else { Ok(()) }
    };
    store.write(write).await
}

/// Every plan in order: id, whether it may be assigned, the plan.
pub async fn list(store: &Store) -> Result<Vec<(String, bool, Plan)>> {
    Ok(store.read(async |tx: &mut Tx| sql::list(tx).await).await?)
}

/// The plans and calendars that are switched on, as a document.
pub async fn export(store: &Store) -> Result<String> {
    let read = async |tx: &mut Tx| -> std::result::Result<Document, StoreError> {
        let on = |enabled: &bool| *enabled;
        let calendars = sql::list_calendars(tx).await?.into_iter().filter(|(_, enabled, _)| on(enabled));
        let calendars = calendars.map(|(id, _, calendar)| (id, calendar)).collect();
        let plans = sql::list(tx).await?.into_iter().filter(|(_, enabled, _)| on(enabled));
        Ok(Document { calendars, plans: plans.map(|(id, _, plan)| (id, plan)).collect() })
    };
    Ok(store.read(read).await?.to_toml()?)
}

/// Replaces the plans by a document, if all of it is right, and answers how many there are now.
pub async fn import(store: &Store, catalog: &Snapshot, default: &str, text: &str) -> Result<usize> {
    let document = Document::parse(text).map_err(PlanError::Refused)?;
    let problems = check_references(&document, catalog, default);
    if !problems.is_empty() {
        return Err(PlanError::Refused(problems));
    }
    let count = document.plans.len();
    store.write(async move |tx: &mut Tx| sql::replace(tx, &document).await).await?;
    Ok(count)
}

/// What a document names has to be in the catalogue, and the default plan has to stay.
fn check_references(document: &Document, catalog: &Snapshot, default: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut add = |place: String, text: String| problems.push(Problem { place, text });
    if !document.plans.iter().any(|(id, _)| id == default) {
        let text = format!("{default:?} is missing, which is the default plan of the configuration");
        add("plans".to_owned(), text);
    }
    let is_product = |id: &String| catalog.product(id).is_some();
    for (id, plan) in &document.plans {
        for severity in plan.severities.keys().filter(|id| catalog.severity(id).is_none()) {
            add(format!("plans.{id}.severities.{severity}"), "the catalogue has no such severity".to_owned());
        }
        for (quota, limit) in &plan.quotas {
            let place = |list: &str| format!("plans.{id}.quotas.{quota}.{list}");
            for product in limit.products.iter().filter(|id| !is_product(id)) {
                add(place("products"), format!("the catalogue has no product {product:?}"));
            }
            let is_problem = |problem: &String| {
                let mut products = catalog.offered().products.iter();
                products.any(|product| catalog.problem_type(&problem_type_id(&product.id, problem)).is_some())
            };
            for problem in limit.problems.iter().filter(|id| !is_problem(id)) {
                add(place("problems"), format!("the catalogue has no problem {problem:?}"));
            }
        }
    }
    problems
}

/// Assigns a plan to an account, by the account's name, from a time until before another one.
pub async fn assign(
    tx: &mut Tx,
    account: &str,
    plan_id: &str,
    starts_at: Micros,
    ends_at: Option<Micros>,
    now: Micros,
) -> Result<AccountId> {
    let account = load_customer(tx, account).await?;
    if !sql::find(tx, plan_id).await?.is_some_and(|(enabled, _)| enabled) {
        return Err(PlanError::NoPlan(plan_id.to_owned()));
    }
    if ends_at.is_some_and(|end| end <= starts_at) {
        return Err(PlanError::EndsFirst);
    }
    sql::assign(tx, &account, &Assignment { plan_id: plan_id.to_owned(), starts_at, ends_at }, now).await?;
    let ends = ends_at.map(Micros::to_wire);
    let payload = json!({"plan_id": plan_id, "starts_at": starts_at.to_wire(), "ends_at": ends});
    note(tx, &account, "plan.assigned", payload, now).await?;
    Ok(account)
}

/// Ends the plan that an account has now; what is assigned for later stays.
pub async fn end(tx: &mut Tx, account: &str, now: Micros) -> Result<AccountId> {
    let account = load_customer(tx, account).await?;
    if sql::end_assignments(tx, &account, now).await? == 0 {
        return Err(PlanError::NoneAssigned);
    }
    note(tx, &account, "plan.ended", json!({}), now).await?;
    Ok(account)
}

/// What an account has: its assignments as `(plan_id, starts_at, ends_at)`, and the plan that counts now.
pub struct Standing {
    /// The account.
    pub account_id: AccountId,
    /// The plan that counts now.
    pub plan_id: String,
    /// The same with its content.
    pub plan: Plan,
    /// Plan, start and end of every assignment, the earliest first.
    pub assignments: Vec<(String, Micros, Option<Micros>)>,
}

/// What an account has now.
pub async fn standing(tx: &mut Tx, account: &str, default: &str, now: Micros) -> Result<Standing> {
    let account_id = load_customer(tx, account).await?;
    let found = sql::find_current(tx, &account_id, now, default).await?;
    let (plan_id, plan) = found.ok_or_else(|| PlanError::NoPlan(default.to_owned()))?;
    let assignments = sql::list_assignments(tx, &account_id).await?;
    let assignments = assignments.into_iter().map(|a| (a.plan_id, a.starts_at, a.ends_at)).collect();
    Ok(Standing { account_id, plan_id, plan, assignments })
}

/// Adds so many ticket packs to a quota of the account's plan for a month, and answers how many cases that are.
pub async fn add_packs(
    tx: &mut Tx,
    standing: &Standing,
    quota: &str,
    packs: i64,
    month: &str,
    now: Micros,
) -> Result<i64> {
    let sold = standing.plan.quotas.get(quota).filter(|limit| limit.pack > 0);
    let no_pack = || PlanError::NoPack { plan: standing.plan_id.clone(), quota: quota.to_owned() };
    let cases = sold.ok_or_else(no_pack)?.pack.saturating_mul(packs);
    let place = quotas::Place { account_id: &standing.account_id, month, plan_id: &standing.plan_id, quota_id: quota };
    quotas::add_pack(tx, &place, cases, now).await?;
    let payload = json!({"plan_id": standing.plan_id, "quota_id": quota, "month": month, "cases": cases});
    note(tx, &standing.account_id, "plan.pack_added", payload, now).await?;
    Ok(cases)
}

async fn load_customer(tx: &mut Tx, name: &str) -> Result<AccountId> {
    if name == iam::PROVIDER {
        return Err(AdminError::Reserved.into());
    }
    Ok(iam::load_account(tx, name).await?.id)
}

async fn note(
    tx: &mut Tx,
    account: &AccountId,
    kind: &'static str,
    payload: serde_json::Value,
    now: Micros,
) -> Result<()> {
    let account_id = account.as_str();
    let event = NewEvent { account_id, kind, subject: account_id, actor: "operator", payload, at: now.0 };
    Ok(events::append(tx, &event).await?)
}
