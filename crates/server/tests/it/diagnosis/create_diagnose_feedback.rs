//! Saying whether a diagnosis helped.

use super::{FEEDBACK, start_with};
use crate::support::cases::assert_refused;
use crate::support::people::{BOB, CAROL, ERIN};
use serde_json::json;

#[tokio::test]
async fn it_is_kept() {
    let test = start_with(|_| {}).await;
    let body = json!({"type": 2, "content": "好".repeat(10_000), "is_helpful": true});
    assert_eq!(test.post(FEEDBACK).by(&BOB).json(&body).send().await.ok(), json!({}));
    test.post(FEEDBACK).by(&BOB).json(&json!({"type": 1, "is_helpful": false})).send().await.ok();
    let rows =
        test.rows("SELECT kind, is_helpful, content, user_id, account_id FROM diagnose_feedbacks ORDER BY kind").await;
    assert_eq!((rows[0].get::<i64>(0).unwrap(), rows[0].get::<i64>(1).unwrap()), (1, 0));
    assert_eq!(rows[0].get::<String>(2).unwrap(), "");
    assert_eq!((rows[1].get::<i64>(0).unwrap(), rows[1].get::<i64>(1).unwrap()), (2, 1));
    assert_eq!(rows[1].get::<String>(2).unwrap().chars().count(), 10_000);
    assert_eq!(rows[1].get::<String>(3).unwrap(), test.user_id(&BOB).await.as_str());
    assert_eq!(rows[1].get::<String>(4).unwrap(), test.account_id(&BOB).await.as_str());
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'diagnosis.feedback'").await, 2);
}

#[tokio::test]
async fn wrong_input_is_named_and_not_kept() {
    let test = start_with(|_| {}).await;
    for (body, code, field) in [
        (json!({"is_helpful": true}), "OSM.01010001", "type"),
        (json!({"type": 1}), "OSM.01010001", "is_helpful"),
        (json!({"type": 0, "is_helpful": true}), "OSM.01010001", "type"),
        (json!({"type": 5, "is_helpful": true}), "OSM.01010001", "type"),
        (json!({"type": 1, "is_helpful": "yes"}), "OSM.0001", "is_helpful"),
        (json!({"type": 1, "is_helpful": true, "content": "x".repeat(10_001)}), "OSM.01010001", "content"),
    ] {
        assert_refused(&test.post(FEEDBACK).by(&BOB).json(&body).send().await, 400, code, field);
    }
    let good = json!({"type": 1, "is_helpful": true});
    assert_eq!(test.post(FEEDBACK).by(&ERIN).json(&good).send().await.status, 403);
    assert_eq!(test.number("SELECT COUNT(*) FROM diagnose_feedbacks").await, 0);
}

#[tokio::test]
async fn a_user_says_so_much_in_an_hour() {
    let test = start_with(|config| config.diagnosis.per_hour = 2).await;
    let body = json!({"type": 1, "is_helpful": true});
    for _ in 0..2 {
        test.post(FEEDBACK).by(&BOB).json(&body).send().await.ok();
    }
    assert_refused(&test.post(FEEDBACK).by(&BOB).json(&body).send().await, 429, "OSM.01019084", "");
    test.post(FEEDBACK).by(&CAROL).json(&body).send().await.ok();
    test.advance_seconds(3601);
    test.post(FEEDBACK).by(&BOB).json(&body).send().await.ok();
    assert_eq!(test.number("SELECT COUNT(*) FROM diagnose_feedbacks").await, 4);
}
