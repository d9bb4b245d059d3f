//! The transaction that a unit works in.

use crate::store::Topic;
use crate::{Result, Row, Stmt, StoreError, Val, postgres, sqlite};

/// A transaction on either engine. After the first failed statement every further one fails too, and the unit cannot
/// commit: PostgreSQL behaves so by itself, and SQLite is held to the same.
pub struct Tx {
    pub(crate) engine: EngineTx,
    pub(crate) marks: Marks,
    failed: Option<StoreError>,
}

pub(crate) enum EngineTx {
    Sqlite(sqlite::SqliteTx),
    Postgres(Box<postgres::PostgresTx>),
}

/// The topics that a unit touched.
#[derive(Clone, Copy, Default)]
pub(crate) struct Marks(u8);

impl Marks {
    pub(crate) fn add(&mut self, topic: Topic) {
        self.0 |= 1 << topic as u8;
    }
    pub(crate) fn topics(self) -> impl Iterator<Item = Topic> {
        Topic::ALL.into_iter().filter(move |topic| self.0 & (1 << *topic as u8) != 0)
    }
}

impl Tx {
    pub(crate) fn new(engine: EngineTx) -> Self {
        Self { engine, marks: Marks::default(), failed: None }
    }

    /// Runs a statement and answers how many rows it changed.
    pub async fn execute(&mut self, stmt: &Stmt, args: &[Val]) -> Result<u64> {
        self.guard()?;
        let done = match &mut self.engine {
            EngineTx::Sqlite(tx) => tx.execute(stmt.sqlite, args),
            EngineTx::Postgres(tx) => tx.execute(stmt.postgres, args).await,
        };
        self.note(done)
    }

    /// Runs a query and answers all its rows.
    pub async fn query(&mut self, stmt: &Stmt, args: &[Val]) -> Result<Vec<Row>> {
        self.guard()?;
        let done = match &mut self.engine {
            EngineTx::Sqlite(tx) => tx.query(stmt.sqlite, args),
            EngineTx::Postgres(tx) => tx.query(stmt.postgres, args).await,
        };
        self.note(done)
    }

    /// The first row, if there is one.
    pub async fn query_opt(&mut self, stmt: &Stmt, args: &[Val]) -> Result<Option<Row>> {
        Ok(self.query(stmt, args).await?.into_iter().next())
    }

    /// The first row; [`StoreError::NoRow`] without one.
    pub async fn query_one(&mut self, stmt: &Stmt, args: &[Val]) -> Result<Row> {
        self.query_opt(stmt, args).await?.ok_or(StoreError::NoRow)
    }

    /// Runs a query whose text was put together by code, for filters that combine freely. The text uses `$n` and must
    /// come from constant parts only.
    pub async fn query_dyn(&mut self, sql: &str, args: &[Val]) -> Result<Vec<Row>> {
        self.guard()?;
        let done = match &mut self.engine {
            EngineTx::Sqlite(tx) => tx.query(&sql.replace('$', "?"), args),
            EngineTx::Postgres(tx) => tx.query(sql, args).await,
        };
        self.note(done)
    }

    /// True on PostgreSQL, for the few texts that code puts together differently.
    pub fn is_postgres(&self) -> bool {
        matches!(self.engine, EngineTx::Postgres(_))
    }

    /// Announces with the commit that what caches under `topic` has changed, to every node.
    pub fn mark(&mut self, topic: Topic) {
        self.marks.add(topic);
    }

    fn guard(&self) -> Result<()> {
        self.failed.as_ref().map_or(Ok(()), |e| Err(e.again()))
    }

    fn note<T>(&mut self, done: Result<T>) -> Result<T> {
        if let Err(e) = &done {
            self.failed = Some(e.again());
        }
        done
    }

    /// What the first failed statement said.
    pub(crate) fn take_failure(&mut self) -> Option<StoreError> {
        self.failed.take()
    }
}
