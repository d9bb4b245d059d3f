//! `ShowLatestPublishedAgreement`.

use super::{AGREEMENTS, version};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{BOB, ERIN, MALLORY};
use counterfoil::agreements::Kind;
use counterfoil_wire::time::Micros;
use serde_json::json;

#[tokio::test]
async fn a_new_installation_offers_every_kind_in_both_languages() {
    let test = TestApp::start().await;
    let mut ids = Vec::new();
    for (query, kind, english, chinese) in [
        ("", "0", "Agreement on submitting cases", "提交工单协议"),
        ("agreement_type=0", "0", "Agreement on submitting cases", "提交工单协议"),
        ("agreement_type=1", "1", "Agreement on submitting cases (ISV users)", "提交工单协议（ISV用户）"),
        ("agreement_type=2", "2", "Agreement on authorizations", "授权协议"),
    ] {
        let answer = test.newest(&BOB, query).await;
        assert_eq!((&answer["agreement_type"], &answer["version"]), (&json!(kind), &json!(1)), "{answer}");
        assert_eq!((&answer["agreement_name"], &answer["agreement_type_name"]), (&json!(english), &json!(english)));
        assert!(answer["content"].as_str().unwrap().starts_with(english), "{answer}");
        let target = format!("{AGREEMENTS}/published-agreement?{query}");
        let other = test.get(&target).by(&MALLORY).send().await.ok()["case_agreement"].clone();
        assert_eq!((&other["agreement_name"], &other["version"]), (&json!(chinese), &json!(1)));
        assert!(other["content"].as_str().unwrap().starts_with(chinese), "{other}");
        ids.extend([answer["id"].clone(), other["id"].clone()]);
    }
    ids.sort_by_key(|id| id.as_str().unwrap().to_owned());
    ids.dedup();
    assert_eq!(ids.len(), 6, "each text has an id of its own: {ids:?}");
}

#[tokio::test]
async fn the_newest_valid_version_counts() {
    let test = TestApp::start().await;
    let now = test.app.clock.now();
    test.publish(version(Kind::NewCase, false, now.plus_seconds(60))).await;
    assert_eq!(test.newest(&BOB, "").await["version"], 1, "it is not valid yet");
    test.advance_seconds(60);
    let newest = test.newest(&BOB, "").await;
    assert_eq!((&newest["version"], &newest["agreement_name"]), (&json!(2), &json!("Rules")));
    assert_eq!(newest["content"], "Rules: be kind.");
    assert_eq!(test.newest(&BOB, "agreement_type=1").await["version"], 1, "the other kinds go on");
    // One with an end: after it, what was before counts again.
    let ending = test.app.clock.now().plus_seconds(10);
    let mut third = version(Kind::NewCase, false, test.app.clock.now());
    third.valid_to = Some(ending);
    test.publish(third).await;
    assert_eq!(test.newest(&BOB, "").await["version"], 3);
    test.advance_seconds(10);
    assert_eq!(test.newest(&BOB, "").await["version"], 2);
    test.withdraw(Kind::NewCase, 2).await.unwrap();
    assert_eq!(test.newest(&BOB, "").await["version"], 1);
    assert!(test.withdraw(Kind::NewCase, 2).await.is_err(), "it has ended");
    test.withdraw(Kind::NewCase, 1).await.unwrap();
    assert_eq!(test.newest(&BOB, "").await, json!({}), "nothing is published");
    assert!(!test.has_signed(&BOB, "0").await);
    test.case(&BOB).await;
}

#[tokio::test]
async fn a_text_in_one_language_is_for_both() {
    let test = TestApp::start().await;
    let mut chinese = version(Kind::Authorization, false, Micros(0));
    chinese.texts.truncate(1);
    let (_, ids) = test.publish(chinese).await;
    let newest = test.newest(&BOB, "agreement_type=2").await;
    assert_eq!((&newest["agreement_name"], &newest["id"]), (&json!("规矩"), &json!(ids[0].to_string())));
    assert_eq!(newest["agreement_type_name"], "Agreement on authorizations", "names are the caller's language");
}

#[tokio::test]
async fn types_that_are_not_known_have_no_agreement() {
    let test = TestApp::start().await;
    for other in ["5", "-1", "00", "x", &"9".repeat(32)] {
        assert_eq!(test.newest(&BOB, &format!("agreement_type={other}")).await, json!({}), "{other}");
    }
    for (query, field) in
        [("agreement_type=", "agreement_type"), (&format!("agreement_type={}", "9".repeat(33)), "agreement_type")]
    {
        let answer = test.get(&format!("{AGREEMENTS}/published-agreement?{query}")).by(&BOB).english().send().await;
        assert_refused(&answer, 400, "OSM.01010001", &format!("{field}: 1 to 32 characters are allowed"));
    }
    let staff = test.get(&format!("{AGREEMENTS}/published-agreement")).by(&ERIN).english().send().await;
    assert_refused(&staff, 403, "OSM.01010002", "");
}
