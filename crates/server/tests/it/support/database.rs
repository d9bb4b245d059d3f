//! A database per test: a copy of a migrated template file, or a PostgreSQL database made from a template.

#![expect(clippy::disallowed_methods, reason = "the test runner says by variables which engine to use")]

use counterfoil::app::App;
use counterfoil::clock::Clock;
use counterfoil::config::Config;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;

/// Points `config` at a migrated database of its own.
pub async fn prepare(config: &mut Config) {
    match std::env::var("TEST_ENGINE").as_deref() {
        Ok("postgres") => postgres(config).await,
        Ok("sqlite") => sqlite(config).await,
        Err(_) => {
            say_what_is_left();
            sqlite(config).await;
        }
        Ok(other) => panic!("TEST_ENGINE is {other}; sqlite and postgres are known"),
    }
}

/// Written past the test runner, which keeps what passing tests print to itself.
fn say_what_is_left() {
    use std::io::Write;
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let left = "on SQLite only: the same tests on PostgreSQL, and the SDK suite, are left to `make test`\n";
        let _ = std::io::stderr().write_all(left.as_bytes());
    });
}

/// Puts a copy of the template into the data folder.
pub async fn sqlite(config: &Config) {
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    let template = TEMPLATE
        .get_or_init(|| async {
            let folder = tempfile::tempdir().unwrap().keep();
            let secret_key = Some(super::SECRET_KEY.into());
            let config = Config { data: folder.clone(), secret_key, ..Config::default() };
            let app = App::open(config, Clock::fixed(super::START)).await.unwrap();
            super::people::seed(&app).await;
            drop(app);
            // The writer thread folds the log into the file when it ends.
            let wal = folder.join("counterfoil.db-wal");
            while wal.metadata().is_ok_and(|m| m.len() > 0) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            folder
        })
        .await;
    for file in std::fs::read_dir(template).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            std::fs::copy(file.path(), config.data.join(file.file_name())).unwrap();
        }
    }
}

/// `TEST_POSTGRES_URL` names a server on which databases may be made.
async fn postgres(config: &mut Config) {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names the server for these tests");
    let base = server.rsplit_once('/').map_or(server.as_str(), |(base, _)| base).to_owned();
    let template = TEMPLATE
        .get_or_init(|| async {
            let name = format!("template_{}", std::process::id());
            run(&server, &format!("CREATE DATABASE {name}")).await;
            let data = tempfile::tempdir().unwrap();
            let secret_key = Some(super::SECRET_KEY.into());
            let mut config = Config { data: data.path().to_owned(), secret_key, ..Config::default() };
            config.database.url = format!("{base}/{name}");
            let app = App::open(config, Clock::fixed(super::START)).await.unwrap();
            super::people::seed(&app).await;
            app.store.close();
            drop(app);
            name
        })
        .await;
    let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
    run(&server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    config.database.url = format!("{base}/{name}");
}

/// Runs one statement, waiting while the template is still in use by its last connections.
async fn run(server: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    for attempt in 0.. {
        match client.batch_execute(sql).await {
            Ok(()) => break,
            Err(e) if attempt < 200 && e.code() == Some(&tokio_postgres::error::SqlState::OBJECT_IN_USE) => {
                tokio::time::sleep(std::time::Duration::from_millis(25)).await;
            }
            Err(e) => panic!("{sql}: {e}"),
        }
    }
    drop(client);
    driver.await.unwrap().unwrap();
}
