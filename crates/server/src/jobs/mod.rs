//! The worker: claims due jobs and carries them out, on every node at once.
//!
//! A job's effect inside the database and the end of the job are one commit, after making sure that the lease still holds:
//! the effect happens once, however many nodes run and however often one of them dies.

use crate::app::App;
use crate::authorizations;
use crate::cases;
use counterfoil_store::jobs::{self, Job};
use counterfoil_store::{Result, StoreError, Topic, Tx, idempotency};
use std::time::Duration;
use uuid::Uuid;

/// The most jobs that are claimed at once.
const BATCH: i64 = 32;
/// A worker looks at least this often, also for jobs whose announcement was missed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often unwanted files and old keys are removed.
const SWEEP_EVERY_S: i64 = 300;

/// Runs until the task is dropped.
pub async fn run(app: App) {
    let holder = Uuid::new_v4().simple().to_string();
    let mut swept_at = 0;
    loop {
        let seen = app.store.generation(Topic::Jobs);
        let claimed = match run_due(&app, &holder).await {
            Ok(claimed) => claimed,
            Err(e) => {
                tracing::warn!(error = %e, "jobs cannot be claimed");
                0
            }
        };
        let now = app.clock.now().seconds();
        if now - swept_at >= SWEEP_EVERY_S {
            swept_at = now;
            sweep(&app).await;
        }
        if claimed == 0 {
            app.store.moved_since(Topic::Jobs, seen, LOOK_EVERY).await;
        }
    }
}

/// Carries out what is due now; answers how many jobs were claimed.
pub async fn run_due(app: &App, holder: &str) -> Result<usize> {
    let (now, name) = (app.clock.now().0, holder.to_owned());
    let claimed = app.store.write(async move |tx: &mut Tx| jobs::claim(tx, &name, BATCH, now).await).await?;
    for job in &claimed {
        if let Err(e) = carry_out(app, job, holder).await {
            tracing::warn!(kind = job.kind, job_id = job.job_id, attempts = job.attempts, error = %e, "a job failed");
            let (job, name, text) = (job.clone(), holder.to_owned(), e.to_string());
            app.store.write(async move |tx: &mut Tx| jobs::fail(tx, &job, &name, &text, now).await).await?;
        }
    }
    Ok(claimed.len())
}

async fn carry_out(app: &App, job: &Job, holder: &str) -> std::result::Result<(), crate::error::Error> {
    let (context, job, holder) = (app.clone(), job.clone(), holder.to_owned());
    app.store
        .write(async move |tx: &mut Tx| -> std::result::Result<(), crate::error::Error> {
            if !jobs::is_held(tx, &job, &holder).await? {
                return Ok(());
            }
            if job.kind.starts_with("case.") {
                cases::timers::carry_out(tx, &context, &job).await?;
            } else if job.kind.starts_with("authorization.") {
                authorizations::expiry::carry_out(tx, &context, &job).await?;
            } else {
                return Err(StoreError::Engine(format!("no handler for jobs of kind {}", job.kind).into()).into());
            }
            // The handler may have queued the same kind and key again; that is a new job with its own lease.
            Ok(jobs::finish(tx, &job, &holder).await?)
        })
        .await
}

/// Removes what nobody wants any more: files that no case took, and answers kept for repeated requests.
async fn sweep(app: &App) {
    if let Err(e) = crate::accessories::sweep(app).await {
        tracing::warn!(error = %e, "unwanted files cannot be removed");
    }
    let now = app.clock.now().0;
    if let Err(e) = app.store.write(async move |tx: &mut Tx| idempotency::forget(tx, now).await).await {
        tracing::warn!(error = %e, "old idempotency keys cannot be removed");
    }
    if let Err(e) = app.identity.cache.flush(&app.store).await {
        tracing::warn!(error = %e, "the times of last use cannot be written");
    }
}
