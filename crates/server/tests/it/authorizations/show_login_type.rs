//! `ShowLoginType`.

use super::AUTHORIZATIONS;
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, ERIN, MALLORY};
use serde_json::json;

#[tokio::test]
async fn whoever_acts_for_another_account_is_assumed() {
    let test = TestApp::start().await;
    let target = format!("{AUTHORIZATIONS}/login-type");
    for person in [ALICE, BOB, MALLORY] {
        assert_eq!(test.get(&target).by(&person).send().await.ok(), json!({"login_type": ""}));
    }
    let token = test.token(&BOB).await;
    assert_eq!(test.get(&target).token(&token).send().await.ok(), json!({"login_type": ""}));
    test.agency("support", None).await;
    let role = json!({"agency_name": "support", "domain_name": "acme"});
    let body = json!({"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}});
    let answer = test.post("/v3/auth/tokens").token(&test.token(&MALLORY).await).json(&body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    let assumed = answer.header("x-subject-token").unwrap();
    assert_eq!(test.get(&target).token(assumed).send().await.ok(), json!({"login_type": "ASSUMED"}));
}

#[tokio::test]
async fn for_customers_who_are_signed_in() {
    let test = TestApp::start().await;
    let target = format!("{AUTHORIZATIONS}/login-type");
    assert_eq!(test.get(&target).send().await.status, 401);
    assert_refused(&test.get(&target).by(&ERIN).english().send().await, 403, "OSM.01010002", "");
}
