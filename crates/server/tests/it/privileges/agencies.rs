//! Acting through an agency: what it may do, whose name stands in the records, and when it ends.

use super::By;
use crate::support::TestApp;
use crate::support::cases::{CASES, assert_refused, consultation};
use crate::support::people::{ALICE, BOB, MALLORY};
use counterfoil::iam::{self, AdminError, Role};
use counterfoil::privileges::{Grant, Privilege};
use counterfoil_store::Tx;
use serde_json::json;

#[tokio::test]
async fn without_a_role_nothing_can_be_submitted() {
    let test = TestApp::start().await;
    test.delegate(&[], None).await;
    let agent = By::Token(test.assume(&MALLORY).await);
    let answer = agent.send(test.submit(&consultation("may I?"))).await;
    assert_refused(&answer, 403, "OSM.01010007", "");
    let bobs = test.case(&BOB).await;
    let answer = agent.send(test.get(&format!("{CASES}/{bobs}"))).await;
    assert_refused(&answer, 403, "OSM.01010002", "");
    assert_eq!(agent.send(test.get(CASES)).await.ok()["total_count"], 0);
}

#[tokio::test]
async fn records_name_the_agency_and_who_stood_behind_it() {
    let test = TestApp::start().await;
    test.delegate(&[Role::TicketAdministrator], None).await;
    let agent = By::Token(test.assume(&MALLORY).await);
    let id = agent.send(test.submit(&consultation("in your name"))).await.ok()["incident_id"].clone();
    let id = id.as_str().unwrap();

    // The account's side.
    let detail = test.detail(&ALICE, id).await;
    assert_eq!(
        (&detail["xcustomer_name"], &detail["customer_id"]),
        (&json!("other/support"), &json!(test.account_id(&ALICE).await))
    );
    assert_eq!(detail["message_list"][0]["replier_name"], "other/support/mallory");
    let logs = test.read_case(&ALICE, id, "/operate-logs").await.ok();
    let log = &logs["incident_operate_log_list"][0];
    assert_eq!((&log["operator_name"], &log["operator_type"]), (&json!("other/support/mallory"), &json!(0)));
    assert_eq!(log["operator_id"], detail["xcustomer_id"]);
    let rows = test.rows("SELECT payload FROM events WHERE kind = 'case.created'").await;
    let payload: serde_json::Value = serde_json::from_str(&rows[0].get::<String>(0).unwrap()).unwrap();
    let (account, user) = (test.account_id(&MALLORY).await, test.user_id(&MALLORY).await);
    assert_eq!(payload["agent"], json!({"domain_id": account, "user_id": user}));
    assert_eq!(test.ids(&ALICE, "x_customer_name=other/support").await, [id]);
    assert_eq!(test.ids(&BOB, "").await, Vec::<String>::new());

    // The agent's side: through the agency it is there, without it there is nothing.
    assert_eq!(agent.send(test.get(CASES)).await.ok()["total_count"], 1);
    let own = test.get(&format!("{CASES}/{id}")).by(&MALLORY).english().send().await;
    assert_refused(&own, 404, "OSM.01010015", "");
    test.assert_sound().await;
}

#[tokio::test]
async fn with_the_privilege_all_of_the_account_is_handled_but_secrets_and_switches() {
    let test = TestApp::start().await;
    test.delegate(&[], None).await;
    let agent = By::Token(test.assume(&MALLORY).await);
    let mut body = consultation("my password is lost");
    body["authorization_content"] = "the code is 4711".into();
    let bobs = test.case_of(&BOB, &body).await;
    let show = async || agent.send(test.get(&format!("{CASES}/{bobs}"))).await;
    assert_refused(&show().await, 403, "OSM.01010002", "");
    test.grant(Grant::Agency("support".to_owned()), Privilege::AssumeCaseAll, true).await;
    let shown = show().await.ok();
    assert_eq!(shown["incident_detail_info"]["xcustomer_name"], "bob");
    assert!(!shown.to_string().contains("4711"), "confidential text is the submitter's and the owner's");
    let cancel = test.post(&format!("{CASES}/{bobs}/action?action_id=cancel")).json(&json!({}));
    agent.send(cancel).await.ok();
    assert_eq!(test.status(&bobs).await, 4);
    let logs = test.read_case(&BOB, &bobs, "/operate-logs").await.ok();
    assert_eq!(logs["incident_operate_log_list"][1]["operator_name"], "other/support/mallory");
    let switch = test.post(super::PRIVILEGES).json(&json!({"operation": "create", "privilege": "createCase"}));
    assert_refused(&agent.send(switch).await, 403, "OSM.01010002", "");
    let others = test.case(&MALLORY).await;
    assert_refused(&agent.send(test.get(&format!("{CASES}/{others}"))).await, 404, "OSM.01010015", "");

    test.grant(Grant::Agency("support".to_owned()), Privilege::AssumeCaseAll, false).await;
    assert_refused(&show().await, 403, "OSM.01010002", "");
    test.switch(&ALICE, Privilege::AssumeCaseAll, true).await.ok();
    assert_eq!(show().await.status, 200, "the account trusts all of its agencies");
}

#[tokio::test]
async fn it_ends_with_its_time_or_when_it_is_taken_away() {
    let test = TestApp::start().await;
    test.delegate(&[Role::TicketAdministrator], Some(600)).await;
    test.grant(Grant::Agency("support".to_owned()), Privilege::AssumeCaseAll, true).await;
    let agent = By::Token(test.assume(&MALLORY).await);
    let bobs = test.case(&BOB).await;
    let show = async |agent: &By| agent.send(test.get(&format!("{CASES}/{bobs}"))).await;
    assert_eq!(show(&agent).await.status, 200);
    test.advance_seconds(600);
    assert_eq!(show(&agent).await.status, 401);

    let end = async |tx: &mut Tx| -> Result<(), AdminError> {
        let acme = iam::load_account(tx, "acme").await?;
        iam::end_agency(tx, &acme.id, "support").await
    };
    test.app.store.write(end).await.unwrap();
    assert_eq!(test.number("SELECT COUNT(*) FROM privilege_grants").await, 0, "what was granted to it is gone with it");
    test.delegate(&[Role::TicketAdministrator], None).await;
    let agent = By::Token(test.assume(&MALLORY).await);
    assert_refused(&show(&agent).await, 403, "OSM.01010002", "");
    test.app.store.write(end).await.unwrap();
    assert_eq!(show(&agent).await.status, 401);
}
