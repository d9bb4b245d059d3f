//! `CreateMessages`.

use crate::support::TestApp;
use crate::support::cases::{CASES, OnCase, STATUSES, assert_refused};
use crate::support::people::{ALICE, BOB, CAROL};
use serde_json::{Value, json};

async fn send(test: &TestApp, id: &str, body: &Value) -> crate::support::Answer {
    test.post(&format!("{CASES}/{id}/message")).json(body).by(&BOB).english().send().await
}

#[tokio::test]
async fn the_answer_is_empty_and_the_message_there() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    let body = json!({"group_id": "", "message": {"content": "test", "accessory_ids": []}});
    assert_eq!(send(&test, &id, &body).await.ok(), json!({}));
    let list = test.read_case(&BOB, &id, "/messages").await.ok();
    assert_eq!((&list["count"], &list["message_list"][0]["content"]), (&json!(2), &json!("test")));
    assert_eq!(test.ids(&BOB, "search_key=test").await, [id]);
    test.assert_sound().await;
}

#[tokio::test]
async fn who_may_write() {
    let test = TestApp::start().await;
    let body = json!({"message": {"content": "hello"}});
    for status in [0, 17] {
        let test = TestApp::start().await;
        test.assert_guarded(&OnCase { method: "POST", suffix: "/message", body: body.clone(), status }).await;
    }
    let id = test.case(&ALICE).await;
    assert_refused(&send(&test, &id, &body).await, 403, "OSM.01010002", "");
    let plain = test.group("plain", &[], &[BOB, CAROL]).await;
    let id = test.case(&CAROL).await;
    let body = json!({"message": {"content": "hello"}, "group_id": plain});
    assert_refused(&send(&test, &id, &body).await, 403, "OSM.01010002", "");
}

#[tokio::test]
async fn it_moves_the_case_as_the_life_cycle_says() {
    let test = TestApp::start().await;
    for status in STATUSES {
        let id = test.case_in(status).await;
        let answer = test.say(&BOB, &id, "hello").await;
        let after = match status {
            13 => {
                assert_refused(&answer, 404, "OSM.01010015", "");
                13
            }
            3 | 4 | 12 => {
                assert_refused(&answer, 409, "OSM.01019001", "");
                status
            }
            2 | 17 => 1,
            _ => status,
        };
        assert_eq!(test.status(&id).await, after);
        assert_eq!(answer.status == 200, !matches!(status, 3 | 4 | 12 | 13));
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn bounds_and_what_is_mandatory() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    for (body, code, words) in [
        (json!({}), "OSM.01010001", "message: it is mandatory"),
        (json!({"message": {}}), "OSM.01010001", "message.content: it is mandatory"),
        (json!({"message": null}), "OSM.0001", "message"),
        (json!({"message": "hello"}), "OSM.0001", "message"),
        (json!({"message": {"content": 7}}), "OSM.0001", "message.content"),
        (json!({"message": {"content": ""}}), "OSM.01010001", "message.content: it is mandatory"),
        (json!({"message": {"content": " \n"}}), "OSM.01010001", "message.content: it is mandatory"),
        (json!({"message": {"content": "x".repeat(10_001)}}), "OSM.01010001", "message.content: 0 to 10000"),
        (json!({"message": {"content": "a\u{0}b"}}), "OSM.01010001", "NUL"),
        (json!({"message": {"content": "x", "accessory_ids": vec!["x"; 11]}}), "OSM.01010001", "accessory_ids"),
        (json!({"message": {"content": "x", "accessory_ids": ["x".repeat(33)]}}), "OSM.01010001", "accessory_ids[0]"),
        (json!({"message": {"content": "x", "accessory_ids": ["unknown"]}}), "OSM.01010001", "accessory_ids"),
        (
            json!({"message": {"content": "x", "authorization_content": "密".repeat(401)}}),
            "OSM.01010001",
            "authorization",
        ),
        (json!({"message": {"content": "x"}, "group_id": "g".repeat(65)}), "OSM.01010001", "group_id"),
    ] {
        assert_refused(&send(&test, &id, &body).await, 400, code, words);
    }
    assert_eq!(test.read_case(&BOB, &id, "/messages").await.ok()["count"], 1);
    for content in ["🎫".repeat(10_000), "工".repeat(10_000), "x".to_owned()] {
        send(&test, &id, &json!({"message": {"content": content}})).await.ok();
        let list = test.read_case(&BOB, &id, "/messages?limit=1").await.ok();
        assert_eq!(list["message_list"][0]["content"], content);
    }
    let secret_only = json!({"message": {"content": "", "authorization_content": "密".repeat(400)}});
    send(&test, &id, &secret_only).await.ok();
    test.assert_sound().await;
}

#[tokio::test]
async fn files_come_with_it() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    let upload = json!({"accessory_name": "b.txt", "accessory_from": "message", "accessory_data": "aGVsbG8="});
    let call = test.post("/v2/servicerequest/accessorys/json-format-content").json(&upload).by(&BOB);
    let file = call.send().await.ok()["accessory_id"].clone();
    let body = json!({"message": {"content": "", "accessory_ids": [file]}});
    send(&test, &id, &body).await.ok();
    let list = test.read_case(&BOB, &id, "/messages").await.ok();
    let expected = json!([{"accessory_id": file, "file_actual_name": "b.txt"}]);
    assert_eq!(list["message_list"][0]["accessory_list"], expected);
    assert_eq!(list["message_list"][1]["accessory_list"], json!([]));
    assert_refused(&send(&test, &id, &body).await, 400, "OSM.01010001", "message.accessory_ids");
    assert_eq!(test.read_case(&BOB, &id, "/messages").await.ok()["count"], 2, "nothing of a refused one is left");
}
