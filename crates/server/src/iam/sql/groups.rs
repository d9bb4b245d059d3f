//! User groups, their members and the roles that members get.

use counterfoil_store::{Result, Row, Tx, statements, vals};
use counterfoil_wire::{
    ids::{AccountId, GroupId, UserId},
    time::Micros,
};

use super::{Slice, broken, roles};
use crate::iam::model::{Role, Roles};

statements! {
    INSERT_GROUP = "INSERT INTO user_groups (account_id, group_id, name, description, created_at) VALUES ($1, $2, $3, $4, $5)";
    INSERT_GROUP_ROLE = "INSERT INTO group_roles (account_id, group_id, role) VALUES ($1, $2, $3) ON CONFLICT (account_id, group_id, role) DO NOTHING";
    INSERT_MEMBER = "INSERT INTO group_members (account_id, group_id, user_id) VALUES ($1, $2, $3) ON CONFLICT (account_id, group_id, user_id) DO NOTHING";
    DELETE_MEMBER = "DELETE FROM group_members WHERE account_id = $1 AND group_id = $2 AND user_id = $3";
    GROUP_BY_NAME = "SELECT group_id, name, description, created_at FROM user_groups WHERE account_id = $1 AND name = $2";
    LIST_GROUPS = "SELECT group_id, name, description, created_at FROM user_groups \
        WHERE account_id = $1 AND ($2 = '' OR name = $2) ORDER BY name LIMIT $3 OFFSET $4";
    GROUPS_OF_USER = "SELECT g.group_id, g.name, g.description, g.created_at FROM user_groups g \
        JOIN group_members m ON m.account_id = g.account_id AND m.group_id = g.group_id \
        WHERE m.account_id = $1 AND m.user_id = $2 ORDER BY g.name LIMIT $3 OFFSET $4";
    GROUP_IDS_OF_USER = "SELECT group_id FROM group_members WHERE account_id = $1 AND user_id = $2 ORDER BY group_id";
    ROLES_OF_GROUP = "SELECT role FROM group_roles WHERE account_id = $1 AND group_id = $2 ORDER BY role";
}

/// A user group.
pub(crate) struct GroupRow {
    pub id: GroupId,
    pub name: String,
    pub description: String,
    pub created_at: Micros,
}

fn group(row: &Row) -> Result<GroupRow> {
    Ok(GroupRow {
        id: GroupId::parse(&row.get::<String>(0)?).ok_or_else(|| broken("group id"))?,
        name: row.get(1)?,
        description: row.get(2)?,
        created_at: Micros(row.get(3)?),
    })
}

pub(crate) async fn insert_group(tx: &mut Tx, account: &AccountId, new: &GroupRow) -> Result<()> {
    let values =
        vals![account.as_str(), new.id.as_str(), new.name.as_str(), new.description.as_str(), new.created_at.0];
    tx.execute(&INSERT_GROUP, &values).await?;
    Ok(())
}

pub(crate) async fn insert_group_role(tx: &mut Tx, account: &AccountId, id: &GroupId, role: Role) -> Result<()> {
    tx.execute(&INSERT_GROUP_ROLE, &vals![account.as_str(), id.as_str(), role.as_str()]).await?;
    Ok(())
}

pub(crate) async fn insert_member(tx: &mut Tx, account: &AccountId, id: &GroupId, user: &UserId) -> Result<()> {
    tx.execute(&INSERT_MEMBER, &vals![account.as_str(), id.as_str(), user.as_str()]).await?;
    Ok(())
}

/// False when the user was no member.
pub(crate) async fn delete_member(tx: &mut Tx, account: &AccountId, id: &GroupId, user: &UserId) -> Result<bool> {
    Ok(tx.execute(&DELETE_MEMBER, &vals![account.as_str(), id.as_str(), user.as_str()]).await? == 1)
}

pub(crate) async fn get_group_by_name(tx: &mut Tx, account: &AccountId, name: &str) -> Result<Option<GroupRow>> {
    tx.query_opt(&GROUP_BY_NAME, &vals![account.as_str(), name]).await?.as_ref().map(group).transpose()
}

/// Groups by name; an empty `name` means any.
pub(crate) async fn list_groups(tx: &mut Tx, account: &AccountId, name: &str, slice: Slice) -> Result<Vec<GroupRow>> {
    let values = vals![account.as_str(), name, slice.limit, slice.offset];
    tx.query(&LIST_GROUPS, &values).await?.iter().map(group).collect()
}

pub(crate) async fn list_groups_of_user(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    slice: Slice,
) -> Result<Vec<GroupRow>> {
    let values = vals![account.as_str(), user.as_str(), slice.limit, slice.offset];
    tx.query(&GROUPS_OF_USER, &values).await?.iter().map(group).collect()
}

pub(crate) async fn list_group_ids(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<Vec<GroupId>> {
    let rows = tx.query(&GROUP_IDS_OF_USER, &vals![account.as_str(), user.as_str()]).await?;
    rows.iter().map(|row| GroupId::parse(&row.get::<String>(0)?).ok_or_else(|| broken("group id"))).collect()
}

pub(crate) async fn list_group_roles(tx: &mut Tx, account: &AccountId, id: &GroupId) -> Result<Roles> {
    roles(&tx.query(&ROLES_OF_GROUP, &vals![account.as_str(), id.as_str()]).await?)
}
