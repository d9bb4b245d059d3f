//! What can be diagnosed.

use super::{RESOURCES, start};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, MALLORY, OSCAR};
use serde_json::json;

#[tokio::test]
async fn the_account_sees_what_was_registered_for_it() {
    let test = start().await;
    let none = test.post(RESOURCES).by(&ALICE).json(&json!({})).send().await.ok();
    assert_eq!(none, json!({"total_count": 0, "result": []}));
    let resource = json!({"name": "web", "kind": "host", "address": "192.0.2.7", "region": "cn-north-7",
        "ports": [{"port": 22}, {"port": 8443, "protocol": "https"}]});
    let id = test.register(&ALICE, &resource).await;
    test.register(&ALICE, &json!({"name": "db", "kind": "postgres", "address": "2001:db8::5"})).await;
    test.register(&ALICE, &json!({"name": "site", "kind": "website", "address": "https://a.example/x"})).await;
    let answer = test.post(RESOURCES).by(&BOB).json(&json!({})).send().await.ok();
    assert_eq!(answer["total_count"], 3);
    let expected = json!({
        "fault": "", "id": id, "name": "web", "accessIPv4": "192.0.2.7", "accessIPv6": "", "status": "ACTIVE",
        "progress": "100", "tenantId": "", "userId": test.user_id(&OSCAR).await, "hostId": "",
        "metadata": {"kind": "host", "address": "192.0.2.7", "ports": "22/ssh,8443/https", "region": "cn-north-7"},
    });
    assert_eq!(answer["result"][2], expected);
    assert_eq!(answer["result"][0]["accessIPv6"], "2001:db8::5");
    assert_eq!(
        (&answer["result"][1]["accessIPv4"], &answer["result"][1]["metadata"]["ports"]),
        (&json!(""), &json!("443/https"))
    );
    assert_eq!(test.post(RESOURCES).by(&MALLORY).json(&json!({})).send().await.ok()["total_count"], 0);
}

#[tokio::test]
async fn region_and_project_pick() {
    let test = start().await;
    let project = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    for (name, region, project) in [("a", "north", Some(project)), ("b", "south", None), ("c", "", None)] {
        let resource =
            json!({"name": name, "kind": "host", "address": "192.0.2.7", "region": region, "project_id": project});
        test.register(&ALICE, &resource).await;
    }
    for (body, expected) in [
        (json!({"region": "north"}), vec!["a", "c"]),
        (json!({"region": "south", "project_id": ""}), vec!["b", "c"]),
        (json!({"project_id": project}), vec!["a", "b", "c"]),
        (json!({"project_id": "another"}), vec!["b", "c"]),
        (json!({"project_id": "another", "region": "north"}), vec!["c"]),
    ] {
        let answer = test.post(RESOURCES).by(&ALICE).json(&body).send().await.ok();
        let names: Vec<_> = answer["result"].as_array().unwrap().iter().map(|r| r["name"].clone()).collect();
        assert_eq!((json!(names), &answer["total_count"]), (json!(expected), &json!(expected.len())), "{body}");
    }
    let answer = test.post(RESOURCES).by(&ALICE).json(&json!({"region": ""})).send().await;
    assert_refused(&answer, 400, "OSM.01010001", "region");
}
