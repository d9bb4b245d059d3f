//! Which plan an account has, and what becomes of plans that are replaced.

use super::SMALL;
use crate::support::TestApp;
use crate::support::cases::column;
use crate::support::people::{ALICE, BOB, MALLORY};
use counterfoil::plans::{self, PlanError};
use counterfoil_store::Tx;

const SEVERITIES: &str =
    "/v2/servicerequest/config/severities?product_category_id=ecs&business_type_id=ecs.login-failed";

/// The severities that somebody of the account may choose, which tell the plan.
async fn severities(test: &TestApp) -> Vec<String> {
    let answer = test.get(SEVERITIES).by(&BOB).english().send().await.ok();
    column(&answer["severity_list"], "severity_id")
}

async fn has_bought(test: &TestApp) -> bool {
    let (account, now) = (test.account_id(&ALICE).await, test.app.clock.now());
    let ask = async move |tx: &mut Tx| plans::has_bought_plan(tx, &account, now).await;
    test.app.store.read(ask).await.unwrap()
}

#[tokio::test]
async fn the_plan_assigned_last_counts_while_it_is_valid() {
    let test = TestApp::start().await;
    let start = test.app.clock.now();
    let day = 24 * 3600;
    assert_eq!(severities(&test).await.len(), 5);
    assert!(!has_bought(&test).await);
    test.assign_from(&ALICE, "basic", start, None).await;
    let trial = (start.plus_seconds(10 * day), start.plus_seconds(20 * day));
    test.assign_from(&ALICE, "enterprise", trial.0, Some(trial.1)).await;
    assert_eq!(severities(&test).await, ["guidance"]);
    assert!(!has_bought(&test).await, "the free plan is not bought");
    test.advance_seconds(10 * day - 1);
    assert_eq!(severities(&test).await, ["guidance"]);
    test.advance_seconds(1);
    assert_eq!(severities(&test).await.len(), 5);
    assert!(has_bought(&test).await);
    let others = test.get(SEVERITIES).by(&MALLORY).send().await.ok();
    assert_eq!(others["severity_list"].as_array().unwrap().len(), 5, "another account has its own plan");
    test.advance_seconds(10 * day);
    assert_eq!(severities(&test).await, ["guidance"], "the trial is over");
    let now = test.app.clock.now();
    let end = async move |tx: &mut Tx| plans::end(tx, ALICE.account, now).await.map(drop);
    test.app.store.write(end).await.unwrap();
    assert_eq!(severities(&test).await.len(), 5, "the default again");
    let again = test.app.store.write(end).await.unwrap_err();
    assert!(matches!(again, PlanError::NoneAssigned));
    let told = test.number("SELECT COUNT(*) FROM events WHERE kind LIKE 'plan.%'").await;
    assert_eq!(told, 3, "two assignments and an end");
}

#[tokio::test]
async fn severities_and_the_form_follow_the_plan() {
    let test = TestApp::start().await;
    let shown = async || test.get(SEVERITIES).by(&BOB).send().await.ok()["show"].clone();
    assert_eq!(shown().await, true);
    test.assign(&ALICE, "basic").await;
    assert_eq!(shown().await, false, "one severity is no choice");
    test.advance_seconds(1);
    test.assign(&ALICE, "business").await;
    assert_eq!(shown().await, true);
    let expected = ["production-down", "production-impaired", "system-impaired", "guidance"];
    assert_eq!(severities(&test).await, expected);
}

#[tokio::test]
async fn a_plan_that_is_not_named_any_more_goes_on_for_those_who_have_it() {
    let test = TestApp::start().await;
    test.import_plans(SMALL).await;
    test.assign(&ALICE, "small").await;
    test.import_plans("").await;
    assert_eq!(severities(&test).await, ["system-impaired", "guidance"]);
    assert_eq!(test.quota(&BOB, "ecs.purchase").await, (3, 3));
    let now = test.app.clock.now();
    let assign = async move |tx: &mut Tx| plans::assign(tx, MALLORY.account, "small", now, None, now).await.map(drop);
    let refused = test.app.store.write(assign).await.unwrap_err();
    assert!(matches!(refused, PlanError::NoPlan(id) if id == "small"));
    let listed = plans::list(&test.app.store).await.unwrap();
    assert!(listed.iter().any(|(id, enabled, _)| id == "small" && !enabled));
    assert!(!plans::export(&test.app.store).await.unwrap().contains("plans.small"));
}

#[tokio::test]
async fn an_import_is_whole_or_not_at_all() {
    let test = TestApp::start().await;
    let before = plans::export(&test.app.store).await.unwrap();
    let catalog = test.app.catalog.snapshot(&test.app.store).await.unwrap();
    for (text, words) in [
        ("format = 1", "at least one plan"),
        (SMALL, "format: must be 1"),
        (&before.replace("plans.unrestricted", "plans.other"), "the default plan"),
        (&before.replace("core-down", "no-such"), "no such severity"),
        (&format!("{before}{SMALL}").replace("\"ecs\"", "\"no-such\""), "no product"),
        (&format!("{before}{SMALL}").replace("\"usage\"", "\"no-such\""), "no problem"),
    ] {
        let refused = plans::import(&test.app.store, &catalog, "unrestricted", text).await.unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
    }
    assert_eq!(plans::export(&test.app.store).await.unwrap(), before);
    plans::import(&test.app.store, &catalog, "unrestricted", &before).await.unwrap();
    assert_eq!(plans::export(&test.app.store).await.unwrap(), before);
}

#[tokio::test]
async fn wrong_assignments_are_refused() {
    let test = TestApp::start().await;
    let now = test.app.clock.now();
    for (account, plan, until, words) in [
        ("nobody", "basic", None, "no account"),
        ("provider", "basic", None, "reserved"),
        (ALICE.account, "no-such", None, "no plan"),
        (ALICE.account, "basic", Some(now), "after it starts"),
    ] {
        let assign = async move |tx: &mut Tx| plans::assign(tx, account, plan, now, until, now).await.map(drop);
        let refused = test.app.store.write(assign).await.unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM account_plans").await, 0);
}

#[tokio::test]
async fn a_default_plan_that_is_not_there_is_said_so() {
    let test = TestApp::start_with(|config| "no-such".clone_into(&mut config.plans.default_plan)).await;
    let answer = test.get(SEVERITIES).by(&BOB).english().send().await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "OSM.0004"));
    test.assign(&ALICE, "business").await;
    test.get(SEVERITIES).by(&BOB).send().await.ok();
}
