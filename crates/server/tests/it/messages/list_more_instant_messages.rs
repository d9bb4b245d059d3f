//! `ListMoreInstantMessages`.

use crate::support::TestApp;
use crate::support::cases::{CASES, OnCase, assert_refused, assert_role_is_needed, column};
use crate::support::people::{ALICE, BOB, CAROL, ERIN};
use serde_json::{Value, json};

/// A conversation of one message every ten seconds, numbered, customer and engineer in turn.
async fn conversation(test: &TestApp) -> String {
    let id = test.case(&BOB).await;
    test.accept(&id).await;
    for i in 1..=6 {
        test.advance_seconds(10);
        if i % 2 == 0 {
            test.reply(&id, &i.to_string(), "processing").await.ok();
        } else {
            test.say(&BOB, &id, &i.to_string()).await.ok();
        }
    }
    id
}

async fn ask(test: &TestApp, id: &str, query: &str) -> crate::support::Answer {
    test.get(&format!("{CASES}/{id}/instant-messages/more?{query}")).by(&BOB).english().send().await
}

async fn page(test: &TestApp, id: &str, query: &str) -> (i64, Vec<String>) {
    let page = ask(test, id, query).await.ok();
    (page["count"].as_i64().unwrap(), column(&page["message_list"], "content"))
}

#[tokio::test]
async fn older_messages_newest_first() {
    let test = TestApp::start().await;
    let id = conversation(&test).await;
    test.desk(&ERIN, &id, "note", &json!({"content": "between us"})).await.ok();
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    // Message 4 was written 40 seconds after the start, in each form of that time.
    for time in ["1767605455000", "1767605455", "2026-01-05T09:30:55Z", "2026-01-05%2017:30:55"] {
        let found = page(&test, &id, &format!("create_time={time}&type=0&limit=2")).await;
        assert_eq!(found, (4, texts(&["3", "2"])), "{time}");
        let found = page(&test, &id, &format!("create_time={time}&type=1&limit=100")).await;
        assert_eq!(found, (4, texts(&["3", "2", "1", "How do I start?"])), "{time}");
    }
    assert_eq!(page(&test, &id, "create_time=1767605415000&type=0&limit=20").await, (0, vec![]));
    let all = page(&test, &id, "create_time=1999999999999&type=0&limit=100").await;
    assert_eq!((all.0, all.1.len()), (7, 7));
    let first = ask(&test, &id, "create_time=1767605416000&type=0&limit=1").await.ok();
    let message = &first["message_list"][0];
    assert_eq!((&message["is_first_message"], &message["iam_user_type"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn the_kind_breaks_a_tie_and_the_id_every_one() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    test.accept(&id).await;
    test.advance_seconds(10);
    for text in ["one", "two"] {
        test.say(&BOB, &id, text).await.ok();
    }
    test.reply(&id, "three", "processing").await.ok();
    let at = "create_time=2026-01-05T09:30:25Z";
    let texts = async |query: &str| page(&test, &id, query).await.1;
    assert_eq!(texts(&format!("{at}&type=1&limit=9")).await, ["two", "one", "How do I start?"]);
    assert_eq!(texts(&format!("{at}&type=0&limit=9")).await, ["How do I start?"]);
    let newest = test.read_case(&BOB, &id, "/messages").await.ok();
    let two = newest["message_list"][1]["message_id"].as_str().unwrap();
    assert_eq!(texts(&format!("create_time={two}&type=0&limit=9")).await, ["one", "How do I start?"]);
}

#[tokio::test]
async fn what_was_withdrawn_is_neither_listed_nor_counted() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    test.say(&BOB, &id, "oops").await.ok();
    let list = test.read_case(&BOB, &id, "/messages").await.ok();
    let message = list["message_list"][0]["message_id"].as_str().unwrap();
    test.post(&format!("{CASES}/{id}/instant-messages/{message}/withdraw")).by(&BOB).send().await.ok();
    let found = page(&test, &id, "create_time=1999999999999&type=0&limit=9").await;
    assert_eq!(found, (1, vec!["How do I start?".to_owned()]));
}

#[tokio::test]
async fn bounds_and_what_is_mandatory() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    for (query, code, words) in [
        ("type=0&limit=1", "OSM.01010001", "create_time: it is mandatory"),
        ("create_time=1767605455000&limit=1", "OSM.01010001", "type: it is mandatory"),
        ("create_time=1767605455000&type=0", "OSM.01010001", "limit: it is mandatory"),
        ("create_time=x&type=0&limit=1", "OSM.01010001", "create_time: milliseconds"),
        ("create_time=-1&type=0&limit=1", "OSM.01010001", "create_time: milliseconds"),
        ("create_time=1767605455000&type=2&limit=1", "OSM.01010001", "type: a whole number from 0 to 1"),
        ("create_time=1767605455000&type=-1&limit=1", "OSM.01010001", "type: a whole number from 0 to 1"),
        ("create_time=1767605455000&type=0&limit=0", "OSM.01010001", "limit: a whole number from 1 to 100"),
        ("create_time=1767605455000&type=0&limit=101", "OSM.01010001", "limit: a whole number from 1 to 100"),
        ("create_time=1767605455000&type=x&limit=1", "OSM.0001", "type"),
    ] {
        assert_refused(&ask(&test, &id, query).await, 400, code, words);
    }
    let long = format!("create_time={}&type=0&limit=1", "1".repeat(101));
    assert_refused(&ask(&test, &id, &long).await, 400, "OSM.01010001", "create_time: 1 to 100 characters");
}

#[tokio::test]
async fn who_may_read_them() {
    let test = TestApp::start().await;
    let suffix = "/instant-messages/more?create_time=1999999999999&type=0&limit=9";
    assert_role_is_needed(&test, suffix).await;
    test.assert_guarded(&OnCase { method: "GET", suffix, body: Value::Null, status: 1 }).await;
    let id = test.case(&ALICE).await;
    assert_refused(&test.read_case(&CAROL, &id, suffix).await, 403, "OSM.01010002", "");
}
