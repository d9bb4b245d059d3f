//! `ListNewInstantMessages`.

use super::{mark_read, poll};
use crate::support::TestApp;
use crate::support::cases::{CASES, MISSING_CASE, assert_refused, column};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use serde_json::{Value, json};

/// The texts of each case of a poll, and its cursor.
fn texts(page: &Value) -> (Vec<Vec<String>>, String) {
    let of_case = |case: &Value| column(&case["message_list"], "content");
    let texts = page["immsg"].as_array().unwrap().iter().map(of_case).collect();
    (texts, page["last_message_time_id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_first_poll_gives_the_newest_and_later_ones_what_is_new() {
    let test = TestApp::start().await;
    let (one, two) = (test.case(&BOB).await, test.case(&BOB).await);
    test.accept(&one).await;
    test.reply(&one, "Which one?", "processing").await.ok();
    let page = poll(&test, &BOB, &[&one, &two], "").await.ok();
    assert_eq!(
        page["imstatus"],
        json!([{"status": 0, "incident_id": one}, {"status": 1, "incident_id": two}]),
        "in the order of the request"
    );
    let message = &page["immsg"][0]["message_list"][1];
    assert_eq!(page["immsg"][0]["incident_id"], one);
    for (field, expected) in [
        ("type", json!(1)),
        ("replier_type", json!(1)),
        ("replier_name", json!("erin")),
        ("content", json!("Which one?")),
        ("is_first_message", json!(0)),
        ("accessory_list", json!([])),
        ("create_time", json!("2026-01-05T09:30:15Z")),
    ] {
        assert_eq!(message[field], expected, "{field}");
    }
    let (first, cursor) = texts(&page);
    assert_eq!(first, [vec!["How do I start?", "Which one?"], vec!["How do I start?"]]);

    let again = poll(&test, &BOB, &[&one, &two], &format!("&last_message_time_id={cursor}")).await.ok();
    assert_eq!(texts(&again), (vec![vec![], vec![]], cursor.clone()), "the cursor stays while nothing is new");
    assert_eq!(again["imstatus"], page["imstatus"], "polling marks nothing as read");

    test.say(&BOB, &two, "this one").await.ok();
    test.reply(&one, "Thanks", "processing").await.ok();
    let third = test.case(&BOB).await;
    let next = poll(&test, &BOB, &[&one, &two, &third], &format!("&last_message_time_id={cursor}")).await.ok();
    let (new, later) = texts(&next);
    assert_eq!(new, [["Thanks"], ["this one"], ["How do I start?"]]);
    let end = poll(&test, &BOB, &[&one, &two, &third], &format!("&last_message_time_id={later}")).await.ok();
    assert_eq!(texts(&end).0, vec![Vec::<String>::new(); 3]);
    mark_read(&test, &BOB, &one).await;
    let read = poll(&test, &BOB, &[&one], &format!("&last_message_time_id={later}")).await.ok();
    assert_eq!(read["imstatus"][0]["status"], 1);
}

#[tokio::test]
async fn nothing_is_passed_over_when_there_is_much() {
    let test = TestApp::start().await;
    let (busy, quiet) = (test.case(&BOB).await, test.case(&BOB).await);
    let (_, start) = texts(&poll(&test, &BOB, &[&busy, &quiet], "").await.ok());
    for i in 0..130 {
        test.say(&BOB, &busy, &format!("{i}")).await.ok();
        if i == 50 || i == 120 {
            test.say(&BOB, &quiet, &format!("quiet {i}")).await.ok();
        }
    }
    let (mut seen, mut cursor, mut polls) = (vec![Vec::new(), Vec::new()], start, 0);
    loop {
        let more = format!("&last_message_time_id={cursor}");
        let (new, next) = texts(&poll(&test, &BOB, &[&busy, &quiet], &more).await.ok());
        assert!(new.iter().all(|texts| texts.len() <= 100));
        if new.iter().all(Vec::is_empty) {
            break;
        }
        for (all, new) in seen.iter_mut().zip(new) {
            all.extend(new);
        }
        (cursor, polls) = (next, polls + 1);
    }
    let expected: Vec<String> = (0..130).map(|i| i.to_string()).collect();
    assert_eq!((&seen[0], polls), (&expected, 2));
    assert_eq!(seen[1], ["quiet 50", "quiet 120"]);
    let (newest, _) = texts(&poll(&test, &BOB, &[&busy], "").await.ok());
    assert_eq!(newest[0], expected[110..], "a first poll gives the newest 20");
}

#[tokio::test]
async fn a_time_is_a_cursor_too() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    test.advance_seconds(10);
    test.say(&BOB, &id, "later").await.ok();
    let (new, cursor) = texts(&poll(&test, &BOB, &[&id], "&last_message_time_id=1767605420000").await.ok());
    assert_eq!(new, [["later"]]);
    test.say(&BOB, &id, "last").await.ok();
    let (new, _) = texts(&poll(&test, &BOB, &[&id], &format!("&last_message_time_id={cursor}")).await.ok());
    assert_eq!(new, [["last"]]);
}

#[tokio::test]
async fn notes_and_what_was_withdrawn_are_not_told() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    let (_, cursor) = texts(&poll(&test, &BOB, &[&id], "").await.ok());
    test.desk(&ERIN, &id, "note", &json!({"content": "between us"})).await.ok();
    test.say(&BOB, &id, "oops").await.ok();
    let list = test.read_case(&BOB, &id, "/messages").await.ok();
    let message = list["message_list"][0]["message_id"].as_str().unwrap();
    test.post(&format!("{CASES}/{id}/instant-messages/{message}/withdraw")).by(&BOB).send().await.ok();
    for more in [String::new(), format!("&last_message_time_id={cursor}")] {
        let page = poll(&test, &BOB, &[&id], &more).await.ok();
        assert!(!page.to_string().contains("between us") && !page.to_string().contains("oops"), "{page}");
        assert_eq!(page["imstatus"][0]["status"], 1);
    }
}

