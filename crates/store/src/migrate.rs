//! Migrations: numbered, forward only, checksummed, embedded.
//!
//! One text serves both engines: `BLOB` becomes `BYTEA` on PostgreSQL, and the lines `-- only: sqlite`,
//! `-- only: postgres` and `-- both` switch what follows. Each migration is applied in one transaction. A database that
//! has a migration which this program does not know was written by a newer one and is refused unchanged.

use crate::file::{self, Found};
use crate::{Engine, Result, StoreError, sqlite, statements};
use rusqlite::params;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

statements! {
    LIST_APPLIED = "SELECT version, checksum FROM schema_migrations ORDER BY version";
    RECORD = "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, \
    checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";
/// Keeps two nodes from migrating at once.
const ADVISORY_LOCK: i64 = 0x4354_464c;

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number; unique and ascending.
    pub version: i64,
    /// What it brings, for the record.
    pub name: &'static str,
    /// Its text for both engines.
    pub sql: &'static str,
}

/// The store's own tables, which come before all others.
pub const PLATFORM: Migration =
    Migration { version: 1, name: "platform", sql: include_str!("../migrations/0001_platform.sql") };

impl Migration {
    fn checksum(&self) -> String {
        use std::fmt::Write;
        Sha256::digest(self.sql).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// The text for one engine.
    pub fn text(&self, engine: Engine) -> String {
        let mut out = String::new();
        let mut wanted = true;
        for line in self.sql.lines() {
            match line.trim() {
                "-- only: sqlite" => wanted = engine == Engine::Sqlite,
                "-- only: postgres" => wanted = engine == Engine::Postgres,
                "-- both" => wanted = true,
                text if wanted && !text.starts_with("--") => {
                    out.push_str(&if engine == Engine::Postgres {
                        line.replace(" BLOB", " BYTEA")
                    } else {
                        line.into()
                    });
                    out.push('\n');
                }
                _ => {}
            }
        }
        out
    }
}

/// The migrations that `applied` lacks, after checking that what is applied is what this program knows.
pub(crate) fn pending<'a>(migrations: &'a [Migration], applied: &BTreeMap<i64, String>) -> Result<Vec<&'a Migration>> {
    for (version, checksum) in applied {
        let known = migrations.iter().find(|m| m.version == *version);
        let known = known.ok_or_else(|| {
            StoreError::Unusable(format!(
                "the database was written by a newer version of Counterfoil (schema {version}); nothing was changed"
            ))
        })?;
        if known.checksum() != *checksum {
            return Err(StoreError::Unusable(format!(
                "schema migration {version} ({}) differs from the one that was applied; nothing was changed",
                known.name
            )));
        }
    }
    Ok(migrations.iter().filter(|m| !applied.contains_key(&m.version)).collect())
}

/// What the engine said, in one line: for an error in a statement it would repeat the rest of the migration.
fn said(e: &rusqlite::Error) -> String {
    if let rusqlite::Error::SqlInputError { msg, .. } = e { msg.clone() } else { e.to_string() }
}

/// Brings the file at `path` up to date.
pub(crate) fn sqlite(path: &Path, migrations: &[Migration], now: i64) -> Result<()> {
    if file::inspect(path, migrations)? == Found::Current {
        return Ok(());
    }
    let mut connection = file::open(path, false)?;
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(sqlite::engine)?;
    tx.execute_batch(TABLE).map_err(sqlite::engine)?;
    for migration in pending(migrations, &applied_sqlite(&tx).map_err(sqlite::engine)?)? {
        let name = migration.name;
        tx.execute_batch(&migration.text(Engine::Sqlite))
            .map_err(|e| StoreError::Unusable(format!("schema migration {name} failed: {}", said(&e))))?;
        tx.execute(RECORD.sqlite, params![migration.version, name, migration.checksum(), now])
            .map_err(sqlite::engine)?;
    }
    tx.commit().map_err(sqlite::engine)
}

/// The migrations that a file has, with their checksums.
pub(crate) fn applied_sqlite(connection: &rusqlite::Connection) -> rusqlite::Result<BTreeMap<i64, String>> {
    let exists = "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'";
    if connection.query_row(exists, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(BTreeMap::new());
    }
    let mut list = connection.prepare(LIST_APPLIED.sqlite)?;
    let rows = list.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Brings the database at `url` up to date, one node at a time.
pub(crate) async fn postgres(url: &str, migrations: &[Migration], now: i64) -> Result<()> {
    let (mut client, driver) = crate::connect::connect(url).await?;
    let driver = tokio::spawn(driver);
    let run = async {
        let failed = |e: tokio_postgres::Error| StoreError::unavailable(e);
        let tx = client.transaction().await.map_err(failed)?;
        tx.execute("SELECT pg_advisory_xact_lock($1)", &[&ADVISORY_LOCK]).await.map_err(failed)?;
        tx.batch_execute(TABLE).await.map_err(failed)?;
        let rows = tx.query(LIST_APPLIED.postgres, &[]).await.map_err(failed)?;
        let applied = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        for migration in pending(migrations, &applied)? {
            let name = migration.name;
            tx.batch_execute(&migration.text(Engine::Postgres)).await.map_err(|e| {
                let said = e.as_db_error().map_or_else(|| e.to_string(), ToString::to_string);
                StoreError::Unusable(format!("schema migration {name} failed: {said}"))
            })?;
            tx.execute(RECORD.postgres, &[&migration.version, &name, &migration.checksum(), &now])
                .await
                .map_err(failed)?;
        }
        tx.commit().await.map_err(failed)
    };
    let done = run.await;
    drop(client);
    let _ = driver.await;
    done
}
