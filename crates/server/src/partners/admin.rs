//! What the operator changes about partners, as the command line does it.

use super::sql::{self, Lists, PartnerRow};
use crate::iam::{self, Account, AccountKind, AdminError};
use counterfoil_store::{StoreError, Topic, Tx, events};
use counterfoil_wire::ids::AccountId;
use counterfoil_wire::time::{Micros, TimeZone};
use serde_json::json;

/// Why a change was refused.
#[derive(Debug, thiserror::Error)]
pub enum PartnerError {
    /// As for accounts and users.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The account is no partner.
    #[error("the account {0:?} is not a partner; use \"partner create\"")]
    NotAPartner(String),
    /// It is one already.
    #[error("the account {0:?} is a partner already")]
    Already(String),
    /// Only customers' accounts can be partners or be linked to one.
    #[error("the account {0:?} is the provider's own")]
    Provider(String),
    /// Nobody is his own partner.
    #[error("an account can not be linked to itself")]
    Itself,
    /// What is to be taken out is not there, or what is to be added belongs to somebody.
    #[error("{0}")]
    Unfit(String),
    /// The engine failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

type Result<T> = std::result::Result<T, PartnerError>;

/// What a partner is to its customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum PartnerKind {
    /// Handles the cases of accounts that are linked to it.
    Reseller,
    /// Handles cases about what it sells.
    Isv,
}

impl PartnerKind {
    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reseller => "reseller",
            Self::Isv => "isv",
        }
    }
}

/// When a partner serves.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its zone, such as `GMT+08:00`.
    pub zone: String,
    /// Days a week, 1 to 7.
    pub days: String,
    /// Hours of a day, such as `09:00-18:00`.
    pub hours: String,
}

impl Service {
    /// Checks the form of each.
    pub fn parse(zone: &str, days: &str, hours: &str) -> Result<Self> {
        let unfit = |what: &str| PartnerError::Unfit(what.to_owned());
        if zone.chars().count() > 10 || TimeZone::parse(zone).is_none() {
            return Err(unfit("a zone has at most 10 characters, such as GMT+08:00"));
        }
        if !days.parse().is_ok_and(|days: u8| (1..=7).contains(&days)) {
            return Err(unfit("days are 1 to 7"));
        }
        if hours == "0" || crate::contact::check_window("hours", hours).is_err() {
            return Err(unfit("hours are a window such as 09:00-18:00"));
        }
        Ok(Self { zone: zone.to_owned(), days: days.to_owned(), hours: hours.to_owned() })
    }
}

async fn load_customer(tx: &mut Tx, name: &str) -> Result<Account> {
    let account = iam::load_account(tx, name).await?;
    match account.kind {
        AccountKind::Customer => Ok(account),
        AccountKind::Provider => Err(PartnerError::Provider(name.to_owned())),
    }
}

async fn load(tx: &mut Tx, name: &str) -> Result<PartnerRow> {
    let account = iam::load_account(tx, name).await?;
    sql::find(tx, &account.id).await?.ok_or_else(|| PartnerError::NotAPartner(name.to_owned()))
}

/// Writes the event of a change, and has callers looked up anew.
async fn announce(tx: &mut Tx, of: &AccountId, what: &'static str, subject: &str, now: Micros) -> Result<()> {
    let event = events::NewEvent {
        account_id: of.as_str(),
        kind: what,
        subject,
        actor: "operator",
        payload: json!({}),
        at: now.0,
    };
    events::append(tx, &event).await?;
    tx.mark(Topic::Identity);
    Ok(())
}

/// Makes an account a partner, which is on the allow list at once.
pub async fn create(tx: &mut Tx, name: &str, kind: PartnerKind, service: &Service, now: Micros) -> Result<AccountId> {
    let account = load_customer(tx, name).await?;
    if sql::find(tx, &account.id).await?.is_some() {
        return Err(PartnerError::Already(name.to_owned()));
    }
    let row = PartnerRow {
        account_id: account.id.clone(),
        name: account.name,
        kind: kind.as_str().to_owned(),
        is_allowed: true,
        zone: service.zone.clone(),
        days: service.days.clone(),
        hours: service.hours.clone(),
    };
    sql::insert(tx, &row, now).await?;
    announce(tx, &account.id, "partner.created", account.id.as_str(), now).await?;
    Ok(account.id)
}

/// Says when a partner serves.
pub async fn describe(tx: &mut Tx, name: &str, service: &Service, now: Micros) -> Result<()> {
    let partner = load(tx, name).await?;
    sql::describe(tx, &partner.account_id, &service.zone, &service.days, &service.hours).await?;
    announce(tx, &partner.account_id, "partner.described", partner.account_id.as_str(), now).await
}

