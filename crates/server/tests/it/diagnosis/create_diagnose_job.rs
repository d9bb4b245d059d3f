//! Starting a diagnosis.

use super::{START, start, start_with};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, ERIN, MALLORY};
use serde_json::json;

async fn with_host(test: &TestApp) -> String {
    let resource = json!({"name": "web 1", "kind": "host", "address": "10.0.0.1", "ports": [{"port": 22}]});
    test.register(&ALICE, &resource).await
}

#[tokio::test]
async fn numbers_count_in_the_account() {
    let test = start().await;
    let id = with_host(&test).await;
    let answer = test.diagnose(&ALICE, 1, &json!({"eip": id})).await.ok();
    assert_eq!(answer, json!({"job_id": "1"}));
    assert_eq!(test.started(&BOB, 1, &json!({"eip": "web 1"})).await, "2");
    test.register(&MALLORY, &json!({"name": "theirs", "kind": "host", "address": "10.0.0.1"})).await;
    assert_eq!(test.started(&MALLORY, 1, &json!({"eip": "theirs"})).await, "1");
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'diagnosis.started'").await, 3);
    test.run_due().await;
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'diagnosis.ended'").await, 3);
    test.assert_sound().await;
}

#[tokio::test]
async fn what_is_looked_at_is_found_by_id_name_and_address() {
    let test = start_with(|config| config.diagnosis.at_once = 100).await;
    let id = with_host(&test).await;
    let mixed = json!({"name": "db", "kind": "postgres", "address": "DB.Example.com"});
    let database = test.register(&ALICE, &mixed).await;
    for eip in [id.as_str(), "web 1", "10.0.0.1", " 10.0.0.1 ", "::ffff:10.0.0.1", "0x0a000001"] {
        test.started(&ALICE, 1, &json!({"eip": eip})).await;
        test.started(&ALICE, 3, &json!({"eip": eip})).await;
    }
    for instance in [database.as_str(), "db", "db.example.com"] {
        test.started(&ALICE, 2, &json!({"instanceId": instance})).await;
    }
    test.started(&ALICE, 4, &json!({})).await;
    let body = json!({"type": 4, "region_id": "cn-north-7"});
    test.post(START).by(&ALICE).json(&body).send().await.ok();
}

#[tokio::test]
async fn only_what_the_account_has_registered_is_looked_at() {
    let test = start().await;
    assert_refused(&test.diagnose(&ALICE, 4, &json!({})).await, 404, "OSM.01019081", "");
    let id = with_host(&test).await;
    for eip in ["10.0.0.2", "web 2", "127.0.0.1", "00000000000000000000000000000000", "http://10.0.0.1/"] {
        assert_refused(&test.diagnose(&ALICE, 1, &json!({"eip": eip})).await, 404, "OSM.01019081", "");
    }
    for theirs in [id.as_str(), "web 1", "10.0.0.1"] {
        assert_refused(&test.diagnose(&MALLORY, 1, &json!({"eip": theirs})).await, 404, "OSM.01019081", "");
    }
    // A machine is no database.
    assert_refused(&test.diagnose(&ALICE, 2, &json!({"instanceId": id})).await, 404, "OSM.01019081", "");
    assert_eq!(test.number("SELECT COUNT(*) FROM diagnose_jobs").await, 0);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
}

#[tokio::test]
async fn wrong_input_is_named() {
    let test = start().await;
    with_host(&test).await;
    assert_refused(&test.diagnose(&ALICE, 1, &json!({})).await, 400, "OSM.01010001", "params.eip");
    assert_refused(&test.diagnose(&ALICE, 3, &json!({"eip": " "})).await, 400, "OSM.01010001", "params.eip");
    assert_refused(&test.diagnose(&ALICE, 2, &json!({"eip": "x"})).await, 400, "OSM.01010001", "params.instanceId");
    assert_refused(&test.diagnose(&ALICE, 5, &json!({})).await, 400, "OSM.01010001", "type");
    let long = "x".repeat(257);
    assert_refused(&test.diagnose(&ALICE, 1, &json!({"eip": long})).await, 400, "OSM.01010001", "params.eip");
    let many: serde_json::Map<_, _> = (0..21).map(|i| (format!("k{i}"), json!("v"))).collect();
    assert_refused(&test.diagnose(&ALICE, 1, &json!(many)).await, 400, "OSM.01010001", "params");
    assert_refused(&test.diagnose(&ALICE, 1, &json!({"eip": 1})).await, 400, "OSM.0001", "params.eip");
    assert_eq!(test.diagnose(&ERIN, 4, &json!({})).await.status, 403);
    assert_eq!(test.number("SELECT COUNT(*) FROM diagnose_jobs").await, 0);
}

#[tokio::test]
async fn an_account_has_so_many_under_way_and_a_user_so_many_in_an_hour() {
    let test = start_with(|config| {
        config.diagnosis.at_once = 2;
        config.diagnosis.per_hour = 3;
    })
    .await;
    let id = with_host(&test).await;
    let params = json!({"eip": id});
    test.started(&ALICE, 1, &params).await;
    test.started(&BOB, 1, &params).await;
    let refused = test.diagnose(&ALICE, 1, &params).await;
    assert_refused(&refused, 429, "OSM.01019084", "");
    assert_eq!(refused.header("retry-after"), Some("10"));
    test.run_due().await;
    test.started(&ALICE, 1, &params).await;
    test.advance_seconds(600);
    test.run_due().await;
    test.started(&ALICE, 1, &params).await;
    test.run_due().await;
    let refused = test.diagnose(&ALICE, 1, &params).await;
    assert_refused(&refused, 429, "OSM.01019084", "");
    assert_eq!(refused.header("retry-after"), Some("3000"));
    // Others of the account are not kept waiting.
    assert_eq!(test.started(&BOB, 1, &params).await, "5", "no number was lost");
    test.run_due().await;
    test.advance_seconds(3001);
    test.started(&ALICE, 1, &params).await;
    test.assert_sound().await;
}

#[tokio::test]
async fn of_two_that_race_for_the_last_place_one_wins() {
    let test = start_with(|config| config.diagnosis.at_once = 1).await;
    let id = with_host(&test).await;
    let params = json!({"eip": id});
    let (a, b) = tokio::join!(test.diagnose(&ALICE, 1, &params), test.diagnose(&BOB, 1, &params));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 429]);
    assert_eq!(test.number("SELECT COUNT(*) FROM diagnose_jobs").await, 1);
}

#[tokio::test]
async fn sent_twice_with_one_key_it_starts_once() {
    let test = start().await;
    let id = with_host(&test).await;
    let body = json!({"type": 1, "params": {"eip": id}});
    let send = async || test.post(START).by(&ALICE).header("Idempotency-Key", "k1").json(&body).send().await.ok();
    assert_eq!(send().await, send().await);
    assert_eq!(test.number("SELECT COUNT(*) FROM diagnose_jobs").await, 1);
}
