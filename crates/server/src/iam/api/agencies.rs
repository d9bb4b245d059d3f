//! `GET /v2/servicerequest/agencies`: what an account lets other accounts do in its name.
//!
//! Users of the account see every agency that has not ended, because a case's authorization may name one; whoever acts
//! through an agency sees that one alone.

use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::{
    sub_customers::{Agency, AgencyList},
    time::Micros,
};

use crate::{app::App, caller::Caller, error::Result, iam::sql, reply::Reply};

/// The most agencies that an answer holds, as documented.
const MOST: usize = 100;

/// List the agencies of the caller's account.
pub async fn list_agencies(State(app): State<App>, caller: Caller) -> Result<Reply<AgencyList>> {
    let now = app.clock.now();
    let work = async move |tx: &mut Tx| -> Result<AgencyList> {
        let mut rows = sql::list_agencies(tx, &caller.account_id).await?;
        rows.retain(|row| row.expires_at.is_none_or(|end| now < end));
        if caller.agent.is_some() {
            rows.retain(|row| row.id == caller.user_id);
        }
        let total_count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let mut agency_list = Vec::new();
        for row in rows.into_iter().take(MOST) {
            let trusted = sql::get_account(tx, &row.trusted_account_id).await?;
            agency_list.push(Agency {
                id: row.id,
                name: row.name,
                duration: if row.expires_at.is_some() { "1".to_owned() } else { String::new() },
                trust_domain_name: trusted.map(|account| account.name).unwrap_or_default(),
                trust_domain_id: row.trusted_account_id,
                create_time: row.created_at.to_wire(),
                expire_time: row.expires_at.map(Micros::to_wire).unwrap_or_default(),
            });
        }
        Ok(AgencyList { total_count, agency_list })
    };
    app.store.read(work).await.map(Reply)
}
