//! Messages as a conversation: polling, reading, withdrawing.

use super::super::{Draft, Fixtures};
use super::{Area, CUSTOMER, ParamReasons, Permissions};
use crate::support::TestApp;
use crate::support::people::{ALICE, LEO};
use serde_json::{Value, json};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(
        CUSTOMER,
        &[
            "ListNewInstantMessages",
            "ListUnreadNewInstantMessages",
            "ListMoreInstantMessages",
            "UpdateNewInstantMessagesRead",
            "RevokeMessage",
        ],
    )];
    const NO_LOOK_UP: ParamReasons =
        &[("ListNewInstantMessages", "last_message_time_id", "a cursor: a time and a number")];

    fn path_value(_: &str, name: &str, ids: &Fixtures) -> Option<String> {
        (name == "message_id").then(|| ids.message_id.clone())
    }

    async fn before_example(app: &TestApp, operation: &str, ids: &mut Fixtures) {
        let case = format!("/cases/{}", ids.case_id);
        match operation {
            "UpdateNewInstantMessagesRead" => {
                app.post(&format!("/desk/v1{case}/accept")).by(&LEO).json(&json!({})).send().await.ok();
                let reply = json!({"content": "which disk?", "next": "pending_feedback"});
                app.post(&format!("/desk/v1{case}/reply")).by(&LEO).json(&reply).send().await.ok();
            }
            "RevokeMessage" => {
                let body = json!({"message": {"content": "never mind"}});
                app.post(&format!("/v2/servicerequest{case}/message")).by(&ALICE).json(&body).send().await.ok();
                let messages = app.get(&format!("/v2/servicerequest{case}/messages")).by(&ALICE).send().await.ok();
                let mine = messages["message_list"].as_array().unwrap().iter().find(|m| m["content"] == "never mind");
                ids.message_id = mine.unwrap()["message_id"].as_str().unwrap().to_owned();
            }
            _ => {}
        }
    }

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, ids: &Fixtures) {
        let mut query = |name: &str, value: &str| draft.query.push((name.to_owned(), value.to_owned()));
        match operation {
            "ListNewInstantMessages" => {
                query("case_ids", &ids.case_id);
                // With a cursor, so that the answer of somebody for whom nothing is new does not tell the time.
                query("last_message_time_id", "0-0");
            }
            "ListUnreadNewInstantMessages" => query("case_ids", &ids.case_id),
            "ListMoreInstantMessages" => {
                query("create_time", "1999999999999");
                query("type", "0");
                query("limit", "10");
            }
            _ => {}
        }
    }

    fn id_value(_: &str, param: &str, ids: &Fixtures) -> Option<Value> {
        (param == "case_ids").then(|| json!([ids.case_id]))
    }
}
