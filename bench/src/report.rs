//! Medians, ratios and the tables, in Markdown.

use crate::client::Round;
use crate::process::Memory;
use crate::requests::Operation;
use std::fmt;
use std::time::Duration;

/// One operation over one number of connections on one database: a number from each round.
pub struct Cell {
    operation: Operation,
    connections: usize,
    cases: u64,
    rate: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    cpu_micros: Vec<f64>,
    resident: Vec<f64>,
    /// Rate and CPU of the yardstick that works on the same rows.
    rows: Vec<(f64, f64)>,
    /// Rate and CPU of the yardstick that answers a body of the same size.
    fixed: Vec<(f64, f64)>,
    errors: usize,
}

impl Cell {
    /// Without rounds.
    pub fn new(operation: Operation, connections: usize, cases: u64) -> Self {
        Self {
            operation,
            connections,
            cases,
            rate: Vec::new(),
            p50: Vec::new(),
            p99: Vec::new(),
            cpu_micros: Vec::new(),
            resident: Vec::new(),
            rows: Vec::new(),
            fixed: Vec::new(),
            errors: 0,
        }
    }

    /// Adds a round; `cpu` are the server's seconds for all of it, `rows` the yardstick's rate and seconds for one.
    pub fn add(&mut self, round: &Round, cpu: f64, memory: Memory, rows: Option<(f64, f64)>) {
        let millis = |share| round.quantile(share).as_secs_f64() * 1e3;
        self.rate.push(round.rate());
        self.p50.push(millis(0.5));
        self.p99.push(millis(0.99));
        self.cpu_micros.push(cpu * 1e6 / round.latencies.len() as f64);
        self.resident.push(memory.resident);
        self.rows.extend(rows);
        self.errors += round.errors;
    }

    /// Adds a round of the yardstick that answers bodies.
    pub fn add_fixed(&mut self, rate: f64, cpu: f64) {
        self.fixed.push((rate, cpu));
    }

    /// The server's rate as a share of a yardstick's.
    fn share(&self, of: &[(f64, f64)]) -> Option<f64> {
        let ratios: Vec<f64> = self.rate.iter().zip(of).map(|(own, (other, _))| own / other).collect();
        (!ratios.is_empty()).then(|| median(&ratios))
    }

    /// How much more processor time the server spends than a yardstick.
    fn cpu_share(&self, of: &[(f64, f64)]) -> Option<f64> {
        let theirs: Vec<f64> = of.iter().map(|(_, cpu)| cpu * 1e6).collect();
        (!theirs.is_empty()).then(|| median(&self.cpu_micros) / median(&theirs).max(1e-9))
    }
}

/// A server that nobody has called yet.
#[derive(Clone, Copy)]
pub struct Idle {
    /// Cases in its database.
    pub cases: u64,
    /// From its start to its first answer.
    pub ready_after: Duration,
    /// What it holds a second later.
    pub memory: Memory,
}

/// All cells of one engine.
pub struct Table {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// Cases of the databases.
    pub sizes: Vec<u64>,
    /// In the order of measuring.
    pub cells: Vec<Cell>,
    /// Each server at rest, and the most it held.
    pub idle: Vec<(Idle, Memory)>,
    /// Whether `counterfoil check` was content with each database afterwards, where it was asked.
    pub sound: Vec<Option<bool>>,
}

fn median(of: &[f64]) -> f64 {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
    }
}

fn shown(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{share:.2}"))
}

/// One line for whoever waits.
pub fn line(cells: &[Cell]) -> String {
    let one = |cell: &Cell| {
        let (rows, fixed) = (shown(cell.share(&cell.rows)), shown(cell.share(&cell.fixed)));
        let cpu = (median(&cell.cpu_micros), shown(cell.cpu_share(&cell.rows)));
        let p = (median(&cell.p50), median(&cell.p99));
        format!(
            "[{}: {:.0}/s p50 {:.2} p99 {:.2} cpu {:.0} us rows {rows} (cpu x{}) fixed {fixed}]",
            cell.cases,
            median(&cell.rate),
            p.0,
            p.1,
            cpu.0,
            cpu.1
        )
    };
    let name = cells.first().map(|cell| format!("{} x{}", cell.operation.name(), cell.connections)).unwrap_or_default();
    format!("{name} {}", cells.iter().map(one).collect::<Vec<_>>().join(" "))
}

