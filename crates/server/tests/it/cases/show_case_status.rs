//! `ShowCaseStatus`.

use crate::support::TestApp;
use crate::support::cases::{OnCase, STATUSES, assert_role_is_needed};
use crate::support::people::{BOB, CAROL, MALLORY};
use serde_json::json;

#[tokio::test]
async fn it_says_where_a_case_stands_even_a_deleted_one() {
    let test = TestApp::start().await;
    for status in STATUSES {
        let id = test.case_in(status).await;
        assert_eq!(test.read_case(&BOB, &id, "/status").await.ok(), json!({"status": status}));
        assert_eq!(test.read_case(&CAROL, &id, "/status").await.code(), "OSM.01010002");
        assert_eq!(test.read_case(&MALLORY, &id, "/status").await.code(), "OSM.01010015");
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn who_may_ask() {
    let test = TestApp::start().await;
    assert_role_is_needed(&test, "/status").await;
    test.assert_guarded(&OnCase { method: "GET", suffix: "/status", body: json!({}), status: 1 }).await;
}
