//! `UpdateCases`.

use crate::support::TestApp;
use crate::support::cases::{CASES, OnCase, assert_refused};
use crate::support::people::{ALICE, BOB};
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn who_may_act() {
    let test = TestApp::start().await;
    for (suffix, status) in [
        ("/action?action_id=cancel", 0),
        ("/action?action_id=close", 1),
        ("/action?action_id=reopen", 3),
        ("/action?action_id=delete", 4),
    ] {
        let test = TestApp::start().await;
        test.assert_guarded(&OnCase { method: "POST", suffix, body: json!({}), status }).await;
    }
    let group = test.group_of_operators().await;
    let id = test.case(&BOB).await;
    test.advance_seconds(1800);
    let carol = crate::support::people::CAROL;
    test.act_with(&carol, &id, "press", &json!({"group_id": group})).await.ok();
    assert_refused(&test.act(&carol, &id, "press").await, 403, "OSM.01010002", "");
}

#[tokio::test]
async fn the_answer_is_empty_and_the_action_known() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    for action in ["", "close%20", "CANCEL", "explode", "accept", &"x".repeat(64)] {
        let code = if action.is_empty() { "OSM.01010001" } else { "OSM.01010013" };
        assert_refused(&test.act(&BOB, &id, action).await, 400, code, "");
    }
    assert_refused(&test.act(&BOB, &id, &"x".repeat(65)).await, 400, "OSM.01010001", "action_id");
    let none = test.post(&format!("{CASES}/{id}/action")).json(&json!({})).by(&BOB).english().send().await;
    assert_refused(&none, 400, "OSM.01010001", "action_id: it is mandatory");
    let no_body = test.post(&format!("{CASES}/{id}/action?action_id=cancel")).by(&BOB).english().send().await;
    assert_refused(&no_body, 400, "OSM.0001", "");
    assert_eq!(test.act_with(&BOB, &id, "cancel", &json!({"operate_desc": "test"})).await.ok(), json!({}));
    assert_eq!(test.status(&id).await, 4);
}

#[tokio::test]
async fn urging_waits_half_an_hour_each_time() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    let early = test.act(&BOB, &id, "press").await;
    assert_refused(&early, 429, "OSM.01010023", "submitted moments ago");
    assert_eq!(early.header("retry-after"), Some("1800"));
    test.advance_seconds(1799);
    assert_eq!(test.act(&BOB, &id, "press").await.header("retry-after"), Some("1"));
    test.advance_seconds(1);
    test.act(&BOB, &id, "press").await.ok();
    let again = test.act(&ALICE, &id, "press").await;
    assert_refused(&again, 429, "OSM.01010004", "You have asked for the order");
    assert_eq!(again.header("retry-after"), Some("1800"));
    test.advance_seconds(1799);
    assert_eq!(test.act(&BOB, &id, "press").await.code(), "OSM.01010004");
    test.advance_seconds(1);
    test.accept(&id).await;
    test.act(&BOB, &id, "press").await.ok();
    assert_eq!(test.log(&id).await, [0, 2, 1, 2]);
    assert_eq!(test.status(&id).await, 1);
    // Urging is for who waits: not for what is closed, whatever the clock says.
    test.act(&BOB, &id, "close").await.ok();
    assert_refused(&test.act(&BOB, &id, "press").await, 409, "OSM.01019001", "");
}

