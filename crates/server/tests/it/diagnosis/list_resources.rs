//! Listing what an account has registered, for operators.

use super::{REGISTRY, start};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, ERIN, MALLORY, OSCAR};
use serde_json::json;

#[tokio::test]
async fn one_account_is_listed_in_pages() {
    let test = start().await;
    for name in ["a", "b", "c"] {
        test.register(&ALICE, &json!({"name": name, "kind": "host", "address": "10.0.0.1"})).await;
    }
    test.register(&MALLORY, &json!({"name": "theirs", "kind": "host", "address": "10.0.0.1"})).await;
    let page = test.get(&format!("{REGISTRY}?account=acme&offset=1&limit=1")).by(&OSCAR).send().await.ok();
    assert_eq!((&page["total_count"], &page["resources"][0]["name"]), (&json!(3), &json!("b")));
    assert_eq!(page["resources"].as_array().unwrap().len(), 1);
    let id = test.account_id(&MALLORY).await;
    let page = test.get(&format!("{REGISTRY}?account={id}")).by(&OSCAR).send().await.ok();
    assert_eq!((&page["total_count"], &page["resources"][0]["domain_id"]), (&json!(1), &json!(id)));
}

#[tokio::test]
async fn an_account_has_to_be_named() {
    let test = start().await;
    assert_refused(&test.get(REGISTRY).by(&OSCAR).send().await, 400, "OSM.01010001", "account");
    let answer = test.get(&format!("{REGISTRY}?account=nobody")).by(&OSCAR).send().await;
    assert_refused(&answer, 404, "OSM.01019085", "");
    let answer = test.get(&format!("{REGISTRY}?account=acme&limit=101")).by(&OSCAR).send().await;
    assert_refused(&answer, 400, "OSM.01010001", "limit");
    for person in [ALICE, ERIN] {
        assert_eq!(test.get(&format!("{REGISTRY}?account=acme")).by(&person).send().await.status, 403);
    }
}
