//! `ListAuthorizations`.

use super::{AUTHORIZATIONS, request};
use crate::support::cases::{assert_refused, column, consultation};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use crate::support::{Person, TestApp};
use counterfoil::iam::Role;
use serde_json::json;

const NONE: [&str; 0] = [];

/// The ids that a query finds; the total must be their number.
async fn find(test: &TestApp, by: &Person, query: &str) -> Vec<String> {
    let page = test.get(&format!("{AUTHORIZATIONS}?{query}")).by(by).english().send().await.ok();
    let ids = column(&page["incident_auth_list"], "id");
    assert_eq!(page["count"], ids.len(), "{query}");
    ids
}

#[tokio::test]
async fn every_field_is_there_in_both_languages() {
    let test = TestApp::start().await;
    let (case, id) = test.requested("ssh_password").await;
    let page = test.get(AUTHORIZATIONS).by(&BOB).english().send().await.ok();
    let letter = page["incident_auth_list"][0]["content_of_auth_letter"].as_str().unwrap().to_owned();
    assert!(letter.starts_with("The engineer commits"), "{letter}");
    let expected = json!({"count": 1, "incident_auth_list": [{
        "id": id, "status": 0, "incident_id": case, "simple_description": "How do I start?",
        "auth_describe": "to look at the system log", "resource_type_id": "host", "resource_type_name": "Server",
        "visit_type_id": "ssh_password", "visit_type_name": "SSH with a password",
        "create_time": "2026-01-05T09:30:15Z", "customer_id": test.account_id(&BOB).await,
        "x_customer_id": test.user_id(&BOB).await, "xcustomer_name": "bob", "content_of_auth_letter": letter,
    }]});
    assert_eq!(page, expected);
    let body = json!({"auth_detail_list": test.logins(&id, "root", "secret").await});
    test.confirm(&BOB, &id, &body).await.ok();
    test.update_authorization(&BOB, &id, "cancel", &json!({"reject_reason": "done"})).await.ok();
    let zh = test.get(AUTHORIZATIONS).by(&BOB).send().await.ok();
    let shown = &zh["incident_auth_list"][0];
    assert_eq!((&shown["visit_type_name"], &shown["resource_type_name"]), (&json!("SSH密码登录"), &json!("服务器")));
    assert_eq!(shown["auth_effective_time"], "2026-01-05T09:30:15Z");
    assert_eq!(shown["auth_expire_time"], "2026-01-06T09:30:15Z");
    assert_eq!((&shown["status"], &shown["reject_reason"]), (&json!(5), &json!("done")));
    assert!(shown["content_of_auth_letter"].as_str().unwrap().starts_with("工程师承诺"));
}

#[tokio::test]
async fn each_filter_finds_its_own() {
    let test = TestApp::start().await;
    let mut ids = Vec::new();
    let mut cases = Vec::new();
    for (by, text) in [(&BOB, "red 100% lamp"), (&CAROL, "red fish"), (&BOB, "蓝色的鱼")] {
        let case = test.case_of(by, &consultation(text)).await;
        test.accept(&case).await;
        let answer = test.request_access(&case, &request("rdp")).await.ok();
        ids.push(answer["authorization_id"].as_str().unwrap().to_owned());
        cases.push(case);
    }
    let [a, b, c] = [ids[0].as_str(), ids[1].as_str(), ids[2].as_str()];
    test.update_authorization(&BOB, a, "reject", &json!({"reject_reason": "no"})).await.ok();
    assert_eq!(find(&test, &ALICE, "").await, [c, b, a], "newest first");
    assert_eq!(find(&test, &BOB, "").await, [c, a]);
    assert_eq!(find(&test, &CAROL, "").await, [b]);
    assert_eq!(find(&test, &MALLORY, "").await, NONE);
    assert_eq!(find(&test, &ALICE, "status=0").await, [c, b]);
    assert_eq!(find(&test, &ALICE, "status=2").await, [a]);
    assert_eq!(find(&test, &BOB, "status=2").await, [a]);
    assert_eq!(find(&test, &ALICE, "status=9").await, NONE);
    assert_eq!(find(&test, &ALICE, &format!("incident_id={}", cases[1])).await, [b]);
    assert_eq!(find(&test, &BOB, &format!("incident_id={}", cases[1])).await, NONE);
    assert_eq!(find(&test, &ALICE, "sub_customer_name=aro").await, [b]);
    assert_eq!(find(&test, &ALICE, "sub_customer_name=bob&status=0").await, [c]);
    assert_eq!(find(&test, &ALICE, "simple_description=red").await, [b, a]);
    // A percent sign is a letter like any other.
    assert_eq!(find(&test, &ALICE, "simple_description=0%25%20l").await, [a]);
    assert_eq!(find(&test, &ALICE, "simple_description=%25").await, [a]);
    assert_eq!(find(&test, &ALICE, "simple_description=RED").await, NONE, "as it is written, on both engines");
    assert_eq!(find(&test, &ALICE, "simple_description=%E7%9A%84%E9%B1%BC").await, [c]);
    assert_eq!(find(&test, &ALICE, "simple_description=&sub_customer_name=&incident_id=&status=").await, [c, b, a]);
    let page = test.get(&format!("{AUTHORIZATIONS}?offset=1&limit=1")).by(&ALICE).send().await.ok();
    assert_eq!((&page["count"], column(&page["incident_auth_list"], "id")), (&json!(3), vec![b.to_owned()]));
    test.assert_sound().await;
}

