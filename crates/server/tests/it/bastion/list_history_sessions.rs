//! `ListHistorySessions`.

use super::{assert_guarded, close, opened, read};
use crate::support::TestApp;
use crate::support::people::BOB;
use serde_json::json;

#[tokio::test]
async fn sessions_are_listed_newest_first() {
    let test = TestApp::start().await;
    let (_, id) = test.authorized().await;
    let lines = test.lines(&id).await;
    let none = read(&test, &BOB, &id, lines[0], "history-sessions").await.ok();
    assert_eq!(none, json!({"total_count": 0, "session_list": []}));
    let first = opened(&test, &id).await;
    test.advance_seconds(3661);
    close(&test, &first).await.unwrap();
    opened(&test, &id).await;
    test.advance_seconds(59);
    let page = read(&test, &BOB, &id, lines[0], "history-sessions").await.ok();
    let expected = json!({"total_count": 2, "session_list": [
        {"duration": "00:00:59", "session_id": 2, "start_time": "2026-01-05T10:31:16Z"},
        {"duration": "01:01:01", "session_id": 1, "start_time": "2026-01-05T09:30:15Z", "end_time": "2026-01-05T10:31:16Z"},
    ]});
    assert_eq!(page, expected);
    let second = read(&test, &BOB, &id, lines[0], "history-sessions?offset=1&limit=1").await.ok();
    assert_eq!((&second["total_count"], &second["session_list"][0]["session_id"]), (&json!(2), &json!(1)));
    // The other host had none.
    assert_eq!(read(&test, &BOB, &id, lines[1], "history-sessions").await.ok(), none);
}

#[tokio::test]
async fn who_may_and_bounds() {
    assert_guarded(&TestApp::start().await, "history-sessions").await;
}
