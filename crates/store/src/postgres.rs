//! PostgreSQL: a pool of connections, prepared statements, bounded retries, and LISTEN/NOTIFY.
//!
//! Units run on blocking threads, so that one closure serves both engines without having to be `Send` while it waits.
//! Transactions are READ COMMITTED: a unit that decides on a row locks it (`FOR UPDATE` in the statement's PostgreSQL
//! text). Serialization failures and deadlocks are tried again, as is a connection that was lost before the commit.
//! With `prepared = false` no named statement is left on a connection, which a transaction-mode pooler needs.

use crate::connect::{parse, tls, with_causes};
use crate::store::{MARK, Shared, Topic};
use crate::tx::{EngineTx, run_unit};
use crate::{Options, Result, Row, StoreError, Tx, Val};
use bytes::BytesMut;
use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType, Timeouts,
};
use futures_util::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{AsyncMessage, NoTls};

/// How often a unit is tried before its failure is answered.
const TRIES: u32 = 8;
/// The channel that change marks are announced on.
const CHANNEL: &str = "counterfoil";

/// How long a unit waits for a connection before it is told that the store is busy.
const WAIT: Duration = Duration::from_secs(5);

/// The pool and the settings of its transactions.
#[derive(Clone)]
pub(crate) struct Postgres {
    pool: Pool,
    prepared: bool,
    statement_timeout_ms: u64,
    /// The most units that wait for a connection.
    queue: usize,
    waiting: Arc<AtomicUsize>,
}

