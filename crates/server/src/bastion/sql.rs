//! Statements on sessions and their entries. The only file that knows their columns.

use counterfoil_store::{Result, Row, Tx, statements, vals};
use counterfoil_wire::ids::{AccountId, AuthorizationId, CaseId, UserId};
use counterfoil_wire::time::Micros;

macro_rules! columns {
    () => {
        "session_id, opened_at, closed_at, entries, commands, transfers, last_hash"
    };
}

macro_rules! of_session {
    () => {
        " WHERE account_id = $1 AND authorization_id = $2 AND detail_id = $3 AND session_id = $4"
    };
}

statements! {
    NEXT = "SELECT COALESCE(MAX(session_id), 0) + 1 FROM bastion_sessions WHERE account_id = $1 \
        AND authorization_id = $2 AND detail_id = $3";
    INSERT = "INSERT INTO bastion_sessions (account_id, authorization_id, detail_id, session_id, case_id, engineer_id, \
        engineer_name, opened_at, closed_at, entries, commands, transfers, last_hash) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, 0, 0, 0, '')";
    FIND = concat!("SELECT ", columns!(), " FROM bastion_sessions", of_session!());
    FIND_LOCKED = concat!("SELECT ", columns!(), " FROM bastion_sessions", of_session!()),
        postgres: concat!("SELECT ", columns!(), " FROM bastion_sessions", of_session!(), " FOR UPDATE");
    LIST = concat!("SELECT ", columns!(), " FROM bastion_sessions WHERE account_id = $1 AND authorization_id = $2 \
        AND detail_id = $3 ORDER BY session_id DESC LIMIT $4 OFFSET $5");
    COUNT = "SELECT COUNT(*) FROM bastion_sessions WHERE account_id = $1 AND authorization_id = $2 AND detail_id = $3";
    UPDATE = concat!("UPDATE bastion_sessions SET closed_at = $5, entries = $6, commands = $7, transfers = $8, \
        last_hash = $9", of_session!());
    APPEND = "INSERT INTO bastion_entries (account_id, authorization_id, detail_id, session_id, entry_no, kind, body, at, \
        hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LIST_OLDEST_FIRST = concat!("SELECT entry_no, kind, body, at, hash FROM bastion_entries", of_session!(), " \
        AND kind = $5 ORDER BY entry_no LIMIT $6 OFFSET $7");
    LIST_NEWEST_FIRST = concat!("SELECT entry_no, kind, body, at, hash FROM bastion_entries", of_session!(), " \
        AND kind = $5 ORDER BY entry_no DESC LIMIT $6 OFFSET $7");
    LIST_ALL = concat!("SELECT entry_no, kind, body, at, hash FROM bastion_entries", of_session!(), " \
        ORDER BY entry_no");
}

/// Which session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKey {
    /// The account of the case.
    pub account_id: AccountId,
    /// The authorization.
    pub authorization_id: AuthorizationId,
    /// The resource line.
    pub detail_id: i64,
    /// The number on this line.
    pub session_id: i64,
}

impl SessionKey {
    /// What an entry's hash covers besides the entry.
    pub(super) fn place(&self, entry_no: i64) -> [String; 4] {
        [
            self.account_id.to_string(),
            self.authorization_id.to_string(),
            format!("{}/{}", self.detail_id, self.session_id),
            entry_no.to_string(),
        ]
    }
}

/// A session as stored.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// The number on its resource line.
    pub session_id: i64,
    /// When it began.
    pub opened_at: Micros,
    /// When it ended.
    pub closed_at: Option<Micros>,
    /// How many entries it has.
    pub entries: i64,
    /// How many of them are commands.
    pub commands: i64,
    /// How many of them are transfers.
    pub transfers: i64,
    /// The hash of the last one.
    pub last_hash: String,
}

/// An entry as stored.
pub struct EntryRow {
    /// Its number in the session.
    pub entry_no: i64,
    /// What it is.
    pub kind: String,
    /// What it holds, as JSON.
    pub body: String,
    /// When.
    pub at: Micros,
    /// The hash over it and the one before.
    pub hash: String,
}

fn session(mut row: Row) -> Result<SessionRow> {
    Ok(SessionRow {
        session_id: row.get(0)?,
        opened_at: Micros(row.get(1)?),
        closed_at: row.get::<Option<i64>>(2)?.map(Micros),
        entries: row.get(3)?,
        commands: row.get(4)?,
        transfers: row.get(5)?,
        last_hash: row.take(6)?,
    })
}

