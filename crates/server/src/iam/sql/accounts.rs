//! Accounts and their projects.

use counterfoil_store::{Result, Row, Tx, statements, vals};
use counterfoil_wire::{
    ids::{AccountId, ProjectId},
    time::Micros,
};

use super::{Slice, broken, flag};
use crate::iam::model::{Account, AccountKind};

macro_rules! account_columns {
    () => {
        "account_id, name, kind, enabled, description, created_at"
    };
}

statements! {
    INSERT_ACCOUNT = "INSERT INTO accounts (account_id, name, kind, enabled, description, created_at) VALUES ($1, $2, $3, 1, $4, $5)";
    ACCOUNT_BY_NAME = concat!("SELECT ", account_columns!(), " FROM accounts WHERE name = $1");
    ACCOUNT_BY_ID = concat!("SELECT ", account_columns!(), " FROM accounts WHERE account_id = $1");
    ACCOUNT_FOR_CHANGE = concat!("SELECT ", account_columns!(), " FROM accounts WHERE account_id = $1"),
        postgres: concat!("SELECT ", account_columns!(), " FROM accounts WHERE account_id = $1 FOR UPDATE");
    ALL_ACCOUNTS = concat!("SELECT ", account_columns!(), " FROM accounts ORDER BY name");
    ENABLE_ACCOUNT = "UPDATE accounts SET enabled = $2 WHERE account_id = $1";
    END_ACCOUNT_TOKENS = "UPDATE users SET tokens_valid_after = CASE \
        WHEN tokens_valid_after < $2 AND tokens_ending_issued < $2 THEN $2 \
        WHEN tokens_valid_after > tokens_ending_issued THEN tokens_valid_after + 1 \
        ELSE tokens_ending_issued + 1 END WHERE account_id = $1";

    INSERT_PROJECT = "INSERT INTO projects (account_id, project_id, name, enabled, description, created_at) VALUES ($1, $2, $3, 1, $4, $5)";
    PROJECT_BY_ID = "SELECT project_id, name, enabled, description FROM projects WHERE account_id = $1 AND project_id = $2";
    PROJECT_BY_NAME = "SELECT project_id, name, enabled, description FROM projects WHERE account_id = $1 AND name = $2";
    LIST_PROJECTS = "SELECT project_id, name, enabled, description FROM projects \
        WHERE account_id = $1 AND ($2 = '' OR name = $2) AND (CAST($3 AS BIGINT) < 0 OR enabled = CAST($3 AS BIGINT)) ORDER BY name LIMIT $4 OFFSET $5";
    PROJECT_NAMES = "SELECT name FROM projects WHERE account_id = $1 AND enabled = 1 ORDER BY name";
    PROJECT_IDS = "SELECT project_id FROM projects WHERE account_id = $1 AND enabled = 1";
}

/// A project of an account.
pub(crate) struct ProjectRow {
    pub id: ProjectId,
    pub name: String,
    pub enabled: bool,
    pub description: String,
}

fn account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: AccountId::parse(&row.get::<String>(0)?).ok_or_else(|| broken("account id"))?,
        name: row.get(1)?,
        kind: AccountKind::parse(&row.get::<String>(2)?).ok_or_else(|| broken("account kind"))?,
        enabled: row.get(3)?,
        description: row.get(4)?,
        created_at: Micros(row.get(5)?),
    })
}

fn project(row: &Row) -> Result<ProjectRow> {
    Ok(ProjectRow {
        id: ProjectId::parse(&row.get::<String>(0)?).ok_or_else(|| broken("project id"))?,
        name: row.get(1)?,
        enabled: row.get(2)?,
        description: row.get(3)?,
    })
}

pub(crate) async fn insert_account(tx: &mut Tx, new: &Account) -> Result<()> {
    let values =
        vals![new.id.as_str(), new.name.as_str(), new.kind.as_str(), new.description.as_str(), new.created_at.0];
    tx.execute(&INSERT_ACCOUNT, &values).await?;
    Ok(())
}

/// Without an account: this is how one is found.
pub(crate) async fn get_account_by_name(tx: &mut Tx, name: &str) -> Result<Option<Account>> {
    tx.query_opt(&ACCOUNT_BY_NAME, &vals![name]).await?.as_ref().map(account).transpose()
}

pub(crate) async fn get_account(tx: &mut Tx, id: &AccountId) -> Result<Option<Account>> {
    tx.query_opt(&ACCOUNT_BY_ID, &vals![id.as_str()]).await?.as_ref().map(account).transpose()
}

/// Like [`get_account`]; the row stays as it is until the unit has ended.
pub(crate) async fn get_account_for_change(tx: &mut Tx, id: &AccountId) -> Result<Option<Account>> {
    tx.query_opt(&ACCOUNT_FOR_CHANGE, &vals![id.as_str()]).await?.as_ref().map(account).transpose()
}

/// Without an account: the operator's list.
pub(crate) async fn list_accounts(tx: &mut Tx) -> Result<Vec<Account>> {
    tx.query(&ALL_ACCOUNTS, &[]).await?.iter().map(account).collect()
}

pub(crate) async fn enable_account(tx: &mut Tx, id: &AccountId, enabled: bool) -> Result<()> {
    tx.execute(&ENABLE_ACCOUNT, &vals![id.as_str(), enabled]).await?;
    Ok(())
}

/// Ends the tokens of every user of the account.
pub(crate) async fn end_account_tokens(tx: &mut Tx, id: &AccountId, now: Micros) -> Result<()> {
    tx.execute(&END_ACCOUNT_TOKENS, &vals![id.as_str(), now.0]).await?;
    Ok(())
}

pub(crate) async fn insert_project(tx: &mut Tx, account: &AccountId, new: &ProjectRow, now: Micros) -> Result<()> {
    let values = vals![account.as_str(), new.id.as_str(), new.name.as_str(), new.description.as_str(), now.0];
    tx.execute(&INSERT_PROJECT, &values).await?;
    Ok(())
}

pub(crate) async fn get_project(tx: &mut Tx, account: &AccountId, id: &ProjectId) -> Result<Option<ProjectRow>> {
    tx.query_opt(&PROJECT_BY_ID, &vals![account.as_str(), id.as_str()]).await?.as_ref().map(project).transpose()
}

pub(crate) async fn get_project_by_name(tx: &mut Tx, account: &AccountId, name: &str) -> Result<Option<ProjectRow>> {
    tx.query_opt(&PROJECT_BY_NAME, &vals![account.as_str(), name]).await?.as_ref().map(project).transpose()
}

/// Projects by name; an empty `name` and no `enabled` mean any.
pub(crate) async fn list_projects(
    tx: &mut Tx,
    account: &AccountId,
    name: &str,
    enabled: Option<bool>,
    slice: Slice,
) -> Result<Vec<ProjectRow>> {
    let values = vals![account.as_str(), name, flag(enabled), slice.limit, slice.offset];
    tx.query(&LIST_PROJECTS, &values).await?.iter().map(project).collect()
}

/// The regions in which an account has a project: projects are named after them.
pub(crate) async fn list_region_ids(tx: &mut Tx, account: &AccountId) -> Result<Vec<String>> {
    tx.query(&PROJECT_NAMES, &vals![account.as_str()]).await?.iter().map(|row| row.get(0)).collect()
}

pub(crate) async fn list_project_ids(tx: &mut Tx, account: &AccountId) -> Result<Vec<ProjectId>> {
    let rows = tx.query(&PROJECT_IDS, &vals![account.as_str()]).await?;
    rows.iter().map(|row| ProjectId::parse(&row.get::<String>(0)?).ok_or_else(|| broken("project id"))).collect()
}
