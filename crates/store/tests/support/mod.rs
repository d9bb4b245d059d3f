//! A database of its own for each test, on the engine that `TEST_ENGINE` names.
//!
//! `TEST_ENGINE=sqlite` (the default) makes files in a temporary folder; `TEST_ENGINE=postgres` makes databases in the
//! cluster at `TEST_POSTGRES_URL` and drops them again; with `TEST_PREPARED=off` no statement is prepared there.

use counterfoil_store::{Engine, Migration, Options, Result, Store, Tx, Url, migrate, statements};
use std::time::{Duration, Instant};

statements! {
    ADD_THING = "INSERT INTO things (account_id, thing_id, amount, ratio, note, data) VALUES ($1, $2, $3, $4, $5, $6)";
    SET_AMOUNT = "UPDATE things SET amount = amount + $3 WHERE account_id = $1 AND thing_id = $2";
    LOAD_THING = "SELECT amount, ratio, note, data FROM things WHERE account_id = $1 AND thing_id = $2";
    LIST_THINGS = "SELECT thing_id FROM things WHERE account_id = $1 ORDER BY thing_id";
    ADD_PART = "INSERT INTO parts (part_id, thing_id) VALUES ($1, $2)";
}

/// The tables that the tests work on.
pub const SAMPLE: Migration = Migration {
    version: 9000,
    name: "sample",
    sql: "CREATE TABLE things (\n\
          account_id TEXT NOT NULL,\n\
          thing_id TEXT NOT NULL,\n\
          amount BIGINT,\n\
          ratio DOUBLE PRECISION,\n\
          note TEXT,\n\
          data BLOB,\n\
          PRIMARY KEY (account_id, thing_id)\n\
          );\n\
          CREATE UNIQUE INDEX things_one_note ON things (account_id, note);\n\
          CREATE TABLE parts (\n\
          part_id BIGINT NOT NULL PRIMARY KEY,\n\
          thing_id TEXT NOT NULL\n\
          );\n",
};

pub const MIGRATIONS: &[Migration] = &[migrate::PLATFORM, SAMPLE];
/// A time to start from, in microseconds UTC.
pub const NOW: i64 = 1_767_600_000_000_000;

#[expect(clippy::disallowed_methods, reason = "the test run is configured by its environment")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

pub fn engine() -> Engine {
    match setting("TEST_ENGINE").as_deref() {
        None | Some("sqlite") => Engine::Sqlite,
        Some("postgres") => Engine::Postgres,
        Some(other) => panic!("TEST_ENGINE={other} is neither sqlite nor postgres"),
    }
}

/// A database that goes with the test.
pub struct Database {
    url: Url,
    folder: Option<tempfile::TempDir>,
    dropped: Option<(String, String)>,
}

impl Database {
    /// An empty database on the engine of this run.
    pub async fn fresh() -> Self {
        match engine() {
            Engine::Sqlite => Self::sqlite(),
            Engine::Postgres => Self::postgres().await,
        }
    }

    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { url: Url::Sqlite(folder.path().join("counterfoil.db")), folder: Some(folder), dropped: None }
    }

    pub async fn postgres() -> Self {
        let server = setting("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a cluster for tests");
        let name = format!("store_{}", uuid::Uuid::new_v4().simple());
        run(&server, &format!("CREATE DATABASE {name}")).await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        Self { url: Url::Postgres(format!("{base}/{name}")), folder: None, dropped: Some((server, name)) }
    }

    pub fn options(&self) -> Options {
        let prepared = setting("TEST_PREPARED").as_deref() != Some("off");
        Options { pool: 8, prepared, ..Options::new(self.url.clone()) }
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    pub async fn open(&self) -> Store {
        self.open_with(self.options()).await
    }

    pub async fn open_with(&self, options: Options) -> Store {
        Store::open(&options, MIGRATIONS, NOW).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        drop(self.folder.take());
        if let Some((server, name)) = self.dropped.take() {
            // A runtime cannot be entered from another one's thread.
            let dropping = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(run(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")))
            });
            let _ = dropping.join();
        }
    }
}

/// Runs one statement outside any store.
pub async fn run(url: &str, sql: &str) -> std::result::Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let driver = tokio::spawn(connection);
    let done = client.batch_execute(sql).await;
    drop(client);
    let _ = driver.await;
    done
}

/// Waits until `condition` holds, and fails after ten seconds.
pub async fn eventually<F: AsyncFnMut() -> bool>(what: &str, mut condition: F) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition().await {
        assert!(Instant::now() < deadline, "not within 10 s: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Adds a thing that has nothing but its key and an amount.
pub async fn add(tx: &mut Tx, thing: &str, amount: i64) -> Result<()> {
    let args = counterfoil_store::vals!["acme", thing, amount, None::<f64>, None::<&str>, None::<Vec<u8>>];
    tx.execute(&ADD_THING, &args).await.map(drop)
}

/// The ids of all things.
pub async fn things(store: &Store) -> Vec<String> {
    let list = async |tx: &mut Tx| -> Result<Vec<String>> {
        tx.query(&LIST_THINGS, &counterfoil_store::vals!["acme"]).await?.iter().map(|row| row.get(0)).collect()
    };
    store.read(list).await.unwrap()
}
