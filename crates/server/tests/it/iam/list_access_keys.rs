//! `GET /v3.0/OS-CREDENTIAL/credentials`.

use super::{NO_ID, column, needs_a_login, refused};
use crate::support::TestApp;
use crate::support::people::{ALICE, BOB, CAROL, MALLORY, SECRET};

const KEYS: &str = "/v3.0/OS-CREDENTIAL/credentials";

#[tokio::test]
async fn a_user_sees_his_own_and_an_administrator_those_of_others() {
    let app = TestApp::start().await;
    let own = app.get(KEYS).by(&BOB).send().await;
    assert!(!String::from_utf8_lossy(&own.bytes).contains(SECRET));
    let own = own.ok();
    assert_eq!(column(&own["credentials"], "access"), [BOB.access]);
    assert_eq!(own["credentials"][0]["status"], "active");
    let target = format!("{KEYS}?user_id={}", app.user_id(&BOB).await);
    for person in [ALICE, BOB] {
        assert_eq!(app.get(&target).by(&person).send().await.ok(), own);
    }
    refused(&app.get(&target).by(&CAROL).send().await, 403);
    let theirs = app.get(&target).by(&MALLORY).send().await;
    refused(&theirs, 404);
    assert_eq!(app.get(&format!("{KEYS}?user_id={NO_ID}")).by(&MALLORY).send().await.json, theirs.json);
    refused(&app.get(&format!("{KEYS}?user_id={}", "x".repeat(65))).by(&MALLORY).send().await, 400);
    needs_a_login(&app, KEYS).await;
}