/// A place among those that wait for a connection.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Postgres {
    pub(crate) fn new(url: &str, options: &Options) -> Result<Self> {
        let config = parse(url)?;
        let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = match tls(&config)? {
            Some(tls) => Manager::from_config(config, tls, manager),
            None => Manager::from_config(config, NoTls, manager),
        };
        let pool = Pool::builder(manager)
            .max_size(options.pool)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts { wait: Some(WAIT), create: Some(Duration::from_secs(10)), recycle: Some(WAIT) })
            .build()
            .map_err(StoreError::unavailable)?;
        Ok(Self {
            pool,
            prepared: options.prepared,
            statement_timeout_ms: options.statement_timeout_ms,
            queue: options.queue,
            waiting: Arc::default(),
        })
    }

    async fn connection(&self) -> Result<Object> {
        // Requests that would wait behind a long queue are told so at once instead of piling up.
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _place = Waiting(&self.waiting);
        if before >= self.queue {
            return Err(StoreError::Busy);
        }
        self.pool.get().await.map_err(|e| match e {
            PoolError::Timeout(TimeoutType::Wait) => StoreError::Busy,
            other => StoreError::unavailable(with_causes(&other)),
        })
    }

    pub(crate) async fn submit<F, T, E>(&self, write: bool, shared: Arc<Shared>, work: F) -> std::result::Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let first = self.connection().await?;
        let (me, runtime) = (self.clone(), tokio::runtime::Handle::current());
        let run = move || runtime.block_on(me.run(first, write, &shared, &work));
        match tokio::task::spawn_blocking(run).await {
            Ok(result) => result,
            Err(e) if e.is_panic() => {
                Err(StoreError::Panicked(crate::sqlite::panic_text(e.into_panic().as_ref())).into())
            }
            Err(e) => Err(StoreError::unavailable(e).into()),
        }
    }

    async fn run<F, T, E>(&self, first: Object, write: bool, shared: &Shared, work: &F) -> std::result::Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> std::result::Result<T, E>,
        E: From<StoreError>,
    {
        let mut connection = Some(first);
        let mut pause = 2;
        for attempt in 1.. {
            let client = match connection.take() {
                Some(client) => client,
                None => self.connection().await?,
            };
            let failure = match self.once(client, write, shared, work).await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            if !failure.again || attempt >= TRIES {
                return Err(failure.error);
            }
            // The pause grows and differs between units, so that those which collided do not meet again.
            tokio::time::sleep(Duration::from_millis(pause + u64::from(attempt) * 3 % 7)).await;
            pause *= 2;
        }
        Err(StoreError::Busy.into())
    }

    async fn once<F, T, E>(
        &self,
        client: Object,
        write: bool,
        shared: &Shared,
        work: &F,
    ) -> std::result::Result<T, Failure<E>>
    where
        F: AsyncFn(&mut Tx) -> std::result::Result<T, E>,
        E: From<StoreError>,
    {
        let timeout = self.statement_timeout_ms;
        let begin = if write {
            format!("BEGIN; SET LOCAL statement_timeout = {timeout}; SET LOCAL synchronous_commit = on")
        } else {
            format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {timeout}")
        };
        if let Err(e) = client.batch_execute(&begin).await {
            drop(Object::take(client));
            // Nothing was asked yet, so a lost connection is simply replaced.
            return Err(Failure { error: StoreError::unavailable(e).into(), again: true });
        }
        let client = Cleanup(Some(client));
        let mut tx =
            Tx::new(EngineTx::Postgres(Box::new(PostgresTx { client, prepared: self.prepared, retry: false })));
        let result = run_unit(work, &mut tx).await;
        let (marks, is_sound) = (tx.marks, tx.is_sound());
        let EngineTx::Postgres(mut tx) = tx.engine else {
            return Err(Failure { error: StoreError::Busy.into(), again: false });
        };
        let value = match result {
            Ok(value) => value,
            Err(error) => {
                // Behind an abandoned call the rollback would wait for its end, so that connection is closed instead.
                let undone = match tx.client.get() {
                    Some(client) if is_sound => client.batch_execute("ROLLBACK").await.is_ok(),
                    _ => false,
                };
                if undone {
                    tx.client.keep();
                }
                return Err(Failure { error, again: tx.retry });
            }
        };
        if write {
            for topic in marks.topics() {
                let mut marked = Ok(0);
                if topic.is_counted() {
                    marked = tx.execute(MARK.postgres, &[Val::Text(topic.name().to_owned())]).await;
                }
                if marked.is_ok() {
                    let notice = [Val::Text(CHANNEL.to_owned()), Val::Text(topic.name().to_owned())];
                    marked = tx.query("SELECT CAST(pg_notify($1, $2) AS TEXT)", &notice).await.map(|_| 0);
                }
                if let Err(e) = marked {
                    return Err(Failure { error: e.into(), again: tx.retry });
                }
            }
        }
        let Some(client) = tx.client.get() else {
            return Err(Failure { error: StoreError::Busy.into(), again: false });
        };
        match client.batch_execute("COMMIT").await {
            Ok(()) => {
                tx.client.keep();
                for topic in marks.topics() {
                    shared.bump(topic);
                }
                Ok(value)
            }
            // Only these two say for sure that nothing was committed and that another try may succeed.
            Err(e) if is_collision(&e) => Err(Failure { error: StoreError::Busy.into(), again: true }),
            Err(e) => {
                // A server that goes down or away during the commit may have done it.
                let in_doubt = e.code().is_none_or(|code| code.code().starts_with("57") || code.code() == "40003");
                let error = StoreError::Unavailable { message: with_causes(&e), in_doubt };
                Err(Failure { error: error.into(), again: false })
            }
        }
    }

    /// Waits for announcements of other nodes and hands each topic to `heard`; returns when the connection is lost.
    pub(crate) async fn listen(url: &str, heard: impl Fn(Topic)) -> Result<()> {
        let config = parse(url)?;
        let lost = |e: tokio_postgres::Error| StoreError::unavailable(e);
        if let Some(tls) = tls(&config)? {
            let (client, connection) = config.connect(tls).await.map_err(lost)?;
            attend(&client, connection, heard).await
        } else {
            let (client, connection) = config.connect(NoTls).await.map_err(lost)?;
            attend(&client, connection, heard).await
        }
    }

    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

