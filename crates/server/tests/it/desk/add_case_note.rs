//! `AddCaseNote`.

use super::assert_staff_only;
use crate::support::TestApp;
use crate::support::cases::{STATUSES, assert_refused};
use crate::support::people::{BOB, ERIN, LEO};
use serde_json::json;

#[tokio::test]
async fn a_note_may_be_left_in_every_status_and_changes_none() {
    let test = TestApp::start().await;
    for status in STATUSES {
        let id = test.case_in(status).await;
        let log = test.log(&id).await;
        test.advance_seconds(1);
        assert_eq!(test.desk(&LEO, &id, "note", &json!({"content": "hm"})).await.ok(), json!({}));
        assert_eq!((test.status(&id).await, test.log(&id).await), (status, log));
        let detail = test.desk_detail(&ERIN, &id).await;
        assert_eq!(detail["messages"].as_array().unwrap().last().unwrap()["content"], "hm");
        if status != 13 {
            assert!(!test.detail(&BOB, &id).await.to_string().contains("hm"));
        }
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn bounds_and_permission() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    let note = async |content: &str| test.desk(&ERIN, &id, "note", &json!({"content": content})).await;
    assert_refused(&note("").await, 400, "OSM.01010001", "content: it is mandatory");
    assert_refused(&note(" \n ").await, 400, "OSM.01010001", "content: it is mandatory");
    assert_refused(&note(&"记".repeat(10_001)).await, 400, "OSM.01010001", "content");
    note(&"记".repeat(10_000)).await.ok();
    note("x").await.ok();
    assert_staff_only(&test, "note", &json!({"content": "x"}), false, &ERIN).await;
}
