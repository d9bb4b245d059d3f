//! Access that a customer grants.

use super::{Area, Ids, Permissions};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[];
    const MISSING: Ids = &[
        "ListAuthorizations",
        "ShowAuthorizationDetail",
        "ConfirmAuthorizations",
        "UpdateAuthorizations",
        "CheckHosts",
        "ShowLoginType",
    ];
}
