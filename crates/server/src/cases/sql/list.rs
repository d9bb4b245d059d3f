//! Which cases a list shows, and the statements that are put together for it.

use super::{COLUMNS, CaseRow, case_row};
use counterfoil_store::{Result, Tx, Val, vals};
use counterfoil_wire::ids::{AccountId, UserId};
use counterfoil_wire::time::Micros;
use std::fmt::Write as _;

/// Which cases a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One account; all of them for staff.
    pub account_id: Option<AccountId>,
    /// One submitter.
    pub user_id: Option<UserId>,
    /// Submitters that are members of this group.
    pub group_id: Option<String>,
    /// These statuses; all but the deleted when empty.
    pub statuses: Vec<i64>,
    /// These cases; any when empty.
    pub case_ids: Vec<String>,
    /// A submitter by name.
    pub user_name: Option<String>,
    /// Submitted at this time or later.
    pub from: Option<Micros>,
    /// Submitted at this time or earlier.
    pub to: Option<Micros>,
    /// An engineer's cases; those of nobody with an empty text.
    pub assignee_id: Option<String>,
    /// One category.
    pub sub_type_id: Option<String>,
    /// What a partner's people see: cases about its commodities, and those of accounts that are linked to it.
    pub partner_id: Option<AccountId>,
    /// One product.
    pub product_id: Option<String>,
    /// One problem type.
    pub problem_id: Option<String>,
    /// These channels; any when empty.
    pub source_ids: Vec<String>,
    /// All of these labels are on it. The list goes along the first one, so that the rarest should come first.
    pub label_ids: Vec<i64>,
    /// Each must be found.
    pub keywords: Vec<String>,
    /// Staff also finds what stands in notes.
    pub with_notes: bool,
}

impl Filter {
    /// True when the counters know the total: only account, submitter and status are asked for.
    pub fn is_counted(&self) -> bool {
        let Self { account_id: _, user_id: _, group_id, statuses: _, case_ids, user_name, from, to, .. } = self;
        group_id.is_none()
            && case_ids.is_empty()
            && user_name.is_none()
            && from.is_none()
            && to.is_none()
            && self.assignee_id.is_none()
            && self.sub_type_id.is_none()
            && self.label_ids.is_empty()
            && self.partner_id.is_none()
            && self.product_id.is_none()
            && self.problem_id.is_none()
            && self.source_ids.is_empty()
            && self.keywords.is_empty()
    }

    /// True when the counters of products know the total: only product, problem type and status are asked for.
    pub fn is_counted_by_product(&self) -> bool {
        let rest = Self { product_id: None, problem_id: None, ..self.clone() };
        rest.is_counted() && self.user_id.is_none() && (self.product_id.is_some() || self.problem_id.is_some())
    }

    /// The rows of the rarest label, with what labels know of their cases: submitter, status, other labels. A deleted case
    /// has no label. None without a label, or without the account that labels belong to.
    fn labelled(&self) -> Option<(String, Vec<Val>)> {
        let (account_id, (first, others)) = (self.account_id.as_ref()?, self.label_ids.split_first()?);
        let mut args: Vec<Val> = vec![account_id.as_str().into(), (*first).into()];
        let mut sql =
            "SELECT case_no AS labelled_no FROM case_labels WHERE account_id = $1 AND label_id = $2".to_owned();
        if let Some(user_id) = &self.user_id {
            args.push(user_id.as_str().into());
            let _ = write!(sql, " AND user_id = ${}", args.len());
        }
        match self.statuses.as_slice() {
            [] => {}
            [status] => {
                args.push((*status).into());
                let _ = write!(sql, " AND status = ${}", args.len());
            }
            several => {
                let list = several.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
                let _ = write!(sql, " AND status IN ({list})");
            }
        }
        for id in others {
            args.push((*id).into());
            let _ = write!(
                sql,
                " AND EXISTS (SELECT 1 FROM case_labels other WHERE other.account_id = $1 AND other.label_id = ${} \
                 AND other.case_no = case_labels.case_no)",
                args.len()
            );
        }
        Some((sql, args))
    }

    /// What is read, by which number its rows are sorted, and the start of the parameters. A list by label goes along the
    /// label's own index: the engine must not turn the two tables round.
    fn source(&self) -> (String, &'static str, Vec<Val>) {
        match self.labelled() {
            None => ("cases".to_owned(), "case_no", Vec::new()),
            Some((sql, args)) => (format!("({sql}) labelled CROSS JOIN cases"), "labelled_no", args),
        }
    }

