//! `GET /v3/auth/domains`.

use super::needs_a_login;
use crate::support::TestApp;
use crate::support::people::{ALICE, BOB, ERIN, MALLORY};
use serde_json::json;

#[tokio::test]
async fn everybody_sees_his_own_account_only() {
    let app = TestApp::start().await;
    for person in [ALICE, BOB, MALLORY, ERIN] {
        let id = app.account_id(&person).await;
        let answer = app.get("/v3/auth/domains").by(&person).send().await;
        assert!(answer.header("x-iam-trace-id").is_some());
        let domain = json!({"id": id, "name": person.account, "enabled": true, "description": "",
            "links": {"self": format!("http://counterfoil.test/v3/domains/{id}")}});
        let links = json!({"self": "http://counterfoil.test/v3/auth/domains"});
        assert_eq!(answer.ok(), json!({"domains": [domain], "links": links}));
    }
    needs_a_login(&app, "/v3/auth/domains").await;
}

#[tokio::test]
async fn links_start_with_the_public_address() {
    let app = TestApp::start_with(|config| config.public_url = "https://tickets.example.test".to_owned()).await;
    let answer = app.get("/v3/auth/domains").by(&ALICE).send().await.ok();
    assert_eq!(answer["links"]["self"], "https://tickets.example.test/v3/auth/domains");
}
