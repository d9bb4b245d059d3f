//! The way into PostgreSQL: rows are made in a scratch SQLite file and copied table by table, whatever their columns are.
//!
//! Only the documents of the search differ between the engines: their tokens are written to a file of their own while
//! the cases are made, in the form that `COPY` wants.

use super::Wanted;
use super::cases::Samples;
use super::people::Account;
use anyhow::Context;
use bytes::Bytes;
use counterfoil::cases::CaseRow;
use counterfoil::config::Config;
use counterfoil_store::search;
use futures_util::{SinkExt as _, pin_mut};
use rusqlite::types::ValueRef;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use tokio_postgres::{Client, NoTls};

/// Tables that a new database fills itself, or that exist on one engine only.
const LEFT_OUT: &str = "name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_%' \
    AND name NOT IN ('schema_migrations', 'settings', 'change_marks', 'catalog_items')";
/// Bytes that are sent at once.
const PIECE: usize = 256 * 1024;

/// Where the documents of the search go.
pub enum Documents {
    /// Into the same database, with the cases.
    InPlace,
    /// Into a file, to be copied later.
    File(BufWriter<File>),
}

impl Documents {
    /// Writes one document to the file.
    pub fn write(&mut self, number: i64, case: &CaseRow, text: &str) -> anyhow::Result<()> {
        let Self::File(file) = self else { return Ok(()) };
        // Tokens are letters and digits, which need no escape in either form.
        let tokens = search::tokens(text).iter().map(|token| format!("'{token}'")).collect::<Vec<_>>().join(" ");
        writeln!(file, "{number}\t{}\t{}\t0\t{tokens}", case.account_id, case.case_no)?;
        Ok(())
    }
}

/// Fills a PostgreSQL database that holds no case yet.
pub async fn into_postgres(config: Config, url: &str, wanted: &Wanted) -> anyhow::Result<(Vec<Account>, Samples)> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("PostgreSQL")?;
    let connection = tokio::spawn(connection);
    let scratch = wanted.data.join("seed-scratch");
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch)?;
    }
    std::fs::create_dir_all(&scratch)?;

    let mut target = config.clone();
    url.clone_into(&mut target.database.url);
    // Makes the schema and the secret key.
    super::close(super::open(target).await?).await;
    std::fs::copy(wanted.data.join("secret.key"), scratch.join("secret.key")).context("the secret key")?;

    let app = super::open(Config { data: scratch.clone(), ..config }).await?;
    let path = scratch.join("documents");
    let mut documents = Documents::File(BufWriter::new(File::create(&path)?));
    let (accounts, samples) = super::fill(&app, wanted, &mut documents).await?;
    if let Documents::File(mut file) = documents {
        file.flush()?;
    }
    super::close(app).await;

    let rows = copy_tables(&client, &scratch.join("counterfoil.db")).await?;
    let sent = copy_documents(&client, &path).await?;
    client.batch_execute("ANALYZE").await?;
    eprintln!("copied {rows} rows and {sent} documents");
    std::fs::remove_dir_all(&scratch)?;
    drop(client);
    connection.await??;
    Ok((accounts, samples))
}

async fn copy_tables(client: &Client, file: &Path) -> anyhow::Result<u64> {
    let source = rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut tables = source.prepare(&format!("SELECT name FROM sqlite_schema WHERE type = 'table' AND {LEFT_OUT}"))?;
    let tables: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut copied = 0;
    for table in &tables {
        let mut select = source.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = select.column_names().collect::<Vec<_>>().join(", ");
        client.batch_execute(&format!("TRUNCATE {table}")).await?;
        let sink = client.copy_in::<_, Bytes>(&format!("COPY {table} ({columns}) FROM STDIN")).await?;
        pin_mut!(sink);
        let width = select.column_count();
        let mut rows = select.query([])?;
        let mut text = String::with_capacity(PIECE + 8192);
        while let Some(row) = rows.next()? {
            for column in 0..width {
                if column > 0 {
                    text.push('\t');
                }
                push_value(&mut text, row.get_ref(column)?)?;
            }
            text.push('\n');
            if text.len() >= PIECE {
                sink.send(Bytes::from(std::mem::replace(&mut text, String::with_capacity(PIECE + 8192)))).await?;
            }
        }
        sink.send(Bytes::from(text)).await?;
        copied += sink.finish().await?;
    }
    Ok(copied)
}

/// One value in the text form of `COPY`.
fn push_value(text: &mut String, value: ValueRef<'_>) -> anyhow::Result<()> {
    match value {
        ValueRef::Null => text.push_str("\\N"),
        ValueRef::Integer(number) => write!(text, "{number}")?,
        ValueRef::Real(number) => write!(text, "{number}")?,
        ValueRef::Text(bytes) => {
            for c in std::str::from_utf8(bytes)?.chars() {
                match c {
                    '\\' => text.push_str("\\\\"),
                    '\n' => text.push_str("\\n"),
                    '\r' => text.push_str("\\r"),
                    '\t' => text.push_str("\\t"),
                    other => text.push(other),
                }
            }
        }
        ValueRef::Blob(bytes) => {
            text.push_str("\\\\x");
            for byte in bytes {
                write!(text, "{byte:02x}")?;
            }
        }
    }
    Ok(())
}

async fn copy_documents(client: &Client, file: &PathBuf) -> anyhow::Result<u64> {
    let columns = "doc_no, account_id, case_no, is_note, tokens";
    let sink = client.copy_in::<_, Bytes>(&format!("COPY search_docs ({columns}) FROM STDIN")).await?;
    pin_mut!(sink);
    let mut lines = BufReader::with_capacity(PIECE, File::open(file)?);
    loop {
        let piece = Bytes::copy_from_slice(lines.fill_buf()?);
        if piece.is_empty() {
            break;
        }
        lines.consume(piece.len());
        sink.send(piece).await?;
    }
    Ok(sink.finish().await?)
}
