//! Accounts, users, groups, projects, access keys, agencies and tokens.
//!
//! `model.rs` has the words, `sql/` the statements, `admin.rs` and `keys.rs` every change (also for the command line and
//! sample data), `cache.rs` what verified requests need, `login.rs` how a password becomes a token, `password.rs` and
//! `totp.rs` the two things it checks, `api/` the calls of the identity service.
//!
//! Always true: secrets are sealed or hashed before they reach a transaction; every change that a cache may hold
//! announces itself; no row of an account is read without naming the account.

mod admin;
pub mod api;
mod cache;
mod keys;
mod login;
mod model;
pub mod password;
mod registered;
pub mod sql;
pub mod totp;

pub use admin::{
    AdminError, NewUser, add_member, change_password, create_account, create_agency, create_group, create_staff,
    create_user, enable_account, end_agency, enrol_totp, ensure_provider, find_group, find_user, load_account,
    remove_member, set_user_enabled,
};
pub(crate) use admin::{enable_user, load_group, load_user, purpose, set_password, set_totp};
pub use cache::Cache;
pub use keys::{NewKey, SealedKey, create_access_key_with};
pub(crate) use keys::{change_access_key, create_access_key, delete_access_key, random_text};
pub use model::{
    AccessId, AccessKey, Account, AccountKind, Name, PROVIDER, Principal, Role, Roles, StaffRole, TokenRule,
};

pub use registered::{OpenedContact, RegisteredContact, list_registered_contacts};
pub(crate) use sql::list_region_ids;

use crate::{
    caller::{throttle::Throttle, token::TokenKeys},
    config::Config,
    vault::Vault,
};
use counterfoil_store::{Store, StoreError, Tx};
use counterfoil_wire::ids::{AccountId, UserId};
use counterfoil_wire::time::Micros;
use password::{Cost, Passwords};

/// The name of an agency of an account; nothing when there is none with this id, or when it has ended.
pub async fn agency_name(
    tx: &mut Tx,
    account_id: &AccountId,
    agency_id: &str,
    now: Micros,
) -> Result<Option<String>, StoreError> {
    let Some(id) = UserId::parse(agency_id) else { return Ok(None) };
    let agency = sql::get_agency(tx, account_id, &id).await?;
    Ok(agency.filter(|agency| agency.expires_at.is_none_or(|at| now < at)).map(|agency| agency.name))
}

/// What a data folder needs before its first request: the account of the staff.
pub async fn prepare(store: &Store, region: &str, now: Micros) -> Result<(), StoreError> {
    let known = store.read(async |tx: &mut Tx| sql::get_account_by_name(tx, PROVIDER).await).await?;
    if known.is_some() {
        return Ok(());
    }
    let region = region.to_owned();
    let made = store.write(async move |tx: &mut Tx| ensure_provider(tx, &region, now).await).await;
    match made {
        // Another node was first.
        Ok(_) | Err(AdminError::Exists { .. } | AdminError::Store(StoreError::Unique(_))) => Ok(()),
        Err(AdminError::Store(error)) => Err(error),
        Err(other) => Err(StoreError::Unusable(other.to_string())),
    }
}

/// What one node keeps in memory to know its callers.
pub struct Identity {
    /// Access keys and principals.
    pub cache: Cache,
    /// The keys under which tokens are signed.
    pub tokens: TokenKeys,
    /// Password hashing.
    pub passwords: Passwords,
    /// Failures by address.
    pub throttle: Throttle,
}

impl Identity {
    /// With the settings of this node.
    pub fn new(vault: &Vault, config: &Config) -> Self {
        // A login must not wait behind more hashes than the machine can make at once, nor take all its cores.
        let at_once = std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2));
        let cost = Cost { memory_kib: config.password_hash.memory_kib, iterations: config.password_hash.iterations };
        Self {
            cache: Cache::new(),
            tokens: TokenKeys::new(vault),
            passwords: Passwords::new(cost, at_once),
            throttle: Throttle::default(),
        }
    }
}
