//! Privileges, users and agencies of an account.

use super::{Area, Ids, Permissions};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[];
    const MISSING: Ids =
        &["ListPrivileges", "CreatePrivileges", "ShowCustomerPrivilegePolicy", "ListSubCustomers", "ListAgencies"];
}
