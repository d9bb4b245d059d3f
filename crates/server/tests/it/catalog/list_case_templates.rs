//! `ListCaseTemplates`.

use super::{chinese, english, refused};
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_problem_type_has_its_templates_in_both_languages() {
    let app = TestApp::start().await;
    let en = english(&app, "config/templates?business_type_id=ecs.login-failed").await;
    let content = "Server id and public IP:\nWay of logging in and error:\nRecent changes:";
    assert_eq!(
        en,
        json!({ "total_count": 1, "incident_template_list": [{
            "incident_template_id": "server-login",
            "incident_template_name": "Server login",
            "incident_template_content": content,
        }]})
    );
    let zh = chinese(&app, "config/templates?business_type_id=ecs.login-failed").await;
    assert_eq!(zh["incident_template_list"][0]["incident_template_name"], "登录故障模板");
    let sample = english(&app, "config/templates?incident_business_type_id=ecs.login-failed").await;
    assert_eq!(sample, en, "the name in a documented sample");
}

#[tokio::test]
async fn an_unknown_problem_type_has_none_and_a_missing_one_is_refused() {
    let app = TestApp::start().await;
    for id in ["x", &"x".repeat(32), "ecs", "ecs.", "%F0%9F%99%82"] {
        let answer = english(&app, &format!("config/templates?business_type_id={id}")).await;
        assert_eq!(answer, json!({ "total_count": 0, "incident_template_list": [] }));
    }
    let long = format!("config/templates?business_type_id={}", "x".repeat(33));
    for target in ["config/templates", "config/templates?business_type_id=", &long] {
        refused(&app, target, "business_type_id").await;
    }
}
