//! `ShowAuthorizationDetail`.

use super::{AUTHORIZATIONS, NOTHING};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use crate::support::{Person, TestApp};
use counterfoil::iam::Role;
use serde_json::json;

#[tokio::test]
async fn every_field_is_there_in_both_languages() {
    let test = TestApp::start().await;
    let (case, id) = test.requested("ssh_password").await;
    let lines = test.lines(&id).await;
    let body = json!({"auth_detail_list": [
        {"auth_detail_id": lines[1], "account": "ops", "password": "second-plain", "port": 2022},
        {"auth_detail_id": lines[0], "account": "root", "password": "first-plain"},
    ]});
    test.confirm(&BOB, &id, &body).await.ok();
    let expected = json!({
        "id": id, "status": 1, "incident_id": case, "simple_description": "How do I start?",
        "resource_type_id": "host", "resource_type_name": "Server",
        "visit_type_id": "ssh_password", "visit_type_name": "SSH with a password",
        "auth_effective_time": "2026-01-05T09:30:15Z", "auth_expire_time": "2026-01-06T09:30:15Z",
        "incident_auth_detail_list": [
            {"id": lines[0], "port": 22, "account": "root", "type": 1, "instance_id": "i-7", "instance_name": "web-7",
                "region_id": "cn-north-1", "address": "198.51.100.7"},
            {"id": lines[1], "port": 2022, "account": "ops", "type": 1, "instance_name": "db.acme.example",
                "address": "db.acme.example"},
        ],
        "xcustomer_name": "bob", "auth_handler_name": "erin", "auth_describe": "to look at the system log",
        "content_type_id": "login", "content_type_name": "Login",
    });
    let answer = test.authorization(&BOB, &id).await;
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("plain"), "no password is in any answer");
    assert_eq!(answer.ok(), expected);
    let zh = test.get(&format!("{AUTHORIZATIONS}/{id}")).by(&BOB).send().await.ok();
    assert_eq!((&zh["visit_type_name"], &zh["content_type_name"]), (&json!("SSH密码登录"), &json!("登录信息")));
    // What was given is gone with the authorization.
    test.update_authorization(&BOB, &id, "cancel", &json!({"reject_reason": "done"})).await.ok();
    let after = test.authorization(&BOB, &id).await.ok();
    assert_eq!((&after["status"], &after["reject_reason"]), (&json!(5), &json!("done")));
    assert_eq!(after["incident_auth_detail_list"][0].get("account"), None);
}

#[tokio::test]
async fn an_agency_is_shown_by_its_name() {
    let test = TestApp::start().await;
    let (_, id) = test.requested("console_agency").await;
    let agency = test.agency("support", None).await;
    test.confirm(&BOB, &id, &json!({"agency_id": agency})).await.ok();
    let shown = test.authorization(&BOB, &id).await.ok();
    assert_eq!((&shown["agency_name"], &shown["resource_type_name"]), (&json!("support"), &json!("Console")));
    assert_eq!(shown["incident_auth_detail_list"][0]["type"], 0);
    assert_eq!(shown["content_type_id"], "agency");
}

#[tokio::test]
async fn who_may_see_it() {
    let test = TestApp::start().await;
    let (case, id) = test.requested("rdp").await;
    let (friends, readers) = (test.group_of_operators().await, test.group("readers", &[], &[BOB, CAROL]).await);
    let ask = async |by: &Person, id: &str, group: &str| {
        test.get(&format!("{AUTHORIZATIONS}/{id}{group}")).by(by).english().send().await
    };
    let with = |group: &str| format!("?group_id={group}");
    for (by, group) in [
        (&BOB, String::new()),
        (&ALICE, String::new()),
        (&ALICE, with(&friends)),
        (&CAROL, with(&friends)),
        (&CAROL, with(readers.as_str())),
    ] {
        assert_eq!(ask(by, &id, &group).await.status, 200, "{} {group}", by.name);
    }
    for (by, group) in [(&CAROL, String::new()), (&BOB, with(NOTHING)), (&ERIN, String::new())] {
        assert_refused(&ask(by, &id, &group).await, 403, "OSM.01010002", "");
    }
    for group in [String::new(), with(&friends)] {
        let (foreign, missing) = (ask(&MALLORY, &id, &group).await, ask(&MALLORY, NOTHING, &group).await);
        assert_refused(&foreign, 404, "OSM.01019070", "This authorization does not exist");
        assert_eq!(foreign.bytes, missing.bytes);
    }
    // By token, because what is no UTF-8 cannot be signed.
    let token = test.token(&BOB).await;
    for odd in ["x", "%ff", "%00", "Auth-123456"] {
        let answer = test.get(&format!("{AUTHORIZATIONS}/{odd}")).token(&token).english().send().await;
        assert_refused(&answer, 404, "OSM.01019070", "");
    }
    assert_refused(&ask(&BOB, &"x".repeat(33), "").await, 400, "OSM.01010001", "authorization_id");
    assert_refused(&ask(&BOB, &id, &with(&"x".repeat(65))).await, 400, "OSM.01010001", "group_id");
    assert_refused(&ask(&BOB, &id, "?group_id=").await, 400, "OSM.01010001", "group_id");
    test.act(&BOB, &case, "close").await.ok();
    assert_eq!(ask(&BOB, &id, "").await.status, 200);
    test.act(&BOB, &case, "delete").await.ok();
    assert_refused(&ask(&BOB, &id, "").await, 404, "OSM.01019070", "");
}

#[tokio::test]
async fn a_role_without_a_common_group_is_not_enough() {
    let test = TestApp::start().await;
    let (_, id) = test.requested("rdp").await;
    let own = test.group("operators", &[Role::TicketGroupOperator], &[CAROL]).await;
    let answer = test.get(&format!("{AUTHORIZATIONS}/{id}?group_id={own}")).by(&CAROL).english().send().await;
    assert_refused(&answer, 403, "OSM.01010002", "");
}
