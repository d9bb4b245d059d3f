//! Granting privileges to a user, a group or an agency of an account, as the command line does it.

use super::rules::Privilege;
use super::sql::{self, GrantRow};
use crate::iam::{self, AdminError};
use counterfoil_store::{Topic, Tx, events};
use counterfoil_wire::ids::AccountId;
use counterfoil_wire::time::Micros;
use serde_json::json;

/// Who holds a privilege, by name.
#[derive(Clone, Debug)]
pub enum Grant {
    /// One user.
    User(String),
    /// Every member of a group.
    Group(String),
    /// Whoever acts through an agency.
    Agency(String),
}

impl Grant {
    async fn id(&self, tx: &mut Tx, account_id: &AccountId) -> Result<String, AdminError> {
        Ok(match self {
            Self::User(name) => iam::find_user(tx, account_id, name).await?.into_string(),
            Self::Group(name) => iam::find_group(tx, account_id, name).await?.into_string(),
            Self::Agency(name) => iam::find_agency(tx, account_id, name).await?.into_string(),
        })
    }
}

/// Grants a privilege; false when it was granted before.
pub async fn grant(
    tx: &mut Tx,
    account_id: &AccountId,
    to: &Grant,
    privilege: Privilege,
    now: Micros,
) -> Result<bool, AdminError> {
    let holder_id = to.id(tx, account_id).await?;
    let changed = sql::insert_grant(tx, account_id, &holder_id, privilege, now).await?;
    if changed {
        announce(tx, account_id, &holder_id, privilege, true, now).await?;
    }
    Ok(changed)
}

/// Takes a privilege back; false when it was not granted.
pub async fn revoke(
    tx: &mut Tx,
    account_id: &AccountId,
    from: &Grant,
    privilege: Privilege,
    now: Micros,
) -> Result<bool, AdminError> {
    let holder_id = from.id(tx, account_id).await?;
    let changed = sql::delete_grant(tx, account_id, &holder_id, privilege).await?;
    if changed {
        announce(tx, account_id, &holder_id, privilege, false, now).await?;
    }
    Ok(changed)
}

async fn announce(
    tx: &mut Tx,
    account_id: &AccountId,
    holder_id: &str,
    privilege: Privilege,
    is_granted: bool,
    now: Micros,
) -> Result<(), AdminError> {
    let event = events::NewEvent {
        account_id: account_id.as_str(),
        kind: if is_granted { "privilege.granted" } else { "privilege.revoked" },
        subject: holder_id,
        actor: "operator",
        payload: json!({"privilege": privilege.as_str()}),
        at: now.0,
    };
    events::append(tx, &event).await?;
    tx.mark(Topic::Identity);
    Ok(())
}

/// Every grant of an account.
pub async fn list_grants(tx: &mut Tx, account_id: &AccountId) -> Result<Vec<GrantRow>, AdminError> {
    Ok(sql::list_grants(tx, account_id).await?)
}

/// What an account has switched on.
pub async fn list_switches(tx: &mut Tx, account_id: &AccountId) -> Result<Vec<Privilege>, AdminError> {
    Ok(sql::list_switched_on(tx, account_id).await?)
}
