//! A seeded database: made by `xtask seed`, which prints who may call and some ids.

use anyhow::{Context, ensure};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the seeder prints.
#[derive(Deserialize)]
pub struct Seeded {
    /// The name of the account.
    pub account: String,
    /// Its id.
    pub account_id: String,
    /// Everybody's password.
    pub password: String,
    /// Everybody's secret key.
    pub secret: String,
    /// The owner and the users.
    pub users: Vec<User>,
    /// Cases that the owner sees.
    pub cases: Vec<String>,
    /// Cases that take a message.
    pub open_cases: Vec<String>,
    /// Words that some descriptions hold.
    pub words: Vec<String>,
}

/// Somebody who may call.
#[derive(Deserialize)]
pub struct User {
    /// The name.
    pub name: String,
    /// The id.
    #[serde(rename = "user_id")]
    pub id: String,
    /// The access key.
    pub access: String,
}

/// A program that was built with this one.
pub fn sibling(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    ensure!(path.exists(), "{} is missing; `make bench` builds it", path.display());
    Ok(path)
}

/// Makes a database with `cases` cases in `data`, or takes the one that is there and was kept.
pub fn make(data: &Path, database: Option<&str>, cases: u64, seed: u64, keep: bool) -> anyhow::Result<Seeded> {
    let note = data.join("seeded.json");
    if keep && note.exists() {
        eprintln!("using {}", data.display());
        return Ok(serde_json::from_slice(&std::fs::read(&note)?)?);
    }
    if data.exists() {
        std::fs::remove_dir_all(data)?;
    }
    std::fs::create_dir_all(data)?;
    let mut command = Command::new(sibling("xtask")?);
    command.arg("seed").arg("--data").arg(data).args(["--cases", &cases.to_string(), "--seed", &seed.to_string()]);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    let output = command.stdout(Stdio::piped()).spawn()?.wait_with_output()?;
    ensure!(output.status.success(), "the seeder failed");
    std::fs::write(&note, &output.stdout)?;
    serde_json::from_slice(&output.stdout).context("the seeder's document")
}
