//! `PUT /v3.0/OS-CREDENTIAL/credentials/{access_key}`.

use super::refused;
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};
use crate::support::{Answer, Person, TestApp};
use serde_json::{Value, json};

async fn update(app: &TestApp, caller: &Person, access: &str, credential: Value) -> Answer {
    let target = format!("/v3.0/OS-CREDENTIAL/credentials/{access}");
    app.put(&target).english().json(&json!({"credential": credential})).by(caller).send().await
}

#[tokio::test]
async fn a_key_is_switched_off_and_on() {
    let app = TestApp::start().await;
    app.get("/v3/auth/domains").by(&BOB).send().await.ok();
    let off = update(&app, &ALICE, BOB.access, json!({"status": "inactive"})).await.ok();
    assert_eq!(off["credential"]["status"], "inactive");
    let answer = app.get("/v3/auth/domains").english().by(&BOB).send().await;
    refused(&answer, 401);
    assert_eq!(answer.message(), "Incorrect IAM authentication information: Get secretKey failed");
    let on = update(&app, &ALICE, BOB.access, json!({"status": "active", "description": "again"})).await.ok();
    assert_eq!(on["credential"]["description"], "again");
    app.get("/v3/auth/domains").by(&BOB).send().await.ok();
}

#[tokio::test]
async fn a_description_alone_changes_nothing_else() {
    let app = TestApp::start().await;
    let token = app.token(&BOB).await;
    let answer = update(&app, &BOB, BOB.access, json!({"description": "描述"})).await.ok();
    assert_eq!(
        (&answer["credential"]["status"], &answer["credential"]["description"]),
        (&json!("active"), &json!("描述"))
    );
    app.advance_seconds(3_600);
    app.get("/v3/auth/domains").token(&token).send().await.ok();
}

#[tokio::test]
async fn tokens_end_half_an_hour_after_a_key_was_switched() {
    let app = TestApp::start().await;
    let (token, other) = (app.token(&BOB).await, app.token(&CAROL).await);
    update(&app, &ALICE, BOB.access, json!({"status": "inactive"})).await.ok();
    app.get("/v3/auth/domains").token(&token).send().await.ok();
    let new = app.token(&BOB).await;
    app.advance_seconds(1_799);
    app.get("/v3/auth/domains").token(&token).send().await.ok();
    app.advance_seconds(1);
    let ended = app.get("/v3/auth/domains").english().token(&token).send().await;
    refused(&ended, 401);
    assert_eq!(ended.message(), "The token must be updated");
    app.get("/v3/auth/domains").token(&new).send().await.ok();
    app.get("/v3/auth/domains").token(&other).send().await.ok();
}

#[tokio::test]
async fn wrong_changes_are_refused() {
    let app = TestApp::start().await;
    for (credential, field) in [
        (json!({}), "credential.status"),
        (json!({"status": "off"}), "credential.status"),
        (json!({"status": true}), "credential.status"),
        (json!({"description": "x".repeat(256)}), "credential.description"),
    ] {
        let answer = update(&app, &BOB, BOB.access, credential).await;
        refused(&answer, 400);
        assert!(answer.message().contains(field), "{}", answer.message());
    }
    let off = json!({"status": "inactive"});
    refused(&update(&app, &CAROL, BOB.access, off.clone()).await, 403);
    let theirs = update(&app, &MALLORY, BOB.access, off.clone()).await;
    refused(&theirs, 404);
    assert_eq!(update(&app, &MALLORY, "AKNOBODY000000000000", off).await.json, theirs.json);
    app.get("/v3/auth/domains").by(&BOB).send().await.ok();
}
