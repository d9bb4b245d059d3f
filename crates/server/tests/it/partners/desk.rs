//! A partner's people at the desk: their own customers' cases, and nothing else.

use super::{PAULA, PETE, QUINN};
use crate::support::TestApp;
use crate::support::cases::{MISSING_CASE, assert_refused, column, fault};
use crate::support::people::{ALICE, BOB, ERIN, LEO, MALLORY};
use counterfoil::partners::PartnerKind;
use serde_json::json;

/// A server on which acme is the reseller's customer.
async fn start() -> TestApp {
    let test = TestApp::start().await;
    test.partners(PartnerKind::Reseller).await;
    test.link("acme", "reseller").await;
    test
}

#[tokio::test]
async fn they_handle_the_cases_of_their_customers() {
    let test = start().await;
    let id = test.case_of(&BOB, &fault("cannot log in")).await;
    test.desk(&PETE, &id, "accept", &json!({})).await.ok();
    test.desk(&PETE, &id, "note", &json!({"content": "our own note"})).await.ok();
    test.desk(&PETE, &id, "reply", &json!({"content": "Which one?", "next": "pending_feedback"})).await.ok();
    let messages = test.read_case(&BOB, &id, "/messages").await.ok();
    let reply = &messages["message_list"][0];
    assert_eq!(
        (&reply["type"], &reply["replier_type"], &reply["replier_name"]),
        (&json!(1), &json!(2), &json!("pete"))
    );
    let logs = test.read_case(&BOB, &id, "/operate-logs?limit=100").await.ok();
    let kinds: Vec<_> =
        logs["incident_operate_log_list"].as_array().unwrap().iter().map(|log| log["operator_type"].clone()).collect();
    assert_eq!(kinds, [0, 3, 3], "a customer, and twice a partner");
    test.say(&BOB, &id, "The first.").await.ok();
    test.desk(&PETE, &id, "pause", &json!({"reason": "parts"})).await.ok();
    test.desk(&PETE, &id, "resume", &json!({})).await.ok();
    test.desk(&PETE, &id, "reply", &json!({"content": "Solved.", "next": "solution"})).await.ok();
    assert_eq!(test.detail(&BOB, &id).await["status"], 2);
    assert_refused(&test.desk(&PETE, &id, "invalid", &json!({"reason": "x"})).await, 403, "OSM.01010002", "");
    test.assert_sound().await;
}

#[tokio::test]
async fn notes_of_the_provider_are_not_theirs() {
    let test = start().await;
    let id = test.case(&BOB).await;
    test.desk(&ERIN, &id, "note", &json!({"content": "the provider's secret"})).await.ok();
    test.desk(&PETE, &id, "note", &json!({"content": "the partner's own"})).await.ok();
    let shown = test.desk_detail(&PETE, &id).await.to_string();
    assert!(shown.contains("the partner's own") && !shown.contains("the provider's secret"));
    let all = test.desk_detail(&ERIN, &id).await.to_string();
    assert!(all.contains("the partner's own") && all.contains("the provider's secret"));
    let found = async |by, word: &str| {
        let page = test.get(&format!("/desk/v1/cases?keyword={word}")).by(by).send().await.ok();
        column(&page["cases"], "case_id")
    };
    assert_eq!(found(&ERIN, "secret").await, [id.as_str()]);
    assert_eq!(found(&PETE, "secret").await, Vec::<String>::new());
}

#[tokio::test]
async fn everybody_else_s_cases_are_nothing_to_them() {
    let test = start().await;
    let (own, foreign) = (test.case(&BOB).await, test.case(&MALLORY).await);
    let list = async |by| column(&test.get("/desk/v1/cases").by(by).send().await.ok()["cases"], "case_id");
    assert_eq!(list(&PETE).await, [own.as_str()]);
    assert_eq!(list(&QUINN).await, Vec::<String>::new());
    assert_eq!(list(&ERIN).await, [foreign.clone(), own.clone()]);
    let owner = test.get("/desk/v1/cases").by(&PAULA).english().send().await;
    assert_refused(&owner, 403, "OSM.01010002", "");
    for (by, id) in [(&PETE, &foreign), (&QUINN, &own), (&QUINN, &foreign)] {
        let missing = test.get(&format!("/desk/v1/cases/{MISSING_CASE}")).by(by).english().send().await;
        let hidden = test.get(&format!("/desk/v1/cases/{id}")).by(by).english().send().await;
        assert_refused(&hidden, 404, "OSM.01010015", "");
        assert_eq!(hidden.bytes, missing.bytes);
        for (action, body) in [
            ("accept", json!({})),
            ("reply", json!({"content": "x", "next": "solution"})),
            ("note", json!({"content": "x"})),
            ("pause", json!({"reason": "x"})),
            ("resume", json!({})),
        ] {
            assert_refused(&test.desk(by, id, action, &body).await, 404, "OSM.01010015", "");
        }
    }
    // In the customer API a partner's people are users of their own account.
    let as_customer = test.get(&format!("/v2/servicerequest/cases/{own}")).by(&PETE).english().send().await;
    assert_refused(&as_customer, 404, "OSM.01010015", "");
    test.unlink("acme").await;
    assert_eq!(list(&PETE).await, Vec::<String>::new(), "the customer has gone, and its cases with it");
    assert_refused(&test.desk(&PETE, &own, "accept", &json!({})).await, 404, "OSM.01010015", "");
}

#[tokio::test]
async fn files_follow_the_case() {
    let test = start().await;
    let file = crate::contract::upload(&test, &BOB, "incident").await;
    let mut body = crate::support::cases::consultation("see the picture");
    body["accessory_ids"] = json!([file]);
    test.case_of(&BOB, &body).await;
    let get = async |by| test.get(&format!("/desk/v1/accessories/{file}")).by(by).english().send().await;
    assert_eq!(get(&PETE).await.status, 200);
    assert_eq!(get(&ERIN).await.status, 200);
    assert_refused(&get(&QUINN).await, 404, "OSM.01019003", "");
    test.unlink("acme").await;
    assert_refused(&get(&PETE).await, 404, "OSM.01019003", "");
}

#[tokio::test]
async fn every_guard_is_asked_at_every_deed() {
    let test = start().await;
    let id = test.case_of(&BOB, &fault("cannot log in")).await;
    let accept = async || test.desk(&PETE, &id, "accept", &json!({})).await;
    test.allow("reseller", false).await;
    assert_refused(&accept().await, 403, "OSM.01010056", "not on the allow list");
    let zh = test.post(&format!("/desk/v1/cases/{id}/accept")).json(&json!({})).by(&PETE).send().await;
    assert_refused(&zh, 403, "OSM.01010056", "白名单");
    test.allow("reseller", true).await;
    test.take_only("reseller", "storage").await;
    assert_refused(&accept().await, 409, "OSM.01010061", "cannot process");
    test.buy_plan().await;
    assert_refused(&accept().await, 409, "OSM.01010059", "support plan");
    assert_eq!(test.desk_detail(&LEO, &id).await["status"], 0);
    // The provider's own people are not asked.
    test.accept(&id).await;
    assert_eq!(test.detail(&ALICE, &id).await["status"], 1);
}
