//! Starting diagnoses, their results and history, what can be diagnosed, and what customers say of it.
//!
//! The owner of an account sees all its diagnoses, a user the own ones. A number that the account does not have and one of
//! another account are the same: numbers count in each account.

use super::checks::{self, Finding, Kind, Level};
use super::resource::{Target, normal_host};
use super::rules::{self, JobState};
use super::sql::{self, FeedbackRow, ItemRow, JobRow, Recent, ResourceRow};
use super::{registry, run};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Allowed, Code, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::once::Once;
use crate::reply::{Done, Reply};
use axum::extract::State;
use counterfoil_store::events::NewEvent;
use counterfoil_store::{Tx, events};
use counterfoil_wire::diagnosis::{
    CheckIds, CreateDiagnoseFeedback, CreateDiagnoseJob, DiagnoseItems, DiagnoseJob, DiagnoseJobCreated, DiagnoseJobId,
    DiagnoseRecord, DiagnoseRecordPage, DiagnoseResource, DiagnoseResourcePage, ItemResult, ItemResultDetail,
    ListDiagnoseItems, ListDiagnoseResources,
};
use counterfoil_wire::ids::{AccountId, DiagnoseFeedbackId, ResourceId, UserId};
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::Micros;
use serde_json::json;
use std::net::IpAddr;

/// The most resources that one diagnosis looks at.
const MOST_TARGETS: usize = 20;
/// The most parameters of a diagnosis.
const MOST_PARAMS: u64 = 20;
/// What "in an hour" means.
const HOUR_S: i64 = 3600;
/// How long somebody should wait for the diagnoses that are under way.
const RETRY_S: i64 = 10;

impl Check for CreateDiagnoseJob {
    fn check(&self) -> Result<()> {
        extract::int("type", self.kind, 1..=4)?;
        let params = self.params.iter().flatten();
        extract::count("params", params.clone().count(), 0..=MOST_PARAMS)?;
        for (key, value) in params {
            extract::text("params", key, 1..=64)?;
            extract::line("params", key)?;
            extract::text(&format!("params.{key}"), value, 0..=256)?;
            extract::line(&format!("params.{key}"), value)?;
        }
        region("region_id", self.region_id.as_deref(), 0)
    }
}

impl Check for ListDiagnoseItems {
    fn check(&self) -> Result<()> {
        extract::optional_text("job_id", self.job_id.as_deref(), 0..=64)?;
        match &self.item_ids {
            None => {}
            Some(CheckIds::Text(text)) => extract::text("item_ids", text, 1..=100)?,
            Some(CheckIds::List(list)) => {
                extract::count("item_ids", list.len(), 1..=100)?;
                list.iter().try_for_each(|id| extract::text("item_ids", id, 1..=100))?;
            }
        }
        region("region_id", self.region_id.as_deref(), 0)
    }
}

impl Check for ListDiagnoseResources {
    fn check(&self) -> Result<()> {
        extract::optional_text("project_id", self.project_id.as_deref(), 0..=128)?;
        extract::optional_text("region", self.region.as_deref(), 1..=128)
    }
}

impl Check for CreateDiagnoseFeedback {
    fn check(&self) -> Result<()> {
        extract::int("type", self.kind, 1..=4)?;
        extract::optional_text("content", self.content.as_deref(), 0..=10_000)
    }
}

fn region(field: &str, value: Option<&str>, least: u64) -> Result<()> {
    extract::optional_text(field, value, least..=64)?;
    extract::line(field, value.unwrap_or_default())
}

fn kind_of(number: i64) -> Result<Kind> {
    Kind::from_number(number).ok_or_else(|| Error::param("type", Allowed::Range(1, 4)))
}

/// Whose diagnoses a caller sees: one user's, or all of the account.
fn seen_by(caller: &Caller) -> Option<&UserId> {
    if caller.is_owner { None } else { Some(&caller.user_id) }
}

