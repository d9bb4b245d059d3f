//! Cases that belong together.

use super::super::{Draft, Fixtures, NO_CASE, submit};
use super::{Area, CUSTOMER, ParamReasons, Permissions};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(CUSTOMER, &["ListRelation", "CreateRelations", "DeleteRelation"])];
    const NO_LOOK_UP: ParamReasons =
        &[("DeleteRelation", "related_id", "a relation that is not there is no error, whatever was named")];

    async fn fixtures(app: &TestApp, owner: &Person, ids: &mut Fixtures) {
        ids.put("related_id", submit(app, owner, &json!({})).await);
    }

    fn nothing(ids: &mut Fixtures) {
        ids.put("related_id", NO_CASE);
    }

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, ids: &Fixtures) {
        match operation {
            "CreateRelations" => draft.body = json!({"related_id_list": [ids.get("related_id")]}),
            "DeleteRelation" => draft.body = json!({"related_id": ids.get("related_id")}),
            _ => {}
        }
    }

    fn id_value(_: &str, param: &str, ids: &Fixtures) -> Option<Value> {
        (param == "related_id_list").then(|| json!([ids.get("related_id")]))
    }
}
