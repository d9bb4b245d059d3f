//! `RevokeMessage`.

use super::unread;
use crate::support::cases::{CASES, MISSING_CASE, assert_refused, column};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, LEO, MALLORY};
use crate::support::{Answer, Person, TestApp};
use serde_json::{Value, json};

async fn withdraw(test: &TestApp, by: &Person, id: &str, message: &str) -> Answer {
    test.post(&format!("{CASES}/{id}/instant-messages/{message}/withdraw")).by(by).english().send().await
}

/// The id of the newest message.
async fn newest(test: &TestApp, id: &str) -> String {
    let list = test.read_case(&ALICE, id, "/messages").await.ok();
    list["message_list"][0]["message_id"].as_str().unwrap().to_owned()
}

/// Writes a message and answers its id.
async fn say(test: &TestApp, by: &Person, id: &str, text: &str) -> String {
    test.say(by, id, text).await.ok();
    newest(test, id).await
}

#[tokio::test]
async fn text_words_secret_and_files_go_and_a_trace_stays() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    let upload = json!({"accessory_name": "b.txt", "accessory_from": "message", "accessory_data": "aGVsbG8="});
    let call = test.post("/v2/servicerequest/accessorys/json-format-content").json(&upload).by(&BOB);
    let file = call.send().await.ok()["accessory_id"].as_str().unwrap().to_owned();
    let content = "zebracrossing 斑马线";
    let body = json!({"message": {"content": content, "accessory_ids": [file], "authorization_content": "4711"}});
    test.post(&format!("{CASES}/{id}/message")).json(&body).by(&BOB).send().await.ok();
    let message = newest(&test, &id).await;
    let url = format!("/v2/servicerequest/accessorys/{file}");
    let link = test.get(&format!("{url}/access-url?relation_type=DEFAULT")).by(&BOB).send().await.ok();
    let link = link["accessory_url"].as_str().unwrap().split_once("/v2/").unwrap().1.to_owned();
    assert_eq!(test.ids(&BOB, "search_key=zebracrossing").await, [id.as_str()]);
    assert_eq!(test.get(&url).by(&BOB).send().await.status, 200);
    test.say(&BOB, &id, "the next one").await.ok();

    assert_eq!(withdraw(&test, &BOB, &id, &message).await.ok(), json!({}));
    for search in ["search_key=zebracrossing", "search_key=%E6%96%91%E9%A9%AC"] {
        assert_eq!(test.ids(&BOB, search).await, Vec::<String>::new());
    }
    assert_eq!(test.ids(&BOB, "search_key=next").await, [id.as_str()]);
    for target in [url, format!("/v2/{link}")] {
        assert_eq!(test.get(&target).by(&BOB).send().await.status, 404);
    }
    let list = test.read_case(&BOB, &id, "/messages").await.ok();
    assert_eq!(list["count"], 2);
    assert_eq!(column(&list["message_list"], "content"), ["the next one", "How do I start?"]);
    assert!(!test.detail(&BOB, &id).await.to_string().contains(&message));

    let desk = test.desk_detail(&LEO, &id).await;
    let trace = &desk["messages"][1];
    assert_eq!((&trace["message_id"], &trace["content"]), (&json!(message), &json!("")));
    assert_eq!(trace["withdrawn_at"], "2026-01-05T09:30:15Z");
    assert_eq!((&trace["replier_name"], &trace["accessory_list"]), (&json!("bob"), &json!([])));
    assert!(desk["messages"][2].get("withdrawn_at").is_none());
    assert!(!desk.to_string().contains("4711") && !desk.to_string().contains("b.txt"));
    let secrets = format!("SELECT COUNT(*) FROM case_secrets WHERE message_id = '{message}'");
    assert_eq!(test.number(&secrets).await, 0);
    assert_eq!(test.number("SELECT COUNT(*) FROM accessories").await, 0);
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'message.withdrawn'").await, 1);
    let found = test.get("/desk/v1/cases?keyword=zebracrossing").by(&ERIN).send().await.ok();
    assert_eq!(found["total_count"], 0);

    assert_eq!(withdraw(&test, &BOB, &id, &message).await.ok(), json!({}), "once more does nothing");
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'message.withdrawn'").await, 1);
    test.assert_sound().await;
}

#[tokio::test]
async fn only_within_two_minutes() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    let message = say(&test, &BOB, &id, "oops").await;
    test.advance_seconds(120);
    let late = say(&test, &BOB, &id, "again").await;
    withdraw(&test, &BOB, &id, &message).await.ok();
    test.advance_seconds(121);
    assert_refused(&withdraw(&test, &BOB, &id, &late).await, 403, "OSM.01010002", "within 120 seconds");
    assert_eq!(newest(&test, &id).await, late);
    let short = TestApp::start_with(|config| config.timers.withdraw_seconds = 5).await;
    let id = short.case(&BOB).await;
    let message = say(&short, &BOB, &id, "oops").await;
    short.advance_seconds(6);
    assert_refused(&withdraw(&short, &BOB, &id, &message).await, 403, "OSM.01010002", "within 5 seconds");
}

