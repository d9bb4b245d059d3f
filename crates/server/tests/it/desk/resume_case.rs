//! `ResumeCase`.

use super::assert_staff_only;
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ERIN, LEO};
use serde_json::{Value, json};

#[tokio::test]
async fn it_goes_on() {
    let test = TestApp::start().await;
    let id = test.case_in(5).await;
    assert_eq!(test.desk(&LEO, &id, "resume", &json!({})).await.ok(), json!({}));
    let detail = test.desk_detail(&ERIN, &id).await;
    assert_eq!((&detail["status"], &detail["pause_reason"]), (&json!(1), &Value::Null));
    assert_eq!(detail["assignee_name"], "erin");
    assert_refused(&test.desk(&LEO, &id, "resume", &json!({})).await, 409, "OSM.01019001", "");
    assert_eq!(test.log(&id).await, [0, 1, 20, 21]);
    test.assert_sound().await;
}

#[tokio::test]
async fn who_may() {
    let test = TestApp::start().await;
    assert_staff_only(&test, "resume", &json!({}), false, &ERIN).await;
}
