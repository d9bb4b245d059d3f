//! Taking a resource out.

use super::{REGISTRY, start};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, ERIN, OSCAR};
use serde_json::json;

#[tokio::test]
async fn what_is_gone_is_not_looked_at() {
    let test = start().await;
    let id = test.register(&ALICE, &json!({"name": "web", "kind": "host", "address": "127.0.0.1"})).await;
    let job_id = test.started(&ALICE, 1, &json!({"eip": id})).await;
    let target = format!("{REGISTRY}/{id}?account=acme");
    assert_eq!(test.delete(&target).by(&OSCAR).send().await.ok(), json!({}));
    test.run_due().await;
    let job = test.job(&ALICE, &job_id).await;
    assert_eq!((&job["status"], &job["items_result"]), (&json!(7), &json!([])));
    assert_refused(&test.delete(&target).by(&OSCAR).send().await, 404, "OSM.01019081", "");
    assert_refused(&test.diagnose(&ALICE, 1, &json!({"eip": id})).await, 404, "OSM.01019081", "");
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'resource.deleted'").await, 1);
}

#[tokio::test]
async fn what_is_not_of_the_account_stays() {
    let test = start().await;
    let id = test.register(&ALICE, &json!({"name": "web", "kind": "host", "address": "127.0.0.1"})).await;
    let theirs = test.delete(&format!("{REGISTRY}/{id}?account=other")).by(&OSCAR).send().await;
    assert_refused(&theirs, 404, "OSM.01019081", "");
    assert_refused(&test.delete(&format!("{REGISTRY}/{id}")).by(&OSCAR).send().await, 400, "OSM.01010001", "account");
    for person in [ALICE, ERIN] {
        assert_eq!(test.delete(&format!("{REGISTRY}/{id}?account=acme")).by(&person).send().await.status, 403);
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM diagnose_resources").await, 1);
}
