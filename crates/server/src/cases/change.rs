//! What a change of a case writes, in one unit: the row, the operate log, the counters, an event, and the timers; and the
//! erasure of what was confidential when the case ends.

use super::rules::{self, Action, Actor, Change, Refusal, Status};
use super::sealed;
use super::sql::{self, CaseRow, LogRow};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Code, Error, Result};
use crate::labels;
use crate::quotas;
use crate::relations;
use counterfoil_store::events::NewEvent;
use counterfoil_store::jobs::NewJob;
use counterfoil_store::{Tx, events, jobs};
use counterfoil_wire::ids::{LogId, UserId};
use counterfoil_wire::time::Micros;
use serde_json::json;

/// Who acts, as the log names them.
#[derive(Clone, Debug)]
pub struct Doer {
    /// In which capacity.
    pub actor: Actor,
    /// The user; nobody for the system.
    pub id: Option<UserId>,
    /// The name in the log.
    pub name: String,
}

impl Doer {
    /// A caller on the customer's side.
    pub fn customer(caller: &Caller) -> Self {
        Self { actor: Actor::Customer, id: Some(caller.user_id.clone()), name: caller.user_name.to_string() }
    }

    /// A caller on the desk.
    pub fn staff(caller: &Caller) -> Self {
        let is_lead = caller.staff == Some(crate::routes::StaffRole::Lead);
        let actor = if is_lead { Actor::Lead } else { Actor::Engineer };
        Self { actor, id: Some(caller.user_id.clone()), name: caller.user_name.to_string() }
    }

    /// A timer.
    pub fn system() -> Self {
        Self { actor: Actor::System, id: None, name: "system".to_owned() }
    }
}

/// Asks the life cycle whether `doer` may do this now.
pub fn decide(app: &App, doer: &Doer, case: &CaseRow, action: Action, now: Micros) -> Result<Change> {
    rules::decide(case.status, action, doer.actor, case.times(), now, &app.config.timers).map_err(refused)
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Actor => Error::new(Code::NoPermission),
        Refusal::Status => Error::new(Code::WrongState),
        Refusal::UrgedTooSoon(seconds) => Error::retry_after(Code::UrgedTooSoon, seconds),
        Refusal::UrgedTooOften(seconds) => Error::retry_after(Code::UrgedTooOften, seconds),
    }
}

/// Writes a decided change. The caller has already put into `case` what is special to the action, such as the assignee.
pub async fn save(
    tx: &mut Tx,
    app: &App,
    doer: &Doer,
    case: &mut CaseRow,
    change: &Change,
    note: &str,
    now: Micros,
) -> Result<()> {
    let at = app.sequence.tick_after(now, case.updated_at);
    carry_over(case, change, now);
    // A little later than `now` where another node was faster, so that the next change goes on from here.
    case.updated_at = at;
    if change.to.is_ended() && !change.from.is_ended() {
        sealed::erase(tx, case).await?;
    }
    crate::authorizations::follow_case(tx, doer, case, change, now).await?;
    sql::update(tx, case).await?;
    if change.to == Status::Invalid {
        quotas::give_back(tx, case).await?;
    }
    if let Some(operate_type) = change.log {
        write_log(tx, doer, case, operate_type, note, (at, now)).await?;
    }
    move_timers(tx, app, case, change, now).await?;
    labels::follow(tx, case, change).await?;
    relations::follow(tx, case, change).await?;
    write_event(
        tx,
        doer,
        case,
        change.action.event(),
        json!({"from": change.from.number(), "to": change.to.number()}),
        now,
    )
    .await?;
    Ok(sql::count_change(tx, case, change).await?)
}

/// What a decided change means for the row itself.
pub fn carry_over(case: &mut CaseRow, change: &Change, now: Micros) {
    case.updated_at = now;
    case.status = change.to;
    match change.action {
        Action::Press => {
            case.urge_count += 1;
            case.urged_at = now;
        }
        Action::Solve | Action::ConfirmByItself => case.resolved_at = Some(now),
        Action::Reopen => {
            case.reopen_count += 1;
            case.ended_at = None;
            case.ended_by.clear();
        }
        _ => {}
    }
    if change.from != change.to {
        case.status_at = now;
        case.reminder_count = 0;
        if change.to == Status::Processing && change.from != Status::Paused {
            // The customer says that it is not solved, or nobody has tried yet.
            case.resolved_at = None;
            case.resolution.clear();
        }
        if change.from == Status::Paused {
            case.pause_reason.clear();
            case.resume_at = None;
        }
        if change.to.is_ended() && !change.from.is_ended() {
            case.ended_at = Some(now);
            let by = match change.actor {
                Actor::Customer => "customer",
                Actor::Engineer | Actor::Lead => "staff",
                Actor::System => "system",
            };
            by.clone_into(&mut case.ended_by);
        }
    }
}

/// Writes an entry of the operate log: its place is the first of `at`, the time that it shows the second.
pub async fn write_log(
    tx: &mut Tx,
    doer: &Doer,
    case: &CaseRow,
    operate_type: i64,
    note: &str,
    at: (Micros, Micros),
) -> Result<()> {
    let log = LogRow {
        log_id: LogId::random(at.0),
        operate_type,
        operator_type: doer.actor.operator_type(),
        operator_id: doer.id.clone(),
        operator_name: doer.name.clone(),
        description: note.to_owned(),
        created_at: at.1,
    };
    Ok(sql::insert_log(tx, &case.account_id, &case.case_id, &log).await?)
}

/// Appends the event of a change.
pub async fn write_event(
    tx: &mut Tx,
    doer: &Doer,
    case: &CaseRow,
    kind: &'static str,
    payload: serde_json::Value,
    now: Micros,
) -> Result<()> {
    write_numbered_event(tx, doer, case, kind, payload, now).await.map(drop)
}

/// Like [`write_event`], and answers the event's number.
pub async fn write_numbered_event(
    tx: &mut Tx,
    doer: &Doer,
    case: &CaseRow,
    kind: &'static str,
    payload: serde_json::Value,
    now: Micros,
) -> Result<i64> {
    let event = NewEvent {
        account_id: case.account_id.as_str(),
        kind,
        subject: case.case_id.as_str(),
        actor: doer.id.as_ref().map_or("system", UserId::as_str),
        payload,
        at: now.0,
    };
    Ok(events::append_numbered(tx, &event).await?)
}

/// Takes back the timers of the status that was left and starts those of the new one.
async fn move_timers(tx: &mut Tx, app: &App, case: &CaseRow, change: &Change, now: Micros) -> Result<()> {
    if change.from == change.to {
        return Ok(());
    }
    let (timers, key) = (&app.config.timers, case.case_id.as_str());
    for timer in rules::timers_of(change.from, timers) {
        jobs::cancel(tx, timer.job, key).await?;
    }
    if change.from == Status::Paused {
        jobs::cancel(tx, rules::JOB_RESUME, key).await?;
    }
    let mut start = rules::timers_of(change.to, timers)
        .into_iter()
        .map(|timer| (timer.job, now.plus_seconds(timer.after_seconds)))
        .collect::<Vec<_>>();
    if let (Status::Paused, Some(at)) = (change.to, case.resume_at) {
        start.push((rules::JOB_RESUME, at));
    }
    for (kind, at) in start {
        let account_id = Some(case.account_id.as_str());
        let job = NewJob { kind, key: Some(key), account_id, payload: json!({}), run_at: at.0 };
        jobs::enqueue(tx, &job, now.0).await?;
    }
    Ok(())
}
