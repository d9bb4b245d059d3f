//! `ListCustomersRegions`.

use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, ERIN, MALLORY};
use counterfoil_store::{StoreError, Tx, vals};
use serde_json::json;

const REGIONS: &str = "/v2/servicerequest/customers/regions";

#[tokio::test]
async fn the_regions_of_the_account_s_projects_in_both_languages() {
    let test = TestApp::start().await;
    let catalog = test.app.catalog.snapshot(&test.app.store).await.unwrap();
    let name = &catalog.region("cn-south-1").unwrap().name;
    for by in [ALICE, BOB, MALLORY] {
        let zh = test.get(REGIONS).by(&by).send().await.ok();
        let expected = json!({"count": 1, "region_infos": [{"region_id": "cn-south-1", "region_name": name.zh}]});
        assert_eq!(zh, expected);
        let en = test.get(REGIONS).by(&by).english().send().await.ok();
        assert_eq!(en["region_infos"][0]["region_name"], name.en);
    }
    assert_refused(&test.get(REGIONS).by(&ERIN).english().send().await, 403, "OSM.01010002", "");
}

#[tokio::test]
async fn they_are_in_the_order_of_the_catalogue_and_unknown_ones_last() {
    let test = TestApp::start().await;
    let account_id = test.account_id(&ALICE).await;
    let made = test.app.store.write(async move |tx: &mut Tx| -> Result<(), StoreError> {
        for (place, (region, enabled)) in (1..).zip([("moon-1", 1), ("cn-north-1", 1), ("ap-southeast-1", 0)]) {
            let sql = "INSERT INTO projects (account_id, project_id, name, enabled, description, created_at) \
                VALUES ($1, $2, $3, $4, '', 0)";
            tx.query_dyn(sql, &vals![account_id.as_str(), format!("{place:032}"), region, enabled]).await?;
        }
        Ok(())
    });
    made.await.unwrap();
    let found = test.get(REGIONS).by(&BOB).english().send().await.ok();
    let catalog = test.app.catalog.snapshot(&test.app.store).await.unwrap();
    let name = |id: &str| catalog.region(id).unwrap().name.en.clone();
    let expected = json!([
        {"region_id": "cn-north-1", "region_name": name("cn-north-1")},
        {"region_id": "cn-south-1", "region_name": name("cn-south-1")},
        {"region_id": "moon-1", "region_name": "moon-1"},
    ]);
    assert_eq!((&found["region_infos"], &found["count"]), (&expected, &json!(3)));
    assert_eq!(test.get(REGIONS).by(&MALLORY).send().await.ok()["count"], 1);
}
