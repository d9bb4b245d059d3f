//! What an account's owner switches, and what a caller may ask about itself.

use super::rules::{Privilege, Right};
use super::{require, sql};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Allowed, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::once::Once;
use crate::reply::{Done, Reply};
use axum::extract::State;
use counterfoil_store::{Topic, Tx, events};
use counterfoil_wire::privileges::{CreatePrivilege, PrivilegeHeld, PrivilegePolicy};
use serde_json::json;

/// The two operations of `CreatePrivileges`.
const OPERATIONS: &[&str] = &["create", "delete"];

fn privilege(name: &str) -> Result<Privilege> {
    Privilege::parse(name).ok_or_else(|| Error::param("privilege", Allowed::OneOf(Privilege::NAMES.into())))
}

/// Tell whether the caller has a privilege.
pub async fn list_privileges(caller: Caller, query: Query) -> Result<Reply<PrivilegeHeld>> {
    let wanted = privilege(&query.required_text("privilege", 1..=32)?)?;
    Ok(Reply(PrivilegeHeld { has_privilege: caller.rights.has(wanted).into() }))
}

impl Check for CreatePrivilege {
    fn check(&self) -> Result<()> {
        extract::text("operation", &self.operation, 0..=64)?;
        extract::optional_text("privilege", self.privilege.as_deref(), 0..=64)?;
        if !OPERATIONS.contains(&self.operation.as_str()) {
            return Err(Error::param("operation", Allowed::OneOf(OPERATIONS.into())));
        }
        self.wanted().map(drop)
    }
}

trait Wanted {
    fn wanted(&self) -> Result<Privilege>;
}

impl Wanted for CreatePrivilege {
    fn wanted(&self) -> Result<Privilege> {
        self.privilege.as_deref().filter(|name| !name.is_empty()).map_or(Ok(Privilege::CreateCase), privilege)
    }
}

/// Switch a privilege for the whole account on or off. The owner alone may.
pub async fn create_privileges(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body(request): Body<CreatePrivilege>,
) -> Result<Reply<Done>> {
    require(&caller, Right::SetPolicy)?;
    let (privilege, is_on) = (request.wanted()?, request.operation == "create");
    let now = app.clock.now();
    let unit = async move |tx: &mut Tx| {
        let was_on = sql::list_switched_on(tx, &caller.account_id).await?.contains(&privilege);
        if was_on != is_on {
            sql::set_switch(tx, &caller.account_id, privilege, is_on, &caller.user_id, now).await?;
            let event = events::NewEvent {
                account_id: caller.account_id.as_str(),
                kind: "privilege.switched",
                subject: privilege.as_str(),
                actor: caller.user_id.as_str(),
                payload: json!({"on": is_on}),
                at: now.0,
            };
            events::append(tx, &event).await?;
            tx.mark(Topic::Identity);
        }
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

/// Tell whether the account has switched a privilege on; submitting is the one that is meant when none is named.
pub async fn show_customer_privilege_policy(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<PrivilegePolicy>> {
    let wanted = query.text("privilege", 0..=32)?.as_deref().map_or(Ok(Privilege::CreateCase), privilege)?;
    let switches = app.store.read(async move |tx: &mut Tx| sql::list_switched_on(tx, &caller.account_id).await).await?;
    Ok(Reply(PrivilegePolicy { policy_switch: switches.contains(&wanted) }))
}
