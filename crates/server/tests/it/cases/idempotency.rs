//! The same request twice, with and without `Idempotency-Key`.

use crate::support::TestApp;
use crate::support::cases::{CASES, assert_refused, consultation, fault};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use futures_util::future::join_all;
use serde_json::json;

const KEY: &str = "Idempotency-Key";

#[tokio::test]
async fn the_same_key_gives_the_first_answer() {
    let test = TestApp::start().await;
    let send =
        async |key: &str, text: &str| test.submit(&consultation(text)).header(KEY, key).by(&BOB).english().send().await;
    let first = send("k1", "a").await.ok();
    test.advance_seconds(3600);
    assert_eq!(send("k1", "a").await.ok(), first);
    assert_refused(&send("k1", "b").await, 409, "OSM.01019002", "another request");
    assert_ne!(send("k2", "a").await.ok(), first);
    assert_eq!(test.list(&BOB, "").await["total_count"], 2);
    // The key is the caller's own, and forgotten after a day.
    let other = test.submit(&consultation("a")).header(KEY, "k1").by(&CAROL).send().await.ok();
    assert_ne!(other, first);
    let foreign = test.submit(&consultation("a")).header(KEY, "k1").by(&MALLORY).send().await.ok();
    assert_ne!(foreign, first);
    test.advance_seconds(23 * 3600 + 1);
    assert_ne!(send("k1", "b").await.ok(), first);
    test.assert_sound().await;
}

#[tokio::test]
async fn a_token_and_a_signature_are_alike() {
    let test = TestApp::start().await;
    let token = test.token(&BOB).await;
    let call = |text: &str| test.submit(&consultation(text)).header(KEY, "k").english();
    let first = call("a").token(&token).send().await.ok();
    assert_eq!(call("a").token(&token).send().await.ok(), first);
    assert_eq!(call("a").by(&BOB).send().await.ok(), first);
    assert_refused(&call("b").token(&token).send().await, 409, "OSM.01019002", "");
}

#[tokio::test]
async fn without_a_key_each_request_counts() {
    let test = TestApp::start().await;
    assert_ne!(test.case(&BOB).await, test.case(&BOB).await);
    assert_eq!(test.list(&BOB, "").await["total_count"], 2);
}

#[tokio::test]
async fn a_refused_request_leaves_the_key_free() {
    let test = TestApp::start().await;
    let send = async |body| test.submit(body).header(KEY, "k").by(&BOB).english().send().await;
    let mut bad = fault("x");
    bad["accessory_ids"] = json!(["00000000000000000000000000000000"]);
    assert_refused(&send(&bad).await, 400, "OSM.01010001", "accessory_ids");
    send(&fault("x")).await.ok();
    for key in ["", &*"k".repeat(129)] {
        let answer = test.submit(&fault("x")).header(KEY, key).by(&BOB).english().send().await;
        assert_refused(&answer, 400, "OSM.01010001", KEY);
    }
    test.submit(&fault("x")).header(KEY, &"k".repeat(128)).by(&BOB).send().await.ok();
}

#[tokio::test]
async fn twenty_at_once_make_one_case() {
    let test = TestApp::start().await;
    let token = test.token(&BOB).await;
    let body = fault("all at once");
    let calls = (0..20).map(|_| test.submit(&body).header(KEY, "once").token(&token).send());
    let answers: Vec<_> = join_all(calls).await.into_iter().map(crate::support::Answer::ok).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(test.list(&ALICE, "").await["total_count"], 1);
    test.assert_sound().await;
}

#[tokio::test]
async fn twenty_different_at_once_with_one_key_make_one_case() {
    let test = TestApp::start().await;
    let token = test.token(&BOB).await;
    let bodies: Vec<_> = (0..20).map(|i| consultation(&format!("number {i}"))).collect();
    let calls = bodies.iter().map(|body| test.submit(body).header(KEY, "once").token(&token).send());
    let answers = join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.code() == "OSM.01019002").count(), 19);
    assert_eq!(test.list(&ALICE, "").await["total_count"], 1);
}

#[tokio::test]
async fn every_write_on_a_case_knows_the_key() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    let send = async |target: &str, body: &serde_json::Value, by| {
        test.post(target).json(body).header(KEY, target).by(by).english().send().await.ok()
    };
    for _ in 0..3 {
        send(&format!("/desk/v1/cases/{id}/accept"), &json!({}), &ERIN).await;
        send(&format!("{CASES}/{id}/message"), &json!({"message": {"content": "hello"}}), &BOB).await;
        send(&format!("/desk/v1/cases/{id}/note"), &json!({"content": "hm"}), &ERIN).await;
        send(&format!("/desk/v1/cases/{id}/pause"), &json!({"reason": "parts"}), &ERIN).await;
        send(&format!("/desk/v1/cases/{id}/resume"), &json!({}), &ERIN).await;
        send(&format!("/desk/v1/cases/{id}/reply"), &json!({"content": "so", "next": "solution"}), &ERIN).await;
        send(&format!("{CASES}/{id}/action?action_id=close"), &json!({}), &BOB).await;
    }
    assert_eq!(test.log(&id).await, [0, 1, 20, 21, 18, 3]);
    assert_eq!(test.desk_detail(&ERIN, &id).await["messages"].as_array().unwrap().len(), 4);
    // The same key on another case is another request.
    let other = test.case_in(1).await;
    let target = format!("{CASES}/{other}/message");
    let call = test.post(&target).json(&json!({"message": {"content": "hello"}}));
    let answer = call.header(KEY, &format!("{CASES}/{id}/message")).by(&BOB).english().send().await;
    assert_refused(&answer, 409, "OSM.01019002", "");
    test.assert_sound().await;
}
