//! The staff's side.

use super::super::{Draft, Fixtures, upload};
use super::{Area, DESK_READERS, DESK_WORKERS, LEADS, Permissions, Reasons};
use crate::support::TestApp;
use crate::support::people::LEO;
use serde_json::{Value, json};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[
        (DESK_READERS, &["ListDeskCases", "ShowDeskCase", "DownloadDeskAccessories"]),
        (
            DESK_WORKERS,
            &[
                "AcceptCase",
                "ReplyToCase",
                "AddCaseNote",
                "PauseCase",
                "ResumeCase",
                "UploadDeskAccessories",
                "DeleteDeskAccessories",
            ],
        ),
        (LEADS, &["InvalidateCase"]),
    ];
    const NOT_OF_AN_ACCOUNT: Reasons = &[
        ("ShowDeskCase", "staff sees the cases of all accounts"),
        ("AcceptCase", "staff works for all accounts"),
        ("ReplyToCase", "staff works for all accounts; its accessory_ids have a test in tenants.rs"),
        ("AddCaseNote", "staff works for all accounts"),
        ("PauseCase", "staff works for all accounts"),
        ("ResumeCase", "staff works for all accounts"),
        ("InvalidateCase", "staff works for all accounts"),
        ("DownloadDeskAccessories", "staff reads the files of all cases; free ones have a test in tenants.rs"),
        ("DeleteDeskAccessories", "staff deletes free files only; they have a test in tenants.rs"),
    ];

    fn path_value(operation: &str, name: &str, ids: &Fixtures) -> Option<String> {
        let deletes = operation == "DeleteDeskAccessories";
        (name == "accessory_id").then(|| if deletes { &ids.free_id } else { &ids.bound_id }.clone())
    }

    async fn before_example(app: &TestApp, operation: &str, ids: &mut Fixtures) {
        let desk = async |action: &str, body: Value| {
            let target = format!("/desk/v1/cases/{}/{action}", ids.case_id);
            app.post(&target).by(&LEO).json(&body).send().await.ok();
        };
        match operation {
            "ReplyToCase" | "PauseCase" => desk("accept", json!({})).await,
            "ResumeCase" => {
                desk("accept", json!({})).await;
                desk("pause", json!({"reason": "a reason"})).await;
            }
            "DeleteDeskAccessories" => ids.free_id = upload(app, &LEO, "message").await,
            _ => {}
        }
    }

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, _: &Fixtures) {
        match operation {
            "ReplyToCase" => draft.body = json!({"content": "done", "next": "processing"}),
            "AddCaseNote" => draft.body = json!({"content": "a note"}),
            "PauseCase" | "InvalidateCase" => draft.body = json!({"reason": "a reason"}),
            "UploadDeskAccessories" => {
                draft.body =
                    json!({"accessory_name": "a.txt", "accessory_from": "message", "accessory_data": "aGVsbG8="});
            }
            _ => {}
        }
    }
}
