//! The older list of cases, whose names are in camel case. It finds what ListCases finds, by page in place of offset.

use super::api::Names;
use super::asked::{self, Asked};
use crate::app::App;
use crate::caller::Caller;
use crate::error::Result;
use crate::extract::Query;
use crate::reply::Reply;
use crate::search;
use axum::extract::State;
use counterfoil_wire::cases::CaseLabel;
use counterfoil_wire::legacy::{OrderIncident, OrderIncidentLabel, OrderIncidentPage};

/// The last page that may be asked for.
const LAST_PAGE: i64 = 65_535;

/// List cases in the older form, newest first.
pub async fn list_order_incident(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<OrderIncidentPage>> {
    query.text("version", 0..=32)?;
    let mut keywords = query.list("searchKey", 0..=3, 1..=64)?;
    keywords = keywords.iter().flat_map(|key| search::keywords(key)).collect();
    keywords.extend(query.text("appKey", 0..=64)?);
    let asked = Asked {
        group_id: query.text("groupId", 0..=64)?,
        user_id: query.text("xCustomerId", 0..=64)?,
        user_name: query.text("xCustomerName", 0..=64)?,
        case_ids: Vec::from_iter(query.text("incidentId", 0..=32)?),
        statuses: asked::statuses(&query, ("status", 0..=30), Some("incidentStatus"))?,
        from: asked::time(&caller, &query, "queryStartTime")?,
        to: asked::time(&caller, &query, "queryEndTime")?,
        product_id: query.text("productCategoryId", 0..=64)?,
        problem_id: query.text("businessTypeId", 0..=32)?,
        label_ids: query.list("labelIdList", 0..=5, 1..=10)?,
        keywords,
        ..Asked::default()
    };
    let page = query.int("pageNo", 1..=LAST_PAGE)?.unwrap_or(1);
    let limit = query.int("pageSize", 1..=100)?.unwrap_or(10);
    let catalog = app.catalog.snapshot(&app.store).await?;
    let lang = caller.lang;
    let (total_count, rows, mut on_them) = asked::find_page(&app, caller, asked, limit, (page - 1) * limit).await?;
    let incident_info_list = rows.into_iter().map(|case| {
        let names = Names::of(&case, &catalog, lang);
        let labels = on_them.remove(&case.case_no).unwrap_or_default().into_iter();
        OrderIncident {
            incident_id: case.case_id,
            r#type: case.case_type,
            business_type_name: names.problem,
            incident_type_name: names.kind,
            customer_id: case.account_id,
            xcustomer_id: case.user_id,
            xcustomer_name: case.user_name,
            dc_name: names.region,
            simple_describe: case.description,
            status: case.status.number(),
            create_time: case.created_at.to_wire(),
            gray: false,
            label_list: labels.map(of_older_form).collect(),
        }
    });
    Ok(Reply(OrderIncidentPage { total_count, incident_info_list: incident_info_list.collect() }))
}

fn of_older_form(label: CaseLabel) -> OrderIncidentLabel {
    OrderIncidentLabel { label_id: label.label_id.to_string(), name: label.name, color: label.color }
}
