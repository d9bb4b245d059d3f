//! Work to be done later, queued with the change that causes it and claimed with a lease.
//!
//! A job that fails is tried again with growing pauses; after [`MAX_ATTEMPTS`] it is kept as a dead letter. A job with a
//! key exists once per kind: queueing it again moves its time. A holder that dies loses its lease, and another takes over,
//! so that a job is run at least once. While a job is leased its `run_at` is the end of the lease, so that one index tells
//! what is due next. Jobs that do their work outside of the database have a state of their own (`outgoing`) and are claimed
//! apart, so that a mail server that hangs keeps nothing else waiting. A claim is known by its holder and its number, so that a late holder cannot end a later claim.

use crate::{Result, Topic, Tx, statements, vals};
use uuid::Uuid;

statements! {
    ENQUEUE = "INSERT INTO jobs (job_id, account_id, kind, job_key, payload, state, run_at, attempts, lease_until, \
        lease_holder, last_error, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $8, $6, 0, 0, '', '', $7, $7) \
        ON CONFLICT (kind, job_key) DO UPDATE SET payload = excluded.payload, run_at = excluded.run_at, \
        state = excluded.state, \
        attempts = 0, lease_until = 0, lease_holder = '', last_error = '', updated_at = excluded.updated_at";
    CANCEL = "DELETE FROM jobs WHERE kind = $1 AND job_key = $2";
    CLAIM = "UPDATE jobs SET run_at = $2, lease_until = $2, lease_holder = $3, attempts = attempts + 1, updated_at = $1 \
        WHERE job_id IN (SELECT job_id FROM jobs WHERE state = $5 AND run_at <= $1 ORDER BY run_at LIMIT $4) \
        RETURNING job_id, account_id, kind, job_key, payload, attempts",
        postgres: "UPDATE jobs SET run_at = $2, lease_until = $2, lease_holder = $3, attempts = attempts + 1, \
        updated_at = $1 WHERE job_id = ANY(ARRAY(SELECT job_id FROM jobs WHERE state = $5 AND run_at <= $1 \
        ORDER BY run_at LIMIT $4 FOR UPDATE SKIP LOCKED)) \
        RETURNING job_id, account_id, kind, job_key, payload, attempts";
    HOLD = "SELECT attempts FROM jobs WHERE job_id = $1 AND lease_holder = $2 AND attempts = $3 AND state <> 'dead'",
        postgres: "SELECT attempts FROM jobs WHERE job_id = $1 AND lease_holder = $2 AND attempts = $3 \
        AND state <> 'dead' FOR UPDATE";
    FINISH = "DELETE FROM jobs WHERE job_id = $1 AND lease_holder = $2 AND attempts = $3";
    RETRY = "UPDATE jobs SET run_at = $4, lease_until = 0, lease_holder = '', last_error = $5, updated_at = $6 \
        WHERE job_id = $1 AND lease_holder = $2 AND attempts = $3";
    BURY = "UPDATE jobs SET lease_until = 0, lease_holder = '', state = 'dead', payload = $4, last_error = $5, \
        updated_at = $6 WHERE job_id = $1 AND lease_holder = $2 AND attempts = $3";
    NEXT = "SELECT MIN(run_at) FROM jobs WHERE state IN ('ready', 'outgoing')";
    LIST_DEAD = "SELECT job_id, account_id, kind, job_key, payload, attempts, last_error FROM jobs \
        WHERE state = 'dead' ORDER BY updated_at DESC LIMIT $1";
}

/// After this many failures a job is a dead letter.
pub const MAX_ATTEMPTS: i64 = 12;
/// How long a holder keeps a job before another may take it, in microseconds.
pub const LEASE_MICROS: i64 = 60_000_000;

/// A job to queue.
pub struct NewJob<'a> {
    /// What to do.
    pub kind: &'static str,
    /// Makes the job unique within its kind.
    pub key: Option<&'a str>,
    /// Whose data it is about.
    pub account_id: Option<&'a str>,
    /// What the handler needs, as JSON.
    pub payload: serde_json::Value,
    /// Not before this time, in microseconds UTC.
    pub run_at: i64,
}

/// A claimed job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub job_id: String,
    /// Whose data it is about.
    pub account_id: Option<String>,
    /// What to do.
    pub kind: String,
    /// What makes it unique within its kind.
    pub key: Option<String>,
    /// What the handler needs, as JSON.
    pub payload: String,
    /// How often it was claimed, this time included.
    pub attempts: i64,
}

/// Queues a job, or moves the one with the same kind and key.
pub async fn enqueue(tx: &mut Tx, job: &NewJob<'_>, now: i64) -> Result<()> {
    enqueue_as(tx, "ready", job, now).await
}

