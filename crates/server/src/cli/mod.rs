//! The command line: `serve`, `demo`, and administration commands that work with the server running or not.
//!
//! Flags win over `COUNTERFOIL_*` variables, which win over the configuration file. `--json` prints one JSON document.

mod serve;

use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, LogFormat};
use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// A self-hosted service-ticket system.
#[derive(Parser)]
#[command(name = "counterfoil", version, about)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Flags of every command.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// Configuration file (TOML).
    #[arg(long, global = true, env = "COUNTERFOIL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Data folder: embedded database, secret key, accessories.
    #[arg(long, global = true, env = "COUNTERFOIL_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL URL in place of the embedded database.
    #[arg(long, global = true, env = "COUNTERFOIL_DATABASE", value_name = "URL")]
    pub database: Option<String>,
    /// Address to listen on.
    #[arg(long, global = true, env = "COUNTERFOIL_LISTEN", value_name = "ADDR")]
    pub listen: Option<String>,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service; migrates the database first.
    Serve,
    /// Bring the database up to date and exit.
    Migrate,
}

impl Global {
    /// The configuration file with the flags and variables on top.
    pub fn load(&self) -> anyhow::Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(data) = &self.data {
            config.data.clone_from(data);
        }
        if let Some(url) = &self.database {
            config.database.url.clone_from(url);
        }
        if let Some(listen) = &self.listen {
            config.listen.clone_from(listen);
        }
        Ok(config)
    }

    /// Opens the application for an administration command.
    pub async fn open(&self) -> anyhow::Result<App> {
        let config = self.load()?;
        App::open(config, Clock::System).await.context("cannot start")
    }
}

/// Parses the command line and runs it; every failure is one line on standard error and exit status 1.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let run = || -> anyhow::Result<()> {
        let config = cli.global.load()?;
        start_log(&config);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(run(cli.command, &cli.global, config))
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("counterfoil: {e:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, global: &Global, config: Config) -> anyhow::Result<()> {
    match command {
        Command::Serve => serve::serve(config).await,
        Command::Migrate => {
            global.open().await?;
            println!("the database is up to date");
            Ok(())
        }
    }
}

fn start_log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter).unwrap_or_default();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.log.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        eprintln!("counterfoil: a log was started before");
    }
}
