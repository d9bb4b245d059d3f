//! Who may call what, written down a second time in `areas/`: an operation that is in no list fails, and so does one whose
//! route says something else. Every operation is then called without a login and as everybody.

use super::{Draft, Fixtures, NOTHING, areas};
use crate::support::TestApp;
use crate::support::people::{ALICE, AMY, BOB, CATHY, ERIN, LEO, MALLORY, OSCAR};
use counterfoil::iam::StaffRole;
use counterfoil::routes::{self, Operation, Permission};
use std::collections::BTreeSet;

/// Operations that owners may call, and others with a privilege.
const NEED_A_PRIVILEGE: &[&str] = &["DownloadCases"];
/// Those who own their account.
const OWNERS: &[&str] = &["alice", "mallory"];

/// What the areas say of an operation.
fn expected(operation: &Operation) -> Permission {
    let lists = areas::all().into_iter().flat_map(|area| area.permissions);
    let found: Vec<_> = lists.filter(|(_, ids)| ids.contains(&operation.id)).collect();
    assert_eq!(found.len(), 1, "{} must be in one list of areas/", operation.id);
    found[0].0
}

#[test]
fn every_route_says_what_is_written_here() {
    let operations = routes::operations();
    for operation in &operations {
        assert_eq!(operation.permission, expected(operation), "{}", operation.id);
    }
    let there: BTreeSet<_> = operations.iter().map(|operation| operation.id).collect();
    assert_eq!(there.len(), operations.len(), "an operation id is used twice");
    let listed = areas::all().into_iter().flat_map(|area| area.permissions).flat_map(|(_, ids)| ids.iter().copied());
    assert_eq!(there, listed.collect(), "the lists name operations that are gone");
}

#[tokio::test]
async fn everybody_is_let_in_or_kept_out() {
    let app = TestApp::start().await;
    let people = [ALICE, BOB, MALLORY, ERIN, LEO, CATHY, AMY, OSCAR];
    let role = |name: &str| match name {
        "erin" => Some(StaffRole::Engineer),
        "leo" => Some(StaffRole::Lead),
        "cathy" => Some(StaffRole::CatalogAdmin),
        "amy" => Some(StaffRole::Auditor),
        "oscar" => Some(StaffRole::Operator),
        _ => None,
    };
    for operation in routes::operations() {
        let draft = Draft::good(&app, &operation, &Fixtures::nothing()).await;
        let anonymous = draft.call(&app).send().await;
        let wrong_token = draft.call(&app).token(NOTHING).send().await;
        // Logging in answers 401 for a wrong login, and a temporary key needs a login or a token in its body.
        let logs_in = ["CreateToken", "CreateSecurityToken"].contains(&operation.id);
        let is_open = operation.permission == Permission::Anyone;
        for answer in [anonymous, wrong_token] {
            assert!(logs_in || (answer.status == 401) != is_open, "{}: {}", operation.id, answer.json);
        }
        for person in people {
            let may = match operation.permission {
                Permission::Anyone | Permission::User => true,
                Permission::Customer => role(person.name).is_none(),
                Permission::Staff(roles) => role(person.name).is_some_and(|role| roles.contains(&role)),
            };
            // What needs a privilege that nobody has been granted, which the route cannot say, is for owners.
            let may = may && (!NEED_A_PRIVILEGE.contains(&operation.id) || OWNERS.contains(&person.name));
            let answer = draft.send(&app, &person).await;
            let kept_out = (answer.status, answer.code().as_str()) == (403, "OSM.01010002");
            let who = person.name;
            assert_eq!(kept_out, !may, "{} as {who}: {} {}", operation.id, answer.status, answer.json);
            assert!(logs_in || answer.status != 401, "{} as {who}: {}", operation.id, answer.json);
        }
    }
}
