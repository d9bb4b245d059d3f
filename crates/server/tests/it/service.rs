//! What holds for every path: unknown ones, wrong methods, limits, request ids.

use crate::support::TestApp;

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_named() {
    let app = TestApp::start().await;
    let answer = app.get("/v2/servicerequest/nothing").send().await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "APIGW.0101"));
    let id = answer.header("x-request-id").unwrap();
    assert_eq!(id.len(), 32);
    assert_eq!(answer.json["request_id"], id);
    let answer = app.post("/healthz").send().await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "APIGW.0101"));
    assert_eq!(app.get("/readyz").send().await.status, 200);
}

#[tokio::test]
async fn a_long_target_and_an_unknown_zone_are_refused() {
    let app = TestApp::start().await;
    let long = format!("/v2/servicerequest/cases?app_key={}", "x".repeat(40_000));
    let answer = app.get(&long).send().await;
    assert_eq!((answer.status, answer.code().as_str()), (414, "APIGW.0201"));
    let answer = app.get("/healthz").header("x-time-zone", "Mars/Base").header("x-language", "en-us").send().await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "OSM.01010001"));
    assert!(answer.message().contains("X-Time-Zone"), "{}", answer.message());
}
