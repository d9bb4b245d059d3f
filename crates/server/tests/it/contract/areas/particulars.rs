//! What belongs to a case beside its text: contact data, extra parameters, scores, copies.

use super::super::{Draft, Fixtures};
use super::{Area, CUSTOMER, Permissions};
use crate::support::TestApp;
use serde_json::{Value, json};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(
        CUSTOMER,
        &[
            "UpdateCaseContactInfo",
            "ShowCaseExtendsParam",
            "CreateCaseExtendsParam",
            "CreateScores",
            "ListCaseCcEmails",
        ],
    )];

    async fn fill(draft: &mut Draft, app: &TestApp, operation: &str, _: &Fixtures) {
        let catalog = app.app.catalog.snapshot(&app.app.store).await.unwrap();
        match operation {
            "UpdateCaseContactInfo" => draft.body = json!({"remind_mail": "somebody@acme.example"}),
            // A parameter that every problem type has.
            "CreateCaseExtendsParam" => draft.body = json!({"extends_map": {&catalog.common_params()[0].id: "x"}}),
            "CreateScores" => {
                let dimension = catalog.offered().dimensions[0].id;
                let scores = json!([{"satisfaction_id": dimension, "satisfaction_value": 0}]);
                draft.body = json!({"judgement": "test", "incident_satisfaction_list": scores});
            }
            _ => {}
        }
    }

    fn id_value(_: &str, param: &str, ids: &Fixtures) -> Option<Value> {
        (param == "message_id").then(|| json!(ids.message_id))
    }
}
