//! `ShowPartnersCasesPrivilege`.

use super::{PAULA, PETE};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, ERIN};
use counterfoil::partners::PartnerKind;
use serde_json::json;

const PRIVILEGE: &str = "/v2/servicerequest/cases/partners/privilege/cases-processing";

#[tokio::test]
async fn partners_on_the_allow_list_have_it() {
    let test = TestApp::start().await;
    let ask = async |by| test.get(PRIVILEGE).by(by).english().send().await;
    assert_eq!(ask(&ALICE).await.ok(), json!({"has_privilege": false}));
    test.partners(PartnerKind::Reseller).await;
    for by in [&PAULA, &PETE] {
        assert_eq!(ask(by).await.ok(), json!({"has_privilege": true}));
    }
    assert_eq!(ask(&ALICE).await.ok()["has_privilege"], false);
    test.allow("reseller", false).await;
    assert_eq!(ask(&PETE).await.ok()["has_privilege"], false);
    test.allow("reseller", true).await;
    assert_eq!(ask(&PETE).await.ok()["has_privilege"], true);
    assert_refused(&ask(&ERIN).await, 403, "OSM.01010002", "");
}
