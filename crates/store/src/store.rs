//! The face of the crate: a store that runs units, and the topics by which caches learn of changes.

use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::{Migration, Result, StoreError, Tx, events, migrate, statements, vals};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

statements! {
    MARK = "INSERT INTO change_marks (topic, version) VALUES ($1, 1) \
        ON CONFLICT (topic) DO UPDATE SET version = change_marks.version + 1";
    LIST_MARKS = "SELECT topic, version FROM change_marks";
    LOAD_SETTING = "SELECT value FROM settings WHERE name = $1";
    SAVE_SETTING = "INSERT INTO settings (name, value) VALUES ($1, $2) \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// How often a node looks for changes of other processes where nothing announces them.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What a cache may hold, or a worker wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Topic {
    /// Accounts, users, groups, keys, agencies.
    Identity,
    /// The catalogue and the public configuration.
    Catalog,
    /// A job was queued that may be due now.
    Jobs,
    /// An event was appended.
    Events,
}

impl Topic {
    /// All topics.
    pub const ALL: [Topic; 4] = [Topic::Identity, Topic::Catalog, Topic::Jobs, Topic::Events];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Topic::Identity => "identity",
            Topic::Catalog => "catalog",
            Topic::Jobs => "jobs",
            Topic::Events => "events",
        }
    }

    /// Counted topics are written to a row, which other processes read. Frequent ones are only announced: their row
    /// would make every transaction wait for the one before it.
    pub(crate) fn is_counted(self) -> bool {
        matches!(self, Topic::Identity | Topic::Catalog)
    }
}

/// Where the data is.
#[derive(Clone, Debug)]
pub enum Url {
    /// A database file in the data folder.
    Sqlite(PathBuf),
    /// A PostgreSQL server, as a `postgres://` URL.
    Postgres(String),
}

/// Which engine a store runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded database.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the data is.
    pub url: Url,
    /// Reader threads on SQLite.
    pub readers: usize,
    /// The most units that wait for the writer, and for the readers, or for a connection to PostgreSQL; one more is
    /// refused with [`StoreError::Busy`].
    pub queue: usize,
    /// Connections to PostgreSQL.
    pub pool: usize,
    /// Named prepared statements on PostgreSQL; off behind a transaction-mode pooler.
    pub prepared: bool,
    /// After this many milliseconds PostgreSQL ends a statement.
    pub statement_timeout_ms: u64,
}

impl Options {
    /// The usual settings for `url`.
    pub fn new(url: Url) -> Self {
        Self { url, readers: 2, queue: 4096, pool: 16, prepared: true, statement_timeout_ms: 30_000 }
    }
}

/// The generation of each topic, and who waits for it to move.
#[derive(Default)]
pub(crate) struct Shared {
    generations: [AtomicU64; 4],
    moved: [Notify; 4],
}

impl Shared {
    pub(crate) fn bump(&self, topic: Topic) {
        self.generations[topic as usize].fetch_add(1, Ordering::SeqCst);
        self.moved[topic as usize].notify_waiters();
    }
}

enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

struct Inner {
    backend: Backend,
    shared: Arc<Shared>,
    /// The tasks that look for changes by others.
    watchers: OnceLock<Vec<AbortHandle>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.watchers.get().into_iter().flatten().for_each(AbortHandle::abort);
    }
}

/// An open store. Clones share it; the last one to go stops the threads after what is queued was written.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

impl Store {
    /// Opens the store: checks that the database is usable, migrates it, and starts threads or pool. The first of
    /// `migrations` is [`migrate::PLATFORM`]. `now` is the time that new ones are recorded with, in microseconds UTC.
    pub async fn open(options: &Options, migrations: &[Migration], now: i64) -> Result<Self> {
        if migrations.first().is_none_or(|first| first.version != migrate::PLATFORM.version) {
            return Err(StoreError::Unusable("the platform's migration must come first".to_owned()));
        }
        let shared = Arc::new(Shared::default());
        let backend = match &options.url {
            Url::Sqlite(path) => {
                let unusable = |e| opening_failed(path, e);
                migrate::sqlite(path, migrations, now).map_err(unusable)?;
                let sqlite = Sqlite::start(path, options.readers, options.queue, &shared).map_err(unusable)?;
                Backend::Sqlite(sqlite)
            }
            Url::Postgres(url) => {
                migrate::postgres(url, migrations, now).await?;
                Backend::Postgres(Postgres::new(url, options)?)
            }
        };
        let store = Self(Arc::new(Inner { backend, shared, watchers: OnceLock::new() }));
        store.write(events::renumber_after_restore).await?;
        let mut watchers = vec![tokio::spawn(watch_marks(Arc::downgrade(&store.0))).abort_handle()];
        if let Url::Postgres(url) = &options.url {
            watchers.push(tokio::spawn(listen(url.clone(), Arc::downgrade(&store.0))).abort_handle());
        }
        let _ = store.0.watchers.set(watchers);
        Ok(store)
    }

