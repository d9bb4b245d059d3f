//! How many small units the writer commits in a second: `cargo run --release --example throughput -- [TASKS] [UNITS]`.
//! Beside it the same rows through a bare connection, in groups of the same size, as what the disk allows.

use counterfoil_store::{Migration, Options, Result, Store, StoreError, Tx, Url, migrate, statements, vals};
use std::time::Instant;

statements! {
    ADD = "INSERT INTO notes (account_id, note_id, text) VALUES ($1, $2, $3)";
}

const NOTES: Migration = Migration {
    version: 2,
    name: "notes",
    sql: "CREATE TABLE notes (account_id TEXT NOT NULL, note_id BIGINT NOT NULL, text TEXT NOT NULL, \
          PRIMARY KEY (account_id, note_id));\n",
};
const TEXT: &str = "The quick brown fox jumps over the lazy dog, and nobody asks the dog what it thinks of that.";

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<i64>());
    let tasks = numbers.next().transpose()?.unwrap_or(64);
    let units = numbers.next().transpose()?.unwrap_or(200_000);
    let folder = tempfile::tempdir_in(".")?;
    let path = folder.path().join("counterfoil.db");
    let store = Store::open(&Options::new(Url::Sqlite(path)), &[migrate::PLATFORM, NOTES], 0).await?;

    let started = Instant::now();
    let mut running = Vec::new();
    for task in 0..tasks {
        let store = store.clone();
        running.push(tokio::spawn(async move {
            for i in (task..units).step_by(usize::try_from(tasks).unwrap_or(1)) {
                let add = async move |tx: &mut Tx| -> Result<()> {
                    tx.execute(&ADD, &vals!["acme", i, TEXT]).await.map(drop)
                };
                store.write(add).await?;
            }
            Ok::<_, StoreError>(())
        }));
    }
    for task in running {
        task.await??;
    }
    report("the store", units, started);

    let mut bare = rusqlite::Connection::open(folder.path().join("bare.db"))?;
    bare.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")?;
    bare.execute_batch(NOTES.sql)?;
    let started = Instant::now();
    for group in (0..units).step_by(usize::try_from(tasks)?) {
        let tx = bare.transaction()?;
        {
            let mut add = tx.prepare_cached(ADD.sqlite)?;
            for i in group..(group + tasks).min(units) {
                add.execute(rusqlite::params!["acme", i, TEXT])?;
            }
        }
        tx.commit()?;
    }
    report("a bare connection", units, started);
    Ok(())
}

fn report(what: &str, units: i64, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    println!("{what}: {:.0} units/s", units as f64 / seconds);
}