/// Puts a partner on the allow list, or takes it off.
pub async fn allow(tx: &mut Tx, name: &str, is_allowed: bool, now: Micros) -> Result<()> {
    let partner = load(tx, name).await?;
    sql::allow(tx, &partner.account_id, is_allowed).await?;
    let what = if is_allowed { "partner.allowed" } else { "partner.denied" };
    announce(tx, &partner.account_id, what, partner.account_id.as_str(), now).await
}

/// Links a customer to a partner, in place of another one.
pub async fn link(tx: &mut Tx, customer: &str, partner: &str, now: Micros) -> Result<()> {
    let (customer, partner) = (load_customer(tx, customer).await?, load(tx, partner).await?);
    if customer.id == partner.account_id {
        return Err(PartnerError::Itself);
    }
    sql::link(tx, &customer.id, &partner.account_id, now).await?;
    announce(tx, &customer.id, "partner.linked", partner.account_id.as_str(), now).await
}

/// Ends a customer's link. Its cases are no longer the partner's to see.
pub async fn unlink(tx: &mut Tx, customer: &str, now: Micros) -> Result<()> {
    let customer = load_customer(tx, customer).await?;
    if !sql::unlink(tx, &customer.id).await? {
        return Err(PartnerError::Unfit(format!("the account {:?} has no partner", customer.name)));
    }
    announce(tx, &customer.id, "partner.unlinked", customer.id.as_str(), now).await
}

/// Lets a user of the partner work on cases; false when it did so before.
pub async fn add_staff(tx: &mut Tx, partner: &str, user: &str, now: Micros) -> Result<bool> {
    let partner = load(tx, partner).await?;
    let user = iam::find_user(tx, &partner.account_id, user).await?;
    let changed = sql::insert_staff(tx, &partner.account_id, &user, now).await?;
    announce(tx, &partner.account_id, "partner.staff_added", user.as_str(), now).await?;
    Ok(changed)
}

/// Ends that; false when it did not.
pub async fn remove_staff(tx: &mut Tx, partner: &str, user: &str, now: Micros) -> Result<bool> {
    let partner = load(tx, partner).await?;
    let user = iam::find_user(tx, &partner.account_id, user).await?;
    let changed = sql::delete_staff(tx, &partner.account_id, &user).await?;
    announce(tx, &partner.account_id, "partner.staff_removed", user.as_str(), now).await?;
    Ok(changed)
}

/// Adds a category to those that a partner takes; without any it takes all.
pub async fn add_category(tx: &mut Tx, partner: &str, sub_type_id: &str) -> Result<bool> {
    let partner = load(tx, partner).await?;
    Ok(sql::insert_category(tx, &partner.account_id, sub_type_id).await?)
}

/// Takes a category out; false when it was not there.
pub async fn remove_category(tx: &mut Tx, partner: &str, sub_type_id: &str) -> Result<bool> {
    let partner = load(tx, partner).await?;
    Ok(sql::delete_category(tx, &partner.account_id, sub_type_id).await?)
}

/// Adds a commodity that an ISV sells.
pub async fn add_commodity(tx: &mut Tx, partner: &str, commodity_id: &str) -> Result<()> {
    let partner = load(tx, partner).await?;
    if partner.kind != PartnerKind::Isv.as_str() {
        return Err(PartnerError::Unfit(format!("the partner {:?} is no ISV", partner.name)));
    }
    if !sql::insert_commodity(tx, &partner.account_id, commodity_id).await? {
        return Err(PartnerError::Unfit(format!("the commodity {commodity_id:?} is sold by somebody already")));
    }
    Ok(())
}

/// Takes a commodity out.
pub async fn remove_commodity(tx: &mut Tx, partner: &str, commodity_id: &str) -> Result<()> {
    let partner = load(tx, partner).await?;
    if !sql::delete_commodity(tx, &partner.account_id, commodity_id).await? {
        return Err(PartnerError::Unfit(format!("the partner does not sell the commodity {commodity_id:?}")));
    }
    Ok(())
}

/// Every partner as the command line shows it.
pub async fn list(tx: &mut Tx) -> Result<Vec<serde_json::Value>> {
    let mut all = Vec::new();
    for partner in sql::list(tx).await? {
        let id = &partner.account_id;
        all.push(json!({
            "partner_id": id, "name": partner.name, "kind": partner.kind, "allowed": partner.is_allowed,
            "zone": partner.zone, "days": partner.days, "hours": partner.hours,
            "customers": sql::texts(tx, Lists::Customers, id).await?,
            "staff": sql::texts(tx, Lists::Staff, id).await?,
            "categories": sql::texts(tx, Lists::Categories, id).await?,
            "commodities": sql::texts(tx, Lists::Commodities, id).await?,
        }));
    }
    Ok(all)
}
