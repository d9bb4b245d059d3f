//! The command line, as the binary that users run, on a data folder of its own.

mod agreement;
mod identity;
mod partner;
mod plan;
mod resource;
mod secret_key;

use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the binary with an empty environment.
fn run(data: &Path, args: &[&str], stdin: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterfoil"));
    command.env_clear().envs(variables.iter().copied()).arg("--data").arg(data).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that reads nothing may be gone before this is written.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

/// The JSON answer of a command that succeeds.
#[track_caller]
fn json(data: &Path, args: &[&str], stdin: &str) -> Value {
    let output = run(data, &[args, &["--json"]].concat(), stdin, &[]);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The message of a command that fails.
#[track_caller]
fn fails(data: &Path, args: &[&str], stdin: &str) -> String {
    let output = run(data, args, stdin, &[]);
    assert!(!output.status.success(), "{args:?}");
    assert!(output.stdout.is_empty(), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}
