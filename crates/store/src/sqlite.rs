//! The embedded engine: one writer thread with group commit, and reader threads with read-only connections.
//!
//! The writer takes what is queued (up to [`GROUP`] units), opens one `BEGIN IMMEDIATE`, runs each unit and commits once,
//! so that one fsync serves the whole group. When a unit fails after it has written something, the group is rolled back
//! and run again with a savepoint for each unit, so that no failure touches a neighbour. `journal_mode=WAL` and
//! `synchronous=FULL`: an answer means that the data is on disk. Readers see committed groups only, which WAL gives
//! for free.

use crate::file::open;
use crate::store::{Shared, Topic};
use crate::tx::{EngineTx, Marks, run_unit};
use crate::{Result, Row, StoreError, Tx, Val};
use rusqlite::{Connection, ErrorCode, ffi, types::ToSqlOutput, types::ValueRef};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot, watch};

/// The most units in one commit.
pub const GROUP: usize = 256;
/// The handles of the threads: a queue for each kind of unit.
pub(crate) struct Sqlite {
    writes: mpsc::Sender<Box<dyn Unit>>,
    reads: mpsc::Sender<Box<dyn Unit>>,
    /// Closes when the threads have ended and the file is closed.
    ended: watch::Receiver<()>,
}

/// A queued unit with its answer.
pub(crate) trait Unit: Send {
    /// Runs to the end; true asks to keep the changes. May be run again after its changes were undone.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Sends the answer, which is `outcome`'s error where the group failed.
    fn answer(self: Box<Self>, outcome: Result<()>);
}

struct UnitOf<F, T, E> {
    work: F,
    result: Option<std::result::Result<T, E>>,
    reply: oneshot::Sender<std::result::Result<T, E>>,
}

impl<F, T, E> Unit for UnitOf<F, T, E>
where
    F: AsyncFn(&mut Tx) -> std::result::Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        let polled = catch_unwind(AssertUnwindSafe(|| {
            pin!(run_unit(&self.work, tx)).poll(&mut Context::from_waker(Waker::noop()))
        }));
        let result = match polled {
            Ok(Poll::Ready(result)) => result,
            Ok(Poll::Pending) => Err(StoreError::Waited.into()),
            Err(payload) => Err(StoreError::Panicked(panic_text(payload.as_ref())).into()),
        };
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, outcome: Result<()>) {
        let result = match (outcome, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(StoreError::unavailable("the unit was not run").into()),
            (Err(_), Some(Err(own))) => Err(own),
            (Err(group), _) => Err(group.into()),
        };
        // Nobody waits any more when the request was dropped; what was committed stays committed.
        let _ = self.reply.send(result);
    }
}

pub(crate) fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no text".to_owned())
}

impl Sqlite {
    /// Opens the file at `path` (it was migrated before) and starts the threads.
    pub(crate) fn start(path: &Path, readers: usize, queue: usize, shared: &Arc<Shared>) -> Result<Self> {
        let (writes, write_queue) = mpsc::channel(queue);
        let (reads, read_queue) = mpsc::channel(queue);
        let connection = open(path, false)?;
        let names = Arc::new(unique_index_names(&connection)?);
        let read_queue = Arc::new(Mutex::new(read_queue));
        let mut threads = Vec::new();
        for number in 0..readers.max(1) {
            let connection = open(path, true)?;
            let (queue, names) = (Arc::clone(&read_queue), Arc::clone(&names));
            threads.push(spawn(&format!("store-reader-{number}"), move || read_loop(connection, &queue, &names))?);
        }
        let (open_until, ended) = watch::channel(());
        let (shared, names) = (Arc::clone(shared), Arc::clone(&names));
        spawn("store-writer", move || {
            let connection = Rc::new(connection);
            write_loop(&connection, write_queue, &names, &shared);
            for thread in threads {
                let _ = thread.join();
            }
            // The last connection to close folds the write-ahead log into the file and removes it.
            drop(connection);
            drop(open_until);
        })?;
        Ok(Self { writes, reads, ended })
    }

