//! Relations: cases that belong together, from both sides.

mod create_relations;
mod delete_relation;
mod list_relation;

use crate::support::cases::CASES;
use crate::support::{Answer, Person, TestApp};
use serde_json::{Value, json};

/// Relates a case to others.
async fn relate(test: &TestApp, by: &Person, case: &str, others: &[&str], group: Option<&str>) -> Answer {
    let mut body = json!({"related_id_list": others});
    if let Some(group) = group {
        body["group_id"] = group.into();
    }
    send(test, by, case, body).await
}

/// The request that relates a case, with any body.
async fn send(test: &TestApp, by: &Person, case: &str, body: Value) -> Answer {
    test.post(&format!("{CASES}/{case}/relations")).json(&body).by(by).english().send().await
}

/// The ids of the cases that are related to a case, as somebody sees them.
async fn related(test: &TestApp, by: &Person, case: &str) -> Vec<String> {
    let list = test.read_case(by, case, "/relations").await.ok();
    crate::support::cases::column(&list["case_relation_list"], "case_id")
}