fn throttle(recent: Recent, most: i64, now: Micros) -> Result<()> {
    match recent.first_at {
        Some(first_at) if recent.count >= most => {
            let left = first_at.plus_seconds(HOUR_S).seconds() - now.seconds();
            Err(Error::retry_after(Code::TooManyDiagnoses, left.max(1)))
        }
        _ => Ok(()),
    }
}

/// Start a diagnosis of what the account has registered.
pub async fn create_diagnose_job(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body(request): Body<CreateDiagnoseJob>,
) -> Result<Reply<DiagnoseJobCreated>> {
    let kind = kind_of(request.kind)?;
    let params = request.params.unwrap_or_default();
    let wanted = rules::wanted(kind, &params).map_err(|field| Error::param(field, Allowed::Required))?;
    let wanted = wanted.map(str::to_owned);
    let region = request.region_id.unwrap_or_default();
    let (now, settings) = (app.clock.now(), app.config.diagnosis.clone());
    let unit = async move |tx: &mut Tx| {
        let found = find_targets(tx, &caller.account_id, kind, wanted.as_deref()).await?;
        let hour_ago = now.plus_seconds(-HOUR_S);
        let recent = sql::recent_jobs(tx, &caller.account_id, &caller.user_id, hour_ago).await?;
        throttle(recent, settings.per_hour, now)?;
        // Taking the number lets nobody else of the account in, so that those under way are all counted.
        let id = sql::next_job(tx, &caller.account_id).await?;
        let id = id.ok_or_else(|| Error::internal("the account has used up its numbers of diagnoses"))?;
        if sql::count_open(tx, &caller.account_id).await? >= settings.at_once {
            return Err(Error::retry_after(Code::TooManyDiagnoses, RETRY_S));
        }
        let job = JobRow {
            id,
            user_id: caller.user_id.clone(),
            kind: kind.number(),
            status: JobState::Preparing.number(),
            params: params.clone(),
            resources: found.into_iter().map(|row| row.resource_id).collect(),
            region: region.clone(),
            red_count: 0,
            abnormal_items: Vec::new(),
            created_at: now,
        };
        sql::insert_job(tx, &caller.account_id, &job).await?;
        let payload = json!({"type": kind.number(), "resources": job.resources});
        announce(tx, &caller, "diagnosis.started", &id.to_string(), payload, now).await?;
        run::enqueue(tx, &caller.account_id, id, now).await?;
        Ok(DiagnoseJobCreated { job_id: id.to_string() })
    };
    once.write(&app, unit).await.map(Reply)
}

/// What a diagnosis looks at: what was asked for by id, name or address, or everything.
async fn find_targets(
    tx: &mut Tx,
    account_id: &AccountId,
    kind: Kind,
    wanted: Option<&str>,
) -> Result<Vec<ResourceRow>> {
    let mut found = Vec::new();
    match wanted {
        None => found = sql::list_resources(tx, account_id, MOST_TARGETS as i64, 0).await?,
        Some(text) => {
            if let Some(id) = ResourceId::parse(text) {
                found.extend(sql::find_resource(tx, account_id, &id).await?);
            }
            if found.is_empty() {
                found.extend(sql::find_resource_by_name(tx, account_id, text).await?);
            }
            if let (true, Some(host)) = (found.is_empty(), normal_host(text)) {
                found = sql::find_resources_by_host(tx, account_id, &host).await?;
            }
        }
    }
    found.retain(|row| kind.resources().contains(&row.new.kind));
    found.truncate(MOST_TARGETS);
    if found.is_empty() { Err(Error::new(Code::NoSuchResource)) } else { Ok(found) }
}

async fn announce(
    tx: &mut Tx,
    caller: &Caller,
    kind: &'static str,
    subject: &str,
    payload: serde_json::Value,
    now: Micros,
) -> Result<()> {
    let (account_id, actor) = (caller.account_id.as_str(), caller.user_id.as_str());
    Ok(events::append(tx, &NewEvent { account_id, kind, subject, actor, payload, at: now.0 }).await?)
}

