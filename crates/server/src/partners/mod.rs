//! Partners: resellers that handle the cases of the accounts that are linked to them, and ISVs that handle those about what
//! they sell.
//!
//! `rules.rs` has the guards and who owns a new case, `sql.rs` the rows, `api.rs` what customers and partners ask,
//! `admin.rs` what the command line changes. Partner staff works on the desk's paths, see `desk/`.
//!
//! Always true: who owns a case stands in the case from its submission; partner staff sees and touches cases of its own
//! partner only, and another's answers like one that does not exist; whatever it does passes every guard at that moment.

mod admin;
pub mod api;
pub mod rules;
mod sql;

pub use admin::{PartnerError, PartnerKind, Service};
pub use admin::{
    add_category, add_commodity, add_staff, allow, create, describe, link, list, remove_category, remove_commodity,
    remove_staff, unlink,
};
pub use rules::Owner;
pub use sql::ALL;
pub(crate) use sql::is_staff;

use crate::caller::Caller;
use crate::cases::CaseRow;
use crate::error::{Code, Error, Result};
use crate::plans::has_bought_plan as has_plan;
use counterfoil_store::Tx;
use counterfoil_wire::ids::{AccountId, UserId};
use counterfoil_wire::time::Micros;
use rules::{Facts, Guard};

impl From<Guard> for Error {
    fn from(guard: Guard) -> Self {
        Self::new(match guard {
            Guard::NoPartner => Code::NoPartner,
            Guard::NotAllowed => Code::PartnerNotAllowed,
            Guard::NoSuchPartner => Code::NoSuchPartner,
            Guard::ForeignHandler => Code::HandlerNotOfPartner,
            Guard::HasPlan => Code::CustomerHasPlan,
            Guard::CannotProcess => Code::PartnerCannotProcess,
        })
    }
}

/// Who owns a new case, and the partner where that is one: the ISV that sells the commodity that the submission names, the
/// account's partner when it passes every guard, and otherwise the provider.
pub async fn owner_of(
    tx: &mut Tx,
    account_id: &AccountId,
    sub_type_id: &str,
    commodity_id: Option<&str>,
    now: Micros,
) -> Result<(Owner, Option<AccountId>)> {
    if let Some(commodity_id) = commodity_id
        && let Some(isv) = sql::find_isv(tx, commodity_id).await?
        && isv.is_allowed
    {
        return Ok((Owner::Isv, Some(isv.account_id)));
    }
    let Some(partner) = sql::find_partner_of(tx, account_id).await? else { return Ok((Owner::Provider, None)) };
    let facts = Facts {
        is_linked: true,
        is_allowed: partner.is_allowed,
        exists: true,
        is_own_handler: true,
        has_plan: has_plan(tx, account_id, now).await?,
        takes_it: sql::takes(tx, &partner.account_id, Some(sub_type_id)).await?,
    };
    Ok(match rules::check(&facts) {
        Ok(()) => (Owner::Reseller, Some(partner.account_id)),
        Err(_) => (Owner::Provider, None),
    })
}

/// Whether a caller on the desk may see a case: the provider's staff all of them, a partner's those of its own customers
/// and commodities.
pub async fn may_see(tx: &mut Tx, caller: &Caller, case: &CaseRow) -> Result<bool> {
    if caller.staff.is_some() {
        return Ok(true);
    }
    let own = case.partner_id.as_ref() == Some(&caller.account_id);
    Ok(caller.is_partner_staff
        && own
        && (case.business_owner == Owner::Isv.number()
            || sql::is_linked(tx, &case.account_id, &caller.account_id).await?))
}

/// Fails where partner staff may not work on a case that it sees. The provider's staff passes.
pub async fn check_work(tx: &mut Tx, caller: &Caller, case: &CaseRow, now: Micros) -> Result<()> {
    if caller.staff.is_some() {
        return Ok(());
    }
    let facts = gather(tx, case, &caller.account_id, Some(&caller.user_id), now).await?;
    Ok(rules::check(&facts)?)
}

/// Fails unless a case can be handed to a partner, to one of its people where one is named.
pub async fn check_hand_over(
    tx: &mut Tx,
    case: &CaseRow,
    partner_id: Option<&str>,
    handler_id: Option<&str>,
    now: Micros,
) -> Result<(AccountId, Option<(UserId, String)>)> {
    let linked = sql::find_partner_of(tx, &case.account_id).await?;
    let named = match partner_id {
        Some(id) => match AccountId::parse(id) {
            Some(id) => sql::find(tx, &id).await?,
            None => None,
        },
        None => linked.clone(),
    };
    let handler = match (handler_id, &linked) {
        (Some(id), Some(partner)) => sql::find_handler(tx, &partner.account_id, id).await?,
        _ => None,
    };
    let same = named.as_ref().map(|partner| &partner.account_id) == linked.as_ref().map(|partner| &partner.account_id);
    let facts = Facts {
        is_linked: linked.is_some(),
        is_allowed: linked.as_ref().is_some_and(|partner| partner.is_allowed),
        exists: named.is_some(),
        is_own_handler: same && (handler_id.is_none() || handler.is_some()),
        has_plan: has_plan(tx, &case.account_id, now).await?,
        takes_it: match &linked {
            Some(partner) => sql::takes(tx, &partner.account_id, case.sub_type_id.as_deref()).await?,
            None => false,
        },
    };
    rules::check(&facts)?;
    let partner = linked.ok_or_else(|| Error::new(Code::NoPartner))?;
    Ok((partner.account_id, handler))
}

/// What the guards ask about a case that a partner's user works on.
async fn gather(
    tx: &mut Tx,
    case: &CaseRow,
    partner_id: &AccountId,
    handler: Option<&UserId>,
    now: Micros,
) -> Result<Facts> {
    let partner = sql::find(tx, partner_id).await?;
    let is_isv = case.business_owner == Owner::Isv.number();
    let is_own_handler = match handler {
        Some(user_id) => sql::is_staff(tx, partner_id, user_id).await?,
        None => true,
    };
    Ok(Facts {
        is_linked: is_isv || sql::find_partner_of(tx, &case.account_id).await?.is_some(),
        is_allowed: partner.as_ref().is_some_and(|partner| partner.is_allowed),
        exists: partner.is_some(),
        is_own_handler: is_own_handler && case.partner_id.as_ref() == Some(partner_id),
        // What an ISV sells has its own support, whatever plan the customer has with the provider.
        has_plan: !is_isv && has_plan(tx, &case.account_id, now).await?,
        takes_it: sql::takes(tx, partner_id, case.sub_type_id.as_deref()).await?,
    })
}
