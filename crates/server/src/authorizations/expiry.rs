//! The timer of authorizations: ends those whose time is over, and requests that nobody answered.

use super::change;
use super::rules::{self, Action, Actor};
use super::sql;
use crate::app::App;
use crate::cases::{self, change::Doer};
use crate::error::{Error, Result};
use counterfoil_store::Tx;
use counterfoil_store::jobs::Job;
use counterfoil_wire::ids::AuthorizationId;

/// Carries out the timer of a job. One that came too late, because the authorization went on, does nothing.
pub async fn carry_out(tx: &mut Tx, app: &App, job: &Job) -> Result<()> {
    if job.kind != change::JOB_EXPIRE {
        return Err(Error::internal(format!("no timer of kind {}", job.kind)));
    }
    let id = job.key.as_deref().and_then(AuthorizationId::parse);
    let id = id.ok_or_else(|| Error::internal(format!("a timer names no authorization: {:?}", job.key)))?;
    let Some(found) = sql::find_of_any(tx, &id).await? else { return Ok(()) };
    // The case first, as everywhere; then the authorization as it is once nobody else can change it.
    let Some(mut case) = cases::find_of_any_locked(tx, &found.case_id).await? else { return Ok(()) };
    let Some(mut auth) = sql::find_of_any(tx, &id).await? else { return Ok(()) };
    let now = app.clock.now();
    let due = auth.expires_at.unwrap_or(auth.answer_until);
    match rules::decide(auth.status, Action::Expire, Actor::System) {
        Some(decided) if due <= now => change::save(tx, app, &Doer::system(), &mut case, &mut auth, decided, now).await,
        _ => Ok(()),
    }
}