async fn attend<S, T>(
    client: &tokio_postgres::Client,
    mut connection: tokio_postgres::Connection<S, T>,
    heard: impl Fn(Topic),
) -> Result<()>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut listening = std::pin::pin!(client.batch_execute("LISTEN counterfoil"));
    let mut started = false;
    loop {
        let message = poll_fn(|cx| {
            if !started && let std::task::Poll::Ready(done) = std::future::Future::poll(listening.as_mut(), cx) {
                started = true;
                if let Err(e) = done {
                    return std::task::Poll::Ready(Some(Err(e)));
                }
                // Whatever changed before the subscription took effect is taken as changed.
                Topic::ALL.into_iter().for_each(&heard);
            }
            connection.poll_message(cx)
        })
        .await;
        match message {
            Some(Ok(AsyncMessage::Notification(notice))) => {
                if let Some(topic) = Topic::ALL.into_iter().find(|t| t.name() == notice.payload()) {
                    heard(topic);
                }
            }
            Some(Ok(_)) => {}
            Some(Err(e)) => return Err(StoreError::unavailable(e)),
            None => return Ok(()),
        }
    }
}

struct Failure<E> {
    error: E,
    again: bool,
}

/// A connection in the middle of a transaction: unless it was closed properly, it does not go back to the pool.
struct Cleanup(Option<Object>);

impl Cleanup {
    fn get(&self) -> Option<&Object> {
        self.0.as_ref()
    }
    /// The transaction was ended: the connection may be used again.
    fn keep(&mut self) {
        self.0 = None;
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            drop(Object::take(client));
        }
    }
}

/// A transaction of this engine.
pub(crate) struct PostgresTx {
    client: Cleanup,
    prepared: bool,
    /// A statement failed in a way that a new try may avoid.
    retry: bool,
}

impl PostgresTx {
    pub(crate) async fn execute(&mut self, sql: &str, args: &[Val]) -> Result<u64> {
        let client = self.client.get().ok_or(StoreError::Busy)?;
        let done = if self.prepared {
            match client.prepare_cached(sql).await {
                Ok(stmt) => client.execute(&stmt, &refs(args)).await,
                Err(e) => Err(e),
            }
        } else {
            client.execute_typed(sql, &typed(args)).await
        };
        done.map_err(|e| self.failed(e))
    }

    pub(crate) async fn query(&mut self, sql: &str, args: &[Val]) -> Result<Vec<Row>> {
        let client = self.client.get().ok_or(StoreError::Busy)?;
        let done = if self.prepared {
            match client.prepare_cached(sql).await {
                Ok(stmt) => client.query(&stmt, &refs(args)).await,
                Err(e) => Err(e),
            }
        } else {
            client.query_typed(sql, &typed(args)).await
        };
        done.map_err(|e| self.failed(e))?.iter().map(row).collect()
    }

    /// Runs a query that is not worth keeping: texts which combine freely would fill the cache of the connection.
    pub(crate) async fn query_once(&mut self, sql: &str, args: &[Val]) -> Result<Vec<Row>> {
        let client = self.client.get().ok_or(StoreError::Busy)?;
        let done = client.query_typed(sql, &typed(args)).await;
        done.map_err(|e| self.failed(e))?.iter().map(row).collect()
    }

    pub(crate) async fn prepare(&mut self, sql: &str) -> Result<usize> {
        let client = self.client.get().ok_or(StoreError::Busy)?;
        client.prepare(sql).await.map(|stmt| stmt.params().len()).map_err(|e| self.failed(e))
    }

