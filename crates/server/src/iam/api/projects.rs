//! Projects: `GET /v3/projects`, `GET /v3/projects/{project_id}` and `GET /v3/auth/projects`.
//!
//! An account has one project, named after the region. Tickets belong to the account; projects exist for clients that
//! ask for a project by the name of a region and then send its id.

use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::ids::{AccountId, ProjectId};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Paging, PathText, PublicUrl, SelfLink, must_be_own};
use crate::{
    app::App,
    caller::Login,
    error::{Code, Error, Result},
    extract::Query,
    iam::sql::{self, ProjectRow},
    reply::Reply,
};

#[derive(Serialize)]
struct Project {
    id: String,
    name: String,
    domain_id: String,
    parent_id: String,
    enabled: bool,
    is_domain: bool,
    description: String,
    links: SelfLink,
}

impl Project {
    fn new(row: ProjectRow, account: &AccountId, url: &PublicUrl) -> Self {
        Self {
            links: SelfLink::new(url, &format!("/v3/projects/{}", row.id)),
            id: row.id.to_string(),
            name: row.name,
            domain_id: account.to_string(),
            parent_id: account.to_string(),
            enabled: row.enabled,
            is_domain: false,
            description: row.description,
        }
    }
}

/// List the projects of the caller's account.
pub async fn list_projects(
    State(app): State<App>,
    caller: Login,
    url: PublicUrl,
    query: Query,
) -> Result<Reply<Value>> {
    let paging = Paging::read(&query)?;
    must_be_own(&caller.principal, query.text("domain_id", 0..=64)?.as_deref())?;
    let name = query.text("name", 0..=64)?.unwrap_or_default();
    let parent = query.text("parent_id", 0..=64)?;
    let enabled = query.flag("enabled")?;
    let account = caller.principal.account_id.clone();
    // The account itself is not a project, and every project is directly below it.
    let none = query.flag("is_domain")? == Some(true) || parent.is_some_and(|id| id != account.as_str());
    let slice = paging.slice();
    let rows = if none {
        Vec::new()
    } else {
        let account = account.clone();
        app.store.read(async move |tx: &mut Tx| sql::list_projects(tx, &account, &name, enabled, slice).await).await?
    };
    let items = rows.into_iter().map(|row| Project::new(row, &account, &url)).collect();
    paging.answer("projects", items, &url, "/v3/projects").map(Reply)
}

/// List the projects that the caller can use: those of its account that are enabled.
pub async fn list_auth_projects(
    State(app): State<App>,
    caller: Login,
    url: PublicUrl,
    query: Query,
) -> Result<Reply<Value>> {
    let paging = Paging::read(&query)?;
    let slice = paging.slice();
    let account = caller.principal.account_id.clone();
    let rows =
        app.store.read(async move |tx: &mut Tx| sql::list_projects(tx, &account, "", Some(true), slice).await).await?;
    let items = rows.into_iter().map(|row| Project::new(row, &caller.principal.account_id, &url)).collect();
    paging.answer("projects", items, &url, "/v3/auth/projects").map(Reply)
}

/// Show a project of the caller's account.
pub async fn show_project(
    State(app): State<App>,
    caller: Login,
    url: PublicUrl,
    PathText(id): PathText,
) -> Result<Reply<Value>> {
    let missing = || Error::new(Code::IamNotFound);
    let id = ProjectId::parse(&id).ok_or_else(missing)?;
    let account = caller.principal.account_id.clone();
    let row = app.store.read(async move |tx: &mut Tx| sql::get_project(tx, &account, &id).await).await?;
    let row = row.ok_or_else(missing)?;
    Ok(Reply(json!({"project": Project::new(row, &caller.principal.account_id, &url)})))
}