#[tokio::test]
async fn colleagues_need_the_role_and_the_group() {
    let test = TestApp::start().await;
    let (_, id) = test.requested("rdp").await;
    let plain = test.group("plain", &[], &[BOB, CAROL]).await;
    let ask = async |by: &Person, group: &str| {
        test.get(&format!("{AUTHORIZATIONS}?group_id={group}")).by(by).english().send().await
    };
    assert_refused(&ask(&CAROL, plain.as_str()).await, 403, "OSM.01010002", "");
    test.group("operators", &[Role::TicketGroupOperator], &[CAROL]).await;
    assert_eq!(find(&test, &CAROL, &format!("group_id={plain}")).await, [id.as_str()]);
    assert_eq!(find(&test, &CAROL, &format!("group_id={plain}&status=0&sub_customer_name=bo")).await, [id.as_str()]);
    assert_eq!(find(&test, &CAROL, "").await, NONE);
    assert_eq!(find(&test, &ALICE, &format!("group_id={plain}")).await, [id.as_str()]);
    assert_refused(&ask(&BOB, super::NOTHING).await, 403, "OSM.01010002", "");
    assert_refused(&ask(&MALLORY, plain.as_str()).await, 403, "OSM.01010002", "");
    assert_refused(&ask(&ERIN, "").await, 403, "OSM.01010002", "");
}

#[tokio::test]
async fn those_of_deleted_cases_are_gone() {
    let test = TestApp::start().await;
    let (case, id) = test.requested("rdp").await;
    test.act(&BOB, &case, "close").await.ok();
    assert_eq!(find(&test, &BOB, "").await, [id.as_str()]);
    test.act(&BOB, &case, "delete").await.ok();
    for query in ["", "simple_description=How", "status=3"] {
        assert_eq!(find(&test, &BOB, query).await, NONE);
        assert_eq!(find(&test, &ALICE, query).await, NONE);
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn bounds() {
    let test = TestApp::start().await;
    let ask = async |query: &str| test.get(&format!("{AUTHORIZATIONS}?{query}")).by(&BOB).english().send().await;
    for (query, field) in [
        ("status=-1", "status"),
        ("status=11", "status"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("offset=-1", "offset"),
        ("offset=65536", "offset"),
    ] {
        assert_refused(&ask(query).await, 400, "OSM.01010001", field);
    }
    assert_refused(&ask("status=x").await, 400, "OSM.0001", "status");
    for (name, most) in
        [("sub_customer_name", 256), ("incident_id", 64), ("simple_description", 2000), ("group_id", 64)]
    {
        let at = ask(&format!("{name}={}", "x".repeat(most))).await;
        assert!(at.status == 200 || (name == "group_id" && at.status == 403), "{name}");
        assert_refused(&ask(&format!("{name}={}", "x".repeat(most + 1))).await, 400, "OSM.01010001", name);
    }
    assert_eq!(test.get(AUTHORIZATIONS).send().await.status, 401);
}
