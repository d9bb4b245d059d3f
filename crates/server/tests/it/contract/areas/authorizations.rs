//! Access that a customer grants.

use super::super::{Draft, Fixtures, NOTHING};
use super::{Area, CUSTOMER, ParamReasons, Permissions, READERS, Reasons, WORKERS};
use crate::support::people::ERIN;
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

pub struct Part;

/// A request for one host in a case of somebody's: the case, the authorization and its resource line.
pub async fn requested(app: &TestApp, owner: &Person) -> (String, String, i64) {
    let case = super::super::submit(app, owner, &json!({})).await;
    app.post(&format!("/desk/v1/cases/{case}/accept")).by(&ERIN).json(&json!({})).send().await.ok();
    let body = json!({"access_type": "ssh_password", "description": "x", "hosts": [{"address": "198.51.100.7"}]});
    let answer = app.post(&format!("/desk/v1/cases/{case}/authorizations")).by(&ERIN).json(&body).send().await.ok();
    let id = answer["authorization_id"].as_str().unwrap().to_owned();
    let detail = app.get(&format!("/v2/servicerequest/authorizations/{id}")).by(owner).send().await.ok();
    let line = detail["incident_auth_detail_list"][0]["id"].as_i64().unwrap();
    (case, id, line)
}

impl Area for Part {
    const PERMISSIONS: Permissions = &[
        (
            CUSTOMER,
            &[
                "ListAuthorizations",
                "ShowAuthorizationDetail",
                "ConfirmAuthorizations",
                "UpdateAuthorizations",
                "CheckHosts",
                "ShowLoginType",
            ],
        ),
        (WORKERS, &["RequestAuthorization", "RecallAuthorization"]),
        (READERS, &["ListDeskAuthorizations", "ShowDeskAuthorization"]),
    ];
    const NOT_OF_AN_ACCOUNT: Reasons = &[
        ("RequestAuthorization", "staff works for all accounts"),
        ("RecallAuthorization", "staff works for all accounts"),
        ("ShowDeskAuthorization", "staff sees the authorizations of all accounts"),
    ];
    const NO_LOOK_UP: ParamReasons = &[
        ("ConfirmAuthorizations", "agency_id", "only for a kind of access that its own tests ask for"),
        ("ListDeskAuthorizations", "case_id", "staff sees the cases of all accounts"),
    ];

    async fn fixtures(app: &TestApp, owner: &Person, ids: &mut Fixtures) {
        let (case, id, line) = requested(app, owner).await;
        ids.put("authorized_case_id", case);
        ids.put("authorization_id", id);
        ids.put("authorization_detail_id", line.to_string());
    }

    fn nothing(ids: &mut Fixtures) {
        ids.put("authorized_case_id", super::super::NO_CASE);
        ids.put("authorization_id", NOTHING);
        ids.put("authorization_detail_id", "1");
    }

    fn path_value(_: &str, name: &str, ids: &Fixtures) -> Option<String> {
        ["authorization_id", "authorization_detail_id"].contains(&name).then(|| ids.get(name).to_owned())
    }

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, ids: &Fixtures) {
        match operation {
            "ConfirmAuthorizations" => {
                let line: i64 = ids.get("authorization_detail_id").parse().unwrap();
                draft.body =
                    json!({"auth_detail_list": [{"auth_detail_id": line, "account": "root", "password": "secret"}]});
            }
            "UpdateAuthorizations" => {
                draft.query("action_id", "reject");
                draft.body = json!({"reject_reason": "no"});
            }
            "CheckHosts" => draft.body = json!({"port": 22, "account": "root", "password": "secret"}),
            "RequestAuthorization" => {
                draft.body = json!({"access_type": "rdp", "description": "x", "hosts": [{"address": "198.51.100.7"}]});
            }
            _ => {}
        }
    }

    fn id_value(_: &str, param: &str, ids: &Fixtures) -> Option<Value> {
        match param {
            "incident_id" => Some(json!(ids.get("authorized_case_id"))),
            "auth_detail_list[].auth_detail_id" => {
                Some(json!(ids.get("authorization_detail_id").parse::<i64>().unwrap()))
            }
            _ => None,
        }
    }
}
