//! `GET /v3/auth/projects`.

use super::{column, needs_a_login};
use crate::support::TestApp;
use crate::support::people::{BOB, MALLORY};

#[tokio::test]
async fn everybody_sees_the_projects_of_his_account() {
    let app = TestApp::start().await;
    let own = app.get("/v3/auth/projects").by(&BOB).send().await.ok();
    assert_eq!(column(&own["projects"], "name"), ["cn-south-1"]);
    assert_eq!(own["projects"][0]["domain_id"], app.account_id(&BOB).await.as_str());
    assert_eq!(own["links"]["self"], "http://counterfoil.test/v3/auth/projects");
    let theirs = app.get("/v3/auth/projects").by(&MALLORY).send().await.ok();
    assert_ne!(own["projects"][0]["id"], theirs["projects"][0]["id"]);
    needs_a_login(&app, "/v3/auth/projects").await;
}
