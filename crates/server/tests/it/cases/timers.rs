//! What happens to a case by itself.

use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{BOB, ERIN};
use counterfoil_store::jobs::{self, NewJob};
use counterfoil_store::{StoreError, Tx};
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

async fn reminded(test: &TestApp) -> i64 {
    test.number("SELECT COUNT(*) FROM events WHERE kind = 'case.reminded'").await
}

async fn last_log(test: &TestApp, id: &str) -> Value {
    let page = test.read_case(&BOB, id, "/operate-logs?limit=100").await.ok();
    page["incident_operate_log_list"].as_array().unwrap().last().unwrap().clone()
}

#[tokio::test]
async fn a_solution_that_nobody_confirms_closes_after_seven_days() {
    let test = TestApp::start().await;
    let id = test.case_in(2).await;
    test.advance_seconds(7 * DAY - 1);
    assert_eq!(test.run_due().await, 0);
    assert_eq!(test.status(&id).await, 2);
    test.advance_seconds(1);
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.status(&id).await, 3);
    let log = last_log(&test, &id).await;
    assert_eq!((&log["operate_type"], &log["operator_type"]), (&json!(3), &json!(2)));
    assert_eq!((&log["operator_id"], &log["operator_name"]), (&Value::Null, &json!("system")));
    assert_eq!(test.rows("SELECT ended_by FROM cases").await[0].get::<String>(0).unwrap(), "system");
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
    test.act(&BOB, &id, "reopen").await.ok();
    test.assert_sound().await;
}

#[tokio::test]
async fn a_question_reminds_after_one_and_three_days_and_is_given_up_after_seven() {
    let test = TestApp::start().await;
    let id = test.case_in(17).await;
    for (seconds, reminders) in [(DAY - 1, 0), (1, 1), (2 * DAY - 1, 1), (1, 2), (4 * DAY - 1, 2)] {
        test.advance_seconds(seconds);
        test.run_due().await;
        assert_eq!(reminded(&test).await, reminders);
        assert_eq!(test.status(&id).await, 17);
    }
    test.advance_seconds(1);
    test.run_due().await;
    assert_eq!(test.status(&id).await, 2);
    assert_eq!(test.log(&id).await, [0, 1, 17, 19]);
    assert_eq!(last_log(&test, &id).await["operator_type"], 2);
    // From here the timer of the next status runs.
    test.advance_seconds(7 * DAY);
    test.run_due().await;
    assert_eq!(test.log(&id).await, [0, 1, 17, 19, 3]);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
    test.assert_sound().await;
}

#[tokio::test]
async fn an_answer_takes_the_timers_back() {
    let test = TestApp::start().await;
    let id = test.case_in(17).await;
    test.advance_seconds(6 * DAY);
    test.say(&BOB, &id, "This one.").await.ok();
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
    test.advance_seconds(10 * DAY);
    assert_eq!(test.run_due().await, 0);
    assert_eq!((test.status(&id).await, reminded(&test).await), (1, 0));
    // Asked again, the time starts anew.
    test.reply(&id, "And which disk?", "pending_feedback").await.ok();
    test.advance_seconds(DAY);
    test.run_due().await;
    assert_eq!((test.status(&id).await, reminded(&test).await), (17, 1));
}

#[tokio::test]
async fn a_node_that_was_down_for_long_does_only_the_last() {
    let test = TestApp::start().await;
    let id = test.case_in(17).await;
    test.advance_seconds(30 * DAY);
    while test.run_due().await > 0 {}
    assert_eq!(test.status(&id).await, 2, "the customer still gets the days to confirm");
    test.advance_seconds(7 * DAY);
    test.run_due().await;
    assert_eq!(test.status(&id).await, 3);
    test.assert_sound().await;
}

