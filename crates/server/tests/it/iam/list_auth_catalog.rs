//! `GET /v3/auth/catalog`.

use super::{column, needs_a_login};
use crate::support::TestApp;
use crate::support::people::BOB;

#[tokio::test]
async fn the_services_are_listed() {
    let app = TestApp::start().await;
    let answer = app.get("/v3/auth/catalog").by(&BOB).send().await.ok();
    assert_eq!(column(&answer["catalog"], "type"), ["osm", "iam"]);
    for service in answer["catalog"].as_array().unwrap() {
        let endpoint = &service["endpoints"][0];
        assert_eq!((service["id"].as_str().unwrap().len(), endpoint["id"].as_str().unwrap().len()), (32, 32));
        assert_eq!(endpoint["interface"], "public");
        assert!(endpoint["url"].as_str().unwrap().starts_with("http://counterfoil.test"));
    }
    assert_eq!(answer["links"]["self"], "http://counterfoil.test/v3/auth/catalog");
    needs_a_login(&app, "/v3/auth/catalog").await;
}
