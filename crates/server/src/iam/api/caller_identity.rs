//! `GET /v5/caller-identity`: who signed this request. The SDKs ask it when the list of accounts is empty.

use serde::Serialize;

use crate::{caller::Login, reply::Reply};

/// The answer of [`show_caller_identity`].
#[derive(Serialize)]
pub struct CallerIdentity {
    account_id: String,
    principal_id: String,
    principal_urn: String,
}

/// Show who is calling.
pub async fn show_caller_identity(caller: Login) -> Reply<CallerIdentity> {
    let principal = &caller.principal;
    let kind = if caller.subject.agent.is_some() { "agency" } else { "user" };
    Reply(CallerIdentity {
        account_id: principal.account_id.to_string(),
        principal_id: principal.user_id.to_string(),
        principal_urn: format!("iam::{}:{kind}:{}", principal.account_id, principal.user_name),
    })
}