#[tokio::test]
async fn a_paused_case_goes_on_at_the_planned_time() {
    let test = TestApp::start().await;
    let id = test.case_in(1).await;
    let body = json!({"reason": "parts", "resume_at": "2026-01-06T09:30:15Z"});
    test.desk(&ERIN, &id, "pause", &body).await.ok();
    test.advance_seconds(DAY - 1);
    assert_eq!(test.run_due().await, 0);
    test.advance_seconds(1);
    assert_eq!(test.run_due().await, 1);
    assert_eq!((test.status(&id).await, test.log(&id).await), (1, vec![0, 1, 20, 21]));
    let detail = test.desk_detail(&ERIN, &id).await;
    assert_eq!((&detail["pause_reason"], &detail["resume_at"]), (&Value::Null, &Value::Null));
    // Taken up by hand before its time: the timer is gone.
    test.desk(&ERIN, &id, "pause", &json!({"reason": "parts", "resume_at": "2026-01-08T00:00:00Z"})).await.ok();
    test.desk(&ERIN, &id, "resume", &json!({})).await.ok();
    // Without a time it waits for somebody.
    test.desk(&ERIN, &id, "pause", &json!({"reason": "holidays"})).await.ok();
    test.advance_seconds(300 * DAY);
    assert_eq!(test.run_due().await, 0);
    assert_eq!(test.status(&id).await, 5);
}

#[tokio::test]
async fn a_timer_that_comes_too_late_does_nothing() {
    let test = TestApp::start().await;
    let ids = [test.case_in(1).await, test.case_in(3).await, test.case_in(13).await, "TT2026010500000000".to_owned()];
    let logs = [test.log(&ids[0]).await, test.log(&ids[1]).await, test.log(&ids[2]).await];
    let (now, keys) = (test.app.clock.now().0, ids.clone());
    let queue = async move |tx: &mut Tx| -> Result<(), StoreError> {
        for kind in
            ["case.close_by_itself", "case.remind_first", "case.remind_second", "case.confirm_by_itself", "case.resume"]
        {
            for key in &keys {
                let job = NewJob { kind, key: Some(key), account_id: None, payload: json!({}), run_at: now };
                jobs::enqueue(tx, &job, now).await?;
            }
        }
        Ok(())
    };
    test.app.store.write(queue).await.unwrap();
    assert_eq!(test.run_due().await, 20);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0, "they are done, not tried again");
    assert_eq!(reminded(&test).await, 0);
    for (id, log) in ids.iter().zip(logs) {
        assert_eq!(test.log(id).await, log);
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn two_holders_carry_out_once() {
    let test = TestApp::start().await;
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(test.case_in(2).await);
    }
    test.advance_seconds(7 * DAY);
    let run = async |holder: &str| counterfoil::jobs::run_due(&test.app, holder).await.unwrap();
    let (a, b, c) = tokio::join!(run("a"), run("b"), run("c"));
    assert_eq!(a + b + c, 8);
    for id in &ids {
        assert_eq!(test.log(id).await, [0, 1, 18, 3]);
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn a_holder_that_dies_is_replaced_when_its_lease_ends() {
    let test = TestApp::start().await;
    let id = test.case_in(2).await;
    test.advance_seconds(7 * DAY);
    let now = test.app.clock.now().0;
    let claim = async move |tx: &mut Tx| jobs::claim(tx, "dead", 10, now).await;
    assert_eq!(test.app.store.write(claim).await.unwrap().len(), 1);
    assert_eq!(test.run_due().await, 0);
    assert_eq!(test.status(&id).await, 2);
    test.advance_seconds(60);
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.log(&id).await, [0, 1, 18, 3]);
}

#[tokio::test]
async fn a_customer_and_the_timer_do_not_both_close() {
    let test = TestApp::start().await;
    for _ in 0..4 {
        let id = test.case_in(2).await;
        test.advance_seconds(7 * DAY);
        let (closed, _) = tokio::join!(test.act(&BOB, &id, "close"), test.run_due());
        if closed.status != 200 {
            assert_refused(&closed, 409, "OSM.01019001", "");
        }
        assert_eq!(test.log(&id).await, [0, 1, 18, 3]);
        assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
    }
    test.assert_sound().await;
}
