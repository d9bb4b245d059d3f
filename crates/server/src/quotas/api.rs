//! How many more cases of a problem type an account may submit this month.

use super::rules;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Allowed, Error, Result};
use crate::extract::Query;
use crate::plans;
use crate::reply::Reply;
use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::quotas::CaseQuota;

/// What may be submitted of a problem type this month, and what is left of it; -1 where nothing is limited.
pub async fn list_case_quotas(State(app): State<App>, caller: Caller, query: Query) -> Result<Reply<CaseQuota>> {
    let product_id = query.text("product_category_id", 0..=64)?;
    let problem_id = query.required_text("business_type_id", 1..=32)?;
    let catalog = app.catalog.snapshot(&app.store).await?;
    let problem = catalog.problem_type(&problem_id).filter(|known| known.enabled).cloned().ok_or_else(|| {
        let words = ("须为 ListProblemTypes 返回的问题类型", "a problem type of ListProblemTypes is needed");
        Error::param("business_type_id", Allowed::text(words.0, words.1))
    })?;
    if product_id.is_some_and(|id| id != problem.product_id) {
        let words = ("与问题类型不匹配", "it is not the product of the problem type");
        return Err(Error::param("product_category_id", Allowed::text(words.0, words.1)));
    }
    let (context, now) = (app.clone(), app.clock.now());
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let (plan_id, plan) = plans::load_current(tx, &context, &caller.account_id, now).await?;
            let month = super::month_of(&context, now)?.name;
            let mut spent = super::list_month(tx, &caller.account_id, &month, &plan_id).await?;
            let limits = rules::applying(&plan, &problem)
                .map(|(id, quota)| (quota.monthly, spent.remove(id).unwrap_or_default()));
            let (total, un_used) = rules::rest(limits);
            Ok(Reply(CaseQuota { total, un_used }))
        })
        .await
}
