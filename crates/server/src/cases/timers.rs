//! What happens to a case by itself: closing, reminding, confirming, resuming. Carried out by the job worker.

use super::change::{self, Doer};
use super::rules::{self, Action, Status};
use super::sql;
use crate::app::App;
use crate::error::{Error, Result};
use counterfoil_store::Tx;
use counterfoil_store::jobs::Job;
use counterfoil_wire::ids::CaseId;
use serde_json::json;

/// Carries out the timer of a job. One that came too late, because the case went on, does nothing.
pub async fn carry_out(tx: &mut Tx, app: &App, job: &Job) -> Result<()> {
    let id = job.key.as_deref().and_then(CaseId::parse);
    let id = id.ok_or_else(|| Error::internal(format!("a timer names no case: {:?}", job.key)))?;
    let Some(mut case) = sql::find_of_any_locked(tx, &id).await? else { return Ok(()) };
    let (doer, now) = (Doer::system(), app.clock.now());
    let action = match job.kind.as_str() {
        rules::JOB_CLOSE => Action::CloseByItself,
        rules::JOB_CONFIRM => Action::ConfirmByItself,
        rules::JOB_RESUME => Action::Resume,
        rules::JOB_REMIND_FIRST | rules::JOB_REMIND_SECOND => {
            if case.status == Status::PendingFeedback {
                case.reminder_count += 1;
                sql::update(tx, &case).await?;
                let payload = json!({"reminder": case.reminder_count});
                change::write_event(tx, &doer, &case, "case.reminded", payload, now).await?;
            }
            return Ok(());
        }
        other => return Err(Error::internal(format!("no timer of kind {other}"))),
    };
    match rules::decide(case.status, action, doer.actor, case.times(), now, &app.config.timers) {
        Ok(decided) => change::save(tx, app, &doer, &mut case, &decided, "", now).await,
        Err(_) => Ok(()),
    }
}
