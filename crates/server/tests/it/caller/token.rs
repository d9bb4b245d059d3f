//! `X-Auth-Token`.

use super::{ROUTE, denied};
use crate::support::TestApp;
use crate::support::people::{ALICE, BOB, CAROL, PASSWORD, login};
use counterfoil::iam::{self, AdminError};
use counterfoil_store::Tx;
use counterfoil_wire::ids::{AccountId, UserId};

async fn ids(app: &TestApp) -> (AccountId, UserId) {
    (app.account_id(&BOB).await, app.user_id(&BOB).await)
}

#[tokio::test]
async fn a_token_is_good_for_a_day() {
    let app = TestApp::start().await;
    let token = app.token(&BOB).await;
    let second = app.token(&BOB).await;
    assert_ne!(token, second);
    for token in [&token, &second] {
        app.get(ROUTE).token(token).send().await.ok();
    }
    app.advance_seconds(86_399);
    app.get(ROUTE).token(&token).send().await.ok();
    app.advance_seconds(1);
    let answer = app.get(ROUTE).english().token(&token).send().await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "APIGW.0307"));
    assert_eq!(answer.message(), "The token must be updated");
}

#[tokio::test]
async fn a_changed_token_and_no_token_are_refused() {
    let app = TestApp::start().await;
    let token = app.token(&BOB).await;
    let middle = token.len() / 2;
    let letter = if &token[middle..=middle] == "A" { "B" } else { "A" };
    let changed = format!("{}{letter}{}", &token[..middle], &token[middle + 1..]);
    let long = "A".repeat(5_000);
    for bad in [changed.as_str(), &token[1..], "", "nonsense", "令牌", &long] {
        denied(&app.get(ROUTE).english().token(bad).send().await, "decrypt token fail");
    }
    let none = app.get(ROUTE).english().send().await;
    assert_eq!((none.status, none.code().as_str()), (401, "APIGW.0301"));
    assert_eq!(none.message(), "Incorrect IAM authentication information");
}

#[tokio::test]
async fn a_token_of_another_installation_is_refused() {
    let other = "ff".repeat(32);
    let vault = counterfoil::vault::Vault::load(std::path::Path::new("."), Some(&other.into())).unwrap();
    let app = TestApp::start().await;
    let (account_id, user_id) = ids(&app).await;
    let now = app.app.clock.now();
    let token = counterfoil::caller::token::Token {
        subject: counterfoil::caller::token::Subject { account_id, user_id, agent: None },
        methods: vec![counterfoil::caller::token::Method::Password],
        scope: counterfoil::caller::token::Scope::Domain,
        issued_at: now,
        expires_at: now.plus_seconds(60),
    };
    let forged = counterfoil::caller::token::TokenKeys::new(&vault).issue(&token);
    denied(&app.get(ROUTE).english().token(&forged).send().await, "decrypt token fail");
    let good = app.app.identity.tokens.issue(&token);
    app.get(ROUTE).token(&good).send().await.ok();
}

#[tokio::test]
async fn a_new_password_ends_the_tokens_of_the_old_one() {
    let app = TestApp::start().await;
    let (old, carol) = (app.token(&BOB).await, app.token(&CAROL).await);
    app.get(ROUTE).token(&old).send().await.ok();
    let hash = app.app.identity.passwords.hash(&"another password".into()).await.unwrap();
    let ((account_id, user_id), now) = (ids(&app).await, app.app.clock.now());
    let work = async move |tx: &mut Tx| iam::change_password(tx, &account_id, &user_id, &hash, now).await;
    app.app.store.write(work).await.unwrap();
    let answer = app.get(ROUTE).english().token(&old).send().await;
    assert_eq!((answer.status, answer.message().as_str()), (401, "The token must be updated"));
    app.get(ROUTE).token(&carol).send().await.ok();
    assert_eq!(app.post("/v3/auth/tokens").json(&login(&BOB, PASSWORD)).send().await.status, 401);
    let answer = app.post("/v3/auth/tokens").json(&login(&BOB, "another password")).send().await;
    assert_eq!(answer.status, 201);
    app.get(ROUTE).token(answer.header("x-subject-token").unwrap()).send().await.ok();
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once_and_old_tokens_stay_dead() {
    let app = TestApp::start().await;
    let token = app.token(&BOB).await;
    app.get(ROUTE).token(&token).send().await.ok();
    let switch = async |enabled: bool| {
        let ((account_id, user_id), now) = (ids(&app).await, app.app.clock.now());
        let work = async move |tx: &mut Tx| iam::set_user_enabled(tx, &account_id, &user_id, enabled, now).await;
        app.app.store.write(work).await.unwrap();
    };
    switch(false).await;
    denied(&app.get(ROUTE).english().token(&token).send().await, "the user does not exist or is disabled");
    assert_eq!(app.post("/v3/auth/tokens").json(&login(&BOB, PASSWORD)).send().await.status, 401);
    switch(true).await;
    let answer = app.get(ROUTE).english().token(&token).send().await;
    assert_eq!(answer.message(), "The token must be updated");
    app.get(ROUTE).token(&app.token(&BOB).await).send().await.ok();
}

#[tokio::test]
async fn a_new_role_counts_at_once() {
    let app = TestApp::start().await;
    let token = app.token(&BOB).await;
    assert_eq!(app.get("/v3/users").token(&token).send().await.status, 403);
    app.group("admins", &[iam::Role::SecurityAdministrator], &[BOB]).await;
    app.get("/v3/users").token(&token).send().await.ok();
    let ((account_id, user_id), admins) = (ids(&app).await, "admins");
    let work = async move |tx: &mut Tx| -> Result<bool, AdminError> {
        let group = iam::find_group(tx, &account_id, admins).await?;
        iam::remove_member(tx, &account_id, &group, &user_id).await
    };
    assert!(app.app.store.write(work).await.unwrap());
    assert_eq!(app.get("/v3/users").token(&token).send().await.status, 403);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_before_it_is_read() {
    let app = TestApp::start_with(|config| config.limits.body_bytes = 1_000).await;
    let token = app.token(&ALICE).await;
    let post = |size: usize| app.post("/v3.0/OS-CREDENTIAL/credentials").raw("application/json", vec![b' '; size]);
    assert_eq!(post(1_001).token(&token).send().await.status, 413);
    assert_eq!(post(1_000).token(&token).send().await.status, 400);
}
