//! The order of events: databases are made, servers and yardsticks start side by side, and each operation goes round them.

use crate::client::{self, Round};
use crate::process::{Memory, Process};
use crate::report::{self, Cell, Idle, Table};
use crate::requests::{self, Operation, Requests};
use crate::seeded::{self, Seeded};
use anyhow::{Context, ensure};
use bytes::Bytes;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Databases of more cases are not checked afterwards.
const MOST_CHECKED: u64 = 100_000;

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// Folder of the databases.
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    pub folder: PathBuf,
    /// `sqlite` or `postgres`; both when not given. PostgreSQL needs `--postgres`.
    #[arg(long, value_delimiter = ',')]
    pub engine: Vec<String>,
    /// The server to make databases on.
    #[arg(long, value_name = "URL", env = "BENCH_POSTGRES_URL")]
    pub postgres: Option<String>,
    /// Cases of the small and of the large database.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 1_000_000])]
    pub cases: Vec<u64>,
    /// Connections.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    pub connections: Vec<usize>,
    /// Operations by the start of their name; all when not given.
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,
    /// Counted rounds of each operation.
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Fewer requests, a smaller large database.
    #[arg(long, env = "BENCH_QUICK", value_parser = clap::builder::FalseyValueParser::new())]
    pub quick: bool,
    /// Use the databases of the last run as it left them.
    #[arg(long)]
    pub keep: bool,
    /// The same seed sends the same requests.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

impl Plan {
    fn sizes(&self) -> Vec<u64> {
        self.cases.iter().map(|count| if self.quick { (*count).min(20_000) } else { *count }).collect()
    }

    fn operations(&self) -> Vec<Operation> {
        let wanted = |operation: &Operation| {
            self.only.is_empty() || self.only.iter().any(|start| operation.name().starts_with(start.as_str()))
        };
        Operation::ALL.into_iter().filter(wanted).collect()
    }

    fn rounds(&self) -> usize {
        if self.quick { self.rounds.min(3) } else { self.rounds }
    }
}

/// Measures and prints.
pub fn run(plan: &Plan) -> anyhow::Result<()> {
    let wants = |name: &str| plan.engine.is_empty() || plan.engine.iter().any(|engine| engine == name);
    let mut tables = Vec::new();
    if wants("sqlite") {
        tables.push(measure(plan, None)?);
    }
    if wants("postgres") {
        match &plan.postgres {
            Some(url) => tables.push(measure(plan, Some(url))?),
            None => ensure!(plan.engine.is_empty(), "--postgres URL is needed"),
        }
    }
    print!("{}", report::machine());
    for table in &tables {
        print!("{table}");
    }
    Ok(())
}

/// A server over a database of one size.
struct Target<'a> {
    process: Process,
    requests: Requests<'a>,
    seeded: &'a Seeded,
    /// Reads and writes the same rows, on SQLite.
    yardstick: Option<Process>,
    random: StdRng,
    peak: Memory,
    idle: Idle,
}

fn measure(plan: &Plan, postgres: Option<&str>) -> anyhow::Result<Table> {
    let engine = if postgres.is_some() { "postgres" } else { "sqlite" };
    let mut databases = Vec::new();
    for cases in plan.sizes() {
        let data = plan.folder.join(format!("{engine}-{cases}"));
        let url = postgres.map(|server| new_database(server, &format!("bench_{cases}"), plan.keep)).transpose()?;
        let seeded = seeded::make(&data, url.as_deref(), cases, plan.seed, plan.keep)?;
        databases.push((cases, data, url, seeded));
    }
    let mut targets = Vec::new();
    for (cases, data, url, seeded) in &databases {
        let process = Process::server(data, url.as_deref())?;
        std::thread::sleep(Duration::from_secs(1));
        let idle = Idle { cases: *cases, ready_after: process.ready_after, memory: process.memory()? };
        let requests = Requests::new(process.address, seeded, plan.seed)?;
        let yardstick = if url.is_none() { Some(Process::yardstick(data)?) } else { None };
        let random = StdRng::seed_from_u64(plan.seed);
        targets.push(Target { process, requests, seeded, yardstick, random, peak: Memory::default(), idle });
    }
    let plain = Process::yardstick(&plain_folder(plan)?)?;

    let mut cells = Vec::new();
    for operation in plan.operations() {
        for connections in &plan.connections {
            cells.push(measure_operation(plan, operation, *connections, &mut targets, &plain, postgres.is_some())?);
            eprintln!("{engine}: {}", cells.last().map(Vec::as_slice).map(report::line).unwrap_or_default());
        }
    }
    let idle = targets.iter().map(|target| (target.idle, target.peak)).collect();
    drop(targets);
    let mut sound = Vec::new();
    for (cases, data, url, _) in &databases {
        // On a large database the check takes longer than the measurement.
        if *cases > MOST_CHECKED {
            sound.push(None);
            continue;
        }
        let mut check = Command::new(seeded::sibling("counterfoil")?);
        check.arg("check").arg("--data").arg(data).stdout(std::process::Stdio::null());
        if let Some(url) = url {
            check.args(["--database", url]);
        }
        sound.push(Some(check.status()?.success()));
    }
    Ok(Table { engine, sizes: plan.sizes(), cells: cells.into_iter().flatten().collect(), idle, sound })
}

