//! `ReplyToCase`.

use super::assert_staff_only;
use crate::support::TestApp;
use crate::support::cases::{assert_refused, column};
use crate::support::people::{BOB, ERIN};
use serde_json::json;

#[tokio::test]
async fn three_ways_to_go_on() {
    let test = TestApp::start().await;
    let id = test.case_in(1).await;
    assert_eq!(test.reply(&id, "I am looking.", "processing").await.ok(), json!({}));
    assert_eq!(test.status(&id).await, 1);
    test.reply(&id, "Which one?", "pending_feedback").await.ok();
    assert_eq!(test.status(&id).await, 17);
    test.reply(&id, "Found it.", "solution").await.ok();
    assert_eq!(test.status(&id).await, 2);
    test.reply(&id, "By the way.", "processing").await.ok();
    assert_eq!(test.status(&id).await, 2);
    assert_eq!(test.log(&id).await, [0, 1, 17, 18]);
    let page = test.read_case(&BOB, &id, "/messages").await.ok();
    let said = ["By the way.", "Found it.", "Which one?", "I am looking.", "How do I start?"];
    assert_eq!(column(&page["message_list"], "content"), said);
    assert_eq!(test.list(&BOB, "").await["incident_info_list"][0]["resolution"], "Found it.");
    assert_refused(&test.reply(&id, "x", "pending_feedback").await, 409, "OSM.01019001", "");
    assert_refused(&test.reply(&id, "x", "solution").await, 409, "OSM.01019001", "");
    assert_eq!(test.read_case(&BOB, &id, "/messages").await.ok()["count"], 5, "a refused reply leaves nothing");
    test.assert_sound().await;
}

#[tokio::test]
async fn bounds() {
    let test = TestApp::start().await;
    let id = test.case_in(1).await;
    for (body, code, words) in [
        (json!({"next": "processing"}), "OSM.01010001", "content: it is mandatory"),
        (json!({"content": "x"}), "OSM.01010001", "next: it is mandatory"),
        (json!({"content": "x", "next": "explode"}), "OSM.0001", "next"),
        (json!({"content": " ", "next": "processing"}), "OSM.01010001", "content: it is mandatory"),
        (json!({"content": "x".repeat(10_001), "next": "processing"}), "OSM.01010001", "content"),
        (
            json!({"content": "x", "next": "processing", "accessory_ids": vec!["x"; 11]}),
            "OSM.01010001",
            "accessory_ids",
        ),
        (json!({"content": "x", "next": "processing", "accessory_ids": ["x"]}), "OSM.01010001", "accessory_ids"),
    ] {
        assert_refused(&test.desk(&ERIN, &id, "reply", &body).await, 400, code, words);
    }
    test.reply(&id, &"🎫".repeat(10_000), "processing").await.ok();
    let null = json!({"content": "x", "next": "processing", "accessory_ids": null});
    test.desk(&ERIN, &id, "reply", &null).await.ok();
}

#[tokio::test]
async fn who_may() {
    let test = TestApp::start().await;
    assert_staff_only(&test, "reply", &json!({"content": "x", "next": "processing"}), false, &ERIN).await;
}
