//! Who may see and act on a case of an account.
//!
//! The owner sees all of the account. A user sees the own cases, and with `group_id` those of the members of a group in
//! which the user is, given the role Ticket Group Operator. A case of another account answers exactly like one that does
//! not exist; a colleague's case that may not be seen answers "no permission". Deleted cases are gone for customers.

use super::rules::Status;
use super::sql::{self, CaseRow};
use crate::caller::Caller;
use crate::error::{Code, Error, Result};
use crate::extract;
use crate::iam::Principal;
use axum::extract::{FromRequestParts, Path};
use counterfoil_store::Tx;
use counterfoil_wire::ids::{CaseId, UserId};
use std::collections::BTreeSet;

/// The path's `case_id`, of at most `MOST` characters. A text that is no id belongs to nothing, and answers like it.
pub struct PathId<const MOST: u64 = 32>(pub String);

impl<S: Send + Sync, const MOST: u64> FromRequestParts<S> for PathId<MOST> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self> {
        let id = Path::<String>::from_request_parts(parts, state).await;
        let Path(id) = id.map_err(|_| Error::new(Code::NoSuchCase))?;
        extract::text("case_id", &id, 1..=MOST)?;
        Ok(Self(id))
    }
}

/// Which cases of the account a caller asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of the account.
    Account,
    /// The caller's own.
    Own,
    /// Those of a group's members.
    Group(String),
}

/// The scope that `group_id` asks for, if the caller may.
pub fn scope(caller: &Caller, group_id: Option<&str>) -> Result<Scope> {
    match group_id.filter(|id| !id.is_empty()) {
        None if caller.is_owner => Ok(Scope::Account),
        None => Ok(Scope::Own),
        Some(id) => {
            let is_member = caller.groups.iter().any(|group| group.as_str() == id);
            if caller.is_owner || (is_member && caller.roles.ticket_group_operator) {
                Ok(Scope::Group(id.to_owned()))
            } else {
                Err(Error::new(Code::NoPermission))
            }
        }
    }
}

/// All cases that somebody sees, with or without naming a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All of the account.
    Account,
    /// Those of these users.
    Users(BTreeSet<UserId>),
}

impl Sight {
    /// Whether the cases of a user of the account are among them.
    pub fn shows(&self, user_id: &UserId) -> bool {
        match self {
            Self::Account => true,
            Self::Users(users) => users.contains(user_id),
        }
    }
}

/// What somebody sees: what [`load_visible`] would give without a group and with each that may be named.
pub async fn sight(tx: &mut Tx, principal: &Principal) -> Result<Sight> {
    if principal.is_owner {
        return Ok(Sight::Account);
    }
    let mut users = BTreeSet::from([principal.user_id.clone()]);
    if principal.roles.ticket_group_operator {
        users.extend(sql::list_colleagues(tx, &principal.account_id, &principal.user_id).await?);
    }
    Ok(Sight::Users(users))
}

/// Fails unless the account has the group of the scope.
pub async fn check_group(tx: &mut Tx, caller: &Caller, scope: &Scope) -> Result<()> {
    if let Scope::Group(id) = scope
        && !sql::has_group(tx, &caller.account_id, id).await?
    {
        return Err(Error::new(Code::NoPermission));
    }
    Ok(())
}

async fn check(tx: &mut Tx, caller: &Caller, group_id: Option<&str>, case: Option<CaseRow>) -> Result<CaseRow> {
    let case = case.ok_or_else(|| Error::new(Code::NoSuchCase))?;
    let scope = scope(caller, group_id)?;
    check_group(tx, caller, &scope).await?;
    let may = match &scope {
        Scope::Account => true,
        Scope::Own => case.user_id == caller.user_id,
        Scope::Group(id) => {
            case.user_id == caller.user_id || sql::is_in_group(tx, &caller.account_id, id, &case.user_id).await?
        }
    };
    if may { Ok(case) } else { Err(Error::new(Code::NoPermission)) }
}

/// Loads a case that the caller may see.
pub async fn load_visible(tx: &mut Tx, caller: &Caller, case_id: &str, group_id: Option<&str>) -> Result<CaseRow> {
    let case = load_visible_or_deleted(tx, caller, case_id, group_id).await?;
    if case.status == Status::Deleted { Err(Error::new(Code::NoSuchCase)) } else { Ok(case) }
}

/// The cases among `case_ids` that the caller may see, in that order: what is missing, deleted or hidden is left out. A group
/// that the caller may not act in is refused.
pub async fn list_visible(
    tx: &mut Tx,
    caller: &Caller,
    case_ids: &[String],
    group_id: Option<&str>,
) -> Result<Vec<CaseRow>> {
    check_group(tx, caller, &scope(caller, group_id)?).await?;
    let ids: Vec<CaseId> = case_ids.iter().filter_map(|id| CaseId::parse(id)).collect();
    let mut visible = Vec::with_capacity(ids.len());
    for case in sql::find_several(tx, &caller.account_id, &ids).await? {
        match check(tx, caller, group_id, Some(case)).await {
            Ok(case) if case.status != Status::Deleted => visible.push(case),
            Ok(_) => {}
            Err(error) if error.code() == Code::NoPermission => {}
            Err(error) => return Err(error),
        }
    }
    Ok(visible)
}

/// Like [`load_visible`], for the one call that also answers for a deleted case.
pub async fn load_visible_or_deleted(
    tx: &mut Tx,
    caller: &Caller,
    case_id: &str,
    group_id: Option<&str>,
) -> Result<CaseRow> {
    let id = CaseId::parse(case_id).ok_or_else(|| Error::new(Code::NoSuchCase))?;
    let case = sql::find(tx, &caller.account_id, &id).await?;
    check(tx, caller, group_id, case).await
}

/// Loads a case that the caller may see, to change it: nobody else can until the unit ends.
pub async fn load_to_change(tx: &mut Tx, caller: &Caller, case_id: &str, group_id: Option<&str>) -> Result<CaseRow> {
    let id = CaseId::parse(case_id).ok_or_else(|| Error::new(Code::NoSuchCase))?;
    let case = sql::find_locked(tx, &caller.account_id, &id).await?;
    let case = check(tx, caller, group_id, case).await?;
    if case.status == Status::Deleted { Err(Error::new(Code::NoSuchCase)) } else { Ok(case) }
}

/// Whether a customer's case is deleted, and so no longer there for customers.
pub fn is_gone(case: &CaseRow) -> bool {
    case.status == Status::Deleted
}

/// Whether the caller may open a case of the own account in any way: as its submitter, as the owner, or through one of the
/// caller's groups.
pub async fn may_open(tx: &mut Tx, caller: &Caller, case: &CaseRow) -> Result<bool> {
    if caller.is_owner || case.user_id == caller.user_id {
        return Ok(true);
    }
    if caller.roles.ticket_group_operator {
        for group in caller.groups.iter() {
            if sql::is_in_group(tx, &caller.account_id, group.as_str(), &case.user_id).await? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
