//! Who may do what with an account's cases: the switches of the account, privileges of users, groups and agencies, and the
//! one table that decides.
//!
//! `rules.rs` has the table, `api.rs` the calls of the account, `admin.rs` what the command line changes, `sql.rs` the rows.
//!
//! Always true: a caller's rights are found once, with its principal, and travel in [`Caller::rights`]; whoever needs one
//! asks [`require`] or, for a case, `cases::access`; every change announces itself, so that no cached principal outlives it.

mod admin;
pub mod api;
pub mod rules;
mod sql;

pub use admin::{Grant, grant, list_grants, list_switches, revoke};
pub use rules::{Privilege, Reach, Right, Rights};
pub use sql::ALL;

use crate::caller::Caller;
use crate::error::{Code, Error, Result};
use crate::iam::Roles;
use counterfoil_store::Tx;
use counterfoil_wire::ids::{AccountId, UserId};
use rules::{Holder, Privileges};

/// Fails unless the caller has the right, at least for what is its own.
pub fn require(caller: &Caller, right: Right) -> Result<()> {
    if caller.rights.reach(right) > Reach::No {
        return Ok(());
    }
    let code = if right == Right::Submit { Code::MayNotCreate } else { Code::NoPermission };
    Err(Error::new(code))
}

/// The rights of a user or, with `is_agency`, of whoever acts through an agency.
pub(crate) async fn load_rights(
    tx: &mut Tx,
    account_id: &AccountId,
    holder_id: &UserId,
    is_owner: bool,
    is_agency: bool,
    roles: Roles,
) -> counterfoil_store::Result<Rights> {
    let switches: Privileges = sql::list_switched_on(tx, account_id).await?.into_iter().collect();
    let privileges: Privileges = sql::list_granted(tx, account_id, holder_id).await?.into_iter().collect();
    Ok(Rights::of(&Holder { is_owner, is_agency, roles, privileges, switches }))
}

/// Takes back what an agency was granted, before it goes.
pub(crate) async fn forget_holder(tx: &mut Tx, account_id: &AccountId, id: &UserId) -> counterfoil_store::Result<()> {
    sql::delete_grants_of(tx, account_id, id.as_str()).await
}