/// The yardstick that answers bodies of a size reads no row; it runs over a database of its own.
fn plain_folder(plan: &Plan) -> anyhow::Result<PathBuf> {
    let folder = plan.folder.join("plain");
    seeded::make(&folder, None, 10, plan.seed, true)?;
    Ok(folder)
}

/// One operation over so many connections: a round to warm up, then the counted rounds.
fn measure_operation(
    plan: &Plan,
    operation: Operation,
    connections: usize,
    targets: &mut [Target<'_>],
    plain: &Process,
    is_postgres: bool,
) -> anyhow::Result<Vec<Cell>> {
    let count = operation.requests(connections, is_postgres, plan.quick).max(connections);
    let mut cells: Vec<Cell> =
        targets.iter().map(|target| Cell::new(operation, connections, target.idle.cases)).collect();
    let mut answer_bytes = 0;
    for number in 0..=plan.rounds() {
        let is_counted = number > 0;
        let count = if is_counted { count } else { (count / 4).max(connections) };
        for (target, cell) in targets.iter_mut().zip(&mut cells) {
            let sent = target.requests.round(operation, count)?;
            let (round, cpu) = timed(&target.process, connections, &sent)?;
            if let Some(error) = &round.first_error {
                eprintln!("{}: {} of {count} failed: {error}", operation.name(), round.errors);
            }
            answer_bytes = round.body_bytes / count as u64;
            let memory = target.process.memory()?;
            target.peak.resident = target.peak.resident.max(memory.resident);
            target.peak.anonymous = target.peak.anonymous.max(memory.anonymous);
            let has_yardstick = matches!(operation, Operation::Detail | Operation::List | Operation::Create);
            let mut rows = None;
            if let Some(yardstick) = target.yardstick.as_ref().filter(|_| has_yardstick) {
                let host = yardstick.address.to_string();
                let sent = requests::bare(&host, operation, target.seeded, count, &mut target.random);
                let (bare, cpu) = timed(yardstick, connections, &sent)?;
                ensure!(bare.errors == 0, "the yardstick failed: {:?}", bare.first_error);
                rows = Some((bare.rate(), cpu / count as f64));
            }
            if is_counted {
                cell.add(&round, cpu, memory, rows);
            }
        }
        let request = requests::fixed(&plain.address.to_string(), operation, answer_bytes);
        let sent = vec![Bytes::from(request); count];
        let (fixed, cpu) = timed(plain, connections, &sent)?;
        if is_counted {
            for cell in &mut cells {
                cell.add_fixed(fixed.rate(), cpu / count as f64);
            }
        }
    }
    Ok(cells)
}

/// A round, and the processor time that the server spent on it.
fn timed(process: &Process, connections: usize, sent: &[Bytes]) -> anyhow::Result<(Round, f64)> {
    let before = process.cpu_seconds()?;
    let round = client::round(process.address, connections, sent)?;
    Ok((round, process.cpu_seconds()? - before))
}

/// Makes an empty database on a PostgreSQL server, and answers its URL.
fn new_database(server: &str, name: &str, keep: bool) -> anyhow::Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(server, tokio_postgres::NoTls).await.context("PostgreSQL")?;
        let connection = tokio::spawn(connection);
        let known = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await?.is_some();
        if !(known && keep) {
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).await?;
            client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        }
        drop(client);
        connection.await??;
        let (base, _) = server.rsplit_once('/').context("the URL names no database")?;
        Ok(format!("{base}/{name}"))
    })
}
