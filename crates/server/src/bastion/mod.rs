//! What engineers did on hosts that customers granted: sessions, the commands in them, and files that were moved.
//!
//! A recorder writes through four calls: [`open_session`], [`record_command`], [`record_transfer`], [`close_session`].
//! Customers read it through `api.rs`; nobody can change it.
//!
//! Always true: a session is opened under an authorization that is in force, by the engineer who handles the case; the
//! entries of a session are a chain of hashes ([`verify`]); the login leaves the vault only as what [`open_session`] gives
//! to the recorder, and that leaves an event.

pub mod api;
pub mod rules;
mod sql;

pub use sql::{ALL, SessionKey, SessionRow};

use crate::app::App;
use crate::authorizations::{self, AuthorizationRow, DetailRow};
use crate::caller::Caller;
use crate::cases::{self, change};
use crate::error::{Code, Error, Result};
use counterfoil_store::Tx;
use counterfoil_wire::ids::AuthorizationId;
use counterfoil_wire::time::Micros;
use rules::{Entry, Transfer};
use secrecy::SecretString;
use serde_json::json;

/// What a recorder needs to reach a host for an engineer. It has no `Debug`.
pub struct Opened {
    /// The session, by which everything else is recorded.
    pub session: SessionKey,
    /// In which way.
    pub access: authorizations::Access,
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The fingerprint that the host showed when the customer tried the login.
    pub host_key: Option<String>,
    /// Login name; empty where there is none.
    pub account: String,
    /// Password or private key.
    pub secret: SecretString,
    /// When the authorization ends, and the session with it.
    pub until: Micros,
}

/// Opens a session of an engineer on a granted host. Fails unless the authorization is in force now, the line is one of
/// its hosts, and the engineer handles the case.
pub async fn open_session(
    tx: &mut Tx,
    app: &App,
    engineer: &Caller,
    authorization_id: &AuthorizationId,
    detail_id: i64,
) -> Result<Opened> {
    let missing = || Error::new(Code::NoSuchAuthorization);
    let now = app.clock.now();
    let found = authorizations::find_of_any(tx, authorization_id).await?.ok_or_else(missing)?;
    // Held, so that the authorization cannot end while the session begins, and sessions are numbered one after another.
    let case = cases::find_of_any_locked(tx, &found.case_id).await?.ok_or_else(missing)?;
    let auth = authorizations::find_of_any(tx, authorization_id).await?.ok_or_else(missing)?;
    if engineer.staff.is_none() || case.assignee_id.as_ref() != Some(&engineer.user_id) {
        return Err(Error::new(Code::NoPermission));
    }
    let until = in_force_until(&auth, now).ok_or_else(|| Error::new(Code::AuthorizationState))?;
    let line = authorizations::find_detail(tx, &auth.account_id, detail_id).await?;
    let line = line.filter(|line| line.authorization_id == auth.authorization_id).ok_or_else(missing)?;
    let (host, port) = host_of(&auth, &line)?;
    let mut logins = authorizations::open_login(tx, app, &auth).await?;
    let login = logins.remove(&detail_id).ok_or_else(|| Error::internal("an authorization in force has no login"))?;

    let session_id = sql::next_session(tx, &auth.account_id, authorization_id, detail_id).await?;
    let session = SessionKey {
        account_id: auth.account_id.clone(),
        authorization_id: authorization_id.clone(),
        detail_id,
        session_id,
    };
    sql::insert(tx, &session, &case.case_id, &engineer.user_id, &engineer.user_name, now).await?;
    let entry = Entry::Open { engineer_id: engineer.user_id.to_string(), host: host.clone(), port };
    append(tx, &session, entry, now).await?;
    let payload = json!({
        "authorization_id": authorization_id,
        "authorization_detail_id": detail_id,
        "session_id": session_id,
    });
    change::write_event(tx, &change::Doer::staff(engineer), &case, "authorization.session_opened", payload, now)
        .await?;
    Ok(Opened {
        session,
        access: auth.access,
        host,
        port,
        host_key: line.host_key,
        account: login.account,
        secret: login.secret,
        until,
    })
}

/// Until when an authorization is in force; nothing when it is not now.
fn in_force_until(auth: &AuthorizationRow, now: Micros) -> Option<Micros> {
    let (from, to) = auth.effective_at.zip(auth.expires_at)?;
    (auth.status == authorizations::rules::Status::Authorized && from <= now && now < to).then_some(to)
}

fn host_of(auth: &AuthorizationRow, line: &DetailRow) -> Result<(String, u16)> {
    let none = || Error::new(Code::AuthorizationState);
    let host = line.address.clone().filter(|_| auth.access.is_host()).ok_or_else(none)?;
    let port = line.port.and_then(|port| u16::try_from(port).ok()).ok_or_else(none)?;
    Ok((host, port))
}

/// Records a command as it was sent to the host.
pub async fn record_command(tx: &mut Tx, session: &SessionKey, command: &str, at: Micros) -> Result<()> {
    append(tx, session, Entry::Command { text: rules::cut(command, rules::LONGEST_COMMAND) }, at).await
}

/// Records a file that was moved, once it is over.
pub async fn record_transfer(tx: &mut Tx, session: &SessionKey, transfer: &Transfer, at: Micros) -> Result<()> {
    append(tx, session, Entry::Transfer(transfer.within_bounds()), at).await
}

/// Closes a session; nothing more can be recorded in it.
pub async fn close_session(tx: &mut Tx, session: &SessionKey, reason: &str, at: Micros) -> Result<()> {
    append(tx, session, Entry::Close { reason: rules::cut(reason, rules::LONGEST_REASON) }, at).await
}

/// Adds an entry to the chain of an open session.
async fn append(tx: &mut Tx, session: &SessionKey, entry: Entry, at: Micros) -> Result<()> {
    let mut row = sql::find_locked(tx, session).await?.ok_or_else(|| Error::new(Code::NoSuchSession))?;
    if row.closed_at.is_some() {
        return Err(Error::new(Code::NoSuchSession));
    }
    row.entries += 1;
    match &entry {
        Entry::Command { .. } => row.commands += 1,
        Entry::Transfer(_) => row.transfers += 1,
        Entry::Close { .. } => row.closed_at = Some(at),
        Entry::Open { .. } => {}
    }
    let body = entry.body();
    row.last_hash = rules::chain(&row.last_hash, &session.place(row.entries), entry.kind(), at, &body);
    sql::append(tx, session, &row, entry.kind(), &body, at).await?;
    Ok(())
}

/// Reads the chain of a session from its beginning; answers the number of the first entry that is not as it was written,
/// or is missing. Nothing is wrong when there is none.
pub async fn verify(tx: &mut Tx, session: &SessionKey) -> Result<Option<i64>> {
    let row = sql::find(tx, session).await?.ok_or_else(|| Error::new(Code::NoSuchSession))?;
    let entries = sql::list_all(tx, session).await?;
    let mut last_hash = String::new();
    for (expected, entry) in (1_i64..).zip(&entries) {
        let hash = rules::chain(&last_hash, &session.place(expected), &entry.kind, entry.at, &entry.body);
        if entry.entry_no != expected || entry.hash != hash {
            return Ok(Some(expected));
        }
        last_hash = hash;
    }
    let there = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    if there == row.entries && last_hash == row.last_hash { Ok(None) } else { Ok(Some(there.min(row.entries) + 1)) }
}
