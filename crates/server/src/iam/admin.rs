//! Changes to identities: what the command line, the sample data and the tests do, and what the API does for users.
//!
//! Always true after any of these: an account has a default project; the first user of a customer's account is its
//! owner; users of [`PROVIDER`] and only they hold a staff role; every change that a cache may hold announces itself
//! with [`Topic::Identity`]. Passwords arrive as hashes and contact data arrives sealed, because neither hashing nor
//! the vault belongs into a transaction.

use counterfoil_store::{StoreError, Topic, Tx};
use counterfoil_wire::{
    ids::{AccountId, GroupId, ProjectId, UserId},
    time::Micros,
};

use super::{
    model::{Account, AccountKind, Name, PROVIDER, Role, StaffRole, TokenRule},
    sql::{self, AgencyRow, GroupRow, NewUserRow, ProjectRow, UserDetails, UserRow},
};
use crate::{privileges, vault::Vault};

/// Purposes under which values of a user are sealed.
pub(crate) mod purpose {
    pub(crate) const EMAIL: &str = "user.email";
    pub(crate) const PHONE: &str = "user.phone";
    pub(crate) const AREA_CODE: &str = "user.area_code";
    pub(crate) const TOTP: &str = "user.totp";
    pub(crate) const SECRET_KEY: &str = "access_key.secret";
}

