//! The permission that the table of routes declares.

use super::ROUTE;
use crate::support::TestApp;
use crate::support::people::{ALICE, AMY, BOB, CATHY, ERIN, LEO, MALLORY, OSCAR};
use counterfoil::routes::{self, Permission};

/// The path of an operation with an id in every place.
fn target(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { super::super::iam::NO_ID } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_operation_keeps_its_side() {
    let app = TestApp::start().await;
    let people = [ALICE, BOB, MALLORY, ERIN, LEO, CATHY, AMY, OSCAR];
    for operation in routes::operations(&app.app) {
        let target = target(operation.path);
        let call = || match operation.method {
            "POST" => app.post(&target),
            "PUT" => app.put(&target),
            "DELETE" => app.delete(&target),
            _ => app.get(&target),
        };
        let anonymous = call().send().await;
        let refused = anonymous.status == 401 && operation.id != "CreateSecurityToken";
        assert_eq!(refused, operation.permission != Permission::Anyone, "{}: {}", operation.id, anonymous.json);
        for person in people {
            let staff = person.account == "provider";
            let wrong_side = match operation.permission {
                Permission::Anyone | Permission::User => continue,
                Permission::Customer => staff,
                Permission::Staff(_) => !staff,
            };
            if wrong_side {
                let answer = call().by(&person).send().await;
                assert_eq!(
                    (answer.status, answer.code().as_str()),
                    (403, "OSM.01010002"),
                    "{} as {}: {}",
                    operation.id,
                    person.name,
                    answer.json
                );
            }
        }
    }
}

#[tokio::test]
async fn every_login_may_call_what_is_open_to_users() {
    let app = TestApp::start().await;
    for person in [ALICE, BOB, MALLORY, ERIN, LEO, CATHY, AMY, OSCAR] {
        app.get(ROUTE).by(&person).send().await.ok();
        app.get(ROUTE).token(&app.token(&person).await).send().await.ok();
    }
}
