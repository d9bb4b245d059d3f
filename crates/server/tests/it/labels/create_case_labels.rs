//! `CreateCaseLabels`.

use super::{label, on, put};
use crate::support::TestApp;
use crate::support::cases::{CASES, OnCase, assert_refused};
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};
use futures_util::future::join_all;
use serde_json::{Value, json};

#[tokio::test]
async fn labels_are_added_once_each() {
    let test = TestApp::start().await;
    let case = test.case(&BOB).await;
    let (a, b) = (label(&test, &ALICE, "a").await, label(&test, &ALICE, "b").await);
    assert_eq!(put(&test, &BOB, &case, &[a]).await.ok(), json!({}));
    put(&test, &ALICE, &case, &[b, a, b]).await.ok();
    put(&test, &ALICE, &case, &[b]).await.ok();
    assert_eq!(on(&test, &BOB, &case).await, ["a", "b"]);
    let events = test.rows("SELECT payload FROM events WHERE kind = 'case.labels_added' ORDER BY event_no").await;
    let payloads: Vec<String> = events.iter().map(|row| row.get(0).unwrap()).collect();
    let told = [json!({"label_ids": [a]}).to_string(), json!({"label_ids": [b]}).to_string()];
    assert_eq!(payloads, told, "what was there already is no change");
    // As the SDK writes the list: the key repeated.
    let other = test.case(&BOB).await;
    test.post(&format!("{CASES}/{other}/labels?label_ids={a}&label_ids={b}")).by(&BOB).send().await.ok();
    assert_eq!(on(&test, &BOB, &other).await, ["a", "b"]);
    test.assert_sound().await;
}

#[tokio::test]
async fn a_case_has_five_at_most_and_all_or_nothing() {
    let test = TestApp::start().await;
    let case = test.case(&BOB).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        ids.push(label(&test, &ALICE, name).await);
    }
    put(&test, &BOB, &case, &ids[..4]).await.ok();
    let answer = put(&test, &BOB, &case, &ids[3..]).await;
    assert_refused(&answer, 409, "OSM.01010042", "The same caseId labels should not be over 5.");
    assert_eq!(on(&test, &BOB, &case).await, ["a", "b", "c", "d"]);
    put(&test, &BOB, &case, &ids[..5]).await.ok();
    assert_refused(&put(&test, &BOB, &case, &ids).await, 400, "OSM.01010001", "label_ids: 1 to 5 items are allowed");
    assert_refused(&put(&test, &BOB, &case, &ids[5..]).await, 409, "OSM.01010042", "");
    test.assert_sound().await;
}

#[tokio::test]
async fn of_two_writers_one_gets_the_last_place() {
    let test = TestApp::start_with(|config| config.database.pool = 8).await;
    let case = test.case(&BOB).await;
    let mut ids = Vec::new();
    for i in 0..12 {
        ids.push(label(&test, &ALICE, &format!("label {i}")).await);
    }
    put(&test, &BOB, &case, &ids[..4]).await.ok();
    let people = [&ALICE, &BOB];
    let answers = join_all((4..12).map(|i| put(&test, people[i % 2], &case, &ids[i..=i]))).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1, "{answers:?}");
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.code() == "OSM.01010042"), "{answers:?}");
    assert_eq!(on(&test, &BOB, &case).await.len(), 5);
    test.assert_sound().await;
}

#[tokio::test]
async fn unknown_labels_and_odd_ids_change_nothing() {
    let test = TestApp::start().await;
    let case = test.case(&BOB).await;
    let (mine, theirs) = (label(&test, &ALICE, "a").await, label(&test, &MALLORY, "a").await);
    for unknown in [0, 2_147_483_647, theirs] {
        assert_refused(&put(&test, &BOB, &case, &[mine, unknown]).await, 404, "OSM.01010039", "");
    }
    let ask = async |query: &str| test.post(&format!("{CASES}/{case}/labels{query}")).by(&BOB).english().send().await;
    for odd in ["x", "-1", "2147483648", "1.0", "%E4%B8%80", "1,x"] {
        let answer = ask(&format!("?label_ids={odd}")).await;
        assert_refused(&answer, 400, "OSM.01010001", "label_ids: a whole number from 0 to 2147483647");
    }
    for none in ["", "?label_ids=", "?label_ids=,"] {
        assert_refused(&ask(none).await, 400, "OSM.01010001", "label_ids: 1 to 5 items");
    }
    assert_eq!(on(&test, &BOB, &case).await, Vec::<String>::new());
    // A case of another account is not there, whoever's the label is.
    assert_refused(&put(&test, &MALLORY, &case, &[theirs]).await, 404, "OSM.01010015", "");
    assert_refused(&put(&test, &CAROL, &case, &[mine]).await, 403, "OSM.01010002", "");
    test.assert_sound().await;
}

#[tokio::test]
async fn who_may_label() {
    let test = TestApp::start().await;
    let id = label(&test, &ALICE, "a").await;
    let suffix: &'static str = Box::leak(format!("/labels?label_ids={id}").into_boxed_str());
    test.assert_guarded(&OnCase { method: "POST", suffix, body: Value::Null, status: 1 }).await;
}
