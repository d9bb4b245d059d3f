//! Statements on cases, their logs, secrets and counters: the only folder that knows their columns. `list.rs` finds the cases of
//! a list and counts them.

use super::rules::{Change, Status, Times};
use counterfoil_store::{Result, Row, StoreError, Tx, Val, statements, vals};
use counterfoil_wire::ids::{AccountId, CaseId, LogId, UserId};
use counterfoil_wire::time::Micros;
use std::collections::{BTreeMap, BTreeSet, HashMap};

mod list;

pub use list::{Filter, count, list, list_below, list_statement, numbers, of_numbers, page};

macro_rules! columns {
    () => {
        "account_id, case_no, case_id, user_id, user_name, status, case_type, sub_type_id, product_id, problem_id, \
         region_id, severity_id, source_id, project_id, description, params, extension, remind_time, assignee_id, \
         assignee_name, urge_count, urged_at, reminder_count, reopen_count, judgement, resolution, pause_reason, \
         resume_at, created_at, updated_at, status_at, resolved_at, ended_at, ended_by, business_owner, partner_id"
    };
}
pub(super) const COLUMNS: &str = columns!();

statements! {
    INSERT = concat!("INSERT INTO cases (", columns!(), ") VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10, $11, $12, \
        $13, $14, $15, $16, $17, NULL, NULL, 0, 0, 0, 0, '', '', '', NULL, $18, $18, $18, NULL, NULL, '', $19, $20)");
    ID_EXISTS = "SELECT 1 FROM cases WHERE case_id = $1";
    FIND = concat!("SELECT ", columns!(), " FROM cases WHERE case_id = $1 AND account_id = $2");
    FIND_LOCKED = concat!("SELECT ", columns!(), " FROM cases WHERE case_id = $1 AND account_id = $2"),
        postgres: concat!("SELECT ", columns!(), " FROM cases WHERE case_id = $1 AND account_id = $2 FOR UPDATE");
    FIND_OF_ANY = concat!("SELECT ", columns!(), " FROM cases WHERE case_id = $1");
    FIND_OF_ANY_LOCKED = concat!("SELECT ", columns!(), " FROM cases WHERE case_id = $1"),
        postgres: concat!("SELECT ", columns!(), " FROM cases WHERE case_id = $1 FOR UPDATE");
    UPDATE = "UPDATE cases SET status = $3, assignee_id = $4, assignee_name = $5, urge_count = $6, urged_at = $7, \
        reminder_count = $8, reopen_count = $9, judgement = $10, resolution = $11, pause_reason = $12, resume_at = $13, \
        updated_at = $14, status_at = $15, resolved_at = $16, ended_at = $17, ended_by = $18, \
        business_owner = $19, partner_id = $20 \
        WHERE account_id = $1 AND case_no = $2";
    UPDATE_DETAILS = "UPDATE cases SET params = $3, extension = $4, remind_time = $5, updated_at = $6 \
        WHERE account_id = $1 AND case_no = $2";
    IN_GROUP = "SELECT 1 FROM group_members WHERE account_id = $1 AND group_id = $2 AND user_id = $3";
    GROUP_EXISTS = "SELECT 1 FROM user_groups WHERE account_id = $1 AND group_id = $2";
    LIST_COLLEAGUES = "SELECT DISTINCT other.user_id FROM group_members own JOIN group_members other \
        ON other.account_id = own.account_id AND other.group_id = own.group_id \
        WHERE own.account_id = $1 AND own.user_id = $2";
    INSERT_LOG = "INSERT INTO operate_logs (account_id, case_id, log_id, operate_type, operator_type, operator_id, \
        operator_name, description, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LIST_LOGS = "SELECT log_id, operate_type, operator_type, operator_id, operator_name, description, created_at \
        FROM operate_logs WHERE account_id = $1 AND case_id = $2 ORDER BY log_id LIMIT $3 OFFSET $4";
    COUNT_LOGS = "SELECT COUNT(*) FROM operate_logs WHERE account_id = $1 AND case_id = $2";
    SAVE_SECRET = "INSERT INTO case_secrets (account_id, case_id, kind, message_id, sealed) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (account_id, case_id, kind, message_id) DO UPDATE SET sealed = excluded.sealed";
    LIST_SECRETS = "SELECT kind, message_id, sealed FROM case_secrets WHERE account_id = $1 AND case_id = $2";
    ERASE_SECRET = "DELETE FROM case_secrets WHERE account_id = $1 AND case_id = $2 AND kind = $3 AND message_id = ''";
    ERASE_SECRETS_OF_MESSAGE = "DELETE FROM case_secrets WHERE account_id = $1 AND case_id = $2 AND message_id = $3";
    ERASE_SECRETS = "DELETE FROM case_secrets WHERE account_id = $1 AND case_id = $2";
    SUM_OF_ALL = "SELECT name, CAST(SUM(amount) AS BIGINT) FROM counters WHERE scope = 'cases' GROUP BY name";
    COUNT_OF_USER = "SELECT CAST(status AS TEXT), COUNT(*) FROM cases WHERE account_id = $1 AND user_id = $2 AND ($3 = '' OR product_id = $3) AND ($4 = '' OR problem_id = $4) GROUP BY status";
}

