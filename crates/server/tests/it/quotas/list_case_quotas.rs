//! `ListCaseQuotas`.

use super::{QUOTAS, SMALL, question};
use crate::support::TestApp;
use crate::support::cases::{assert_refused, consultation, fault};
use crate::support::people::{ALICE, BOB, ERIN, MALLORY};

#[tokio::test]
async fn nothing_is_limited_unless_the_plan_says_so() {
    let test = TestApp::start().await;
    assert_eq!(test.quota(&BOB, "ecs.usage").await, (-1, -1));
    test.assign(&ALICE, "enterprise").await;
    test.case(&BOB).await;
    assert_eq!(test.quota(&BOB, "ecs.usage").await, (-1, -1));
}

#[tokio::test]
async fn the_tightest_quota_is_told_and_each_account_has_its_own() {
    let test = TestApp::start().await;
    test.import_plans(SMALL).await;
    test.assign(&ALICE, "small").await;
    test.assign(&MALLORY, "small").await;
    assert_eq!(test.quota(&BOB, "ecs.usage").await, (2, 2));
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 3));
    assert_eq!(test.quota(&BOB, "ecs.login-failed").await, (1, 1));
    test.case_of(&BOB, &question()).await;
    assert_eq!(test.quota(&ALICE, "ecs.usage").await, (2, 2), "two of three are left, and two of two");
    assert_eq!(test.quota(&ALICE, "ecs.purchase").await, (3, 2));
    test.case_of(&ALICE, &consultation("How?")).await;
    assert_eq!(test.quota(&BOB, "ecs.usage").await, (2, 1));
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 1));
    test.case_of(&BOB, &system_fault()).await;
    assert_eq!(test.quota(&BOB, "ecs.login-failed").await, (1, 0));
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 0));
    assert_eq!(test.quota(&MALLORY, "ecs.usage").await, (2, 2));
}

/// A fault of a severity that the small plan has.
fn system_fault() -> serde_json::Value {
    let mut body = fault("cannot log in");
    body["severity_id"] = "system-impaired".into();
    body
}

#[tokio::test]
async fn packs_add_to_one_month() {
    let test = TestApp::start().await;
    test.import_plans(SMALL).await;
    test.assign(&ALICE, "small").await;
    assert_eq!(test.add_packs(&ALICE, "all", 2, "2026-01").await.unwrap(), 20);
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (23, 23));
    assert_eq!(test.quota(&BOB, "ecs.usage").await, (2, 2), "the other quota is as tight as before");
    let refused = test.add_packs(&ALICE, "faults", 1, "2026-01").await.unwrap_err();
    assert!(refused.to_string().contains("no ticket packs"), "{refused}");
    assert!(test.add_packs(&MALLORY, "all", 1, "2026-01").await.is_err(), "the default plan sells none");
    for _ in 0..4 {
        test.case_of(&BOB, &question()).await;
    }
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (23, 19));
    test.advance_seconds(31 * 24 * 3600);
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 3), "what is left of a pack lapses");
    test.assert_sound().await;
}

#[tokio::test]
async fn parameters_are_checked() {
    let test = TestApp::start().await;
    let long = "x".repeat(65);
    for (query, field) in [
        ("", "business_type_id"),
        ("business_type_id=", "business_type_id"),
        (&format!("business_type_id={}", &long[..33]), "business_type_id"),
        ("business_type_id=ecs.nothing", "business_type_id"),
        ("business_type_id=ecs.usage&product_category_id=bms", "product_category_id"),
        (&format!("business_type_id=ecs.usage&product_category_id={long}"), "product_category_id"),
    ] {
        let answer = test.get(&format!("{QUOTAS}?{query}")).by(&BOB).english().send().await;
        assert_refused(&answer, 400, "OSM.01010001", field);
    }
    let good = format!("{QUOTAS}?business_type_id=ecs.usage&product_category_id=ecs");
    test.get(&good).by(&BOB).send().await.ok();
    let zh = test.get(&format!("{QUOTAS}?business_type_id=x")).by(&BOB).send().await;
    assert!(zh.message().contains("问题类型"), "{}", zh.message());
    assert_refused(&test.get(&good).by(&ERIN).english().send().await, 403, "OSM.01010002", "");
    assert_eq!(test.get(&good).send().await.status, 401);
}
