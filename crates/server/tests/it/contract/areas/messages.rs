//! Messages of a case.

use super::super::{Draft, Fixtures};
use super::{Area, CUSTOMER, Permissions};
use crate::support::TestApp;
use serde_json::{Value, json};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(CUSTOMER, &["CreateMessages", "ListMessages"])];

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, _: &Fixtures) {
        if operation == "CreateMessages" {
            draft.body = json!({"message": {"content": "it is still full"}});
        }
    }

    fn id_value(_: &str, param: &str, ids: &Fixtures) -> Option<Value> {
        (param == "message.accessory_ids").then(|| json!([ids.reply_id]))
    }
}
