//! Statements on authorizations, their resource lines and their sealed logins. The only file that knows their columns.

use super::kinds::Access;
use super::rules::Status;
use crate::cases::{id, optional_id};
use counterfoil_store::{Result, Row, StoreError, Tx, Val, counters, statements, vals};
use counterfoil_wire::ids::{AccountId, AuthorizationId, CaseId, UserId};
use counterfoil_wire::time::Micros;
use std::collections::BTreeMap;

macro_rules! columns {
    () => {
        "account_id, auth_no, authorization_id, case_id, user_id, user_name, status, access_type, simple_description, \
         description, letter, engineer_id, engineer_name, agency_id, agency_name, created_at, answer_until, effective_at, \
         expires_at, ended_at, reason, hidden"
    };
}

macro_rules! detail_columns {
    () => {
        "detail_id, authorization_id, kind, address, port, instance_id, instance_name, region_id, host_key"
    };
}

statements! {
    INSERT = concat!("INSERT INTO authorizations (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
        $11, $12, $13, NULL, NULL, $14, $15, NULL, NULL, NULL, '', 0)");
    FIND = concat!("SELECT ", columns!(), " FROM authorizations WHERE authorization_id = $1 AND account_id = $2");
    FIND_OF_ANY = concat!("SELECT ", columns!(), " FROM authorizations WHERE authorization_id = $1");
    LIST_OF_CASE = concat!("SELECT ", columns!(), " FROM authorizations WHERE account_id = $1 AND case_id = $2 \
        ORDER BY auth_no");
    COUNT_OPEN = "SELECT COUNT(*) FROM authorizations WHERE account_id = $1 AND case_id = $2 AND status IN (0, 1)";
    UPDATE = "UPDATE authorizations SET status = $3, agency_id = $4, agency_name = $5, effective_at = $6, \
        expires_at = $7, ended_at = $8, reason = $9, hidden = $10 WHERE account_id = $1 AND auth_no = $2";
    INSERT_DETAIL = "INSERT INTO authorization_details (account_id, authorization_id, position, detail_id, kind, address, \
        port, instance_id, instance_name, region_id, host_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL)";
    DETAIL_EXISTS = "SELECT 1 FROM authorization_details WHERE detail_id = $1";
    LIST_DETAILS = concat!("SELECT ", detail_columns!(), " FROM authorization_details WHERE account_id = $1 \
        AND authorization_id = $2 ORDER BY position");
    FIND_DETAIL = concat!("SELECT ", detail_columns!(), " FROM authorization_details WHERE detail_id = $1 \
        AND account_id = $2");
    SET_PORT = "UPDATE authorization_details SET port = $3 WHERE detail_id = $1 AND account_id = $2";
    KEEP_HOST_KEY = "UPDATE authorization_details SET host_key = $3 WHERE detail_id = $1 AND account_id = $2 \
        AND host_key IS NULL";
    SAVE_SECRET = "INSERT INTO authorization_secrets (account_id, authorization_id, detail_id, sealed) \
        VALUES ($1, $2, $3, $4)";
    LIST_SECRETS = "SELECT detail_id, sealed FROM authorization_secrets WHERE account_id = $1 AND authorization_id = $2";
    ERASE_SECRETS = "DELETE FROM authorization_secrets WHERE account_id = $1 AND authorization_id = $2";
    SUM_OF_ALL = "SELECT name, CAST(SUM(amount) AS BIGINT) FROM counters WHERE scope = 'authorizations' GROUP BY name";
}

/// The counters of an account's authorizations, by status.
pub const ACCOUNT_SCOPE: &str = "authorizations";

/// The counters of the authorizations in one user's cases, by status.
pub fn user_scope(user_id: &UserId) -> String {
    format!("authorizations:{user_id}")
}

/// An authorization as stored.
#[derive(Clone, Debug)]
pub struct AuthorizationRow {
    /// The account of the case.
    pub account_id: AccountId,
    /// Ascending with the time of the request; what lists are sorted by.
    pub auth_no: i64,
    /// Its id.
    pub authorization_id: AuthorizationId,
    /// The case in which it was asked for.
    pub case_id: CaseId,
    /// Who submitted the case.
    pub user_id: UserId,
    /// By which name.
    pub user_name: String,
    /// Where it stands.
    pub status: Status,
    /// What was asked for.
    pub access: Access,
    /// The problem of the case.
    pub simple_description: String,
    /// What it is needed for.
    pub description: String,
    /// What the engineer commits to; empty for the usual letter.
    pub letter: String,
    /// Who asked.
    pub engineer_id: UserId,
    /// By which name.
    pub engineer_name: String,
    /// The agency that was granted.
    pub agency_id: Option<String>,
    /// Its name then.
    pub agency_name: Option<String>,
    /// When it was asked for.
    pub created_at: Micros,
    /// Until when an answer is waited for.
    pub answer_until: Micros,
    /// From when it holds.
    pub effective_at: Option<Micros>,
    /// Until when it holds.
    pub expires_at: Option<Micros>,
    /// When it ended.
    pub ended_at: Option<Micros>,
    /// Why it was rejected or cancelled.
    pub reason: String,
    /// The customer has deleted the case.
    pub hidden: bool,
}

