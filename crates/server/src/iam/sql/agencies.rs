//! Agencies: what an account delegates to another one.

use counterfoil_store::{Result, Row, Tx, statements, vals};
use counterfoil_wire::{
    ids::{AccountId, UserId},
    time::Micros,
};

use super::broken;
use crate::iam::model::{Role, Roles};

statements! {
    INSERT_AGENCY = "INSERT INTO agencies (account_id, agency_id, name, trusted_account_id, roles, description, expires_at, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    AGENCY_BY_NAME = "SELECT agency_id, name, trusted_account_id, roles, expires_at, created_at FROM agencies WHERE account_id = $1 AND name = $2";
    AGENCY_BY_ID = "SELECT agency_id, name, trusted_account_id, roles, expires_at, created_at FROM agencies WHERE account_id = $1 AND agency_id = $2";
    LIST_AGENCIES = "SELECT agency_id, name, trusted_account_id, roles, expires_at, created_at FROM agencies WHERE account_id = $1 ORDER BY name";
    DELETE_AGENCY = "DELETE FROM agencies WHERE account_id = $1 AND agency_id = $2";
}

/// A delegation to another account. Its id is a [`UserId`], because it acts like a user of the delegating account.
pub(crate) struct AgencyRow {
    pub id: UserId,
    pub name: String,
    pub trusted_account_id: AccountId,
    pub roles: Roles,
    pub expires_at: Option<Micros>,
    pub created_at: Micros,
}

fn agency(row: &Row) -> Result<AgencyRow> {
    Ok(AgencyRow {
        id: UserId::parse(&row.get::<String>(0)?).ok_or_else(|| broken("agency id"))?,
        name: row.get(1)?,
        trusted_account_id: AccountId::parse(&row.get::<String>(2)?).ok_or_else(|| broken("account id"))?,
        roles: row.get::<String>(3)?.split(',').filter_map(Role::parse).collect(),
        expires_at: row.get::<Option<i64>>(4)?.map(Micros),
        created_at: Micros(row.get(5)?),
    })
}

/// `account` is the one that delegates.
pub(crate) async fn insert_agency(tx: &mut Tx, account: &AccountId, new: &AgencyRow, description: &str) -> Result<()> {
    let names: Vec<_> = Role::ALL.into_iter().filter(|role| new.roles.contains(*role)).map(Role::as_str).collect();
    let values = vals![
        account.as_str(),
        new.id.as_str(),
        new.name.as_str(),
        new.trusted_account_id.as_str(),
        names.join(","),
        description,
        new.expires_at.map(|at| at.0),
        new.created_at.0,
    ];
    tx.execute(&INSERT_AGENCY, &values).await?;
    Ok(())
}

pub(crate) async fn get_agency_by_name(tx: &mut Tx, account: &AccountId, name: &str) -> Result<Option<AgencyRow>> {
    tx.query_opt(&AGENCY_BY_NAME, &vals![account.as_str(), name]).await?.as_ref().map(agency).transpose()
}

pub(crate) async fn get_agency(tx: &mut Tx, account: &AccountId, id: &UserId) -> Result<Option<AgencyRow>> {
    tx.query_opt(&AGENCY_BY_ID, &vals![account.as_str(), id.as_str()]).await?.as_ref().map(agency).transpose()
}

pub(crate) async fn list_agencies(tx: &mut Tx, account: &AccountId) -> Result<Vec<AgencyRow>> {
    tx.query(&LIST_AGENCIES, &vals![account.as_str()]).await?.iter().map(agency).collect()
}

pub(crate) async fn delete_agency(tx: &mut Tx, account: &AccountId, id: &UserId) -> Result<()> {
    tx.execute(&DELETE_AGENCY, &vals![account.as_str(), id.as_str()]).await?;
    Ok(())
}
