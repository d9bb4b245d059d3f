//! `cargo xtask seed`: fills a new database with any number of cases, for measurements and for looking around.
//!
//! Rows are written by the server's own functions, and what happens to a case is decided by the server's life cycle, so
//! that `counterfoil check` passes and no column is named here. Only the counters are summed up over a chunk first.
//! On PostgreSQL, where a call per row would take an hour, the rows are made in a scratch SQLite file and copied over
//! table by table (`transfer.rs`).
//!
//! Texts, times, submitters and what happens to a case follow from `--seed`; the ids of accounts, users and messages are
//! random as in the server, and times count back from now. Half of the cases belong to the first account.

mod cases;
mod people;
mod story;
mod transfer;

use anyhow::{Context, ensure};
use cases::{Chunk, Samples, World};
use counterfoil::app::App;
use counterfoil::clock::Clock;
use counterfoil::config::Config;
use counterfoil::error::Error;
use counterfoil_store::Tx;
use people::Account;
use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;
use story::Writer;
use tokio::task::JoinHandle;
use transfer::Documents;

/// Cases in one unit, and so in one transaction.
const CHUNK: u64 = 1_000;

/// What to make.
#[derive(clap::Args)]
pub struct Wanted {
    /// Data folder; it also holds the secret key and, for PostgreSQL, a scratch file for a while.
    #[arg(long, value_name = "DIR", default_value = "./counterfoil-data")]
    data: PathBuf,
    /// PostgreSQL URL in place of the embedded database.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// How many cases.
    #[arg(long, value_name = "N")]
    cases: u64,
    /// How many customers' accounts.
    #[arg(long, value_name = "M", default_value_t = 20)]
    accounts: u32,
    /// The same seed tells the same stories.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

/// Makes it.
pub async fn run(wanted: Wanted) -> anyhow::Result<()> {
    ensure!(wanted.accounts > 0, "--accounts must be at least 1");
    ensure!(wanted.cases < 50_000_000, "--cases must be below 50,000,000");
    let started = Instant::now();
    let config = Config { data: wanted.data.clone(), ..Config::default() };
    let (accounts, samples) = match &wanted.database {
        None => {
            let app = open(config).await?;
            let made = fill(&app, &wanted, &mut Documents::InPlace).await?;
            close(app).await;
            made
        }
        Some(url) => transfer::into_postgres(config, url, &wanted).await?,
    };
    eprintln!("made {} cases in {:.0} s", wanted.cases, started.elapsed().as_secs_f64());
    let first = &accounts[0];
    let users: Vec<_> =
        first.users.iter().map(|u| json!({"name": u.name, "user_id": u.id, "access": u.access})).collect();
    let document = json!({
        "account": first.name, "account_id": first.id, "password": people::PASSWORD, "secret": people::SECRET, "users": users,
        "cases": samples.any, "open_cases": samples.open, "words": story::KEYWORDS,
    });
    println!("{document}");
    Ok(())
}

/// Opens a database that holds no case yet.
async fn open(config: Config) -> anyhow::Result<App> {
    let app = App::open(config, Clock::System).await.context("cannot open the database")?;
    let held = app.store.read(async |tx: &mut Tx| cases::count_all(tx).await).await?;
    ensure!(held == 0, "the database holds cases; sample cases go into a new one");
    Ok(app)
}

/// Closes it, so that another process finds a single file.
async fn close(app: App) {
    let store = app.store.clone();
    drop(app);
    store.stopped().await;
}

/// Makes people and cases.
async fn fill(app: &App, wanted: &Wanted, documents: &mut Documents) -> anyhow::Result<(Vec<Account>, Samples)> {
    let accounts = people::make(app, wanted.accounts).await?;
    let catalog = app.catalog.snapshot(&app.store).await?;
    let world = World { app, catalog: &catalog, accounts: &accounts, count: wanted.cases };
    let (mut writer, mut samples, now) = (Writer::new(wanted.seed), Samples::default(), app.clock.now());
    let started = Instant::now();
    let mut index = 0;
    // One chunk is written while the next one is made.
    let mut writing: Option<JoinHandle<Result<(), Error>>> = None;
    while index < wanted.cases {
        let mut chunk = Chunk::new(documents);
        for _ in 0..CHUNK.min(wanted.cases - index) {
            let story = writer.tell(index, wanted.cases, accounts.len(), now);
            chunk.add(&world, index, &story, documents, &mut samples)?;
            index += 1;
        }
        if let Some(before) = writing.take() {
            before.await??;
        }
        let context = app.clone();
        writing = Some(tokio::spawn(async move {
            let unit_context = context.clone();
            context.store.write(async move |tx: &mut Tx| chunk.write(tx, &unit_context).await).await
        }));
        if index.is_multiple_of(100_000) {
            eprintln!("{index} cases after {:.0} s", started.elapsed().as_secs_f64());
        }
    }
    if let Some(last) = writing {
        last.await??;
    }
    Ok((accounts, samples))
}
