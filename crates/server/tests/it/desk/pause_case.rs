//! `PauseCase`. That it resumes by itself stands in `cases/timers.rs`.

use super::assert_staff_only;
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{BOB, ERIN};
use serde_json::{Value, json};

#[tokio::test]
async fn the_reason_and_the_time_show() {
    let test = TestApp::start().await;
    let id = test.case_in(1).await;
    let body = json!({"reason": "等待备件", "resume_at": "2026-01-06 08:00:00"});
    assert_eq!(test.desk(&ERIN, &id, "pause", &body).await.ok(), json!({}));
    let detail = test.desk_detail(&ERIN, &id).await;
    assert_eq!((&detail["status"], &detail["pause_reason"]), (&json!(5), &json!("等待备件")));
    assert_eq!(detail["resume_at"], "2026-01-06T00:00:00Z", "read in GMT+8");
    let log = test.read_case(&BOB, &id, "/operate-logs").await.ok()["incident_operate_log_list"][2].clone();
    assert_eq!((&log["operate_type"], &log["operate_desc"]), (&json!(20), &json!("等待备件")));
    assert_eq!(test.detail(&BOB, &id).await["status"], 5);
    test.assert_sound().await;
}

#[tokio::test]
async fn bounds_and_permission() {
    let test = TestApp::start().await;
    let id = test.case_in(1).await;
    for (body, words) in [
        (json!({}), "reason: it is mandatory"),
        (json!({"reason": ""}), "reason"),
        (json!({"reason": "  "}), "reason: it is mandatory"),
        (json!({"reason": "因".repeat(401)}), "reason: 0 to 400"),
        (json!({"reason": "r", "resume_at": "soon"}), "resume_at"),
        (json!({"reason": "r", "resume_at": "2026-01-05T09:30:15Z"}), "resume_at"),
        (json!({"reason": "r", "resume_at": "2020-01-01"}), "resume_at"),
        (json!({"reason": "r", "resume_at": "2027-01-06T09:30:16Z"}), "resume_at"),
        (json!({"reason": "r", "resume_at": "9999-12-30T00:00:00Z"}), "resume_at"),
    ] {
        assert_refused(&test.desk(&ERIN, &id, "pause", &body).await, 400, "OSM.01010001", words);
    }
    assert_eq!(test.status(&id).await, 1);
    let longest = json!({"reason": "因".repeat(400), "resume_at": "2027-01-06T09:30:15Z"});
    test.desk(&ERIN, &id, "pause", &longest).await.ok();
    for resume_at in [Value::Null, "".into(), "2026-01-05T09:30:16Z".into()] {
        let id = test.case_in(1).await;
        test.desk(&ERIN, &id, "pause", &json!({"reason": "r", "resume_at": resume_at})).await.ok();
    }
    assert_staff_only(&test, "pause", &json!({"reason": "r"}), false, &ERIN).await;
}
