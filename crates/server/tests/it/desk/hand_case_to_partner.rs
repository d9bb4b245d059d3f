//! `HandCaseToPartner`.

use crate::partners::{PAULA, PETE, QUINN};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, ERIN, LEO};
use counterfoil::partners::PartnerKind;
use serde_json::json;

#[tokio::test]
async fn a_case_goes_to_the_customer_s_partner() {
    let test = TestApp::start().await;
    test.partners(PartnerKind::Reseller).await;
    let (reseller, pete) = (test.account_id(&PETE).await, test.user_id(&PETE).await);
    let (first, second) = (test.case(&BOB).await, test.case(&BOB).await);
    test.link("acme", "reseller").await;
    assert_refused(&test.desk(&PETE, &first, "accept", &json!({})).await, 404, "OSM.01010015", "");
    test.desk(&ERIN, &first, "partner", &json!({})).await.ok();
    assert_eq!(test.detail(&BOB, &first).await["business_ownership"], 1);
    assert_eq!(test.log(&first).await, [0, 23]);
    test.desk(&PETE, &first, "accept", &json!({})).await.ok();

    test.accept(&second).await;
    let nobody = test.desk(&LEO, &second, "partner", &json!({"partner_id": reseller})).await;
    assert_refused(&nobody, 400, "OSM.01010001", "handler_id: it is mandatory");
    test.desk(&LEO, &second, "partner", &json!({"partner_id": reseller, "handler_id": pete})).await.ok();
    let detail = test.desk_detail(&PETE, &second).await;
    assert_eq!((&detail["assignee_name"], &detail["status"]), (&json!("pete"), &json!(1)));
    let event = test.rows("SELECT payload FROM events WHERE kind = 'case.handed_to_partner'").await;
    assert_eq!(event.len(), 2);
    test.assert_sound().await;
}

#[tokio::test]
async fn every_guard_has_its_code() {
    let test = TestApp::start().await;
    test.partners(PartnerKind::Reseller).await;
    let id = test.case(&BOB).await;
    let (another, quinn, paula) =
        (test.account_id(&QUINN).await, test.user_id(&QUINN).await, test.user_id(&PAULA).await);
    let acme = test.account_id(&ALICE).await;
    let hand = async |body: serde_json::Value| test.desk(&ERIN, &id, "partner", &body).await;
    assert_refused(&hand(json!({})).await, 400, "OSM.01010055", "has no partner");
    test.link("acme", "reseller").await;
    test.allow("reseller", false).await;
    assert_refused(&hand(json!({})).await, 403, "OSM.01010056", "allow list");
    test.allow("reseller", true).await;
    for nobody in [json!(acme), json!("x"), json!("00000000000000000000000000000000")] {
        assert_refused(&hand(json!({"partner_id": nobody})).await, 404, "OSM.01010057", "does not exist");
    }
    assert_refused(&hand(json!({"partner_id": another})).await, 403, "OSM.01010058", "does not belong");
    for stranger in [json!(quinn), json!(paula), json!("x")] {
        assert_refused(&hand(json!({"handler_id": stranger})).await, 403, "OSM.01010058", "does not belong");
    }
    test.take_only("reseller", "no-such-category").await;
    assert_refused(&hand(json!({})).await, 409, "OSM.01010061", "cannot process");
    test.buy_plan().await;
    assert_refused(&hand(json!({})).await, 409, "OSM.01010059", "support plan");
    assert_eq!(test.log(&id).await, [0], "nothing was written");
    let long = "x".repeat(65);
    for field in ["partner_id", "handler_id"] {
        assert_refused(&hand(json!({field: long})).await, 400, "OSM.01010001", field);
        assert_refused(&hand(json!({field: 7})).await, 400, "OSM.0001", field);
    }
    test.act(&BOB, &id, "cancel").await.ok();
    assert_refused(&hand(json!({})).await, 409, "OSM.01019001", "");
    for by in [&BOB, &PETE] {
        assert_refused(&test.desk(by, &id, "partner", &json!({})).await, 403, "OSM.01010002", "");
    }
}
