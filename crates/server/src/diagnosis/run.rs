//! Carries out a diagnosis as a job: on any node, and by the next one when a node dies in the middle.
//!
//! Looking is done outside of any transaction. The lease is asked for before it and again with the results, so that a node
//! that was too slow writes nothing.

use super::checks::Kind;
use super::probe::{Probe, STEPS};
use super::resource::Target;
use super::rules::{self, JobState, Start, Verdict};
use super::sql::{self, ItemRow};
use crate::app::App;
use crate::error::{Error, Result};
use crate::jobs::Failure;
use counterfoil_store::events::NewEvent;
use counterfoil_store::jobs::{self, Job, NewJob};
use counterfoil_store::{Tx, events};
use counterfoil_wire::diagnosis::DiagnoseJobId;
use counterfoil_wire::ids::AccountId;
use counterfoil_wire::time::Micros;
use futures_util::future::join_all;
use serde_json::json;
use std::time::Duration;

/// The kind of the job.
pub const JOB: &str = "diagnose.run";

/// Queues the job of a diagnosis, with the change that starts it.
pub async fn enqueue(tx: &mut Tx, account_id: &AccountId, id: DiagnoseJobId, now: Micros) -> Result<()> {
    let key = format!("{account_id}:{id}");
    let job = NewJob {
        kind: JOB,
        key: Some(&key),
        account_id: Some(account_id.as_str()),
        payload: json!({"job_no": id.number()}),
        run_at: now.0,
    };
    Ok(jobs::enqueue_outgoing(tx, &job, now.0).await?)
}

/// What a job names.
fn subject(job: &Job) -> Option<(AccountId, DiagnoseJobId)> {
    let payload: serde_json::Value = serde_json::from_str(&job.payload).ok()?;
    let account_id = job.account_id.as_deref().and_then(AccountId::parse)?;
    Some((account_id, payload["job_no"].as_i64().and_then(DiagnoseJobId::new)?))
}

/// Carries out the job of a diagnosis.
pub async fn carry_out(app: &App, job: &Job, holder: &str) -> std::result::Result<(), Failure> {
    let Some((account_id, id)) = subject(job) else {
        return Err(Failure::ForGood("the job names no diagnosis".to_owned()));
    };
    let later = |error: Error| Failure::ForNow(error.to_string());
    let Some((kind, targets)) = begin(app, job, holder, &account_id, id).await.map_err(later)? else {
        return Ok(());
    };
    let step = Duration::from_millis(app.config.diagnosis.step_ms);
    let probe = Probe { outgoing: &app.outgoing, clock: &app.clock, step };
    let looks = join_all(targets.iter().map(|target| examine(&probe, kind, target)));
    // The steps have their own deadlines; this one is for what was not thought of.
    let looked = tokio::time::timeout(step * (STEPS + 1), looks).await;
    let results = looked.map_err(|_| Failure::ForNow("looking took too long".to_owned()))?;
    let (items, verdicts): (Vec<_>, Vec<_>) = results.into_iter().flatten().unzip();
    end(app, job, holder, &account_id, id, rules::ending(&verdicts), items).await.map_err(later)
}

/// Takes the diagnosis up, or ends it where there is nothing to do. Nothing when another node has it now.
async fn begin(
    app: &App,
    job: &Job,
    holder: &str,
    account_id: &AccountId,
    id: DiagnoseJobId,
) -> Result<Option<(Kind, Vec<Target>)>> {
    let (now, wait_s) = (app.clock.now(), app.config.diagnosis.wait_seconds);
    let (job, holder, account_id) = (job.clone(), holder.to_owned(), account_id.clone());
    app.store
        .write(async move |tx: &mut Tx| -> Result<_> {
            if !jobs::is_held(tx, &job, &holder).await? {
                return Ok(None);
            }
            let Some(row) = sql::find_job(tx, &account_id, id).await? else { return Ok(None) };
            let mut targets = Vec::new();
            for resource_id in &row.resources {
                if let Some(found) = sql::find_resource(tx, &account_id, resource_id).await? {
                    targets.push(Target::read(found.resource_id, &found.new)?);
                }
            }
            let waited_s = now.seconds() - row.created_at.seconds();
            match (rules::start(row.status, job.attempts, waited_s, wait_s, targets.len()), Kind::from_number(row.kind))
            {
                (Start::Go, Some(kind)) => {
                    sql::start_job(tx, &account_id, id, now).await?;
                    Ok(Some((kind, targets)))
                }
                (Start::End(state), _) => {
                    write_end(tx, &account_id, id, state, &[], now).await?;
                    Ok(None)
                }
                (Start::Ended, _) | (Start::Go, None) => Ok(None),
            }
        })
        .await
}

async fn examine(probe: &Probe<'_>, kind: Kind, target: &Target) -> Vec<(ItemRow, Verdict)> {
    let seen = probe.look(target).await;
    let now = probe.clock.now();
    let judged = rules::plan(kind, target).into_iter().map(|check| {
        let verdict = rules::judge(check, &seen, target, now);
        let item = ItemRow {
            resource_id: target.resource_id.clone(),
            resource_name: target.name.clone(),
            check_id: check.id().to_owned(),
            finding: verdict.finding.id().to_owned(),
            level: verdict.finding.level().number(),
            response: verdict.response.clone(),
        };
        (item, verdict)
    });
    judged.collect()
}

/// Writes the results, unless another node has the diagnosis now.
async fn end(
    app: &App,
    job: &Job,
    holder: &str,
    account_id: &AccountId,
    id: DiagnoseJobId,
    state: JobState,
    items: Vec<ItemRow>,
) -> Result<()> {
    let now = app.clock.now();
    let (job, holder, account_id) = (job.clone(), holder.to_owned(), account_id.clone());
    app.store
        .write(async move |tx: &mut Tx| -> Result<()> {
            if !jobs::is_held(tx, &job, &holder).await? {
                return Ok(());
            }
            write_end(tx, &account_id, id, state, &items, now).await
        })
        .await
}

async fn write_end(
    tx: &mut Tx,
    account_id: &AccountId,
    id: DiagnoseJobId,
    state: JobState,
    items: &[ItemRow],
    now: Micros,
) -> Result<()> {
    sql::end_job(tx, account_id, id, state, items, now).await?;
    let event = NewEvent {
        account_id: account_id.as_str(),
        kind: "diagnosis.ended",
        subject: &id.to_string(),
        actor: "system",
        payload: json!({"status": state.number()}),
        at: now.0,
    };
    Ok(events::append(tx, &event).await?)
}
