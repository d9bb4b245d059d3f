//! `GET /v3/groups`.

use super::{column, needs_a_login, refused};
use crate::support::TestApp;
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};
use serde_json::json;

#[tokio::test]
async fn an_administrator_sees_the_groups_of_the_account() {
    let app = TestApp::start().await;
    let ops = app.group("ops", &[], &[BOB, CAROL]).await;
    app.group("web", &[], &[BOB]).await;
    app.group("theirs", &[], &[MALLORY]).await;
    let answer = app.get("/v3/groups").by(&ALICE).send().await.ok();
    assert_eq!(column(&answer["groups"], "name"), ["ops", "web"]);
    let group = json!({"id": ops, "name": "ops", "domain_id": app.account_id(&ALICE).await, "description": "",
        "create_time": 1_767_605_415_000_i64,
        "links": {"self": format!("http://counterfoil.test/v3/groups/{ops}")}});
    assert_eq!(answer["groups"][0], group);
    let named = app.get("/v3/groups?name=web").by(&ALICE).send().await.ok();
    assert_eq!(column(&named["groups"], "name"), ["web"]);
    let page = app.get("/v3/groups?page=1&per_page=1").by(&ALICE).send().await.ok();
    assert_eq!(page["links"]["next"], "http://counterfoil.test/v3/groups?page=2&per_page=1");
}

#[tokio::test]
async fn nobody_else_sees_them() {
    let app = TestApp::start().await;
    refused(&app.get("/v3/groups").by(&BOB).send().await, 403);
    let theirs = format!("/v3/groups?domain_id={}", app.account_id(&MALLORY).await);
    refused(&app.get(&theirs).by(&ALICE).send().await, 403);
    refused(&app.get("/v3/groups?per_page=1").by(&ALICE).send().await, 400);
    needs_a_login(&app, "/v3/groups").await;
}