/// A case as stored.
#[derive(Clone, Debug)]
pub struct CaseRow {
    /// The account that owns it.
    pub account_id: AccountId,
    /// Ascending with the time of submission; what lists are sorted by.
    pub case_no: i64,
    /// Its id.
    pub case_id: CaseId,
    /// Who submitted it.
    pub user_id: UserId,
    /// By which name.
    pub user_name: String,
    /// Where it stands.
    pub status: Status,
    /// 0 consultation, 5 fault.
    pub case_type: i64,
    /// Category.
    pub sub_type_id: Option<String>,
    /// Product.
    pub product_id: Option<String>,
    /// Problem type.
    pub problem_id: String,
    /// Region.
    pub region_id: Option<String>,
    /// Severity.
    pub severity_id: Option<String>,
    /// Through which channel it came.
    pub source_id: String,
    /// Project.
    pub project_id: Option<String>,
    /// What the customer wrote.
    pub description: String,
    /// Extra parameters that are not sensitive, as a JSON object.
    pub params: String,
    /// Further values, as a JSON object.
    pub extension: String,
    /// When the customer wants to be contacted.
    pub remind_time: String,
    /// Who works on it.
    pub assignee_id: Option<UserId>,
    /// By which name.
    pub assignee_name: Option<String>,
    /// How often it was urged.
    pub urge_count: i64,
    /// When last; 0 for never.
    pub urged_at: Micros,
    /// How often the customer was reminded of the present question.
    pub reminder_count: i64,
    /// How often it was reopened.
    pub reopen_count: i64,
    /// The customer's evaluation in words.
    pub judgement: String,
    /// The solution, as the engineer gave it.
    pub resolution: String,
    /// Why it is paused.
    pub pause_reason: String,
    /// Until when.
    pub resume_at: Option<Micros>,
    /// When it was submitted.
    pub created_at: Micros,
    /// When anything last happened.
    pub updated_at: Micros,
    /// When it took its status.
    pub status_at: Micros,
    /// When the solution was given.
    pub resolved_at: Option<Micros>,
    /// When it ended.
    pub ended_at: Option<Micros>,
    /// Who ended it: `customer`, `staff` or `system`.
    pub ended_by: String,
    /// Who handles it: 0 the provider, 1 a reseller, 2 an ISV.
    pub business_owner: i64,
    /// The reseller or ISV.
    pub partner_id: Option<AccountId>,
}

impl CaseRow {
    /// A case that was just submitted and that nobody has touched. What it is about is still to be filled in.
    pub fn untouched(
        account_id: AccountId,
        case_no: i64,
        case_id: CaseId,
        user_id: UserId,
        user_name: String,
        now: Micros,
    ) -> Self {
        Self {
            account_id,
            case_no,
            case_id,
            user_id,
            user_name,
            status: Status::ToBeProcessed,
            case_type: 0,
            sub_type_id: None,
            product_id: None,
            problem_id: String::new(),
            region_id: None,
            severity_id: None,
            source_id: String::new(),
            project_id: None,
            description: String::new(),
            params: "{}".to_owned(),
            extension: "{}".to_owned(),
            remind_time: "0".to_owned(),
            assignee_id: None,
            assignee_name: None,
            urge_count: 0,
            urged_at: Micros(0),
            reminder_count: 0,
            reopen_count: 0,
            judgement: String::new(),
            resolution: String::new(),
            pause_reason: String::new(),
            resume_at: None,
            created_at: now,
            updated_at: now,
            status_at: now,
            resolved_at: None,
            ended_at: None,
            ended_by: String::new(),
            business_owner: 0,
            partner_id: None,
        }
    }

