//! `GET /v3/users/{user_id}/groups`.

use super::{NO_ID, column, needs_a_login, refused};
use crate::support::TestApp;
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};

#[tokio::test]
async fn a_user_sees_his_groups() {
    let app = TestApp::start().await;
    let ops = app.group("ops", &[], &[BOB, CAROL]).await;
    app.group("web", &[], &[CAROL]).await;
    let target = format!("/v3/users/{}/groups", app.user_id(&BOB).await);
    for person in [ALICE, BOB] {
        let answer = app.get(&target).by(&person).send().await.ok();
        assert_eq!(column(&answer["groups"], "id"), [ops.as_str()]);
    }
    refused(&app.get(&target).by(&CAROL).send().await, 403);
    refused(&app.get(&target).by(&MALLORY).send().await, 404);
    refused(&app.get(&format!("/v3/users/{NO_ID}/groups")).by(&ALICE).send().await, 404);
    refused(&app.get(&format!("{target}?page=0&per_page=1")).by(&BOB).send().await, 400);
    needs_a_login(&app, &target).await;
}
