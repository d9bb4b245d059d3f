//! `ShowPartnersServiceInfo`.

use super::PETE;
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, ERIN, MALLORY};
use counterfoil::partners::PartnerKind;
use serde_json::json;

const SERVICE: &str = "/v2/servicerequest/cases/partners/service-info";

#[tokio::test]
async fn the_linked_partner_tells_its_hours() {
    let test = TestApp::start().await;
    let ask = async |by, query: &str| test.get(&format!("{SERVICE}?{query}")).by(by).english().send().await;
    let nobody = json!({"partners_service_info": {}});
    assert_eq!(ask(&BOB, "").await.ok(), nobody);
    test.partners(PartnerKind::Reseller).await;
    assert_eq!(ask(&BOB, "").await.ok(), nobody, "not linked yet");
    test.link("acme", "reseller").await;
    let info = json!({"partners_service_info": {
        "customer_id": test.account_id(&PETE).await, "customer_name": "reseller", "service_time_zone": "GMT+08:00",
        "service_time_day": "5", "service_time_hour": "09:00-18:00",
    }});
    for by in [&ALICE, &BOB] {
        assert_eq!(ask(by, "").await.ok(), info);
    }
    assert_eq!(ask(&MALLORY, "").await.ok(), nobody);
    assert_eq!(ask(&BOB, "case_sub_type_id=compute").await.ok(), info, "it takes everything");
    test.take_only("reseller", "compute").await;
    assert_eq!(ask(&BOB, "case_sub_type_id=compute").await.ok(), info);
    assert_eq!(ask(&BOB, "case_sub_type_id=storage").await.ok(), nobody);
    test.allow("reseller", false).await;
    assert_eq!(ask(&BOB, "").await.ok(), nobody);
    for field in ["case_sub_type_id", "product_id"] {
        let long = ask(&BOB, &format!("{field}={}", "x".repeat(65))).await;
        assert_refused(&long, 400, "OSM.01010001", field);
    }
    assert_refused(&ask(&ERIN, "").await, 403, "OSM.01010002", "");
}

#[tokio::test]
async fn a_commodity_is_served_by_who_sells_it() {
    let test = TestApp::start().await;
    test.partners(PartnerKind::Isv).await;
    test.sell("reseller", "goods-1").await;
    let ask = async |query: &str| test.get(&format!("{SERVICE}?{query}")).by(&BOB).send().await.ok();
    assert_eq!(ask("product_id=goods-1").await["partners_service_info"]["customer_name"], "reseller");
    assert_eq!(ask("product_id=goods-2").await, json!({"partners_service_info": {}}));
    assert_eq!(ask("").await, json!({"partners_service_info": {}}));
}