/// A resource line as stored.
#[derive(Clone, Debug)]
pub struct DetailRow {
    /// Its id, unique over all accounts.
    pub detail_id: i64,
    /// The authorization.
    pub authorization_id: AuthorizationId,
    /// 0 console or text, 1 host.
    pub kind: i64,
    /// Host name or address.
    pub address: Option<String>,
    /// Port.
    pub port: Option<i64>,
    /// Instance.
    pub instance_id: Option<String>,
    /// Its name.
    pub instance_name: Option<String>,
    /// Where it runs.
    pub region_id: Option<String>,
    /// Fingerprint of the host's key.
    pub host_key: Option<String>,
}

fn row(mut row: Row) -> Result<AuthorizationRow> {
    let broken = |what: &str| StoreError::Engine(format!("authorizations.{what} holds something impossible").into());
    let time = |row: &Row, index| Ok::<_, StoreError>(row.get::<Option<i64>>(index)?.map(Micros));
    let status: i64 = row.get(6)?;
    let access: String = row.get(7)?;
    Ok(AuthorizationRow {
        account_id: id(&mut row, 0)?,
        auth_no: row.get(1)?,
        authorization_id: id(&mut row, 2)?,
        case_id: id(&mut row, 3)?,
        user_id: id(&mut row, 4)?,
        user_name: row.take(5)?,
        status: Status::from_number(status).ok_or_else(|| broken("status"))?,
        access: Access::parse(&access).ok_or_else(|| broken("access_type"))?,
        simple_description: row.take(8)?,
        description: row.take(9)?,
        letter: row.take(10)?,
        engineer_id: id(&mut row, 11)?,
        engineer_name: row.take(12)?,
        agency_id: optional_id::<UserId>(&mut row, 13)?.map(UserId::into_string),
        agency_name: row.take(14)?,
        created_at: Micros(row.get(15)?),
        answer_until: Micros(row.get(16)?),
        effective_at: time(&row, 17)?,
        expires_at: time(&row, 18)?,
        ended_at: time(&row, 19)?,
        reason: row.take(20)?,
        hidden: row.get(21)?,
    })
}

fn detail(mut row: Row) -> Result<DetailRow> {
    Ok(DetailRow {
        detail_id: row.get(0)?,
        authorization_id: id(&mut row, 1)?,
        kind: row.get(2)?,
        address: row.take(3)?,
        port: row.get(4)?,
        instance_id: row.take(5)?,
        instance_name: row.take(6)?,
        region_id: row.take(7)?,
        host_key: row.take(8)?,
    })
}

/// Writes a request, and counts it.
pub async fn insert(tx: &mut Tx, new: &AuthorizationRow, details: &[DetailRow]) -> Result<()> {
    let args = vals![
        new.account_id.as_str(),
        new.auth_no,
        new.authorization_id.as_str(),
        new.case_id.as_str(),
        new.user_id.as_str(),
        new.user_name.as_str(),
        new.status.number(),
        new.access.id(),
        new.simple_description.as_str(),
        new.description.as_str(),
        new.letter.as_str(),
        new.engineer_id.as_str(),
        new.engineer_name.as_str(),
        new.created_at.0,
        new.answer_until.0,
    ];
    tx.execute(&INSERT, &args).await?;
    for (position, line) in (0_i64..).zip(details) {
        let args = vals![
            new.account_id.as_str(),
            line.authorization_id.as_str(),
            position,
            line.detail_id,
            line.kind,
            line.address.as_deref(),
            line.port,
            line.instance_id.as_deref(),
            line.instance_name.as_deref(),
            line.region_id.as_deref(),
        ];
        tx.execute(&INSERT_DETAIL, &args).await?;
    }
    let mut counted = Counted::default();
    counted.add(new, 1);
    counted.write(tx, &new.account_id).await
}

/// The account's authorization with this id.
pub async fn find(
    tx: &mut Tx,
    account_id: &AccountId,
    authorization_id: &AuthorizationId,
) -> Result<Option<AuthorizationRow>> {
    let args = vals![authorization_id.as_str(), account_id.as_str()];
    tx.query_opt(&FIND, &args).await?.map(row).transpose()
}