    /// A setting of the database that `options` names, which is neither migrated nor changed: for what has to fit before
    /// the database is opened. Nothing where there is no database of ours.
    pub async fn peek_setting(options: &Options, name: &str) -> Result<Option<String>> {
        match &options.url {
            Url::Sqlite(path) => Ok(crate::file::peek_setting(path, name)),
            Url::Postgres(url) => crate::connect::peek_setting(url, name).await,
        }
    }

    /// Runs a unit that may change data. It may be run again after its changes were undone, so it must not keep state
    /// between runs.
    pub async fn write<F, T, E>(&self, work: F) -> std::result::Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.submit(true, work).await,
            Backend::Postgres(postgres) => postgres.submit(true, Arc::clone(&self.0.shared), work).await,
        }
    }

    /// Runs a unit that only reads, over one consistent picture of the data.
    pub async fn read<F, T, E>(&self, work: F) -> std::result::Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.submit(false, work).await,
            Backend::Postgres(postgres) => postgres.submit(false, Arc::clone(&self.0.shared), work).await,
        }
    }

    /// How often `topic` has changed, as far as this node has heard. What was read after asking is valid as long as the
    /// answer stays the same.
    pub fn generation(&self, topic: Topic) -> u64 {
        self.0.shared.generations[topic as usize].load(Ordering::SeqCst)
    }

    /// Returns when `topic` moves, or after `limit`.
    pub async fn moved(&self, topic: Topic, limit: Duration) {
        self.moved_since(topic, self.generation(topic), limit).await;
    }

    /// Returns when the generation of `topic` is no longer `seen`, or after `limit`. A worker that asks for the
    /// generation first, then looks for work and then waits here misses nothing.
    pub async fn moved_since(&self, topic: Topic, seen: u64, limit: Duration) {
        let moved = async {
            loop {
                let next = self.0.shared.moved[topic as usize].notified();
                if self.generation(topic) != seen {
                    return;
                }
                next.await;
            }
        };
        let _ = tokio::time::timeout(limit, moved).await;
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match self.0.backend {
            Backend::Sqlite(_) => Engine::Sqlite,
            Backend::Postgres(_) => Engine::Postgres,
        }
    }

    /// Ends the connections of a PostgreSQL pool; units that come later are refused.
    pub fn close(&self) {
        if let Backend::Postgres(postgres) = &self.0.backend {
            postgres.close();
        }
    }

    /// Gives this handle up and returns when, with the last handle, the threads or connections have ended: the database
    /// file is then closed and has no log beside it.
    pub async fn stopped(self) {
        let ended = match &self.0.backend {
            Backend::Sqlite(sqlite) => Some(sqlite.ended()),
            Backend::Postgres(_) => None,
        };
        drop(self);
        if let Some(mut ended) = ended {
            let _ = ended.changed().await;
        }
    }
}

/// Whatever keeps a file from being opened is said with its name, as a reason not to start.
fn opening_failed(path: &Path, e: StoreError) -> StoreError {
    match e {
        StoreError::Unavailable { message, .. } => StoreError::Unusable(format!(
            "{}: {message} (is the folder writable, and is no other program holding the file?)",
            path.display()
        )),
        StoreError::Engine(e) => StoreError::Unusable(format!("{}: {e}", path.display())),
        other => other,
    }
}

/// Reads one setting of the installation, such as the check value of its secret key.
pub async fn load_setting(tx: &mut Tx, name: &str) -> Result<Option<String>> {
    tx.query_opt(&LOAD_SETTING, &vals![name]).await?.map(|row| row.get(0)).transpose()
}

/// Writes one setting of the installation.
pub async fn save_setting(tx: &mut Tx, name: &str, value: &str) -> Result<()> {
    tx.execute(&SAVE_SETTING, &vals![name, value]).await.map(drop)
}

/// Looks at the change marks, for changes by other processes on this database.
async fn watch_marks(inner: Weak<Inner>) {
    let mut known: Vec<(String, i64)> = Vec::new();
    loop {
        let Some(strong) = inner.upgrade() else { return };
        let store = Store(strong);
        let marks = store.read(async |tx: &mut Tx| -> Result<Vec<(String, i64)>> {
            tx.query(&LIST_MARKS, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
        });
        let marks = marks.await;
        drop(store);
        if let Ok(marks) = marks {
            let Some(strong) = inner.upgrade() else { return };
            for mark in marks.iter().filter(|mark| !known.contains(mark)) {
                if let Some(topic) = Topic::ALL.into_iter().find(|t| t.name() == mark.0) {
                    strong.shared.bump(topic);
                }
            }
            known = marks;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Keeps a listening connection to PostgreSQL; where it cannot be had, [`watch_marks`] still sees the counted topics.
async fn listen(url: String, inner: Weak<Inner>) {
    while inner.strong_count() > 0 {
        let heard = |topic| {
            if let Some(inner) = inner.upgrade() {
                inner.shared.bump(topic);
            }
        };
        if let Err(e) = Postgres::listen(&url, heard).await {
            tracing::debug!(error = %e, "listening for changes was interrupted");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