    /// What the life cycle's decision depends on.
    pub fn times(&self) -> Times {
        Times { created_at: self.created_at, urged_at: self.urged_at, status_at: self.status_at }
    }
}

/// Reads a checked id out of a column.
pub fn id<T: TryFrom<String>>(row: &mut Row, index: usize) -> Result<T> {
    T::try_from(row.take(index)?).map_err(|_| StoreError::Engine(format!("column {index} holds no id").into()))
}

/// Reads an optional checked id out of a column.
pub fn optional_id<T: TryFrom<String>>(row: &mut Row, index: usize) -> Result<Option<T>> {
    if row.values().get(index) == Some(&Val::Null) { Ok(None) } else { id(row, index).map(Some) }
}

pub(super) fn case_row(mut row: Row) -> Result<CaseRow> {
    let status: i64 = row.get(5)?;
    let time = |row: &Row, index| Ok::<_, StoreError>(row.get::<Option<i64>>(index)?.map(Micros));
    Ok(CaseRow {
        account_id: id(&mut row, 0)?,
        case_no: row.get(1)?,
        case_id: id(&mut row, 2)?,
        user_id: id(&mut row, 3)?,
        user_name: row.take(4)?,
        status: Status::from_number(status).ok_or_else(|| StoreError::Engine(format!("status {status}").into()))?,
        case_type: row.get(6)?,
        sub_type_id: row.take(7)?,
        product_id: row.take(8)?,
        problem_id: row.take(9)?,
        region_id: row.take(10)?,
        severity_id: row.take(11)?,
        source_id: row.take(12)?,
        project_id: row.take(13)?,
        description: row.take(14)?,
        params: row.take(15)?,
        extension: row.take(16)?,
        remind_time: row.take(17)?,
        assignee_id: optional_id(&mut row, 18)?,
        assignee_name: row.take(19)?,
        urge_count: row.get(20)?,
        urged_at: Micros(row.get(21)?),
        reminder_count: row.get(22)?,
        reopen_count: row.get(23)?,
        judgement: row.take(24)?,
        resolution: row.take(25)?,
        pause_reason: row.take(26)?,
        resume_at: time(&row, 27)?,
        created_at: Micros(row.get(28)?),
        updated_at: Micros(row.get(29)?),
        status_at: Micros(row.get(30)?),
        resolved_at: time(&row, 31)?,
        ended_at: time(&row, 32)?,
        ended_by: row.take(33)?,
        business_owner: row.get(34)?,
        partner_id: optional_id(&mut row, 35)?,
    })
}

/// Writes a new case in status 0.
pub async fn insert(tx: &mut Tx, case: &CaseRow) -> Result<()> {
    let args = vals![
        case.account_id.as_str(),
        case.case_no,
        case.case_id.as_str(),
        case.user_id.as_str(),
        case.user_name.as_str(),
        case.case_type,
        case.sub_type_id.as_deref(),
        case.product_id.as_deref(),
        case.problem_id.as_str(),
        case.region_id.as_deref(),
        case.severity_id.as_deref(),
        case.source_id.as_str(),
        case.project_id.as_deref(),
        case.description.as_str(),
        case.params.as_str(),
        case.extension.as_str(),
        case.remind_time.as_str(),
        case.created_at.0,
        case.business_owner,
        case.partner_id.as_ref().map(AccountId::as_str),
    ];
    tx.execute(&INSERT, &args).await.map(drop)
}

/// True when some account has a case with this id: ids are unique over all accounts.
pub async fn is_taken(tx: &mut Tx, case_id: &CaseId) -> Result<bool> {
    Ok(tx.query_opt(&ID_EXISTS, &vals![case_id.as_str()]).await?.is_some())
}

