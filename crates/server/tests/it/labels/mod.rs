//! Labels: keeping them, putting them on cases, and finding cases by them.

mod create_case_labels;
mod create_labels;
mod delete_case_labels;
mod delete_labels;
mod filter;
mod list_case_labels;
mod list_labels;
mod update_labels;

use crate::support::cases::CASES;
use crate::support::{Answer, Person, TestApp};
use serde_json::{Value, json};

/// The collection of labels.
const LABELS: &str = "/v2/servicerequest/labels";

/// The request that makes a label.
async fn create(test: &TestApp, by: &Person, name: &str, color: &str) -> Answer {
    test.post(LABELS).json(&json!({"name": name, "color": color})).by(by).english().send().await
}

/// Makes a label; its id.
async fn label(test: &TestApp, by: &Person, name: &str) -> i64 {
    create(test, by, name, "#0a0B0c").await.ok()["label_id"].as_i64().unwrap()
}

/// Ids as they stand in a query.
fn joined(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// Puts labels on a case.
async fn put(test: &TestApp, by: &Person, case: &str, ids: &[i64]) -> Answer {
    test.post(&format!("{CASES}/{case}/labels?label_ids={}", joined(ids))).by(by).english().send().await
}

/// Takes labels off a case.
async fn take(test: &TestApp, by: &Person, case: &str, ids: &[i64]) -> Answer {
    test.delete(&format!("{CASES}/{case}/labels?label_ids={}", joined(ids))).by(by).english().send().await
}

/// The names of a list of labels.
fn names(list: &Value) -> Vec<String> {
    crate::support::cases::column(list, "name")
}

/// The names of the labels on a case.
async fn on(test: &TestApp, by: &Person, case: &str) -> Vec<String> {
    names(&test.read_case(by, case, "/labels").await.ok()["case_label_list"])
}
