//! Partners, their customers, people, categories and commodities. Rows of a partner are found by its own account, but for
//! the link, which is the customer's.

use counterfoil_store::{Result, Row, StoreError, Tx, statements, vals};
use counterfoil_wire::ids::{AccountId, UserId};
use counterfoil_wire::time::Micros;

macro_rules! columns {
    () => {
        "p.account_id, a.name, p.kind, p.is_allowed, p.service_zone, p.service_days, p.service_hours"
    };
}

statements! {
    INSERT = "INSERT INTO partners (account_id, kind, is_allowed, service_zone, service_days, service_hours, created_at) \
        VALUES ($1, $2, 1, $3, $4, $5, $6)";
    DESCRIBE = "UPDATE partners SET service_zone = $2, service_days = $3, service_hours = $4 WHERE account_id = $1";
    ALLOW = "UPDATE partners SET is_allowed = $2 WHERE account_id = $1";
    FIND = concat!("SELECT ", columns!(), " FROM partners p JOIN accounts a ON a.account_id = p.account_id \
        WHERE p.account_id = $1");
    LIST = concat!("SELECT ", columns!(), " FROM partners p JOIN accounts a ON a.account_id = p.account_id ORDER BY a.name");
    FIND_OF_CUSTOMER = concat!("SELECT ", columns!(), " FROM partner_customers c JOIN partners p ON p.account_id = c.partner_id \
        JOIN accounts a ON a.account_id = p.account_id WHERE c.account_id = $1");
    FIND_BY_COMMODITY = concat!("SELECT ", columns!(), " FROM partner_commodities m JOIN partners p ON p.account_id = m.account_id \
        JOIN accounts a ON a.account_id = p.account_id WHERE m.commodity_id = $1 AND p.kind = 'isv'");
    LINK = "INSERT INTO partner_customers (account_id, partner_id, linked_at) VALUES ($1, $2, $3) \
        ON CONFLICT (account_id) DO UPDATE SET partner_id = excluded.partner_id, linked_at = excluded.linked_at";
    UNLINK = "DELETE FROM partner_customers WHERE account_id = $1";
    IS_LINKED = "SELECT 1 FROM partner_customers WHERE account_id = $1 AND partner_id = $2";
    CUSTOMERS = "SELECT a.name FROM partner_customers c JOIN accounts a ON a.account_id = c.account_id \
        WHERE c.partner_id = $1 ORDER BY a.name";
    INSERT_STAFF = "INSERT INTO partner_staff (account_id, user_id, created_at) VALUES ($1, $2, $3) \
        ON CONFLICT (account_id, user_id) DO NOTHING";
    DELETE_STAFF = "DELETE FROM partner_staff WHERE account_id = $1 AND user_id = $2";
    IS_STAFF = "SELECT 1 FROM partner_staff s JOIN partners p ON p.account_id = s.account_id \
        WHERE s.account_id = $1 AND s.user_id = $2";
    FIND_HANDLER = "SELECT u.user_id, u.name FROM partner_staff s \
        JOIN users u ON u.account_id = s.account_id AND u.user_id = s.user_id \
        WHERE s.account_id = $1 AND s.user_id = $2 AND u.enabled = 1";
    STAFF = "SELECT u.name FROM partner_staff s JOIN users u ON u.account_id = s.account_id AND u.user_id = s.user_id \
        WHERE s.account_id = $1 ORDER BY u.name";
    INSERT_CATEGORY = "INSERT INTO partner_categories (account_id, sub_type_id) VALUES ($1, $2) \
        ON CONFLICT (account_id, sub_type_id) DO NOTHING";
    DELETE_CATEGORY = "DELETE FROM partner_categories WHERE account_id = $1 AND sub_type_id = $2";
    CATEGORIES = "SELECT sub_type_id FROM partner_categories WHERE account_id = $1 ORDER BY sub_type_id";
    INSERT_COMMODITY = "INSERT INTO partner_commodities (commodity_id, account_id) VALUES ($1, $2) \
        ON CONFLICT (commodity_id) DO NOTHING";
    DELETE_COMMODITY = "DELETE FROM partner_commodities WHERE account_id = $1 AND commodity_id = $2";
    COMMODITIES = "SELECT commodity_id FROM partner_commodities WHERE account_id = $1 ORDER BY commodity_id";
}

