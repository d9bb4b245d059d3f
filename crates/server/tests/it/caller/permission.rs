//! The permission that the table of routes declares; `contract/permissions.rs` tries every operation as everybody.

use super::ROUTE;
use crate::support::TestApp;
use crate::support::people::{ALICE, AMY, BOB, CATHY, ERIN, LEO, MALLORY, OSCAR};

#[tokio::test]
async fn every_login_may_call_what_is_open_to_users() {
    let app = TestApp::start().await;
    for person in [ALICE, BOB, MALLORY, ERIN, LEO, CATHY, AMY, OSCAR] {
        app.get(ROUTE).by(&person).send().await.ok();
        app.get(ROUTE).token(&app.token(&person).await).send().await.ok();
    }
}
