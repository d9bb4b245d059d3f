//! `ListRelation`.

use super::{relate, related};
use crate::support::TestApp;
use crate::support::cases::{CASES, OnCase, assert_refused, assert_role_is_needed, consultation};
use crate::support::people::{ALICE, BOB, CAROL};
use serde_json::{Value, json};

#[tokio::test]
async fn brief_data_in_the_order_of_relating() {
    let test = TestApp::start().await;
    let case = test.case(&BOB).await;
    assert_eq!(test.read_case(&BOB, &case, "/relations").await.ok(), json!({"case_relation_list": []}));
    let old = test.case_of(&BOB, &consultation("磁盘已满")).await;
    let new = test.case_of(&ALICE, &consultation("The newer one")).await;
    relate(&test, &ALICE, &case, &[&new], None).await.ok();
    relate(&test, &ALICE, &case, &[&old], None).await.ok();
    let expected = json!({"case_relation_list": [
        {"case_id": new, "simple_description": "The newer one", "user_name": "alice", "is_visible": true},
        {"case_id": old, "simple_description": "磁盘已满", "user_name": "bob", "is_visible": true},
    ]});
    assert_eq!(test.read_case(&ALICE, &case, "/relations").await.ok(), expected);
}

/// Carol is in a group with bob and in one with alice, and relates their cases: bob sees that there is a case of alice's
/// and cannot open it, nor read what it says.
#[tokio::test]
async fn one_sees_that_a_case_is_related_without_opening_it() {
    let test = TestApp::start().await;
    let with_bob = test.group_of_operators().await;
    test.group("others", &[], &[ALICE, CAROL]).await;
    let (a, b) = (test.case_of(&ALICE, &consultation("not for bob")).await, test.case(&BOB).await);
    relate(&test, &CAROL, &b, &[&a], Some(&with_bob)).await.ok();
    let seen = test.read_case(&BOB, &b, "/relations").await.ok()["case_relation_list"][0].clone();
    assert_eq!((&seen["case_id"], &seen["user_name"]), (&json!(a), &json!("alice")));
    assert_eq!(
        (&seen["is_visible"], &seen["simple_description"]),
        (&json!(false), &json!("(You may not open this case.)"))
    );
    assert_refused(&test.read_case(&BOB, &a, "").await, 403, "OSM.01010002", "");
    let zh = test.get(&format!("{CASES}/{b}/relations")).by(&BOB).send().await.ok();
    assert_eq!(zh["case_relation_list"][0]["simple_description"], "（您无权查看该工单）");
    let carols = test.read_case(&CAROL, &b, &format!("/relations?group_id={with_bob}")).await.ok();
    assert_eq!(carols["case_relation_list"][0]["simple_description"], "not for bob");
    assert_eq!(related(&test, &ALICE, &a).await, [b]);
}

#[tokio::test]
async fn who_may_read_them() {
    let test = TestApp::start().await;
    assert_role_is_needed(&test, "/relations").await;
    test.assert_guarded(&OnCase { method: "GET", suffix: "/relations", body: Value::Null, status: 1 }).await;
}
