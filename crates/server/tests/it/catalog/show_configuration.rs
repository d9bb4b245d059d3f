//! `ShowConfiguration`.

use super::refused;
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn anybody_may_read_an_item() {
    let app = TestApp::start().await;
    let key = "case.create-case.diagnose-list";
    let answer = app.get(&format!("/v2/servicerequest/configurations/{key}")).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json,
        json!({ "config_key": key, "config_value": "ecs,rds", "error_code": "0", "error_msg": "" })
    );
}

#[tokio::test]
async fn an_unknown_or_long_key_is_refused() {
    let app = TestApp::start().await;
    for key in ["x", &"x".repeat(128), "%00", "%FF", "CASE.create-case.diagnose-list"] {
        refused(&app, &format!("configurations/{key}"), "config_key: there is no such").await;
    }
    refused(&app, &format!("configurations/{}", "x".repeat(129)), "1 to 128 characters").await;
    let answer = app.get("/v2/servicerequest/configurations/").send().await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "APIGW.0101"));
}
