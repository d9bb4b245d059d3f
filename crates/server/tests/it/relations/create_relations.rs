//! `CreateRelations`.

use super::{relate, related, send};
use crate::support::TestApp;
use crate::support::cases::{MISSING_CASE, OnCase, assert_refused};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use counterfoil::iam::Role;
use futures_util::future::join_all;
use serde_json::json;

#[tokio::test]
async fn a_relation_is_there_from_both_sides() {
    let test = TestApp::start().await;
    let (a, b, c) = (test.case(&BOB).await, test.case(&BOB).await, test.case(&BOB).await);
    assert_eq!(relate(&test, &BOB, &a, &[&b, &c, &b], None).await.ok(), json!({}));
    assert_eq!(related(&test, &BOB, &a).await, [b.clone(), c.clone()]);
    assert_eq!(related(&test, &BOB, &b).await, [a.as_str()]);
    assert_eq!(related(&test, &BOB, &c).await, [a.as_str()]);
    // Once more, and from the other side: there already.
    relate(&test, &BOB, &a, &[&b], None).await.ok();
    relate(&test, &BOB, &b, &[&a], None).await.ok();
    assert_eq!(test.number("SELECT COUNT(*) FROM case_relations").await, 4);
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'case.related'").await, 4);
    // A single id as a plain text, and none at all.
    let d = test.case(&BOB).await;
    send(&test, &BOB, &d, json!({"related_id_list": a})).await.ok();
    send(&test, &BOB, &d, json!({"related_id_list": []})).await.ok();
    assert_eq!(related(&test, &BOB, &d).await, [a.as_str()]);
    test.assert_sound().await;
}

#[tokio::test]
async fn three_at_most_on_either_side() {
    let test = TestApp::start().await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(test.case(&BOB).await);
    }
    let id = |i: usize| ids[i].as_str();
    relate(&test, &BOB, id(0), &[id(1), id(2)], None).await.ok();
    let answer = relate(&test, &BOB, id(0), &[id(3), id(4)], None).await;
    assert_refused(&answer, 409, "OSM.01010043", "The same caseId relations should not be over 3.");
    assert_eq!(related(&test, &BOB, id(0)).await.len(), 2, "all or nothing");
    relate(&test, &BOB, id(0), &[id(1), id(2), id(3)], None).await.ok();
    assert_eq!(
        relate(&test, &BOB, id(4), &[id(5), id(0)], None).await.code(),
        "OSM.01010043",
        "the other side is full"
    );
    assert_eq!(related(&test, &BOB, id(4)).await, Vec::<String>::new());
    let four = relate(&test, &BOB, id(5), &[id(1), id(2), id(3), id(4)], None).await;
    assert_refused(&four, 400, "OSM.01010001", "related_id_list: 0 to 3 items are allowed");
    assert_refused(&relate(&test, &BOB, id(4), &[id(4)], None).await, 400, "OSM.01010044", "can not bind itself");
    // A deleted case makes room.
    test.act(&BOB, id(3), "cancel").await.ok();
    test.act(&BOB, id(3), "delete").await.ok();
    relate(&test, &BOB, id(4), &[id(0)], None).await.ok();
    assert_eq!(related(&test, &BOB, id(0)).await, [id(1), id(2), id(4)]);
    test.assert_sound().await;
}

#[tokio::test]
async fn of_many_at_once_three_win() {
    let test = TestApp::start_with(|config| config.database.pool = 8).await;
    let case = test.case(&BOB).await;
    let mut others = Vec::new();
    for _ in 0..8 {
        others.push(test.case(&BOB).await);
    }
    let people = [&ALICE, &BOB];
    let calls = others.iter().enumerate().map(async |(i, other)| match i % 2 {
        0 => relate(&test, people[i / 2 % 2], &case, &[other], None).await,
        _ => relate(&test, people[i / 2 % 2], other, &[&case], None).await,
    });
    let answers = join_all(calls).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 3, "{answers:?}");
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.code() == "OSM.01010043"), "{answers:?}");
    assert_eq!(related(&test, &BOB, &case).await.len(), 3);
    test.assert_sound().await;
}

#[tokio::test]
async fn only_cases_that_the_caller_may_open() {
    let test = TestApp::start().await;
    let (bobs, alices, foreign) = (test.case(&BOB).await, test.case(&ALICE).await, test.case(&MALLORY).await);
    let deleted = test.case_in(13).await;
    for other in [&alices, &foreign, &deleted, MISSING_CASE, "x", &"9".repeat(64)] {
        let answer = relate(&test, &BOB, &bobs, &[other], None).await;
        assert_refused(&answer, 404, "OSM.01010015", "This case does not exist.");
    }
    assert_eq!(related(&test, &BOB, &bobs).await, Vec::<String>::new());
    relate(&test, &ALICE, &bobs, &[&alices], None).await.ok();
    let long = relate(&test, &BOB, &bobs, &[&"9".repeat(65)], None).await;
    assert_refused(&long, 400, "OSM.01010001", "related_id_list[0]: 1 to 64 characters");
    assert_refused(&send(&test, &BOB, &bobs, json!({})).await, 400, "OSM.01010001", "related_id_list: it is mandatory");
    assert_refused(&send(&test, &BOB, &bobs, json!({"related_id_list": 7})).await, 400, "OSM.0001", "related_id_list");
    let group = json!({"related_id_list": [], "group_id": ""});
    assert_refused(&send(&test, &BOB, &bobs, group).await, 400, "OSM.01010001", "group_id");
    test.assert_sound().await;
}

#[tokio::test]
async fn through_the_group_view() {
    let test = TestApp::start().await;
    // Carol is an operator, in a group with bob and in one with alice.
    let with_bob = test.group_of_operators().await;
    test.group("others", &[], &[ALICE, CAROL]).await;
    let (a, b, c) = (test.case(&ALICE).await, test.case(&BOB).await, test.case(&CAROL).await);
    assert_refused(&relate(&test, &CAROL, &b, &[&c], None).await, 403, "OSM.01010002", "");
    assert_refused(&relate(&test, &CAROL, &c, &[&b], None).await, 404, "OSM.01010015", "");
    relate(&test, &CAROL, &b, &[&c, &a], Some(&with_bob)).await.ok();
    assert_eq!(related(&test, &BOB, &b).await, [c, a.clone()]);
    // Bob is in a group with carol without being an operator.
    let plain = test.group("plain", &[], &[BOB, CAROL]).await;
    assert_eq!(relate(&test, &BOB, &b, &[&a], Some(plain.as_str())).await.code(), "OSM.01010002");
    // An operator does not reach those with whom no group is shared.
    test.group("bobs role", &[Role::TicketGroupOperator], &[BOB]).await;
    let own = test.case(&BOB).await;
    assert_eq!(relate(&test, &BOB, &own, &[&a], Some(plain.as_str())).await.code(), "OSM.01010015");
    assert_refused(&relate(&test, &ERIN, &own, &[&a], None).await, 403, "OSM.01010002", "");
}

#[tokio::test]
async fn who_may_relate() {
    let test = TestApp::start().await;
    let body = json!({"related_id_list": []});
    test.assert_guarded(&OnCase { method: "POST", suffix: "/relations", body, status: 1 }).await;
}
