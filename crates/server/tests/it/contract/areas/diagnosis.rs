//! Diagnoses and what can be diagnosed.

use super::super::{Draft, Fixtures, NOTHING};
use super::{Area, CUSTOMER, OPERATORS, ParamReasons, Permissions, Reasons};
use crate::support::people::OSCAR;
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[
        (
            CUSTOMER,
            &[
                "CreateDiagnoseJob",
                "ListDiagnoseJob",
                "ListDiagnoseItems",
                "ListDiagnoseResources",
                "ListDiagnoseRecords",
                "CreateDiagnoseFeedback",
            ],
        ),
        (OPERATORS, &["ListResources", "CreateResource", "UpdateResource", "DeleteResource"]),
    ];
    const NOT_OF_AN_ACCOUNT: Reasons = &[
        ("ListResources", "operators register for all accounts; the request names one"),
        ("CreateResource", "operators register for all accounts; the request names one"),
        ("UpdateResource", "operators register for all accounts; the request names one"),
        ("DeleteResource", "operators register for all accounts; the request names one"),
    ];
    const NO_LOOK_UP: ParamReasons = &[
        ("ListDiagnoseItems", "item_ids", "ids of checks, which are the same for all accounts"),
        ("ListDiagnoseResources", "project_id", "picks from what the own account has registered"),
    ];

    async fn fixtures(app: &TestApp, owner: &Person, ids: &mut Fixtures) {
        let name = format!("host of {}", ids.case_id);
        let body =
            json!({"account": owner.account, "resource": {"name": name, "kind": "host", "address": "127.0.0.1"}});
        let made = app.post("/admin/v1/resources").by(&OSCAR).json(&body).send().await.ok();
        ids.put("resource_id", made["resource_id"].as_str().unwrap());
        let body = json!({"type": 1, "params": {"eip": name}});
        // Numbers count in each account: one that only this account has comes after those of others.
        let count = if owner.account == "acme" { 2 } else { 1 };
        for _ in 0..count {
            let call = app.post("/v2.0/servicerequest/diagnose/job/start").by(owner).json(&body);
            ids.put("diagnose_job", call.send().await.ok()["job_id"].as_str().unwrap());
            // It ends at once: nobody may connect to this machine.
            app.run_due().await;
        }
    }

    fn nothing(ids: &mut Fixtures) {
        ids.put("resource_id", NOTHING);
        ids.put("diagnose_job", "2147483647");
    }

    fn path_value(_: &str, name: &str, ids: &Fixtures) -> Option<String> {
        (name == "resource_id").then(|| ids.get("resource_id").to_owned())
    }

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, ids: &Fixtures) {
        match operation {
            "CreateDiagnoseJob" => draft.body = json!({"type": 1, "params": {"eip": ids.get("resource_id")}}),
            "ListDiagnoseItems" => draft.body = json!({"job_id": ids.get("diagnose_job")}),
            "ListDiagnoseJob" => draft.query("job_id", ids.get("diagnose_job")),
            "ListDiagnoseResources" => draft.body = json!({"region": "cn-north-7"}),
            "CreateDiagnoseFeedback" => draft.body = json!({"type": 1, "is_helpful": true}),
            "ListResources" | "DeleteResource" => draft.query("account", &ids.account_id),
            "CreateResource" | "UpdateResource" => {
                let resource = json!({"name": "another", "kind": "host", "address": "192.0.2.1"});
                draft.body = json!({"account": ids.account_id, "resource": resource});
            }
            _ => {}
        }
    }

    fn id_value(_: &str, param: &str, ids: &Fixtures) -> Option<Value> {
        (param == "job_id").then(|| json!(ids.get("diagnose_job")))
    }
}