    /// True when nothing but labels and what they know of their cases is asked for.
    pub fn is_by_label_alone(&self) -> bool {
        !self.label_ids.is_empty() && Self { label_ids: Vec::new(), ..self.clone() }.is_counted()
    }

    /// The WHERE clause; its parameters are appended to `args`.
    fn clause(&self, is_postgres: bool, mut args: Vec<Val>) -> (String, Vec<Val>) {
        let mut clauses: Vec<String> = Vec::new();
        if !self.label_ids.is_empty() {
            // Without an account there is no such label.
            clauses.push(if self.account_id.is_some() { "case_no = labelled_no" } else { "1 = 0" }.to_owned());
        }
        let mut add = |text: &str, value: Val, args: &mut Vec<Val>| {
            args.push(value);
            clauses.push(text.replace("$?", &format!("${}", args.len())));
        };
        if let Some(id) = &self.account_id {
            add("account_id = $?", id.as_str().into(), &mut args);
        }
        if let Some(id) = &self.user_id {
            add("user_id = $?", id.as_str().into(), &mut args);
        }
        if let Some(name) = &self.user_name {
            add("user_name = $?", name.into(), &mut args);
        }
        if let Some(id) = &self.sub_type_id {
            add("sub_type_id = $?", id.into(), &mut args);
        }
        if let Some(id) = &self.product_id {
            add("product_id = $?", id.into(), &mut args);
        }
        if let Some(id) = &self.problem_id {
            add("problem_id = $?", id.into(), &mut args);
        }
        // The number rises with the time of submission, so that the index ends the scan; the time itself decides.
        if let Some(from) = self.from {
            add("case_no >= $?", from.0.saturating_mul(1000).into(), &mut args);
            add("created_at >= $?", from.0.into(), &mut args);
        }
        if let Some(to) = self.to {
            add("case_no <= $?", to.plus_seconds(1).0.saturating_mul(1000).into(), &mut args);
            add("created_at <= $?", to.0.into(), &mut args);
        }
        for (column, wanted) in [("case_id", &self.case_ids), ("source_id", &self.source_ids)] {
            match wanted.as_slice() {
                [] => {}
                [one] => {
                    args.push(one.into());
                    clauses.push(format!("{column} = ${}", args.len()));
                }
                several => {
                    let first = args.len() + 1;
                    args.extend(several.iter().map(Val::from));
                    clauses.push(format!("{column} IN ({})", places(first, several.len())));
                }
            }
        }
        if let Some(id) = &self.partner_id {
            args.push(id.as_str().into());
            let n = args.len();
            clauses.push(format!(
                "partner_id = ${n} AND (business_owner = 2 OR account_id IN \
                (SELECT account_id FROM partner_customers WHERE partner_id = ${n}))"
            ));
        }
        match self.assignee_id.as_deref() {
            Some("") => clauses.push("assignee_id IS NULL".to_owned()),
            Some(id) => {
                args.push(id.into());
                clauses.push(format!("assignee_id = ${}", args.len()));
            }
            None => {}
        }
        match self.statuses.as_slice() {
            [] => clauses.push("status <> 13".to_owned()),
            [one] => {
                args.push((*one).into());
                clauses.push(format!("status = ${}", args.len()));
            }
            several => {
                let list = several.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
                clauses.push(format!("status IN ({list})"));
            }
        }
        if let (Some(group), Some(account)) = (&self.group_id, &self.account_id) {
            args.push(account.as_str().into());
            args.push(group.into());
            let (a, g) = (args.len() - 1, args.len());
            clauses.push(format!(
                "user_id IN (SELECT user_id FROM group_members WHERE account_id = ${a} AND group_id = ${g})"
            ));
        }
        let account = self.account_id.as_ref().map(AccountId::as_str);
        for keyword in &self.keywords {
            let found = crate::search::condition(is_postgres, account, self.with_notes, keyword, &mut args);
            clauses.push(found.unwrap_or_else(|| "1 = 0".to_owned()));
        }
        (clauses.join(" AND "), args)
    }
}

/// `$first, ...`: so many places.
fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

/// Totals beyond this are not counted further where they must be counted one by one.
const MOST_COUNTED: i64 = 65_535;

