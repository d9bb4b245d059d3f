//! Privileges, users and agencies of an account.

use super::super::{Draft, Fixtures};
use super::{Area, CUSTOMER, Permissions};
use crate::support::TestApp;
use serde_json::json;

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(
        CUSTOMER,
        &["ListPrivileges", "CreatePrivileges", "ShowCustomerPrivilegePolicy", "ListSubCustomers", "ListAgencies"],
    )];

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, _: &Fixtures) {
        match operation {
            "ListPrivileges" => draft.query.push(("privilege".to_owned(), "export".to_owned())),
            "CreatePrivileges" => draft.body = json!({"operation": "create", "privilege": "export"}),
            _ => {}
        }
    }
}