/// The machine, as far as it tells.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let (cpu, memory, system) = (read("/proc/cpuinfo"), read("/proc/meminfo"), read("/etc/os-release"));
    let value = |text: &str, name: &str, mark: char| {
        let line =
            text.lines().find_map(|line| line.strip_prefix(name).and_then(|rest| rest.trim().strip_prefix(mark)));
        line.unwrap_or("unknown").trim().trim_matches('"').to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let gib = value(&memory, "MemTotal", ':').trim_end_matches(" kB").parse::<f64>().unwrap_or_default() / 1_048_576.0;
    let load = read("/proc/loadavg");
    let load = load.split_whitespace().next().unwrap_or("unknown").to_owned();
    format!(
        "Machine: {cores} cores ({}), {gib:.0} GiB, {}; load average at the end {load}.\n",
        value(&cpu, "model name", ':'),
        value(&system, "PRETTY_NAME", '='),
    )
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for size in &self.sizes {
            writeln!(f, "\n### {}, {size} cases\n", self.engine)?;
            writeln!(
                f,
                "| operation | connections | requests/s | p50 ms | p99 ms | CPU us | memory MB | of same rows | CPU of same \
                 rows | of same size | errors |"
            )?;
            writeln!(f, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")?;
            for cell in self.cells.iter().filter(|cell| cell.cases == *size) {
                writeln!(
                    f,
                    "| {} | {} | {:.0} | {:.2} | {:.2} | {:.0} | {:.0} | {} | {} | {} | {} |",
                    cell.operation.name(),
                    cell.connections,
                    median(&cell.rate),
                    median(&cell.p50),
                    median(&cell.p99),
                    median(&cell.cpu_micros),
                    median(&cell.resident),
                    shown(cell.share(&cell.rows)),
                    shown(cell.cpu_share(&cell.rows)),
                    shown(cell.share(&cell.fixed)),
                    cell.errors,
                )?;
            }
        }
        writeln!(f, "\n### {}: floors\n", self.engine)?;
        writeln!(f, "| what | floor | measured | |")?;
        writeln!(f, "| --- | ---: | ---: | --- |")?;
        for (what, floor, measured, holds) in self.floors() {
            writeln!(f, "| {what} | {floor} | {measured} | {} |", if holds { "holds" } else { "missed" })?;
        }
        Ok(())
    }
}

impl Table {
    fn floors(&self) -> Vec<(String, String, String, bool)> {
        let mut rows = Vec::new();
        for cell in self.cells.iter().filter(|cell| cell.connections == 64) {
            let floor = match cell.operation {
                Operation::Create => 0.4,
                Operation::Detail | Operation::List => 0.5,
                _ => continue,
            };
            if let Some(share) = cell.share(&cell.rows) {
                let what = format!("{} of the same rows, 64 connections, {} cases", cell.operation.name(), cell.cases);
                rows.push((what, format!("at least {floor}"), format!("{share:.2}"), share >= floor));
            }
        }
        for cell in self.cells.iter().filter(|cell| cell.connections == 16) {
            let ratios: Vec<f64> = cell.p99.iter().zip(&cell.p50).map(|(p99, p50)| p99 / p50).collect();
            let ratio = median(&ratios);
            let what = format!("p99 of p50, {}, 16 connections, {} cases", cell.operation.name(), cell.cases);
            rows.push((what, "under 10".to_owned(), format!("{ratio:.1}"), ratio < 10.0));
        }
        if let [small, .., large] = self.sizes.as_slice() {
            for cell in self.cells.iter().filter(|cell| cell.cases == *large) {
                use Operation::{ByProblem, Counts, Detail, List, Poll, Quota, Unread};
                if !matches!(cell.operation, Counts | List | Detail | ByProblem | Quota | Unread | Poll) {
                    continue;
                }
                let of_small = |other: &&Cell| {
                    other.cases == *small && other.operation == cell.operation && other.connections == cell.connections
                };
                if let Some(other) = self.cells.iter().find(of_small) {
                    let ratios: Vec<f64> = other.rate.iter().zip(&cell.rate).map(|(s, l)| s / l).collect();
                    let ratio = median(&ratios);
                    let what = format!(
                        "{}, {} connections, cost at {large} of cost at {small}",
                        cell.operation.name(),
                        cell.connections
                    );
                    rows.push((what, "at most 1.5".to_owned(), format!("{ratio:.2}"), ratio <= 1.5));
                }
            }
        }
        for ((idle, peak), sound) in self.idle.iter().zip(&self.sound) {
            let (of, ready) = (format!("{} cases", idle.cases), idle.ready_after.as_secs_f64());
            let megabytes = |memory: &Memory| format!("{:.0} MB ({:.0} anonymous)", memory.resident, memory.anonymous);
            rows.push((
                format!("idle memory, {of}"),
                "under 40 MB".to_owned(),
                megabytes(&idle.memory),
                idle.memory.resident < 40.0,
            ));
            rows.push((
                format!("memory under load, {of}"),
                "under 200 MB".to_owned(),
                megabytes(peak),
                peak.resident < 200.0,
            ));
            rows.push((format!("ready, {of}"), "under 0.5 s".to_owned(), format!("{ready:.2} s"), ready < 0.5));
            if let Some(sound) = *sound {
                let said = if sound { "sound" } else { "not sound" };
                rows.push((
                    format!("`counterfoil check` afterwards, {of}"),
                    "sound".to_owned(),
                    said.to_owned(),
                    sound,
                ));
            }
        }
        rows
    }
}
