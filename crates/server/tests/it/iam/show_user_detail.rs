//! `GET /v3.0/OS-USER/users/{user_id}`.

use super::{NO_ID, needs_a_login, refused};
use crate::support::TestApp;
use crate::support::people::{ALICE, BOB, CAROL, MALLORY, name};
use counterfoil::iam::{self, AdminError, NewUser};
use counterfoil_store::Tx;
use serde_json::json;

#[tokio::test]
async fn the_detail_has_contact_data() {
    let app = TestApp::start().await;
    let user = NewUser::new(name("dora"))
        .email(&app.app.vault, Some("dora@example.test"))
        .phone(&app.app.vault, Some("0086"), Some("13800000000"))
        .description("on call");
    let now = app.app.clock.now();
    let work = async move |tx: &mut Tx| -> Result<_, AdminError> {
        let account = iam::load_account(tx, "acme").await?;
        iam::create_user(tx, &account, &user, now).await
    };
    let id = app.app.store.write(work).await.unwrap();
    let answer = app.get(&format!("/v3.0/OS-USER/users/{id}")).by(&ALICE).send().await.ok();
    let user = &answer["user"];
    assert_eq!((&user["email"], &user["areacode"]), (&json!("dora@example.test"), &json!("0086")));
    assert_eq!((&user["phone"], &user["description"]), (&json!("13800000000"), &json!("on call")));
    assert_eq!((&user["access_mode"], &user["is_domain_owner"]), (&json!("programmatic"), &json!(false)));
    assert_eq!(user["create_time"], "2026-01-05T09:30:15.000000Z");
}

#[tokio::test]
async fn it_is_shown_to_himself_and_to_administrators() {
    let app = TestApp::start().await;
    let target = format!("/v3.0/OS-USER/users/{}", app.user_id(&BOB).await);
    for person in [ALICE, BOB] {
        assert_eq!(app.get(&target).by(&person).send().await.ok()["user"]["name"], "bob");
    }
    let own = format!("/v3.0/OS-USER/users/{}", app.user_id(&ALICE).await);
    assert_eq!(app.get(&own).by(&ALICE).send().await.ok()["user"]["is_domain_owner"], true);
    refused(&app.get(&target).by(&CAROL).send().await, 403);
    refused(&app.get(&target).by(&MALLORY).send().await, 404);
    refused(&app.get(&format!("/v3.0/OS-USER/users/{NO_ID}")).by(&ALICE).send().await, 404);
    needs_a_login(&app, &target).await;
}
