//! What a list of cases is asked for, whatever its parameters are called: ListCases, DownloadCases and ListOrderIncident
//! find the same cases by the same rules.
//!
//! An operation reads its parameters with their own names and bounds into [`Asked`]; [`Asked::filter`] adds what the
//! caller may see. Whatever no caller can find becomes a filter that finds nothing, never an error that tells more.

use super::access::{self, Scope};
use super::rules::Status;
use super::sql::{self, CaseRow, Filter};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Allowed, Error, Result};
use crate::extract::Query;
use crate::labels;
use counterfoil_store::{Tx, counters};
use counterfoil_wire::cases::CaseLabel;
use counterfoil_wire::ids::{AccountId, UserId};
use counterfoil_wire::time::Micros;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// The values of one request, within their bounds. What is not asked for stays empty.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The group through which colleagues' cases are seen.
    pub group_id: Option<String>,
    /// The account; only the caller's own finds anything.
    pub account_id: Option<String>,
    /// A submitter.
    pub user_id: Option<String>,
    /// A submitter by name.
    pub user_name: Option<String>,
    /// These cases.
    pub case_ids: Vec<String>,
    /// These statuses.
    pub statuses: Vec<i64>,
    /// Submitted in this second or later.
    pub from: Option<Micros>,
    /// Submitted in this second or earlier.
    pub to: Option<Micros>,
    /// One product.
    pub product_id: Option<String>,
    /// One problem type.
    pub problem_id: Option<String>,
    /// These channels.
    pub source_ids: Vec<String>,
    /// Labels that a case must all have.
    pub label_ids: Vec<String>,
    /// Words that all have to be found.
    pub keywords: Vec<String>,
}

impl Asked {
    /// The filter for what this caller may see, and the scope whose group the unit has to check.
    pub fn filter(self, caller: &Caller) -> Result<(Filter, Scope)> {
        let scope = access::scope(caller, self.group_id.as_deref())?;
        let mut filter = Filter {
            account_id: Some(caller.account_id.clone()),
            statuses: self.statuses,
            case_ids: self.case_ids,
            user_name: self.user_name,
            from: self.from,
            // A whole second is meant.
            to: self.to.map(|at| Micros(at.0.saturating_add(999_999))),
            product_id: self.product_id,
            problem_id: self.problem_id,
            source_ids: self.source_ids,
            keywords: self.keywords,
            ..Filter::default()
        };
        match &scope {
            Scope::Account => {}
            Scope::Own => filter.user_id = Some(caller.user_id.clone()),
            Scope::Group(id) => filter.group_id = Some(id.clone()),
        }
        // No case has the empty id.
        let nothing = || vec![String::new()];
        if let Some(id) = self.user_id {
            match UserId::parse(&id) {
                Some(id) if filter.user_id.as_ref().is_none_or(|own| *own == id) => filter.user_id = Some(id),
                // Nobody has such an id, or not one that this caller may see.
                _ => filter.case_ids = nothing(),
            }
        }
        let is_foreign = self.account_id.is_some_and(|id| id != caller.account_id.as_str());
        match labels::rules::wanted(&self.label_ids) {
            Some(ids) if !is_foreign => filter.label_ids = ids,
            // Nor has any case a label whose id is none.
            _ => filter.case_ids = nothing(),
        }
        Ok((filter, scope))
    }
}

/// The labels of cases by the cases' numbers.
pub type Labels = HashMap<i64, Vec<CaseLabel>>;

/// A page of the cases that were asked for, newest first, and how many there are in all; and the labels that are on them.
pub async fn find_page(
    app: &App,
    caller: Caller,
    asked: Asked,
    limit: i64,
    offset: i64,
) -> Result<(i64, Vec<CaseRow>, Labels)> {
    let (filter, scope) = asked.filter(&caller)?;
    let unit = async move |tx: &mut Tx| -> Result<_> {
        access::check_group(tx, &caller, &scope).await?;
        let (total, rows) = find(tx, &caller.account_id, filter.clone(), limit, offset).await?;
        let on_them = labels::list_of_cases(tx, &caller.account_id, &rows).await?;
        Ok((total, rows, on_them))
    };
    app.store.read(unit).await
}

