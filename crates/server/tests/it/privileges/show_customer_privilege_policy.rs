//! `ShowCustomerPrivilegePolicy`.

use super::POLICY;
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, ERIN, MALLORY};
use counterfoil::privileges::Privilege;
use serde_json::json;

#[tokio::test]
async fn it_tells_where_the_switches_stand() {
    let test = TestApp::start().await;
    let ask = async |query: &str| test.get(&format!("{POLICY}{query}")).by(&BOB).english().send().await;
    assert_eq!(ask("").await.ok(), json!({"policy_switch": false}));
    test.switch(&ALICE, Privilege::CreateCase, true).await.ok();
    assert_eq!(ask("").await.ok(), json!({"policy_switch": true}));
    assert_eq!(ask("?privilege=createCase").await.ok(), json!({"policy_switch": true}));
    assert_eq!(ask("?privilege=export").await.ok(), json!({"policy_switch": false}));
    test.switch(&ALICE, Privilege::Export, true).await.ok();
    test.switch(&ALICE, Privilege::CreateCase, false).await.ok();
    assert_eq!(ask("").await.ok(), json!({"policy_switch": false}));
    assert_eq!(ask("?privilege=export").await.ok(), json!({"policy_switch": true}));
    assert_eq!(test.get(&format!("{POLICY}?privilege=export")).by(&MALLORY).send().await.ok()["policy_switch"], false);
    assert_refused(&ask("?privilege=all").await, 400, "OSM.01010001", "privilege: allowed are");
    assert_refused(&ask(&format!("?privilege={}", "x".repeat(33))).await, 400, "OSM.01010001", "privilege");
    let staff = test.get(POLICY).by(&ERIN).english().send().await;
    assert_refused(&staff, 403, "OSM.01010002", "");
}
