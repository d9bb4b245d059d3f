//! `DeleteCaseLabels`.

use super::{label, on, put, take};
use crate::support::TestApp;
use crate::support::cases::{CASES, OnCase, assert_refused};
use crate::support::people::{ALICE, BOB};
use serde_json::{Value, json};

#[tokio::test]
async fn labels_are_taken_off_and_others_passed_over() {
    let test = TestApp::start().await;
    let case = test.case(&BOB).await;
    let (a, b, c) = (label(&test, &ALICE, "a").await, label(&test, &ALICE, "b").await, label(&test, &ALICE, "c").await);
    put(&test, &BOB, &case, &[a, b]).await.ok();
    assert_eq!(take(&test, &BOB, &case, &[b, c, 2_147_483_647]).await.ok(), json!({}));
    assert_eq!(on(&test, &BOB, &case).await, ["a"]);
    assert_eq!(take(&test, &ALICE, &case, &[b]).await.ok(), json!({}), "nothing to take off is no error");
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'case.labels_removed'").await, 1);
    assert_eq!(test.number("SELECT COUNT(*) FROM labels").await, 3);
    assert_eq!(test.ids(&BOB, &format!("label_id_list={b}")).await, Vec::<String>::new());
    test.assert_sound().await;
}

#[tokio::test]
async fn odd_ids_are_refused() {
    let test = TestApp::start().await;
    let case = test.case(&BOB).await;
    let ask = async |query: &str| test.delete(&format!("{CASES}/{case}/labels{query}")).by(&BOB).english().send().await;
    for odd in ["?label_ids=x", "?label_ids=-1", "?label_ids=2147483648", "", "?label_ids=1,2,3,4,5,6"] {
        assert_refused(&ask(odd).await, 400, "OSM.01010001", "label_ids");
    }
}

#[tokio::test]
async fn who_may_take_them_off() {
    let test = TestApp::start().await;
    let on_case = OnCase { method: "DELETE", suffix: "/labels?label_ids=1", body: Value::Null, status: 1 };
    test.assert_guarded(&on_case).await;
}
