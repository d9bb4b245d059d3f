//! Users and the roles that they hold.

use counterfoil_store::{Result, Row, Tx, statements, vals};
use counterfoil_wire::{
    ids::{AccountId, UserId},
    time::Micros,
};

use super::{Slice, broken, flag, roles};
use crate::iam::model::{Role, Roles, StaffRole, TokenRule};

macro_rules! user_columns {
    () => {
        "account_id, user_id, name, enabled, is_owner, staff_role, description, email, phone, area_code, \
        password_hash, totp, tokens_valid_after, tokens_ending_issued, tokens_ending_at, created_at"
    };
}

statements! {
    INSERT_USER = "INSERT INTO users (account_id, user_id, name, enabled, is_owner, reserved, staff_role, description, email, phone, area_code, \
        password_hash, password_changed_at, totp, totp_last_step, tokens_valid_after, tokens_ending_issued, tokens_ending_at, created_at) \
        VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL, 0, 0, 0, 0, $13)";
    COMPLETE_USER = "UPDATE users SET reserved = 0, description = $3, email = $4, phone = $5, area_code = $6, password_hash = $7, \
        password_changed_at = $8 WHERE account_id = $1 AND user_id = $2 AND reserved = 1";
    USER_BY_ID = concat!("SELECT ", user_columns!(), " FROM users WHERE account_id = $1 AND user_id = $2");
    USER_FOR_CHANGE = concat!("SELECT ", user_columns!(), " FROM users WHERE account_id = $1 AND user_id = $2"),
        postgres: concat!("SELECT ", user_columns!(), " FROM users WHERE account_id = $1 AND user_id = $2 FOR UPDATE");
    USER_BY_NAME = concat!("SELECT ", user_columns!(), " FROM users WHERE account_id = $1 AND name = $2");
    LIST_USERS = concat!("SELECT ", user_columns!(), " FROM users WHERE account_id = $1 AND ($2 = '' OR name = $2) \
        AND (CAST($3 AS BIGINT) < 0 OR enabled = CAST($3 AS BIGINT)) ORDER BY name LIMIT $4 OFFSET $5");
    COUNT_USERS = "SELECT COUNT(*) FROM users WHERE account_id = $1";
    ENABLE_USER = "UPDATE users SET enabled = $3 WHERE account_id = $1 AND user_id = $2";
    SET_PASSWORD = "UPDATE users SET password_hash = $3, password_changed_at = $4 WHERE account_id = $1 AND user_id = $2";
    REHASH_PASSWORD = "UPDATE users SET password_hash = $4 WHERE account_id = $1 AND user_id = $2 AND password_hash = $3";
    SET_TOTP = "UPDATE users SET totp = $3, totp_last_step = 0 WHERE account_id = $1 AND user_id = $2";
    SPEND_TOTP_STEP = "UPDATE users SET totp_last_step = $3 WHERE account_id = $1 AND user_id = $2 AND totp_last_step < $3";
    SET_TOKEN_RULE = "UPDATE users SET tokens_valid_after = $3, tokens_ending_issued = $4, tokens_ending_at = $5 \
        WHERE account_id = $1 AND user_id = $2";

    REGISTERED_CONTACTS = "SELECT email, phone, area_code FROM users WHERE account_id = $1 AND user_id = $2 \
        UNION ALL SELECT email, phone, area_code FROM users WHERE account_id = $1 AND is_owner = 1 AND user_id <> $2";

    INSERT_USER_ROLE = "INSERT INTO user_roles (account_id, user_id, role) VALUES ($1, $2, $3) ON CONFLICT (account_id, user_id, role) DO NOTHING";
    ROLES_OF_USER = "SELECT role FROM user_roles WHERE account_id = $1 AND user_id = $2 \
        UNION SELECT r.role FROM group_roles r JOIN group_members m ON m.account_id = r.account_id AND m.group_id = r.group_id \
        WHERE m.account_id = $1 AND m.user_id = $2";
}

