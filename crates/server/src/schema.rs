//! The schema: every migration in order, and every registered statement.

use crate::catalog;
use counterfoil_store::{Migration, Stmt, migrate};

/// All migrations, in the order in which they are applied.
pub const MIGRATIONS: &[Migration] = &[
    migrate::PLATFORM,
    Migration { version: 20, name: "catalog", sql: include_str!("../migrations/0020_catalog.sql") },
];

/// Every statement of the server and the store; a test prepares each on both engines.
pub fn statements() -> Vec<&'static Stmt> {
    [&counterfoil_store::statements()[..], catalog::STATEMENTS].concat()
}
