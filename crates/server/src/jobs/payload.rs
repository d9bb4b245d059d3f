//! What a job carries that nobody may read in the table of jobs: sealed by the vault.

use crate::app::App;
use crate::error::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use counterfoil_store::jobs::Job;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// The payload of a job with `content` sealed in it.
pub fn sealed<T: Serialize>(app: &App, purpose: &'static str, content: &T) -> Result<Value> {
    let plain = Zeroizing::new(serde_json::to_vec(content).map_err(Error::internal)?);
    Ok(json!({"sealed": STANDARD.encode(app.vault.seal(purpose, &plain))}))
}

/// What [`sealed`] put into a job.
pub fn open<T: DeserializeOwned>(app: &App, purpose: &'static str, job: &Job) -> Result<T> {
    let payload: Value = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let text = payload["sealed"].as_str().ok_or_else(|| Error::internal("a job has no sealed payload"))?;
    let sealed = STANDARD.decode(text).map_err(Error::internal)?;
    let plain = Zeroizing::new(app.vault.open(purpose, &sealed).map_err(Error::internal)?);
    serde_json::from_slice(&plain).map_err(|_| Error::internal("a job's sealed payload cannot be read"))
}
