//! What customer and staff write to each other.

mod create_messages;
mod list_messages;
mod list_more_instant_messages;
mod list_new_instant_messages;
mod list_unread_new_instant_messages;
mod revoke_message;
mod update_new_instant_messages_read;

use crate::support::cases::CASES;
use crate::support::{Answer, Person, TestApp};
use serde_json::Value;

/// A poll of several cases.
async fn poll(test: &TestApp, by: &Person, ids: &[&str], more: &str) -> Answer {
    test.get(&format!("{CASES}/instant-messages?case_ids={}{more}", ids.join(","))).by(by).english().send().await
}

/// What is unread in several cases, as pairs of id and number.
async fn unread(test: &TestApp, by: &Person, ids: &[&str]) -> Vec<(String, i64)> {
    let target = format!("{CASES}/instant-messages/unread?case_ids={}", ids.join(","));
    let answer = test.get(&target).by(by).send().await.ok();
    let pair =
        |entry: &Value| (entry["incident_id"].as_str().unwrap().to_owned(), entry["unread_num"].as_i64().unwrap());
    answer["imunread"].as_array().unwrap().iter().map(pair).collect()
}

/// Says that somebody has read a case.
async fn mark_read(test: &TestApp, by: &Person, id: &str) {
    test.post(&format!("{CASES}/{id}/instant-messages/unread")).by(by).send().await.ok();
}
