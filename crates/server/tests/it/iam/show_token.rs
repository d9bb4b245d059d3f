//! `GET /v3/auth/tokens`.

use super::{needs_a_login, refused};
use crate::support::TestApp;
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};
use serde_json::json;

#[tokio::test]
async fn a_user_reads_his_own_token_and_an_administrator_those_of_his_account() {
    let app = TestApp::start().await;
    let (alice, bob, carol) = (app.token(&ALICE).await, app.token(&BOB).await, app.token(&CAROL).await);
    for (caller, subject, name) in [(&bob, &bob, "bob"), (&alice, &carol, "carol")] {
        let answer = app.get("/v3/auth/tokens").token(caller).header("x-subject-token", subject).send().await;
        assert_eq!(answer.header("x-subject-token"), Some(subject.as_str()));
        let body = answer.ok();
        assert_eq!(body["token"]["user"]["name"], name);
        assert_eq!(body["token"]["methods"], json!(["password"]));
        assert_eq!(body["token"]["catalog"].as_array().unwrap().len(), 2);
    }
    let signed = app.get("/v3/auth/tokens?nocatalog=1").header("x-subject-token", &bob).by(&BOB).send().await.ok();
    assert_eq!(signed["token"]["catalog"], json!([]));
    let other = app.get("/v3/auth/tokens").token(&bob).header("x-subject-token", &carol).send().await;
    refused(&other, 403);
}

#[tokio::test]
async fn tokens_of_others_and_dead_ones_do_not_exist() {
    let app = TestApp::start().await;
    let (alice, mallory) = (app.token(&ALICE).await, app.token(&MALLORY).await);
    let check = async |subject: &str, status: u16| {
        let answer = app.get("/v3/auth/tokens").header("x-subject-token", subject).by(&ALICE).send().await;
        refused(&answer, status);
    };
    check(&mallory, 404).await;
    check("nonsense", 404).await;
    check(&alice[1..], 404).await;
    refused(&app.get("/v3/auth/tokens").by(&ALICE).send().await, 400);
    app.advance_seconds(86_400);
    check(&alice, 404).await;
    needs_a_login(&app, "/v3/auth/tokens").await;
}