#[tokio::test]
async fn reopening_has_a_window() {
    let test = TestApp::start().await;
    let id = test.case_in(3).await;
    test.advance_seconds(14 * DAY);
    test.act(&BOB, &id, "reopen").await.ok();
    assert_eq!(test.status(&id).await, 1);
    test.act(&BOB, &id, "close").await.ok();
    test.advance_seconds(14 * DAY + 1);
    assert_refused(&test.act(&BOB, &id, "reopen").await, 409, "OSM.01019001", "does not allow");
    for status in [4, 12] {
        let id = test.case_in(status).await;
        assert_refused(&test.act(&BOB, &id, "reopen").await, 409, "OSM.01019001", "");
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn a_rating_rides_along_with_closing_alone() {
    let test = TestApp::start().await;
    let id = test.case_in(2).await;
    let close = async |body: Value| test.act_with(&BOB, &id, "close", &body).await;
    let scores = |list: Value| json!({"incident_satisfaction_list": list});
    for (list, field) in [
        (json!([{"satisfaction_id": 99, "satisfaction_value": 1}]), "[0].satisfaction_id"),
        (json!([{"satisfaction_id": 1, "satisfaction_value": 6}]), "[0].satisfaction_value"),
        (json!([{"satisfaction_id": 1, "satisfaction_value": -1}]), "[0].satisfaction_value"),
        (
            json!([{"satisfaction_id": 1, "satisfaction_value": 1}, {"satisfaction_id": 1, "satisfaction_value": 2}]),
            "[1].satisfaction_id",
        ),
        (json!(vec![json!({"satisfaction_id": 1, "satisfaction_value": 1}); 101]), "incident_satisfaction_list"),
    ] {
        assert_refused(&close(scores(list)).await, 400, "OSM.01010001", field);
    }
    let half = close(scores(json!([{"satisfaction_id": 1, "satisfaction_value": 1.5}]))).await;
    assert_refused(&half, 400, "OSM.0001", "satisfaction_value");
    let missing = close(scores(json!([{"satisfaction_id": 1}]))).await;
    assert_refused(&missing, 400, "OSM.01010001", "incident_satisfaction_list[0].satisfaction_value: it is mandatory");
    assert_refused(&close(json!({"judgement": "差".repeat(401)})).await, 400, "OSM.01010001", "judgement");
    assert_refused(&close(json!({"operate_desc": "差".repeat(401)})).await, 400, "OSM.01010001", "operate_desc");
    for action in ["cancel", "press", "delete", "reopen"] {
        let body = json!({"judgement": "fine"});
        assert_refused(&test.act_with(&BOB, &id, action, &body).await, 400, "OSM.01010001", "judgement");
        let body = scores(json!([{"satisfaction_id": 1, "satisfaction_value": 1}]));
        assert_refused(&test.act_with(&BOB, &id, action, &body).await, 400, "OSM.01010001", "satisfaction_list");
    }
    assert_eq!(test.status(&id).await, 2);
    assert_eq!(test.number("SELECT COUNT(*) FROM case_scores").await, 0);
    let body = json!({"judgement": "👍".repeat(400), "operate_desc": "🙂".repeat(400),
        "incident_satisfaction_list": [{"satisfaction_id": 3, "satisfaction_value": 4, "satisfaction_name": "x"}]});
    close(body).await.ok();
    let detail = test.detail(&BOB, &id).await;
    assert_eq!(detail["judgement"], "👍".repeat(400));
    assert_eq!(detail["incident_satisfaction"][0]["satisfaction_value"], 4);
    // Closed once more after reopening: the new score replaces the old one.
    test.act(&BOB, &id, "reopen").await.ok();
    let body = scores(json!([{"satisfaction_id": 3, "satisfaction_value": 1}]));
    test.act_with(&BOB, &id, "close", &body).await.ok();
    let detail = test.detail(&BOB, &id).await;
    assert_eq!(detail["incident_satisfaction"].as_array().unwrap().len(), 1);
    assert_eq!(detail["incident_satisfaction"][0]["satisfaction_value"], 1);
}

#[tokio::test]
async fn a_deleted_case_is_gone_for_customers() {
    let test = TestApp::start().await;
    let id = test.case_in(13).await;
    assert_eq!(test.ids(&BOB, "").await, Vec::<String>::new());
    assert_eq!(test.ids(&ALICE, "status=13").await, Vec::<String>::new());
    assert_eq!(test.ids(&ALICE, "incident_status=4,13").await, Vec::<String>::new());
    assert_eq!(test.ids(&ALICE, &format!("incident_id={id}")).await, Vec::<String>::new());
    for action in ["cancel", "close", "press", "delete", "reopen"] {
        assert_refused(&test.act(&BOB, &id, action).await, 404, "OSM.01010015", "");
    }
    assert_eq!(test.log(&id).await, [0, 4, 13]);
    test.assert_sound().await;
}
