//! Who owns a case: decided when it is submitted, and kept whatever changes later.

use super::PETE;
use crate::support::TestApp;
use crate::support::cases::{consultation, fault};
use crate::support::people::{ALICE, BOB, MALLORY};
use counterfoil::partners::PartnerKind;
use serde_json::json;

#[tokio::test]
async fn the_partner_that_passes_every_guard_owns_a_new_case() {
    let test = TestApp::start().await;
    let owner = async |id: &str| test.detail(&ALICE, id).await["business_ownership"].as_i64().unwrap();
    let before = test.case(&BOB).await;
    test.partners(PartnerKind::Reseller).await;
    assert_eq!(owner(&test.case(&BOB).await).await, 0, "nobody is linked");
    test.link("acme", "reseller").await;
    let linked = test.case(&BOB).await;
    assert_eq!(owner(&linked).await, 1);
    let desk = test.desk_detail(&crate::support::people::ERIN, &linked).await;
    let reseller = test.account_id(&PETE).await;
    assert_eq!((&desk["business_ownership"], &desk["partner_id"]), (&json!(1), &json!(reseller)));
    let foreign = test.case(&MALLORY).await;
    assert_eq!(test.detail(&MALLORY, &foreign).await["business_ownership"], 0);

    test.allow("reseller", false).await;
    assert_eq!(owner(&test.case(&BOB).await).await, 0, "off the allow list");
    test.allow("reseller", true).await;
    test.take_only("reseller", "storage").await;
    assert_eq!(owner(&test.case_of(&BOB, &fault("it is down")).await).await, 0, "not a category that it takes");
    test.buy_plan().await;
    assert_eq!(owner(&test.case(&BOB).await).await, 0, "the plan was bought from the provider");
    test.unlink("acme").await;
    assert_eq!((owner(&before).await, owner(&linked).await), (0, 1), "what was decided stays");
    test.assert_sound().await;
}

#[tokio::test]
async fn a_bought_plan_leaves_new_cases_to_the_provider() {
    let test = TestApp::start().await;
    test.partners(PartnerKind::Reseller).await;
    test.link("acme", "reseller").await;
    test.buy_plan().await;
    let id = test.case(&BOB).await;
    assert_eq!(test.detail(&BOB, &id).await["business_ownership"], 0);
}

#[tokio::test]
async fn a_case_about_a_commodity_is_the_isv_s() {
    let test = TestApp::start().await;
    test.partners(PartnerKind::Isv).await;
    test.sell("reseller", "goods-1").await;
    let submit = async |commodity: serde_json::Value| {
        let mut body = consultation("about what I bought");
        body["extension_map"] = json!({"commodity_id": commodity});
        let id = test.case_of(&BOB, &body).await;
        test.detail(&BOB, &id).await
    };
    let sold = submit(json!("goods-1")).await;
    assert_eq!((&sold["business_ownership"], &sold["ext_info"]["commodity_id"]), (&json!(2), &json!("goods-1")));
    assert_eq!(submit(json!("goods-2")).await["business_ownership"], 0);
    assert_eq!(submit(json!(7)).await["business_ownership"], 0);
    let listed = test.get("/desk/v1/cases").by(&PETE).send().await.ok();
    assert_eq!((&listed["total_count"], &listed["cases"][0]["case_id"]), (&json!(1), &sold["incident_id"]));
    let id = sold["incident_id"].as_str().unwrap();
    test.desk(&PETE, id, "accept", &json!({})).await.ok();
    test.allow("reseller", false).await;
    assert_eq!(submit(json!("goods-1")).await["business_ownership"], 0);
}
