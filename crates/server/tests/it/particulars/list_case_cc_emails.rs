//! `ListCaseCcEmails`, and the copy addresses of a new case.

use super::{copies, with_copies};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use serde_json::{Value, json};

#[tokio::test]
async fn what_the_user_s_open_cases_send_copies_to() {
    let test = TestApp::start().await;
    let (bob, acme) = (test.user_id(&BOB).await, test.account_id(&BOB).await);
    let none = json!({"cc_email_info": {"user_id": bob, "customer_id": acme, "cc_email": ""}, "mc_email_infos": []});
    assert_eq!(copies(&test, &BOB).await, none);
    let old = test.case_of(&BOB, &with_copies(&json!("lead@acme.example, ops@acme.example"))).await;
    test.case_of(&BOB, &with_copies(&json!(["boss@acme.example", "ops@acme.example"]))).await;
    test.case(&BOB).await;
    let all = copies(&test, &BOB).await;
    assert_eq!(all["cc_email_info"]["cc_email"], "boss@acme.example,ops@acme.example", "those of the newest case");
    assert_eq!(all["mc_email_infos"], json!(["boss@acme.example", "ops@acme.example", "lead@acme.example"]));
    assert_eq!(all["cc_email_info"]["user_id"], json!(bob));
    assert_eq!(test.detail(&BOB, &old).await["ext_info"]["cc_email"], "lead@acme.example,ops@acme.example");
    assert_eq!(test.desk_detail(&ERIN, &old).await["contact"]["cc_email"], "lead@acme.example,ops@acme.example");
    for other in [ALICE, CAROL, MALLORY] {
        assert_eq!(copies(&test, &other).await["mc_email_infos"], json!([]), "{other:?}");
    }
    let staff = test.get("/v2/servicerequest/carbon-copy-emails").by(&ERIN).english().send().await;
    assert_refused(&staff, 403, "OSM.01010002", "");
    test.assert_sound().await;
}

#[tokio::test]
async fn they_are_sealed_and_erased_when_the_case_ends() {
    let test = TestApp::start().await;
    let case = test.case_of(&BOB, &with_copies(&json!("secret.reader@acme.example"))).await;
    assert!(!test.database_holds("secret.reader").await);
    assert_eq!(test.detail(&BOB, &case).await["ext_info"]["cc_email"], "secret.reader@acme.example");
    test.act(&BOB, &case, "cancel").await.ok();
    assert_eq!(copies(&test, &BOB).await["mc_email_infos"], json!([]));
    assert_eq!(test.detail(&BOB, &case).await["ext_info"]["cc_email"], Value::Null);
    assert_eq!(test.number("SELECT COUNT(*) FROM case_cc_emails").await, 0);
    test.assert_sound().await;
}

#[tokio::test]
async fn five_are_shown_and_ten_may_be_used() {
    let test = TestApp::start().await;
    let ten: Vec<String> = (0..10).map(|i| format!("reader-{i}@acme.example")).collect();
    test.case_of(&BOB, &with_copies(&json!(ten))).await;
    assert_eq!(copies(&test, &BOB).await["mc_email_infos"], json!(ten[..5]));
    let eleven: Vec<String> = (0..11).map(|i| format!("reader-{i}@acme.example")).collect();
    let long = format!("{}@{}.example", "a".repeat(60), "b".repeat(61));
    for (wrong, says) in [
        (json!(eleven), "extension_map.cc_email: 0 to 10 items are allowed"),
        (json!("nobody"), "extension_map.cc_email: mail addresses"),
        (json!("a@b.example,c@d"), "extension_map.cc_email: mail addresses"),
        (json!(["a@b.example", 7]), "extension_map.cc_email: mail addresses"),
        (json!({"to": "a@b.example"}), "extension_map.cc_email: mail addresses"),
        (json!(long), "extension_map.cc_email: 1 to 128 characters"),
    ] {
        let answer = test.submit(&with_copies(&wrong)).by(&BOB).english().send().await;
        assert_refused(&answer, 400, "OSM.01010008", says);
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM cases").await, 1);
    let row = &test.rows("SELECT extension FROM cases").await[0];
    let kept: String = row.get(0).unwrap();
    assert_eq!(kept, json!({"channel": "itsm"}).to_string(), "the addresses are not among the plain values");
}
