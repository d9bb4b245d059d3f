//! What customers and partners ask about partners.

use super::sql;
use crate::app::App;
use crate::caller::Caller;
use crate::error::Result;
use crate::extract::Query;
use crate::reply::Reply;
use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::partners::{PartnerPrivilege, PartnerService, PartnerServiceAnswer};

/// Tell whether the caller's account, as a partner, may work on cases.
pub async fn show_partners_cases_privilege(State(app): State<App>, caller: Caller) -> Result<Reply<PartnerPrivilege>> {
    let partner = app.store.read(async move |tx: &mut Tx| sql::find(tx, &caller.account_id).await).await?;
    Ok(Reply(PartnerPrivilege { has_privilege: partner.is_some_and(|partner| partner.is_allowed) }))
}

/// Show who serves the caller's account and when: the ISV of a commodity, or the account's partner if it takes the category.
pub async fn show_partners_service_info(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<PartnerServiceAnswer>> {
    let sub_type_id = query.text("case_sub_type_id", 0..=64)?;
    let commodity_id = query.text("product_id", 0..=64)?;
    let partner = app
        .store
        .read(async move |tx: &mut Tx| -> Result<_> {
            if let Some(commodity_id) = &commodity_id {
                return Ok(sql::find_isv(tx, commodity_id).await?);
            }
            let Some(partner) = sql::find_partner_of(tx, &caller.account_id).await? else { return Ok(None) };
            let takes_it = sub_type_id.is_none() || sql::takes(tx, &partner.account_id, sub_type_id.as_deref()).await?;
            Ok(Some(partner).filter(|_| takes_it))
        })
        .await?;
    let shown = partner.filter(|partner| partner.is_allowed).map(|partner| PartnerService {
        customer_id: Some(partner.account_id),
        customer_name: Some(partner.name),
        service_time_zone: Some(partner.zone),
        service_time_day: Some(partner.days),
        service_time_hour: Some(partner.hours),
    });
    Ok(Reply(PartnerServiceAnswer { partners_service_info: shown.unwrap_or_default() }))
}
