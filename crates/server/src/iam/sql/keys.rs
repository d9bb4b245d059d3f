//! Access keys.

use counterfoil_store::{Result, Row, Tx, statements, vals};
use counterfoil_wire::{
    ids::{AccountId, UserId},
    time::Micros,
};

use super::broken;
use crate::iam::model::AccessId;

statements! {
    INSERT_KEY = "INSERT INTO access_keys (account_id, access, user_id, secret, active, description, created_at, last_used_at) \
        VALUES ($1, $2, $3, $4, 1, $5, $6, NULL)";
    KEY_FOR_SIGNATURE = "SELECT account_id, user_id, secret, active FROM access_keys WHERE access = $1";
    KEY_BY_ID = "SELECT access, user_id, active, description, created_at, last_used_at FROM access_keys WHERE account_id = $1 AND access = $2";
    KEYS_OF_USER = "SELECT access, user_id, active, description, created_at, last_used_at FROM access_keys \
        WHERE account_id = $1 AND user_id = $2 ORDER BY created_at, access";
    COUNT_KEYS = "SELECT COUNT(*) FROM access_keys WHERE account_id = $1 AND user_id = $2";
    SET_KEY = "UPDATE access_keys SET active = $3, description = $4 WHERE account_id = $1 AND access = $2";
    DELETE_KEY = "DELETE FROM access_keys WHERE account_id = $1 AND access = $2";
    TOUCH_KEY = "UPDATE access_keys SET last_used_at = $2 WHERE access = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
}

/// An access key without its secret.
#[derive(Clone)]
pub(crate) struct KeyRow {
    pub access: String,
    pub user_id: UserId,
    pub active: bool,
    pub description: String,
    pub created_at: Micros,
    pub last_used_at: Option<Micros>,
}

fn key(row: &Row) -> Result<KeyRow> {
    Ok(KeyRow {
        access: row.get(0)?,
        user_id: UserId::parse(&row.get::<String>(1)?).ok_or_else(|| broken("user id"))?,
        active: row.get(2)?,
        description: row.get(3)?,
        created_at: Micros(row.get(4)?),
        last_used_at: row.get::<Option<i64>>(5)?.map(Micros),
    })
}

pub(crate) async fn insert_key(tx: &mut Tx, account: &AccountId, new: &KeyRow, secret: &[u8]) -> Result<()> {
    let values = vals![
        account.as_str(),
        new.access.as_str(),
        new.user_id.as_str(),
        secret,
        new.description.as_str(),
        new.created_at.0
    ];
    tx.execute(&INSERT_KEY, &values).await?;
    Ok(())
}

/// Whose key it is, its sealed secret and whether it is active. Without an account: this is how a caller is found.
pub(crate) async fn get_key_for_signature(
    tx: &mut Tx,
    access: &AccessId,
) -> Result<Option<(AccountId, UserId, Vec<u8>, bool)>> {
    let Some(row) = tx.query_opt(&KEY_FOR_SIGNATURE, &vals![access.as_str()]).await? else { return Ok(None) };
    Ok(Some((
        AccountId::parse(&row.get::<String>(0)?).ok_or_else(|| broken("account id"))?,
        UserId::parse(&row.get::<String>(1)?).ok_or_else(|| broken("user id"))?,
        row.get(2)?,
        row.get(3)?,
    )))
}

pub(crate) async fn get_key(tx: &mut Tx, account: &AccountId, access: &str) -> Result<Option<KeyRow>> {
    tx.query_opt(&KEY_BY_ID, &vals![account.as_str(), access]).await?.as_ref().map(key).transpose()
}

pub(crate) async fn list_keys(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<Vec<KeyRow>> {
    tx.query(&KEYS_OF_USER, &vals![account.as_str(), user.as_str()]).await?.iter().map(key).collect()
}

pub(crate) async fn count_keys(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<i64> {
    tx.query_one(&COUNT_KEYS, &vals![account.as_str(), user.as_str()]).await?.get(0)
}

pub(crate) async fn set_key(tx: &mut Tx, account: &AccountId, changed: &KeyRow) -> Result<()> {
    let values = vals![account.as_str(), changed.access.as_str(), changed.active, changed.description.as_str()];
    tx.execute(&SET_KEY, &values).await?;
    Ok(())
}

pub(crate) async fn delete_key(tx: &mut Tx, account: &AccountId, access: &str) -> Result<()> {
    tx.execute(&DELETE_KEY, &vals![account.as_str(), access]).await?;
    Ok(())
}

/// Notes when a key was last used. Without an account: the flush knows keys only.
pub(crate) async fn touch_key(tx: &mut Tx, access: &str, at: Micros) -> Result<()> {
    tx.execute(&TOUCH_KEY, &vals![access, at.0]).await?;
    Ok(())
}
