//! `ListCaseLimits`.

use super::chinese;
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn the_number_of_copy_addresses_is_said() {
    let app = TestApp::start().await;
    assert_eq!(chinese(&app, "config/limits").await, json!({ "config": { "create_case_ccemail_max_count": 10 } }));
}
