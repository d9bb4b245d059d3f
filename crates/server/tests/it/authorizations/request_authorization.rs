//! `RequestAuthorization`.

use super::request;
use crate::support::TestApp;
use crate::support::cases::{DESK, MISSING_CASE, STATUSES, assert_refused};
use crate::support::people::{ALICE, AMY, BOB, CATHY, ERIN, LEO, OSCAR};
use serde_json::{Value, json};

#[tokio::test]
async fn every_kind_can_be_asked_for() {
    let test = TestApp::start().await;
    let case = test.case_in(1).await;
    for (access, lines) in [
        ("ssh_password", 2),
        ("ssh_key", 2),
        ("rdp", 2),
        ("vnc", 2),
        ("sftp", 2),
        ("console_credential", 1),
        ("console_agency", 1),
        ("confidential", 1),
    ] {
        let id = test.request_access(&case, &request(access)).await.ok()["authorization_id"].clone();
        let id = id.as_str().unwrap();
        assert_eq!(id.len(), 32);
        let shown = test.authorization(&BOB, id).await.ok();
        assert_eq!((&shown["status"], &shown["visit_type_id"]), (&json!(0), &json!(access)));
        assert_eq!(shown["incident_auth_detail_list"].as_array().unwrap().len(), lines, "{access}");
    }
    assert_eq!(test.authorization_events().await, vec!["authorization.requested"; 8]);
    assert_eq!(test.log(&case).await, [0, 1], "asking writes no log of its own");
    assert_eq!(test.status(&case).await, 1);
    test.assert_sound().await;
}

#[tokio::test]
async fn usual_ports_and_names_are_filled_in() {
    let test = TestApp::start().await;
    let case = test.case_in(1).await;
    for (access, port) in [("ssh_key", 22), ("sftp", 22), ("rdp", 3389), ("vnc", 5900)] {
        let body = json!({"access_type": access, "description": "x", "hosts": [{"address": "2001:db8::1"}, {"address": "h", "port": 7}]});
        let id = test.request_access(&case, &body).await.ok()["authorization_id"].clone();
        let lines = test.authorization(&BOB, id.as_str().unwrap()).await.ok()["incident_auth_detail_list"].clone();
        assert_eq!((&lines[0]["port"], &lines[1]["port"]), (&json!(port), &json!(7)));
        assert_eq!((&lines[0]["instance_name"], &lines[0]["type"]), (&json!("2001:db8::1"), &json!(1)));
    }
}