/// Why a change was refused.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The name is taken.
    #[error("{what} {name:?} exists already")]
    Exists {
        /// Account, user, group, ...
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// Nothing has this name.
    #[error("there is no {what} named {name:?}")]
    Missing {
        /// Account, user, group, ...
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The account of the staff is not managed like a customer's.
    #[error("the account {PROVIDER:?} is reserved; use \"staff create\"")]
    Reserved,
    /// The user has as many access keys as allowed.
    #[error("the user has {0} access keys, which is all that is allowed; delete one first")]
    TooManyKeys(i64),
    /// The engine failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What these functions answer.
pub type Result<T> = std::result::Result<T, AdminError>;

fn missing(what: &'static str, name: &str) -> AdminError {
    AdminError::Missing { what, name: name.to_owned() }
}

fn exists(what: &'static str, name: &str) -> AdminError {
    AdminError::Exists { what, name: name.to_owned() }
}

/// A user to create.
pub struct NewUser {
    name: Name,
    owner: bool,
    roles: Vec<Role>,
    details: UserDetails,
}

impl NewUser {
    /// A user without password, contact data or roles.
    pub fn new(name: Name) -> Self {
        Self { name, owner: false, roles: Vec::new(), details: UserDetails::default() }
    }

    /// Makes the user an owner even if it is not the first user of its account.
    #[must_use]
    pub fn owner(self, owner: bool) -> Self {
        Self { owner, ..self }
    }

    /// Gives the user roles.
    #[must_use]
    pub fn roles(self, roles: impl IntoIterator<Item = Role>) -> Self {
        Self { roles: roles.into_iter().collect(), ..self }
    }

    /// Sets a password by its hash; see [`super::password`].
    #[must_use]
    pub fn password_hash(mut self, hash: Option<String>) -> Self {
        self.details.password_hash = hash;
        self
    }

    /// Sets a description.
    #[must_use]
    pub fn description(mut self, text: &str) -> Self {
        text.clone_into(&mut self.details.description);
        self
    }

    /// Sets the email address.
    #[must_use]
    pub fn email(mut self, vault: &Vault, address: Option<&str>) -> Self {
        self.details.email = address.map(|text| vault.seal(purpose::EMAIL, text.as_bytes()));
        self
    }

    /// Sets the phone number with its country code, such as `+86`.
    #[must_use]
    pub fn phone(mut self, vault: &Vault, area_code: Option<&str>, number: Option<&str>) -> Self {
        self.details.area_code = area_code.map(|text| vault.seal(purpose::AREA_CODE, text.as_bytes()));
        self.details.phone = number.map(|text| vault.seal(purpose::PHONE, text.as_bytes()));
        self
    }
}

/// Creates a customer's account with its default project, named after the region. With `owner`, that user is the
/// owner: it exists at once, and creating a user of that name later completes it.
pub async fn create_account(
    tx: &mut Tx,
    name: &Name,
    region: &str,
    owner: Option<&Name>,
    now: Micros,
) -> Result<(Account, Option<UserId>)> {
    if name.as_str() == PROVIDER {
        return Err(AdminError::Reserved);
    }
    let account = insert_account(tx, name.as_str(), AccountKind::Customer, region, now).await?;
    let Some(owner) = owner else { return Ok((account, None)) };
    let id = UserId::random(now);
    let details = UserDetails::default();
    let row =
        NewUserRow { id: &id, name: owner.as_str(), is_owner: true, reserved: true, staff: None, details: &details };
    sql::insert_user(tx, &account.id, &row, now).await?;
    Ok((account, Some(id)))
}

async fn insert_account(tx: &mut Tx, name: &str, kind: AccountKind, region: &str, now: Micros) -> Result<Account> {
    if sql::get_account_by_name(tx, name).await?.is_some() {
        return Err(exists("account", name));
    }
    let account = Account {
        id: AccountId::random(now),
        name: name.to_owned(),
        kind,
        enabled: true,
        description: String::new(),
        created_at: now,
    };
    sql::insert_account(tx, &account).await?;
    let project =
        ProjectRow { id: ProjectId::random(now), name: region.to_owned(), enabled: true, description: String::new() };
    sql::insert_project(tx, &account.id, &project, now).await?;
    tx.mark(Topic::Identity);
    Ok(account)
}

/// The account of the staff, created when there is none yet.
pub async fn ensure_provider(tx: &mut Tx, region: &str, now: Micros) -> Result<Account> {
    if let Some(account) = sql::get_account_by_name(tx, PROVIDER).await? {
        return Ok(account);
    }
    insert_account(tx, PROVIDER, AccountKind::Provider, region, now).await
}

/// The account of that name.
pub async fn load_account(tx: &mut Tx, name: &str) -> Result<Account> {
    sql::get_account_by_name(tx, name).await?.ok_or_else(|| missing("account", name))
}

/// The account with this id or name.
pub async fn find_account(tx: &mut Tx, id_or_name: &str) -> std::result::Result<Option<Account>, StoreError> {
    if let Some(id) = AccountId::parse(id_or_name)
        && let Some(account) = sql::get_account(tx, &id).await?
    {
        return Ok(Some(account));
    }
    sql::get_account_by_name(tx, id_or_name).await
}

/// The user of that name.
pub(crate) async fn load_user(tx: &mut Tx, account: &AccountId, name: &str) -> Result<UserRow> {
    sql::get_user_by_name(tx, account, name).await?.ok_or_else(|| missing("user", name))
}

/// The id of the user of that name.
pub async fn find_user(tx: &mut Tx, account: &AccountId, name: &str) -> Result<UserId> {
    load_user(tx, account, name).await.map(|user| user.id)
}

/// Creates a user, or completes the owner that [`create_account`] reserved. The first user of an account is its owner.
pub async fn create_user(tx: &mut Tx, account: &Account, new: &NewUser, now: Micros) -> Result<UserId> {
    if account.kind == AccountKind::Provider {
        return Err(AdminError::Reserved);
    }
    // Of two first users that are created at once, one must wait to see the other.
    sql::get_account_for_change(tx, &account.id).await?;
    let name = new.name.as_str();
    let id = if let Some(user) = sql::get_user_by_name(tx, &account.id, name).await? {
        if !sql::complete_user(tx, &account.id, &user.id, &new.details, now).await? {
            return Err(exists("user", name));
        }
        user.id
    } else {
        let id = UserId::random(now);
        let is_owner = new.owner || sql::count_users(tx, &account.id).await? == 0;
        let row = NewUserRow { id: &id, name, is_owner, reserved: false, staff: None, details: &new.details };
        sql::insert_user(tx, &account.id, &row, now).await?;
        id
    };
    for role in &new.roles {
        sql::insert_user_role(tx, &account.id, &id, *role).await?;
    }
    tx.mark(Topic::Identity);
    Ok(id)
}

/// Creates a member of staff, and the account of the staff when this is the first one.
pub async fn create_staff(
    tx: &mut Tx,
    new: &NewUser,
    role: StaffRole,
    region: &str,
    now: Micros,
) -> Result<(Account, UserId)> {
    let account = ensure_provider(tx, region, now).await?;
    let name = new.name.as_str();
    if sql::get_user_by_name(tx, &account.id, name).await?.is_some() {
        return Err(exists("member of staff", name));
    }
    let id = UserId::random(now);
    let row = NewUserRow { id: &id, name, is_owner: false, reserved: false, staff: Some(role), details: &new.details };
    sql::insert_user(tx, &account.id, &row, now).await?;
    tx.mark(Topic::Identity);
    Ok((account, id))
}

/// Switches an account on or off. Switching off ends the tokens of all its users.
pub async fn enable_account(tx: &mut Tx, account: &Account, enabled: bool, now: Micros) -> Result<()> {
    sql::enable_account(tx, &account.id, enabled).await?;
    if !enabled {
        sql::end_account_tokens(tx, &account.id, now).await?;
    }
    tx.mark(Topic::Identity);
    Ok(())
}

/// Switches a user on or off. Switching off ends its tokens.
pub(crate) async fn enable_user(tx: &mut Tx, user: &UserRow, enabled: bool, now: Micros) -> Result<()> {
    sql::enable_user(tx, &user.account_id, &user.id, enabled).await?;
    if !enabled {
        change_tokens(tx, &user.account_id, &user.id, |rule| rule.end_all(now)).await?;
    }
    tx.mark(Topic::Identity);
    Ok(())
}

/// Sets a password and ends the tokens that the old one got.
pub(crate) async fn set_password(tx: &mut Tx, user: &UserRow, hash: &str, now: Micros) -> Result<()> {
    sql::set_password(tx, &user.account_id, &user.id, hash, now).await?;
    change_tokens(tx, &user.account_id, &user.id, |rule| rule.end_all(now)).await?;
    tx.mark(Topic::Identity);
    Ok(())
}

/// Sets or removes the seed of one-time codes. With a seed, a password alone no longer logs in, so tokens end.
pub(crate) async fn set_totp(tx: &mut Tx, user: &UserRow, sealed_seed: Option<&[u8]>, now: Micros) -> Result<()> {
    sql::set_totp(tx, &user.account_id, &user.id, sealed_seed).await?;
    change_tokens(tx, &user.account_id, &user.id, |rule| rule.end_all(now)).await?;
    tx.mark(Topic::Identity);
    Ok(())
}

/// Switches a user on or off, by its id.
pub async fn set_user_enabled(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    enabled: bool,
    now: Micros,
) -> Result<()> {
    let user = load_user_by_id(tx, account, user).await?;
    enable_user(tx, &user, enabled, now).await
}

/// Sets a password, by the user's id and the password's hash.
pub async fn change_password(tx: &mut Tx, account: &AccountId, user: &UserId, hash: &str, now: Micros) -> Result<()> {
    let user = load_user_by_id(tx, account, user).await?;
    set_password(tx, &user, hash, now).await
}

/// Sets or removes the sealed seed of one-time codes, by the user's id.
pub async fn enrol_totp(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    sealed_seed: Option<&[u8]>,
    now: Micros,
) -> Result<()> {
    let user = load_user_by_id(tx, account, user).await?;
    set_totp(tx, &user, sealed_seed, now).await
}

async fn load_user_by_id(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<UserRow> {
    sql::get_user(tx, account, user).await?.ok_or_else(|| missing("user", user.as_str()))
}

pub(super) async fn change_tokens(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    change: impl Fn(TokenRule) -> TokenRule,
) -> Result<()> {
    if let Some(user) = sql::get_user_for_change(tx, account, user).await? {
        sql::set_token_rule(tx, account, &user.id, change(user.tokens)).await?;
    }
    Ok(())
}

/// Creates a user group with roles that its members get.
pub async fn create_group(
    tx: &mut Tx,
    account: &AccountId,
    name: &Name,
    roles: &[Role],
    description: &str,
    now: Micros,
) -> Result<GroupId> {
    if sql::get_group_by_name(tx, account, name.as_str()).await?.is_some() {
        return Err(exists("group", name.as_str()));
    }
    let group = GroupRow {
        id: GroupId::random(now),
        name: name.as_str().to_owned(),
        description: description.to_owned(),
        created_at: now,
    };
    sql::insert_group(tx, account, &group).await?;
    for role in roles {
        sql::insert_group_role(tx, account, &group.id, *role).await?;
    }
    tx.mark(Topic::Identity);
    Ok(group.id)
}

/// The group of that name.
pub(crate) async fn load_group(tx: &mut Tx, account: &AccountId, name: &str) -> Result<GroupRow> {
    sql::get_group_by_name(tx, account, name).await?.ok_or_else(|| missing("group", name))
}

/// The id of the group of that name.
pub async fn find_group(tx: &mut Tx, account: &AccountId, name: &str) -> Result<GroupId> {
    load_group(tx, account, name).await.map(|group| group.id)
}

/// Makes a user a member of a group; again is not an error.
pub async fn add_member(tx: &mut Tx, account: &AccountId, group: &GroupId, user: &UserId) -> Result<()> {
    sql::insert_member(tx, account, group, user).await?;
    tx.mark(Topic::Identity);
    Ok(())
}

/// Ends a membership; false when there was none.
pub async fn remove_member(tx: &mut Tx, account: &AccountId, group: &GroupId, user: &UserId) -> Result<bool> {
    let removed = sql::delete_member(tx, account, group, user).await?;
    tx.mark(Topic::Identity);
    Ok(removed)
}

/// Lets the users of `trusted` act in `account` with `roles`, until `expires_at`.
pub async fn create_agency(
    tx: &mut Tx,
    account: &AccountId,
    name: &Name,
    trusted: &AccountId,
    roles: &[Role],
    expires_at: Option<Micros>,
    now: Micros,
) -> Result<UserId> {
    if sql::get_agency_by_name(tx, account, name.as_str()).await?.is_some() {
        return Err(exists("agency", name.as_str()));
    }
    let agency = AgencyRow {
        id: UserId::random(now),
        name: name.as_str().to_owned(),
        trusted_account_id: trusted.clone(),
        roles: roles.iter().copied().collect(),
        expires_at,
        created_at: now,
    };
    sql::insert_agency(tx, account, &agency, "").await?;
    tx.mark(Topic::Identity);
    Ok(agency.id)
}

/// The id of the agency of that name.
pub async fn find_agency(tx: &mut Tx, account: &AccountId, name: &str) -> Result<UserId> {
    let agency = sql::get_agency_by_name(tx, account, name).await?;
    agency.map(|agency| agency.id).ok_or_else(|| missing("agency", name))
}

/// Ends a delegation, with what was granted to it.
pub async fn end_agency(tx: &mut Tx, account: &AccountId, name: &str) -> Result<()> {
    let id = find_agency(tx, account, name).await?;
    privileges::forget_holder(tx, account, &id).await?;
    sql::delete_agency(tx, account, &id).await?;
    tx.mark(Topic::Identity);
    Ok(())
}
