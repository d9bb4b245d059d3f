//! Files.

use super::super::{Draft, Fixtures};
use super::{ANYONE, Area, CUSTOMER, ParamReasons, Permissions, Reasons, USER};
use crate::support::TestApp;
use crate::support::people::ALICE;
use serde_json::json;

const OWNER: &str = "the owner, who asks here, reads every file with or without a group";

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[
        (ANYONE, &["DownloadSignedAccessory"]),
        (USER, &["ShowAccessoryLimits"]),
        (
            CUSTOMER,
            &[
                "UploadAccessory",
                "UploadJsonAccessories",
                "ListAccessoryAccessUrls",
                "DownloadAccessories",
                "DeleteAccessories",
                "DownloadImages",
                "ShowDownloadAccessoryUrl",
            ],
        ),
    ];
    const NOT_OF_AN_ACCOUNT: Reasons =
        &[("DownloadSignedAccessory", "the signature is the permission; its own tests change each part of it")];
    const NO_LOOK_UP: ParamReasons = &[
        ("ListAccessoryAccessUrls", "group_id", OWNER),
        ("DownloadAccessories", "group_id", OWNER),
        ("DownloadImages", "group_id", OWNER),
    ];

    fn path_value(operation: &str, name: &str, ids: &Fixtures) -> Option<String> {
        let deletes = operation == "DeleteAccessories";
        (name == "accessory_id").then(|| if deletes { &ids.free_id } else { &ids.bound_id }.clone())
    }

    async fn before_example(app: &TestApp, operation: &str, ids: &mut Fixtures) {
        if operation == "DownloadSignedAccessory" {
            let target = format!(
                "/v2/servicerequest/accessorys/{}/access-url?relation_type=INCIDENT&incident_id={}",
                ids.bound_id, ids.case_id
            );
            let answer = app.get(&target).by(&ALICE).send().await.ok();
            let (_, query) = answer["accessory_url"].as_str().unwrap().split_once('?').unwrap();
            let value = |name: &str| {
                query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap().to_owned()
            };
            ids.put("expires", value("expires"));
            ids.put("signature", value("signature"));
        }
    }

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, ids: &Fixtures) {
        match operation {
            "UploadAccessory" => {
                let data = json!({"fileName": "a.txt", "accessoryFrom": "incident", "uploadType": 0}).to_string();
                draft.form = Some(vec![("form_data".to_owned(), data), ("file".to_owned(), "hello".to_owned())]);
            }
            "UploadJsonAccessories" => {
                draft.body =
                    json!({"accessory_name": "a.txt", "accessory_from": "incident", "accessory_data": "aGVsbG8="});
            }
            "ListAccessoryAccessUrls" => draft.query("accessory_ids", &ids.bound_id),
            "ShowDownloadAccessoryUrl" => {
                draft.query("relation_type", "INCIDENT");
                draft.query("incident_id", &ids.case_id);
            }
            _ => {}
        }
    }

    fn ask_about(draft: &mut Draft, operation: &str, param: Option<&str>) {
        if (operation, param) == ("ShowDownloadAccessoryUrl", Some("relation_id")) {
            draft.query = vec![("relation_type".to_owned(), "MESSAGE".to_owned())];
        }
    }

    fn wrapping(_: &str, param: &str) -> (&'static str, &'static str) {
        match param {
            "form_data" => ("{\"fileName\":\"a.txt\",\"accessoryFrom\":\"incident\",\"uploadType\":0,\"x\":\"", "\"}"),
            "accessory_name" => ("", ".txt"),
            _ => ("", ""),
        }
    }
}
