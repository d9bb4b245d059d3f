//! The staff's side of a case.

mod accept_case;
mod add_case_note;
mod hand_case_to_partner;
mod invalidate_case;
mod list_desk_cases;
mod pause_case;
mod reply_to_case;
mod resume_case;
mod show_desk_case;

use crate::support::TestApp;
use crate::support::cases::{DESK, MISSING_CASE, assert_refused};
use crate::support::people::{ALICE, AMY, BOB, CATHY, OSCAR};
use serde_json::Value;

/// Checks who may call an operation on one case: nobody but staff in these roles; a missing case is told so.
async fn assert_staff_only(test: &TestApp, action: &str, body: &Value, auditor_may: bool, by: &crate::support::Person) {
    let id = test.case(&BOB).await;
    for person in [ALICE, BOB, CATHY, OSCAR, AMY] {
        if auditor_may && person.name == AMY.name {
            continue;
        }
        let call = match action {
            "" => test.get(&format!("{DESK}/{id}")),
            _ => test.post(&format!("{DESK}/{id}/{action}")).json(body),
        };
        assert_refused(&call.by(&person).english().send().await, 403, "OSM.01010002", "No operation permission");
    }
    let token = test.token(by).await;
    for odd in [MISSING_CASE, "x", "%ff", "TT99999999"] {
        let call = match action {
            "" => test.get(&format!("{DESK}/{odd}")),
            _ => test.post(&format!("{DESK}/{odd}/{action}")).json(body),
        };
        assert_refused(&call.token(&token).english().send().await, 404, "OSM.01010015", "does not exist");
    }
    assert_eq!(test.status(&id).await, 0);
}
