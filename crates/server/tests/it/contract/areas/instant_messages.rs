//! Messages as a conversation: polling, reading, withdrawing.

use super::super::{Draft, Fixtures};
use super::{Area, CUSTOMER, ParamReasons, Permissions};
use crate::support::TestApp;
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
