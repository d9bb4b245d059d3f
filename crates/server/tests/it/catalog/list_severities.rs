//! `ListSeverities`.

use super::{chinese, column, english, refused};
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn the_levels_are_listed_gravest_first_in_both_languages() {
    let app = TestApp::start().await;
    let target = "config/severities?product_category_id=ecs&business_type_id=ecs.login-failed";
    let en = english(&app, target).await;
    assert_eq!(en["show"], true);
    assert_eq!(
        column(&en["severity_list"], "severity_id"),
        ["core-down", "production-down", "production-impaired", "system-impaired", "guidance"]
    );
    assert_eq!(
        en["severity_list"][0],
        json!({ "language": "en-us", "severity_name": "Core system unavailable", "severity_id": "core-down" })
    );
    let zh = chinese(&app, target).await;
    assert_eq!(zh["severity_list"][4]["severity_name"], "一般咨询");
    assert_eq!(zh["severity_list"][4]["language"], "zh-cn");
}

#[tokio::test]
async fn a_form_shows_them_where_a_support_plan_applies() {
    let app = TestApp::start().await;
    for (product, problem, show) in [
        ("ecs", "ecs.usage", true),
        ("ecs", "ecs.pricing", false),
        ("billing", "billing.charge-error", false),
        ("bms", "ecs.usage", false),
        ("ecs", "nothing", false),
    ] {
        let target = format!("config/severities?product_category_id={product}&business_type_id={problem}");
        let answer = english(&app, &target).await;
        assert_eq!(answer["show"], show, "{target}");
        assert_eq!(answer["severity_list"].as_array().unwrap().len(), 5, "{target}");
    }
}

#[tokio::test]
async fn both_ids_are_mandatory_and_bounded() {
    let app = TestApp::start().await;
    let target = |product: usize, problem: usize| {
        let (product, problem) = ("x".repeat(product), "x".repeat(problem));
        format!("config/severities?product_category_id={product}&business_type_id={problem}")
    };
    english(&app, &target(1, 1)).await;
    english(&app, &target(64, 32)).await;
    refused(&app, &target(0, 1), "product_category_id").await;
    refused(&app, &target(65, 1), "product_category_id").await;
    refused(&app, &target(1, 0), "business_type_id").await;
    refused(&app, &target(1, 33), "business_type_id").await;
    refused(&app, "config/severities?business_type_id=x", "product_category_id").await;
    refused(&app, "config/severities?product_category_id=x", "business_type_id").await;
}