/// The authorization with this id of any account: for staff, timers and sessions only.
pub async fn find_of_any(tx: &mut Tx, authorization_id: &AuthorizationId) -> Result<Option<AuthorizationRow>> {
    tx.query_opt(&FIND_OF_ANY, &vals![authorization_id.as_str()]).await?.map(row).transpose()
}

/// Every authorization of a case, oldest first.
pub async fn list_of_case(tx: &mut Tx, account_id: &AccountId, case_id: &CaseId) -> Result<Vec<AuthorizationRow>> {
    tx.query(&LIST_OF_CASE, &vals![account_id.as_str(), case_id.as_str()]).await?.into_iter().map(row).collect()
}

/// How many authorizations of a case are open.
pub async fn count_open(tx: &mut Tx, account_id: &AccountId, case_id: &CaseId) -> Result<i64> {
    tx.query_one(&COUNT_OPEN, &vals![account_id.as_str(), case_id.as_str()]).await?.get(0)
}

/// Writes everything of an authorization that can change.
pub async fn update(tx: &mut Tx, auth: &AuthorizationRow) -> Result<()> {
    let args = vals![
        auth.account_id.as_str(),
        auth.auth_no,
        auth.status.number(),
        auth.agency_id.as_deref(),
        auth.agency_name.as_deref(),
        auth.effective_at.map(|at| at.0),
        auth.expires_at.map(|at| at.0),
        auth.ended_at.map(|at| at.0),
        auth.reason.as_str(),
        auth.hidden,
    ];
    if tx.execute(&UPDATE, &args).await? == 1 { Ok(()) } else { Err(StoreError::NoRow) }
}

/// Changes of counters, gathered so that they are written in one order: two transactions never wait for each other.
#[derive(Default)]
pub struct Counted(BTreeMap<(String, String), i64>);

impl Counted {
    /// Counts an authorization in its present status, or takes it out with -1. A hidden one is not counted.
    pub fn add(&mut self, auth: &AuthorizationRow, delta: i64) {
        if auth.hidden {
            return;
        }
        let status = auth.status.number().to_string();
        for scope in [ACCOUNT_SCOPE.to_owned(), user_scope(&auth.user_id)] {
            *self.0.entry((scope, status.clone())).or_default() += delta;
        }
    }

    /// Writes what has changed.
    pub async fn write(self, tx: &mut Tx, account_id: &AccountId) -> Result<()> {
        for ((scope, name), delta) in self.0.into_iter().filter(|(_, delta)| *delta != 0) {
            counters::add(tx, account_id.as_str(), &scope, &name, delta).await?;
        }
        Ok(())
    }
}