    fn failed(&mut self, e: tokio_postgres::Error) -> StoreError {
        let Some(db) = e.as_db_error() else {
            if !is_lost(&e) {
                return StoreError::Engine(with_causes(&e).into());
            }
            self.retry = true;
            return StoreError::unavailable(with_causes(&e));
        };
        self.retry |= is_transient(&e);
        if *db.code() == SqlState::UNIQUE_VIOLATION {
            return StoreError::Unique(db.constraint().unwrap_or_default().to_owned());
        }
        if *db.code() == SqlState::QUERY_CANCELED {
            return StoreError::Timeout;
        }
        let unavailable = [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::DISK_FULL,
            SqlState::TOO_MANY_CONNECTIONS,
            SqlState::READ_ONLY_SQL_TRANSACTION,
        ];
        if unavailable.contains(db.code()) {
            return StoreError::unavailable(e);
        }
        if self.retry {
            return StoreError::Busy;
        }
        // The server's DETAIL may hold what a row holds, which belongs in no log.
        StoreError::Engine(format!("{} ({})", db.message(), db.code().code()).into())
    }
}

/// The engine undid one of several transactions that were in each other's way.
fn is_collision(e: &tokio_postgres::Error) -> bool {
    let collisions = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
    e.code().is_some_and(|code| collisions.contains(code))
}

/// The connection is gone, as opposed to a statement that could not be sent.
fn is_lost(e: &tokio_postgres::Error) -> bool {
    e.is_closed() || std::error::Error::source(e).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

/// Before the commit, losing the server is no worse than a collision.
fn is_transient(e: &tokio_postgres::Error) -> bool {
    let gone = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW];
    is_collision(e) || e.code().is_some_and(|code| gone.contains(code))
}

fn refs(args: &[Val]) -> Vec<&(dyn ToSql + Sync)> {
    args.iter().map(|v| v as &(dyn ToSql + Sync)).collect()
}

fn typed(args: &[Val]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    let kind = |v: &Val| match v {
        Val::Null => Type::UNKNOWN,
        Val::Int(_) => Type::INT8,
        Val::Real(_) => Type::FLOAT8,
        Val::Text(_) => Type::TEXT,
        Val::Blob(_) => Type::BYTEA,
    };
    args.iter().map(|v| (v as &(dyn ToSql + Sync), kind(v))).collect()
}

fn row(from: &tokio_postgres::Row) -> Result<Row> {
    let mut values = Vec::with_capacity(from.len());
    for (i, column) in from.columns().iter().enumerate() {
        let read = match *column.type_() {
            Type::INT8 => from.try_get::<_, Option<i64>>(i).map(|v| v.map_or(Val::Null, Val::Int)),
            Type::INT4 => from.try_get::<_, Option<i32>>(i).map(Val::from),
            Type::FLOAT8 => from.try_get::<_, Option<f64>>(i).map(Val::from),
            Type::BOOL => from.try_get::<_, Option<bool>>(i).map(Val::from),
            Type::BYTEA => from.try_get::<_, Option<Vec<u8>>>(i).map(Val::from),
            _ => from.try_get::<_, Option<String>>(i).map(Val::from),
        };
        values.push(read.map_err(|e| StoreError::Engine(Box::new(e)))?);
    }
    Ok(Row(values))
}

impl ToSql for Val {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Val::Null => Ok(IsNull::Yes),
            Val::Int(i) if *ty == Type::INT8 => i.to_sql(ty, out),
            Val::Int(i) if *ty == Type::INT4 => i32::try_from(*i)?.to_sql(ty, out),
            Val::Int(i) if *ty == Type::FLOAT8 => (*i as f64).to_sql(ty, out),
            Val::Int(i) if *ty == Type::BOOL => (*i != 0).to_sql(ty, out),
            Val::Real(f) if *ty == Type::FLOAT8 => f.to_sql(ty, out),
            Val::Text(s) if <&str as ToSql>::accepts(ty) || *ty == Type::UNKNOWN => s.to_sql(ty, out),
            Val::Blob(b) if *ty == Type::BYTEA => b.to_sql(ty, out),
            // Sent as it is, the server would read other bytes than were meant.
            other => Err(format!("{other:?} does not fit a parameter of type {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Binary
    }

    to_sql_checked!();
}
