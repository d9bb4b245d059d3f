//! The worker: claims due jobs and carries them out, on every node at once.
//!
//! A job's effect inside the database and the end of the job are one commit, after making sure that the lease still holds:
//! the effect happens once, however many nodes run and however often one of them dies. Jobs that do their work outside
//! (`outgoing`) run beside the others and beside each other, and end in a commit of their own: they happen at least once.

use crate::app::App;
use crate::{authorizations, cases, contacts, diagnosis, mail, sms};
use counterfoil_store::jobs::{self, Job};
use counterfoil_store::{Result, StoreError, Topic, Tx, idempotency};
use std::time::Duration;
use tokio::task::JoinSet;
use uuid::Uuid;

mod payload;

pub use payload::{open, sealed};

/// The most jobs that are claimed at once.
const BATCH: i64 = 32;
/// The most jobs that one node has under way outside of the database.
const MOST_OUTGOING: usize = 32;
/// After this long, work outside has failed: well within a lease, so that nobody else begins it meanwhile.
const OUTGOING_LIMIT: Duration = Duration::from_secs(45);
/// A worker looks at least this often, also for jobs whose announcement was missed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often unwanted files and old keys are removed.
const SWEEP_EVERY_S: i64 = 300;

/// Why work outside of the database did not succeed. The words are kept with the job and logged: nothing confidential.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Trying again may help.
    #[error("{0}")]
    ForNow(String),
    /// Trying again cannot help.
    #[error("{0}")]
    ForGood(String),
    /// It came too late to be of any use, and nobody may want its content any more.
    #[error("it came too late to be of any use")]
    TooLate,
}

/// Runs until the task is dropped.
pub async fn run(app: App) {
    tokio::join!(run_inside(&app), run_outgoing(&app));
}

async fn run_inside(app: &App) {
    let holder = new_holder();
    let mut swept_at = 0;
    loop {
        let seen = app.store.generation(Topic::Jobs);
        let claimed = counted(run_inside_due(app, &holder).await);
        let now = app.clock.now().seconds();
        if now - swept_at >= SWEEP_EVERY_S {
            swept_at = now;
            sweep(app).await;
        }
        if claimed == 0 {
            app.store.moved_since(Topic::Jobs, seen, LOOK_EVERY).await;
        }
    }
}

async fn run_outgoing(app: &App) {
    let holder = new_holder();
    let mut under_way = JoinSet::new();
    loop {
        let seen = app.store.generation(Topic::Jobs);
        while under_way.try_join_next().is_some() {}
        let claimed = counted(start_outgoing(app, &holder, &mut under_way).await);
        if under_way.len() >= MOST_OUTGOING {
            under_way.join_next().await;
        } else if claimed == 0 {
            app.store.moved_since(Topic::Jobs, seen, LOOK_EVERY).await;
        }
    }
}

fn new_holder() -> String {
    Uuid::new_v4().simple().to_string()
}

fn counted(claimed: Result<usize>) -> usize {
    claimed.unwrap_or_else(|e| {
        tracing::warn!(error = %e, "jobs cannot be claimed");
        0
    })
}

/// Carries out what is due now, inside and outside; answers how many jobs were claimed.
pub async fn run_due(app: &App, holder: &str) -> Result<usize> {
    let inside = run_inside_due(app, holder).await?;
    let mut under_way = JoinSet::new();
    let outgoing = start_outgoing(app, holder, &mut under_way).await?;
    under_way.join_all().await;
    Ok(inside + outgoing)
}

async fn run_inside_due(app: &App, holder: &str) -> Result<usize> {
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
            } else if job.kind == contacts::JOB_EXPIRE {
                contacts::expire(tx, &context, &job).await?;
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

/// Claims as many jobs as there is room for and starts them.
async fn start_outgoing(app: &App, holder: &str, under_way: &mut JoinSet<()>) -> Result<usize> {
    let room = i64::try_from(MOST_OUTGOING.saturating_sub(under_way.len())).unwrap_or(BATCH);
    let (now, name) = (app.clock.now().0, holder.to_owned());
    let claimed = app.store.write(async move |tx: &mut Tx| jobs::claim_outgoing(tx, &name, room, now).await).await?;
    let count = claimed.len();
    for job in claimed {
        let (app, holder) = (app.clone(), holder.to_owned());
        under_way.spawn(async move {
            if let Err(e) = carry_out_outgoing(&app, &job, &holder).await {
                tracing::warn!(kind = job.kind, job_id = job.job_id, error = %e, "a job's end cannot be written");
            }
        });
    }
    Ok(count)
}

/// Does the work first and writes its end afterwards; no transaction waits for anybody outside.
async fn carry_out_outgoing(app: &App, job: &Job, holder: &str) -> Result<()> {
    let work = async {
        match job.kind.as_str() {
            diagnosis::run::JOB => diagnosis::run::carry_out(app, job, holder).await,
            mail::JOB => mail::deliver(app, job).await,
            sms::JOB => sms::deliver(app, job).await,
            other => Err(Failure::ForNow(format!("no handler for jobs of kind {other}"))),
        }
    };
    let late = || Err(Failure::ForNow("it was not done in time".to_owned()));
    let done = tokio::time::timeout(OUTGOING_LIMIT, work).await.unwrap_or_else(|_| late());
    if let Err(e) = &done {
        tracing::warn!(kind = job.kind, job_id = job.job_id, attempts = job.attempts, error = %e, "a job failed");
    }
    let (now, job, holder) = (app.clock.now().0, job.clone(), holder.to_owned());
    app.store
        .write(async move |tx: &mut Tx| match &done {
            Ok(()) => jobs::finish(tx, &job, &holder).await,
            Err(e @ Failure::ForNow(_)) => jobs::fail(tx, &job, &holder, &e.to_string(), now).await,
            Err(e @ Failure::ForGood(_)) => jobs::bury(tx, &job, &holder, &e.to_string(), &job.payload, now).await,
            Err(e @ Failure::TooLate) => jobs::bury(tx, &job, &holder, &e.to_string(), "{}", now).await,
        })
        .await
}

/// Removes what nobody wants any more: files that no case took, codes that nobody entered, and answers kept for repeated
/// requests.
async fn sweep(app: &App) {
    if let Err(e) = crate::accessories::sweep(app).await {
        tracing::warn!(error = %e, "unwanted files cannot be removed");
    }
    if let Err(e) = contacts::sweep(app).await {
        tracing::warn!(error = %e, "old verification codes cannot be removed");
    }
    let now = app.clock.now().0;
    if let Err(e) = app.store.write(async move |tx: &mut Tx| idempotency::forget(tx, now).await).await {
        tracing::warn!(error = %e, "old idempotency keys cannot be removed");
    }
    if let Err(e) = app.identity.cache.flush(&app.store).await {
        tracing::warn!(error = %e, "the times of last use cannot be written");
    }
}
