//! `ListCaseLabels`.

use super::{label, put};
use crate::support::TestApp;
use crate::support::cases::{OnCase, assert_role_is_needed};
use crate::support::people::{ALICE, BOB};
use serde_json::{Value, json};

#[tokio::test]
async fn the_labels_stand_in_every_answer_about_the_case() {
    let test = TestApp::start().await;
    let case = test.case(&BOB).await;
    let other = test.case(&BOB).await;
    assert_eq!(test.read_case(&BOB, &case, "/labels").await.ok(), json!({"case_label_list": []}));
    let (a, b) = (label(&test, &ALICE, "生产").await, label(&test, &ALICE, "urgent").await);
    put(&test, &BOB, &case, &[b, a]).await.ok();
    let expected = json!([
        {"label_id": a, "name": "生产", "color": "#0a0B0c"},
        {"label_id": b, "name": "urgent", "color": "#0a0B0c"},
    ]);
    assert_eq!(test.read_case(&BOB, &case, "/labels").await.ok(), json!({"case_label_list": expected}));
    assert_eq!(test.detail(&ALICE, &case).await["label_list"], expected);
    assert_eq!(test.detail(&ALICE, &other).await["label_list"], json!([]));
    let page = test.list(&BOB, "").await;
    let of = |id: &str| -> Value {
        let list = page["incident_info_list"].as_array().unwrap();
        list.iter().find(|row| row["incident_id"] == id).unwrap()["label_list"].clone()
    };
    assert_eq!((of(&case), of(&other)), (expected, json!([])));
}

#[tokio::test]
async fn who_may_read_them() {
    let test = TestApp::start().await;
    assert_role_is_needed(&test, "/labels").await;
    test.assert_guarded(&OnCase { method: "GET", suffix: "/labels", body: Value::Null, status: 1 }).await;
}
