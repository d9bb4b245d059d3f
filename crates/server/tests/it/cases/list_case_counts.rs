//! `ListCaseCounts`.

use crate::support::Person;
use crate::support::TestApp;
use crate::support::cases::{STATUSES, assert_refused, consultation, fault};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use serde_json::{Value, json};

async fn counts(test: &TestApp, by: &Person, query: &str) -> Vec<(i64, i64)> {
    let target = format!("/v2/servicerequest/cases/count?{query}");
    let answer = test.get(&target).by(by).send().await.ok();
    let rows = answer["incident_status_counts"].as_array().unwrap().clone();
    rows.iter().map(|row| (row["status"].as_i64().unwrap(), row["count"].as_i64().unwrap())).collect()
}

#[tokio::test]
async fn every_status_is_listed_with_what_the_caller_may_see() {
    let test = TestApp::start().await;
    let empty: Vec<(i64, i64)> = STATUSES.map(|status| (status, 0)).into();
    assert_eq!(counts(&test, &BOB, "").await, empty);
    for status in STATUSES {
        test.case_in(status).await;
    }
    test.case(&CAROL).await;
    // The deleted case is in no customer's count.
    let bobs: Vec<(i64, i64)> = STATUSES.map(|status| (status, i64::from(status != 13))).into();
    assert_eq!(counts(&test, &BOB, "").await, bobs);
    let mut all = bobs.clone();
    all[0].1 = 2;
    assert_eq!(counts(&test, &ALICE, "").await, all);
    assert_eq!(counts(&test, &MALLORY, "").await, empty);
    for (status, count) in all {
        assert_eq!(counts(&test, &ALICE, &format!("status={status}")).await, [(status, count)]);
    }
    assert_eq!(counts(&test, &ALICE, "status=7").await, []);
    test.assert_sound().await;
}

#[tokio::test]
async fn totals_of_lists_are_the_counters_and_both_are_what_a_recount_finds() {
    let test = TestApp::start().await;
    for status in STATUSES.into_iter().chain(STATUSES) {
        test.case_in(status).await;
    }
    test.case(&CAROL).await;
    for by in [&ALICE, &BOB, &CAROL] {
        let mut sum = 0;
        for (status, count) in counts(&test, by, "").await {
            assert_eq!(test.list(by, &format!("status={status}")).await["total_count"], count, "{status}");
            // A time in the query keeps the counters from being used.
            let recount = test.list(by, &format!("status={status}&query_start_time=2000-01-01&limit=100")).await;
            assert_eq!(recount["total_count"], count, "{status}");
            assert_eq!(recount["incident_info_list"].as_array().unwrap().len() as i64, count, "{status}");
            sum += count;
        }
        assert_eq!(test.list(by, "").await["total_count"], sum);
        assert_eq!(test.list(by, "query_start_time=2000-01-01").await["total_count"], sum);
        assert_eq!(test.list(by, "incident_status=0,1,2,3,4,5,12,13,17").await["total_count"], sum);
    }
}

#[tokio::test]
async fn product_and_problem_narrow_the_count() {
    let test = TestApp::start().await;
    test.case_of(&BOB, &fault("a")).await;
    test.case_of(&CAROL, &fault("b")).await;
    test.case_of(&BOB, &consultation("c")).await;
    let open = async |by: &Person, query: &str| counts(&test, by, query).await[0];
    assert_eq!(open(&ALICE, "product_category_id=ecs").await, (0, 3));
    assert_eq!(open(&BOB, "product_category_id=ecs").await, (0, 2));
    assert_eq!(open(&BOB, "business_type_id=ecs.login-failed").await, (0, 1));
    assert_eq!(open(&BOB, "business_type_id=ecs.login-failed&product_category_id=bms").await, (0, 0));
    assert_eq!(open(&MALLORY, "product_category_id=ecs").await, (0, 0));
    assert_eq!(counts(&test, &ALICE, "status=0&product_category_id=ecs").await, [(0, 3)]);
}

#[tokio::test]
async fn bounds_and_permission() {
    let test = TestApp::start().await;
    let ask = async |query: &str, by: &Person| {
        test.get(&format!("/v2/servicerequest/cases/count?{query}")).by(by).english().send().await
    };
    for query in ["status=-1", "status=21", "status=1.5", "status=99999999999999999999"] {
        assert_refused(&ask(query, &BOB).await, 400, "OSM.01010001", "status: a whole number from 0 to 20");
    }
    assert_refused(&ask("status=x", &BOB).await, 400, "OSM.0001", "status");
    assert_refused(&ask(&format!("business_type_id={}", "x".repeat(33)), &BOB).await, 400, "OSM.01010001", "0 to 32");
    assert_refused(&ask("", &ERIN).await, 403, "OSM.01010002", "");
    let answer = ask("status=20", &BOB).await.ok();
    assert_eq!(answer, json!({"incident_status_counts": Value::Array(Vec::new())}));
}
