//! What a change of an authorization writes, in one unit: the row, the counters, the erasure of what was given, the timer,
//! the operate log of the case, and an event.

use super::rules::{self, Action, Actor, Change};
use super::sql::{self, AuthorizationRow, Counted};
use crate::app::App;
use crate::cases::change::{Doer, write_event, write_log};
use crate::cases::{self, CaseRow};
use crate::error::{Code, Error, Result};
use counterfoil_store::jobs::NewJob;
use counterfoil_store::{Tx, jobs};
use counterfoil_wire::time::Micros;
use serde_json::json;

/// Ends an authorization whose time is over, or a request that nobody answered; its key is the authorization.
pub(super) const JOB_EXPIRE: &str = "authorization.expire";

/// Asks the life cycle whether this may happen now.
pub(super) fn decide(auth: &AuthorizationRow, action: Action, actor: Actor) -> Result<Change> {
    rules::decide(auth.status, action, actor).ok_or_else(|| Error::new(Code::AuthorizationState))
}

/// Starts the timer of an authorization, or moves it.
pub(super) async fn set_timer(tx: &mut Tx, auth: &AuthorizationRow, now: Micros) -> Result<()> {
    let run_at = auth.expires_at.unwrap_or(auth.answer_until).0;
    let (key, account_id) = (Some(auth.authorization_id.as_str()), Some(auth.account_id.as_str()));
    let job = NewJob { kind: JOB_EXPIRE, key, account_id, payload: json!({}), run_at };
    Ok(jobs::enqueue(tx, &job, now.0).await?)
}

/// Announces what happened to an authorization.
pub(super) async fn announce(
    tx: &mut Tx,
    doer: &Doer,
    case: &CaseRow,
    auth: &AuthorizationRow,
    kind: &'static str,
    now: Micros,
) -> Result<()> {
    let payload = json!({
        "authorization_id": auth.authorization_id,
        "access_type": auth.access.id(),
        "status": auth.status.number(),
    });
    write_event(tx, doer, case, kind, payload, now).await
}

/// Moves the row of an authorization on, with all that follows from it but the log.
async fn move_on(
    tx: &mut Tx,
    doer: &Doer,
    case: &CaseRow,
    auth: &mut AuthorizationRow,
    change: Change,
    counted: &mut Counted,
    now: Micros,
) -> Result<()> {
    counted.add(auth, -1);
    auth.status = change.to;
    counted.add(auth, 1);
    if change.to.is_open() {
        set_timer(tx, auth, now).await?;
    } else {
        auth.ended_at = Some(now);
        sql::erase_secrets(tx, auth).await?;
        jobs::cancel(tx, JOB_EXPIRE, auth.authorization_id.as_str()).await?;
    }
    sql::update(tx, auth).await?;
    announce(tx, doer, case, auth, change.action.event(), now).await
}

/// Writes a decided change. The caller holds the case, and has put into `auth` what is special to the action.
pub(super) async fn save(
    tx: &mut Tx,
    app: &App,
    doer: &Doer,
    case: &mut CaseRow,
    auth: &mut AuthorizationRow,
    change: Change,
    now: Micros,
) -> Result<()> {
    let mut counted = Counted::default();
    move_on(tx, doer, case, auth, change, &mut counted, now).await?;
    if let Some(operate_type) = change.log {
        touch(tx, app, case, now).await?;
        write_log(tx, doer, case, operate_type, &auth.reason, (case.updated_at, now)).await?;
    }
    Ok(counted.write(tx, &auth.account_id).await?)
}

/// Says on the case that something happened in it.
pub(super) async fn touch(tx: &mut Tx, app: &App, case: &mut CaseRow, now: Micros) -> Result<()> {
    case.updated_at = app.sequence.tick_after(now, case.updated_at);
    Ok(cases::update(tx, case).await?)
}

/// What a change of the case means for its authorizations: when it ends, so does what is open, and what was given is
/// erased; when the customer deletes it, they are in no list of a customer any more.
pub async fn follow_case(
    tx: &mut Tx,
    doer: &Doer,
    case: &CaseRow,
    case_change: &cases::rules::Change,
    now: Micros,
) -> Result<()> {
    let (from, to) = (case_change.from, case_change.to);
    let ends = to.is_ended() && !from.is_ended();
    let hides = to == cases::rules::Status::Deleted;
    if !ends && !hides {
        return Ok(());
    }
    let mut counted = Counted::default();
    for mut auth in sql::list_of_case(tx, &case.account_id, &case.case_id).await? {
        if let Some(change) = rules::decide(auth.status, Action::EndWithCase, Actor::System) {
            move_on(tx, doer, case, &mut auth, change, &mut counted, now).await?;
        }
        if hides && !auth.hidden {
            counted.add(&auth, -1);
            auth.hidden = true;
            sql::update(tx, &auth).await?;
        }
    }
    Ok(counted.write(tx, &case.account_id).await?)
}
