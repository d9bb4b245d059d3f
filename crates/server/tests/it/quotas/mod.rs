//! Support plans and their quotas: what an account may submit, and what is left of it.

mod assignment;
mod list_case_quotas;
mod submission;

use crate::support::{Person, TestApp};
use counterfoil::plans::document::BUILTIN;
use counterfoil::plans::{self, PlanError};
use counterfoil_store::Tx;
use counterfoil_wire::time::Micros;
use serde_json::Value;

const QUOTAS: &str = "/v2/servicerequest/quotas";

/// A plan with quotas: three cases about anything, and of these two about using servers and one fault.
const SMALL: &str = r#"
[plans.small]
name = { zh = "小型", en = "Small" }
bought = true
faults = true

[plans.small.severities]
system-impaired = { minutes = 480, calendar = "business-hours" }
guidance = { minutes = 960, calendar = "around-the-clock" }

[plans.small.quotas]
all = { monthly = 3, pack = 10 }
ecs-usage = { monthly = 2, products = ["ecs"], problems = ["usage"] }
faults = { monthly = 1, kind = "fault" }
"#;

impl TestApp {
    /// Replaces the plans by the built-in ones and `more`.
    pub async fn import_plans(&self, more: &str) {
        let catalog = self.app.catalog.snapshot(&self.app.store).await.unwrap();
        let default = &self.app.config.plans.default_plan;
        plans::import(&self.app.store, &catalog, default, &format!("{BUILTIN}\n{more}")).await.unwrap();
    }

    /// Gives the account of a person a plan from now on.
    pub async fn assign(&self, person: &Person, plan: &str) {
        let now = self.app.clock.now();
        self.assign_from(person, plan, now, None).await;
    }

    /// Gives the account of a person a plan for a time.
    pub async fn assign_from(&self, person: &Person, plan: &str, from: Micros, until: Option<Micros>) {
        let (account, plan, now) = (person.account, plan.to_owned(), self.app.clock.now());
        let work = async move |tx: &mut Tx| plans::assign(tx, account, &plan, from, until, now).await;
        self.app.store.write(work).await.unwrap();
    }

    /// Adds ticket packs to a quota for a month.
    pub async fn add_packs(
        &self,
        person: &Person,
        quota: &'static str,
        packs: i64,
        month: &'static str,
    ) -> Result<i64, PlanError> {
        let (account, default) = (person.account, self.app.config.plans.default_plan.clone());
        let now = self.app.clock.now();
        let work = async move |tx: &mut Tx| {
            let standing = plans::standing(tx, account, &default, now).await?;
            plans::add_packs(tx, &standing, quota, packs, month, now).await
        };
        self.app.store.write(work).await
    }

    /// The whole and the rest of what limits a problem type.
    pub async fn quota(&self, person: &Person, problem: &str) -> (i64, i64) {
        let target = format!("{QUOTAS}?business_type_id={problem}");
        let answer: Value = self.get(&target).by(person).english().send().await.ok();
        assert_eq!(answer.as_object().unwrap().len(), 2, "{answer}");
        (answer["total"].as_i64().unwrap(), answer["un_used"].as_i64().unwrap())
    }
}

/// A question about something else than using servers.
fn question() -> Value {
    let mut body = crate::support::cases::consultation("Which size do we need?");
    body["business_type_id"] = "ecs.purchase".into();
    body
}