/// A user with everything that logins, answers and the command line need of it.
pub(crate) struct UserRow {
    pub account_id: AccountId,
    pub id: UserId,
    pub name: String,
    pub enabled: bool,
    pub is_owner: bool,
    pub staff: Option<StaffRole>,
    pub description: String,
    pub email: Option<Vec<u8>>,
    pub phone: Option<Vec<u8>>,
    pub area_code: Option<Vec<u8>>,
    pub password_hash: Option<String>,
    pub totp: Option<Vec<u8>>,
    pub tokens: TokenRule,
    pub created_at: Micros,
}

/// What is written for a new user.
pub(crate) struct NewUserRow<'a> {
    pub id: &'a UserId,
    pub name: &'a str,
    pub is_owner: bool,
    pub reserved: bool,
    pub staff: Option<StaffRole>,
    pub details: &'a UserDetails,
}

/// What an administrator says about a user; contact data is sealed already.
#[derive(Clone, Default)]
pub(crate) struct UserDetails {
    pub description: String,
    pub email: Option<Vec<u8>>,
    pub phone: Option<Vec<u8>>,
    pub area_code: Option<Vec<u8>>,
    pub password_hash: Option<String>,
}

fn user(row: &Row) -> Result<UserRow> {
    Ok(UserRow {
        account_id: AccountId::parse(&row.get::<String>(0)?).ok_or_else(|| broken("account id"))?,
        id: UserId::parse(&row.get::<String>(1)?).ok_or_else(|| broken("user id"))?,
        name: row.get(2)?,
        enabled: row.get(3)?,
        is_owner: row.get(4)?,
        staff: row
            .get::<Option<String>>(5)?
            .map(|text| StaffRole::parse(&text).ok_or_else(|| broken("staff role")))
            .transpose()?,
        description: row.get(6)?,
        email: row.get(7)?,
        phone: row.get(8)?,
        area_code: row.get(9)?,
        password_hash: row.get(10)?,
        totp: row.get(11)?,
        tokens: TokenRule { valid_after: row.get(12)?, ending_issued: row.get(13)?, ending_at: row.get(14)? },
        created_at: Micros(row.get(15)?),
    })
}

pub(crate) async fn insert_user(tx: &mut Tx, account: &AccountId, new: &NewUserRow<'_>, now: Micros) -> Result<()> {
    let details = new.details;
    let values = vals![
        account.as_str(),
        new.id.as_str(),
        new.name,
        new.is_owner,
        new.reserved,
        new.staff.map(StaffRole::as_str),
        details.description.as_str(),
        details.email.as_deref(),
        details.phone.as_deref(),
        details.area_code.as_deref(),
        details.password_hash.as_deref(),
        details.password_hash.is_some().then_some(now.0),
        now.0,
    ];
    tx.execute(&INSERT_USER, &values).await?;
    Ok(())
}

/// Fills in a reserved user; false when it is not reserved.
pub(crate) async fn complete_user(
    tx: &mut Tx,
    account: &AccountId,
    id: &UserId,
    details: &UserDetails,
    now: Micros,
) -> Result<bool> {
    let values = vals![
        account.as_str(),
        id.as_str(),
        details.description.as_str(),
        details.email.as_deref(),
        details.phone.as_deref(),
        details.area_code.as_deref(),
        details.password_hash.as_deref(),
        details.password_hash.is_some().then_some(now.0),
    ];
    Ok(tx.execute(&COMPLETE_USER, &values).await? == 1)
}

pub(crate) async fn get_user(tx: &mut Tx, account: &AccountId, id: &UserId) -> Result<Option<UserRow>> {
    tx.query_opt(&USER_BY_ID, &vals![account.as_str(), id.as_str()]).await?.as_ref().map(user).transpose()
}

/// Like [`get_user`]; the row stays as it is until the unit has ended.
pub(crate) async fn get_user_for_change(tx: &mut Tx, account: &AccountId, id: &UserId) -> Result<Option<UserRow>> {
    tx.query_opt(&USER_FOR_CHANGE, &vals![account.as_str(), id.as_str()]).await?.as_ref().map(user).transpose()
}