/// The diagnosis with this number, or the newest one, if the caller sees it.
async fn load_job(tx: &mut Tx, caller: &Caller, job_id: Option<&str>) -> Result<JobRow> {
    let missing = || Error::new(Code::NoSuchDiagnoseJob);
    let job = match job_id {
        None => sql::newest_job(tx, &caller.account_id, seen_by(caller)).await?,
        Some(text) => {
            let id = DiagnoseJobId::parse(text).ok_or_else(missing)?;
            sql::find_job(tx, &caller.account_id, id).await?
        }
    };
    let job = job.ok_or_else(missing)?;
    match seen_by(caller) {
        Some(user_id) if job.user_id != *user_id => Err(Error::new(Code::NoPermission)),
        _ => Ok(job),
    }
}

fn check_name(id: &str, lang: Lang) -> String {
    // A check that a newer node knows is shown by its id.
    checks::Check::parse(id).map_or_else(|| id.to_owned(), |check| check.name(lang).to_owned())
}

/// The state of one result, with the numbers of a job's.
fn state_of(item: &ItemRow) -> i64 {
    let state = if item.level == Level::NotRun.number() { JobState::NotRun } else { JobState::Done };
    state.number()
}

/// Show a diagnosis.
pub async fn list_diagnose_job(State(app): State<App>, caller: Caller, query: Query) -> Result<Reply<DiagnoseJob>> {
    let job_id = query.text("job_id", 0..=64)?;
    query.text("region_id", 0..=64)?;
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let job = load_job(tx, &caller, job_id.as_deref()).await?;
            let items = sql::list_items(tx, &caller.account_id, job.id).await?;
            let items_result = items.into_iter().map(|item| ItemResult {
                status: state_of(&item),
                visible: 1,
                check_name: check_name(&item.check_id, caller.lang),
                resource_id: item.resource_id,
                resource_name: item.resource_name,
                check_id: item.check_id,
                problem_level: item.level,
            });
            Ok(Reply(DiagnoseJob {
                status: job.status,
                job_id: job.id,
                domain_id: caller.account_id.clone(),
                items_result: items_result.collect(),
                create_time: job.created_at.seconds(),
            }))
        })
        .await
}

/// Show checks of a diagnosis with what was seen and what to do.
pub async fn list_diagnose_items(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<ListDiagnoseItems>,
) -> Result<Reply<DiagnoseItems>> {
    let wanted: Option<Vec<String>> = request.item_ids.map(|ids| match ids {
        CheckIds::Text(text) => text.split(',').map(|id| id.trim().to_owned()).collect(),
        CheckIds::List(list) => list,
    });
    let job_id = request.job_id.filter(|id| !id.is_empty());
    let help_url = app.config.diagnosis.help_url.clone();
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let job = load_job(tx, &caller, job_id.as_deref()).await?;
            let items = sql::list_items(tx, &caller.account_id, job.id).await?;
            let is_wanted = |item: &ItemRow| wanted.as_ref().is_none_or(|ids| ids.contains(&item.check_id));
            let item_results = items.into_iter().filter(is_wanted).map(|item| ItemResultDetail {
                status: state_of(&item),
                level: item.level,
                suggestion: Finding::parse(&item.finding).map_or("", |finding| finding.advice(caller.lang)).to_owned(),
                suggestion_url: rules::help_url(&help_url, &item.check_id, &item.finding, caller.lang),
                check_name: check_name(&item.check_id, Lang::ZhCn),
                check_name_en: check_name(&item.check_id, Lang::EnUs),
                check_id: item.check_id,
                response: item.response,
            });
            Ok(Reply(DiagnoseItems { item_results: item_results.collect() }))
        })
        .await
}

