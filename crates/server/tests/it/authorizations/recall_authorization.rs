//! `RecallAuthorization`.

use super::{DESK_AUTHORIZATIONS, NOTHING};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, AMY, BOB, CATHY, ERIN, LEO, OSCAR};
use crate::support::{Answer, Person, TestApp};
use serde_json::json;

async fn recall(test: &TestApp, by: &Person, id: &str) -> Answer {
    let target = format!("{DESK_AUTHORIZATIONS}/{id}/recall");
    test.post(&target).json(&json!({})).by(by).english().send().await
}

#[tokio::test]
async fn a_request_is_taken_back() {
    let test = TestApp::start().await;
    let (case, id) = test.requested("ssh_password").await;
    recall(&test, &ERIN, &id).await.ok();
    assert_eq!(test.authorization(&BOB, &id).await.ok()["status"], 4);
    assert_eq!(test.authorization_events().await, ["authorization.requested", "authorization.recalled"]);
    assert_eq!(test.log(&case).await, [0, 1]);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
    test.assert_sound().await;
}

#[tokio::test]
async fn not_what_was_answered_or_has_ended() {
    let test = TestApp::start().await;
    for status in [1, 2, 3, 4, 5] {
        let (_, id) = test.authorization_in(status).await;
        assert_refused(&recall(&test, &ERIN, &id).await, 409, "OSM.01010018", "not in its present status");
        assert_eq!(test.authorization_status(&id).await, status);
    }
}

#[tokio::test]
async fn who_may() {
    let test = TestApp::start().await;
    let (_, id) = test.requested("rdp").await;
    for person in [ALICE, BOB, CATHY, OSCAR, AMY] {
        assert_refused(&recall(&test, &person, &id).await, 403, "OSM.01010002", "");
    }
    assert_refused(&recall(&test, &ERIN, NOTHING).await, 404, "OSM.01019070", "");
    assert_refused(&recall(&test, &ERIN, "x").await, 404, "OSM.01019070", "");
    assert_eq!(test.authorization_status(&id).await, 0);
    recall(&test, &LEO, &id).await.ok();
    // An engineer who neither asked nor handles the case may not.
    let (_, id) = test.requested("rdp").await;
    test.write("UPDATE authorizations SET engineer_id = 'ffffffffffffffffffffffffffffffff'").await;
    recall(&test, &ERIN, &id).await.ok();
    let (_, id) = test.requested("rdp").await;
    test.write("UPDATE authorizations SET engineer_id = 'ffffffffffffffffffffffffffffffff'").await;
    test.write("UPDATE cases SET assignee_id = NULL").await;
    assert_refused(&recall(&test, &ERIN, &id).await, 403, "OSM.01010002", "");
}
