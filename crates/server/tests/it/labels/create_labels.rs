//! `CreateLabels`.

use super::{LABELS, create, label};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use futures_util::future::join_all;
use serde_json::{Value, json};

#[tokio::test]
async fn the_answer_tells_the_new_id() {
    let test = TestApp::start().await;
    let made = create(&test, &BOB, "  生产 prod ", "#A0b1C2").await.ok();
    let id = made["label_id"].as_i64().unwrap();
    assert_eq!(made, json!({"label_id": id}));
    assert!((1..=65_535).contains(&id), "{id}");
    let row = &test.rows("SELECT name, color FROM labels").await[0];
    let (name, color): (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
    assert_eq!((name.as_str(), color.as_str()), ("生产 prod", "#A0b1C2"));
    let events = test.rows("SELECT subject, actor FROM events WHERE kind = 'label.created'").await;
    let (subject, actor): (String, String) = (events[0].get(0).unwrap(), events[0].get(1).unwrap());
    assert_eq!((subject, actor), (id.to_string(), test.user_id(&BOB).await.to_string()));
    test.assert_sound().await;
}

#[tokio::test]
async fn a_name_is_given_once_in_an_account() {
    let test = TestApp::start().await;
    label(&test, &ALICE, "prod").await;
    for name in ["prod", " prod "] {
        assert_refused(&create(&test, &BOB, name, "#000000").await, 409, "OSM.01010040", "LabelName already exist.");
    }
    let zh = test.post(LABELS).json(&json!({"name": "prod", "color": "#000000"})).by(&BOB).send().await;
    assert_eq!(zh.message(), "标签名称已存在。");
    label(&test, &BOB, "Prod").await;
    label(&test, &MALLORY, "prod").await;
    assert_eq!(test.number("SELECT COUNT(*) FROM labels").await, 3);
    test.assert_sound().await;
}

#[tokio::test]
async fn an_account_has_thirty_at_most() {
    let test = TestApp::start().await;
    for i in 0..30 {
        label(&test, &ALICE, &format!("label {i}")).await;
    }
    assert_refused(&create(&test, &BOB, "one more", "#000000").await, 409, "OSM.01010041", "should not be over 30");
    label(&test, &MALLORY, "one more").await;
    let list = test.get(&format!("{LABELS}?limit=1")).by(&ALICE).send().await.ok();
    assert_eq!(list["total_count"], 30);
    let id = list["label_list"][0]["label_id"].as_i64().unwrap();
    test.delete(&format!("{LABELS}/{id}")).by(&ALICE).send().await.ok();
    let again = label(&test, &ALICE, "label 0").await;
    assert_eq!(again, id + 30, "an id is not given twice");
    assert_eq!(create(&test, &ALICE, "too many", "#000000").await.code(), "OSM.01010041");
    test.assert_sound().await;
}

#[tokio::test]
async fn of_many_at_once_the_last_place_is_given_once() {
    let test = TestApp::start_with(|config| config.database.pool = 8).await;
    for i in 0..28 {
        label(&test, &ALICE, &format!("label {i}")).await;
    }
    let people = [&ALICE, &BOB, &CAROL];
    let names: Vec<String> = (0..12).map(|i| format!("new {}", i / 2)).collect();
    let calls = names.iter().enumerate().map(|(i, name)| create(&test, people[i % 3], name, "#123456"));
    let answers = join_all(calls).await;
    let count = |code: &str| answers.iter().filter(|answer| answer.code() == code).count();
    assert_eq!(count(""), 2, "{answers:?}");
    assert_eq!(count("OSM.01010040") + count("OSM.01010041"), 10, "{answers:?}");
    assert_eq!(test.number("SELECT COUNT(*) FROM labels").await, 30);
    test.assert_sound().await;
}

#[tokio::test]
async fn what_is_no_label_is_refused() {
    let test = TestApp::start().await;
    for (name, color, field) in [
        ("", "#000000", "name: 1 to 64 characters are allowed"),
        ("   ", "#000000", "name: it is mandatory"),
        (&"签".repeat(65), "#000000", "name: 1 to 64"),
        ("a\nb", "#000000", "name: control characters"),
        ("prod", "", "color: 1 to 7 characters are allowed"),
        ("prod", "1", "color: #RRGGBB"),
        ("prod", "#12345g", "color: #RRGGBB"),
        ("prod", "#1234567", "color: 1 to 7"),
        ("prod", "red", "color: #RRGGBB"),
    ] {
        assert_refused(&create(&test, &BOB, name, color).await, 400, "OSM.01010001", field);
    }
    let send = async |body: Value| test.post(LABELS).json(&body).by(&BOB).english().send().await;
    assert_refused(&send(json!({"color": "#000000"})).await, 400, "OSM.01010001", "name: it is mandatory");
    assert_refused(&send(json!({"name": "x"})).await, 400, "OSM.01010001", "color: it is mandatory");
    assert_refused(&send(json!({"name": 1, "color": "#000000"})).await, 400, "OSM.0001", "name");
    assert_eq!(test.number("SELECT COUNT(*) FROM labels").await, 0);
    assert_eq!(test.number("SELECT COUNT(*) FROM label_totals").await, 0);
    let staff = create(&test, &ERIN, "x", "#000000").await;
    assert_refused(&staff, 403, "OSM.01010002", "");
    create(&test, &BOB, &"🏷".repeat(64), "#000000").await.ok();
}

#[tokio::test]
async fn a_repeated_request_makes_one() {
    let test = TestApp::start().await;
    let call = || {
        let body = json!({"name": "prod", "color": "#000000"});
        test.post(LABELS).json(&body).header("idempotency-key", "k").by(&BOB).send()
    };
    let (first, second) = (call().await.ok(), call().await.ok());
    assert_eq!(first, second);
    assert_eq!(test.number("SELECT COUNT(*) FROM labels").await, 1);
}
