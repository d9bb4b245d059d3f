//! `ListExtendsParams`.

use super::{chinese, column, english, refused, row};
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_fault_asks_for_more_in_both_languages() {
    let app = TestApp::start().await;
    let en = english(&app, "config/extends-map?business_type_id=ecs.login-failed").await;
    let fields = &en["extends_params"];
    assert_eq!(
        row(fields, "param_key", "instance_id"),
        json!({
            "tips": "Copy it from the server's page", "required": 1, "length": 64, "language": "en-us",
            "param_key": "instance_id", "param_name": "Server ID", "param_type": 3,
            "param_desc": "The server that has the problem", "default_value": "", "max_value": 0, "min_value": 0,
            "select_item": "", "is_show": 1, "is_sensitive": 0,
        })
    );
    let password = row(fields, "param_key", "login_password");
    assert_eq!((&password["is_sensitive"], &password["required"]), (&json!(1), &json!(0)));
    let port = row(fields, "param_key", "login_port");
    assert_eq!((&port["param_type"], &port["min_value"], &port["max_value"]), (&json!(1), &json!(1), &json!(65535)));
    assert_eq!(port["default_value"], "22");
    let os = row(fields, "param_key", "os")["select_item"].as_str().unwrap().to_owned();
    let os: serde_json::Value = serde_json::from_str(&os).unwrap();
    assert_eq!(os[0], json!({ "key": "linux", "value": "Linux" }));
    assert_eq!(
        en["common_params"],
        json!([{ "param_key": "project_id", "param_name": "Project", "is_show": 1, "is_required": 0 }])
    );
    let zh = chinese(&app, "config/extends-map?business_type_id=ecs.login-failed").await;
    let server = row(&zh["extends_params"], "param_key", "instance_id");
    assert_eq!((&server["param_name"], &server["language"]), (&json!("服务器 ID"), &json!("zh-cn")));
    assert_eq!(zh["common_params"][0]["param_name"], "项目");
}

#[tokio::test]
async fn a_consultation_requires_nothing() {
    let app = TestApp::start().await;
    let problems = english(&app, "config/problems").await;
    for problem in problems["incident_business_type_list"].as_array().unwrap() {
        let id = problem["business_type_id"].as_str().unwrap();
        let fields = english(&app, &format!("config/extends-map?business_type_id={id}")).await;
        let keys = column(&fields["extends_params"], "param_key");
        assert!(keys.iter().all(|key| keys.iter().filter(|other| *other == key).count() == 1), "{id}: {keys:?}");
        let required = fields["extends_params"].as_array().unwrap().iter().any(|field| field["required"] == 1);
        assert!(!required || problem["case_type"] == "5", "{id}");
    }
}

#[tokio::test]
async fn product_and_category_must_fit_when_they_are_given() {
    let app = TestApp::start().await;
    let fields = async |more: &str| {
        let target = format!("config/extends-map?business_type_id=ecs.login-failed{more}");
        english(&app, &target).await["extends_params"].as_array().unwrap().len()
    };
    let all = fields("").await;
    assert!(all > 3);
    assert_eq!(fields("&product_category_id=ecs&incident_sub_type_id=compute").await, all);
    assert_eq!(fields("&product_category_id=bms").await, 0);
    assert_eq!(fields("&incident_sub_type_id=storage").await, 0);
}

#[tokio::test]
async fn ids_are_bounded() {
    let app = TestApp::start().await;
    let id = |length: usize| "x".repeat(length);
    for name in ["business_type_id", "product_category_id", "incident_sub_type_id"] {
        let target = |length| match name {
            "business_type_id" => format!("config/extends-map?business_type_id={}", id(length)),
            _ => format!("config/extends-map?business_type_id=ecs.usage&{name}={}", id(length)),
        };
        for length in [1, 64] {
            assert_eq!(english(&app, &target(length)).await["extends_params"], json!([]));
        }
        for length in [0, 65] {
            refused(&app, &target(length), name).await;
        }
    }
    refused(&app, "config/extends-map", "business_type_id").await;
    refused(&app, "config/extends-map?product_category_id=ecs", "business_type_id").await;
}
