//! The identity service: logins, accounts, projects, users, groups and access keys.

mod create_access_key;
mod create_security_token;
mod create_token;
mod delete_access_key;
mod list_access_keys;
mod list_agencies;
mod list_auth_catalog;
mod list_auth_domains;
mod list_auth_projects;
mod list_groups;
mod list_iam_regions;
mod list_projects;
mod list_sub_customers;
mod list_user_groups;
mod list_users;
mod show_access_key;
mod show_caller_identity;
mod show_project;
mod show_token;
mod show_user;
mod show_user_detail;
mod update_access_key;

use crate::support::people::{ALICE, MALLORY, name};
use crate::support::{Answer, TestApp};
use counterfoil::iam::{self, AdminError, Role};
use counterfoil_store::Tx;
use counterfoil_wire::ids::UserId;
use serde_json::Value;

/// An id that nothing has.
pub const NO_ID: &str = "00000000000000000000000000000000";

/// The answer must be an error in IAM's form.
#[track_caller]
fn refused(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.json);
    let error = answer.json["error"].as_object().unwrap();
    assert_eq!(error["code"], status);
    assert!(!error["message"].as_str().unwrap().is_empty() && !error["title"].as_str().unwrap().is_empty());
    assert!(answer.header("x-iam-trace-id").is_some() && answer.header("x-request-id").is_some());
}

/// A call without a login must be refused.
async fn needs_a_login(app: &TestApp, target: &str) {
    let answer = app.get(target).english().send().await;
    refused(&answer, 401);
    assert_eq!(answer.message(), "Incorrect IAM authentication information");
}

/// An agency of acme that trusts the account "other".
async fn agency(app: &TestApp, roles: &[Role], expires_in_seconds: Option<i64>) -> UserId {
    let (acme, other) = (app.account_id(&ALICE).await, app.account_id(&MALLORY).await);
    let (roles, now) = (roles.to_vec(), app.app.clock.now());
    let expires_at = expires_in_seconds.map(|seconds| now.plus_seconds(seconds));
    let work = async move |tx: &mut Tx| -> Result<UserId, AdminError> {
        iam::create_agency(tx, &acme, &name("support"), &other, &roles, expires_at, now).await
    };
    app.app.store.write(work).await.unwrap()
}

/// The texts of one field of all items.
fn column(items: &Value, field: &str) -> Vec<String> {
    items.as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}
