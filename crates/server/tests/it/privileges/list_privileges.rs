//! `ListPrivileges`.

use super::{By, PRIVILEGES};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use counterfoil::iam::Role;
use counterfoil::privileges::{Grant, Privilege};
use serde_json::json;

#[tokio::test]
async fn it_tells_what_the_caller_has() {
    let test = TestApp::start().await;
    let answer = test.get(&format!("{PRIVILEGES}?privilege=export")).by(&ALICE).send().await.ok();
    assert_eq!(answer, json!({"has_privilege": 1}));
    let has = async |person, privilege| test.has(&By::Key(person), privilege).await;
    for privilege in Privilege::ALL {
        assert!(has(ALICE, privilege).await, "the owner has {privilege:?}");
    }
    assert!(has(BOB, Privilege::CreateCase).await, "nothing is restricted");
    assert!(!has(BOB, Privilege::Export).await);
    assert!(!has(BOB, Privilege::AssumeCaseAll).await);

    test.grant(Grant::User("bob".to_owned()), Privilege::Export, true).await;
    assert!(has(BOB, Privilege::Export).await);
    assert!(!has(CAROL, Privilege::Export).await);
    test.grant(Grant::User("bob".to_owned()), Privilege::Export, false).await;
    assert!(!has(BOB, Privilege::Export).await);

    test.group("exporters", &[], &[CAROL]).await;
    test.grant(Grant::Group("exporters".to_owned()), Privilege::Export, true).await;
    assert!(has(CAROL, Privilege::Export).await, "by the group");
    assert!(!has(BOB, Privilege::Export).await);
}

#[tokio::test]
async fn roles_count_for_submitting() {
    let test = TestApp::start().await;
    test.switch(&ALICE, Privilege::CreateCase, true).await.ok();
    assert!(!test.has(&By::Key(BOB), Privilege::CreateCase).await);
    test.group("administrators", &[Role::TicketAdministrator], &[BOB]).await;
    test.group("operators", &[Role::TicketGroupOperator], &[CAROL]).await;
    assert!(test.has(&By::Key(BOB), Privilege::CreateCase).await);
    assert!(!test.has(&By::Key(CAROL), Privilege::CreateCase).await);
    assert!(test.has(&By::Key(MALLORY), Privilege::CreateCase).await, "another account's switch");
}

#[tokio::test]
async fn odd_names_are_refused() {
    let test = TestApp::start().await;
    let ask = async |query: &str| test.get(&format!("{PRIVILEGES}{query}")).by(&BOB).english().send().await;
    for query in ["", "?privilege=", "?privilege=everything", "?privilege=Export", "?privilege=export,createCase"] {
        assert_refused(&ask(query).await, 400, "OSM.01010001", "privilege: ");
    }
    let zh = test.get(&format!("{PRIVILEGES}?privilege=all")).by(&BOB).send().await;
    assert_refused(&zh, 400, "OSM.01010001", "privilege：只能是 export、createCase、assumeCaseAll");
    let staff = test.get(&format!("{PRIVILEGES}?privilege=export")).by(&ERIN).english().send().await;
    assert_refused(&staff, 403, "OSM.01010002", "");
}
