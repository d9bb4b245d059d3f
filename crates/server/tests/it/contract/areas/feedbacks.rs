//! Abuse reports.

use super::super::{Draft, Fixtures, NOTHING, upload};
use super::{Area, CUSTOMER, Permissions, REVIEWERS, Reasons};
use crate::support::{Person, TestApp};
use serde_json::json;

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions =
        &[(CUSTOMER, &["CreateFeedback"]), (REVIEWERS, &["ListFeedbacks", "ShowFeedback"])];
    const NOT_OF_AN_ACCOUNT: Reasons = &[("ShowFeedback", "staff reads the reports of all accounts")];

    async fn fixtures(app: &TestApp, owner: &Person, ids: &mut Fixtures) {
        ids.put("proof_id", upload(app, owner, "feedback").await);
        ids.put("identity_id", upload(app, owner, "feedback").await);
    }

    fn nothing(ids: &mut Fixtures) {
        ids.put("proof_id", NOTHING);
        ids.put("identity_id", NOTHING);
    }

    fn path_value(_: &str, name: &str, _: &Fixtures) -> Option<String> {
        (name == "feedback_id").then(|| NOTHING.to_owned())
    }

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, ids: &Fixtures) {
        if operation == "CreateFeedback" {
            draft.body = json!({
                "type": "other", "title": "ECS;http://example.com", "content": "test", "files": [ids.get("proof_id")],
                "ip": {"ip_type": "copyright"},
                "contacts": {
                    "name": "Rita", "mobile": "13900001111", "id_type": 20, "id_files": [ids.get("identity_id")],
                },
            });
        }
    }
}
