//! What an account has registered: every change, for operators' calls and for the command line.

use super::resource::Target;
use super::sql::{self, ResourceRow};
use crate::error::{Code, Error, Result};
use counterfoil_store::events::NewEvent;
use counterfoil_store::{StoreError, Tx, events};
use counterfoil_wire::diagnosis::NewResource;
use counterfoil_wire::ids::{AccountId, ResourceId};
use counterfoil_wire::time::Micros;
use serde_json::json;

/// Who changes something, for the events: a user id, or the command line.
pub const COMMAND_LINE: &str = "system";

async fn announce(
    tx: &mut Tx,
    account_id: &AccountId,
    resource_id: &ResourceId,
    kind: &'static str,
    name: &str,
    actor: &str,
    now: Micros,
) -> Result<()> {
    let (account_id, subject) = (account_id.as_str(), resource_id.as_str());
    let event = NewEvent { account_id, kind, subject, actor, payload: json!({"name": name}), at: now.0 };
    Ok(events::append(tx, &event).await?)
}

/// A name that another resource of the account has is told as such.
fn named(result: counterfoil_store::Result<()>) -> Result<()> {
    match result {
        Err(StoreError::Unique(index)) if index == "diagnose_resources_by_name" => {
            Err(Error::new(Code::ResourceExists))
        }
        other => Ok(other?),
    }
}

/// Registers a resource.
pub async fn add(
    tx: &mut Tx,
    account_id: &AccountId,
    new: &NewResource,
    most: i64,
    actor: &str,
    now: Micros,
) -> Result<ResourceId> {
    let target = Target::read(ResourceId::random(now), new)?;
    if sql::count_resources(tx, account_id).await? >= most {
        return Err(Error::new(Code::TooManyResources));
    }
    if sql::find_resource_by_name(tx, account_id, &new.name).await?.is_some() {
        return Err(Error::new(Code::ResourceExists));
    }
    named(sql::insert_resource(tx, account_id, &target, new, actor, now).await)?;
    announce(tx, account_id, &target.resource_id, "resource.created", &new.name, actor, now).await?;
    Ok(target.resource_id)
}

/// Changes a resource.
pub async fn change(
    tx: &mut Tx,
    account_id: &AccountId,
    resource_id: &ResourceId,
    new: &NewResource,
    actor: &str,
    now: Micros,
) -> Result<()> {
    let target = Target::read(resource_id.clone(), new)?;
    let namesake = sql::find_resource_by_name(tx, account_id, &new.name).await?;
    if namesake.is_some_and(|other| other.resource_id != *resource_id) {
        return Err(Error::new(Code::ResourceExists));
    }
    let mut is_there = false;
    named(sql::update_resource(tx, account_id, &target, new, now).await.map(|found| is_there = found))?;
    if !is_there {
        return Err(Error::new(Code::NoSuchResource));
    }
    announce(tx, account_id, resource_id, "resource.updated", &new.name, actor, now).await
}

/// Takes a resource out. Diagnoses of it that have not begun are not run.
pub async fn remove(
    tx: &mut Tx,
    account_id: &AccountId,
    resource_id: &ResourceId,
    actor: &str,
    now: Micros,
) -> Result<()> {
    let found = sql::find_resource(tx, account_id, resource_id).await?;
    let row = found.ok_or_else(|| Error::new(Code::NoSuchResource))?;
    sql::delete_resource(tx, account_id, resource_id).await?;
    announce(tx, account_id, resource_id, "resource.deleted", &row.new.name, actor, now).await
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// So many are new.
    pub added: usize,
    /// So many were there under the same name.
    pub changed: usize,
}

/// Registers all of a list, and changes those that are there under the same name. Fails as a whole, saying at which one.
pub async fn import(
    tx: &mut Tx,
    account_id: &AccountId,
    list: &[NewResource],
    most: i64,
    now: Micros,
) -> std::result::Result<Imported, (String, Error)> {
    let mut done = Imported::default();
    for new in list {
        let at = |error: Error| (new.name.clone(), error);
        let known = sql::find_resource_by_name(tx, account_id, &new.name).await.map_err(|e| at(e.into()))?;
        if let Some(known) = known {
            change(tx, account_id, &known.resource_id, new, COMMAND_LINE, now).await.map_err(at)?;
            done.changed += 1;
        } else {
            add(tx, account_id, new, most, COMMAND_LINE, now).await.map_err(at)?;
            done.added += 1;
        }
    }
    Ok(done)
}

/// The resource with this name.
pub async fn find(tx: &mut Tx, account_id: &AccountId, name: &str) -> Result<ResourceRow> {
    let found = sql::find_resource_by_name(tx, account_id, name).await?;
    found.ok_or_else(|| Error::new(Code::NoSuchResource))
}

/// A page of what is registered, by name, with how many there are.
pub async fn list(tx: &mut Tx, account_id: &AccountId, limit: i64, offset: i64) -> Result<(i64, Vec<ResourceRow>)> {
    let count = sql::count_resources(tx, account_id).await?;
    Ok((count, sql::list_resources(tx, account_id, limit, offset).await?))
}