/// A page of what a filter finds, and how much it finds in all: from counters wherever they know it.
async fn find(
    tx: &mut Tx,
    account_id: &AccountId,
    mut filter: Filter,
    limit: i64,
    offset: i64,
) -> Result<(i64, Vec<CaseRow>)> {
    if asks_for_deleted(&filter) {
        return Ok((0, Vec::new()));
    }
    let known = if !filter.label_ids.is_empty() {
        let mut counted = Vec::new();
        for id in &filter.label_ids {
            let by_status = labels::totals(tx, account_id, filter.user_id.as_ref(), *id).await?;
            counted.push((total(&by_status, &filter.statuses), *id));
        }
        counted.sort_unstable();
        if counted[0].0 == 0 {
            return Ok((0, Vec::new()));
        }
        filter.label_ids = counted.iter().map(|(_, id)| *id).collect();
        (counted.len() == 1 && filter.is_by_label_alone()).then_some(counted[0].0)
    } else if filter.is_counted() {
        let scope = filter.user_id.as_ref().map_or_else(|| sql::ACCOUNT_SCOPE.to_owned(), sql::user_scope);
        Some(total(&counters::list(tx, account_id.as_str(), &scope).await?, &filter.statuses))
    } else if filter.is_counted_by_product() {
        let (product, problem) = (filter.product_id.as_deref(), filter.problem_id.as_deref());
        let known = total(&sql::product_totals(tx, account_id, product, problem).await?, &filter.statuses);
        if known == 0 {
            return Ok((0, Vec::new()));
        }
        Some(known)
    } else {
        None
    };
    match known {
        None => Ok(sql::page(tx, &filter, limit, offset).await?),
        Some(total) if limit == 0 => Ok((total, Vec::new())),
        Some(total) => Ok((total, sql::list(tx, &filter, limit, offset).await?)),
    }
}

/// Whether nothing but deleted cases is asked for, which no customer sees.
pub fn asks_for_deleted(filter: &Filter) -> bool {
    filter.statuses.as_slice() == [Status::Deleted.number()]
}

/// The sum of the counters of these statuses; of all but the deleted when none is named.
pub fn total(counted: &[(String, i64)], statuses: &[i64]) -> i64 {
    let wanted = |status: i64| {
        if statuses.is_empty() { status != Status::Deleted.number() } else { statuses.contains(&status) }
    };
    counted.iter().filter(|(name, _)| name.parse().is_ok_and(wanted)).map(|(_, amount)| amount).sum()
}

/// One status by a number and several by a comma list, together; a deleted case is in no list.
pub fn statuses(query: &Query, one: (&str, RangeInclusive<i64>), several: Option<&str>) -> Result<Vec<i64>> {
    let mut out = Vec::from_iter(query.int(one.0, one.1)?);
    if let Some(name) = several
        && let Some(list) = query.text(name, 0..=32)?
    {
        for code in list.split(',').map(str::trim).filter(|code| !code.is_empty()) {
            let allowed = || Allowed::text("须为逗号分隔的状态码", "status codes with commas between are allowed");
            let code: i64 = code.parse().map_err(|_| Error::param(name, allowed()))?;
            if !out.contains(&code) {
                out.push(code);
            }
        }
    }
    if out.iter().any(|code| *code != Status::Deleted.number()) {
        out.retain(|code| *code != Status::Deleted.number());
    }
    Ok(out)
}

/// A time in the caller's zone.
pub fn time(caller: &Caller, query: &Query, name: &str) -> Result<Option<Micros>> {
    let Some(text) = query.text(name, 0..=32)? else { return Ok(None) };
    caller.zone.parse_local(&text).map(Some).ok_or_else(|| Error::param(name, Allowed::time()))
}
