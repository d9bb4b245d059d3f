//! Privileges of an account and of its users.

use serde::{Deserialize, Serialize};

/// Answer of `ListPrivileges`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivilegeHeld {
    /// 1 when the caller has the privilege, else 0.
    pub has_privilege: i64,
}

/// Body of `CreatePrivileges`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatePrivilege {
    /// `create` switches on, `delete` switches off.
    pub operation: String,
    /// `createCase` (also when absent), `export` or `assumeCaseAll`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privilege: Option<String>,
}

/// Answer of `ShowCustomerPrivilegePolicy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivilegePolicy {
    /// True when it is switched on: for `createCase`, users may submit only if that was granted to them.
    pub policy_switch: bool,
}