/// The same for a job whose work is outside of the database: it is claimed by [`claim_outgoing`].
pub async fn enqueue_outgoing(tx: &mut Tx, job: &NewJob<'_>, now: i64) -> Result<()> {
    enqueue_as(tx, "outgoing", job, now).await
}

async fn enqueue_as(tx: &mut Tx, state: &str, job: &NewJob<'_>, now: i64) -> Result<()> {
    let id = Uuid::new_v4().simple().to_string();
    let args = vals![id, job.account_id, job.kind, job.key, job.payload.to_string(), job.run_at, now, state];
    tx.execute(&ENQUEUE, &args).await?;
    tx.mark(Topic::Jobs);
    Ok(())
}

/// Takes back the job with this kind and key, if it is still there.
pub async fn cancel(tx: &mut Tx, kind: &str, key: &str) -> Result<()> {
    tx.execute(&CANCEL, &vals![kind, key]).await.map(drop)
}

/// Leases up to `limit` due jobs to `holder`, of those whose work is in the database.
pub async fn claim(tx: &mut Tx, holder: &str, limit: i64, now: i64) -> Result<Vec<Job>> {
    claim_of(tx, "ready", holder, limit, now).await
}

/// Leases up to `limit` due jobs to `holder`, of those that [`enqueue_outgoing`] queued.
pub async fn claim_outgoing(tx: &mut Tx, holder: &str, limit: i64, now: i64) -> Result<Vec<Job>> {
    claim_of(tx, "outgoing", holder, limit, now).await
}

async fn claim_of(tx: &mut Tx, state: &str, holder: &str, limit: i64, now: i64) -> Result<Vec<Job>> {
    let rows = tx.query(&CLAIM, &vals![now, now + LEASE_MICROS, holder, limit, state]).await?;
    rows.iter()
        .map(|row| {
            Ok(Job {
                job_id: row.get(0)?,
                account_id: row.get(1)?,
                kind: row.get(2)?,
                key: row.get(3)?,
                payload: row.get(4)?,
                attempts: row.get(5)?,
            })
        })
        .collect()
}

/// True while `holder` still has the lease. Asked inside the unit that carries out the effect, it makes the effect inside
/// the database happen once.
pub async fn is_held(tx: &mut Tx, job: &Job, holder: &str) -> Result<bool> {
    Ok(tx.query_opt(&HOLD, &vals![job.job_id.as_str(), holder, job.attempts]).await?.is_some())
}

/// Ends a job that was carried out.
pub async fn finish(tx: &mut Tx, job: &Job, holder: &str) -> Result<()> {
    tx.execute(&FINISH, &vals![job.job_id.as_str(), holder, job.attempts]).await.map(drop)
}

/// Gives a failed job back for a later try, or keeps it as a dead letter after the last one.
pub async fn fail(tx: &mut Tx, job: &Job, holder: &str, error: &str, now: i64) -> Result<()> {
    if job.attempts >= MAX_ATTEMPTS {
        return bury(tx, job, holder, error, &job.payload, now).await;
    }
    let args = vals![job.job_id.as_str(), holder, job.attempts, now + pause_micros(job.attempts), error, now];
    tx.execute(&RETRY, &args).await.map(drop)
}

/// Keeps a job as a dead letter at once, because trying again cannot help. `payload` takes the place of what it has: empty
/// where nobody may want it any more.
pub async fn bury(tx: &mut Tx, job: &Job, holder: &str, error: &str, payload: &str, now: i64) -> Result<()> {
    let args = vals![job.job_id.as_str(), holder, job.attempts, payload, error, now];
    tx.execute(&BURY, &args).await.map(drop)
}

/// When the next job is due or the next lease ends, if there is one.
pub async fn next_run_at(tx: &mut Tx) -> Result<Option<i64>> {
    tx.query_one(&NEXT, &[]).await?.get(0)
}

/// The newest dead letters with their last error.
pub async fn list_dead(tx: &mut Tx, limit: i64) -> Result<Vec<(Job, String)>> {
    let rows = tx.query(&LIST_DEAD, &vals![limit]).await?;
    rows.iter()
        .map(|row| {
            let job = Job {
                job_id: row.get(0)?,
                account_id: row.get(1)?,
                kind: row.get(2)?,
                key: row.get(3)?,
                payload: row.get(4)?,
                attempts: row.get(5)?,
            };
            Ok((job, row.get(6)?))
        })
        .collect()
}

/// The pause after failure number `attempts`: 5 s, doubled each time, at most 6 h.
pub fn pause_micros(attempts: i64) -> i64 {
    let seconds = 5_i64 << attempts.clamp(1, 20).saturating_sub(1);
    seconds.min(6 * 3600) * 1_000_000
}
