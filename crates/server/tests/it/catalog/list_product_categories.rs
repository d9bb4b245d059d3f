//! `ListProductCategories`.

use super::{chinese, column, english, refused};
use crate::support::TestApp;
use crate::support::people::ALICE;
use serde_json::json;

async fn ids(app: &TestApp, name: &str) -> Vec<String> {
    let answer = english(app, &format!("config/product-categories?product_category_name={name}")).await;
    assert_eq!(answer["total_count"], answer["incident_product_category_list"].as_array().unwrap().len());
    column(&answer["incident_product_category_list"], "incident_product_category_id")
}

#[tokio::test]
async fn products_are_listed_in_both_languages() {
    let app = TestApp::start().await;
    let (zh, en) = (chinese(&app, "config/product-categories").await, english(&app, "config/product-categories").await);
    assert_eq!(zh["total_count"], zh["incident_product_category_list"].as_array().unwrap().len());
    assert!(zh["total_count"].as_i64().unwrap() >= 30);
    let field = "incident_product_category_name";
    assert_eq!(zh["incident_product_category_list"][0][field], "弹性云服务器");
    assert_eq!(en["incident_product_category_list"][0][field], "Elastic Cloud Server");
}

#[tokio::test]
async fn a_part_of_the_name_or_short_name_finds_a_product() {
    let app = TestApp::start().await;
    assert_eq!(ids(&app, "ECS").await, ["ecs"]);
    assert_eq!(ids(&app, "ecs").await, ["ecs"]);
    assert_eq!(ids(&app, "elastic+cloud").await, ["ecs"]);
    assert_eq!(ids(&app, "%E5%BC%B9%E6%80%A7%E4%BA%91").await, ["ecs"], "the Chinese name, whatever the language");
    assert!(ids(&app, "").await.len() >= 30);
    assert!(ids(&app, "no+such+product").await.is_empty());
    assert!(ids(&app, "%25").await.is_empty(), "nothing is a wildcard");
}

#[tokio::test]
async fn names_are_bounded() {
    let app = TestApp::start().await;
    let face = "%F0%9F%99%82";
    assert!(ids(&app, &face.repeat(64)).await.is_empty());
    refused(
        &app,
        &format!("config/product-categories?product_category_name={}", face.repeat(65)),
        "product_category_name",
    )
    .await;
    let token = app.token(&ALICE).await;
    let target = "/v2/servicerequest/config/product-categories?product_category_name=%FF";
    let answer = app.get(target).token(&token).send().await;
    assert_eq!((answer.status, answer.json["error_code"].clone()), (400, json!("OSM.0001")));
}
