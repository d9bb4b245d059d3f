//! Bodies of the authorization calls: what an engineer asks for in a case, and what the customer answers.
//!
//! Names and secrets with which somebody logs in travel to the server only; types that hold them have no `Debug`, so
//! that they can not reach a log. The part under `/desk/v1` is ours.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, AuthorizationId, CaseId, UserId};

/// Answer of `ListAuthorizations`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationPage {
    /// How many authorizations match in all.
    pub count: i64,
    /// This page, newest first.
    pub incident_auth_list: Vec<Authorization>,
}

/// An authorization in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// The authorization.
    pub id: AuthorizationId,
    /// 0 to be authorized, 1 authorized, 2 rejected, 3 expired, 4 recalled, 5 cancelled.
    pub status: i64,
    /// The case in which it was asked for.
    pub incident_id: CaseId,
    /// The problem of the case.
    pub simple_description: String,
    /// What the engineer needs it for.
    pub auth_describe: String,
    /// Kind of resource.
    pub resource_type_id: String,
    /// Its name.
    pub resource_type_name: String,
    /// Kind of access.
    pub visit_type_id: String,
    /// Its name.
    pub visit_type_name: String,
    /// When it was asked for.
    pub create_time: String,
    /// From when it holds, once authorized.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_effective_time: Option<String>,
    /// Until when it holds, once authorized.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_expire_time: Option<String>,
    /// Why it was rejected or cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reject_reason: Option<String>,
    /// Account of the case.
    pub customer_id: AccountId,
    /// User who submitted the case.
    pub x_customer_id: UserId,
    /// That user's name.
    pub xcustomer_name: String,
    /// What the engineer commits to.
    pub content_of_auth_letter: String,
}

/// Answer of `ShowAuthorizationDetail`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationDetail {
    /// The authorization.
    pub id: AuthorizationId,
    /// As in [`Authorization::status`].
    pub status: i64,
    /// The case in which it was asked for.
    pub incident_id: CaseId,
    /// The problem of the case.
    pub simple_description: String,
    /// Kind of resource.
    pub resource_type_id: String,
    /// Its name.
    pub resource_type_name: String,
    /// Kind of access.
    pub visit_type_id: String,
    /// Its name.
    pub visit_type_name: String,
    /// From when it holds, once authorized.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_effective_time: Option<String>,
    /// Until when it holds, once authorized.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_expire_time: Option<String>,
    /// Why it was rejected or cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reject_reason: Option<String>,
    /// The single resources.
    pub incident_auth_detail_list: Vec<AuthorizedResource>,
    /// User who submitted the case.
    pub xcustomer_name: String,
    /// Engineer who asked.
    pub auth_handler_name: String,
    /// Agency that was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency_name: Option<String>,
    /// What the engineer needs it for.
    pub auth_describe: String,
    /// What the customer is asked to give: logins, consent, an agency, or a text.
    pub content_type_id: String,
    /// Its name.
    pub content_type_name: String,
}

/// One resource of an authorization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizedResource {
    /// The resource line: `authorization_detail_id` and `auth_detail_id` in other calls.
    pub id: i64,
    /// Port of the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i64>,
    /// Login name that the customer gave; gone when the authorization has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// 0 console or text, 1 host.
    #[serde(rename = "type")]
    pub kind: i64,
    /// Instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_name: Option<String>,
    /// Where it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<String>,
    /// Host name or address that the login is for. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// Answer of `ShowLoginType`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginType {
    /// `ASSUMED` through an agency, `FEDERATION`, or empty.
    pub login_type: String,
}

/// Body of `ConfirmAuthorizations`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmAuthorization {
    /// A login for each resource line, at most 6.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::optional_list")]
    pub auth_detail_list: Option<Vec<ResourceLogin>>,
    /// From when it holds, in milliseconds since 1970; now when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_effective_time: Option<i64>,
    /// Until when it holds, in milliseconds since 1970; a day later when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_expire_time: Option<i64>,
    /// The group through which the caller sees another member's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Agency that the engineer may act through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency_id: Option<String>,
}

/// How to log in to one resource; for confidential information, the text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceLogin {
    /// The resource line.
    pub auth_detail_id: i64,
    /// Port, the usual one of the access type when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i64>,
    /// Login name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Password, private key, or the confidential text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// Body of `CheckHosts`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckHost {
    /// Port.
    pub port: i64,
    /// Login name.
    pub account: String,
    /// Password or private key.
    pub password: String,
    /// The group through which the caller sees another member's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}

/// Body of `UpdateAuthorizations`; the action itself is the query parameter `action_id`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperateAuthorization {
    /// Why; a rejection needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reject_reason: Option<String>,
    /// The group through which the caller sees another member's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}

/// Body with which an engineer asks a customer for access.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestAuthorization {
    /// `ssh_password`, `ssh_key`, `rdp`, `vnc`, `sftp`, `console_credential`, `console_agency` or `confidential`.
    pub access_type: String,
    /// What it is needed for, at most 2,000 characters.
    pub description: String,
    /// The hosts, for access to hosts: 1 to 6.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::optional_list")]
    pub hosts: Option<Vec<RequestedHost>>,
    /// What the engineer commits to, at most 20,000 characters; the usual letter when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<String>,
}

/// A host that an engineer wants to reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedHost {
    /// Host name or address.
    pub address: String,
    /// Port, the usual one of the access type when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i64>,
    /// Instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// Its name; the address when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_name: Option<String>,
    /// Where it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<String>,
}

/// Answer to a request for access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequested {
    /// The new authorization.
    pub authorization_id: AuthorizationId,
}

/// A page of authorizations on the desk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskAuthorizationPage {
    /// How many match in all.
    pub total_count: i64,
    /// This page, newest first.
    pub authorizations: Vec<DeskAuthorization>,
}

/// An authorization as staff sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskAuthorization {
    /// What customers see in a list, on the same level.
    #[serde(flatten)]
    pub authorization: Authorization,
    /// Engineer who asked.
    pub engineer_id: UserId,
    /// That engineer's name.
    pub engineer_name: String,
    /// Until when an answer is waited for.
    pub answer_until: String,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
    /// Agency that was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency_name: Option<String>,
}

/// An authorization with its resources, as staff sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskAuthorizationDetail {
    /// What the list shows, on the same level.
    #[serde(flatten)]
    pub authorization: DeskAuthorization,
    /// The single resources.
    pub resources: Vec<DeskResource>,
}

/// A resource as staff sees it: never with a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskResource {
    /// The resource line.
    pub id: i64,
    /// 0 console or text, 1 host.
    #[serde(rename = "type")]
    pub kind: i64,
    /// Host name or address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i64>,
    /// Instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_name: Option<String>,
    /// Where it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<String>,
    /// Fingerprint of the host's key, once a login to it was tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_key: Option<String>,
    /// Whether a login is kept for it now.
    pub has_login: bool,
}
