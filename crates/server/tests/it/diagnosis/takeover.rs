//! Nodes that die in the middle, come late, or do the same at once.

use super::listeners::{Manner, listen};
use super::start_with;
use crate::support::TestApp;
use crate::support::people::ALICE;
use counterfoil_store::{Tx, jobs};
use serde_json::json;

/// A diagnosis that is queued, of something that answers.
async fn queued(test: &TestApp) -> String {
    let port = listen(Manner::Says(b"SSH-2.0-x\r\n".to_vec())).await;
    let ports = json!([{"port": port, "protocol": "ssh"}]);
    test.register(&ALICE, &json!({"name": "one", "kind": "host", "address": "127.0.0.1", "ports": ports})).await;
    test.started(&ALICE, 1, &json!({"eip": "one"})).await
}

/// Claims the job and does nothing with it, as a node that dies would.
async fn die(test: &TestApp) {
    let now = test.app.clock.now().0;
    let claim = async move |tx: &mut Tx| jobs::claim_outgoing(tx, "dead", 10, now).await;
    assert_eq!(test.app.store.write(claim).await.unwrap().len(), 1);
}

#[tokio::test]
async fn another_node_takes_over_when_the_lease_ends() {
    let test = start_with(|_| {}).await;
    let job_id = queued(&test).await;
    assert_eq!(test.job(&ALICE, &job_id).await["status"], 0);
    die(&test).await;
    assert_eq!(test.run_due().await, 0);
    assert_eq!(test.job(&ALICE, &job_id).await["status"], 0);
    test.advance_seconds(60);
    assert_eq!(test.run_due().await, 1);
    let job = test.job(&ALICE, &job_id).await;
    assert_eq!(job["status"], 3);
    assert_eq!(job["items_result"].as_array().unwrap().len(), 4);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
}

#[tokio::test]
async fn a_node_that_has_lost_its_lease_writes_nothing() {
    let test = start_with(|_| {}).await;
    let job_id = queued(&test).await;
    let now = test.app.clock.now().0;
    let claim = async move |tx: &mut Tx| jobs::claim_outgoing(tx, "slow", 10, now).await;
    let claimed = test.app.store.write(claim).await.unwrap().remove(0);
    test.advance_seconds(60);
    die(&test).await;
    counterfoil::diagnosis::run::carry_out(&test.app, &claimed, "slow").await.unwrap();
    assert_eq!(test.job(&ALICE, &job_id).await["status"], 0, "the other node has it now");
    test.advance_seconds(60);
    test.run_due().await;
    assert_eq!(test.job(&ALICE, &job_id).await["status"], 3);
    counterfoil::diagnosis::run::carry_out(&test.app, &claimed, "slow").await.unwrap();
    assert_eq!(test.number("SELECT COUNT(*) FROM diagnose_items").await, 4);
}

#[tokio::test]
async fn a_diagnosis_on_which_every_node_dies_has_failed() {
    let test = start_with(|_| {}).await;
    let job_id = queued(&test).await;
    for _ in 0..3 {
        die(&test).await;
        test.advance_seconds(60);
    }
    assert_eq!(test.run_due().await, 1);
    let job = test.job(&ALICE, &job_id).await;
    assert_eq!((&job["status"], &job["items_result"]), (&json!(4), &json!([])));
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
}

#[tokio::test]
async fn a_diagnosis_that_no_node_takes_is_given_up() {
    let test = start_with(|config| config.diagnosis.wait_seconds = 100).await;
    let job_id = queued(&test).await;
    test.advance_seconds(101);
    test.run_due().await;
    assert_eq!(test.job(&ALICE, &job_id).await["status"], 8);
}

#[tokio::test]
async fn several_nodes_at_once_look_once() {
    let test = start_with(|_| {}).await;
    let job_id = queued(&test).await;
    let run = async |holder: &str| counterfoil::jobs::run_due(&test.app, holder).await.unwrap();
    let (a, b, c) = tokio::join!(run("a"), run("b"), run("c"));
    assert_eq!(a + b + c, 1);
    assert_eq!(test.job(&ALICE, &job_id).await["status"], 3);
    assert_eq!(test.number("SELECT COUNT(*) FROM diagnose_items").await, 4);
}