/// A page of cases, newest first.
pub async fn list(tx: &mut Tx, filter: &Filter, limit: i64, offset: i64) -> Result<Vec<CaseRow>> {
    let (sql, args) = list_statement(filter, tx.is_postgres(), limit, offset);
    tx.query_dyn(&sql, &args).await?.into_iter().map(case_row).collect()
}

/// The statement of [`list`], for a test that looks at its plan.
pub fn list_statement(filter: &Filter, is_postgres: bool, limit: i64, offset: i64) -> (String, Vec<Val>) {
    let (source, order, args) = filter.source();
    let (clause, mut args) = filter.clause(is_postgres, args);
    args.extend(vals![limit, offset]);
    let (l, o) = (args.len() - 1, args.len());
    let sql = format!("SELECT {COLUMNS} FROM {source} WHERE {clause} ORDER BY {order} DESC LIMIT ${l} OFFSET ${o}");
    (sql, args)
}

/// A page of what a filter finds, and how much it finds in all, for filters that no counter knows.
pub async fn page(tx: &mut Tx, filter: &Filter, limit: i64, offset: i64) -> Result<(i64, Vec<CaseRow>)> {
    if filter.keywords.is_empty() {
        let total = count(tx, filter).await?;
        let rows = if limit > 0 { list(tx, filter, limit, offset).await? } else { Vec::new() };
        return Ok((total, rows));
    }
    // Looking for words is the costly part: it is done once, for the total and for the page.
    let found = numbers(tx, filter).await?;
    let total = i64::try_from(found.len()).unwrap_or(MOST_COUNTED);
    let (skipped, wanted) = (usize::try_from(offset).unwrap_or(0), usize::try_from(limit).unwrap_or(0));
    let wanted: Vec<i64> = found.into_iter().skip(skipped).take(wanted).collect();
    Ok((total, of_numbers(tx, filter, &wanted).await?))
}

/// The numbers of what a filter finds, newest first, up to 65,535.
pub async fn numbers(tx: &mut Tx, filter: &Filter) -> Result<Vec<i64>> {
    let (source, order, args) = filter.source();
    let (clause, mut args) = filter.clause(tx.is_postgres(), args);
    args.push(MOST_COUNTED.into());
    let most = args.len();
    let sql = format!("SELECT case_no FROM {source} WHERE {clause} ORDER BY {order} DESC LIMIT ${most}");
    tx.query_dyn(&sql, &args).await?.iter().map(|row| row.get(0)).collect()
}

/// Those of the numbered cases that a filter, but for its keywords, still finds, newest first.
pub async fn of_numbers(tx: &mut Tx, filter: &Filter, wanted: &[i64]) -> Result<Vec<CaseRow>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found = Filter { keywords: Vec::new(), label_ids: Vec::new(), ..filter.clone() };
    let (clause, mut args) = found.clause(tx.is_postgres(), Vec::new());
    let places = places(args.len() + 1, wanted.len());
    args.extend(wanted.iter().copied().map(Val::Int));
    let sql = format!("SELECT {COLUMNS} FROM cases WHERE {clause} AND case_no IN ({places}) ORDER BY case_no DESC");
    tx.query_dyn(&sql, &args).await?.into_iter().map(case_row).collect()
}

/// The next cases below a number, newest first: pages that cost the same however far they are from the first.
pub async fn list_below(tx: &mut Tx, filter: &Filter, below: i64, limit: i64) -> Result<Vec<CaseRow>> {
    let (source, order, args) = filter.source();
    let (clause, mut args) = filter.clause(tx.is_postgres(), args);
    args.extend(vals![below, limit]);
    let (b, l) = (args.len() - 1, args.len());
    let sql =
        format!("SELECT {COLUMNS} FROM {source} WHERE {clause} AND {order} < ${b} ORDER BY {order} DESC LIMIT ${l}");
    tx.query_dyn(&sql, &args).await?.into_iter().map(case_row).collect()
}

/// How many cases a filter finds, counted one by one up to 65,535.
pub async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64> {
    let (mut sql, mut args) = match filter.labelled() {
        Some(found) if filter.is_by_label_alone() => found,
        _ => {
            let (source, _, args) = filter.source();
            let (clause, args) = filter.clause(tx.is_postgres(), args);
            (format!("SELECT 1 FROM {source} WHERE {clause}"), args)
        }
    };
    args.push(MOST_COUNTED.into());
    sql = format!("SELECT COUNT(*) FROM ({sql} LIMIT ${}) counted", args.len());
    tx.query_dyn(&sql, &args).await?.first().map_or(Ok(0), |row| row.get(0))
}
