//! `ListRegions`.

use super::{chinese, column, english, row};
use crate::support::TestApp;
use crate::support::people::ALICE;
use serde_json::json;

#[tokio::test]
async fn regions_are_listed_in_both_languages() {
    let app = TestApp::start().await;
    let zh = chinese(&app, "config/regions").await;
    let regions = &zh["data_center_list"];
    assert_eq!(zh["total_count"], regions.as_array().unwrap().len());
    assert_eq!(
        regions[0],
        json!({ "type": 0, "region_id": "cn-north-1", "region_name": "华北-北京一", "is_sensitive": 0 })
    );
    let en = english(&app, "config/regions").await;
    assert_eq!(
        row(&en["data_center_list"], "region_id", "eu-west-101"),
        json!({ "type": 2, "region_id": "eu-west-101", "region_name": "Europe-Dublin", "is_sensitive": 1 })
    );
    assert_eq!(row(&en["data_center_list"], "region_id", "af-south-1")["type"], 1);
}

#[tokio::test]
async fn the_international_site_sees_its_own_regions_first() {
    let app = TestApp::start().await;
    let ids = async |site: &str| {
        let answer = app.get("/v2/servicerequest/config/regions").header("x-site", site).by(&ALICE).send().await.ok();
        column(&answer["data_center_list"], "region_id")
    };
    let (china, international) = (ids("0").await, ids("1").await);
    assert_eq!(china[0], "cn-north-1");
    assert_eq!(international[0], "ap-southeast-1");
    assert_eq!(china.len(), international.len());
    for bad in ["2", "-1", "x"] {
        let answer =
            app.get("/v2/servicerequest/config/regions").header("x-site", bad).english().by(&ALICE).send().await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "OSM.01010001"));
        assert!(answer.message().contains("X-Site"), "{}", answer.message());
    }
}
