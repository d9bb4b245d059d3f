//! `ListCaseOperateLogs`.

use crate::support::TestApp;
use crate::support::cases::{OnCase, assert_refused, assert_role_is_needed};
use crate::support::people::{BOB, ERIN};
use serde_json::{Value, json};

#[tokio::test]
async fn everything_is_logged_oldest_first() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    test.accept(&id).await;
    test.advance_seconds(1800);
    test.act_with(&BOB, &id, "press", &json!({"operate_desc": "请快一点"})).await.ok();
    test.desk(&ERIN, &id, "pause", &json!({"reason": "parts"})).await.ok();
    test.desk(&ERIN, &id, "resume", &json!({})).await.ok();
    test.reply(&id, "Which?", "pending_feedback").await.ok();
    test.say(&BOB, &id, "This one.").await.ok();
    test.reply(&id, "Done.", "solution").await.ok();
    test.say(&BOB, &id, "No.").await.ok();
    test.reply(&id, "Now?", "processing").await.ok();
    test.act(&BOB, &id, "close").await.ok();
    test.act(&BOB, &id, "reopen").await.ok();
    let page = test.read_case(&BOB, &id, "/operate-logs?limit=100").await.ok();
    let logs = page["incident_operate_log_list"].as_array().unwrap();
    let types: Vec<i64> = logs.iter().map(|log| log["operate_type"].as_i64().unwrap()).collect();
    assert_eq!(types, [0, 1, 2, 20, 21, 17, 85, 18, 16, 3, 22]);
    assert_eq!(page["total_count"], 11);
    let by: Vec<i64> = logs.iter().map(|log| log["operator_type"].as_i64().unwrap()).collect();
    assert_eq!(by, [0, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0]);
    let mut press = logs[2].clone();
    assert_eq!(press["incident_log_id"].take().as_str().unwrap().len(), 32);
    assert_eq!(
        press,
        json!({
            "incident_log_id": null, "incident_id": id, "operate_type": 2, "operator_type": 0,
            "operator_id": test.user_id(&BOB).await, "operator_name": "bob", "operate_desc": "请快一点",
            "operate_time": "2026-01-05T10:00:15Z", "timestamp_operate_time": "2026-01-05T10:00:15Z",
        })
    );
    assert_eq!((&logs[3]["operate_desc"], &logs[4]["operate_desc"]), (&json!("parts"), &Value::Null));
    assert_eq!(logs[3]["operator_name"], "erin");
}

#[tokio::test]
async fn pages_follow_each_other() {
    let test = TestApp::start().await;
    let id = test.case_in(2).await;
    let page = async |query: &str| test.read_case(&BOB, &id, &format!("/operate-logs{query}")).await;
    let types = |page: Value| {
        let logs = page["incident_operate_log_list"].as_array().unwrap().clone();
        (page["total_count"].clone(), logs.iter().map(|log| log["operate_type"].as_i64().unwrap()).collect::<Vec<_>>())
    };
    assert_eq!(types(page("").await.ok()), (json!(3), vec![0, 1, 18]));
    assert_eq!(types(page("?limit=2").await.ok()), (json!(3), vec![0, 1]));
    assert_eq!(types(page("?limit=2&offset=2").await.ok()), (json!(3), vec![18]));
    assert_eq!(types(page("?offset=3").await.ok()), (json!(3), vec![]));
    for query in ["?limit=0", "?limit=101", "?limit=-1", "?offset=-1", "?offset=65536"] {
        assert_refused(&page(query).await, 400, "OSM.01010001", "a whole number from");
    }
}

#[tokio::test]
async fn who_may_read_them() {
    let test = TestApp::start().await;
    assert_role_is_needed(&test, "/operate-logs").await;
    test.assert_guarded(&OnCase { method: "GET", suffix: "/operate-logs", body: json!({}), status: 1 }).await;
}
