//! `ShowFeedback`, and who reads the files of a report.

use super::{DESK, brief, full, send};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, AMY, BOB, CATHY, ERIN, LEO, OSCAR};
use serde_json::{Value, json};

#[tokio::test]
async fn everything_that_was_reported() {
    let test = TestApp::start().await;
    let body = full(&test, &BOB).await;
    let id = send(&test, &BOB, &body).await.ok()["feedback_id"].as_str().unwrap().to_owned();
    for by in [LEO, AMY] {
        let shown = test.get(&format!("{DESK}/{id}")).by(&by).english().send().await.ok();
        for field in ["type", "title", "content", "ip", "contacts"] {
            assert_eq!(shown[field], body[field], "{field}");
        }
        let files = |ids: &Value| -> Value {
            let list = ids.as_array().unwrap().iter();
            list.map(|id| json!({"accessory_id": id, "file_actual_name": "dot.png"})).collect()
        };
        assert_eq!(shown["files"], files(&body["files"]));
        assert_eq!(shown["id_files"], files(&body["contacts"]["id_files"]));
        assert_eq!((&shown["account_name"], &shown["user_name"]), (&json!("acme"), &json!("bob")));
    }
    let small = brief(&test, &ALICE, "other").await;
    let shown = test.get(&format!("{DESK}/{small}")).by(&LEO).send().await.ok();
    assert_eq!((&shown["ip"], &shown["contacts"], &shown["id_files"]), (&Value::Null, &Value::Null, &json!([])));
}

#[tokio::test]
async fn nobody_else_reads_reports_or_their_files() {
    let test = TestApp::start().await;
    let body = full(&test, &BOB).await;
    let id = send(&test, &BOB, &body).await.ok()["feedback_id"].as_str().unwrap().to_owned();
    for by in [ALICE, BOB, ERIN, CATHY, OSCAR] {
        assert_refused(&test.get(&format!("{DESK}/{id}")).by(&by).english().send().await, 403, "OSM.01010002", "");
    }
    for odd in ["x", "00000000000000000000000000000000", "TT2026010500000000"] {
        assert_refused(&test.get(&format!("{DESK}/{odd}")).by(&LEO).english().send().await, 404, "OSM.01019040", "");
    }
    let identity = body["contacts"]["id_files"][0].as_str().unwrap();
    let download = async |by| test.get(&format!("/desk/v1/accessories/{identity}")).by(&by).english().send().await;
    for by in [LEO, AMY] {
        assert_eq!(download(by).await.status, 200, "{by:?}");
    }
    assert_refused(&download(ERIN).await, 404, "OSM.01019003", "");
}
