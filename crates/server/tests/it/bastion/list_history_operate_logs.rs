//! `ListHistoryOperateLogs`.

use super::{assert_guarded, command, file, opened, read, texts, transfer};
use crate::support::TestApp;
use crate::support::people::BOB;
use serde_json::json;

#[tokio::test]
async fn commands_are_listed_in_both_orders() {
    let test = TestApp::start().await;
    let (_, id) = test.authorized().await;
    let session = opened(&test, &id).await;
    for text in ["uname -a", "tail /var/log/syslog", "exit"] {
        test.advance_seconds(1);
        command(&test, &session, text).await.unwrap();
        transfer(&test, &session, &file("noise", 1)).await.unwrap();
    }
    let line = session.detail_id;
    let page = read(&test, &BOB, &id, line, "sessions/1/operation-logs").await.ok();
    let expected = json!({"total_count": 3, "ops_list": [
        {"oper": "exit", "operate_time": "2026-01-05T09:30:18Z"},
        {"oper": "tail /var/log/syslog", "operate_time": "2026-01-05T09:30:17Z"},
        {"oper": "uname -a", "operate_time": "2026-01-05T09:30:16Z"},
    ]});
    assert_eq!(page, expected);
    let oldest = read(&test, &BOB, &id, line, "sessions/1/operation-logs?sort=1&offset=1&limit=2").await.ok();
    assert_eq!(oldest["total_count"], 3);
    assert_eq!(texts(&oldest["ops_list"], "oper"), ["tail /var/log/syslog", "exit"]);
    let newest = read(&test, &BOB, &id, line, "sessions/1/operation-logs?sort=0&limit=1").await.ok();
    assert_eq!(texts(&newest["ops_list"], "oper"), ["exit"]);
}

#[tokio::test]
async fn whatever_was_typed_is_shown_as_far_as_it_fits() {
    let test = TestApp::start().await;
    let (_, id) = test.authorized().await;
    let session = opened(&test, &id).await;
    command(&test, &session, &"命".repeat(20_000)).await.unwrap();
    command(&test, &session, "echo '\0\u{1b}[A\u{7}'").await.unwrap();
    let page = read(&test, &BOB, &id, session.detail_id, "sessions/1/operation-logs").await.ok();
    let shown = texts(&page["ops_list"], "oper");
    assert_eq!(shown[0], "echo '\u{fffd}\u{1b}[A\u{7}'");
    assert_eq!((shown[1].chars().count(), shown[1].chars().last()), (1024, Some('…')));
    assert_eq!(super::broken_at(&test, &session).await, None);
}

#[tokio::test]
async fn who_may_and_bounds() {
    assert_guarded(&TestApp::start().await, "sessions/1/operation-logs").await;
}
