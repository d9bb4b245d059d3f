//! `GET /v2/servicerequest/customers/sub-customers`: the users of an account, as the ticket API names them.
//!
//! Whoever reads the cases of the whole account finds every user, everybody else himself. Names and contact data are
//! masked.

use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::{
    ids::UserId,
    sub_customers::{SubCustomer, SubCustomerList},
};
use secrecy::ExposeSecret as _;

use crate::{
    app::App,
    caller::Caller,
    contact,
    error::Result,
    extract::Query,
    iam::{
        purpose,
        sql::{self, Slice, UserRow},
    },
    privileges::{Reach, Right, require},
    reply::Reply,
};

/// The most users that an answer holds, as documented.
const MOST: usize = 65_535;

/// List the users of the caller's account.
pub async fn list_sub_customers(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<SubCustomerList>> {
    let name = query.text("sub_customer_name", 0..=64)?.unwrap_or_default().to_lowercase();
    let id = query.text("sub_customer_id", 0..=64)?;
    require(&caller, Right::Query)?;
    let sees_all = caller.rights.reach(Right::Query) == Reach::All;
    let account = caller.account_id.clone();
    let rows = app
        .store
        .read(async move |tx: &mut Tx| -> Result<Vec<UserRow>> {
            let wanted = match (&id, sees_all) {
                (None, true) => {
                    let all = Slice { offset: 0, limit: i64::MAX };
                    return Ok(sql::list_users(tx, &account, "", None, all).await?);
                }
                (None, false) => Some(caller.user_id.clone()),
                (Some(id), _) => UserId::parse(id).filter(|id| sees_all || *id == caller.user_id),
            };
            let Some(id) = wanted else { return Ok(Vec::new()) };
            Ok(Vec::from_iter(sql::get_user(tx, &account, &id).await?))
        })
        .await?;
    let found = rows.into_iter().filter(|row| row.name.to_lowercase().contains(&name)).take(MOST);
    let sub_customer_infos = found.map(|row| masked(&app, row)).collect::<Result<_>>()?;
    Ok(Reply(SubCustomerList { sub_customer_infos }))
}

fn masked(app: &App, row: UserRow) -> Result<SubCustomer> {
    let open = |purpose, sealed: Option<Vec<u8>>| -> Result<String> {
        let text = sealed.map(|sealed| app.vault.open_text(purpose, &sealed)).transpose()?;
        Ok(text.map(|text| text.expose_secret().to_owned()).unwrap_or_default())
    };
    Ok(SubCustomer {
        customer_name: contact::mask_name(&row.name),
        mobile: contact::mask_mobile(&open(purpose::PHONE, row.phone)?),
        email: contact::mask_mail(&open(purpose::EMAIL, row.email)?),
        area_code: open(purpose::AREA_CODE, row.area_code)?,
        customer_id: row.id,
        domain_id: row.account_id,
    })
}