/// A partner.
#[derive(Clone, Debug)]
pub struct PartnerRow {
    /// Its account.
    pub account_id: AccountId,
    /// The account's name.
    pub name: String,
    /// `reseller` or `isv`.
    pub kind: String,
    /// On the allow list.
    pub is_allowed: bool,
    /// The zone of its hours.
    pub zone: String,
    /// Days a week.
    pub days: String,
    /// Hours of a day.
    pub hours: String,
}

fn partner(row: &Row) -> Result<PartnerRow> {
    let id: String = row.get(0)?;
    Ok(PartnerRow {
        account_id: AccountId::parse(&id).ok_or_else(|| StoreError::Engine("a partner without an account".into()))?,
        name: row.get(1)?,
        kind: row.get(2)?,
        is_allowed: row.get(3)?,
        zone: row.get(4)?,
        days: row.get(5)?,
        hours: row.get(6)?,
    })
}

/// The partner whose account this is.
pub async fn find(tx: &mut Tx, account_id: &AccountId) -> Result<Option<PartnerRow>> {
    tx.query_opt(&FIND, &vals![account_id.as_str()]).await?.as_ref().map(partner).transpose()
}

/// The partner that a customer is linked to.
pub async fn find_partner_of(tx: &mut Tx, customer_id: &AccountId) -> Result<Option<PartnerRow>> {
    tx.query_opt(&FIND_OF_CUSTOMER, &vals![customer_id.as_str()]).await?.as_ref().map(partner).transpose()
}

/// The ISV that sells a commodity.
pub async fn find_isv(tx: &mut Tx, commodity_id: &str) -> Result<Option<PartnerRow>> {
    tx.query_opt(&FIND_BY_COMMODITY, &vals![commodity_id]).await?.as_ref().map(partner).transpose()
}

/// Every partner, for the operator.
pub async fn list(tx: &mut Tx) -> Result<Vec<PartnerRow>> {
    tx.query(&LIST, &[]).await?.iter().map(partner).collect()
}

/// Makes an account a partner.
pub async fn insert(tx: &mut Tx, new: &PartnerRow, now: Micros) -> Result<()> {
    let id = new.account_id.as_str();
    let args = vals![id, new.kind.as_str(), new.zone.as_str(), new.days.as_str(), new.hours.as_str(), now.0];
    tx.execute(&INSERT, &args).await.map(drop)
}

/// Says when the partner serves; false when there is no such partner.
pub async fn describe(tx: &mut Tx, id: &AccountId, zone: &str, days: &str, hours: &str) -> Result<bool> {
    Ok(tx.execute(&DESCRIBE, &vals![id.as_str(), zone, days, hours]).await? > 0)
}

/// Puts a partner on the allow list or takes it off; false when there is no such partner.
pub async fn allow(tx: &mut Tx, id: &AccountId, is_allowed: bool) -> Result<bool> {
    Ok(tx.execute(&ALLOW, &vals![id.as_str(), is_allowed]).await? > 0)
}

/// Links a customer to a partner in place of the one before.
pub async fn link(tx: &mut Tx, customer_id: &AccountId, partner_id: &AccountId, now: Micros) -> Result<()> {
    tx.execute(&LINK, &vals![customer_id.as_str(), partner_id.as_str(), now.0]).await.map(drop)
}

/// Ends a link; false when there was none.
pub async fn unlink(tx: &mut Tx, customer_id: &AccountId) -> Result<bool> {
    Ok(tx.execute(&UNLINK, &vals![customer_id.as_str()]).await? > 0)
}

/// Whether a customer is linked to this partner.
pub async fn is_linked(tx: &mut Tx, customer_id: &AccountId, partner_id: &AccountId) -> Result<bool> {
    Ok(tx.query_opt(&IS_LINKED, &vals![customer_id.as_str(), partner_id.as_str()]).await?.is_some())
}

