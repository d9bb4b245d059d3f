//! One SQL text on two engines.
//!
//! Domain code gives [`Store::write`] and [`Store::read`] an async closure over a [`Tx`]. On SQLite the closure runs on
//! the writer thread (many units share one commit) or on a reader thread, where every await is already complete. On
//! PostgreSQL it runs on a blocking thread over a pooled connection and may be run again after a serialization failure.
//!
//! Always true: a unit is all or nothing; an answer means that the data is on disk; no transaction waits for anything
//! but the database. The crate knows accounts as opaque ids and nothing of tickets.
//!
//! Where to look next: `tx.rs` for what a unit can do, `sqlite.rs` and `postgres.rs` for the engines, `migrate.rs` for
//! the schema, and `jobs.rs`, `events.rs`, `counters.rs`, `idempotency.rs`, `search.rs` for what every change writes.

pub mod catalogue;
mod connect;
pub mod counters;
mod error;
pub mod events;
mod file;
pub mod idempotency;
pub mod jobs;
pub mod migrate;
mod postgres;
pub mod search;
mod sqlite;
mod stmt;
mod store;
mod tx;
mod val;

pub use error::StoreError;
pub use migrate::Migration;
pub use stmt::{Stmt, question_marks};
pub use store::{Engine, Options, Store, Topic, Url, load_setting, save_setting};
pub use tx::Tx;
pub use val::{FromVal, Row, Val};

/// What the store's calls answer.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Every statement of this crate; a test prepares each on both engines.
pub fn statements() -> Vec<&'static Stmt> {
    [store::ALL, migrate::ALL, catalogue::ALL, counters::ALL, events::ALL, idempotency::ALL, jobs::ALL].concat()
}