#[tokio::test]
async fn not_what_staff_has_read() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    let first = say(&test, &BOB, &id, "one").await;
    test.get("/desk/v1/cases?keyword=one").by(&ERIN).send().await.ok();
    withdraw(&test, &BOB, &id, &first).await.ok();
    let read = say(&test, &BOB, &id, "two").await;
    test.desk_detail(&LEO, &id).await;
    let unread = say(&test, &BOB, &id, "three").await;
    let answer = withdraw(&test, &BOB, &id, &read).await;
    assert_refused(&answer, 403, "OSM.01010002", "An engineer has read the message already.");
    let chinese = test.post(&format!("{CASES}/{id}/instant-messages/{read}/withdraw")).by(&BOB).send().await;
    assert_eq!(chinese.message(), "消息已被工程师阅读，不能撤回。");
    withdraw(&test, &BOB, &id, &unread).await.ok();
    test.accept(&id).await;
    let answered = say(&test, &BOB, &id, "four").await;
    test.reply(&id, "I see", "processing").await.ok();
    assert_refused(&withdraw(&test, &BOB, &id, &answered).await, 403, "OSM.01010002", "has read");
    test.assert_sound().await;
}

#[tokio::test]
async fn only_the_own_message_and_never_the_description() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    let description = newest(&test, &id).await;
    assert_refused(&withdraw(&test, &BOB, &id, &description).await, 403, "OSM.01010002", "description");
    let bobs = say(&test, &BOB, &id, "mine").await;
    assert_refused(&withdraw(&test, &ALICE, &id, &bobs).await, 403, "OSM.01010002", "own message");
    assert_refused(&withdraw(&test, &CAROL, &id, &bobs).await, 403, "OSM.01010002", "");
    test.accept(&id).await;
    test.reply(&id, "hello", "processing").await.ok();
    let erins = newest(&test, &id).await;
    assert_refused(&withdraw(&test, &BOB, &id, &erins).await, 403, "OSM.01010002", "own message");
    let group = test.group_of_operators().await;
    let body = json!({"message": {"content": "through the group"}, "group_id": group});
    test.post(&format!("{CASES}/{id}/message")).json(&body).by(&CAROL).send().await.ok();
    let carols = newest(&test, &id).await;
    let target = format!("{CASES}/{id}/instant-messages/{carols}/withdraw?group_id={group}");
    test.post(&target).by(&CAROL).send().await.ok();
    assert_eq!(unread(&test, &BOB, &[&id]).await, [(id.clone(), 1)], "the engineer's stays");
    assert_refused(&withdraw(&test, &ERIN, &id, &bobs).await, 403, "OSM.01010002", "");
    test.assert_sound().await;
}

#[tokio::test]
async fn what_is_not_there() {
    let test = TestApp::start().await;
    let (one, two) = (test.case(&BOB).await, test.case(&BOB).await);
    let message = say(&test, &BOB, &one, "mine").await;
    test.desk(&ERIN, &one, "note", &json!({"content": "between us"})).await.ok();
    let note = test.desk_detail(&ERIN, &two).await;
    assert_eq!(note["messages"].as_array().unwrap().len(), 1);
    for (case, id) in [(&two, message.as_str()), (&one, "x"), (&one, "00000000000000000000000000000000")] {
        let answer = withdraw(&test, &BOB, case, id).await;
        assert_refused(&answer, 400, "OSM.01010001", "message_id: the id of a message of the case");
    }
    let rows = test.rows("SELECT message_id FROM messages WHERE visibility = 'note'").await;
    let note: String = rows[0].get(0).unwrap();
    assert_refused(&withdraw(&test, &BOB, &one, &note).await, 400, "OSM.01010001", "message_id");
    let (foreign, missing) =
        (withdraw(&test, &MALLORY, &one, &message).await, withdraw(&test, &MALLORY, MISSING_CASE, &message).await);
    assert_refused(&foreign, 404, "OSM.01010015", "");
    assert_eq!(foreign.bytes, missing.bytes);
    assert_refused(&withdraw(&test, &BOB, &one, &"m".repeat(65)).await, 400, "OSM.01010001", "message_id: 1 to 64");
    assert_refused(&withdraw(&test, &BOB, &"c".repeat(33), &message).await, 400, "OSM.01010001", "case_id: 1 to 32");
    assert_eq!(newest(&test, &one).await, message);
    test.assert_sound().await;
}

#[tokio::test]
async fn reading_at_the_desk_and_taking_back_exclude_each_other() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    for round in 0..12 {
        let text = format!("round {round}");
        let message = say(&test, &BOB, &id, &text).await;
        let (taken, shown) = tokio::join!(withdraw(&test, &BOB, &id, &message), test.desk_detail(&ERIN, &id));
        let is_shown = shown["messages"].as_array().unwrap().iter().any(|row: &Value| row["content"] == text);
        assert_eq!(taken.status == 200, !is_shown, "{round}: {} {is_shown}", taken.json);
    }
    test.assert_sound().await;
}
