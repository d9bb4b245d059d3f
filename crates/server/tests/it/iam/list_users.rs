//! `GET /v3/users`.

use super::{column, needs_a_login, refused};
use crate::support::TestApp;
use crate::support::people::{ALICE, BOB, ERIN, MALLORY, OSCAR};
use counterfoil::iam::{self, AdminError};
use counterfoil_store::Tx;
use serde_json::json;

#[tokio::test]
async fn an_administrator_sees_the_users_of_the_account() {
    let app = TestApp::start().await;
    let answer = app.get("/v3/users").by(&ALICE).send().await.ok();
    assert_eq!(column(&answer["users"], "name"), ["alice", "bob", "carol"]);
    let id = app.user_id(&ALICE).await;
    let link = format!("http://counterfoil.test/v3/users/{id}");
    let user = json!({"id": id, "name": "alice", "domain_id": app.account_id(&ALICE).await, "enabled": true,
        "description": "", "password_expires_at": null, "pwd_status": true, "access_mode": "default",
        "links": {"self": link, "previous": null, "next": null}});
    assert_eq!(answer["users"][0], user);
    assert!(!answer.to_string().contains("argon2"), "a hash is never shown");
    let theirs = app.get("/v3/users").by(&MALLORY).send().await.ok();
    assert_eq!(column(&theirs["users"], "name"), ["mallory"]);
    let staff = app.get("/v3/users").by(&OSCAR).send().await.ok();
    assert_eq!(column(&staff["users"], "name"), ["amy", "cathy", "erin", "leo", "oscar"]);
}

#[tokio::test]
async fn users_are_filtered_and_paged() {
    let app = TestApp::start().await;
    let bob = app.user_id(&BOB).await;
    let (account_id, now) = (app.account_id(&BOB).await, app.app.clock.now());
    let work = async move |tx: &mut Tx| -> Result<(), AdminError> {
        iam::set_user_enabled(tx, &account_id, &bob, false, now).await
    };
    app.app.store.write(work).await.unwrap();
    for (query, names) in [
        ("name=carol", vec!["carol"]),
        ("name=Carol", vec![]),
        ("name=mallory", vec![]),
        ("enabled=false", vec!["bob"]),
        ("enabled=true", vec!["alice", "carol"]),
        ("password_expires_at=lt:2030-01-01T00:00:00Z", vec![]),
        ("page=2&per_page=2", vec!["carol"]),
    ] {
        let answer = app.get(&format!("/v3/users?{query}")).by(&ALICE).send().await.ok();
        assert_eq!(column(&answer["users"], "name"), names, "{query}");
    }
    let first = app.get("/v3/users?page=1&per_page=2").by(&ALICE).send().await.ok();
    assert_eq!(first["links"]["next"], "http://counterfoil.test/v3/users?page=2&per_page=2");
    for bad in ["enabled=2", "password_expires_at=soon", "password_expires_at=xx:2030-01-01T00:00:00Z", "page=1"] {
        refused(&app.get(&format!("/v3/users?{bad}")).by(&ALICE).send().await, 400);
    }
}

#[tokio::test]
async fn nobody_else_sees_them() {
    let app = TestApp::start().await;
    refused(&app.get("/v3/users").by(&BOB).send().await, 403);
    refused(&app.get("/v3/users").by(&ERIN).send().await, 403);
    let theirs = format!("/v3/users?domain_id={}", app.account_id(&MALLORY).await);
    refused(&app.get(&theirs).by(&ALICE).send().await, 403);
    needs_a_login(&app, "/v3/users").await;
}
