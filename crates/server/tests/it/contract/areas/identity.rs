//! Logins, projects, users, groups and access keys.

use super::super::{Draft, Fixtures};
use super::{ANYONE, Area, Permissions, USER};
use crate::support::{TestApp, people};
use serde_json::json;

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[
        (ANYONE, &["CreateToken", "CreateSecurityToken"]),
        (
            USER,
            &[
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
            ],
        ),
    ];

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, ids: &Fixtures) {
        match operation {
            "CreateAccessKey" => draft.body = json!({"credential": {"user_id": ids.user_id}}),
            "UpdateAccessKey" => draft.body = json!({"credential": {"description": "a text"}}),
            "CreateToken" => draft.body = people::login(&people::ALICE, "not the password"),
            "CreateSecurityToken" => {
                draft.body = json!({"auth": {"identity": {"methods": ["token"], "token": {"duration_seconds": 900}}}});
            }
            _ => {}
        }
    }
}
