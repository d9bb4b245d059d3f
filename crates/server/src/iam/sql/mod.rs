//! The statements of identity: the only folder that knows its columns.
//!
//! Every function that touches a tenant's row takes the account. The exceptions say why in their first line: they are
//! how an account is found (by name, by access key) or belong to the operator (lists of accounts).

mod accounts;
mod agencies;
mod failures;
mod groups;
mod keys;
mod users;

use counterfoil_store::{Result, Row, Stmt, StoreError, Val};

pub(crate) use accounts::*;
pub(crate) use agencies::*;
pub(crate) use failures::*;
pub(crate) use groups::*;
pub(crate) use keys::*;
pub(crate) use users::*;

use super::model::{Role, Roles};

/// Every statement of this folder.
pub fn statements() -> Vec<&'static Stmt> {
    [accounts::ALL, agencies::ALL, failures::ALL, groups::ALL, keys::ALL, users::ALL].concat()
}

/// How a list is cut: rows to skip and to give.
#[derive(Clone, Copy)]
pub(crate) struct Slice {
    pub offset: i64,
    pub limit: i64,
}

/// A value of the database that this program did not write: reported as an internal error.
fn broken(what: &'static str) -> StoreError {
    StoreError::Engine(format!("the database holds an impossible {what}").into())
}

fn roles(rows: &[Row]) -> Result<Roles> {
    rows.iter()
        .map(|row| Role::parse(&row.get::<String>(0)?).ok_or_else(|| broken("role")))
        .collect::<Result<Vec<_>>>()
        .map(Roles::from_iter)
}

/// A filter by truth as the statements take it: -1 for any.
fn flag(value: Option<bool>) -> Val {
    Val::Int(value.map_or(-1, i64::from))
}
