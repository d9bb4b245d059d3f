//! Showing a diagnosis.

use super::listeners::{Manner, listen};
use super::{JOB, start};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};
use serde_json::json;

#[tokio::test]
async fn a_diagnosis_from_start_to_end() {
    let test = start().await;
    let port = listen(Manner::Says(b"220 mail\r\n".to_vec())).await;
    let resource =
        json!({"name": "web", "kind": "host", "address": "127.0.0.1", "ports": [{"port": port, "protocol": "ssh"}]});
    let id = test.register(&ALICE, &resource).await;
    let job_id = test.started(&BOB, 3, &json!({"eip": id})).await;
    let account = test.account_id(&ALICE).await;
    let waiting =
        json!({"status": 0, "job_id": 1, "domain_id": account, "items_result": [], "create_time": 1_767_605_415});
    assert_eq!(test.job(&BOB, &job_id).await, waiting);
    test.run_due().await;
    let job = test.job(&BOB, &job_id).await;
    assert_eq!((&job["status"], &job["job_id"]), (&json!(3), &json!(1)));
    let item = |check: &str, name: &str, status: i64, level: i64| {
        json!({"status": status, "visible": 1, "resource_id": id, "resource_name": "web", "check_id": check,
            "check_name": name, "problem_level": level})
    };
    let expected = json!([
        item("name_resolves", "The name resolves", 7, 0),
        item("address_answers", "The address answers (TCP)", 3, 3),
        item("ssh_greets", "SSH greets", 3, 4),
    ]);
    assert_eq!(job["items_result"], expected);
    let chinese = test.get(&format!("{JOB}?job_id=1&region_id=cn-north-7")).by(&BOB).send().await.ok();
    assert_eq!(chinese["items_result"][0]["check_name"], "域名解析");
}

#[tokio::test]
async fn without_a_number_it_is_the_newest_that_the_caller_sees() {
    let test = start().await;
    assert_refused(&test.get(JOB).by(&BOB).send().await, 404, "OSM.01019080", "");
    test.register(&ALICE, &json!({"name": "one", "kind": "host", "address": "10.0.0.1"})).await;
    for person in [BOB, CAROL] {
        test.started(&person, 1, &json!({"eip": "one"})).await;
    }
    assert_eq!(test.get(JOB).by(&BOB).send().await.ok()["job_id"], 1);
    assert_eq!(test.get(JOB).by(&ALICE).send().await.ok()["job_id"], 2, "the owner sees all");
    assert_refused(&test.get(JOB).by(&MALLORY).send().await, 404, "OSM.01019080", "");
}

#[tokio::test]
async fn others_diagnoses_are_not_shown() {
    let test = start().await;
    test.register(&ALICE, &json!({"name": "one", "kind": "host", "address": "10.0.0.1"})).await;
    let job_id = test.started(&BOB, 1, &json!({"eip": "one"})).await;
    assert_refused(&test.get(&format!("{JOB}?job_id={job_id}")).by(&CAROL).send().await, 403, "OSM.01010002", "");
    let theirs = test.get(&format!("{JOB}?job_id={job_id}")).by(&MALLORY).send().await;
    assert_refused(&theirs, 404, "OSM.01019080", "");
    for text in ["2", "0", "-1", "1.0", "x", "99999999999999999999"] {
        let answer = test.get(&format!("{JOB}?job_id={text}")).by(&ALICE).send().await;
        assert_refused(&answer, 404, "OSM.01019080", "");
    }
    let long = "1".repeat(65);
    assert_refused(&test.get(&format!("{JOB}?job_id={long}")).by(&ALICE).send().await, 400, "OSM.01010001", "job_id");
}
