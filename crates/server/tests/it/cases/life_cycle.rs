//! Every status, action and actor through the API: what moves where, and what is refused with which code.

use crate::support::cases::STATUSES;
use crate::support::people::{BOB, ERIN, LEO};
use crate::support::{Answer, TestApp};
use serde_json::json;

/// An action as it is called: by the customer, an engineer or a lead.
const ACTIONS: [&str; 14] = [
    "bob cancel",
    "bob press",
    "bob close",
    "bob reopen",
    "bob delete",
    "bob message",
    "erin accept",
    "leo accept",
    "erin processing",
    "erin pending_feedback",
    "erin solution",
    "erin pause",
    "erin resume",
    "leo invalid",
];

/// The transitions as the product documents them: status, action, next status, type in the log (-1: none).
#[rustfmt::skip]
const ALLOWED: &[(i64, &str, i64, i64)] = &[
    (0, "bob cancel", 4, 4), (0, "bob press", 0, 2), (1, "bob press", 1, 2),
    (1, "bob close", 3, 3), (2, "bob close", 3, 3), (5, "bob close", 3, 3), (17, "bob close", 3, 3),
    (3, "bob reopen", 1, 22), (3, "bob delete", 13, 13), (4, "bob delete", 13, 13), (12, "bob delete", 13, 13),
    (0, "bob message", 0, -1), (1, "bob message", 1, -1), (5, "bob message", 5, -1),
    (17, "bob message", 1, 85), (2, "bob message", 1, 16),
    (0, "erin accept", 1, 1), (0, "leo accept", 1, 1),
    (1, "erin processing", 1, -1), (2, "erin processing", 2, -1), (5, "erin processing", 5, -1),
    (17, "erin processing", 17, -1), (1, "erin pending_feedback", 17, 17),
    (1, "erin solution", 2, 18), (17, "erin solution", 2, 18),
    (1, "erin pause", 5, 20), (5, "erin resume", 1, 21), (0, "leo invalid", 12, 12), (1, "leo invalid", 12, 12),
];

async fn call(test: &TestApp, id: &str, action: &str) -> Answer {
    let (who, what) = action.split_once(' ').unwrap();
    let staff = if who == "leo" { &LEO } else { &ERIN };
    match (who, what) {
        ("bob", "message") => test.say(&BOB, id, "And another thing.").await,
        ("bob", _) => test.act(&BOB, id, what).await,
        (_, "accept" | "resume") => test.desk(staff, id, what, &json!({})).await,
        (_, "pause" | "invalid") => test.desk(staff, id, what, &json!({"reason": "because"})).await,
        _ => test.reply(id, "Look here.", what).await,
    }
}

#[tokio::test]
async fn every_transition_and_no_other() {
    let test = TestApp::start().await;
    let mut allowed = 0;
    for status in STATUSES {
        for action in ACTIONS {
            let id = test.case_in(status).await;
            // Nothing but the status shall keep anybody from urging.
            test.advance_seconds(1800);
            let before = test.log(&id).await;
            let answer = call(&test, &id, action).await;
            let seen = test.status(&id).await;
            let log = test.log(&id).await;
            match ALLOWED.iter().find(|row| (row.0, row.1) == (status, action)) {
                Some((_, _, to, log_type)) => {
                    assert_eq!(answer.status, 200, "{status} {action}: {}", answer.json);
                    assert_eq!(seen, *to, "{status} {action}");
                    let added: Vec<i64> = [*log_type].into_iter().filter(|log_type| *log_type >= 0).collect();
                    assert_eq!(log[before.len()..], added, "{status} {action}");
                    allowed += 1;
                }
                None => {
                    let gone = status == 13 && action.starts_with("bob");
                    let code = if gone { "OSM.01010015" } else { "OSM.01019001" };
                    assert_eq!(answer.code(), code, "{status} {action}: {}", answer.json);
                    assert_eq!((seen, log), (status, before), "{status} {action}");
                }
            }
        }
    }
    assert_eq!(allowed, ALLOWED.len());
    test.assert_sound().await;
}

#[tokio::test]
async fn nobody_does_what_is_another_s() {
    let test = TestApp::start().await;
    for status in STATUSES {
        let id = test.case_in(status).await;
        let engineer = test.desk(&ERIN, &id, "invalid", &json!({"reason": "because"})).await;
        assert_eq!((engineer.status, engineer.code().as_str()), (403, "OSM.01010002"), "{status}");
        for action in ["accept", "resume", "pause", "invalid", "reply", "note"] {
            let body = json!({"reason": "r", "content": "c", "next": "solution"});
            let customer = test.desk(&BOB, &id, action, &body).await;
            assert_eq!((customer.status, customer.code().as_str()), (403, "OSM.01010002"), "{status} {action}");
        }
        for action in ["cancel", "close", "press", "delete", "reopen"] {
            let staff = test.act(&ERIN, &id, action).await;
            assert_eq!((staff.status, staff.code().as_str()), (403, "OSM.01010002"), "{status} {action}");
        }
        assert_eq!(test.status(&id).await, status);
    }
}

#[tokio::test]
async fn a_whole_life() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    test.accept(&id).await;
    test.reply(&id, "Which server?", "pending_feedback").await.ok();
    test.say(&BOB, &id, "i-1").await.ok();
    test.desk(&ERIN, &id, "pause", &json!({"reason": "parts"})).await.ok();
    test.desk(&ERIN, &id, "resume", &json!({})).await.ok();
    test.reply(&id, "Solved.", "solution").await.ok();
    test.say(&BOB, &id, "Not quite.").await.ok();
    test.reply(&id, "Now it is.", "solution").await.ok();
    test.act(&BOB, &id, "close").await.ok();
    test.act(&BOB, &id, "reopen").await.ok();
    test.act(&BOB, &id, "close").await.ok();
    test.act(&BOB, &id, "delete").await.ok();
    assert_eq!(test.log(&id).await, [0, 1, 17, 85, 20, 21, 18, 16, 18, 3, 22, 3, 13]);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0, "no timer is left");
    let sql = "SELECT ended_by, reopen_count FROM cases";
    let row = &test.rows(sql).await[0];
    assert_eq!((row.get::<String>(0).unwrap().as_str(), row.get::<i64>(1).unwrap()), ("customer", 1));
    // Each change left an event of its own, in order.
    let kinds = "SELECT kind FROM events WHERE kind LIKE 'case.%' ORDER BY event_no";
    let kinds: Vec<String> = test.rows(kinds).await.iter().map(|row| row.get(0).unwrap()).collect();
    assert_eq!(kinds.len(), 13, "{kinds:?}");
    test.assert_sound().await;
}