fn entry(mut row: Row) -> Result<EntryRow> {
    Ok(EntryRow {
        entry_no: row.get(0)?,
        kind: row.take(1)?,
        body: row.take(2)?,
        at: Micros(row.get(3)?),
        hash: row.take(4)?,
    })
}

/// The number of the next session on a resource line.
pub async fn next_session(tx: &mut Tx, account: &AccountId, auth: &AuthorizationId, detail_id: i64) -> Result<i64> {
    tx.query_one(&NEXT, &vals![account.as_str(), auth.as_str(), detail_id]).await?.get(0)
}

/// Writes a new session without entries.
pub async fn insert(
    tx: &mut Tx,
    key: &SessionKey,
    case_id: &CaseId,
    engineer_id: &UserId,
    engineer_name: &str,
    at: Micros,
) -> Result<()> {
    let args = vals![
        key.account_id.as_str(),
        key.authorization_id.as_str(),
        key.detail_id,
        key.session_id,
        case_id.as_str(),
        engineer_id.as_str(),
        engineer_name,
        at.0,
    ];
    tx.execute(&INSERT, &args).await.map(drop)
}

/// A session, if there is one.
pub async fn find(tx: &mut Tx, key: &SessionKey) -> Result<Option<SessionRow>> {
    let args = vals![key.account_id.as_str(), key.authorization_id.as_str(), key.detail_id, key.session_id];
    tx.query_opt(&FIND, &args).await?.map(session).transpose()
}

/// Like [`find`], and nobody else can add to it until the unit ends.
pub async fn find_locked(tx: &mut Tx, key: &SessionKey) -> Result<Option<SessionRow>> {
    let args = vals![key.account_id.as_str(), key.authorization_id.as_str(), key.detail_id, key.session_id];
    tx.query_opt(&FIND_LOCKED, &args).await?.map(session).transpose()
}

/// A page of the sessions on a resource line, newest first, with the number of all.
pub async fn list(
    tx: &mut Tx,
    account: &AccountId,
    auth: &AuthorizationId,
    detail_id: i64,
    limit: i64,
    offset: i64,
) -> Result<(i64, Vec<SessionRow>)> {
    let total = tx.query_one(&COUNT, &vals![account.as_str(), auth.as_str(), detail_id]).await?.get(0)?;
    let rows = tx.query(&LIST, &vals![account.as_str(), auth.as_str(), detail_id, limit, offset]).await?;
    Ok((total, rows.into_iter().map(session).collect::<Result<_>>()?))
}

/// Writes an entry, and what it changes of its session.
pub async fn append(
    tx: &mut Tx,
    key: &SessionKey,
    after: &SessionRow,
    kind: &str,
    body: &str,
    at: Micros,
) -> Result<()> {
    let (account, auth) = (key.account_id.as_str(), key.authorization_id.as_str());
    let hash = after.last_hash.as_str();
    let args = vals![account, auth, key.detail_id, key.session_id, after.entries, kind, body, at.0, hash];
    tx.execute(&APPEND, &args).await?;
    let args = vals![
        account,
        auth,
        key.detail_id,
        key.session_id,
        after.closed_at.map(|at| at.0),
        after.entries,
        after.commands,
        after.transfers,
        hash,
    ];
    tx.execute(&UPDATE, &args).await.map(drop)
}

/// A page of a session's entries of one kind.
pub async fn list_entries(
    tx: &mut Tx,
    key: &SessionKey,
    kind: &str,
    oldest_first: bool,
    limit: i64,
    offset: i64,
) -> Result<Vec<EntryRow>> {
    let (account, auth) = (key.account_id.as_str(), key.authorization_id.as_str());
    let args = vals![account, auth, key.detail_id, key.session_id, kind, limit, offset];
    let stmt = if oldest_first { &LIST_OLDEST_FIRST } else { &LIST_NEWEST_FIRST };
    tx.query(stmt, &args).await?.into_iter().map(entry).collect()
}

/// Every entry of a session, in order.
pub async fn list_all(tx: &mut Tx, key: &SessionKey) -> Result<Vec<EntryRow>> {
    let args = vals![key.account_id.as_str(), key.authorization_id.as_str(), key.detail_id, key.session_id];
    tx.query(&LIST_ALL, &args).await?.into_iter().map(entry).collect()
}
