//! `POST /v3.0/OS-CREDENTIAL/credentials`.

use super::{NO_ID, refused};
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};
use crate::support::{Answer, Person, TestApp};
use serde_json::{Value, json};

async fn create(app: &TestApp, caller: &Person, body: &Value) -> Answer {
    app.post("/v3.0/OS-CREDENTIAL/credentials").english().json(body).by(caller).send().await
}

#[tokio::test]
async fn a_new_key_signs_at_once() {
    let app = TestApp::start().await;
    let id = app.user_id(&BOB).await;
    for caller in [BOB] {
        let body = json!({"credential": {"user_id": id, "description": "laptop"}});
        let answer = create(&app, &caller, &body).await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        let key = &answer.json["credential"];
        assert_eq!((&key["status"], &key["description"]), (&json!("active"), &json!("laptop")));
        assert_eq!((&key["user_id"], &key["create_time"]), (&json!(id), &json!("2026-01-05T09:30:15.000000Z")));
        let (access, secret) = (key["access"].as_str().unwrap(), key["secret"].as_str().unwrap());
        assert_eq!((access.len(), secret.len()), (20, 40));
        let who = app.get("/v5/caller-identity").signed(access, secret).send().await.ok();
        assert_eq!(who["principal_id"], json!(id));
        // A key that was refused a moment ago works as soon as it exists; the secret is not stored readably.
        assert!(app.get("/v5/caller-identity").signed(access, "another secret").send().await.status == 401);
    }
}

#[tokio::test]
async fn a_user_has_at_most_two() {
    let app = TestApp::start().await;
    let body = json!({"credential": {"user_id": app.user_id(&BOB).await}});
    assert_eq!(create(&app, &ALICE, &body).await.status, 201, "an administrator may, for others");
    let answer = create(&app, &BOB, &body).await;
    let expected = json!({"error": {"code": 400, "message": "akSkNumExceed", "title": "Bad Request"}});
    assert_eq!((answer.status, &answer.json), (400, &expected));
}

#[tokio::test]
async fn two_at_once_do_not_pass_the_limit() {
    let app = TestApp::start().await;
    let body = json!({"credential": {"user_id": app.user_id(&CAROL).await}});
    let answers = futures_util::future::join_all((0..6).map(|_| create(&app, &CAROL, &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
}

#[tokio::test]
async fn keys_of_others_are_refused() {
    let app = TestApp::start().await;
    let for_user = |id: &str| json!({"credential": {"user_id": id}});
    refused(&create(&app, &BOB, &for_user(app.user_id(&CAROL).await.as_str())).await, 403);
    let theirs = create(&app, &MALLORY, &for_user(app.user_id(&CAROL).await.as_str())).await;
    refused(&theirs, 404);
    assert_eq!(create(&app, &MALLORY, &for_user(NO_ID)).await.json, theirs.json);
    refused(&create(&app, &MALLORY, &for_user("x")).await, 404);
    let long = json!({"credential": {"user_id": app.user_id(&BOB).await, "description": "x".repeat(256)}});
    for (body, field) in [
        (json!({}), "credential"),
        (json!({"credential": {}}), "credential.user_id"),
        (for_user(""), "credential.user_id"),
        (long, "credential.description"),
        (json!({"credential": {"user_id": "x", "description": "a\nb"}}), "credential.description"),
    ] {
        let answer = create(&app, &BOB, &body).await;
        refused(&answer, 400);
        assert!(answer.message().contains(field), "{}", answer.message());
    }
    refused(&app.post("/v3.0/OS-CREDENTIAL/credentials").json(&for_user(NO_ID)).send().await, 401);
}
