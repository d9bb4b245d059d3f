//! What ends an authorization without its customer: time, silence, and the end of the case.

use super::{DAY, request};
use crate::support::TestApp;
use crate::support::people::{BOB, ERIN, LEO};
use serde_json::json;

#[tokio::test]
async fn one_in_force_expires_at_its_time() {
    let test = TestApp::start().await;
    let (case, id) = test.authorized().await;
    test.advance_seconds(DAY - 1);
    assert_eq!(test.run_due().await, 0);
    assert_eq!((test.authorization_status(&id).await, test.kept_logins().await), (1, 2));
    test.advance_seconds(1);
    assert_eq!(test.run_due().await, 1);
    assert_eq!((test.authorization_status(&id).await, test.kept_logins().await), (3, 0));
    assert_eq!(test.log(&case).await, [0, 1, 73], "the log is of what people do");
    assert_eq!(test.authorization_events().await.last().unwrap(), "authorization.expired");
    let actor: String =
        test.rows("SELECT actor FROM events WHERE kind = 'authorization.expired'").await[0].get(0).unwrap();
    assert_eq!(actor, "system");
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
    test.assert_sound().await;
}

#[tokio::test]
async fn a_request_that_nobody_answers_expires_after_a_week() {
    let test = TestApp::start().await;
    let (_, id) = test.requested("ssh_password").await;
    test.advance_seconds(7 * DAY - 1);
    assert_eq!(test.run_due().await, 0);
    assert_eq!(test.authorization_status(&id).await, 0);
    test.advance_seconds(1);
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.authorization_status(&id).await, 3);
    test.assert_sound().await;
}

#[tokio::test]
async fn a_confirmation_moves_the_timer() {
    let test = TestApp::start().await;
    let (_, id) = test.requested("console_credential").await;
    test.advance_seconds(7 * DAY - 60);
    test.confirm(&BOB, &id, &json!({})).await.ok();
    test.advance_seconds(60);
    assert_eq!(test.run_due().await, 0, "the time to answer is over, which does not matter any more");
    assert_eq!(test.authorization_status(&id).await, 1);
    test.advance_seconds(DAY);
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.authorization_status(&id).await, 3);
}

#[tokio::test]
async fn the_end_of_the_case_ends_all_that_is_open_in_the_same_transaction() {
    let test = TestApp::start().await;
    for end in ["close", "invalid", "by itself"] {
        let (case, authorized) = test.authorized().await;
        let mut open = vec![authorized];
        for access in ["rdp", "confidential"] {
            let answer = test.request_access(&case, &request(access)).await.ok();
            open.push(answer["authorization_id"].as_str().unwrap().to_owned());
        }
        let rejected = test.request_access(&case, &request("vnc")).await.ok()["authorization_id"].clone();
        let rejected = rejected.as_str().unwrap();
        test.update_authorization(&BOB, rejected, "reject", &json!({"reject_reason": "no"})).await.ok();
        assert_eq!(test.kept_logins().await, 2);
        match end {
            "invalid" => drop(test.desk(&LEO, &case, "invalid", &json!({"reason": "r"})).await.ok()),
            "by itself" => {
                test.reply(&case, "Solved.", "solution").await.ok();
                // So that what ends them is the case.
                let far = test.app.clock.now().plus_seconds(30 * DAY).0;
                let sql = format!("UPDATE jobs SET run_at = {far} WHERE kind = 'authorization.expire'");
                test.write(&sql).await;
                test.advance_seconds(7 * DAY);
                test.run_due().await;
            }
            _ => drop(test.act(&BOB, &case, end).await.ok()),
        }
        for id in &open {
            assert_eq!(test.authorization_status(id).await, 3, "{end}");
        }
        assert_eq!(test.authorization_status(rejected).await, 2);
        assert_eq!(test.kept_logins().await, 0, "{end}");
        let ended = "SELECT COUNT(*) FROM events WHERE kind = 'authorization.ended_with_case'";
        assert_eq!(test.number(ended).await, 3);
        test.write("DELETE FROM events WHERE kind = 'authorization.ended_with_case'").await;
        assert_eq!(test.number("SELECT COUNT(*) FROM jobs WHERE kind = 'authorization.expire'").await, 0);
        test.assert_sound().await;
    }
}

#[tokio::test]
async fn a_case_that_goes_on_keeps_them_and_a_reopened_one_does_not_bring_them_back() {
    let test = TestApp::start().await;
    let (case, id) = test.authorized().await;
    test.desk(&ERIN, &case, "pause", &json!({"reason": "parts"})).await.ok();
    test.desk(&ERIN, &case, "resume", &json!({})).await.ok();
    test.reply(&case, "Solved.", "solution").await.ok();
    assert_eq!((test.authorization_status(&id).await, test.kept_logins().await), (1, 2));
    test.act(&BOB, &case, "close").await.ok();
    test.act(&BOB, &case, "reopen").await.ok();
    assert_eq!((test.authorization_status(&id).await, test.kept_logins().await), (3, 0));
    test.request_access(&case, &request("rdp")).await.ok();
    test.assert_sound().await;
}