/// List what the account has registered.
pub async fn list_diagnose_resources(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<ListDiagnoseResources>,
) -> Result<Reply<DiagnoseResourcePage>> {
    let project_id = request.project_id.filter(|id| !id.is_empty());
    let most = app.config.diagnosis.resources;
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let (_, rows) = registry::list(tx, &caller.account_id, most, 0).await?;
            let result: Vec<_> = rows
                .into_iter()
                .filter(|row| rules::is_in(&row.new, project_id.as_deref(), request.region.as_deref()))
                .filter_map(|row| shown(&row).ok())
                .collect();
            let total_count = i64::try_from(result.len()).unwrap_or(i64::MAX);
            Ok(Reply(DiagnoseResourcePage { total_count, result }))
        })
        .await
}

fn shown(row: &ResourceRow) -> Result<DiagnoseResource> {
    let target = Target::read(row.resource_id.clone(), &row.new)?;
    let of_version = |wanted: fn(&IpAddr) -> bool| {
        target.literal().filter(wanted).map(|address| address.to_string()).unwrap_or_default()
    };
    let ports: Vec<_> = target.ports().iter().map(|(port, protocol)| format!("{port}/{}", protocol.as_str())).collect();
    let metadata = [
        ("kind", row.new.kind.as_str().to_owned()),
        ("address", row.new.address.clone()),
        ("ports", ports.join(",")),
        ("region", row.new.region.clone()),
    ];
    Ok(DiagnoseResource {
        fault: String::new(),
        id: row.resource_id.clone(),
        name: row.new.name.clone(),
        access_ipv4: of_version(IpAddr::is_ipv4),
        access_ipv6: of_version(IpAddr::is_ipv6),
        status: "ACTIVE".to_owned(),
        progress: "100".to_owned(),
        tenant_id: row.new.project_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        user_id: UserId::parse(&row.created_by).map(UserId::into_string).unwrap_or_default(),
        metadata: metadata.map(|(key, value)| (key.to_owned(), value)).into(),
        host_id: String::new(),
    })
}

/// List the diagnoses of one kind, newest first.
pub async fn list_diagnose_records(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<DiagnoseRecordPage>> {
    let page_size = query.int("page_size", 1..=100)?.unwrap_or(10);
    let page_no = query.int("page_no", 1..=DiagnoseJobId::MAX)?.unwrap_or(1);
    let kind = kind_of(query.int("type", 1..=4)?.unwrap_or(1))?;
    query.text("region_id", 0..=64)?;
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let offset = (page_no - 1) * page_size;
            let (total_count, jobs) =
                sql::list_jobs(tx, &caller.account_id, seen_by(&caller), kind, page_size, offset).await?;
            let records = jobs.into_iter().map(|job| DiagnoseRecord {
                id: job.id.to_string(),
                status: job.status.to_string(),
                params: job.params,
                domain_id: caller.account_id.clone(),
                create_time: job.created_at.seconds(),
                job_id: job.id.to_string(),
                abnormal_items: job.abnormal_items,
                red_count: job.red_count,
                region: job.region,
            });
            Ok(Reply(DiagnoseRecordPage { total_count, records: records.collect() }))
        })
        .await
}

/// Say whether a diagnosis helped.
pub async fn create_diagnose_feedback(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body(request): Body<CreateDiagnoseFeedback>,
) -> Result<Reply<Done>> {
    let kind = kind_of(request.kind)?;
    let (now, most) = (app.clock.now(), app.config.diagnosis.per_hour);
    let unit = async move |tx: &mut Tx| {
        let hour_ago = now.plus_seconds(-HOUR_S);
        let recent = sql::recent_feedbacks(tx, &caller.account_id, &caller.user_id, hour_ago).await?;
        throttle(recent, most, now)?;
        let feedback = FeedbackRow {
            feedback_id: DiagnoseFeedbackId::random(now),
            user_id: caller.user_id.clone(),
            kind,
            is_helpful: request.is_helpful,
            content: request.content.clone().unwrap_or_default(),
            created_at: now,
        };
        sql::insert_feedback(tx, &caller.account_id, &feedback).await?;
        let payload = json!({"type": kind.number(), "is_helpful": request.is_helpful});
        announce(tx, &caller, "diagnosis.feedback", feedback.feedback_id.as_str(), payload, now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}
