//! Reports of abuse: sending them, and who reads them and what proves them.

mod create_feedback;
mod list_feedbacks;
mod show_feedback;

use crate::contract::upload;
use crate::support::{Answer, Person, TestApp};
use serde_json::{Value, json};

/// The collection of reports.
const FEEDBACKS: &str = "/v2/servicerequest/feedbacks";
/// The same for staff.
const DESK: &str = "/desk/v1/feedbacks";

/// The request that reports abuse.
async fn send(test: &TestApp, by: &Person, body: &Value) -> Answer {
    test.post(FEEDBACKS).json(body).by(by).english().send().await
}

/// A report with every field, and files of its own.
async fn full(test: &TestApp, by: &Person) -> Value {
    let (proof, more) = (upload(test, by, "feedback").await, upload(test, by, "feedback").await);
    let identity = upload(test, by, "feedback").await;
    json!({
        "type": "intellectual_property", "title": "CDN;https://copies.example/a,copies.example",
        "content": "They sell copies of our film.\nSince June.", "files": [proof, more],
        "ip": {"ip_type": "copyright", "ip_area": "CN", "ip_number": "2026-A-1", "ip_content": "A film"},
        "contacts": {
            "name": "Reporting Rita", "mobile": "13900001111", "mail": "rita@rights.example", "area": "China",
            "address": "1 Rights Road", "id_type": 21, "company_name": "Rights Ltd", "id_files": [identity],
            "other_way": "fax 4711-fax",
        },
    })
}

/// Reports abuse of a kind with as little as there may be; its id.
async fn brief(test: &TestApp, by: &Person, kind: &str) -> String {
    let proof = upload(test, by, "feedback").await;
    let body = json!({"type": kind, "title": "ECS", "content": "It is bad.", "files": [proof]});
    send(test, by, &body).await.ok()["feedback_id"].as_str().unwrap().to_owned()
}
