//! The catalogue: what a form is filled from, in both languages, and replacing all of it.

mod list_area_codes;
mod list_case_categories;
mod list_case_limits;
mod list_case_templates;
mod list_customers_regions;
mod list_extends_params;
mod list_problem_types;
mod list_product_categories;
mod list_regions;
mod list_satisfaction_dimensions;
mod list_severities;
mod show_accessory_limits;
mod show_configuration;
mod transfer;

use crate::support::people::{ALICE, ERIN, MALLORY};
use crate::support::{Answer, TestApp};
use serde_json::Value;

/// A query of the catalogue as a customer sends it.
async fn ask(app: &TestApp, target: &str, lang: &str) -> Answer {
    app.get(&format!("/v2/servicerequest/{target}")).header("x-language", lang).by(&ALICE).send().await
}

async fn chinese(app: &TestApp, target: &str) -> Value {
    ask(app, target, "zh-cn").await.ok()
}

async fn english(app: &TestApp, target: &str) -> Value {
    ask(app, target, "en-us").await.ok()
}

/// The query must be refused because of this parameter.
async fn refused(app: &TestApp, target: &str, field: &str) {
    let answer = ask(app, target, "en-us").await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "OSM.01010001"), "{target}: {}", answer.json);
    assert!(answer.message().contains(field), "{target}: {}", answer.message());
}

/// The texts of one field of all rows.
fn column(rows: &Value, field: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

/// The row in which a field has this value.
fn row(rows: &Value, field: &str, value: &str) -> Value {
    rows.as_array().unwrap().iter().find(|row| row[field] == value).unwrap_or(&Value::Null).clone()
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Everything but the public configuration, which anybody may read.
const QUERIES: [&str; 11] = [
    "config/area-codes",
    "config/categories",
    "config/extends-map?business_type_id=ecs.login-failed",
    "config/limits",
    "config/problems",
    "config/product-categories",
    "config/regions",
    "config/satisfaction-dimensions",
    "config/severities?product_category_id=ecs&business_type_id=ecs.login-failed",
    "config/templates?business_type_id=ecs.login-failed",
    "accessorys/limits",
];

#[tokio::test]
async fn every_user_and_staff_see_the_same_and_nobody_else_does() {
    let app = TestApp::start().await;
    for query in QUERIES {
        let target = format!("/v2/servicerequest/{query}");
        let answer = app.get(&target).send().await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "APIGW.0301"), "{query}");
        let seen = app.get(&target).by(&ALICE).send().await.ok();
        for person in [MALLORY, ERIN] {
            assert_eq!(app.get(&target).by(&person).send().await.ok(), seen, "{query} {person:?}");
        }
        assert_eq!(app.post(&target).by(&ALICE).send().await.code(), "APIGW.0101", "{query}");
    }
}
