//! `GET /v5/caller-identity`.

use super::needs_a_login;
use crate::support::TestApp;
use crate::support::people::{ALICE, ERIN};
use serde_json::json;

#[tokio::test]
async fn the_signer_learns_who_he_is() {
    let app = TestApp::start().await;
    for person in [ALICE, ERIN] {
        let (account_id, user_id) = (app.account_id(&person).await, app.user_id(&person).await);
        let urn = format!("iam::{account_id}:user:{}", person.name);
        let expected = json!({"account_id": account_id, "principal_id": user_id, "principal_urn": urn});
        assert_eq!(app.get("/v5/caller-identity").by(&person).send().await.ok(), expected);
    }
    needs_a_login(&app, "/v5/caller-identity").await;
}
