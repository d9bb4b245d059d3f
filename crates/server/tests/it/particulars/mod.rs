//! What a case carries beside its text: contacts, copy addresses, extra parameters, and its rating.

mod create_case_extends_param;
mod create_scores;
mod list_case_cc_emails;
mod show_case_extends_param;
mod update_case_contact_info;

use crate::support::cases::{CASES, fault};
use crate::support::{Answer, Person, TestApp};
use serde_json::{Value, json};

/// The request that changes how somebody is reached about a case.
async fn reach(test: &TestApp, by: &Person, case: &str, body: Value) -> Answer {
    test.put(&format!("{CASES}/{case}/contact-info")).json(&body).by(by).english().send().await
}

/// The request that gives extra parameters.
async fn give(test: &TestApp, by: &Person, case: &str, body: Value) -> Answer {
    test.post(&format!("{CASES}/{case}/extends-param")).json(&body).by(by).english().send().await
}

/// The request that rates a case.
async fn rate(test: &TestApp, by: &Person, case: &str, body: Value) -> Answer {
    test.post(&format!("{CASES}/{case}/score")).json(&body).by(by).english().send().await
}

/// A fault with these copy addresses.
fn with_copies(copies: &Value) -> Value {
    let mut body = fault("cannot log in");
    body["extension_map"] = json!({"cc_email": copies, "channel": "itsm"});
    body
}

/// Somebody's copy addresses.
async fn copies(test: &TestApp, by: &Person) -> Value {
    test.get("/v2/servicerequest/carbon-copy-emails").by(by).english().send().await.ok()
}
