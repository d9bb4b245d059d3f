//! `CreatePrivileges`.

use super::{By, POLICY, PRIVILEGES};
use crate::support::TestApp;
use crate::support::cases::{assert_refused, consultation};
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};
use counterfoil::iam::Role;
use counterfoil::privileges::Privilege;
use serde_json::{Value, json};

#[tokio::test]
async fn the_owner_restricts_submitting_and_opens_it_again() {
    let test = TestApp::start().await;
    assert_eq!(test.switch(&ALICE, Privilege::CreateCase, true).await.ok(), json!({}));
    let refused = test.submit(&consultation("may I?")).by(&BOB).english().send().await;
    assert_refused(&refused, 403, "OSM.01010007", "This tenant has no role to create a case.");
    let zh = test.submit(&consultation("may I?")).by(&BOB).send().await;
    assert_refused(&zh, 403, "OSM.01010007", "该租户没有创建工单的角色");
    assert_eq!(test.number("SELECT COUNT(*) FROM cases").await, 0);
    test.case(&ALICE).await;
    test.case(&MALLORY).await;
    test.switch(&ALICE, Privilege::CreateCase, false).await.ok();
    test.case(&BOB).await;
    test.assert_sound().await;
}

#[tokio::test]
async fn the_other_switches_grant() {
    let test = TestApp::start().await;
    assert!(!test.has(&By::Key(BOB), Privilege::Export).await);
    test.switch(&ALICE, Privilege::Export, true).await.ok();
    assert!(test.has(&By::Key(BOB), Privilege::Export).await);
    test.switch(&ALICE, Privilege::Export, false).await.ok();
    assert!(!test.has(&By::Key(BOB), Privilege::Export).await);
    test.switch(&ALICE, Privilege::AssumeCaseAll, true).await.ok();
    assert!(!test.has(&By::Key(BOB), Privilege::AssumeCaseAll).await, "bob acts through no agency");
}

#[tokio::test]
async fn submitting_is_meant_when_none_is_named() {
    let test = TestApp::start().await;
    for body in [json!({"operation": "create"}), json!({"operation": "create", "privilege": ""})] {
        test.post(PRIVILEGES).json(&body).by(&ALICE).send().await.ok();
        assert_eq!(test.get(POLICY).by(&BOB).send().await.ok()["policy_switch"], true);
        test.switch(&ALICE, Privilege::CreateCase, false).await.ok();
    }
}

#[tokio::test]
async fn nobody_but_the_owner_switches() {
    let test = TestApp::start().await;
    test.group("both", &[Role::TicketAdministrator, Role::TicketGroupOperator], &[CAROL]).await;
    for by in [BOB, CAROL] {
        for privilege in Privilege::ALL {
            assert_refused(&test.switch(&by, privilege, true).await, 403, "OSM.01010002", "");
        }
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM privilege_switches").await, 0);
}

#[tokio::test]
async fn each_change_leaves_one_event() {
    let test = TestApp::start().await;
    for is_on in [false, true, true, false] {
        test.switch(&ALICE, Privilege::Export, is_on).await.ok();
    }
    let events = "SELECT actor, payload FROM events WHERE kind = 'privilege.switched' ORDER BY event_no";
    let rows = test.rows(events).await;
    let payloads: Vec<String> = rows.iter().map(|row| row.get(1).unwrap()).collect();
    assert_eq!(payloads, [r#"{"on":true}"#, r#"{"on":false}"#]);
    assert_eq!(rows[0].get::<String>(0).unwrap(), test.user_id(&ALICE).await.to_string());
}

#[tokio::test]
async fn wrong_bodies_are_named() {
    let test = TestApp::start().await;
    let send = async |body: &Value| test.post(PRIVILEGES).json(body).by(&ALICE).english().send().await;
    for (body, code, field) in [
        (json!({}), "OSM.01010001", "operation"),
        (json!({"operation": ""}), "OSM.01010001", "operation: allowed are create, delete"),
        (json!({"operation": "grant"}), "OSM.01010001", "operation: allowed are create, delete"),
        (json!({"operation": "x".repeat(65)}), "OSM.01010001", "operation"),
        (json!({"operation": 1}), "OSM.0001", "operation"),
        (json!({"operation": "create", "privilege": "all"}), "OSM.01010001", "privilege: allowed are export"),
        (json!({"operation": "create", "privilege": "x".repeat(65)}), "OSM.01010001", "privilege"),
        (json!({"operation": "create", "privilege": ["export"]}), "OSM.0001", "privilege"),
    ] {
        assert_refused(&send(&body).await, 400, code, field);
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM privilege_switches").await, 0);
}
