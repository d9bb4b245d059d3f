//! Operators' calls: what an account has registered.

use super::registry;
use super::resource::Target;
use super::sql::ResourceRow;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Code, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::iam;
use crate::once::Once;
use crate::reply::{Done, Reply};
use axum::extract::{FromRequestParts, Path, State};
use counterfoil_store::Tx;
use counterfoil_wire::diagnosis::{Resource, ResourcePage, SaveResource};
use counterfoil_wire::ids::{AccountId, ResourceId};

impl Check for SaveResource {
    fn check(&self) -> Result<()> {
        extract::text("account", &self.account, 1..=64)?;
        // The id does not matter here: only what was written is looked at.
        Target::read(ResourceId::random(counterfoil_wire::time::Micros::default()), &self.resource).map(drop)
    }
}

/// The customer's account with this id or name.
async fn account(tx: &mut Tx, id_or_name: &str) -> Result<AccountId> {
    let found = iam::find_account(tx, id_or_name).await?.filter(|account| account.kind == iam::AccountKind::Customer);
    found.map(|account| account.id).ok_or_else(|| Error::new(Code::NoSuchAccount))
}

/// The path's `resource_id`. A text that is no id belongs to nothing, and answers like it.
pub struct PathId(ResourceId);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self> {
        let missing = || Error::new(Code::NoSuchResource);
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| missing())?;
        extract::text("resource_id", &id, 1..=64)?;
        ResourceId::parse(&id).map(Self).ok_or_else(missing)
    }
}

fn shown(account_id: &AccountId, row: ResourceRow) -> Resource {
    Resource {
        resource_id: row.resource_id,
        domain_id: account_id.clone(),
        resource: row.new,
        create_time: row.created_at.to_wire(),
    }
}

/// List what an account has registered.
pub async fn list_resources(State(app): State<App>, query: Query) -> Result<Reply<ResourcePage>> {
    let named = query.required_text("account", 1..=64)?;
    let offset = query.int("offset", 0..=65_535)?.unwrap_or(0);
    let limit = query.int("limit", 0..=100)?.unwrap_or(10);
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let account_id = account(tx, &named).await?;
            let (total_count, rows) = registry::list(tx, &account_id, limit, offset).await?;
            let resources = rows.into_iter().map(|row| shown(&account_id, row)).collect();
            Ok(Reply(ResourcePage { total_count, resources }))
        })
        .await
}

/// Register a resource of an account.
pub async fn create_resource(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body(request): Body<SaveResource>,
) -> Result<Reply<Resource>> {
    let (now, most) = (app.clock.now(), app.config.diagnosis.resources);
    let actor = caller.user_id.to_string();
    let unit = async move |tx: &mut Tx| {
        let account_id = account(tx, &request.account).await?;
        let id = registry::add(tx, &account_id, &request.resource, most, &actor, now).await?;
        let resource = request.resource.clone();
        Ok(Resource { resource_id: id, domain_id: account_id, resource, create_time: now.to_wire() })
    };
    once.write(&app, unit).await.map(Reply)
}

/// Change a resource of an account.
pub async fn update_resource(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(id): PathId,
    Body(request): Body<SaveResource>,
) -> Result<Reply<Done>> {
    let now = app.clock.now();
    let actor = caller.user_id.to_string();
    let unit = async move |tx: &mut Tx| {
        let account_id = account(tx, &request.account).await?;
        registry::change(tx, &account_id, &id, &request.resource, &actor, now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

/// Take a resource of an account out.
pub async fn delete_resource(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(id): PathId,
    query: Query,
) -> Result<Reply<Done>> {
    let named = query.required_text("account", 1..=64)?;
    let now = app.clock.now();
    let actor = caller.user_id.to_string();
    let unit = async move |tx: &mut Tx| {
        let account_id = account(tx, &named).await?;
        registry::remove(tx, &account_id, &id, &actor, now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}
