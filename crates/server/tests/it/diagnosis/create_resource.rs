//! Registering a resource.

use super::{REGISTRY, start, start_with};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, CATHY, ERIN, MALLORY, OSCAR};
use serde_json::{Value, json};

fn body(resource: &Value) -> Value {
    json!({"account": "acme", "resource": resource})
}

#[tokio::test]
async fn an_operator_registers_for_an_account() {
    let test = start().await;
    let resource = json!({"name": "web", "kind": "host", "address": "web.example.com", "names": ["www.example.com"],
        "ports": [{"port": 22}, {"port": 8443, "protocol": "https"}], "region": "cn-north-7"});
    let made = test.post(REGISTRY).by(&OSCAR).json(&body(&resource)).send().await.ok();
    let account = test.account_id(&ALICE).await;
    let mut expected = resource.clone();
    expected["resource_id"] = made["resource_id"].clone();
    expected["domain_id"] = json!(account);
    expected["create_time"] = json!("2026-01-05T09:30:15Z");
    assert_eq!(made, expected);
    // By the account's id as well.
    let by_id = json!({"account": account, "resource": {"name": "db", "kind": "mysql", "address": "10.0.0.2"}});
    test.post(REGISTRY).by(&OSCAR).json(&by_id).send().await.ok();
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'resource.created'").await, 2);
}

#[tokio::test]
async fn only_operators_register() {
    let test = start().await;
    let good = body(&json!({"name": "web", "kind": "host", "address": "10.0.0.1"}));
    for person in [ALICE, MALLORY, ERIN, CATHY] {
        assert_refused(&test.post(REGISTRY).by(&person).json(&good).send().await, 403, "OSM.01010002", "");
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM diagnose_resources").await, 0);
}

#[tokio::test]
async fn a_name_is_there_once_and_an_account_has_so_many() {
    let test = start_with(|config| config.diagnosis.resources = 2).await;
    let named = |name: &str| body(&json!({"name": name, "kind": "host", "address": "10.0.0.1"}));
    test.post(REGISTRY).by(&OSCAR).json(&named("one")).send().await.ok();
    assert_refused(&test.post(REGISTRY).by(&OSCAR).json(&named("one")).send().await, 409, "OSM.01019082", "");
    test.register(&MALLORY, &json!({"name": "one", "kind": "host", "address": "10.0.0.1"})).await;
    test.post(REGISTRY).by(&OSCAR).json(&named("two")).send().await.ok();
    assert_refused(&test.post(REGISTRY).by(&OSCAR).json(&named("three")).send().await, 409, "OSM.01019083", "");
}

#[tokio::test]
async fn wrong_input_is_named_and_nothing_is_kept() {
    let test = start().await;
    for (resource, code, field) in [
        (json!({"kind": "host", "address": "a.b"}), "OSM.01010001", "resource.name"),
        (json!({"name": "", "kind": "host", "address": "a.b"}), "OSM.01010001", "resource.name"),
        (json!({"name": "x".repeat(65), "kind": "host", "address": "a.b"}), "OSM.01010001", "resource.name"),
        (json!({"name": "a\u{7}", "kind": "host", "address": "a.b"}), "OSM.01010001", "resource.name"),
        (json!({"name": "a", "kind": "router", "address": "a.b"}), "OSM.0001", "resource.kind"),
        (json!({"name": "a", "kind": "host", "address": "http://a.b/"}), "OSM.01010001", "resource.address"),
        (json!({"name": "a", "kind": "website", "address": "a.b"}), "OSM.01010001", "resource.address"),
        (json!({"name": "a", "kind": "website", "address": "file:///etc/passwd"}), "OSM.01010001", "resource.address"),
        (
            json!({"name": "a", "kind": "host", "address": "a.b", "names": ["10.0.0.1"]}),
            "OSM.01010001",
            "resource.names",
        ),
        (
            json!({"name": "a", "kind": "host", "address": "a.b", "ports": [{"port": 0}]}),
            "OSM.01010001",
            "resource.ports.port",
        ),
        (
            json!({"name": "a", "kind": "host", "address": "a.b", "ports": [{"port": 65536}]}),
            "OSM.0001",
            "resource.ports[0].port",
        ),
        (
            json!({"name": "a", "kind": "host", "address": "a.b", "ports": [{"port": 1, "protocol": "gopher"}]}),
            "OSM.0001",
            "resource.ports[0].protocol",
        ),
        (json!({"name": "a", "kind": "host", "address": "a.b", "project_id": "x"}), "OSM.0001", "resource.project_id"),
        (json!({"name": "a", "kind": "host", "address": "a.b", "adress": "x"}), "OSM.0001", "resource"),
    ] {
        assert_refused(&test.post(REGISTRY).by(&OSCAR).json(&body(&resource)).send().await, 400, code, field);
    }
    let resource = json!({"name": "a", "kind": "host", "address": "a.b"});
    for account in ["nobody", "provider", "00000000000000000000000000000000"] {
        let body = json!({"account": account, "resource": resource});
        assert_refused(&test.post(REGISTRY).by(&OSCAR).json(&body).send().await, 404, "OSM.01019085", "");
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM diagnose_resources").await, 0);
}