/// The account's case with this id.
pub async fn find(tx: &mut Tx, account_id: &AccountId, case_id: &CaseId) -> Result<Option<CaseRow>> {
    tx.query_opt(&FIND, &vals![case_id.as_str(), account_id.as_str()]).await?.map(case_row).transpose()
}

/// The members of all groups that a user is in.
pub async fn list_colleagues(tx: &mut Tx, account_id: &AccountId, user_id: &UserId) -> Result<Vec<UserId>> {
    let rows = tx.query(&LIST_COLLEAGUES, &vals![account_id.as_str(), user_id.as_str()]).await?;
    rows.into_iter().map(|mut row| id(&mut row, 0)).collect()
}

/// The account's cases with these ids, in the order of the ids.
pub async fn find_several(tx: &mut Tx, account_id: &AccountId, case_ids: &[CaseId]) -> Result<Vec<CaseRow>> {
    if case_ids.is_empty() {
        return Ok(Vec::new());
    }
    let marks: Vec<String> = (0..case_ids.len()).map(|at| format!("${}", at + 2)).collect();
    let text = format!("SELECT {COLUMNS} FROM cases WHERE account_id = $1 AND case_id IN ({})", marks.join(", "));
    let mut args: Vec<Val> = vec![account_id.as_str().into()];
    args.extend(case_ids.iter().map(|id| Val::from(id.as_str())));
    let rows = tx.query_dyn(&text, &args).await?;
    let mut found = rows.into_iter().map(case_row).collect::<Result<Vec<_>>>()?;
    found.sort_by_key(|case| case_ids.iter().position(|id| *id == case.case_id));
    Ok(found)
}

/// Like [`find`], and nobody else can change the case until the unit ends.
pub async fn find_locked(tx: &mut Tx, account_id: &AccountId, case_id: &CaseId) -> Result<Option<CaseRow>> {
    tx.query_opt(&FIND_LOCKED, &vals![case_id.as_str(), account_id.as_str()]).await?.map(case_row).transpose()
}

/// The case with this id of any account: for staff and timers only.
pub async fn find_of_any(tx: &mut Tx, case_id: &CaseId) -> Result<Option<CaseRow>> {
    tx.query_opt(&FIND_OF_ANY, &vals![case_id.as_str()]).await?.map(case_row).transpose()
}

/// Like [`find_of_any`], and nobody else can change the case until the unit ends.
pub async fn find_of_any_locked(tx: &mut Tx, case_id: &CaseId) -> Result<Option<CaseRow>> {
    tx.query_opt(&FIND_OF_ANY_LOCKED, &vals![case_id.as_str()]).await?.map(case_row).transpose()
}

/// Writes everything of a case that can change.
pub async fn update(tx: &mut Tx, case: &CaseRow) -> Result<()> {
    let args = vals![
        case.account_id.as_str(),
        case.case_no,
        case.status.number(),
        case.assignee_id.as_ref().map(UserId::as_str),
        case.assignee_name.as_deref(),
        case.urge_count,
        case.urged_at.0,
        case.reminder_count,
        case.reopen_count,
        case.judgement.as_str(),
        case.resolution.as_str(),
        case.pause_reason.as_str(),
        case.resume_at.map(|t| t.0),
        case.updated_at.0,
        case.status_at.0,
        case.resolved_at.map(|t| t.0),
        case.ended_at.map(|t| t.0),
        case.ended_by.as_str(),
        case.business_owner,
        case.partner_id.as_ref().map(AccountId::as_str),
    ];
    if tx.execute(&UPDATE, &args).await? == 1 { Ok(()) } else { Err(StoreError::NoRow) }
}

/// Writes parameters, further values and the time for contacts, which a customer may change while the case is open.
pub async fn update_details(tx: &mut Tx, case: &CaseRow) -> Result<()> {
    let args = vals![
        case.account_id.as_str(),
        case.case_no,
        case.params.as_str(),
        case.extension.as_str(),
        case.remind_time.as_str(),
        case.updated_at.0,
    ];
    if tx.execute(&UPDATE_DETAILS, &args).await? == 1 { Ok(()) } else { Err(StoreError::NoRow) }
}

/// True when the user is a member of the group.
pub async fn is_in_group(tx: &mut Tx, account_id: &AccountId, group_id: &str, user_id: &UserId) -> Result<bool> {
    Ok(tx.query_opt(&IN_GROUP, &vals![account_id.as_str(), group_id, user_id.as_str()]).await?.is_some())
}

