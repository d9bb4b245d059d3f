//! `ShowCaseExtendsParam`.

use crate::support::TestApp;
use crate::support::cases::{OnCase, assert_refused, assert_role_is_needed, fault};
use crate::support::people::{ALICE, BOB, CAROL};
use serde_json::{Value, json};

#[tokio::test]
async fn sensitive_ones_are_for_the_submitter_and_the_owner() {
    let test = TestApp::start().await;
    let case = test.case_of(&BOB, &fault("x")).await;
    let all = json!({"extends_map": {"instance_id": "i-1", "login_password": "hunter-2-plain"}});
    for by in [ALICE, BOB] {
        assert_eq!(test.read_case(&by, &case, "/extends-param").await.ok(), all, "{by:?}");
    }
    let group = test.group_of_operators().await;
    let seen = test.read_case(&CAROL, &case, &format!("/extends-param?group_id={group}")).await.ok();
    assert_eq!(seen, json!({"extends_map": {"instance_id": "i-1"}}));
    test.act(&BOB, &case, "cancel").await.ok();
    let after = test.read_case(&BOB, &case, "/extends-param").await.ok();
    assert_eq!(after, json!({"extends_map": {"instance_id": "i-1"}}), "erased with the end of the case");
    let none = test.case(&BOB).await;
    assert_eq!(test.read_case(&BOB, &none, "/extends-param").await.ok(), json!({"extends_map": {}}));
    let long = test.read_case(&BOB, &case, &format!("/extends-param?group_id={}", "g".repeat(65))).await;
    assert_refused(&long, 400, "OSM.01010001", "group_id: 0 to 64");
}

#[tokio::test]
async fn who_may_read_them() {
    let test = TestApp::start().await;
    assert_role_is_needed(&test, "/extends-param").await;
    test.assert_guarded(&OnCase { method: "GET", suffix: "/extends-param", body: Value::Null, status: 1 }).await;
}
