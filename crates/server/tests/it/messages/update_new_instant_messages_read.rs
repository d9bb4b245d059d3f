//! `UpdateNewInstantMessagesRead`.

use super::{mark_read, unread};
use crate::support::TestApp;
use crate::support::cases::{CASES, OnCase, assert_refused};
use crate::support::people::{BOB, ERIN};
use serde_json::json;

#[tokio::test]
async fn the_body_may_be_left_out() {
    let test = TestApp::start().await;
    let id = test.case_in(17).await;
    let target = format!("{CASES}/{id}/instant-messages/unread");
    assert_eq!(unread(&test, &BOB, &[&id]).await, [(id.clone(), 1)]);
    assert_eq!(test.post(&target).by(&BOB).send().await.ok(), json!({}));
    assert_eq!(unread(&test, &BOB, &[&id]).await, [(id.clone(), 0)]);
    assert_eq!(test.post(&target).json(&json!({"group_id": ""})).by(&BOB).send().await.ok(), json!({}));
    assert_eq!(test.post(&target).json(&json!({})).by(&BOB).send().await.ok(), json!({}));
}

#[tokio::test]
async fn it_is_told_once_and_only_when_there_was_something() {
    let test = TestApp::start().await;
    let id = test.case_in(1).await;
    let events = async || test.number("SELECT COUNT(*) FROM events WHERE kind = 'message.read'").await;
    mark_read(&test, &BOB, &id).await;
    assert_eq!(events().await, 0, "nothing of the other side was there to read");
    test.reply(&id, "Which one?", "processing").await.ok();
    for _ in 0..2 {
        mark_read(&test, &BOB, &id).await;
        assert_eq!(events().await, 1);
    }
    test.say(&BOB, &id, "this one").await.ok();
    for _ in 0..2 {
        test.desk_detail(&ERIN, &id).await;
        assert_eq!(events().await, 2, "the desk has read it");
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn who_may_and_in_which_status() {
    let test = TestApp::start().await;
    let call = OnCase { method: "POST", suffix: "/instant-messages/unread", body: json!({}), status: 1 };
    test.assert_guarded(&call).await;
    for status in [0, 1, 2, 3, 4, 5, 12, 17] {
        let id = test.case_in(status).await;
        mark_read(&test, &BOB, &id).await;
        assert_eq!(unread(&test, &BOB, &[&id]).await, [(id.clone(), 0)]);
    }
}

#[tokio::test]
async fn bounds() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    let target = format!("{CASES}/{id}/instant-messages/unread");
    for (body, code) in [(json!({"group_id": "g".repeat(65)}), "OSM.01010001"), (json!({"group_id": 7}), "OSM.0001")] {
        let answer = test.post(&target).json(&body).by(&BOB).english().send().await;
        assert_refused(&answer, 400, code, "group_id");
    }
    let answer = test.post(&target).raw("application/json", b"{".to_vec()).by(&BOB).english().send().await;
    assert_refused(&answer, 400, "OSM.0001", "not valid JSON");
}
