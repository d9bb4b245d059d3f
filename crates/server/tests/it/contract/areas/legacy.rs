//! Paths of an older version.

use super::super::Fixtures;
use super::{Area, CUSTOMER, ParamReasons, Permissions, cases, labels};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(CUSTOMER, &["ListOrderIncident"])];
    const NO_LOOK_UP: ParamReasons = &[("ListOrderIncident", "businessTypeId", "an id of the catalogue")];

    async fn fixtures(app: &TestApp, owner: &Person, ids: &mut Fixtures) {
        cases::Part::fixtures(app, owner, ids).await;
    }

    fn nothing(ids: &mut Fixtures) {
        ids.put("label_on_case", labels::NO_LABEL);
    }

    fn id_value(_: &str, param: &str, ids: &Fixtures) -> Option<Value> {
        (param == "labelIdList").then(|| json!(ids.get("label_on_case")))
    }
}
