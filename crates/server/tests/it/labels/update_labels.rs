//! `UpdateLabels`.

use super::{LABELS, label, put};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, ERIN, MALLORY};
use crate::support::{Answer, Person, TestApp};
use serde_json::{Value, json};

async fn update(test: &TestApp, by: &Person, id: &str, body: Value) -> Answer {
    test.put(&format!("{LABELS}/{id}")).json(&body).by(by).english().send().await
}

fn body(name: &str) -> Value {
    json!({"name": name, "color": "#112233"})
}

#[tokio::test]
async fn name_and_colour_change_wherever_the_label_is() {
    let test = TestApp::start().await;
    let id = label(&test, &ALICE, "prod").await;
    let case = test.case(&BOB).await;
    put(&test, &BOB, &case, &[id]).await.ok();
    assert_eq!(update(&test, &BOB, &id.to_string(), body("生产")).await.ok(), json!({}));
    let expected = json!([{"label_id": id, "name": "生产", "color": "#112233"}]);
    assert_eq!(test.detail(&BOB, &case).await["label_list"], expected);
    assert_eq!(test.get(LABELS).by(&ALICE).send().await.ok()["label_list"], expected);
    // Its own name is no other label's.
    update(&test, &BOB, &id.to_string(), json!({"name": "生产", "color": "#000000"})).await.ok();
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'label.updated'").await, 2);
    test.assert_sound().await;
}

#[tokio::test]
async fn another_label_s_name_and_unknown_labels_are_refused() {
    let test = TestApp::start().await;
    let id = label(&test, &ALICE, "prod").await;
    label(&test, &ALICE, "test").await;
    assert_refused(&update(&test, &BOB, &id.to_string(), body("test")).await, 409, "OSM.01010040", "");
    for unknown in ["0", "1", "2147483647"] {
        assert_refused(&update(&test, &BOB, unknown, body("x")).await, 404, "OSM.01010039", "does not exist");
    }
    let (foreign, missing) = (
        update(&test, &MALLORY, &id.to_string(), body("x")).await,
        update(&test, &MALLORY, "2147483647", body("x")).await,
    );
    assert_eq!((foreign.status, &foreign.bytes), (missing.status, &missing.bytes));
    assert_eq!(foreign.code(), "OSM.01010039");
    for odd in ["label-123", "-1", "2147483648", "1.0", "99999999999999999999"] {
        assert_refused(
            &update(&test, &BOB, odd, body("x")).await,
            400,
            "OSM.01010001",
            "label_id: a whole number from 0",
        );
    }
    assert_refused(&update(&test, &ERIN, &id.to_string(), body("x")).await, 403, "OSM.01010002", "");
    let rows = test.rows("SELECT name FROM labels ORDER BY name").await;
    let names: Vec<String> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    assert_eq!(names, ["prod", "test"]);
}

#[tokio::test]
async fn both_fields_are_needed() {
    let test = TestApp::start().await;
    let id = label(&test, &ALICE, "prod").await.to_string();
    for (body, code, field) in [
        (json!({"name": "x"}), "OSM.01010001", "color: it is mandatory"),
        (json!({"color": "#000000"}), "OSM.01010001", "name: it is mandatory"),
        (json!({"name": "x", "color": "1"}), "OSM.01010001", "color: #RRGGBB"),
        (json!({"name": "", "color": "#000000"}), "OSM.01010001", "name"),
        (json!({"name": "a".repeat(65), "color": "#000000"}), "OSM.01010001", "name"),
        (json!({"name": ["x"], "color": "#000000"}), "OSM.0001", "name"),
    ] {
        assert_refused(&update(&test, &BOB, &id, body).await, 400, code, field);
    }
}
