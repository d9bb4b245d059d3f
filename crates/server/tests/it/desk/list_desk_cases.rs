//! `ListDeskCases`.

use crate::support::Person;
use crate::support::TestApp;
use crate::support::cases::{DESK, STATUSES, assert_refused, column, consultation, fault};
use crate::support::people::{ALICE, AMY, BOB, CATHY, ERIN, LEO, MALLORY, OSCAR};
use serde_json::json;

const NONE: [&str; 0] = [];

async fn find(test: &TestApp, by: &Person, query: &str) -> Vec<String> {
    let page = test.get(&format!("{DESK}?{query}")).by(by).send().await.ok();
    assert_eq!(page["total_count"], page["cases"].as_array().unwrap().len(), "{query}");
    column(&page["cases"], "case_id")
}

#[tokio::test]
async fn every_field_is_there_in_both_languages() {
    let test = TestApp::start().await;
    let id = test.case_of(&BOB, &fault("无法登录")).await;
    test.accept(&id).await;
    test.advance_seconds(7);
    test.say(&BOB, &id, "hello?").await.ok();
    let page = test.get(DESK).by(&LEO).english().send().await.ok();
    let expected = json!({"total_count": 1, "cases": [{
        "case_id": id, "account_id": test.account_id(&BOB).await, "account_name": "acme",
        "user_id": test.user_id(&BOB).await, "user_name": "bob", "status": 1, "simple_description": "无法登录",
        "incident_sub_type_id": "compute", "incident_sub_type_name": "Compute and containers",
        "product_category_id": "ecs", "product_category_name": "Elastic Cloud Server",
        "business_type_id": "ecs.login-failed", "business_type_name": "Cannot log in to the server", "case_type": "5",
        "severity_id": "production-down", "region_id": "cn-north-1", "assignee_id": test.user_id(&ERIN).await,
        "assignee_name": "erin", "business_ownership": 0, "create_time": "2026-01-05T09:30:15Z", "update_time": "2026-01-05T09:30:22Z",
    }]});
    assert_eq!(page, expected);
    let zh = test.get(DESK).by(&LEO).send().await.ok();
    assert_eq!(zh["cases"][0]["product_category_name"], "弹性云服务器");
}

#[tokio::test]
async fn it_shows_every_account_by_each_filter() {
    let test = TestApp::start().await;
    let a = test.case_of(&BOB, &fault("red lamp")).await;
    let b = test.case_of(&MALLORY, &consultation("red fish")).await;
    let c = test
        .case_of(
            &BOB,
            &json!({"business_type_id": "obs.usage", "simple_description": "blue fish",
        "source_id": crate::support::cases::SOURCE}),
        )
        .await;
    test.accept(&a).await;
    test.desk(&LEO, &b, "accept", &json!({})).await.ok();
    test.desk(&ERIN, &b, "note", &json!({"content": "smells 奇怪"})).await.ok();
    let erin = test.user_id(&ERIN).await;
    assert_eq!(find(&test, &ERIN, "").await, [c.clone(), b.clone(), a.clone()]);
    assert_eq!(find(&test, &ERIN, "status=1").await, [b.clone(), a.clone()]);
    assert_eq!(find(&test, &ERIN, "status=0,1&status=2").await, [c.clone(), b.clone(), a.clone()]);
    assert_eq!(find(&test, &ERIN, "assignee=me").await, [a.as_str()]);
    assert_eq!(find(&test, &LEO, "assignee=me").await, [b.as_str()]);
    assert_eq!(find(&test, &LEO, &format!("assignee={erin}")).await, [a.as_str()]);
    assert_eq!(find(&test, &LEO, "assignee=none").await, [c.as_str()]);
    assert_eq!(find(&test, &LEO, "assignee=nobody").await, NONE);
    assert_eq!(find(&test, &LEO, "category=storage").await, [c.as_str()]);
    assert_eq!(find(&test, &LEO, "category=compute&status=1&assignee=me").await, [b.as_str()]);
    assert_eq!(find(&test, &LEO, "keyword=fish").await, [c.clone(), b.clone()]);
    assert_eq!(find(&test, &LEO, "keyword=fish%20red").await, [b.as_str()]);
    assert_eq!(find(&test, &LEO, &format!("keyword={}", c.to_lowercase())).await, [c.as_str()]);
    // Staff finds what stands in notes.
    assert_eq!(find(&test, &AMY, "keyword=smells").await, [b.as_str()]);
    assert_eq!(find(&test, &AMY, "keyword=%E5%A5%87%E6%80%AA").await, [b.as_str()]);
    assert_eq!(find(&test, &LEO, "keyword=!!!").await, NONE);
}

#[tokio::test]
async fn totals_are_the_counters_of_all_accounts() {
    let test = TestApp::start().await;
    for status in STATUSES {
        test.case_in(status).await;
    }
    test.case(&MALLORY).await;
    for status in STATUSES {
        let expected = if status == 0 { 2 } else { 1 };
        assert_eq!(find(&test, &LEO, &format!("status={status}")).await.len(), expected);
    }
    assert_eq!(find(&test, &LEO, "").await.len(), 9, "deleted cases only when asked for");
    let page = test.get(&format!("{DESK}?limit=2&offset=3")).by(&LEO).send().await.ok();
    assert_eq!((&page["total_count"], page["cases"].as_array().unwrap().len()), (&json!(9), 2));
    let none = test.get(&format!("{DESK}?limit=0")).by(&LEO).send().await.ok();
    assert_eq!(none, json!({"total_count": 9, "cases": []}));
}

#[tokio::test]
async fn bounds_and_permission() {
    let test = TestApp::start().await;
    let ask = async |query: &str, by: &Person| test.get(&format!("{DESK}?{query}")).by(by).english().send().await;
    for query in ["status=x", "status=7", "status=-1", "status=0,x"] {
        assert_refused(&ask(query, &LEO).await, 400, "OSM.01010001", "status");
    }
    for query in ["limit=101", "limit=-1", "offset=65536"] {
        assert_refused(&ask(query, &LEO).await, 400, "OSM.01010001", "a whole number");
    }
    for (name, most) in [("assignee", 64), ("category", 32), ("keyword", 64)] {
        assert_eq!(ask(&format!("{name}={}", "x".repeat(most)), &LEO).await.status, 200);
        let above = ask(&format!("{name}={}", "x".repeat(most + 1)), &LEO).await;
        assert_refused(&above, 400, "OSM.01010001", name);
    }
    for by in [&ALICE, &BOB, &MALLORY, &CATHY, &OSCAR] {
        assert_refused(&ask("", by).await, 403, "OSM.01010002", "");
    }
    assert_eq!(test.get(DESK).send().await.status, 401);
    for by in [&ERIN, &LEO, &AMY] {
        ask("", by).await.ok();
    }
}
