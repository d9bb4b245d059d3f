//! `GET /v3/users/{user_id}`.

use super::{NO_ID, needs_a_login, refused};
use crate::support::TestApp;
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};

#[tokio::test]
async fn a_user_is_shown_to_himself_and_to_administrators() {
    let app = TestApp::start().await;
    let target = format!("/v3/users/{}", app.user_id(&BOB).await);
    for person in [ALICE, BOB] {
        let answer = app.get(&target).by(&person).send().await.ok();
        assert_eq!(answer["user"]["name"], "bob");
        assert_eq!(answer["user"].get("email"), None);
    }
    refused(&app.get(&target).by(&CAROL).send().await, 403);
    let theirs = app.get(&target).by(&MALLORY).send().await;
    refused(&theirs, 404);
    for missing in [NO_ID, "x"] {
        let answer = app.get(&format!("/v3/users/{missing}")).by(&MALLORY).send().await;
        refused(&answer, 404);
        assert_eq!(answer.json, theirs.json);
    }
    needs_a_login(&app, &target).await;
}
