//! `ListAreaCodes`.

use super::{chinese, english, is_chinese};
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn every_country_has_its_code_in_both_languages() {
    let app = TestApp::start().await;
    let zh = chinese(&app, "config/area-codes").await;
    let en = english(&app, "config/area-codes").await;
    assert_eq!(zh["area_code_list"][0], json!({ "id": 1, "area_code": "86", "area_name": "中国" }));
    assert_eq!(en["area_code_list"][0], json!({ "id": 1, "area_code": "86", "area_name": "China" }));
    let (zh, en) = (zh["area_code_list"].as_array().unwrap(), en["area_code_list"].as_array().unwrap());
    assert!(zh.len() >= 240 && zh.len() == en.len());
    for (zh, en) in zh.iter().zip(en) {
        assert_eq!((&zh["id"], &zh["area_code"]), (&en["id"], &en["area_code"]));
        assert!(
            is_chinese(zh["area_name"].as_str().unwrap()) && !is_chinese(en["area_name"].as_str().unwrap()),
            "{zh}"
        );
        assert!(zh["area_code"].as_str().unwrap().bytes().all(|b| b.is_ascii_digit()), "{zh}");
    }
    let ids: Vec<i64> = zh.iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]));
    for (name, code) in [("Iceland", "354"), ("United States", "1"), ("Jamaica", "1876"), ("Kazakhstan", "7")] {
        assert!(en.iter().any(|row| row["area_name"] == name && row["area_code"] == code), "{name}");
    }
}
