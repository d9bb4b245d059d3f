//! Measures the server against yardsticks in one run and prints tables of ratios (`make bench`, `docs/performance.md`).
//!
//! For each engine a server over few cases and one over many run side by side, with the yardsticks, and every operation
//! goes round all of them in turn, several times: a machine that slows down slows down all. What counts is the median
//! of a target's rounds and the median of the ratios round by round.
//!
//! `campaign.rs` is the order of events, `requests.rs` what is sent, `client.rs` how, `process.rs` starts and watches the
//! servers, `yardstick/` is what the server is compared with, `report.rs` the tables.

mod campaign;
mod client;
mod process;
mod report;
mod requests;
mod seeded;
mod yardstick;

use clap::Parser;
use std::path::PathBuf;

/// Measures the server against yardsticks.
#[derive(Parser)]
#[command(name = "counterfoil-bench")]
enum Cli {
    /// Measure and print the tables.
    Run(campaign::Plan),
    /// Serve a yardstick (started by `run`).
    Yardstick {
        /// Data folder of the seeded database.
        #[arg(long)]
        data: PathBuf,
        /// Address to listen on.
        #[arg(long)]
        listen: String,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse() {
        Cli::Run(plan) => campaign::run(&plan),
        Cli::Yardstick { data, listen } => yardstick::serve(&data, &listen),
    }
}