/// True when the account has this group.
pub async fn has_group(tx: &mut Tx, account_id: &AccountId, group_id: &str) -> Result<bool> {
    Ok(tx.query_opt(&GROUP_EXISTS, &vals![account_id.as_str(), group_id]).await?.is_some())
}

/// An entry of the operate log.
#[derive(Clone, Debug)]
pub struct LogRow {
    /// Its id, ascending with time.
    pub log_id: LogId,
    /// What was done.
    pub operate_type: i64,
    /// 0 customer, 1 engineer, 2 system.
    pub operator_type: i64,
    /// Who did it; nobody for the system.
    pub operator_id: Option<UserId>,
    /// By which name.
    pub operator_name: String,
    /// A note.
    pub description: String,
    /// When.
    pub created_at: Micros,
}

/// Writes a log entry.
pub async fn insert_log(tx: &mut Tx, account_id: &AccountId, case_id: &CaseId, log: &LogRow) -> Result<()> {
    let args = vals![
        account_id.as_str(),
        case_id.as_str(),
        log.log_id.as_str(),
        log.operate_type,
        log.operator_type,
        log.operator_id.as_ref().map(UserId::as_str),
        log.operator_name.as_str(),
        log.description.as_str(),
        log.created_at.0,
    ];
    tx.execute(&INSERT_LOG, &args).await.map(drop)
}

/// A page of a case's log, oldest first, with the number of all entries.
pub async fn list_logs(
    tx: &mut Tx,
    account_id: &AccountId,
    case_id: &CaseId,
    limit: i64,
    offset: i64,
) -> Result<(i64, Vec<LogRow>)> {
    let total = tx.query_one(&COUNT_LOGS, &vals![account_id.as_str(), case_id.as_str()]).await?.get(0)?;
    let rows = tx.query(&LIST_LOGS, &vals![account_id.as_str(), case_id.as_str(), limit, offset]).await?;
    let logs = rows.into_iter().map(|mut row| {
        Ok(LogRow {
            log_id: id(&mut row, 0)?,
            operate_type: row.get(1)?,
            operator_type: row.get(2)?,
            operator_id: optional_id(&mut row, 3)?,
            operator_name: row.take(4)?,
            description: row.take(5)?,
            created_at: Micros(row.get(6)?),
        })
    });
    Ok((total, logs.collect::<Result<_>>()?))
}

/// Keeps a sealed value of a case, in place of the one before; `message_id` is empty for the case itself.
pub async fn save_secret(
    tx: &mut Tx,
    account_id: &AccountId,
    case_id: &CaseId,
    kind: &str,
    message_id: &str,
    sealed: Vec<u8>,
) -> Result<()> {
    tx.execute(&SAVE_SECRET, &vals![account_id.as_str(), case_id.as_str(), kind, message_id, sealed]).await.map(drop)
}

