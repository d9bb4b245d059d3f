//! `GET /v3/regions`.

use super::needs_a_login;
use crate::support::TestApp;
use crate::support::people::BOB;
use serde_json::json;

#[tokio::test]
async fn the_region_of_the_installation_is_listed() {
    let app = TestApp::start().await;
    let answer = app.get("/v3/regions").by(&BOB).send().await.ok();
    let region = json!({"id": "cn-south-1", "type": "public", "description": "", "parent_region_id": null,
        "locales": {"zh-cn": "cn-south-1", "en-us": "cn-south-1"},
        "links": {"self": "http://counterfoil.test/v3/regions/cn-south-1"}});
    assert_eq!(answer["regions"], json!([region]));
    assert_eq!(answer["links"]["next"], json!(null));
    needs_a_login(&app, "/v3/regions").await;
}
