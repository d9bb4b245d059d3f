//! Who may call what, written down a second time: an operation that is not in this list fails, and so does one whose
//! route says something else. Every operation is then called without a login and as everybody.

use super::{Draft, Fixtures, NOTHING};
use crate::support::TestApp;
use crate::support::people::{ALICE, AMY, BOB, CATHY, ERIN, LEO, MALLORY, OSCAR};
use counterfoil::iam::StaffRole;
use counterfoil::routes::{self, Operation, Permission};
use std::collections::BTreeSet;

/// Everybody, signed in or not.
const ANYONE: &[&str] =
    &["ShowReadiness", "CreateToken", "CreateSecurityToken", "ShowConfiguration", "DownloadSignedAccessory"];
/// Everybody who is signed in.
const USER: &[&str] = &[
    "ShowToken",
    "ListAuthDomains",
    "ListAuthProjects",
    "ListAuthCatalog",
    "ListProjects",
    "ShowProject",
    "ListIamRegions",
    "ListUsers",
    "ShowUser",
    "ListUserGroups",
    "ShowUserDetail",
    "ListGroups",
    "CreateAccessKey",
    "ListAccessKeys",
    "ShowAccessKey",
    "UpdateAccessKey",
    "DeleteAccessKey",
    "ShowCallerIdentity",
    "ListAreaCodes",
    "ListCaseCategories",
    "ListExtendsParams",
    "ListCaseLimits",
    "ListProblemTypes",
    "ListProductCategories",
    "ListRegions",
    "ListSatisfactionDimensions",
    "ListSeverities",
    "ListCaseTemplates",
    "ShowAccessoryLimits",
];
/// Customers.
const CUSTOMER: &[&str] = &[
    "CreateCases",
    "ListCases",
    "ListCaseCounts",
    "ShowCaseDetail",
    "ShowCaseStatus",
    "UpdateCases",
    "ListCaseOperateLogs",
    "CreateMessages",
    "ListMessages",
    "UploadAccessory",
    "UploadJsonAccessories",
    "ListAccessoryAccessUrls",
    "DownloadAccessories",
    "DeleteAccessories",
    "DownloadImages",
    "ShowDownloadAccessoryUrl",
    "ListPrivileges",
    "CreatePrivileges",
    "ShowCustomerPrivilegePolicy",
    "ListSubCustomers",
    "ListAgencies",
];
/// Engineers, leads and auditors.
const READERS: &[&str] = &["ListDeskCases", "ShowDeskCase", "DownloadDeskAccessories"];
/// Engineers and leads.
const WORKERS: &[&str] = &[
    "AcceptCase",
    "ReplyToCase",
    "AddCaseNote",
    "PauseCase",
    "ResumeCase",
    "UploadDeskAccessories",
    "DeleteDeskAccessories",
];
/// Leads.
const LEADS: &[&str] = &["InvalidateCase"];

/// What the lists above say of an operation.
fn expected(operation: &Operation) -> Permission {
    use StaffRole::{Auditor, Engineer, Lead};
    let lists = [
        (ANYONE, Permission::Anyone),
        (USER, Permission::User),
        (CUSTOMER, Permission::Customer),
        (READERS, Permission::Staff(&[Engineer, Lead, Auditor])),
        (WORKERS, Permission::Staff(&[Engineer, Lead])),
        (LEADS, Permission::Staff(&[Lead])),
    ];
    let found: Vec<_> = lists.iter().filter(|(ids, _)| ids.contains(&operation.id)).collect();
    assert_eq!(found.len(), 1, "{} must be in one list of this test", operation.id);
    found[0].1
}

#[tokio::test]
async fn every_route_says_what_is_written_here() {
    let app = TestApp::start().await;
    let operations = routes::operations(&app.app);
    for operation in &operations {
        assert_eq!(operation.permission, expected(operation), "{}", operation.id);
    }
    let there: BTreeSet<_> = operations.iter().map(|operation| operation.id).collect();
    assert_eq!(there.len(), operations.len(), "an operation id is used twice");
    let listed = [ANYONE, USER, CUSTOMER, READERS, WORKERS, LEADS].concat();
    assert_eq!(there, listed.into_iter().collect(), "the lists name operations that are gone");
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
    for operation in routes::operations(&app.app) {
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
            let answer = draft.send(&app, &person).await;
            // The owner alone switches, which the route can not say.
            let may = may && (operation.id != "CreatePrivileges" || ["alice", "mallory"].contains(&person.name));
            let kept_out = (answer.status, answer.code().as_str()) == (403, "OSM.01010002");
            let who = person.name;
            assert_eq!(kept_out, !may, "{} as {who}: {} {}", operation.id, answer.status, answer.json);
            assert!(logs_in || answer.status != 401, "{} as {who}: {}", operation.id, answer.json);
        }
    }
}
