//! One writer thread with group commit: the rows of a new case, and nothing else.

use crate::requests::now;
use anyhow::Context;
use counterfoil_wire::ids::{CASE_SERIALS, CaseId, LogId, MessageId};
use counterfoil_wire::time::Micros;
use rusqlite::{Connection, params};
use serde::Deserialize;
use std::path::Path;
use tokio::sync::{mpsc, oneshot};

/// The most units in one commit, as in the server.
const GROUP: usize = 256;

/// What a client sends.
#[derive(Deserialize)]
pub struct NewCase {
    account_id: String,
    user_id: String,
    user_name: String,
    description: String,
    /// Computed by the client: what the index holds is the same, the work of finding it is not the writer's.
    tokens: String,
}

type Reply = oneshot::Sender<anyhow::Result<CaseId>>;

/// The thread's queue.
pub struct Writer(mpsc::UnboundedSender<(NewCase, Reply)>);

impl Writer {
    /// Starts the thread.
    pub fn start(file: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(file)?;
        connection.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000; PRAGMA mmap_size=33554432; \
             PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=1000; PRAGMA busy_timeout=10000;",
        )?;
        connection.set_prepared_statement_cache_capacity(64);
        let (sender, queue) = mpsc::unbounded_channel();
        std::thread::spawn(move || write_loop(&connection, queue));
        Ok(Self(sender))
    }

    /// Commits a case.
    pub async fn create(&self, case: NewCase) -> anyhow::Result<CaseId> {
        let (reply, answer) = oneshot::channel();
        self.0.send((case, reply)).ok().context("the writer has ended")?;
        answer.await?
    }
}

fn write_loop(connection: &Connection, mut queue: mpsc::UnboundedReceiver<(NewCase, Reply)>) {
    let mut group = Vec::new();
    let mut last = 0;
    while queue.blocking_recv_many(&mut group, GROUP) > 0 {
        let mut commit = || -> anyhow::Result<Vec<CaseId>> {
            connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            let mut ids = Vec::new();
            for (case, _) in &group {
                last = now().0.max(last + 1);
                ids.push(write(connection, case, Micros(last))?);
            }
            connection.prepare_cached("COMMIT")?.execute([])?;
            Ok(ids)
        };
        match commit() {
            Ok(ids) => {
                for ((_, reply), id) in group.drain(..).zip(ids) {
                    let _ = reply.send(Ok(id));
                }
            }
            Err(error) => {
                let _ = connection.execute_batch("ROLLBACK");
                let text = format!("{error:#}");
                for (_, reply) in group.drain(..) {
                    let _ = reply.send(Err(anyhow::anyhow!(text.clone())));
                }
            }
        }
    }
}

/// What the server writes for a submission: the same tables, rows and indexes.
fn write(connection: &Connection, new: &NewCase, now: Micros) -> anyhow::Result<CaseId> {
    let case_id = free_id(connection, now)?;
    let (id, at, number) = (case_id.as_str(), now.0, now.0 * 1000);
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| connection.prepare_cached(sql)?.execute(values);
    run(
        "INSERT INTO cases (account_id, case_no, case_id, user_id, user_name, status, case_type, sub_type_id, product_id, \
         problem_id, region_id, severity_id, source_id, project_id, description, params, extension, remind_time, \
         assignee_id, assignee_name, urge_count, urged_at, reminder_count, reopen_count, judgement, resolution, \
         pause_reason, resume_at, created_at, updated_at, status_at, resolved_at, ended_at, ended_by) VALUES \
         (?1, ?2, ?3, ?4, ?5, 0, 0, ?6, ?6, ?6, NULL, NULL, ?6, NULL, ?7, '{}', '{}', '0', NULL, NULL, 0, 0, 0, 0, '', \
         '', '', NULL, ?8, ?8, ?8, NULL, NULL, '')",
        params![new.account_id, number, id, new.user_id, new.user_name, SOME_ID, new.description, at],
    )?;
    run(
        "INSERT INTO case_secrets (account_id, case_id, kind, message_id, sealed) VALUES (?1, ?2, 'contact', '', ?3)",
        params![new.account_id, id, [0_u8; 80]],
    )?;
    run(
        "INSERT INTO messages (account_id, case_id, message_id, visibility, author_kind, author_id, author_name, \
         author_is_owner, is_first, content, created_at) VALUES (?1, ?2, ?3, 'public', 0, ?4, ?5, 0, 1, ?6, ?7)",
        params![new.account_id, id, MessageId::random(now).as_str(), new.user_id, new.user_name, new.description, at],
    )?;
    run(
        "INSERT INTO search_docs (doc_no, account_id, case_no, is_note) VALUES (?1, ?2, ?1, 0)",
        params![number, new.account_id],
    )?;
    run("INSERT INTO search_tokens (rowid, tokens) VALUES (?1, ?2)", params![number, new.tokens])?;
    run(
        "INSERT INTO operate_logs (account_id, case_id, log_id, operate_type, operator_type, operator_id, operator_name, \
         description, created_at) VALUES (?1, ?2, ?3, 0, 0, ?4, ?5, '', ?6)",
        params![new.account_id, id, LogId::random(now).as_str(), new.user_id, new.user_name, at],
    )?;
    run(
        "INSERT INTO events (account_id, kind, subject, actor, payload, created_at) \
         VALUES (?1, 'case.created', ?2, ?3, ?4, ?5)",
        params![new.account_id, id, new.user_id, "{\"business_type_id\":\"\",\"severity_id\":null}", at],
    )?;
    for scope in ["cases".to_owned(), format!("cases:{}", new.user_id)] {
        run(
            "INSERT INTO counters (account_id, scope, name, amount) VALUES (?1, ?2, '0', 1) \
             ON CONFLICT (account_id, scope, name) DO UPDATE SET amount = counters.amount + excluded.amount",
            params![new.account_id, scope],
        )?;
    }
    Ok(case_id)
}

/// An id that no case has; the server looks, too.
fn free_id(connection: &Connection, now: Micros) -> anyhow::Result<CaseId> {
    let mut taken = connection.prepare_cached("SELECT 1 FROM cases WHERE case_id = ?1")?;
    loop {
        let id = CaseId::compose(now, rand::random_range(0..CASE_SERIALS));
        if !taken.exists([id.as_str()])? {
            return Ok(id);
        }
    }
}

/// In place of the ids of the catalogue and of the channel.
const SOME_ID: &str = "0123456789abcdef0123456789abcdef";
