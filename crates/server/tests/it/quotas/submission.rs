//! What a submission takes out of the quotas of its month, and when it gets it back.

use super::{SMALL, question};
use crate::support::TestApp;
use crate::support::cases::{CASES, assert_refused, consultation, fault};
use crate::support::people::{ALICE, BOB, CAROL, LEO};
use counterfoil_wire::time::{Micros, TimeZone};
use futures_util::future::join_all;
use serde_json::json;

async fn small() -> TestApp {
    let test = TestApp::start_with(|config| config.database.pool = 8).await;
    test.import_plans(SMALL).await;
    test.assign(&ALICE, "small").await;
    test
}

#[tokio::test]
async fn a_used_up_quota_refuses_and_leaves_nothing_behind() {
    let test = small().await;
    for _ in 0..3 {
        test.case_of(&BOB, &question()).await;
    }
    let refused = test.submit(&question()).by(&CAROL).english().send().await;
    assert_refused(&refused, 429, "OSM.01010037", "of this month");
    // 2026-01-05T09:30:15Z to the end of the month in GMT+8.
    assert_eq!(refused.header("retry-after"), Some("2269785"));
    let zh = test.submit(&question()).by(&CAROL).send().await;
    assert!(zh.message().contains("本月"), "{}", zh.message());
    assert_eq!(test.list(&ALICE, "").await["total_count"], 3);
    for table in ["cases", "messages", "case_plans", "case_quotas"] {
        assert_eq!(test.number(&format!("SELECT COUNT(*) FROM {table}")).await, 3, "{table}");
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn a_quota_that_still_has_room_is_not_touched_by_a_refusal() {
    let test = small().await;
    for _ in 0..2 {
        test.case_of(&BOB, &consultation("How?")).await;
    }
    let refused = test.submit(&consultation("How?")).by(&BOB).english().send().await;
    assert_refused(&refused, 429, "OSM.01010037", "");
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 1), "all comes before ecs-usage and was given back");
    test.case_of(&BOB, &question()).await;
    test.assert_sound().await;
}

#[tokio::test]
async fn of_those_who_race_for_the_last_one_wins() {
    let test = small().await;
    let other = test.another_node(0).await;
    test.case_of(&BOB, &question()).await;
    let body = question();
    let people = [&ALICE, &BOB, &CAROL];
    let nodes = [&test, &other];
    let calls = (0..24).map(|i| nodes[i % 2].submit(&body).by(people[i % 3]).english().send());
    let answers = join_all(calls).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 2);
    for answer in lost {
        assert_refused(answer, 429, "OSM.01010037", "");
    }
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 0));
    assert_eq!(test.list(&ALICE, "").await["total_count"], 3);
    test.assert_sound().await;
}

#[tokio::test]
async fn an_invalid_case_is_given_back_once() {
    let test = small().await;
    let ids = [test.case_of(&BOB, &question()).await, test.case_of(&BOB, &question()).await];
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 1));
    test.desk(&LEO, &ids[0], "invalid", &json!({"reason": "a test"})).await.ok();
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 2));
    test.act(&BOB, &ids[0], "delete").await.ok();
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 2));
    test.act(&BOB, &ids[1], "cancel").await.ok();
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 2), "whoever withdraws has had the service");
    test.assert_sound().await;
    // In the month of the submission, whenever that turns out.
    let late = test.case_of(&BOB, &question()).await;
    test.advance_seconds(31 * 24 * 3600);
    test.case_of(&BOB, &question()).await;
    test.desk(&LEO, &late, "invalid", &json!({"reason": "a test"})).await.ok();
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 2));
    assert_eq!(test.number("SELECT used FROM quota_months WHERE month = '2026-01' AND quota_id = 'all'").await, 1);
    test.assert_sound().await;
}

#[tokio::test]
async fn two_leads_give_back_one_case() {
    let test = small().await;
    let id = test.case_of(&BOB, &question()).await;
    let other = test.another_node(0).await;
    let reason = json!({"reason": "twice"});
    let calls = [&test, &other, &test, &other].map(|node| node.desk(&LEO, &id, "invalid", &reason));
    let won = join_all(calls).await.into_iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1);
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 3));
    test.assert_sound().await;
}

#[tokio::test]
async fn a_repeated_request_counts_once() {
    let test = small().await;
    let body = question();
    let send = || test.submit(&body).by(&BOB).unsigned_header("idempotency-key", "once").send();
    let (first, second) = (send().await.ok(), send().await.ok());
    assert_eq!(first, second);
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 2));
}

