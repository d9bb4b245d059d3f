//! `InvalidateCase`.

use super::assert_staff_only;
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{BOB, ERIN, LEO};
use serde_json::json;

#[tokio::test]
async fn a_lead_declares_it_with_a_reason() {
    let test = TestApp::start().await;
    for status in [0, 1] {
        let id = test.case_in(status).await;
        let answer = test.desk(&LEO, &id, "invalid", &json!({"reason": "advertising"})).await.ok();
        assert_eq!((answer, test.status(&id).await), (json!({}), 12));
        let page = test.read_case(&BOB, &id, "/operate-logs").await.ok();
        let log = page["incident_operate_log_list"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&log["operate_type"], &log["operate_desc"]), (&json!(12), &json!("advertising")));
        let ended = test.rows(&format!("SELECT ended_by FROM cases WHERE case_id = '{id}'")).await;
        assert_eq!(ended[0].get::<String>(0).unwrap(), "staff");
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn bounds_and_permission() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    for reason in ["", "   ", &*"因".repeat(401)] {
        let answer = test.desk(&LEO, &id, "invalid", &json!({"reason": reason})).await;
        assert_refused(&answer, 400, "OSM.01010001", "reason");
    }
    assert_refused(&test.desk(&LEO, &id, "invalid", &json!({})).await, 400, "OSM.01010001", "reason");
    let engineer = test.desk(&ERIN, &id, "invalid", &json!({"reason": "r"})).await;
    assert_refused(&engineer, 403, "OSM.01010002", "");
    assert_staff_only(&test, "invalid", &json!({"reason": "r"}), false, &LEO).await;
    test.desk(&LEO, &id, "invalid", &json!({"reason": "因".repeat(400)})).await.ok();
}
