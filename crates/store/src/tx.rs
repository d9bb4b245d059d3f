//! The transaction that a unit works in.

use crate::store::Topic;
use crate::{Result, Row, Stmt, StoreError, Val, postgres, sqlite, stmt};
use futures_util::future::poll_fn;
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

/// A transaction on either engine. After the first failed statement every further one fails too, and the unit cannot
/// commit: PostgreSQL behaves so by itself, and SQLite is held to the same.
pub struct Tx {
    pub(crate) engine: EngineTx,
    pub(crate) marks: Marks,
    failed: Option<StoreError>,
    calls: Rc<Calls>,
    events: i64,
}

/// Whether the engine is what the unit waits for.
#[derive(Default)]
struct Calls {
    running: Cell<bool>,
    /// A call was given up before its answer came, so that nobody knows whether the transaction is still sound.
    abandoned: Cell<bool>,
}

impl Calls {
    /// Watches over one call until the answer is there.
    async fn watch<T>(&self, call: impl Future<Output = T>) -> T {
        struct Running<'a>(&'a Calls);
        impl Drop for Running<'_> {
            fn drop(&mut self) {
                if self.0.running.replace(false) {
                    self.0.abandoned.set(true);
                }
            }
        }
        self.running.set(true);
        let running = Running(self);
        let done = call.await;
        self.running.set(false);
        drop(running);
        done
    }
}

/// Runs `work` to its end, or to the point where it awaits something else than its transaction. Both engines judge a
/// unit here, so that they answer alike.
pub(crate) async fn run_unit<F, T, E>(work: &F, tx: &mut Tx) -> std::result::Result<T, E>
where
    F: AsyncFn(&mut Tx) -> std::result::Result<T, E>,
    E: From<StoreError>,
{
    let calls = Rc::clone(&tx.calls);
    let result = {
        let mut unit = pin!(work(tx));
        poll_fn(|cx| match unit.as_mut().poll(cx) {
            Poll::Pending if !calls.running.get() => Poll::Ready(Err(StoreError::Waited.into())),
            polled => polled,
        })
        .await
    };
    // A unit that swallowed a failed statement must not commit half of its work.
    match (result, tx.take_failure()) {
        (Ok(_), Some(failure)) => Err(failure.into()),
        (result, _) => result,
    }
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
        Self { engine, marks: Marks::default(), failed: None, calls: Rc::default(), events: 0 }
    }

    /// Runs a statement and answers how many rows it changed.
    pub async fn execute(&mut self, stmt: &Stmt, args: &[Val]) -> Result<u64> {
        self.guard(args)?;
        let done = match &mut self.engine {
            EngineTx::Sqlite(tx) => tx.execute(stmt.sqlite, args),
            EngineTx::Postgres(tx) => self.calls.watch(tx.execute(stmt.postgres, args)).await,
        };
        self.note(done)
    }

    /// Runs a query and answers all its rows.
    pub async fn query(&mut self, stmt: &Stmt, args: &[Val]) -> Result<Vec<Row>> {
        self.guard(args)?;
        let done = match &mut self.engine {
            EngineTx::Sqlite(tx) => tx.query(stmt.sqlite, args),
            EngineTx::Postgres(tx) => self.calls.watch(tx.query(stmt.postgres, args)).await,
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
        self.guard(args)?;
        let done = match &mut self.engine {
            EngineTx::Sqlite(tx) => tx.query(&stmt::with_question_marks(sql), args),
            EngineTx::Postgres(tx) => self.calls.watch(tx.query_once(sql, args)).await,
        };
        self.note(done)
    }

    /// Has the engine parse a statement without running it, and answers how many parameters it has.
    pub async fn prepare(&mut self, stmt: &Stmt) -> Result<usize> {
        self.guard(&[])?;
        let done = match &mut self.engine {
            EngineTx::Sqlite(tx) => tx.prepare(stmt.sqlite),
            EngineTx::Postgres(tx) => self.calls.watch(tx.prepare(stmt.postgres)).await,
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

    /// The place of the next event among those of this transaction.
    pub(crate) fn next_event(&mut self) -> i64 {
        self.events += 1;
        self.events - 1
    }

    /// False when a call was given up before its answer came.
    pub(crate) fn is_sound(&self) -> bool {
        !self.calls.abandoned.get()
    }

    fn guard(&mut self, args: &[Val]) -> Result<()> {
        if let Some(failure) = &self.failed {
            return Err(failure.again());
        }
        if !self.is_sound() {
            return self.note(Err(StoreError::Waited));
        }
        // PostgreSQL cannot store U+0000 and SQLite would cut the text there in its functions.
        if args.iter().any(|arg| matches!(arg, Val::Text(text) if text.as_bytes().contains(&0))) {
            return self.note(Err(StoreError::Engine("a text holds the character U+0000".into())));
        }
        Ok(())
    }

    fn note<T>(&mut self, done: Result<T>) -> Result<T> {
        if let Err(e) = &done {
            self.failed = Some(e.again());
        }
        done
    }

    /// What the first failed statement said, or that the answer of one was not waited for.
    fn take_failure(&mut self) -> Option<StoreError> {
        self.failed.take().or_else(|| (!self.is_sound()).then_some(StoreError::Waited))
    }
}