/// How many authorizations all accounts together have in each status, from the counters.
pub async fn sum_of_all(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    tx.query(&SUM_OF_ALL, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// True when some authorization has a line with this id.
pub async fn is_taken(tx: &mut Tx, detail_id: i64) -> Result<bool> {
    Ok(tx.query_opt(&DETAIL_EXISTS, &vals![detail_id]).await?.is_some())
}

/// The resource lines of an authorization, in the order of the request.
pub async fn list_details(tx: &mut Tx, auth: &AuthorizationRow) -> Result<Vec<DetailRow>> {
    let args = vals![auth.account_id.as_str(), auth.authorization_id.as_str()];
    tx.query(&LIST_DETAILS, &args).await?.into_iter().map(detail).collect()
}

/// The account's resource line with this id.
pub async fn find_detail(tx: &mut Tx, account_id: &AccountId, detail_id: i64) -> Result<Option<DetailRow>> {
    tx.query_opt(&FIND_DETAIL, &vals![detail_id, account_id.as_str()]).await?.map(detail).transpose()
}

/// Writes the port that the customer gave.
pub async fn set_port(tx: &mut Tx, account_id: &AccountId, detail_id: i64, port: i64) -> Result<()> {
    tx.execute(&SET_PORT, &vals![detail_id, account_id.as_str(), port]).await.map(drop)
}

/// Keeps the first fingerprint that a host showed.
pub async fn keep_host_key(tx: &mut Tx, account_id: &AccountId, detail_id: i64, fingerprint: &str) -> Result<()> {
    tx.execute(&KEEP_HOST_KEY, &vals![detail_id, account_id.as_str(), fingerprint]).await.map(drop)
}

/// Keeps a sealed login.
pub async fn save_secret(tx: &mut Tx, auth: &AuthorizationRow, detail_id: i64, sealed: Vec<u8>) -> Result<()> {
    let args = vals![auth.account_id.as_str(), auth.authorization_id.as_str(), detail_id, sealed];
    tx.execute(&SAVE_SECRET, &args).await.map(drop)
}

/// The sealed logins of an authorization, by resource line.
pub async fn list_secrets(tx: &mut Tx, auth: &AuthorizationRow) -> Result<Vec<(i64, Vec<u8>)>> {
    let args = vals![auth.account_id.as_str(), auth.authorization_id.as_str()];
    tx.query(&LIST_SECRETS, &args).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Erases the logins of an authorization.
pub async fn erase_secrets(tx: &mut Tx, auth: &AuthorizationRow) -> Result<()> {
    tx.execute(&ERASE_SECRETS, &vals![auth.account_id.as_str(), auth.authorization_id.as_str()]).await.map(drop)
}

/// Which authorizations a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One account; all of them for staff.
    pub account_id: Option<AccountId>,
    /// In cases of this user.
    pub user_id: Option<UserId>,
    /// In cases of members of this group.
    pub group_id: Option<String>,
    /// In cases of users with this in their names.
    pub user_name: Option<String>,
    /// In one case.
    pub case_id: Option<String>,
    /// In this status.
    pub status: Option<i64>,
    /// In cases with this in their descriptions.
    pub description: Option<String>,
    /// Asked for by this engineer.
    pub engineer_id: Option<String>,
}

impl Filter {
    /// True when the counters know the total: only account, user and status are asked for.
    pub fn is_counted(&self) -> bool {
        let Self { account_id: _, user_id: _, status: _, group_id, user_name, case_id, description, engineer_id } =
            self;
        let texts = [group_id, user_name, case_id, description, engineer_id];
        texts.into_iter().all(Option::is_none)
    }

    /// The WHERE clause with its parameters.
    fn clause(&self, is_postgres: bool) -> (String, Vec<Val>) {
        let mut args: Vec<Val> = Vec::new();
        // Staff that looks into one case sees all of it.
        let sees_hidden = self.account_id.is_none() && self.case_id.is_some();
        let mut clauses = vec![if sees_hidden { "1 = 1" } else { "hidden = 0" }.to_owned()];
        let mut add = |text: &str, value: Val| {
            args.push(value);
            clauses.push(text.replace("$?", &format!("${}", args.len())));
        };
        // Whatever is looked for counts as it is written; LIKE has wildcards and differs between the engines.
        let position = if is_postgres { "STRPOS" } else { "INSTR" };
        if let Some(id) = &self.account_id {
            add("account_id = $?", id.as_str().into());
        }
        if let Some(id) = &self.user_id {
            add("user_id = $?", id.as_str().into());
        }
        if let Some(id) = &self.case_id {
            add("case_id = $?", id.into());
        }
        if let Some(status) = self.status {
            add("status = $?", status.into());
        }
        if let Some(id) = &self.engineer_id {
            add("engineer_id = $?", id.into());
        }
        if let Some(name) = &self.user_name {
            add(&format!("{position}(user_name, $?) > 0"), name.into());
        }
        if let Some(text) = &self.description {
            add(&format!("{position}(simple_description, $?) > 0"), text.into());
        }
        if let (Some(group), Some(account)) = (&self.group_id, &self.account_id) {
            args.push(account.as_str().into());
            args.push(group.into());
            let (a, g) = (args.len() - 1, args.len());
            clauses.push(format!(
                "user_id IN (SELECT user_id FROM group_members WHERE account_id = ${a} AND group_id = ${g})"
            ));
        }
        (clauses.join(" AND "), args)
    }
}

/// Totals beyond this are not counted further where they must be counted one by one.
const MOST_COUNTED: i64 = 65_535;

/// A page of authorizations, newest first.
pub async fn list(tx: &mut Tx, filter: &Filter, limit: i64, offset: i64) -> Result<Vec<AuthorizationRow>> {
    let (clause, mut args) = filter.clause(tx.is_postgres());
    args.extend(vals![limit, offset]);
    let (l, o) = (args.len() - 1, args.len());
    let columns = columns!();
    let sql =
        format!("SELECT {columns} FROM authorizations WHERE {clause} ORDER BY auth_no DESC LIMIT ${l} OFFSET ${o}");
    tx.query_dyn(&sql, &args).await?.into_iter().map(row).collect()
}

/// How many authorizations a filter finds, counted one by one up to 65,535.
pub async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64> {
    let (clause, mut args) = filter.clause(tx.is_postgres());
    args.push(MOST_COUNTED.into());
    let limit = args.len();
    let sql = format!("SELECT COUNT(*) FROM (SELECT 1 FROM authorizations WHERE {clause} LIMIT ${limit}) counted");
    tx.query_dyn(&sql, &args).await?.first().map_or(Ok(0), |row| row.get(0))
}
