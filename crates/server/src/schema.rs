//! The schema: every migration in order, and every registered statement.

use counterfoil_store::{Migration, Stmt, migrate};

/// All migrations, in the order in which they are applied.
pub const MIGRATIONS: &[Migration] = &[migrate::PLATFORM];

/// Every statement of the server and the store; a test prepares each on both engines.
pub fn statements() -> Vec<&'static Stmt> {
    counterfoil_store::statements()
}