pub(crate) async fn get_user_by_name(tx: &mut Tx, account: &AccountId, name: &str) -> Result<Option<UserRow>> {
    tx.query_opt(&USER_BY_NAME, &vals![account.as_str(), name]).await?.as_ref().map(user).transpose()
}

/// Users by name; an empty `name` and no `enabled` mean any.
pub(crate) async fn list_users(
    tx: &mut Tx,
    account: &AccountId,
    name: &str,
    enabled: Option<bool>,
    slice: Slice,
) -> Result<Vec<UserRow>> {
    let values = vals![account.as_str(), name, flag(enabled), slice.limit, slice.offset];
    tx.query(&LIST_USERS, &values).await?.iter().map(user).collect()
}

pub(crate) async fn count_users(tx: &mut Tx, account: &AccountId) -> Result<i64> {
    tx.query_one(&COUNT_USERS, &vals![account.as_str()]).await?.get(0)
}

pub(crate) async fn enable_user(tx: &mut Tx, account: &AccountId, id: &UserId, enabled: bool) -> Result<()> {
    tx.execute(&ENABLE_USER, &vals![account.as_str(), id.as_str(), enabled]).await?;
    Ok(())
}

pub(crate) async fn set_password(
    tx: &mut Tx,
    account: &AccountId,
    id: &UserId,
    hash: &str,
    changed_at: Micros,
) -> Result<()> {
    tx.execute(&SET_PASSWORD, &vals![account.as_str(), id.as_str(), hash, changed_at.0]).await?;
    Ok(())
}

/// Writes the same password at another cost, unless it was changed meanwhile.
pub(crate) async fn rehash_password(tx: &mut Tx, account: &AccountId, id: &UserId, old: &str, new: &str) -> Result<()> {
    tx.execute(&REHASH_PASSWORD, &vals![account.as_str(), id.as_str(), old, new]).await?;
    Ok(())
}

pub(crate) async fn set_totp(tx: &mut Tx, account: &AccountId, id: &UserId, seed: Option<&[u8]>) -> Result<()> {
    tx.execute(&SET_TOTP, &vals![account.as_str(), id.as_str(), seed]).await?;
    Ok(())
}

/// Uses up a time step; false when it, or a later one, was used before.
pub(crate) async fn spend_totp_step(tx: &mut Tx, account: &AccountId, id: &UserId, step: i64) -> Result<bool> {
    Ok(tx.execute(&SPEND_TOTP_STEP, &vals![account.as_str(), id.as_str(), step]).await? == 1)
}

pub(crate) async fn set_token_rule(tx: &mut Tx, account: &AccountId, id: &UserId, rule: TokenRule) -> Result<()> {
    let values = vals![account.as_str(), id.as_str(), rule.valid_after, rule.ending_issued, rule.ending_at];
    tx.execute(&SET_TOKEN_RULE, &values).await?;
    Ok(())
}

pub(crate) async fn insert_user_role(tx: &mut Tx, account: &AccountId, id: &UserId, role: Role) -> Result<()> {
    tx.execute(&INSERT_USER_ROLE, &vals![account.as_str(), id.as_str(), role.as_str()]).await?;
    Ok(())
}

/// Roles by itself and through groups.
pub(crate) async fn list_roles(tx: &mut Tx, account: &AccountId, id: &UserId) -> Result<Roles> {
    roles(&tx.query(&ROLES_OF_USER, &vals![account.as_str(), id.as_str()]).await?)
}

/// Mail address, phone number and dialling code as they are sealed: of a user, and of the account's owner.
pub(crate) async fn list_registered_contacts(
    tx: &mut Tx,
    account: &AccountId,
    id: &UserId,
) -> Result<Vec<(Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>)>> {
    let rows = tx.query(&REGISTERED_CONTACTS, &vals![account.as_str(), id.as_str()]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}
