//! `ListSatisfactionDimensions`.

use super::{chinese, english};
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn dimensions_are_listed_in_both_languages() {
    let app = TestApp::start().await;
    let en = english(&app, "config/satisfaction-dimensions").await;
    let dimensions = en["satisfaction_dimension_list"].as_array().unwrap();
    assert_eq!(en["total_count"], dimensions.len());
    assert_eq!(
        dimensions[0],
        json!({
            "value": 5, "satisfaction_id": 1, "satisfaction_name": "Speed of response",
            "satisfaction_desc": "How soon you were answered, at first and afterwards", "per_value": 1,
            "sat_category_id": "service",
        })
    );
    let zh = chinese(&app, "config/satisfaction-dimensions").await;
    assert_eq!(zh["satisfaction_dimension_list"][0]["satisfaction_name"], "响应速度");
}
