//! `ListTransportHistories`.

use super::{assert_guarded, command, file, opened, read, texts, transfer};
use crate::support::TestApp;
use crate::support::people::BOB;
use counterfoil::bastion::rules::{Direction, Transfer};
use serde_json::json;

#[tokio::test]
async fn files_are_listed_in_both_orders() {
    let test = TestApp::start().await;
    let (_, id) = test.authorized().await;
    let session = opened(&test, &id).await;
    transfer(&test, &session, &file("system.log", 1536)).await.unwrap();
    command(&test, &session, "ls").await.unwrap();
    test.advance_seconds(5);
    let patch = Transfer {
        direction: Direction::Upload,
        from_path: "/desk/fix.sh".to_owned(),
        to_path: "/tmp/fix.sh".to_owned(),
        duration_ms: 900,
        succeeded: false,
        ..file("fix.sh", 3 << 20)
    };
    transfer(&test, &session, &patch).await.unwrap();
    let line = session.detail_id;
    let page = read(&test, &BOB, &id, line, "sessions/1/operation-file-logs").await.ok();
    let expected = json!({"total_count": 2, "file_ops_list": [
        {"duration": "00:00:00", "operate_time": "2026-01-05T09:30:20Z", "operate_type": "upload", "file_name": "fix.sh",
            "from_path": "/desk/fix.sh", "to_path": "/tmp/fix.sh", "file_size": "3.0M", "oper_result": "failure"},
        {"duration": "00:01:01", "operate_time": "2026-01-05T09:30:15Z", "operate_type": "download",
            "file_name": "system.log", "from_path": "/var/log/system.log", "to_path": "/recordings/system.log",
            "file_size": "1.5K", "oper_result": "success"},
    ]});
    assert_eq!(page, expected);
    let oldest = read(&test, &BOB, &id, line, "sessions/1/operation-file-logs?sort=1").await.ok();
    assert_eq!(texts(&oldest["file_ops_list"], "file_name"), ["system.log", "fix.sh"]);
    let second = read(&test, &BOB, &id, line, "sessions/1/operation-file-logs?offset=1&limit=1").await.ok();
    assert_eq!(
        (&second["total_count"], texts(&second["file_ops_list"], "file_name")),
        (&json!(2), vec!["system.log".to_owned()])
    );
}

#[tokio::test]
async fn long_names_are_cut() {
    let test = TestApp::start().await;
    let (_, id) = test.authorized().await;
    let session = opened(&test, &id).await;
    transfer(&test, &session, &file(&"n".repeat(2000), 1)).await.unwrap();
    let page = read(&test, &BOB, &id, session.detail_id, "sessions/1/operation-file-logs").await.ok();
    let lengths = ["file_name", "from_path", "to_path"]
        .map(|field| page["file_ops_list"][0][field].as_str().unwrap().chars().count());
    assert_eq!(lengths, [512, 1024, 1024]);
}

#[tokio::test]
async fn who_may_and_bounds() {
    assert_guarded(&TestApp::start().await, "sessions/1/operation-file-logs").await;
}