    pub(crate) fn ended(&self) -> watch::Receiver<()> {
        self.ended.clone()
    }

    pub(crate) async fn submit<F, T, E>(&self, write: bool, work: F) -> std::result::Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let unit = Box::new(UnitOf { work, result: None, reply });
        let queue = if write { &self.writes } else { &self.reads };
        match queue.try_send(unit) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(StoreError::Busy.into()),
            Err(mpsc::error::TrySendError::Closed(_)) => {
                return Err(StoreError::unavailable("the store has stopped").into());
            }
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::unavailable("the store has stopped").into()))
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    // A unit that makes a timer or a socket is then refused when it waits for it, as on PostgreSQL.
    let runtime = tokio::runtime::Handle::current();
    let work = move || {
        let _inside = runtime.enter();
        work();
    };
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(StoreError::unavailable)
}

fn write_loop(
    connection: &Rc<Connection>,
    mut queue: mpsc::Receiver<Box<dyn Unit>>,
    names: &Arc<HashMap<String, String>>,
    shared: &Shared,
) {
    let mut group = Vec::with_capacity(GROUP);
    while queue.blocking_recv_many(&mut group, GROUP) > 0 {
        let mut waiting = std::mem::take(&mut group);
        while !waiting.is_empty() {
            waiting = run_group(connection, waiting, names, shared);
        }
    }
}

/// Runs one group and answers it. What is left over is returned: the units behind one that broke the transaction.
///
/// A savepoint for each unit copies every page that the unit changes, and has the full-text index write out what it
/// gathers. Units that fail nearly always do so before they write, so the group is first tried without.
fn run_group(
    connection: &Rc<Connection>,
    mut group: Vec<Box<dyn Unit>>,
    names: &Arc<HashMap<String, String>>,
    shared: &Shared,
) -> Vec<Box<dyn Unit>> {
    if let Err(e) = step(connection, "BEGIN IMMEDIATE") {
        for unit in group {
            unit.answer(Err(e.again()));
        }
        return Vec::new();
    }
    let mut marks = Vec::new();
    for unit in &mut group {
        let before = connection.total_changes();
        let mut tx = new_tx(connection, names);
        let keep = unit.run(&mut tx);
        if keep {
            marks.push(tx.marks);
        }
        if connection.is_autocommit() || (!keep && connection.total_changes() != before) {
            // Half of a unit is in the transaction, or the engine has undone it: from the start, each for itself.
            let _ = step(connection, "ROLLBACK");
            return run_apart(connection, group, names, shared);
        }
    }
    commit(connection, group, &marks, shared);
    Vec::new()
}

fn new_tx(connection: &Rc<Connection>, names: &Arc<HashMap<String, String>>) -> Tx {
    Tx::new(EngineTx::Sqlite(SqliteTx { connection: Rc::clone(connection), names: Arc::clone(names) }))
}

/// Like [`run_group`], with a savepoint for each unit.
fn run_apart(
    connection: &Rc<Connection>,
    group: Vec<Box<dyn Unit>>,
    names: &Arc<HashMap<String, String>>,
    shared: &Shared,
) -> Vec<Box<dyn Unit>> {
    if let Err(e) = step(connection, "BEGIN IMMEDIATE") {
        for unit in group {
            unit.answer(Err(e.again()));
        }
        return Vec::new();
    }
    let mut done: Vec<Box<dyn Unit>> = Vec::with_capacity(group.len());
    let mut marks = Vec::new();
    let mut units = group.into_iter();
    for mut unit in units.by_ref() {
        if let Err(e) = step(connection, "SAVEPOINT unit") {
            unit.answer(Err(e));
            continue;
        }
        let mut tx = new_tx(connection, names);
        let keep = unit.run(&mut tx);
        if connection.is_autocommit() {
            // A full disk or an I/O error made SQLite undo the whole transaction: nothing of this group is there.
            let lost = StoreError::unavailable("the transaction was undone by the engine");
            unit.answer(Err(lost.again()));
            for before in done {
                before.answer(Err(lost.again()));
            }
            return units.collect();
        }
        let closed = if keep {
            step(connection, "RELEASE unit")
        } else {
            step(connection, "ROLLBACK TO unit").and_then(|()| step(connection, "RELEASE unit"))
        };
        if let Err(e) = closed {
            let _ = step(connection, "ROLLBACK");
            unit.answer(Err(e.again()));
            for before in done {
                before.answer(Err(e.again()));
            }
            return units.collect();
        }
        if keep {
            marks.push(tx.marks);
        }
        done.push(unit);
    }
    commit(connection, done, &marks, shared);
    Vec::new()
}

