//! `GET /v3/projects/{project_id}`.

use super::{NO_ID, needs_a_login, refused};
use crate::support::TestApp;
use crate::support::people::{BOB, MALLORY};

#[tokio::test]
async fn a_project_is_shown_to_its_account_only() {
    let app = TestApp::start().await;
    let own = app.get("/v3/projects").by(&BOB).send().await.ok();
    let id = own["projects"][0]["id"].as_str().unwrap();
    let target = format!("/v3/projects/{id}");
    let answer = app.get(&target).by(&BOB).send().await.ok();
    assert_eq!(answer["project"], own["projects"][0]);
    let theirs = app.get(&target).english().by(&MALLORY).send().await;
    refused(&theirs, 404);
    for missing in [NO_ID, "x", "%FF", "0A1B2C3D4E5F60718293A4B5C6D7E8F9"] {
        let answer = app.get(&format!("/v3/projects/{missing}")).english().token(&app.token(&BOB).await).send().await;
        refused(&answer, 404);
        assert_eq!(answer.message(), theirs.message(), "the same as for another account's project");
    }
    needs_a_login(&app, &target).await;
}