#[tokio::test]
async fn what_the_caller_may_not_see_is_left_out() {
    let test = TestApp::start().await;
    let (alices, bobs) = (test.case(&ALICE).await, test.case(&BOB).await);
    let deleted = test.case_in(13).await;
    let foreign = test.case(&MALLORY).await;
    let all = [alices.as_str(), &bobs, &deleted, &foreign, MISSING_CASE, "x"];
    let seen = async |by, more: &str| {
        let page = poll(&test, by, &all, more).await.ok();
        assert_eq!(column(&page["imstatus"], "incident_id"), column(&page["immsg"], "incident_id"));
        column(&page["immsg"], "incident_id")
    };
    assert_eq!(seen(&ALICE, "").await, [alices.as_str(), &bobs]);
    assert_eq!(seen(&BOB, "").await, [bobs.as_str()]);
    assert_eq!(seen(&CAROL, "").await, Vec::<String>::new());
    assert_eq!(seen(&MALLORY, "").await, [foreign.as_str()]);
    let group = test.group_of_operators().await;
    assert_eq!(seen(&CAROL, &format!("&group_id={group}")).await, [bobs.as_str()]);
    assert_refused(
        &poll(&test, &BOB, &all, "&group_id=00000000000000000000000000000000").await,
        403,
        "OSM.01010002",
        "",
    );
    let own_secret = json!({"message": {"content": "x", "authorization_content": "4711"}});
    test.post(&format!("{CASES}/{bobs}/message")).json(&own_secret).by(&BOB).send().await.ok();
    assert!(poll(&test, &BOB, &[&bobs], "").await.ok().to_string().contains("4711"));
    let through = poll(&test, &CAROL, &[&bobs], &format!("&group_id={group}")).await.ok();
    assert!(!through.to_string().contains("4711"), "confidential text is for the case's user");
}

#[tokio::test]
async fn bounds() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    let ask = async |query: &str| test.get(&format!("{CASES}/instant-messages{query}")).by(&BOB).english().send().await;
    assert_refused(&ask("").await, 400, "OSM.01010001", "case_ids: it is mandatory");
    let many = |count: usize| (0..count).map(|i| format!("TT20260105{i:08}")).collect::<Vec<_>>().join(",");
    ask(&format!("?case_ids={}", many(100))).await.ok();
    assert_refused(&ask(&format!("?case_ids={}", many(101))).await, 400, "OSM.01010001", "case_ids: 0 to 100 items");
    assert_refused(&ask(&format!("?case_ids={}", "x".repeat(65))).await, 400, "OSM.01010001", "case_ids: 1 to 64");
    for bad in ["x", "1-x", "-", "99999999999999"] {
        let answer = ask(&format!("?case_ids={id}&last_message_time_id={bad}")).await;
        assert_refused(&answer, 400, "OSM.01010001", "last_message_time_id: the value of the last poll");
    }
    let long = format!("?case_ids={id}&last_message_time_id={}", "1".repeat(65));
    assert_refused(&ask(&long).await, 400, "OSM.01010001", "last_message_time_id: 0 to 64 characters");
    assert_refused(&ask(&format!("?case_ids={id}&group_id={}", "g".repeat(65))).await, 400, "OSM.01010001", "group_id");
    let flag = format!("?case_ids={id}&trim_osm_rich_text_label=maybe");
    assert_refused(&ask(&flag).await, 400, "OSM.0001", "trim_osm_rich_text_label");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_write_at_once_hide_nothing_from_a_poll() {
    let test = TestApp::start().await;
    let late = test.another_node(40_000).await;
    let (one, two) = (test.case(&BOB).await, test.case(&BOB).await);
    let (_, mut cursor) = texts(&poll(&test, &BOB, &[&one, &two], "").await.ok());
    let writers = async {
        let first = async {
            for i in 0..20 {
                test.say(&BOB, &one, &format!("a{i}")).await.ok();
            }
        };
        let second = async {
            for i in 0..20 {
                late.say(&BOB, &two, &format!("b{i}")).await.ok();
            }
        };
        tokio::join!(first, second);
    };
    let mut seen: Vec<String> = Vec::new();
    let mut take = async |cursor: &mut String| {
        let more = format!("&last_message_time_id={cursor}");
        let (new, next) = texts(&poll(&test, &BOB, &[&one, &two], &more).await.ok());
        *cursor = next;
        seen.extend(new.into_iter().flatten());
    };
    let mut writers = std::pin::pin!(writers);
    loop {
        tokio::select! {
            () = &mut writers => break,
            () = take(&mut cursor) => {}
        }
    }
    // What was written last may show a moment later.
    for _ in 0..100 {
        take(&mut cursor).await;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    seen.sort();
    let mut expected: Vec<String> = (0..20).flat_map(|i| [format!("a{i}"), format!("b{i}")]).collect();
    expected.sort();
    assert_eq!(seen, expected);
}