/// Commits what the units did and answers them.
fn commit(connection: &Connection, done: Vec<Box<dyn Unit>>, marks: &[Marks], shared: &Shared) {
    let outcome = count_marks(connection, marks).and_then(|()| step(connection, "COMMIT"));
    if outcome.is_err() {
        let _ = step(connection, "ROLLBACK");
    } else {
        for topic in marks.iter().flat_map(|m| m.topics()) {
            shared.bump(topic);
        }
    }
    for unit in done {
        unit.answer(outcome.as_ref().map_or_else(|e| Err(e.again()), |()| Ok(())));
    }
}

/// Writes the change marks of the group, so that other processes on this file see them.
fn count_marks(connection: &Connection, marks: &[Marks]) -> Result<()> {
    for topic in Topic::ALL {
        if topic.is_counted() && marks.iter().any(|m| m.topics().any(|t| t == topic)) {
            let tx = &mut connection.prepare_cached(crate::store::MARK.sqlite).map_err(engine)?;
            tx.execute([topic.name()]).map_err(engine)?;
        }
    }
    Ok(())
}

fn read_loop(
    connection: Connection,
    queue: &Mutex<mpsc::Receiver<Box<dyn Unit>>>,
    names: &Arc<HashMap<String, String>>,
) {
    let connection = Rc::new(connection);
    loop {
        // One idle reader waits in the queue, the others for the lock: whoever gets a unit lets the next one wait.
        let next = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).blocking_recv();
        let Some(mut unit) = next else { return };
        let begun = step(&connection, "BEGIN");
        if begun.is_ok() {
            unit.run(&mut new_tx(&connection, names));
            if !connection.is_autocommit() {
                let _ = step(&connection, "COMMIT");
            }
        }
        unit.answer(begun);
    }
}

fn step(connection: &Connection, sql: &str) -> Result<()> {
    connection.prepare_cached(sql).and_then(|mut s| s.execute([])).map(drop).map_err(engine)
}

/// A transaction of this engine. All its calls complete at once.
pub(crate) struct SqliteTx {
    connection: Rc<Connection>,
    names: Arc<HashMap<String, String>>,
}

impl SqliteTx {
    pub(crate) fn execute(&mut self, sql: &str, args: &[Val]) -> Result<u64> {
        let run = || {
            let mut stmt = self.connection.prepare_cached(sql)?;
            bind(&mut stmt, args)?;
            stmt.raw_execute()
        };
        run().map(|n| n as u64).map_err(|e| self.named(e))
    }

