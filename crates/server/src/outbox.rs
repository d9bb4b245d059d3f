//! What mail and SMS have in common: a job whose message nobody can read, wanted up to some time, and the file transport.
//!
//! With the file transport what would be sent is written to a folder, for development and for looking at texts. A message
//! has one file however often it is tried, readable for the server's own user only: there are codes in it.

use crate::app::App;
use crate::error;
use crate::jobs::{self, Failure};
use counterfoil_store::Tx;
use counterfoil_store::jobs::{Job, NewJob, enqueue_outgoing};
use counterfoil_wire::ids::AccountId;
use counterfoil_wire::time::Micros;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::Path;

/// A kind of message.
pub struct Channel {
    /// The job that sends one.
    pub job: &'static str,
    /// What its payload is sealed for.
    pub purpose: &'static str,
}

/// What a job keeps, sealed.
#[derive(Serialize, Deserialize)]
struct Kept<M> {
    /// Not wanted any more after this time.
    not_after: Option<i64>,
    #[serde(flatten)]
    message: M,
}

/// Queues a message in the transaction of what it tells. After `not_after` it is not sent any more, and its content is
/// erased.
pub async fn enqueue<M: Serialize>(
    tx: &mut Tx,
    app: &App,
    channel: &Channel,
    account_id: &AccountId,
    message: M,
    not_after: Option<Micros>,
    now: Micros,
) -> error::Result<()> {
    let kept = Kept { not_after: not_after.map(|at| at.0), message };
    let payload = jobs::sealed(app, channel.purpose, &kept)?;
    let job = NewJob { kind: channel.job, key: None, account_id: Some(account_id.as_str()), payload, run_at: now.0 };
    Ok(enqueue_outgoing(tx, &job, now.0).await?)
}

/// The message of a job, while it is wanted.
pub fn open<M: DeserializeOwned>(app: &App, channel: &Channel, job: &Job) -> Result<M, Failure> {
    let kept: Kept<M> = jobs::open(app, channel.purpose, job).map_err(|e| Failure::ForGood(e.to_string()))?;
    if kept.not_after.is_some_and(|at| at <= app.clock.now().0) {
        return Err(Failure::TooLate);
    }
    Ok(kept.message)
}

/// Writes a message to a file of this name in place of sending it.
pub async fn keep(app: &App, name: String, bytes: Vec<u8>) -> Result<(), Failure> {
    let folder = app.config.outbox_folder();
    let written = tokio::task::spawn_blocking(move || write(&folder, &name, &bytes)).await;
    let written = written.map_err(|e| Failure::ForNow(e.to_string()))?;
    written.map_err(|e| Failure::ForNow(format!("the outbox cannot be written: {e}")))
}

/// Writes `bytes` to `folder/name`, which appears whole or not at all.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".{name}"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(&draft)?.write_all(bytes)?;
    std::fs::rename(&draft, folder.join(name))
}
