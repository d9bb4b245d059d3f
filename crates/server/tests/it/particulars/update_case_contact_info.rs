//! `UpdateCaseContactInfo`.

use super::{copies, reach, with_copies};
use crate::support::TestApp;
use crate::support::cases::{MISSING_CASE, OnCase, assert_refused, fault};
use crate::support::people::{ALICE, BOB, ERIN, LEO, MALLORY};
use serde_json::{Value, json};

/// What the log of a case says of contacts: type and note.
async fn told(test: &TestApp, case: &str) -> Vec<(i64, String)> {
    let logs = test.desk_detail(&LEO, case).await["operate_logs"].clone();
    let text = |log: &Value| log["operate_desc"].as_str().unwrap_or_default().to_owned();
    let of = logs.as_array().unwrap().iter().map(|log| (log["operate_type"].as_i64().unwrap(), text(log)));
    of.filter(|(kind, _)| [114, 115].contains(kind)).collect()
}

#[tokio::test]
async fn what_is_sent_changes_and_the_rest_stays() {
    let test = TestApp::start().await;
    let case = test.case_of(&BOB, &fault("x")).await;
    let body = json!({"area_code": "0086", "remind_mobile": "139 0000 0000", "remind_time": "0"});
    assert_eq!(reach(&test, &BOB, &case, body).await.ok(), json!({}));
    let expected = json!({
        "area_code": "86", "remind_mobile": "139 0000 0000", "remind_mail": "bob@acme.example", "remind_time": "0",
    });
    assert_eq!(test.detail(&BOB, &case).await["ext_info"], expected);
    assert_eq!(test.desk_detail(&ERIN, &case).await["contact"], expected);
    assert_eq!(told(&test, &case).await, [(114, "remind_mobile, remind_time".to_owned())]);
    assert!(!test.database_holds("139 0000").await);
    // What is as it was is no change.
    reach(&test, &BOB, &case, json!({"remind_mail": "bob@acme.example"})).await.ok();
    assert_eq!(told(&test, &case).await.len(), 1);
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'case.contact_changed'").await, 1);
    test.assert_sound().await;
}

#[tokio::test]
async fn null_and_an_empty_mail_take_away() {
    let test = TestApp::start().await;
    let case = test.case_of(&BOB, &fault("x")).await;
    let body = json!({"remind_mobile": null, "remind_mail": "new@acme.example", "remind_time": null});
    reach(&test, &BOB, &case, body).await.ok();
    let expected = json!({"remind_mail": "new@acme.example", "remind_time": "0"});
    assert_eq!(test.detail(&BOB, &case).await["ext_info"], expected);
    let (changed, removed) = ("remind_mail, remind_time".to_owned(), "area_code, remind_mobile".to_owned());
    assert_eq!(told(&test, &case).await, [(114, changed), (115, removed)]);
    reach(&test, &BOB, &case, json!({"remind_mail": ""})).await.ok();
    assert_eq!(test.detail(&BOB, &case).await["ext_info"], json!({"remind_time": "0"}));
    assert_eq!(told(&test, &case).await[2], (115, "remind_mail".to_owned()));
    assert_eq!(test.number("SELECT COUNT(*) FROM case_secrets WHERE kind = 'contact'").await, 0);
    test.assert_sound().await;
}

