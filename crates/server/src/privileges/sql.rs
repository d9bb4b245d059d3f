//! Switches and grants of privileges.

use super::rules::Privilege;
use counterfoil_store::{Result, Row, StoreError, Tx, statements, vals};
use counterfoil_wire::ids::{AccountId, UserId};
use counterfoil_wire::time::Micros;

statements! {
    SWITCHED_ON = "SELECT privilege FROM privilege_switches WHERE account_id = $1 AND is_on = 1 ORDER BY privilege";
    SET_SWITCH = "INSERT INTO privilege_switches (account_id, privilege, is_on, changed_by, changed_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, privilege) DO UPDATE \
        SET is_on = excluded.is_on, changed_by = excluded.changed_by, changed_at = excluded.changed_at";
    GRANTED = "SELECT privilege FROM privilege_grants WHERE account_id = $1 AND (holder_id = $2 \
        OR holder_id IN (SELECT group_id FROM group_members WHERE account_id = $1 AND user_id = $2))";
    INSERT_GRANT = "INSERT INTO privilege_grants (account_id, holder_id, privilege, created_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (account_id, holder_id, privilege) DO NOTHING";
    DELETE_GRANT = "DELETE FROM privilege_grants WHERE account_id = $1 AND holder_id = $2 AND privilege = $3";
    DELETE_GRANTS_OF = "DELETE FROM privilege_grants WHERE account_id = $1 AND holder_id = $2";
    LIST_GRANTS = "SELECT g.privilege, g.holder_id, u.name, o.name, a.name FROM privilege_grants g \
        LEFT JOIN users u ON u.account_id = g.account_id AND u.user_id = g.holder_id \
        LEFT JOIN user_groups o ON o.account_id = g.account_id AND o.group_id = g.holder_id \
        LEFT JOIN agencies a ON a.account_id = g.account_id AND a.agency_id = g.holder_id \
        WHERE g.account_id = $1 ORDER BY g.privilege, g.holder_id";
}

fn privilege(row: &Row) -> Result<Privilege> {
    let name: String = row.get(0)?;
    Privilege::parse(&name).ok_or_else(|| StoreError::Engine(format!("there is no privilege {name}").into()))
}

/// What the account has switched on.
pub async fn list_switched_on(tx: &mut Tx, account_id: &AccountId) -> Result<Vec<Privilege>> {
    tx.query(&SWITCHED_ON, &vals![account_id.as_str()]).await?.iter().map(privilege).collect()
}

/// Switches a privilege for the whole account.
pub async fn set_switch(
    tx: &mut Tx,
    account_id: &AccountId,
    privilege: Privilege,
    is_on: bool,
    by: &UserId,
    now: Micros,
) -> Result<()> {
    let args = vals![account_id.as_str(), privilege.as_str(), is_on, by.as_str(), now.0];
    tx.execute(&SET_SWITCH, &args).await.map(drop)
}

/// What was granted to a user, to one of its groups, or to an agency.
pub async fn list_granted(tx: &mut Tx, account_id: &AccountId, holder_id: &UserId) -> Result<Vec<Privilege>> {
    tx.query(&GRANTED, &vals![account_id.as_str(), holder_id.as_str()]).await?.iter().map(privilege).collect()
}

/// False when it was granted before.
pub async fn insert_grant(
    tx: &mut Tx,
    account_id: &AccountId,
    holder_id: &str,
    privilege: Privilege,
    now: Micros,
) -> Result<bool> {
    Ok(tx.execute(&INSERT_GRANT, &vals![account_id.as_str(), holder_id, privilege.as_str(), now.0]).await? > 0)
}

/// False when it was not granted.
pub async fn delete_grant(tx: &mut Tx, account_id: &AccountId, holder_id: &str, privilege: Privilege) -> Result<bool> {
    Ok(tx.execute(&DELETE_GRANT, &vals![account_id.as_str(), holder_id, privilege.as_str()]).await? > 0)
}

/// Takes everything back that was granted to somebody.
pub async fn delete_grants_of(tx: &mut Tx, account_id: &AccountId, holder_id: &str) -> Result<()> {
    tx.execute(&DELETE_GRANTS_OF, &vals![account_id.as_str(), holder_id]).await.map(drop)
}

/// A grant with the name of who holds it.
pub struct GrantRow {
    /// What.
    pub privilege: Privilege,
    /// `user`, `group` or `agency`.
    pub kind: &'static str,
    /// Its id.
    pub holder_id: String,
    /// Its name.
    pub name: String,
}

/// Every grant of an account.
pub async fn list_grants(tx: &mut Tx, account_id: &AccountId) -> Result<Vec<GrantRow>> {
    let rows = tx.query(&LIST_GRANTS, &vals![account_id.as_str()]).await?;
    rows.iter()
        .map(|row| {
            let names = [("user", 2), ("group", 3), ("agency", 4)];
            let mut holder = ("user", String::new());
            for (kind, column) in names {
                if let Some(name) = row.get::<Option<String>>(column)? {
                    holder = (kind, name);
                }
            }
            let (kind, name) = holder;
            Ok(GrantRow { privilege: privilege(row)?, kind, holder_id: row.get(1)?, name })
        })
        .collect()
}
