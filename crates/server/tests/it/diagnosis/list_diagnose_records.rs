//! The history of diagnoses.

use super::listeners::closed;
use super::{RECORDS, START, start_with};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, MALLORY};
use serde_json::json;

#[tokio::test]
async fn records_are_newest_first_and_paged() {
    let test = start_with(|config| config.diagnosis.at_once = 100).await;
    let ports = json!([{"port": closed().await, "protocol": "ssh"}, {"port": closed().await, "protocol": "tcp"}]);
    test.register(&ALICE, &json!({"name": "one", "kind": "host", "address": "127.0.0.1", "ports": ports})).await;
    let none = test.get(RECORDS).by(&ALICE).send().await.ok();
    assert_eq!(none, json!({"total_count": 0, "records": []}));
    let body = json!({"type": 1, "params": {"eip": "one", "more": "x"}, "region_id": "cn-north-7"});
    test.post(START).by(&ALICE).json(&body).send().await.ok();
    test.run_due().await;
    for _ in 0..2 {
        test.started(&BOB, 1, &json!({"eip": "one"})).await;
    }
    test.started(&ALICE, 3, &json!({"eip": "one"})).await;
    let page = test.get(&format!("{RECORDS}?page_size=2&page_no=2")).by(&ALICE).send().await.ok();
    assert_eq!(page["total_count"], 3);
    let expected = json!([{
        "id": "1", "status": "3", "params": {"eip": "one", "more": "x"}, "domain_id": test.account_id(&ALICE).await,
        "create_time": 1_767_605_415, "job_id": "1", "abnormal_items": ["ports_open"], "red_count": 1,
        "region": "cn-north-7",
    }]);
    assert_eq!(page["records"], expected);
    let first = test.get(&format!("{RECORDS}?page_size=2")).by(&ALICE).send().await.ok();
    assert_eq!((&first["records"][0]["job_id"], &first["records"][1]["job_id"]), (&json!("3"), &json!("2")));
    assert_eq!(first["records"][0]["status"], "0");
    let logins = test.get(&format!("{RECORDS}?type=3")).by(&ALICE).send().await.ok();
    assert_eq!((&logins["total_count"], &logins["records"][0]["job_id"]), (&json!(1), &json!("4")));
    // A user sees the own ones.
    let own = test.get(RECORDS).by(&BOB).send().await.ok();
    assert_eq!((&own["total_count"], own["records"].as_array().unwrap().len()), (&json!(2), 2));
    assert_eq!(test.get(RECORDS).by(&MALLORY).send().await.ok()["total_count"], 0);
    let far = test.get(&format!("{RECORDS}?page_no=2147483647&page_size=100")).by(&ALICE).send().await.ok();
    assert_eq!((&far["total_count"], &far["records"]), (&json!(3), &json!([])));
    test.assert_sound().await;
}

#[tokio::test]
async fn bounds_are_held() {
    let test = start_with(|_| {}).await;
    for (query, field) in [
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_no=0", "page_no"),
        ("page_no=2147483648", "page_no"),
        ("type=5", "type"),
        ("type=0", "type"),
    ] {
        let answer = test.get(&format!("{RECORDS}?{query}")).by(&ALICE).send().await;
        assert_refused(&answer, 400, "OSM.01010001", field);
    }
}