#[tokio::test]
async fn copy_addresses_and_further_values_change_too() {
    let test = TestApp::start().await;
    let case = test.case_of(&BOB, &with_copies(&json!("a@acme.example"))).await;
    let send = async |map: Value| reach(&test, &BOB, &case, json!({"extension_map": map})).await;
    send(json!({"cc_email": "b@acme.example", "ticket": 7})).await.ok();
    assert_eq!(copies(&test, &BOB).await["mc_email_infos"], json!(["b@acme.example"]));
    assert_eq!(told(&test, &case).await, [(114, "cc_email, extension_map".to_owned())]);
    let kept: String = test.rows("SELECT extension FROM cases").await[0].get(0).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&kept).unwrap(), json!({"channel": "itsm", "ticket": 7}));
    send(json!({"cc_email": null, "channel": null})).await.ok();
    assert_eq!(copies(&test, &BOB).await["mc_email_infos"], json!([]));
    assert_eq!(test.detail(&BOB, &case).await["ext_info"]["cc_email"], Value::Null);
    let kept: String = test.rows("SELECT extension FROM cases").await[0].get(0).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&kept).unwrap(), json!({"ticket": 7}));
    assert_refused(&send(json!({"cc_email": "nobody"})).await, 400, "OSM.01010008", "extension_map.cc_email");
    assert_refused(&send(json!({"big": "x".repeat(65_536)})).await, 400, "OSM.01010001", "extension_map");
    test.assert_sound().await;
}

#[tokio::test]
async fn wrong_values_change_nothing() {
    let test = TestApp::start().await;
    let case = test.case_of(&BOB, &fault("x")).await;
    let before = test.detail(&BOB, &case).await["ext_info"].clone();
    for (body, code, says) in [
        (json!({}), "OSM.01010001", "body: one of area_code"),
        (json!({"group_id": ""}), "OSM.01010001", "body: one of area_code"),
        (json!({"extension_map": {}}), "OSM.01010001", "body: one of area_code"),
        (json!({"area_code": ""}), "OSM.01010001", "area_code: 1 to 32"),
        (json!({"area_code": "99999"}), "OSM.01010001", "area_code: a code of ListAreaCodes"),
        (json!({"remind_mobile": ""}), "OSM.01010001", "remind_mobile: 1 to 32"),
        (json!({"remind_mobile": "call me"}), "OSM.01010001", "remind_mobile: 5 to 20 digits"),
        (json!({"remind_mail": "nobody"}), "OSM.01010001", "remind_mail: a mail address"),
        (json!({"remind_mail": "a".repeat(129)}), "OSM.01010001", "remind_mail: 0 to 128"),
        (json!({"remind_time": "9-5"}), "OSM.01010001", "remind_time: 0 or hh:mm-hh:mm"),
        (json!({"remind_time": "0".repeat(17)}), "OSM.01010001", "remind_time: 0 to 16"),
        (json!({"remind_mail": "new@acme.example", "remind_time": "x"}), "OSM.01010001", "remind_time"),
        (json!({"remind_mail": 7}), "OSM.0001", "remind_mail"),
        (json!({"extension_map": []}), "OSM.0001", "extension_map"),
    ] {
        assert_refused(&reach(&test, &BOB, &case, body).await, 400, code, says);
    }
    assert_eq!(test.detail(&BOB, &case).await["ext_info"], before);
    assert_eq!(told(&test, &case).await, []);
    let body = json!({"remind_time": "0"});
    let (foreign, missing) =
        (reach(&test, &MALLORY, &case, body.clone()).await, reach(&test, &MALLORY, MISSING_CASE, body).await);
    assert_eq!((foreign.status, foreign.bytes), (missing.status, missing.bytes));
}

#[tokio::test]
async fn only_while_the_case_is_open() {
    let test = TestApp::start().await;
    for status in [0, 1, 2, 5, 17] {
        let case = test.case_in(status).await;
        reach(&test, &ALICE, &case, json!({"remind_mail": "new@acme.example"})).await.ok();
        assert_eq!(test.status(&case).await, status, "it is no answer to anything");
    }
    for status in [3, 4, 12] {
        let case = test.case_in(status).await;
        let answer = reach(&test, &BOB, &case, json!({"remind_mail": "new@acme.example"})).await;
        assert_refused(&answer, 409, "OSM.01019001", "");
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn who_may_change_them() {
    let test = TestApp::start().await;
    let body = json!({"remind_time": "08:00-12:00"});
    test.assert_guarded(&OnCase { method: "PUT", suffix: "/contact-info", body, status: 1 }).await;
}
