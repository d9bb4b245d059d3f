//! `CreateFeedback`.

use super::{FEEDBACKS, brief, full, send};
use crate::contract::upload;
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use serde_json::{Value, json};

const ACCESSORIES: &str = "/v2/servicerequest/accessorys";

#[tokio::test]
async fn a_report_takes_its_files_and_seals_who_reports() {
    let test = TestApp::start().await;
    let body = full(&test, &BOB).await;
    let made = send(&test, &BOB, &body).await.ok();
    assert_eq!(made["feedback_id"].as_str().unwrap().len(), 32);
    for personal in ["Reporting Rita", "13900001111", "rita@rights", "Rights Road", "4711-fax"] {
        assert!(!test.database_holds(personal).await, "{personal}");
    }
    let event = &test.rows("SELECT subject, payload FROM events WHERE kind = 'feedback.created'").await[0];
    let (subject, payload): (String, String) = (event.get(0).unwrap(), event.get(1).unwrap());
    assert_eq!(
        (json!(subject), payload.as_str()),
        (made["feedback_id"].clone(), "{\"type\":\"intellectual_property\"}")
    );
    // The files belong to the report now: no other report takes them, and nobody deletes them.
    let proof = body["files"][0].as_str().unwrap();
    let again = send(&test, &BOB, &json!({"type": "spam", "title": "x", "content": "x", "files": [proof]})).await;
    assert_refused(&again, 400, "OSM.01010001", "files: files that you uploaded with accessoryFrom=feedback");
    let delete = test.delete(&format!("{ACCESSORIES}/{proof}")).by(&BOB).english().send().await;
    assert_refused(&delete, 403, "OSM.01010002", "");
    test.advance_seconds(7 * 24 * 3600);
    counterfoil::accessories::sweep(&test.app).await.unwrap();
    assert_eq!(test.get(&format!("{ACCESSORIES}/{proof}")).by(&BOB).send().await.status, 200);
    for other in [ALICE, CAROL, MALLORY] {
        let answer = test.get(&format!("{ACCESSORIES}/{proof}")).by(&other).english().send().await;
        assert_refused(&answer, 404, "OSM.01019003", "");
    }
}

#[tokio::test]
async fn every_kind_and_as_little_as_may_be() {
    let test = TestApp::start().await;
    for kind in ["illegal_content", "fraud", "attack", "spam", "other"] {
        brief(&test, &BOB, kind).await;
    }
    for unknown in ["copyright", "Spam", "x"] {
        let answer = send(&test, &BOB, &json!({"type": unknown, "title": "x", "content": "x", "files": ["1"]})).await;
        assert_refused(&answer, 400, "OSM.01010016", "type: allowed are intellectual_property, illegal_content");
    }
    assert_refused(&send(&test, &ERIN, &json!({})).await, 403, "OSM.01010002", "");
}

