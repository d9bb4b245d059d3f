//! `ShowDeskCase`. Who reads confidential text stands in `cases/secrets.rs`.

use super::assert_staff_only;
use crate::support::TestApp;
use crate::support::cases::{MISSING_CASE, STATUSES, column};
use crate::support::people::{AMY, BOB, ERIN, LEO};
use serde_json::{Value, json};

#[tokio::test]
async fn messages_notes_and_log_in_the_order_of_time() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    test.desk(&LEO, &id, "note", &json!({"content": "easy"})).await.ok();
    test.accept(&id).await;
    test.reply(&id, "Which one?", "pending_feedback").await.ok();
    test.say(&BOB, &id, "this one").await.ok();
    let detail = test.desk_detail(&AMY, &id).await;
    assert_eq!(column(&detail["messages"], "content"), ["How do I start?", "easy", "Which one?", "this one"]);
    assert_eq!(column(&detail["messages"], "visibility"), ["public", "note", "public", "public"]);
    let mut note = detail["messages"][1].clone();
    note["message_id"].take();
    let leo = test.user_id(&LEO).await;
    assert_eq!(
        note,
        json!({"message_id": null, "visibility": "note", "type": 1, "replier": leo, "replier_name": "leo",
            "content": "easy", "create_time": "2026-01-05T09:30:15Z", "is_first_message": 0, "accessory_list": []})
    );
    assert_eq!(test.log(&id).await, [0, 1, 17, 85]);
    assert_eq!(detail["contact"], json!({"remind_time": "0"}));
    assert_eq!(detail["case_id"], id.as_str());
    for field in ["extends_map", "authorization_content", "pause_reason", "resume_at"] {
        assert_eq!(detail[field], Value::Null, "{field}");
    }
}

#[tokio::test]
async fn a_case_is_shown_in_every_status() {
    let test = TestApp::start().await;
    for status in STATUSES {
        let id = test.case_in(status).await;
        assert_eq!(test.desk_detail(&ERIN, &id).await["status"], status);
    }
}

#[tokio::test]
async fn who_may_see_it() {
    let test = TestApp::start().await;
    assert_staff_only(&test, "", &json!({}), true, &AMY).await;
    let id = test.case(&BOB).await;
    for by in [&ERIN, &LEO, &AMY] {
        test.desk_detail(by, &id).await;
    }
    assert_eq!(test.get(&format!("/desk/v1/cases/{MISSING_CASE}")).send().await.status, 401);
}
