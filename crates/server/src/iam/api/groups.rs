//! User groups: `GET /v3/groups` for administrators and `GET /v3/users/{user_id}/groups` for everybody's own.
//!
//! The id of a group is the `group_id` of the ticket calls.

use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::ids::AccountId;
use serde::Serialize;
use serde_json::Value;

use super::{Paging, PathText, PublicUrl, SelfLink, load_visible_user, must_administrate, must_be_own};
use crate::{
    app::App,
    caller::Login,
    error::Result,
    extract::Query,
    iam::sql::{self, GroupRow},
    reply::Reply,
};

#[derive(Serialize)]
struct Group {
    id: String,
    name: String,
    domain_id: String,
    description: String,
    /// Milliseconds since 1970, unlike every other time.
    create_time: i64,
    links: SelfLink,
}

impl Group {
    fn new(row: GroupRow, account: &AccountId, url: &PublicUrl) -> Self {
        Self {
            links: SelfLink::new(url, &format!("/v3/groups/{}", row.id)),
            id: row.id.to_string(),
            name: row.name,
            domain_id: account.to_string(),
            description: row.description,
            create_time: row.created_at.0 / 1_000,
        }
    }
}

/// List the groups of the caller's account.
pub async fn list_groups(State(app): State<App>, caller: Login, url: PublicUrl, query: Query) -> Result<Reply<Value>> {
    let paging = Paging::read(&query)?;
    must_be_own(&caller.principal, query.text("domain_id", 0..=64)?.as_deref())?;
    let name = query.text("name", 0..=64)?.unwrap_or_default();
    must_administrate(&caller.principal)?;
    let (account, slice) = (caller.principal.account_id.clone(), paging.slice());
    let rows = app.store.read(async move |tx: &mut Tx| sql::list_groups(tx, &account, &name, slice).await).await?;
    let items = rows.into_iter().map(|row| Group::new(row, &caller.principal.account_id, &url)).collect();
    paging.answer("groups", items, &url, "/v3/groups").map(Reply)
}

/// List the groups that a user is a member of.
pub async fn list_user_groups(
    State(app): State<App>,
    caller: Login,
    url: PublicUrl,
    query: Query,
    PathText(id): PathText,
) -> Result<Reply<Value>> {
    let paging = Paging::read(&query)?;
    let (principal, slice, user) = (caller.principal.clone(), paging.slice(), id.clone());
    let rows = app
        .store
        .read(async move |tx: &mut Tx| -> Result<Vec<GroupRow>> {
            let user = load_visible_user(tx, &principal, &user).await?;
            Ok(sql::list_groups_of_user(tx, &principal.account_id, &user.id, slice).await?)
        })
        .await?;
    let items = rows.into_iter().map(|row| Group::new(row, &caller.principal.account_id, &url)).collect();
    paging.answer("groups", items, &url, &format!("/v3/users/{id}/groups")).map(Reply)
}
