//! `ListProblemTypes`.

use super::{chinese, column, english, refused, row};
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_product_has_its_problem_types_in_both_languages() {
    let app = TestApp::start().await;
    let en = english(&app, "config/problems?product_category_id=ecs").await;
    let problems = &en["incident_business_type_list"];
    assert_eq!(en["total_count"], problems.as_array().unwrap().len());
    assert_eq!(
        row(problems, "business_type_id", "ecs.login-failed"),
        json!({
            "business_type_id": "ecs.login-failed", "business_type_name": "Cannot log in to the server",
            "case_type": "5", "can_use_support_plan": true,
        })
    );
    let pricing = row(problems, "business_type_id", "ecs.pricing");
    assert_eq!((&pricing["case_type"], &pricing["can_use_support_plan"]), (&json!("0"), &json!(false)));
    let zh = chinese(&app, "config/problems?product_category_id=ecs").await;
    let login = row(&zh["incident_business_type_list"], "business_type_id", "ecs.login-failed");
    assert_eq!(login["business_type_name"], "无法登录服务器");
}

#[tokio::test]
async fn an_id_belongs_to_one_product_and_every_product_has_both_kinds() {
    let app = TestApp::start().await;
    let mut all = column(&english(&app, "config/problems").await["incident_business_type_list"], "business_type_id");
    let products = english(&app, "config/product-categories").await;
    let mut by_product = Vec::new();
    for product in column(&products["incident_product_category_list"], "incident_product_category_id") {
        let answer = english(&app, &format!("config/problems?product_category_id={product}")).await;
        let kinds = column(&answer["incident_business_type_list"], "case_type");
        assert!(kinds.contains(&"0".to_owned()) && kinds.contains(&"5".to_owned()), "{product}");
        by_product.extend(column(&answer["incident_business_type_list"], "business_type_id"));
    }
    all.sort();
    by_product.sort();
    assert_eq!(all, by_product);
    all.dedup();
    assert_eq!(all.len(), by_product.len());
}

#[tokio::test]
async fn a_category_narrows_the_list() {
    let app = TestApp::start().await;
    let ids = async |query: &str| {
        let answer = english(&app, &format!("config/problems?{query}")).await;
        column(&answer["incident_business_type_list"], "business_type_id")
    };
    let database = ids("incident_sub_type_id=database").await;
    assert!(database.contains(&"rds.slow".to_owned()) && !database.contains(&"ecs.slow".to_owned()));
    assert_eq!(ids("incident_sub_type_id=compute&product_category_id=ecs").await, ids("product_category_id=ecs").await);
    assert!(ids("incident_sub_type_id=database&product_category_id=ecs").await.is_empty());
    assert!(ids("incident_sub_type_id=").await.len() > 100);
}

#[tokio::test]
async fn unknown_ids_have_none_and_long_ones_are_refused() {
    let app = TestApp::start().await;
    for (name, longest) in [("product_category_id", 64), ("incident_sub_type_id", 32)] {
        for length in [1, longest] {
            let answer = english(&app, &format!("config/problems?{name}={}", "x".repeat(length))).await;
            assert_eq!(answer, json!({ "total_count": 0, "incident_business_type_list": [] }));
        }
        refused(&app, &format!("config/problems?{name}={}", "x".repeat(longest + 1)), name).await;
    }
    refused(&app, "config/problems?product_category_id=", "product_category_id").await;
}