#[tokio::test]
async fn only_the_handler_of_a_case_that_is_worked_on() {
    let test = TestApp::start().await;
    for status in STATUSES {
        let case = test.case_in(status).await;
        let answer = test.request_access(&case, &request("rdp")).await;
        match status {
            1 | 5 | 17 => drop(answer.ok()),
            0 | 4 | 13 => assert_refused(&answer, 403, "OSM.01010002", ""),
            _ => assert_refused(&answer, 409, "OSM.01019001", "status of the case"),
        }
    }
    let case = test.case_in(1).await;
    let target = format!("{DESK}/{case}/authorizations");
    for person in [ALICE, BOB, CATHY, OSCAR, AMY, LEO] {
        let answer = test.post(&target).json(&request("rdp")).by(&person).english().send().await;
        assert_refused(&answer, 403, "OSM.01010002", "No operation permission");
    }
    let token = test.token(&ERIN).await;
    for odd in [MISSING_CASE, "x", "%ff"] {
        let call = test.post(&format!("{DESK}/{odd}/authorizations")).json(&request("rdp"));
        assert_refused(&call.token(&token).english().send().await, 404, "OSM.01010015", "");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_written() {
    let test = TestApp::start().await;
    let case = test.case_in(1).await;
    let with = |key: &str, value: Value| {
        let mut body = request("ssh_key");
        body[key] = value;
        body
    };
    let host = |key: &str, value: Value| {
        let mut body = request("ssh_key");
        body["hosts"][1][key] = value;
        body
    };
    let seven: Value = (0..7).map(|at| json!({"address": format!("h{at}")})).collect();
    for (body, field) in [
        (json!({}), "access_type"),
        (with("access_type", json!("telnet")), "access_type: allowed are ssh_password, ssh_key"),
        (with("access_type", json!("x".repeat(33))), "access_type"),
        (json!({"access_type": "rdp"}), "description"),
        (with("description", json!("")), "description"),
        (with("description", json!(" \n")), "description"),
        (with("description", json!("x".repeat(2001))), "description: 1 to 2000 characters"),
        (with("letter", json!("x".repeat(20_001))), "letter"),
        (with("hosts", json!([])), "hosts: 1 to 6 items"),
        (with("hosts", Value::Null), "hosts: 1 to 6 items"),
        (with("hosts", seven), "hosts"),
        (with("access_type", json!("confidential")), "hosts: 0 to 0 items"),
        (host("address", json!("")), "hosts[1].address"),
        (host("address", json!("a b")), "hosts[1].address"),
        (host("address", json!("http://x/")), "hosts[1].address"),
        (host("address", json!("x".repeat(254))), "hosts[1].address"),
        (host("port", json!(0)), "hosts[1].port"),
        (host("port", json!(65_536)), "hosts[1].port"),
        (host("instance_id", json!("x".repeat(65))), "hosts[1].instance_id"),
        (host("instance_name", json!("x".repeat(257))), "hosts[1].instance_name"),
        (host("instance_name", json!("a\nb")), "hosts[1].instance_name"),
        (host("region_id", json!("x".repeat(65))), "hosts[1].region_id"),
    ] {
        assert_refused(&test.request_access(&case, &body).await, 400, "OSM.01010001", field);
    }
    let wrong_type = test.request_access(&case, &with("hosts", json!("x"))).await;
    assert_refused(&wrong_type, 400, "OSM.0001", "hosts");
    assert_eq!(test.number("SELECT COUNT(*) FROM authorizations").await, 0);
    assert_eq!(test.number("SELECT COUNT(*) FROM authorization_details").await, 0);
    let most = json!({
        "access_type": "ssh_key", "description": "密".repeat(2000), "letter": "x".repeat(20_000),
        "hosts": [{"address": (["h"; 60].join(".")), "port": 65_535, "instance_id": "i".repeat(64),
            "instance_name": "名".repeat(256), "region_id": "r".repeat(64)}],
    });
    test.request_access(&case, &most).await.ok();
}

#[tokio::test]
async fn a_case_has_at_most_twenty_open_ones() {
    let test = TestApp::start().await;
    let case = test.case_in(1).await;
    let mut last = String::new();
    for _ in 0..20 {
        let answer = test.request_access(&case, &request("console_credential")).await.ok();
        answer["authorization_id"].as_str().unwrap().clone_into(&mut last);
    }
    let one_more = test.request_access(&case, &request("console_credential")).await;
    assert_refused(&one_more, 409, "OSM.01019076", "too many open");
    let reason = json!({"reject_reason": "enough"});
    test.update_authorization(&BOB, &last, "reject", &reason).await.ok();
    test.request_access(&case, &request("console_credential")).await.ok();
    test.assert_sound().await;
}

#[tokio::test]
async fn a_repeated_request_with_a_key_is_one_and_a_letter_is_kept() {
    let test = TestApp::start().await;
    let case = test.case_in(1).await;
    let mut body = request("sftp");
    body["letter"] = json!("I shall only read.");
    let target = format!("{DESK}/{case}/authorizations");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let call = test.post(&target).json(&body).header("Idempotency-Key", "k").by(&ERIN);
        ids.push(call.send().await.ok()["authorization_id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(test.number("SELECT COUNT(*) FROM authorizations").await, 1);
    let list = test.get(super::AUTHORIZATIONS).by(&BOB).send().await.ok();
    assert_eq!(list["incident_auth_list"][0]["content_of_auth_letter"], "I shall only read.");
}
