//! `ListCaseCategories`.

use super::{chinese, column, english, row};
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn categories_hold_their_products_in_both_languages() {
    let app = TestApp::start().await;
    let en = english(&app, "config/categories").await;
    let categories = &en["incident_sub_type_list"];
    assert_eq!(en["total_count"], categories.as_array().unwrap().len());
    assert!(categories.as_array().unwrap().len() >= 6);
    let compute = row(categories, "incident_sub_type_id", "compute");
    assert_eq!(compute["incident_sub_type_name"], "Compute and containers");
    assert_eq!(
        compute["incident_product_category_list"][0],
        json!({
            "incident_product_category_id": "ecs",
            "incident_product_category_name": "Elastic Cloud Server",
            "incident_product_category_desc": "Virtual servers that are opened on demand and resized at any time",
            "incident_product_category_acronym": "ECS",
            "can_use_support_plan": true,
        })
    );
    let business = row(categories, "incident_sub_type_id", "business");
    assert_eq!(business["incident_product_category_list"][0]["can_use_support_plan"], false);
    let zh = chinese(&app, "config/categories").await;
    let compute = row(&zh["incident_sub_type_list"], "incident_sub_type_id", "compute");
    assert_eq!(compute["incident_sub_type_name"], "计算与容器");
    assert_eq!(compute["incident_product_category_list"][0]["incident_product_category_name"], "弹性云服务器");
}

#[tokio::test]
async fn every_product_stands_in_one_category() {
    let app = TestApp::start().await;
    let en = english(&app, "config/categories").await;
    let mut in_categories: Vec<String> = (en["incident_sub_type_list"].as_array().unwrap().iter())
        .flat_map(|category| column(&category["incident_product_category_list"], "incident_product_category_id"))
        .collect();
    let all = english(&app, "config/product-categories").await;
    let mut all = column(&all["incident_product_category_list"], "incident_product_category_id");
    all.sort();
    in_categories.sort();
    assert_eq!(in_categories, all);
}
