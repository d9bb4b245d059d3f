//! `ShowAccessoryLimits`.

use super::chinese;
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn the_limits_are_texts() {
    let app = TestApp::start().await;
    let types = "jpg,jpeg,bmp,png,gif,txt,zip,docx,msg,eml,xlsx,pdf,log,ini,mp4,mov";
    assert_eq!(
        chinese(&app, "accessorys/limits").await,
        json!({ "accessory_limit": { "limit_count": "5", "limit_size": "10", "limit_file_type": types } })
    );
}
