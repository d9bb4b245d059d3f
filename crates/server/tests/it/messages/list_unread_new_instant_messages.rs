//! `ListUnreadNewInstantMessages`.

use super::{mark_read, unread};
use crate::support::TestApp;
use crate::support::cases::{CASES, MISSING_CASE, assert_refused, column};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use serde_json::json;

#[tokio::test]
async fn engineers_messages_count_until_they_are_read() {
    let test = TestApp::start().await;
    let (one, two) = (test.case(&BOB).await, test.case(&BOB).await);
    let ids = [one.as_str(), &two];
    let count = async |by| unread(&test, by, &ids).await.into_iter().map(|(_, count)| count).collect::<Vec<_>>();
    assert_eq!(count(&BOB).await, [0, 0], "cases without any are listed too");
    test.accept(&one).await;
    for text in ["a", "b"] {
        test.reply(&one, text, "processing").await.ok();
    }
    test.desk(&ERIN, &one, "note", &json!({"content": "between us"})).await.ok();
    test.say(&BOB, &one, "c").await.ok();
    assert_eq!(count(&BOB).await, [2, 0], "neither notes nor what customers write");
    assert_eq!(count(&ALICE).await, [2, 0]);
    mark_read(&test, &BOB, &one).await;
    assert_eq!(count(&BOB).await, [0, 0]);
    assert_eq!(count(&ALICE).await, [2, 0], "each user has a marker of its own");
    test.reply(&one, "d", "solution").await.ok();
    assert_eq!(count(&BOB).await, [1, 0]);
    assert_eq!(count(&ALICE).await, [3, 0]);
    test.assert_sound().await;
}

#[tokio::test]
async fn an_engineer_is_there_while_the_case_is_worked_on() {
    let test = TestApp::start().await;
    for (status, expected) in [(0, 0), (1, 1), (2, 1), (3, 0), (4, 0), (5, 1), (12, 0), (17, 1)] {
        let id = test.case_in(status).await;
        let target = format!("{CASES}/instant-messages/unread?case_ids={id}");
        let answer = test.get(&target).by(&BOB).send().await.ok();
        let count = i64::from(matches!(status, 2 | 17));
        assert_eq!(
            answer,
            json!({"imunread": [{"status": expected, "incident_id": id, "unread_num": count}]}),
            "{status}"
        );
    }
}

#[tokio::test]
async fn what_the_caller_may_not_see_is_left_out() {
    let test = TestApp::start().await;
    let (alices, bobs) = (test.case(&ALICE).await, test.case(&BOB).await);
    let (deleted, foreign) = (test.case_in(13).await, test.case(&MALLORY).await);
    let all = [alices.as_str(), &bobs, &deleted, &foreign, MISSING_CASE, "x"].join(",");
    let group = test.group_of_operators().await;
    let ask = async |by, more: &str| {
        let target = format!("{CASES}/instant-messages/unread?case_ids={all}{more}");
        test.get(&target).by(by).english().send().await
    };
    let seen = async |by, more: &str| column(&ask(by, more).await.ok()["imunread"], "incident_id");
    assert_eq!(seen(&ALICE, "").await, [alices.as_str(), &bobs]);
    assert_eq!(seen(&BOB, "").await, [bobs.as_str()]);
    assert_eq!(seen(&CAROL, "").await, Vec::<String>::new());
    assert_eq!(seen(&CAROL, &format!("&group_id={group}")).await, [bobs.as_str()]);
    let other = ask(&BOB, "&group_id=00000000000000000000000000000000").await;
    assert_refused(&other, 403, "OSM.01010002", "");
}

#[tokio::test]
async fn bounds() {
    let test = TestApp::start().await;
    let ask = async |query: &str| {
        test.get(&format!("{CASES}/instant-messages/unread{query}")).by(&BOB).english().send().await
    };
    assert_refused(&ask("").await, 400, "OSM.01010001", "case_ids: it is mandatory");
    let many = (0..101).map(|i| format!("TT20260105{i:08}")).collect::<Vec<_>>().join(",");
    assert_refused(&ask(&format!("?case_ids={many}")).await, 400, "OSM.01010001", "case_ids: 0 to 100 items");
    assert_refused(&ask(&format!("?case_ids={}", "x".repeat(65))).await, 400, "OSM.01010001", "case_ids: 1 to 64");
    assert_refused(&ask(&format!("?case_ids=x&group_id={}", "g".repeat(65))).await, 400, "OSM.01010001", "group_id");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_stay_right_when_many_write_and_read() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    test.accept(&id).await;
    let replies = async {
        for i in 0..15 {
            test.reply(&id, &i.to_string(), "processing").await.ok();
        }
    };
    let words = async {
        for i in 0..15 {
            test.say(&BOB, &id, &i.to_string()).await.ok();
        }
    };
    let reads = async {
        for _ in 0..15 {
            mark_read(&test, &BOB, &id).await;
            let [(_, count)] = unread(&test, &BOB, &[&id]).await.try_into().unwrap();
            assert!((0..=15).contains(&count));
        }
    };
    tokio::join!(replies, words, reads);
    assert_eq!(unread(&test, &ALICE, &[&id]).await, [(id.clone(), 15)]);
    mark_read(&test, &BOB, &id).await;
    assert_eq!(unread(&test, &BOB, &[&id]).await, [(id.clone(), 0)]);
    test.assert_sound().await;
}
