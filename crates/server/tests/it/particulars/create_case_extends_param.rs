//! `CreateCaseExtendsParam`.

use super::give;
use crate::support::TestApp;
use crate::support::cases::{MISSING_CASE, assert_refused, fault};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use serde_json::{Value, json};

async fn shown(test: &TestApp, case: &str) -> Value {
    test.read_case(&BOB, case, "/extends-param").await.ok()["extends_map"].clone()
}

#[tokio::test]
async fn values_are_put_in_replaced_and_taken_away() {
    let test = TestApp::start().await;
    let case = test.case_of(&BOB, &fault("x")).await;
    let send = async |map: Value| give(&test, &BOB, &case, json!({"extends_map": map})).await;
    assert_eq!(send(json!({"os": "linux", "login_port": 2222})).await.ok(), json!({}));
    let all = json!({"instance_id": "i-1", "login_password": "hunter-2-plain", "os": "linux", "login_port": "2222"});
    assert_eq!(shown(&test, &case).await, all);
    send(json!({"instance_id": "i-2", "login_password": "hunter-3-plain", "os": ""})).await.ok();
    let now = json!({"instance_id": "i-2", "login_password": "hunter-3-plain", "login_port": "2222"});
    assert_eq!(shown(&test, &case).await, now);
    assert!(!test.database_holds("hunter-3-plain").await, "sensitive ones are sealed");
    test.accept(&case).await;
    assert_eq!(test.desk_detail(&ERIN, &case).await["extends_map"], now, "the handler reads them");
    send(json!({"login_password": null})).await.ok();
    assert_eq!(shown(&test, &case).await, json!({"instance_id": "i-2", "login_port": "2222"}));
    let rows = test.rows("SELECT payload FROM events WHERE kind = 'case.params_given' ORDER BY event_no").await;
    let payload: String = rows[1].get(0).unwrap();
    let told: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(told["keys"], json!(["instance_id", "login_password", "os"]), "names, not values");
    test.assert_sound().await;
}

#[tokio::test]
async fn values_answer_a_message_of_the_case() {
    let test = TestApp::start().await;
    let case = test.case_of(&BOB, &fault("x")).await;
    test.accept(&case).await;
    test.reply(&case, "Which system is it?", "pending_feedback").await.ok();
    let messages = test.read_case(&BOB, &case, "/messages").await.ok();
    let asked = messages["message_list"][0]["message_id"].as_str().unwrap().to_owned();
    let send =
        async |id: &str| give(&test, &BOB, &case, json!({"message_id": id, "extends_map": {"os": "windows"}})).await;
    send(&asked).await.ok();
    let payload: String =
        test.rows("SELECT payload FROM events WHERE kind = 'case.params_given'").await[0].get(0).unwrap();
    assert!(payload.contains(&asked), "{payload}");
    test.desk(&ERIN, &case, "note", &json!({"content": "internal"})).await.ok();
    let detail = test.desk_detail(&ERIN, &case).await;
    let note = detail["messages"].as_array().unwrap().iter().find(|m| m["visibility"] == "note").unwrap()["message_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = test.case(&BOB).await;
    let foreign = test.read_case(&BOB, &other, "/messages").await.ok()["message_list"][0]["message_id"].clone();
    for wrong in [note.as_str(), foreign.as_str().unwrap(), "1", "00000000000000000000000000000000"] {
        assert_refused(&send(wrong).await, 400, "OSM.01010001", "message_id: a message of the case is needed");
    }
}

#[tokio::test]
async fn wrong_values_change_nothing() {
    let test = TestApp::start().await;
    let case = test.case_of(&BOB, &fault("x")).await;
    let before = shown(&test, &case).await;
    for (body, code, says) in [
        (json!({}), "OSM.01010001", "extends_map: it is mandatory"),
        (json!({"extends_map": {}}), "OSM.01010001", "extends_map: it is mandatory"),
        (json!({"extends_map": {"nothing": "x"}}), "OSM.01010001", "extends_map.nothing: the problem type has no such"),
        (json!({"extends_map": {"cluster_id": "x"}}), "OSM.01010001", "extends_map.cluster_id"),
        (json!({"extends_map": {"os": "plan9"}}), "OSM.01010001", "extends_map.os: one of"),
        (json!({"extends_map": {"login_port": 0}}), "OSM.01010001", "extends_map.login_port"),
        (json!({"extends_map": {"instance_id": ""}}), "OSM.01010001", "extends_map.instance_id: it is mandatory"),
        (json!({"extends_map": {"os": "linux", "instance_id": "i".repeat(65)}}), "OSM.01010001", "instance_id"),
        (json!({"extends_map": [], "group_id": "1"}), "OSM.0001", "extends_map"),
        (json!({"extends_map": {"os": "linux"}, "group_id": ""}), "OSM.01010001", "group_id: 1 to 64"),
        (json!({"extends_map": {"os": "linux"}, "message_id": ""}), "OSM.01010001", "message_id: 1 to 64"),
    ] {
        assert_refused(&give(&test, &BOB, &case, body).await, 400, code, says);
    }
    assert_eq!(shown(&test, &case).await, before);
}

#[tokio::test]
async fn whoever_sees_an_open_case_may_give_them() {
    let test = TestApp::start().await;
    let group = test.group_of_operators().await;
    let case = test.case_of(&BOB, &fault("x")).await;
    let body = json!({"extends_map": {"os": "linux"}});
    let with_group = json!({"extends_map": {"os": "linux"}, "group_id": group});
    give(&test, &ALICE, &case, body.clone()).await.ok();
    give(&test, &CAROL, &case, with_group).await.ok();
    assert_refused(&give(&test, &CAROL, &case, body.clone()).await, 403, "OSM.01010002", "");
    assert_refused(&give(&test, &ERIN, &case, body.clone()).await, 403, "OSM.01010002", "");
    let (foreign, missing) =
        (give(&test, &MALLORY, &case, body.clone()).await, give(&test, &MALLORY, MISSING_CASE, body.clone()).await);
    assert_eq!((foreign.status, foreign.bytes), (missing.status, missing.bytes));
    test.act(&BOB, &case, "cancel").await.ok();
    assert_refused(&give(&test, &BOB, &case, body.clone()).await, 409, "OSM.01019001", "");
    test.act(&BOB, &case, "delete").await.ok();
    assert_refused(&give(&test, &BOB, &case, body).await, 404, "OSM.01010015", "");
    test.assert_sound().await;
}
