//! `SignPublishedAgreement`, and what a signature is needed for.

use super::{AGREEMENTS, version};
use crate::support::TestApp;
use crate::support::cases::{assert_refused, consultation};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use counterfoil::agreements::Kind;
use serde_json::{Value, json};

fn target(id: impl std::fmt::Display) -> String {
    format!("{AGREEMENTS}/{id}/signed")
}

#[tokio::test]
async fn a_signature_says_who_when_what_and_for_what() {
    let test = TestApp::start().await;
    let id: i64 = test.newest(&BOB, "").await["id"].as_str().unwrap().parse().unwrap();
    test.advance_seconds(5);
    let body = json!({"relation_id": "TT2026010500000001"});
    let first = test.post(&target(id)).by(&BOB).json(&body).send().await.ok();
    assert_eq!(first, json!({"agreement_signed_record_id": 1}));
    test.advance_seconds(5);
    let again = test.post(&target(id)).by(&BOB).json(&body).send().await.ok();
    assert_eq!(again, first, "the same signature is one record");
    let other = test.post(&target(id)).by(&BOB).json(&json!({"relation_id": null})).send().await.ok();
    assert_eq!(other["agreement_signed_record_id"], 2);
    let carol = test.sign(&CAROL, id).await.ok();
    assert_eq!(carol["agreement_signed_record_id"], 3, "numbers are of the account");
    assert_eq!(test.sign(&MALLORY, id).await.ok()["agreement_signed_record_id"], 1);
    let rows = test
        .rows("SELECT user_id, kind, version, agreement_id, relation_id, signed_at FROM agreement_signatures ORDER BY signed_at")
        .await;
    let (bob, now) = (test.user_id(&BOB).await, test.app.clock.now());
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0].get::<String>(0).unwrap(), bob.as_str());
    assert_eq!((rows[0].get::<i64>(1).unwrap(), rows[0].get::<i64>(2).unwrap()), (0, 1));
    assert_eq!(rows[0].get::<i64>(3).unwrap(), id);
    assert_eq!(rows[0].get::<String>(4).unwrap(), "TT2026010500000001");
    assert_eq!(rows[0].get::<i64>(5).unwrap(), now.0 - 5_000_000);
    let events =
        test.rows("SELECT subject, actor, payload FROM events WHERE kind = 'agreement.signed' ORDER BY event_no").await;
    assert_eq!(events.len(), 4, "an event for each record, and none for the repetition");
    assert_eq!(events[0].get::<String>(1).unwrap(), bob.as_str());
    let payload: Value = serde_json::from_str(&events[0].get::<String>(2).unwrap()).unwrap();
    assert_eq!((&payload["version"], &payload["record_id"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn only_the_newest_published_text_can_be_signed() {
    let test = TestApp::start().await;
    let old: i64 = test.newest(&BOB, "").await["id"].as_str().unwrap().parse().unwrap();
    test.sign(&ALICE, old).await.ok();
    let later = test.app.clock.now().plus_seconds(60);
    let (_, ids) = test.publish(version(Kind::NewCase, true, later)).await;
    assert_refused(&test.sign(&BOB, ids[0]).await, 400, "OSM.01010001", "id: the id of the newest published agreement");
    test.advance_seconds(60);
    assert_refused(&test.sign(&BOB, old).await, 400, "OSM.01010001", "id: the id of the newest published agreement");
    assert_eq!(test.sign(&ALICE, old).await.ok()["agreement_signed_record_id"], 1, "what was signed stays signed");
    assert!(!test.has_signed(&ALICE, "0").await);
    test.sign(&BOB, ids[0]).await.ok();
    for id in ["0", "-1", "2147483648", "99999999999999999999", "2147483647", "1.0", "x", "%20", "%E2%98%83"] {
        let answer = test.post(&target(id)).by(&BOB).english().json(&json!({})).send().await;
        assert_refused(&answer, 400, "OSM.01010001", "id: ");
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM agreement_signatures").await, 2);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let test = TestApp::start().await;
    let (_, ids) = test.publish_now(Kind::NewCase, false).await;
    for (body, code, words) in [
        (json!({"relation_id": ""}), "OSM.01010001", "relation_id: 1 to 32 characters are allowed"),
        (json!({"relation_id": "x".repeat(33)}), "OSM.01010001", "relation_id: 1 to 32 characters are allowed"),
        (json!({"relation_id": "a\nb"}), "OSM.01010001", "relation_id: control characters"),
        (json!({"relation_id": 7}), "OSM.0001", "relation_id: "),
        (json!([]), "OSM.0001", "body: "),
    ] {
        let answer = test.post(&target(ids[0])).by(&BOB).english().json(&body).send().await;
        assert_refused(&answer, 400, code, words);
    }
    let none = test.post(&target(ids[0])).by(&BOB).english().send().await;
    assert_refused(&none, 400, "OSM.0001", "");
    let staff = test.post(&target(ids[0])).by(&ERIN).english().json(&json!({})).send().await;
    assert_refused(&staff, 403, "OSM.01010002", "");
    assert_eq!(test.number("SELECT COUNT(*) FROM agreement_signatures").await, 0);
    let longest = json!({"relation_id": "卡".repeat(32)});
    test.post(&target(ids[0])).by(&BOB).json(&longest).send().await.ok();
}

#[tokio::test]
async fn a_mandatory_version_is_demanded_of_everybody_who_submits() {
    let test = TestApp::start().await;
    test.case(&BOB).await;
    let (_, ids) = test.publish_now(Kind::NewCase, true).await;
    let refused = test.submit(&consultation("How?")).by(&BOB).english().send().await;
    assert_refused(&refused, 409, "OSM.01019030", "has to be signed first (agreement_type=0");
    let chinese = test.submit(&consultation("How?")).by(&BOB).send().await;
    assert!(chinese.message().contains("请先阅读并签署最新协议"), "{}", chinese.message());
    assert_eq!(test.number("SELECT COUNT(*) FROM cases").await, 1, "nothing is half-written");
    test.sign(&BOB, ids[1]).await.ok();
    test.case(&BOB).await;
    let alice = test.submit(&consultation("How?")).by(&ALICE).english().send().await;
    assert_refused(&alice, 409, "OSM.01019030", "");
    // What is open already goes on.
    let id = test.case_of(&BOB, &consultation("How?")).await;
    let (_, ids) = test.publish_now(Kind::NewCase, true).await;
    assert_refused(&test.submit(&consultation("How?")).by(&BOB).english().send().await, 409, "OSM.01019030", "");
    test.say(&BOB, &id, "One thing more").await.ok();
    test.sign(&BOB, ids[0]).await.ok();
    test.case(&BOB).await;
    // The newest version says whether a signature is needed, and other kinds are demanded elsewhere.
    test.publish_now(Kind::NewCase, false).await;
    test.publish_now(Kind::Authorization, true).await;
    test.publish_now(Kind::NewCaseOfIsv, true).await;
    test.case(&ALICE).await;
    test.assert_sound().await;
}

#[tokio::test]
async fn one_key_signs_once() {
    let test = TestApp::start().await;
    let (_, ids) = test.publish_now(Kind::NewCase, true).await;
    let sign = async |relation: &str| {
        let body = json!({"relation_id": relation});
        test.post(&target(ids[0])).header("idempotency-key", "k-1").by(&BOB).json(&body).send().await
    };
    let first = sign("a").await.ok();
    assert_eq!(sign("a").await.ok(), first);
    assert_refused(&sign("b").await, 409, "OSM.01019002", "");
    assert_eq!(test.number("SELECT COUNT(*) FROM agreement_signatures").await, 1);
}

#[tokio::test]
async fn many_that_sign_at_once_get_numbers_of_their_own() {
    let test = TestApp::start().await;
    let (_, ids) = test.publish_now(Kind::NewCase, true).await;
    let same = async || test.sign(&BOB, ids[0]).await.ok()["agreement_signed_record_id"].as_i64().unwrap();
    let hers = async || test.sign(&CAROL, ids[0]).await.ok()["agreement_signed_record_id"].as_i64().unwrap();
    let (a, b, c, d) = tokio::join!(same(), same(), hers(), hers());
    assert!(a == b && c == d && a != c, "{a} {b} {c} {d}");
    assert_eq!(test.number("SELECT COUNT(*) FROM agreement_signatures").await, 2);
}
