//! Cases: submission, lists, details, actions, logs.

use super::super::{Draft, Fixtures, submission};
use super::{Area, CUSTOMER, ParamReasons, Permissions};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(
        CUSTOMER,
        &[
            "CreateCases",
            "ListCases",
            "ListCaseCounts",
            "ShowCaseDetail",
            "ShowCaseStatus",
            "UpdateCases",
            "ListCaseOperateLogs",
        ],
    )];
    const NO_LOOK_UP: ParamReasons = &[("CreateCases", "project_id", "kept as a note; not looked up")];

    async fn fixtures(app: &TestApp, owner: &Person, ids: &mut Fixtures) {
        let label = super::labels::label(app, owner).await;
        let target = format!("/v2/servicerequest/cases/{}/labels?label_ids={label}", ids.case_id);
        app.post(&target).by(owner).send().await.ok();
        ids.put("label_on_case", label);
    }

    fn nothing(ids: &mut Fixtures) {
        ids.put("label_on_case", super::labels::NO_LABEL);
    }

    fn id_value(_: &str, param: &str, ids: &Fixtures) -> Option<Value> {
        (param == "label_id_list").then(|| json!(ids.get("label_on_case")))
    }

    async fn fill(draft: &mut Draft, app: &TestApp, operation: &str, _: &Fixtures) {
        match operation {
            "CreateCases" => draft.body = submission(app).await,
            "UpdateCases" => {
                draft.query("action_id", "close");
                let catalog = app.app.catalog.snapshot(&app.app.store).await.unwrap();
                let dimension = catalog.offered().dimensions[0].id;
                let scores = json!([{"satisfaction_id": dimension, "satisfaction_value": 0}]);
                draft.body = json!({"incident_satisfaction_list": scores});
            }
            _ => {}
        }
    }

    fn ask_about(draft: &mut Draft, operation: &str, param: Option<&str>) {
        if (operation, param) == ("UpdateCases", None) {
            draft.query = vec![("action_id".to_owned(), "press".to_owned())];
            draft.body = json!({});
        }
    }
}