/// The sealed values of a case: kind, message id, sealed.
pub async fn list_secrets(
    tx: &mut Tx,
    account_id: &AccountId,
    case_id: &CaseId,
) -> Result<Vec<(String, String, Vec<u8>)>> {
    let rows = tx.query(&LIST_SECRETS, &vals![account_id.as_str(), case_id.as_str()]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// Erases one sealed value of a case itself.
pub async fn erase_secret(tx: &mut Tx, case: &CaseRow, kind: &str) -> Result<()> {
    tx.execute(&ERASE_SECRET, &vals![case.account_id.as_str(), case.case_id.as_str(), kind]).await.map(drop)
}

/// Erases every sealed value of a case.
pub async fn erase_secrets(tx: &mut Tx, case: &CaseRow) -> Result<()> {
    tx.execute(&ERASE_SECRETS, &vals![case.account_id.as_str(), case.case_id.as_str()]).await.map(drop)
}

/// Removes what is kept sealed of one message.
pub async fn erase_secrets_of_message(
    tx: &mut Tx,
    account_id: &AccountId,
    case_id: &CaseId,
    message_id: &str,
) -> Result<()> {
    tx.execute(&ERASE_SECRETS_OF_MESSAGE, &vals![account_id.as_str(), case_id.as_str(), message_id]).await.map(drop)
}

/// How many cases all accounts together have in each status, from the counters.
pub async fn sum_of_all(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    tx.query(&SUM_OF_ALL, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// How many cases of a product, of a problem type, or of a problem type of a product are in each status, from the counters.
pub async fn product_totals(
    tx: &mut Tx,
    account_id: &AccountId,
    product_id: Option<&str>,
    problem_id: Option<&str>,
) -> Result<Vec<(String, i64)>> {
    // The product of a problem type is the first half of its id; a type without one is none.
    let of_problem = problem_id.map(|id| id.split_once('.').map_or("", |(product, _)| product));
    let Some(product) = product_id.or(of_problem).filter(|id| of_problem.is_none_or(|own| own == *id)) else {
        return Ok(Vec::new());
    };
    let mut totals: BTreeMap<String, i64> = BTreeMap::new();
    for (name, amount) in counterfoil_store::counters::list(tx, account_id.as_str(), &product_scope(product)).await? {
        if let Some((problem, status)) = name.rsplit_once('/')
            && problem_id.is_none_or(|wanted| wanted == problem)
        {
            *totals.entry(status.to_owned()).or_default() += amount;
        }
    }
    Ok(totals.into_iter().collect())
}

/// How many of a user's cases of a product or problem type are in each status, counted one by one.
pub async fn count_of_user(
    tx: &mut Tx,
    account_id: &AccountId,
    user_id: &UserId,
    product_id: Option<&str>,
    problem_id: Option<&str>,
) -> Result<Vec<(String, i64)>> {
    let args = vals![account_id.as_str(), user_id.as_str(), product_id.unwrap_or(""), problem_id.unwrap_or("")];
    tx.query(&COUNT_OF_USER, &args).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The names of accounts, by id, in one query however many there are.
pub async fn account_names(tx: &mut Tx, ids: &BTreeSet<&AccountId>) -> Result<HashMap<String, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let marks: Vec<String> = (1..=ids.len()).map(|at| format!("${at}")).collect();
    let sql = format!("SELECT account_id, name FROM accounts WHERE account_id IN ({})", marks.join(", "));
    let args: Vec<Val> = ids.iter().map(|id| Val::from(id.as_str())).collect();
    tx.query_dyn(&sql, &args).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Moves a case from one status to another in the counters of its account, its submitter and its product.
pub async fn count_change(tx: &mut Tx, case: &CaseRow, change: &Change) -> Result<()> {
    if change.from == change.to {
        return Ok(());
    }
    let mut steps = [(change.from.number(), -1), (change.to.number(), 1)];
    // Always in the order of the number, so that two transactions never wait for each other crosswise.
    steps.sort_unstable();
    for (scope, start) in counter_scopes(case) {
        for (status, delta) in steps {
            let name = format!("{start}{status}");
            counterfoil_store::counters::add(tx, case.account_id.as_str(), &scope, &name, delta).await?;
        }
    }
    Ok(())
}

/// Counts a new case.
pub async fn count_new(tx: &mut Tx, case: &CaseRow) -> Result<()> {
    for (scope, start) in counter_scopes(case) {
        let name = format!("{start}{}", case.status.number());
        counterfoil_store::counters::add(tx, case.account_id.as_str(), &scope, &name, 1).await?;
    }
    Ok(())
}

/// The counters of an account's cases, by status.
pub const ACCOUNT_SCOPE: &str = "cases";

/// The counters of one user's cases, by status.
pub fn user_scope(user_id: &UserId) -> String {
    format!("cases:{user_id}")
}

/// The counters of the cases of one product, by problem type and status: `ecs.usage/0`.
pub fn product_scope(product_id: &str) -> String {
    format!("products:{product_id}")
}

/// Where a case is counted: scopes, and what stands before the status in the name. All units take them in this order.
pub fn counter_scopes(case: &CaseRow) -> Vec<(String, String)> {
    let mut scopes = vec![(ACCOUNT_SCOPE.to_owned(), String::new()), (user_scope(&case.user_id), String::new())];
    if let Some(product_id) = &case.product_id {
        scopes.push((product_scope(product_id), format!("{}/", case.problem_id)));
    }
    scopes
}
