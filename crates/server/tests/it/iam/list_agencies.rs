//! `ListAgencies`.

use super::agency;
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, ERIN, MALLORY, name};
use counterfoil::iam::{self, AdminError};
use counterfoil_store::Tx;
use serde_json::json;

const AGENCIES: &str = "/v2/servicerequest/agencies";

#[tokio::test]
async fn those_that_have_not_ended_are_listed() {
    let app = TestApp::start().await;
    assert_eq!(app.get(AGENCIES).by(&BOB).send().await.ok(), json!({"total_count": 0, "agency_list": []}));
    let support = agency(&app, &[], Some(600)).await;
    let now = app.app.clock.now();
    let work = async move |tx: &mut Tx| -> Result<_, AdminError> {
        let acme = iam::load_account(tx, "acme").await?;
        let provider = iam::load_account(tx, "provider").await?;
        iam::create_agency(tx, &acme.id, &name("engineers"), &provider.id, &[], None, now).await
    };
    let engineers = app.app.store.write(work).await.unwrap();
    let listed = app.get(AGENCIES).by(&BOB).send().await.ok();
    let provider = app.account_id(&ERIN).await;
    let expected = json!({"total_count": 2, "agency_list": [
        {"id": engineers, "name": "engineers", "duration": "", "trust_domain_name": "provider",
         "trust_domain_id": provider, "create_time": "2026-01-05T09:30:15Z", "expire_time": ""},
        {"id": support, "name": "support", "duration": "1", "trust_domain_name": "other",
         "trust_domain_id": app.account_id(&MALLORY).await, "create_time": "2026-01-05T09:30:15Z",
         "expire_time": "2026-01-05T09:40:15Z"},
    ]});
    assert_eq!(listed, expected);
    assert_eq!(app.get(AGENCIES).by(&ALICE).send().await.ok(), expected);
    assert_eq!(app.get(AGENCIES).by(&MALLORY).send().await.ok()["total_count"], 0, "the trusted account has none");

    let role = json!({"agency_name": "support", "domain_name": "acme"});
    let body = json!({"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}});
    let assumed = app.post("/v3/auth/tokens").json(&body).by(&MALLORY).send().await;
    let token = assumed.header("x-subject-token").unwrap();
    let own = app.get(AGENCIES).token(token).send().await.ok();
    assert_eq!((&own["total_count"], &own["agency_list"][0]["name"]), (&json!(1), &json!("support")));

    app.advance_seconds(600);
    let left = app.get(AGENCIES).by(&BOB).send().await.ok();
    assert_eq!((&left["total_count"], &left["agency_list"][0]["name"]), (&json!(1), &json!("engineers")));
    assert_refused(&app.get(AGENCIES).by(&ERIN).english().send().await, 403, "OSM.01010002", "");
}
