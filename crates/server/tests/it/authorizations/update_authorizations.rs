//! `UpdateAuthorizations`.

use super::{AUTHORIZATIONS, NOTHING};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

#[tokio::test]
async fn a_request_is_rejected_with_a_reason() {
    let test = TestApp::start().await;
    let (case, id) = test.requested("ssh_password").await;
    for body in [json!({}), json!({"reject_reason": null}), json!({"reject_reason": " "})] {
        let answer = test.update_authorization(&BOB, &id, "reject", &body).await;
        assert_refused(&answer, 400, "OSM.01010001", "reject_reason: it is mandatory");
    }
    test.update_authorization(&BOB, &id, "reject", &json!({"reject_reason": "密".repeat(300)})).await.ok();
    let shown = test.authorization(&BOB, &id).await.ok();
    assert_eq!((&shown["status"], &shown["reject_reason"]), (&json!(2), &json!("密".repeat(300))));
    assert_eq!(shown.get("auth_expire_time"), None);
    assert_eq!(test.log(&case).await, [0, 1, 74]);
    let logs = test.read_case(&BOB, &case, "/operate-logs").await.ok()["incident_operate_log_list"].clone();
    assert_eq!(logs[2]["operate_desc"], json!("密".repeat(300)));
    assert_eq!(test.authorization_events().await, ["authorization.requested", "authorization.rejected"]);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0, "its timer is gone");
    test.assert_sound().await;
}

#[tokio::test]
async fn one_in_force_is_cancelled_and_what_was_given_is_erased() {
    let test = TestApp::start().await;
    let (case, id) = test.authorized().await;
    assert_eq!(test.kept_logins().await, 2);
    test.update_authorization(&BOB, &id, "cancel", &json!({})).await.ok();
    assert_eq!(test.kept_logins().await, 0);
    assert_eq!(test.authorization_status(&id).await, 5);
    assert_eq!(test.log(&case).await, [0, 1, 73, 83]);
    assert_eq!(test.authorization_events().await.last().unwrap(), "authorization.canceled");
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0, "its timer is gone");
    test.assert_sound().await;
}

#[tokio::test]
async fn other_actions_and_other_states_are_not_supported() {
    let test = TestApp::start().await;
    let reason = json!({"reject_reason": "x"});
    for (status, action) in
        [(0, "cancel"), (1, "reject"), (2, "reject"), (2, "cancel"), (3, "cancel"), (4, "reject"), (5, "cancel")]
    {
        let (_, id) = test.authorization_in(status).await;
        let answer = test.update_authorization(&BOB, &id, action, &reason).await;
        assert_refused(&answer, 409, "OSM.01010018", "Auth operate type not support");
        assert_eq!(test.authorization_status(&id).await, status, "{action}");
    }
    let (_, id) = test.requested("rdp").await;
    for action in ["", "recall", "expire", "REJECT", "confirm"] {
        let answer = test.update_authorization(&BOB, &id, action, &reason).await;
        assert_refused(&answer, 400, "OSM.01010018", "it must be reject or cancel");
    }
    let none = test.put(&format!("{AUTHORIZATIONS}/{id}/action")).json(&reason).by(&BOB).english().send().await;
    assert_refused(&none, 400, "OSM.01010018", "");
    let zh = test.put(&format!("{AUTHORIZATIONS}/{id}/action")).json(&reason).by(&BOB).send().await;
    assert_refused(&zh, 400, "OSM.01010018", "授权操作类型不支持");
    test.assert_sound().await;
}

#[tokio::test]
async fn bounds() {
    let test = TestApp::start().await;
    let (_, id) = test.requested("rdp").await;
    for (body, field) in [
        (json!({"reject_reason": ""}), "reject_reason: 1 to 300"),
        (json!({"reject_reason": "x".repeat(301)}), "reject_reason"),
        (json!({"reject_reason": "x", "group_id": ""}), "group_id: 1 to 64"),
        (json!({"reject_reason": "x", "group_id": "x".repeat(65)}), "group_id"),
    ] {
        let answer = test.update_authorization(&BOB, &id, "reject", &body).await;
        assert_refused(&answer, 400, "OSM.01010001", field);
    }
    let long = test.update_authorization(&BOB, &id, &"x".repeat(17), &json!({})).await;
    assert_refused(&long, 400, "OSM.01010001", "action_id");
    let wrong = test.update_authorization(&BOB, &id, "reject", &json!({"reject_reason": 1})).await;
    assert_refused(&wrong, 400, "OSM.0001", "reject_reason");
    assert_eq!(test.authorization_status(&id).await, 0);
}

#[tokio::test]
async fn who_may() {
    let test = TestApp::start().await;
    let friends = test.group_of_operators().await;
    let reject = async |by: &Person, group: Value| {
        let (_, id) = test.requested("rdp").await;
        let body = json!({"reject_reason": "no", "group_id": group});
        let answer = test.update_authorization(by, &id, "reject", &body).await;
        (answer.status, answer.code())
    };
    let (allowed, refused) = ((200, String::new()), (403, "OSM.01010002".to_owned()));
    assert_eq!(reject(&BOB, Value::Null).await, allowed);
    assert_eq!(reject(&ALICE, Value::Null).await, allowed);
    assert_eq!(reject(&CAROL, json!(friends)).await, allowed);
    assert_eq!(reject(&CAROL, Value::Null).await, refused);
    assert_eq!(reject(&BOB, json!(NOTHING)).await, refused);
    assert_eq!(reject(&ERIN, Value::Null).await, refused);
    let (_, id) = test.requested("rdp").await;
    let body = json!({"reject_reason": "no"});
    let foreign = test.update_authorization(&MALLORY, &id, "reject", &body).await;
    let missing = test.update_authorization(&MALLORY, NOTHING, "reject", &body).await;
    assert_refused(&foreign, 404, "OSM.01019070", "");
    assert_eq!(foreign.bytes, missing.bytes);
    assert_eq!(test.authorization_status(&id).await, 0);
}