/// Moves the clock to a time of UTC.
fn go_to(test: &TestApp, time: &str) {
    let at = TimeZone::parse("UTC").unwrap().parse_local(time).unwrap();
    let now: Micros = test.app.clock.now();
    test.advance_seconds(at.seconds() - now.seconds());
}

#[tokio::test]
async fn months_begin_in_the_configured_zone() {
    for (zone, last_second) in
        [("GMT+8", "2026-01-31 15:59:59"), ("UTC", "2026-01-31 23:59:59"), ("America/New_York", "2026-02-01 04:59:59")]
    {
        let test = TestApp::start_with(|config| zone.clone_into(&mut config.plans.zone)).await;
        test.import_plans(SMALL).await;
        test.assign(&ALICE, "small").await;
        test.case_of(&BOB, &question()).await;
        go_to(&test, last_second);
        assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 2), "{zone}");
        test.case_of(&BOB, &question()).await;
        test.advance_seconds(1);
        assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 3), "{zone}");
        test.case_of(&BOB, &question()).await;
        let used = async |month: &str| {
            test.number(&format!("SELECT used FROM quota_months WHERE month = '{month}' AND quota_id = 'all'")).await
        };
        assert_eq!((used("2026-01").await, used("2026-02").await), (2, 1), "{zone}");
    }
}

#[tokio::test]
async fn a_plan_decides_about_faults_and_severities() {
    let test = TestApp::start().await;
    let submit = async |body: &serde_json::Value| test.submit(body).by(&BOB).english().send().await;
    let with = |severity: &str| {
        let mut body = fault("cannot log in");
        body["severity_id"] = severity.into();
        body
    };
    test.assign(&ALICE, "basic").await;
    assert_refused(&submit(&with("guidance")).await, 403, "OSM.01010009", "benefit");
    assert_refused(&submit(&with("core-down")).await, 403, "OSM.01010009", "benefit");
    let mut severe = consultation("How?");
    severe["severity_id"] = "system-impaired".into();
    assert_refused(&submit(&severe).await, 400, "OSM.01010006", "");
    severe["severity_id"] = "guidance".into();
    submit(&severe).await.ok();
    // Benefits of a plan have nothing to do with bills.
    let mut bill = fault("we paid twice");
    (bill["business_type_id"], bill["product_category_id"]) = ("billing.charge-error".into(), "billing".into());
    bill["extends_map"] = json!({"order_number": "CS2601050001"});
    for field in ["incident_sub_type_id", "severity_id"] {
        bill.as_object_mut().unwrap().remove(field);
    }
    submit(&bill).await.ok();
    test.advance_seconds(1);
    test.assign(&ALICE, "business").await;
    assert_refused(&submit(&with("core-down")).await, 400, "OSM.01010006", "");
    submit(&with("production-down")).await.ok();
    assert_eq!(test.number("SELECT COUNT(*) FROM cases").await, 3);
}

#[tokio::test]
async fn what_was_promised_stays() {
    let test = TestApp::start().await;
    test.assign(&ALICE, "business").await;
    let body = fault("cannot log in");
    let id = test.case_of(&BOB, &body).await;
    let promise = async |id: &str| test.desk_detail(&LEO, id).await["support_plan"].clone();
    let expected = json!({"plan_id": "business", "plan_name": "Business", "response_minutes": 60,
        "calendar_id": "around-the-clock"});
    assert_eq!(promise(&id).await, expected);
    test.import_plans(SMALL).await;
    test.advance_seconds(1);
    test.assign(&ALICE, "small").await;
    assert_eq!(promise(&id).await, expected, "the plan of the submission");
    let mut next = body;
    next["severity_id"] = "system-impaired".into();
    let id = test.case_of(&BOB, &next).await;
    let expected = json!({"plan_id": "small", "plan_name": "Small", "response_minutes": 480,
        "calendar_id": "business-hours"});
    assert_eq!(promise(&id).await, expected);
    let unrestricted = test.case_of(&crate::support::people::MALLORY, &consultation("How?")).await;
    assert_eq!(promise(&unrestricted).await, json!({"plan_id": "unrestricted", "plan_name": "Unrestricted"}));
    assert!(!test.read_case(&BOB, &id, "").await.ok().to_string().contains("small"), "{CASES}");
}
