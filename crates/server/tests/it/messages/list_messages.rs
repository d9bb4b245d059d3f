//! `ListMessages`.

use crate::support::TestApp;
use crate::support::cases::{OnCase, assert_refused, assert_role_is_needed, column};
use crate::support::people::{ALICE, BOB, CAROL, ERIN};
use serde_json::{Value, json};

#[tokio::test]
async fn every_field_newest_first() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    test.accept(&id).await;
    test.advance_seconds(10);
    test.reply(&id, "Which one?", "processing").await.ok();
    test.say(&ALICE, &id, "this one").await.ok();
    let mut page = test.read_case(&BOB, &id, "/messages").await.ok();
    for message in page["message_list"].as_array_mut().unwrap() {
        assert_eq!(message["message_id"].take().as_str().unwrap().len(), 32);
    }
    let ids = (test.user_id(&ALICE).await, test.user_id(&ERIN).await, test.user_id(&BOB).await);
    assert_eq!(
        page,
        json!({"count": 3, "message_list": [
            {"message_id": null, "type": 0, "replier_type": 0, "replier": ids.0, "replier_name": "alice",
             "content": "this one", "create_time": "2026-01-05T09:30:25Z", "is_first_message": 0, "iam_user_type": 0,
             "accessory_list": []},
            {"message_id": null, "type": 1, "replier_type": 1, "replier": ids.1, "replier_name": "erin",
             "content": "Which one?", "create_time": "2026-01-05T09:30:25Z", "is_first_message": 0,
             "accessory_list": []},
            {"message_id": null, "type": 0, "replier_type": 0, "replier": ids.2, "replier_name": "bob",
             "content": "How do I start?", "create_time": "2026-01-05T09:30:15Z", "is_first_message": 1,
             "iam_user_type": 1, "accessory_list": []},
        ]})
    );
}

#[tokio::test]
async fn notes_are_neither_listed_nor_counted() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    test.desk(&ERIN, &id, "note", &json!({"content": "between us"})).await.ok();
    for by in [&BOB, &ALICE] {
        let page = test.read_case(by, &id, "/messages").await.ok();
        assert_eq!(
            (&page["count"], column(&page["message_list"], "content")),
            (&json!(1), vec!["How do I start?".to_owned()])
        );
        assert!(!test.detail(by, &id).await.to_string().contains("between us"));
        assert!(!test.read_case(by, &id, "/operate-logs").await.ok().to_string().contains("between us"));
    }
    assert!(test.desk_detail(&ERIN, &id).await.to_string().contains("between us"));
}

#[tokio::test]
async fn pages_follow_each_other() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    for i in 1..=11 {
        test.say(&BOB, &id, &i.to_string()).await.ok();
    }
    let page = async |query: &str| {
        let page = test.read_case(&BOB, &id, &format!("/messages{query}")).await.ok();
        assert_eq!(page["count"], 12, "{query}");
        column(&page["message_list"], "content")
    };
    let newest: Vec<String> = (2..=11).rev().map(|i| i.to_string()).collect();
    assert_eq!(page("").await, newest);
    assert_eq!(page("?offset=10").await, ["1", "How do I start?"]);
    assert_eq!(page("?limit=2&offset=1").await, ["10", "9"]);
    assert_eq!(page("?limit=0").await, Vec::<String>::new());
    assert_eq!(page("?limit=100").await.len(), 12);
    assert_eq!(page("?trim_osm_rich_text_label=false&limit=1").await, ["11"]);
    let ask = async |query: &str| test.read_case(&BOB, &id, &format!("/messages{query}")).await;
    for query in ["?limit=101", "?limit=-1", "?offset=-1", "?offset=65536"] {
        assert_refused(&ask(query).await, 400, "OSM.01010001", "a whole number from 0 to");
    }
    assert_refused(&ask("?trim_osm_rich_text_label=maybe").await, 400, "OSM.0001", "trim_osm_rich_text_label");
}

#[tokio::test]
async fn who_may_read_them() {
    let test = TestApp::start().await;
    assert_role_is_needed(&test, "/messages").await;
    test.assert_guarded(&OnCase { method: "GET", suffix: "/messages", body: Value::Null, status: 1 }).await;
    let id = test.case(&ALICE).await;
    for by in [&BOB, &CAROL] {
        assert_refused(&test.read_case(by, &id, "/messages").await, 403, "OSM.01010002", "");
    }
}
