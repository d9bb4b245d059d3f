//! The database file: how it is looked at before anything touches it, and how connections to it are opened.
//!
//! A file that is foreign, damaged, or written by a newer program is refused byte for byte as it was. Only a file that
//! passed is opened for writing.

use crate::{Migration, Result, StoreError, migrate, sqlite::engine};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Marks a database file as ours: "CTFL".
const APPLICATION_ID: i64 = 0x4354_464c;
/// What every SQLite file starts with.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Files up to this size are read through at every start; for larger ones that would take too long.
const READ_THROUGH_BYTES: u64 = 16 << 20;

/// How often a file that another process is just making is tried, 10 ms apart.
const TRIES: u32 = 200;

/// What is at the path of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing, or an empty file.
    Nothing,
    /// A database of ours that lacks some of the migrations.
    Older,
    /// A database of ours that is up to date.
    Current,
}

/// Refuses, without touching it, a file that is not ours, damaged, newer, or not writable.
pub(crate) fn inspect(path: &Path, migrations: &[Migration]) -> Result<Found> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if !folder.is_dir() {
        return Err(StoreError::Unusable(format!("the data folder {} does not exist", folder.display())));
    }
    if !path.exists() {
        return Ok(Found::Nothing);
    }
    let unusable = |e: &dyn std::fmt::Display| StoreError::Unusable(format!("{}: {e}", path.display()));
    let size = fs::metadata(path).map_err(|e| unusable(&e))?.len();
    fs::OpenOptions::new().write(true).open(path).map_err(|e| unusable(&e))?;
    if size == 0 {
        return Ok(Found::Nothing);
    }
    let mut head = [0; MAGIC.len()];
    let read = fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head));
    if read.is_err() || head != MAGIC {
        return Err(unusable(&"this is not a database file, or it is damaged"));
    }
    let connection = open_to_look(path).map_err(|e| unusable(&e))?;
    let damaged = |e: rusqlite::Error| match engine(e) {
        StoreError::Unusable(message) => unusable(&message),
        other => unusable(&other),
    };
    let id: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(damaged)?;
    if id != APPLICATION_ID {
        return Err(unusable(&"this is not a Counterfoil database"));
    }
    let applied = migrate::applied_sqlite(&connection).map_err(damaged)?;
    let pending = migrate::pending(migrations, &applied)?;
    if size <= READ_THROUGH_BYTES {
        let said: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(damaged)?;
        if said != "ok" {
            return Err(unusable(&format!("the database file is damaged: {said}")));
        }
    }
    Ok(if pending.is_empty() { Found::Current } else { Found::Older })
}

/// A setting in the database of a file, read without a trace. Nothing where there is none, and where the file cannot be
/// used, which [`inspect`] tells better.
pub(crate) fn peek_setting(path: &Path, name: &str) -> Option<String> {
    if !path.exists() {
        return None;
    }
    let connection = open_to_look(path).ok()?;
    connection.query_row(crate::store::LOAD_SETTING.sqlite, [name], |row| row.get(0)).ok()
}

/// Opens a file that nobody may notice being opened. Without a log beside it, it is read as it is, which leaves no
/// trace in the folder; a log belongs to a running process or to one that was killed, and has to be read as well.
fn open_to_look(path: &Path) -> rusqlite::Result<Connection> {
    let has = |suffix: &str| fs::metadata(beside(path, suffix)).is_ok_and(|m| m.len() > 0);
    if has("-journal") {
        return Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE);
    }
    if has("-wal") {
        return Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    }
    let text = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{text}?immutable=1"), flags)
}

/// The path of a file that SQLite keeps beside its database.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes an empty file that only its owner may read; SQLite gives what it keeps beside the file the same rights.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // Another process that starts at the same moment was first, and made it as private.
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// Marks the file as ours and switches its log on. Two processes that do so at the same moment do not wait for each other:
/// SQLite tells one of them at once that the file is locked, whatever its time limit, so that one tries again.
fn begin_log(connection: &Connection) -> rusqlite::Result<String> {
    let attempt = || {
        // The mark comes before the log, so that a file of ours never has content without it.
        let id: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        if id != APPLICATION_ID {
            connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        }
        connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))
    };
    let is_locked = |e: &rusqlite::Error| {
        matches!(e.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
    };
    for _ in 0..TRIES {
        match attempt() {
            Err(e) if is_locked(&e) => std::thread::sleep(Duration::from_millis(10)),
            done => return done,
        }
    }
    attempt()
}

/// Opens one connection with the settings of its kind.
pub(crate) fn open(path: &Path, read_only: bool) -> Result<Connection> {
    let flags = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    };
    if !read_only && !path.exists() {
        make_private(path).map_err(StoreError::unavailable)?;
    }
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(engine)?;
    connection.set_prepared_statement_cache_capacity(512);
    // Without this guarantee a plan may depend on a bound value (every `LIMIT $n` does), and the statement is compiled
    // anew each time it is used.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(engine)?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(engine)?;
    // So much of the file is mapped by each connection that all of them together stay small; small databases are mapped whole.
    // The log is folded into the file often and in small pieces: whoever commits at that moment waits for it, and with
    // pieces of 4 MB that is a few times the usual wait, with 16 MB twenty times.
    // Recursive triggers and double-quoted strings stay off; foreign keys are not used (see the design of groups).
    let settings = if read_only {
        "PRAGMA query_only=1; PRAGMA cache_size=-8000; PRAGMA mmap_size=33554432; PRAGMA temp_store=MEMORY;"
    } else {
        "PRAGMA synchronous=FULL; PRAGMA cache_size=-16000; PRAGMA mmap_size=33554432; PRAGMA temp_store=MEMORY; \
         PRAGMA wal_autocheckpoint=1000; PRAGMA journal_size_limit=67108864;"
    };
    if !read_only {
        let mode = begin_log(&connection).map_err(engine)?;
        if mode != "wal" {
            return Err(StoreError::Unusable(format!("{}: no write-ahead log can be kept here", path.display())));
        }
    }
    connection.execute_batch(settings).map_err(engine)?;
    Ok(connection)
}
