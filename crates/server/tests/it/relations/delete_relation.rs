//! `DeleteRelation`.

use super::{relate, related};
use crate::support::cases::{CASES, MISSING_CASE, OnCase, assert_refused};
use crate::support::people::{ALICE, BOB, MALLORY};
use crate::support::{Answer, Person, TestApp};
use serde_json::{Value, json};

async fn end(test: &TestApp, by: &Person, case: &str, body: Value) -> Answer {
    test.delete(&format!("{CASES}/{case}/relations")).json(&body).by(by).english().send().await
}

#[tokio::test]
async fn a_relation_ends_from_both_sides() {
    let test = TestApp::start().await;
    let (a, b, c) = (test.case(&BOB).await, test.case(&BOB).await, test.case(&BOB).await);
    relate(&test, &BOB, &a, &[&b, &c], None).await.ok();
    assert_eq!(end(&test, &BOB, &b, json!({"related_id": a})).await.ok(), json!({}));
    assert_eq!(related(&test, &BOB, &a).await, [c.as_str()]);
    assert_eq!(related(&test, &BOB, &b).await, Vec::<String>::new());
    // What is not related, and what is no case, is no error.
    for other in [&b, &a, MISSING_CASE, "x"] {
        end(&test, &BOB, &a, json!({"related_id": other})).await.ok();
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'case.unrelated'").await, 1);
    test.assert_sound().await;
}

#[tokio::test]
async fn wrong_bodies_and_other_accounts() {
    let test = TestApp::start().await;
    let (a, b) = (test.case(&BOB).await, test.case(&BOB).await);
    relate(&test, &BOB, &a, &[&b], None).await.ok();
    assert_refused(&end(&test, &BOB, &a, json!({})).await, 400, "OSM.01010001", "related_id: it is mandatory");
    assert_refused(&end(&test, &BOB, &a, json!({"related_id": ""})).await, 400, "OSM.01010001", "related_id: 1 to 64");
    let long = json!({"related_id": "9".repeat(65)});
    assert_refused(&end(&test, &BOB, &a, long).await, 400, "OSM.01010001", "related_id: 1 to 64");
    assert_refused(&end(&test, &BOB, &a, json!({"related_id": [b]})).await, 400, "OSM.0001", "related_id");
    assert_refused(&end(&test, &MALLORY, &a, json!({"related_id": b})).await, 404, "OSM.01010015", "");
    // A case of one's own does not reach into another account.
    let own = test.case(&MALLORY).await;
    end(&test, &MALLORY, &own, json!({"related_id": a})).await.ok();
    assert_eq!(related(&test, &ALICE, &a).await, [b.as_str()]);
}

#[tokio::test]
async fn who_may_end_them() {
    let test = TestApp::start().await;
    let body = json!({"related_id": MISSING_CASE});
    test.assert_guarded(&OnCase { method: "DELETE", suffix: "/relations", body, status: 1 }).await;
}