/// Makes a user of the partner work on cases; false when it did so before.
pub async fn insert_staff(tx: &mut Tx, partner_id: &AccountId, user_id: &UserId, now: Micros) -> Result<bool> {
    Ok(tx.execute(&INSERT_STAFF, &vals![partner_id.as_str(), user_id.as_str(), now.0]).await? > 0)
}

/// Ends that; false when it did not.
pub async fn delete_staff(tx: &mut Tx, partner_id: &AccountId, user_id: &UserId) -> Result<bool> {
    Ok(tx.execute(&DELETE_STAFF, &vals![partner_id.as_str(), user_id.as_str()]).await? > 0)
}

/// Whether a user of this account works on cases as one of a partner's people.
pub async fn is_staff(tx: &mut Tx, account_id: &AccountId, user_id: &UserId) -> Result<bool> {
    Ok(tx.query_opt(&IS_STAFF, &vals![account_id.as_str(), user_id.as_str()]).await?.is_some())
}

/// One of a partner's people by id, with the name.
pub async fn find_handler(tx: &mut Tx, partner_id: &AccountId, user_id: &str) -> Result<Option<(UserId, String)>> {
    let row = tx.query_opt(&FIND_HANDLER, &vals![partner_id.as_str(), user_id]).await?;
    row.map(|row| {
        let id: String = row.get(0)?;
        let id = UserId::parse(&id).ok_or_else(|| StoreError::Engine("a user without an id".into()))?;
        Ok((id, row.get(1)?))
    })
    .transpose()
}

/// Whether a partner takes cases of a category: all, unless it has named some.
pub async fn takes(tx: &mut Tx, partner_id: &AccountId, sub_type_id: Option<&str>) -> Result<bool> {
    let named = texts(tx, Lists::Categories, partner_id).await?;
    Ok(named.is_empty() || sub_type_id.is_some_and(|id| named.iter().any(|known| known == id)))
}

/// Adds a category; false when it was there.
pub async fn insert_category(tx: &mut Tx, partner_id: &AccountId, sub_type_id: &str) -> Result<bool> {
    Ok(tx.execute(&INSERT_CATEGORY, &vals![partner_id.as_str(), sub_type_id]).await? > 0)
}

/// Takes a category out; false when it was not there.
pub async fn delete_category(tx: &mut Tx, partner_id: &AccountId, sub_type_id: &str) -> Result<bool> {
    Ok(tx.execute(&DELETE_CATEGORY, &vals![partner_id.as_str(), sub_type_id]).await? > 0)
}

/// Adds a commodity; false when somebody has it.
pub async fn insert_commodity(tx: &mut Tx, partner_id: &AccountId, commodity_id: &str) -> Result<bool> {
    Ok(tx.execute(&INSERT_COMMODITY, &vals![commodity_id, partner_id.as_str()]).await? > 0)
}

/// Takes a commodity out; false when the partner does not have it.
pub async fn delete_commodity(tx: &mut Tx, partner_id: &AccountId, commodity_id: &str) -> Result<bool> {
    Ok(tx.execute(&DELETE_COMMODITY, &vals![partner_id.as_str(), commodity_id]).await? > 0)
}

/// What a partner has many of.
#[derive(Clone, Copy, Debug)]
pub enum Lists {
    /// Names of linked accounts.
    Customers,
    /// Names of its people.
    Staff,
    /// Ids of categories.
    Categories,
    /// Ids of commodities.
    Commodities,
}

/// One of these lists.
pub async fn texts(tx: &mut Tx, list: Lists, partner_id: &AccountId) -> Result<Vec<String>> {
    let stmt = match list {
        Lists::Customers => &CUSTOMERS,
        Lists::Staff => &STAFF,
        Lists::Categories => &CATEGORIES,
        Lists::Commodities => &COMMODITIES,
    };
    tx.query(stmt, &vals![partner_id.as_str()]).await?.iter().map(|row| row.get(0)).collect()
}