    pub(crate) fn query(&mut self, sql: &str, args: &[Val]) -> Result<Vec<Row>> {
        let run = || {
            let mut stmt = self.connection.prepare_cached(sql)?;
            bind(&mut stmt, args)?;
            let width = stmt.column_count();
            let mut rows = stmt.raw_query();
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                let mut values = Vec::with_capacity(width);
                for i in 0..width {
                    values.push(match row.get_ref(i)? {
                        ValueRef::Null => Val::Null,
                        ValueRef::Integer(n) => Val::Int(n),
                        ValueRef::Real(f) => Val::Real(f),
                        ValueRef::Text(t) => Val::Text(String::from_utf8_lossy(t).into_owned()),
                        ValueRef::Blob(b) => Val::Blob(b.to_vec()),
                    });
                }
                out.push(Row(values));
            }
            Ok(out)
        };
        run().map_err(|e| self.named(e))
    }

    pub(crate) fn prepare(&mut self, sql: &str) -> Result<usize> {
        self.connection.prepare(sql).map(|stmt| stmt.parameter_count()).map_err(engine)
    }

    /// SQLite names the columns of a violated unique index; the map gives the index's own name, as PostgreSQL does.
    fn named(&self, e: rusqlite::Error) -> StoreError {
        if let rusqlite::Error::SqliteFailure(code, Some(message)) = &e
            && matches!(code.extended_code, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY)
        {
            let columns = message.trim_start_matches("UNIQUE constraint failed: ");
            let columns = columns.trim_start_matches("index '").trim_end_matches('\'');
            return StoreError::Unique(self.names.get(columns).cloned().unwrap_or_else(|| columns.to_owned()));
        }
        engine(e)
    }
}

fn bind(stmt: &mut rusqlite::CachedStatement<'_>, args: &[Val]) -> rusqlite::Result<()> {
    if stmt.parameter_count() != args.len() {
        return Err(rusqlite::Error::InvalidParameterCount(args.len(), stmt.parameter_count()));
    }
    for (i, arg) in args.iter().enumerate() {
        stmt.raw_bind_parameter(i + 1, arg)?;
    }
    Ok(())
}

impl rusqlite::ToSql for Val {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Val::Null => ValueRef::Null,
            Val::Int(i) => ValueRef::Integer(*i),
            Val::Real(f) => ValueRef::Real(*f),
            Val::Text(t) => ValueRef::Text(t.as_bytes()),
            Val::Blob(b) => ValueRef::Blob(b),
        }))
    }
}

pub(crate) fn engine(e: rusqlite::Error) -> StoreError {
    match e.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            StoreError::Unusable(format!("the database file is damaged: {e}"))
        }
        Some(
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::OutOfMemory,
        ) => StoreError::unavailable(e),
        _ => StoreError::Engine(Box::new(e)),
    }
}

/// Maps "table.a, table.b" to the name of the unique index over these columns.
fn unique_index_names(connection: &Connection) -> Result<HashMap<String, String>> {
    let mut names = HashMap::new();
    let mut list = connection
        .prepare(
            "SELECT t.name, i.name, i.origin, (SELECT group_concat(t.name || '.' || c.name, ', ') FROM \
             pragma_index_info(i.name) c) FROM sqlite_schema t, pragma_index_list(t.name) i \
             WHERE t.type = 'table' AND i.\"unique\" = 1",
        )
        .map_err(engine)?;
    let mut rows = list.query([]).map_err(engine)?;
    while let Some(row) = rows.next().map_err(engine)? {
        let table: String = row.get(0).map_err(engine)?;
        let index: String = row.get(1).map_err(engine)?;
        let origin: String = row.get(2).map_err(engine)?;
        let columns: Option<String> = row.get(3).map_err(engine)?;
        let name = if origin == "pk" { format!("{table}_pkey") } else { index.clone() };
        names.insert(columns.unwrap_or_default(), name.clone());
        names.insert(index, name);
    }
    // An INTEGER PRIMARY KEY has no index of its own.
    let mut keys = connection
        .prepare(
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND c.pk > 0 \
             AND (SELECT count(*) FROM pragma_table_info(t.name) k WHERE k.pk > 0) = 1",
        )
        .map_err(engine)?;
    let mut rows = keys.query([]).map_err(engine)?;
    while let Some(row) = rows.next().map_err(engine)? {
        let (table, column): (String, String) = (row.get(0).map_err(engine)?, row.get(1).map_err(engine)?);
        names.insert(format!("{table}.{column}"), format!("{table}_pkey"));
    }
    Ok(names)
}
