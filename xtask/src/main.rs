//! Chores of the workspace: `cargo xtask seed` fills a database with sample cases for measurements.

mod seed;

use clap::{Parser, Subcommand};

/// Chores of the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Chore {
    #[command(flatten)]
    Chore(Command),
}

#[derive(Subcommand)]
enum Command {
    /// Fill a new database with consistent cases; prints who may call and some ids as one JSON document.
    Seed(seed::Wanted),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Chore::Chore(Command::Seed(wanted)) = Chore::parse();
    seed::run(wanted).await
}
