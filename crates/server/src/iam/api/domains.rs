//! `GET /v3/auth/domains`: the account of the caller. The SDKs ask it once per access key to learn their domain id.

use axum::extract::State;
use counterfoil_store::Tx;
use serde::Serialize;

use super::{PublicUrl, SelfLink};
use crate::{
    app::App,
    caller::Login,
    error::{Code, Error, Result},
    iam::sql,
    reply::Reply,
};

#[derive(Serialize)]
struct Domain {
    id: String,
    name: String,
    enabled: bool,
    description: String,
    links: SelfLink,
}

/// The answer of [`list_auth_domains`].
#[derive(Serialize)]
pub struct Domains {
    domains: Vec<Domain>,
    links: SelfLink,
}

/// List the accounts that the caller can act in: its own.
pub async fn list_auth_domains(State(app): State<App>, caller: Login, url: PublicUrl) -> Result<Reply<Domains>> {
    let id = caller.principal.account_id.clone();
    let account = app.store.read(async move |tx: &mut Tx| sql::get_account(tx, &id).await).await?;
    let account = account.ok_or_else(|| Error::new(Code::NotAuthenticated))?;
    let domain = Domain {
        links: SelfLink::new(&url, &format!("/v3/domains/{}", account.id)),
        id: account.id.to_string(),
        name: account.name,
        enabled: account.enabled,
        description: account.description,
    };
    Ok(Reply(Domains { domains: vec![domain], links: SelfLink::new(&url, "/v3/auth/domains") }))
}
