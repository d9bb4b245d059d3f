//! `AcceptCase`.

use super::assert_staff_only;
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{BOB, ERIN, LEO};
use serde_json::json;

#[tokio::test]
async fn who_takes_a_case_has_it() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    assert_eq!(test.desk(&ERIN, &id, "accept", &json!({})).await.ok(), json!({}));
    let detail = test.desk_detail(&LEO, &id).await;
    assert_eq!((&detail["status"], &detail["assignee_name"]), (&json!(1), &json!("erin")));
    assert_eq!(detail["assignee_id"], test.user_id(&ERIN).await.as_str());
    assert_refused(&test.desk(&LEO, &id, "accept", &json!({})).await, 409, "OSM.01019001", "");
    assert_eq!(test.desk_detail(&LEO, &id).await["assignee_name"], "erin");
    assert_eq!(test.log(&id).await, [0, 1]);
    // No body is needed.
    let other = test.case(&BOB).await;
    test.post(&format!("/desk/v1/cases/{other}/accept")).by(&LEO).send().await.ok();
    test.assert_sound().await;
}

#[tokio::test]
async fn who_may() {
    let test = TestApp::start().await;
    assert_staff_only(&test, "accept", &json!({}), false, &ERIN).await;
}
