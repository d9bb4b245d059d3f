//! `ListDeskAuthorizations`.

use super::{DESK_AUTHORIZATIONS, request};
use crate::support::cases::{assert_refused, column};
use crate::support::people::{ALICE, AMY, BOB, CATHY, ERIN, LEO, MALLORY, OSCAR};
use crate::support::{Person, TestApp};
use serde_json::json;

const NONE: [&str; 0] = [];

async fn find(test: &TestApp, by: &Person, query: &str) -> Vec<String> {
    let page = test.get(&format!("{DESK_AUTHORIZATIONS}?{query}")).by(by).english().send().await.ok();
    let ids = column(&page["authorizations"], "id");
    assert_eq!(page["total_count"], ids.len(), "{query}");
    ids
}

#[tokio::test]
async fn every_field_is_there() {
    let test = TestApp::start().await;
    let (case, id) = test.requested("rdp").await;
    let page = test.get(DESK_AUTHORIZATIONS).by(&LEO).english().send().await.ok();
    let letter = page["authorizations"][0]["content_of_auth_letter"].clone();
    let expected = json!({"total_count": 1, "authorizations": [{
        "id": id, "status": 0, "incident_id": case, "simple_description": "How do I start?",
        "auth_describe": "to look at the system log", "resource_type_id": "host", "resource_type_name": "Server",
        "visit_type_id": "rdp", "visit_type_name": "RDP", "create_time": "2026-01-05T09:30:15Z",
        "customer_id": test.account_id(&BOB).await, "x_customer_id": test.user_id(&BOB).await, "xcustomer_name": "bob",
        "content_of_auth_letter": letter, "engineer_id": test.user_id(&ERIN).await, "engineer_name": "erin",
        "answer_until": "2026-01-12T09:30:15Z",
    }]});
    assert_eq!(page, expected);
    test.act(&BOB, &case, "close").await.ok();
    let after = test.get(DESK_AUTHORIZATIONS).by(&LEO).send().await.ok();
    assert_eq!(after["authorizations"][0]["end_time"], "2026-01-05T09:30:15Z");
    assert_eq!(after["authorizations"][0]["resource_type_name"], "服务器");
}

#[tokio::test]
async fn it_shows_every_account_by_each_filter() {
    let test = TestApp::start().await;
    let (case_a, a) = test.requested("rdp").await;
    let case_b = test.case(&MALLORY).await;
    test.desk(&LEO, &case_b, "accept", &json!({})).await.ok();
    let target = format!("/desk/v1/cases/{case_b}/authorizations");
    let b = test.post(&target).json(&request("vnc")).by(&LEO).send().await.ok()["authorization_id"].clone();
    let b = b.as_str().unwrap();
    test.update_authorization(&BOB, &a, "reject", &json!({"reject_reason": "no"})).await.ok();
    let leo = test.user_id(&LEO).await;
    for by in [&ERIN, &LEO, &AMY] {
        assert_eq!(find(&test, by, "").await, [b, &a]);
    }
    assert_eq!(find(&test, &ERIN, "status=2").await, [a.as_str()]);
    assert_eq!(find(&test, &ERIN, "status=1").await, NONE);
    assert_eq!(find(&test, &ERIN, "engineer=me").await, [a.as_str()]);
    assert_eq!(find(&test, &ERIN, &format!("engineer={leo}")).await, [b]);
    assert_eq!(find(&test, &ERIN, &format!("case_id={case_b}&status=0")).await, [b]);
    let page = test.get(&format!("{DESK_AUTHORIZATIONS}?limit=1&offset=1")).by(&LEO).send().await.ok();
    assert_eq!((&page["total_count"], column(&page["authorizations"], "id")), (&json!(2), vec![a.clone()]));
    let none = test.get(&format!("{DESK_AUTHORIZATIONS}?limit=0")).by(&LEO).send().await.ok();
    assert_eq!(none, json!({"total_count": 2, "authorizations": []}));
    // Of a deleted case only when one looks into it.
    test.act(&BOB, &case_a, "close").await.ok();
    test.act(&BOB, &case_a, "delete").await.ok();
    assert_eq!(find(&test, &LEO, "").await, [b]);
    assert_eq!(find(&test, &LEO, &format!("case_id={case_a}")).await, [a.as_str()]);
}

#[tokio::test]
async fn bounds_and_permission() {
    let test = TestApp::start().await;
    let ask = async |query: &str, by: &Person| {
        test.get(&format!("{DESK_AUTHORIZATIONS}?{query}")).by(by).english().send().await
    };
    for query in ["status=-1", "status=11", "limit=101", "limit=-1", "offset=65536"] {
        let field = query.split('=').next().unwrap();
        assert_refused(&ask(query, &LEO).await, 400, "OSM.01010001", field);
    }
    for (name, most) in [("case_id", 32), ("engineer", 64)] {
        assert_eq!(ask(&format!("{name}={}", "x".repeat(most)), &LEO).await.status, 200);
        let above = ask(&format!("{name}={}", "x".repeat(most + 1)), &LEO).await;
        assert_refused(&above, 400, "OSM.01010001", name);
    }
    for by in [&ALICE, &BOB, &MALLORY, &CATHY, &OSCAR] {
        assert_refused(&ask("", by).await, 403, "OSM.01010002", "");
    }
    assert_eq!(test.get(DESK_AUTHORIZATIONS).send().await.status, 401);
}
