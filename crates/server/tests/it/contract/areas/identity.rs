//! Logins, projects, users, groups and access keys.

use super::super::{Draft, Fixtures, NOTHING};
use super::{ANYONE, Area, ParamReasons, Permissions, USER};
use crate::support::{Person, TestApp, people};
use serde_json::json;

const LOGIN: &str = "part of a login, which is refused as a whole";

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

    const NO_LOOK_UP: ParamReasons = &[
        ("CreateToken", "auth.identity.password.user.domain.id", LOGIN),
        ("CreateToken", "auth.identity.totp.user.id", LOGIN),
        ("CreateToken", "auth.identity.token.id", LOGIN),
        (
            "CreateToken",
            "auth.identity.assume_role.domain_id",
            "has its own tests; no agency answers like a foreign one",
        ),
        ("CreateToken", "auth.scope.domain.id", "tried with a login that works in tenants.rs"),
        ("CreateToken", "auth.scope.project.id", "tried with a login that works in tenants.rs"),
        ("CreateSecurityToken", "auth.identity.token.id", LOGIN),
        (
            "CreateSecurityToken",
            "auth.identity.assume_role.domain_id",
            "has its own tests; no agency answers like a foreign one",
        ),
    ];

    async fn fixtures(app: &TestApp, owner: &Person, ids: &mut Fixtures) {
        let projects = app.get("/v3/projects").by(owner).send().await.ok();
        ids.put("project_id", projects["projects"][0]["id"].as_str().unwrap());
    }

    fn nothing(ids: &mut Fixtures) {
        ids.put("project_id", NOTHING);
    }

    fn path_value(_: &str, name: &str, ids: &Fixtures) -> Option<String> {
        (name == "project_id").then(|| ids.get("project_id").to_owned())
    }

    async fn before_example(app: &TestApp, operation: &str, ids: &mut Fixtures) {
        if operation == "ShowToken" {
            let body = people::login(&people::ALICE, people::PASSWORD);
            let answer = app.post("/v3/auth/tokens?nocatalog=true").json(&body).send().await;
            ids.put("token", answer.header("x-subject-token").unwrap());
        }
    }

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