/// Changes one field of a good report, and expects a refusal; none of it may be kept.
#[tokio::test]
async fn every_field_has_its_rule() {
    let test = TestApp::start().await;
    let good = full(&test, &BOB).await;
    let foreign = upload(&test, &MALLORY, "feedback").await;
    let of_a_case = upload(&test, &BOB, "incident").await;
    let own = |at: &str| good.pointer(at).unwrap().clone();
    let four = json!(vec!["1"; 4]);
    let cases: Vec<(&str, Value, &str, &str)> = vec![
        ("/type", json!(""), "OSM.01010001", "type: 1 to 32"),
        ("/type", json!("x".repeat(33)), "OSM.01010001", "type: 1 to 32"),
        ("/type", json!(7), "OSM.0001", "type"),
        ("/title", json!(""), "OSM.01010001", "title: it is mandatory"),
        ("/title", json!(" ; "), "OSM.01010001", "title: it is mandatory"),
        ("/title", json!("ECS;nowhere"), "OSM.01010001", "title: products;sites"),
        ("/title", json!("a\nb"), "OSM.01010001", "title: control characters"),
        ("/title", json!("报".repeat(2049)), "OSM.01010001", "title: 0 to 2048"),
        ("/content", json!(""), "OSM.01010001", "content: 1 to 5000"),
        ("/content", json!("  "), "OSM.01010001", "content: it is mandatory"),
        ("/content", json!("报".repeat(5001)), "OSM.01010001", "content: 1 to 5000"),
        ("/files", json!([]), "OSM.01010001", "files: 1 to 3 items"),
        ("/files", four.clone(), "OSM.01010001", "files: 1 to 3 items"),
        ("/files", json!(["1".repeat(33)]), "OSM.01010001", "files[0]: 1 to 32"),
        ("/files", json!(["1"]), "OSM.01010001", "files: ids of uploaded files"),
        ("/files", json!([foreign]), "OSM.01010001", "files: files that you uploaded"),
        ("/files", json!([of_a_case]), "OSM.01010001", "files: files that you uploaded"),
        ("/files", json!([own("/files/0"), own("/files/0")]), "OSM.01010001", "files: files that you uploaded"),
        ("/files", json!("1"), "OSM.0001", "files"),
        ("/ip", Value::Null, "OSM.01010001", "ip: it is mandatory"),
        ("/ip", json!([]), "OSM.0001", "ip"),
        ("/ip/ip_type", Value::Null, "OSM.01010001", "ip.ip_type: it is mandatory"),
        ("/ip/ip_type", json!(""), "OSM.01010001", "ip.ip_type: it is mandatory"),
        ("/ip/ip_type", json!("secret"), "OSM.01010001", "ip.ip_type: allowed are copyright, trademark, patent"),
        ("/ip/ip_area", json!("x".repeat(65)), "OSM.01010001", "ip.ip_area: 0 to 64"),
        ("/ip/ip_number", json!("x".repeat(65)), "OSM.01010001", "ip.ip_number: 0 to 64"),
        ("/ip/ip_content", json!("x".repeat(2001)), "OSM.01010001", "ip.ip_content: 0 to 2000"),
        ("/contacts/name", json!(" "), "OSM.01010001", "contacts.name: it is mandatory"),
        ("/contacts/name", json!("x".repeat(257)), "OSM.01010001", "contacts.name: 0 to 256"),
        ("/contacts/mobile", json!("call me"), "OSM.01010001", "contacts.mobile: 5 to 20 digits"),
        ("/contacts/mobile", json!("1".repeat(33)), "OSM.01010001", "contacts.mobile: 0 to 32"),
        ("/contacts/mail", json!(""), "OSM.01010001", "contacts.mail: 1 to 128"),
        ("/contacts/mail", json!("nobody"), "OSM.01010001", "contacts.mail: a mail address"),
        ("/contacts/area", json!(""), "OSM.01010001", "contacts.area: 1 to 128"),
        ("/contacts/address", json!("x".repeat(513)), "OSM.01010001", "contacts.address: 1 to 512"),
        ("/contacts/id_type", json!(101), "OSM.01010001", "contacts.id_type: a whole number from 0 to 100"),
        ("/contacts/id_type", json!(11), "OSM.01010001", "contacts.id_type: allowed are 10, 20, 21, 22, 23"),
        ("/contacts/id_type", json!("20"), "OSM.0001", "contacts.id_type"),
        ("/contacts/company_name", json!("x".repeat(257)), "OSM.01010001", "contacts.company_name: 0 to 256"),
        ("/contacts/id_files", json!([]), "OSM.01010001", "contacts.id_files: 1 to 3 items"),
        ("/contacts/id_files", four, "OSM.01010001", "contacts.id_files: 1 to 3 items"),
        ("/contacts/id_files", json!([foreign]), "OSM.01010001", "contacts.id_files: files that you uploaded"),
        ("/contacts/id_files", own("/files"), "OSM.01010001", "contacts.id_files: files that you uploaded"),
        ("/contacts/other_way", json!("x".repeat(257)), "OSM.01010001", "contacts.other_way: 0 to 256"),
    ];
    for (at, value, code, says) in cases {
        let mut body = good.clone();
        *body.pointer_mut(at).unwrap() = value;
        assert_refused(&send(&test, &BOB, &body).await, 400, code, says);
    }
    for name in ["type", "title", "content", "files"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(name);
        assert_refused(&send(&test, &BOB, &body).await, 400, "OSM.01010001", &format!("{name}: it is mandatory"));
    }
    for name in ["name", "mobile", "id_type", "id_files"] {
        let mut body = good.clone();
        body["contacts"].as_object_mut().unwrap().remove(name);
        let says = format!("contacts.{name}: it is mandatory");
        assert_refused(&send(&test, &BOB, &body).await, 400, "OSM.01010001", &says);
    }
    for table in ["feedbacks", "feedback_files"] {
        assert_eq!(test.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
    let bound = "SELECT COUNT(*) FROM accessories WHERE state = 'bound'";
    assert_eq!(test.number(bound).await, 0, "no file is half taken");
    send(&test, &BOB, &good).await.ok();
}

#[tokio::test]
async fn a_repeated_request_reports_once() {
    let test = TestApp::start().await;
    let body = full(&test, &BOB).await;
    let call = || test.post(FEEDBACKS).json(&body).header("idempotency-key", "k").by(&BOB).send();
    assert_eq!(call().await.ok(), call().await.ok());
    assert_eq!(test.number("SELECT COUNT(*) FROM feedbacks").await, 1);
    let zh = test.post(FEEDBACKS).json(&json!({"type": "x", "title": "x", "content": "x", "files": []})).by(&BOB);
    assert!(zh.send().await.message().starts_with("举报类型错误。"));
}
