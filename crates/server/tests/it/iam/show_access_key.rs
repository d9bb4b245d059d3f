//! `GET /v3.0/OS-CREDENTIAL/credentials/{access_key}`.

use super::{needs_a_login, refused};
use crate::support::TestApp;
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};
use serde_json::json;

#[tokio::test]
async fn a_key_is_shown_with_its_last_use() {
    let app = TestApp::start().await;
    let target = format!("/v3.0/OS-CREDENTIAL/credentials/{}", BOB.access);
    let token = app.token(&BOB).await;
    let unused = app.get(&target).token(&token).send().await.ok();
    assert_eq!(
        (&unused["credential"]["last_use_time"], &unused["credential"]["status"]),
        (&json!(""), &json!("active"))
    );
    assert_eq!(unused["credential"].get("secret"), None);
    app.advance_seconds(60);
    let used = app.get(&target).by(&BOB).send().await.ok();
    assert_eq!(used["credential"]["last_use_time"], "2026-01-05T09:31:15.000000Z");
    // Another node sees it once it is written.
    app.app.identity.cache.flush(&app.app.store).await.unwrap();
    assert_eq!(app.get(&target).by(&ALICE).send().await.ok(), used);

    refused(&app.get(&target).by(&CAROL).send().await, 403);
    let theirs = app.get(&target).by(&MALLORY).send().await;
    refused(&theirs, 404);
    for missing in ["AKNOBODY000000000000", "x"] {
        let answer = app.get(&format!("/v3.0/OS-CREDENTIAL/credentials/{missing}")).by(&MALLORY).send().await;
        assert_eq!(answer.json, theirs.json);
    }
    needs_a_login(&app, &target).await;
}
