//! `POST /v3.0/OS-CREDENTIAL/securitytokens`.

use super::{agency, refused};
use crate::support::people::{ALICE, BOB, MALLORY, SECRET};
use crate::support::{Answer, Call, TestApp};
use counterfoil::iam::Role;
use serde_json::{Value, json};

fn by_token(token: &Value) -> Value {
    json!({"auth": {"identity": {"methods": ["token"], "token": token}}})
}

fn post(app: &TestApp) -> Call<'_> {
    app.post("/v3.0/OS-CREDENTIAL/securitytokens").english()
}

/// Access key, secret key and security token of an answer.
fn key(answer: &Answer) -> [String; 3] {
    assert_eq!(answer.status, 201, "{}", answer.json);
    ["access", "secret", "securitytoken"].map(|name| answer.json["credential"][name].as_str().unwrap().to_owned())
}

async fn who(app: &TestApp, key: &[String; 3]) -> Answer {
    app.get("/v5/caller-identity").english().signed_temporarily(&key[0], &key[1], &key[2]).send().await
}

#[tokio::test]
async fn a_temporary_key_signs_until_it_ends() {
    let app = TestApp::start().await;
    let token = app.token(&BOB).await;
    let answer = post(&app).json(&by_token(&json!({"id": token}))).send().await;
    assert_eq!(answer.json["credential"]["expires_at"], "2026-01-05T09:45:15.000000Z");
    let own = key(&answer);
    assert!(own[2].len() < 1_000);
    assert_eq!(who(&app, &own).await.ok()["principal_id"], json!(app.user_id(&BOB).await));
    app.advance_seconds(899);
    who(&app, &own).await.ok();
    app.advance_seconds(1);
    refused(&who(&app, &own).await, 401);
}

#[tokio::test]
async fn the_key_must_come_with_its_own_token() {
    let app = TestApp::start().await;
    let token = app.token(&BOB).await;
    let one = key(&post(&app).json(&by_token(&json!({"id": token}))).send().await);
    let two = key(&post(&app).json(&by_token(&json!({"id": token}))).send().await);
    let [access, secret, security_token] = one.clone();
    let call = || app.get("/v5/caller-identity").english();
    refused(&call().signed(&access, &secret).send().await, 401);
    refused(&call().signed_temporarily(&access, &secret, &two[2]).send().await, 401);
    refused(&call().signed_temporarily(&access, &two[1], &security_token).send().await, 401);
    refused(&call().signed_temporarily(BOB.access, SECRET, &security_token).send().await, 401);
    refused(&call().signed_temporarily(&access, &secret, &token).send().await, 401);
    // A token that is not part of the signature could have been put there by anybody.
    let unsigned = call().signed(&access, &secret).unsigned_header("x-security-token", &security_token).send().await;
    refused(&unsigned, 401);
    who(&app, &one).await.ok();
    assert_eq!(who(&app, &one).await.status, 200);
    refused(&call().token(&security_token).send().await, 401);
}

#[tokio::test]
async fn the_caller_himself_is_taken_when_no_token_is_named() {
    let app = TestApp::start().await;
    let signed = key(&post(&app).json(&by_token(&json!({"duration_seconds": 86_400}))).by(&BOB).send().await);
    assert_eq!(who(&app, &signed).await.ok()["principal_id"], json!(app.user_id(&BOB).await));
    let body = json!({"auth": {"identity": {"methods": ["token"]}}});
    let by_header = key(&post(&app).json(&body).token(&app.token(&ALICE).await).send().await);
    assert_eq!(who(&app, &by_header).await.ok()["principal_id"], json!(app.user_id(&ALICE).await));
    // A temporary key gives another one that ends no later.
    let body = by_token(&json!({"duration_seconds": 86_400}));
    app.advance_seconds(60);
    let next = post(&app).json(&body).signed_temporarily(&signed[0], &signed[1], &signed[2]).send().await;
    assert_eq!(next.json["credential"]["expires_at"], "2026-01-06T09:30:15.000000Z");
    who(&app, &key(&next)).await.ok();

    // It ends with the permanent key behind it, at once.
    let target = format!("/v3.0/OS-CREDENTIAL/credentials/{}", BOB.access);
    app.put(&target).json(&json!({"credential": {"status": "inactive"}})).by(&ALICE).send().await.ok();
    refused(&who(&app, &signed).await, 401);
    refused(&who(&app, &key(&next)).await, 401);
    who(&app, &by_header).await.ok();
}

#[tokio::test]
async fn an_agency_gives_temporary_keys_too() {
    let app = TestApp::start().await;
    agency(&app, &[Role::TicketAdministrator], Some(1_000)).await;
    let role = json!({"agency_name": "support", "domain_id": app.account_id(&ALICE).await, "duration_seconds": 3_600});
    let body = json!({"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}});
    let answer = post(&app).json(&body).by(&MALLORY).send().await;
    assert_eq!(answer.json["credential"]["expires_at"], "2026-01-05T09:46:55.000000Z", "no longer than the agency");
    assert_eq!(who(&app, &key(&answer)).await.ok()["account_id"], json!(app.account_id(&ALICE).await));
    refused(&post(&app).json(&body).by(&BOB).send().await, 403);
    refused(&post(&app).json(&body).send().await, 401);
}

#[tokio::test]
async fn wrong_bodies_are_named() {
    let app = TestApp::start().await;
    let policy = json!({"auth": {"identity": {"methods": ["token"], "policy": {"Version": "1.1", "Statement": []}}}});
    assert_eq!(post(&app).json(&policy).by(&BOB).send().await.status, 201);
    for (body, field) in [
        (json!({"auth": {"identity": {"methods": ["password"]}}}), "auth.identity.methods"),
        (json!({"auth": {"identity": {"methods": ["assume_role"]}}}), "auth.identity.assume_role"),
        (by_token(&json!({"duration_seconds": 899})), "duration_seconds"),
        (by_token(&json!({"duration_seconds": 86_401})), "duration_seconds"),
        (by_token(&json!({"duration_seconds": "900"})), "duration_seconds"),
        (by_token(&json!({"id": ""})), "auth.identity.token.id"),
    ] {
        let answer = post(&app).json(&body).by(&BOB).send().await;
        refused(&answer, 400);
        assert!(answer.message().contains(field), "{}", answer.message());
    }
    refused(&post(&app).json(&by_token(&json!({"id": "nonsense"}))).by(&BOB).send().await, 401);
    refused(&post(&app).json(&by_token(&json!({}))).send().await, 401);
}
