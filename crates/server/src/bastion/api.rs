//! What customers read of sessions on the hosts that they granted.

use super::rules::{self, Transfer};
use super::sql::{self, EntryRow, SessionKey, SessionRow};
use crate::app::App;
use crate::authorizations::{self, PathIds};
use crate::caller::Caller;
use crate::error::{Code, Error, Result};
use crate::extract::Query;
use crate::reply::Reply;
use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::bastion::{
    CommandPage, HistoryCommand, HistorySession, HistoryTransfer, SessionPage, TransferPage,
};
use counterfoil_wire::ids::AuthorizationId;
use counterfoil_wire::time::Micros;

/// Which resource line of which authorization, and which part of the list.
struct Asked {
    authorization_id: AuthorizationId,
    detail_id: i64,
    group_id: Option<String>,
    offset: i64,
    limit: i64,
}

impl Asked {
    fn read(ids: &PathIds, query: &Query) -> Result<Self> {
        Ok(Self {
            authorization_id: ids.authorization()?,
            detail_id: ids.number("authorization_detail_id")?,
            group_id: query.text("group_id", 0..=64)?,
            offset: query.int("offset", 0..=65_535)?.unwrap_or(0),
            limit: query.int("limit", 1..=100)?.unwrap_or(10),
        })
    }

    /// Fails unless the caller may see the authorization, and it has this line.
    async fn check(&self, tx: &mut Tx, caller: &Caller) -> Result<()> {
        let missing = || Error::new(Code::NoSuchAuthorization);
        authorizations::load_visible(tx, caller, &self.authorization_id, self.group_id.as_deref()).await?;
        let line = authorizations::find_detail(tx, &caller.account_id, self.detail_id).await?;
        line.filter(|line| line.authorization_id == self.authorization_id).map(drop).ok_or_else(missing)
    }

    /// The same for a session on the line.
    async fn session(&self, tx: &mut Tx, caller: &Caller, session_id: i64) -> Result<(SessionKey, SessionRow)> {
        self.check(tx, caller).await?;
        let key = SessionKey {
            account_id: caller.account_id.clone(),
            authorization_id: self.authorization_id.clone(),
            detail_id: self.detail_id,
            session_id,
        };
        let session = sql::find(tx, &key).await?.ok_or_else(|| Error::new(Code::NoSuchSession))?;
        Ok((key, session))
    }
}

/// List the sessions on a host, newest first.
pub async fn list_history_sessions(
    State(app): State<App>,
    caller: Caller,
    ids: PathIds,
    query: Query,
) -> Result<Reply<SessionPage>> {
    let asked = Asked::read(&ids, &query)?;
    let now = app.clock.now();
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            asked.check(tx, &caller).await?;
            let (account, auth) = (&caller.account_id, &asked.authorization_id);
            let found = sql::list(tx, account, auth, asked.detail_id, asked.limit, asked.offset).await?;
            let (total_count, rows) = found;
            let session_list = rows.into_iter().map(|row| wire_session(&row, now)).collect();
            Ok(Reply(SessionPage { total_count, session_list }))
        })
        .await
}

fn wire_session(row: &SessionRow, now: Micros) -> HistorySession {
    let until = row.closed_at.unwrap_or(now);
    HistorySession {
        duration: rules::duration((until.0 - row.opened_at.0) / 1_000_000),
        session_id: row.session_id,
        start_time: row.opened_at.to_wire(),
        end_time: row.closed_at.map(Micros::to_wire),
    }
}

/// A session, and the part of its entries of one kind that was asked for.
async fn load_entries(
    app: &App,
    caller: Caller,
    ids: &PathIds,
    query: &Query,
    kind: &'static str,
) -> Result<(SessionRow, Vec<EntryRow>)> {
    let asked = Asked::read(ids, query)?;
    let session_id = ids.number("session_id")?;
    let oldest_first = query.int("sort", 0..=1)? == Some(1);
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let (key, session) = asked.session(tx, &caller, session_id).await?;
            let rows = sql::list_entries(tx, &key, kind, oldest_first, asked.limit, asked.offset).await?;
            Ok((session, rows))
        })
        .await
}

/// List the commands of a session.
pub async fn list_history_operate_logs(
    State(app): State<App>,
    caller: Caller,
    ids: PathIds,
    query: Query,
) -> Result<Reply<CommandPage>> {
    let (session, rows) = load_entries(&app, caller, &ids, &query, "command").await?;
    let command = |row: EntryRow| HistoryCommand {
        oper: rules::cut(&rules::command_text(&row.body), rules::SHOWN_COMMAND),
        operate_time: row.at.to_wire(),
    };
    let ops_list = rows.into_iter().map(command).collect();
    Ok(Reply(CommandPage { total_count: session.commands, ops_list }))
}

/// List the files that were moved in a session.
pub async fn list_transport_histories(
    State(app): State<App>,
    caller: Caller,
    ids: PathIds,
    query: Query,
) -> Result<Reply<TransferPage>> {
    let (session, rows) = load_entries(&app, caller, &ids, &query, "transfer").await?;
    let file_ops_list = rows.iter().map(wire_transfer).collect::<Result<_>>()?;
    Ok(Reply(TransferPage { total_count: session.transfers, file_ops_list }))
}

fn wire_transfer(row: &EntryRow) -> Result<HistoryTransfer> {
    let transfer: Transfer = serde_json::from_str(&row.body).map_err(Error::internal)?;
    Ok(HistoryTransfer {
        duration: rules::duration(i64::try_from(transfer.duration_ms / 1000).unwrap_or(i64::MAX)),
        operate_time: row.at.to_wire(),
        operate_type: transfer.direction.as_str().to_owned(),
        file_name: transfer.file_name,
        from_path: transfer.from_path,
        to_path: transfer.to_path,
        file_size: rules::size(transfer.size_bytes),
        oper_result: if transfer.succeeded { "success" } else { "failure" }.to_owned(),
    })
}
