//! Changing a resource.

use super::{REGISTRY, start};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, ERIN, MALLORY, OSCAR};
use serde_json::json;

#[tokio::test]
async fn it_is_found_under_its_new_address() {
    let test = start().await;
    let id = test.register(&ALICE, &json!({"name": "web", "kind": "host", "address": "10.0.0.1"})).await;
    let body = json!({"account": "acme", "resource": {"name": "web 2", "kind": "host", "address": "10.0.0.2"}});
    assert_eq!(test.put(&format!("{REGISTRY}/{id}")).by(&OSCAR).json(&body).send().await.ok(), json!({}));
    assert_refused(&test.diagnose(&ALICE, 1, &json!({"eip": "10.0.0.1"})).await, 404, "OSM.01019081", "");
    test.started(&ALICE, 1, &json!({"eip": "10.0.0.2"})).await;
    test.started(&ALICE, 1, &json!({"eip": "web 2"})).await;
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'resource.updated'").await, 1);
}

#[tokio::test]
async fn what_is_not_of_the_account_is_not_changed() {
    let test = start().await;
    let id = test.register(&ALICE, &json!({"name": "web", "kind": "host", "address": "10.0.0.1"})).await;
    test.register(&ALICE, &json!({"name": "other", "kind": "host", "address": "10.0.0.3"})).await;
    let resource = json!({"name": "changed", "kind": "host", "address": "10.0.0.2"});
    let target = format!("{REGISTRY}/{id}");
    let of_another = json!({"account": MALLORY.account, "resource": resource});
    assert_refused(&test.put(&target).by(&OSCAR).json(&of_another).send().await, 404, "OSM.01019081", "");
    let body = json!({"account": "acme", "resource": resource});
    for missing in ["x", "00000000000000000000000000000000"] {
        let answer = test.put(&format!("{REGISTRY}/{missing}")).by(&OSCAR).json(&body).send().await;
        assert_refused(&answer, 404, "OSM.01019081", "");
    }
    for person in [ALICE, ERIN] {
        assert_eq!(test.put(&target).by(&person).json(&body).send().await.status, 403);
    }
    let namesake = json!({"account": "acme", "resource": {"name": "other", "kind": "host", "address": "10.0.0.2"}});
    assert_refused(&test.put(&target).by(&OSCAR).json(&namesake).send().await, 409, "OSM.01019082", "");
    let wrong = json!({"account": "acme", "resource": {"name": "web", "kind": "host", "address": "a b"}});
    assert_refused(&test.put(&target).by(&OSCAR).json(&wrong).send().await, 400, "OSM.01010001", "resource.address");
    let rows = test.rows("SELECT name, address FROM diagnose_resources ORDER BY name DESC").await;
    assert_eq!(
        (rows[0].get::<String>(0).unwrap(), rows[0].get::<String>(1).unwrap()),
        ("web".to_owned(), "10.0.0.1".to_owned())
    );
}
