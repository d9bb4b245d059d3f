//! Diagnoses: what is registered, started, found, shown and said. Checks meet real listeners on this machine.

mod checks;
mod create_diagnose_feedback;
mod create_diagnose_job;
mod create_resource;
mod delete_resource;
mod list_diagnose_items;
mod list_diagnose_job;
mod list_diagnose_records;
mod list_diagnose_resources;
mod list_resources;
mod listeners;
mod takeover;
mod update_resource;

use crate::support::people::OSCAR;
use crate::support::{Answer, Person, TestApp};
use serde_json::{Value, json};

const JOB: &str = "/v2.0/servicerequest/diagnose/job";
const START: &str = "/v2.0/servicerequest/diagnose/job/start";
const ITEMS: &str = "/v2.0/servicerequest/diagnose/job/show-items";
const RESOURCES: &str = "/v2.0/servicerequest/diagnose/job/vm/resources";
const RECORDS: &str = "/v2.0/servicerequest/diagnose/records";
const FEEDBACK: &str = "/v2.0/servicerequest/diagnose/feedback";
const REGISTRY: &str = "/admin/v1/resources";

/// A server that may look at this machine.
async fn start() -> TestApp {
    start_with(|_| {}).await
}

async fn start_with(change: impl FnOnce(&mut counterfoil::config::Config)) -> TestApp {
    TestApp::start_with(|config| {
        config.outgoing.allow = vec!["127.0.0.1".to_owned()];
        change(config);
    })
    .await
}

impl TestApp {
    /// Registers something for the account of `owner`.
    async fn register(&self, owner: &Person, resource: &Value) -> String {
        let body = json!({"account": owner.account, "resource": resource});
        let made = self.post(REGISTRY).by(&OSCAR).json(&body).send().await.ok();
        made["resource_id"].as_str().unwrap().to_owned()
    }

    /// Starts a diagnosis.
    async fn diagnose(&self, person: &Person, kind: i64, params: &Value) -> Answer {
        self.post(START).by(person).json(&json!({"type": kind, "params": params})).send().await
    }

    /// Starts a diagnosis that is let in; answers its number.
    async fn started(&self, person: &Person, kind: i64, params: &Value) -> String {
        let answer = self.diagnose(person, kind, params).await.ok();
        answer["job_id"].as_str().unwrap().to_owned()
    }

    /// A diagnosis as it is shown.
    async fn job(&self, person: &Person, job_id: &str) -> Value {
        self.get(&format!("{JOB}?job_id={job_id}")).by(person).english().send().await.ok()
    }

    /// The details of a diagnosis, in English.
    async fn details(&self, person: &Person, job_id: &str) -> Vec<Value> {
        let call = self.post(ITEMS).by(person).english().json(&json!({"job_id": job_id}));
        call.send().await.ok()["item_results"].as_array().unwrap().clone()
    }

    /// Looks at one resource of an account at once: check ids with level and what was seen.
    async fn look(&self, owner: &Person, kind: i64, resource: &Value) -> Vec<(String, i64, String)> {
        let id = self.register(owner, resource).await;
        let key = if kind == 2 { "instanceId" } else { "eip" };
        let job_id = self.started(owner, kind, &json!({ key: id })).await;
        self.run_due().await;
        let text = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
        let details = self.details(owner, &job_id).await;
        details
            .iter()
            .map(|item| (text(item, "check_id"), item["level"].as_i64().unwrap(), text(item, "response")))
            .collect()
    }
}

/// The level of one check, with what was seen.
#[track_caller]
fn of<'a>(items: &'a [(String, i64, String)], check: &str) -> (i64, &'a str) {
    let found = items.iter().find(|(id, ..)| id == check);
    let (_, level, response) = found.unwrap_or_else(|| panic!("{check} is not among {items:?}"));
    (*level, response)
}
