//! Labels of an account and on cases.

use super::super::{Draft, Fixtures};
use super::{Area, CUSTOMER, ParamReasons, Permissions};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

const LABELS: &str = "/v2/servicerequest/labels";

pub struct Part;

/// The first label of the owner's account: it may not have very many.
pub async fn label(app: &TestApp, owner: &Person) -> String {
    let list = async || app.get(LABELS).by(owner).send().await.ok()["label_list"][0]["label_id"].clone();
    let mut found = list().await;
    if found.is_null() {
        app.post(LABELS).json(&json!({"name": "of these tests", "color": "#000000"})).by(owner).send().await.ok();
        found = list().await;
    }
    found.to_string()
}

/// An id that no label has.
pub const NO_LABEL: &str = "2147483647";

impl Area for Part {
    const PERMISSIONS: Permissions = &[(
        CUSTOMER,
        &[
            "ListLabels",
            "CreateLabels",
            "UpdateLabels",
            "DeleteLabels",
            "ListCaseLabels",
            "CreateCaseLabels",
            "DeleteCaseLabels",
        ],
    )];
    const NO_LOOK_UP: ParamReasons =
        &[("DeleteCaseLabels", "label_ids", "labels that are not on the case are passed over")];

    async fn fixtures(app: &TestApp, owner: &Person, ids: &mut Fixtures) {
        ids.put("label_id", label(app, owner).await);
    }

    fn nothing(ids: &mut Fixtures) {
        ids.put("label_id", NO_LABEL);
    }

    fn path_value(_: &str, name: &str, ids: &Fixtures) -> Option<String> {
        (name == "label_id").then(|| ids.get("label_id").to_owned())
    }

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, ids: &Fixtures) {
        match operation {
            "CreateLabels" | "UpdateLabels" => draft.body = json!({"name": "test", "color": "#0A0B0C"}),
            "CreateCaseLabels" | "DeleteCaseLabels" => draft.query("label_ids", ids.get("label_id")),
            _ => {}
        }
    }

    fn id_value(_: &str, param: &str, ids: &Fixtures) -> Option<Value> {
        ["label_id", "label_ids"].contains(&param).then(|| json!(ids.get("label_id")))
    }
}
