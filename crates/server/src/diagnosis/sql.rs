//! Statements on resources, diagnoses and their feedback.

use super::checks::{Finding, Kind};
use super::resource::Target;
use super::rules::JobState;
use crate::cases::{id, optional_id};
use counterfoil_store::{Result, Row, StoreError, Tx, Val, counters, statements, vals};
use counterfoil_wire::diagnosis::{DiagnoseJobId, NewResource, ResourceKind};
use counterfoil_wire::ids::{AccountId, DiagnoseFeedbackId, ProjectId, ResourceId, UserId};
use counterfoil_wire::time::Micros;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

macro_rules! resource {
    () => {
        "resource_id, kind, name, address, ports, names, region, project_id, created_by, created_at"
    };
}

macro_rules! job {
    () => {
        "job_no, user_id, kind, status, params, resources, region, red_count, abnormal_items, created_at"
    };
}

statements! {
    INSERT_RESOURCE = concat!("INSERT INTO diagnose_resources (account_id, ", resource!(), ", host, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11)");
    UPDATE_RESOURCE = "UPDATE diagnose_resources SET kind = $3, name = $4, address = $5, ports = $6, names = $7, \
        region = $8, project_id = $9, host = $10, updated_at = $11 WHERE account_id = $1 AND resource_id = $2";
    DELETE_RESOURCE = "DELETE FROM diagnose_resources WHERE account_id = $1 AND resource_id = $2";
    FIND_RESOURCE = concat!("SELECT ", resource!(), " FROM diagnose_resources \
        WHERE account_id = $1 AND resource_id = $2");
    FIND_RESOURCE_BY_NAME = concat!("SELECT ", resource!(), " FROM diagnose_resources \
        WHERE account_id = $1 AND name = $2");
    FIND_RESOURCES_BY_HOST = concat!("SELECT ", resource!(), " FROM diagnose_resources \
        WHERE account_id = $1 AND host = $2 ORDER BY resource_id");
    LIST_RESOURCES = concat!("SELECT ", resource!(), " FROM diagnose_resources WHERE account_id = $1 \
        ORDER BY name LIMIT $2 OFFSET $3");
    COUNT_RESOURCES = "SELECT COUNT(*) FROM diagnose_resources WHERE account_id = $1";

    INSERT_JOB = concat!("INSERT INTO diagnose_jobs (account_id, ", job!(), ") \
        VALUES ($1, $2, $3, $4, 0, $5, $6, $7, 0, '[]', $8)");
    FIND_JOB = concat!("SELECT ", job!(), " FROM diagnose_jobs WHERE account_id = $1 AND job_no = $2");
    NEWEST_JOB = concat!("SELECT ", job!(), " FROM diagnose_jobs WHERE account_id = $1 \
        ORDER BY job_no DESC LIMIT 1");
    NEWEST_JOB_OF_USER = concat!("SELECT ", job!(), " FROM diagnose_jobs WHERE account_id = $1 AND user_id = $2 \
        ORDER BY created_at DESC, job_no DESC LIMIT 1");
    LIST_JOBS = concat!("SELECT ", job!(), " FROM diagnose_jobs WHERE account_id = $1 AND kind = $2 \
        ORDER BY job_no DESC LIMIT $3 OFFSET $4");
    LIST_JOBS_OF_USER = concat!("SELECT ", job!(), " FROM diagnose_jobs WHERE account_id = $1 AND user_id = $5 \
        AND kind = $2 ORDER BY job_no DESC LIMIT $3 OFFSET $4");
    COUNT_OPEN = "SELECT COUNT(*) FROM diagnose_jobs WHERE account_id = $1 AND status IN (0, 2)";
    RECENT_JOBS = "SELECT COUNT(*), MIN(created_at) FROM diagnose_jobs \
        WHERE account_id = $1 AND user_id = $2 AND created_at > $3";
    START_JOB = "UPDATE diagnose_jobs SET status = 2, started_at = $3 WHERE account_id = $1 AND job_no = $2";
    END_JOB = "UPDATE diagnose_jobs SET status = $3, red_count = $4, abnormal_items = $5, ended_at = $6 \
        WHERE account_id = $1 AND job_no = $2";

    INSERT_ITEM = "INSERT INTO diagnose_items (account_id, job_no, position, resource_id, resource_name, check_id, \
        finding, level, response) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LIST_ITEMS = "SELECT resource_id, resource_name, check_id, finding, level, response FROM diagnose_items \
        WHERE account_id = $1 AND job_no = $2 ORDER BY position";

    INSERT_FEEDBACK = "INSERT INTO diagnose_feedbacks (account_id, feedback_id, user_id, kind, is_helpful, content, \
        created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    RECENT_FEEDBACKS = "SELECT COUNT(*), MIN(created_at) FROM diagnose_feedbacks \
        WHERE account_id = $1 AND user_id = $2 AND created_at > $3";
}

/// The counters of an account's diagnoses: how many by kind, and the last number that was given.
const SCOPE: &str = "diagnoses";
/// The counter of the last number.
const LAST: &str = "last";

/// A registered resource.
#[derive(Clone, Debug)]
pub struct ResourceRow {
    /// Its id.
    pub resource_id: ResourceId,
    /// What was said of it.
    pub new: NewResource,
    /// Who registered it; empty from the command line.
    pub created_by: String,
    /// When.
    pub created_at: Micros,
}

/// A diagnosis.
#[derive(Clone, Debug)]
pub struct JobRow {
    /// Its number in the account.
    pub id: DiagnoseJobId,
    /// Who started it.
    pub user_id: UserId,
    /// What kind it is, by its number.
    pub kind: i64,
    /// Its state, by its number.
    pub status: i64,
    /// What the client sent.
    pub params: BTreeMap<String, String>,
    /// What is looked at.
    pub resources: Vec<ResourceId>,
    /// The region that the client had chosen.
    pub region: String,
    /// How many results are abnormal.
    pub red_count: i64,
    /// The checks that found something.
    pub abnormal_items: Vec<String>,
    /// When it was started.
    pub created_at: Micros,
}

/// A result.
#[derive(Clone, Debug)]
pub struct ItemRow {
    /// What was looked at.
    pub resource_id: ResourceId,
    /// Its name at that time.
    pub resource_name: String,
    /// The check's id.
    pub check_id: String,
    /// The finding's id.
    pub finding: String,
    /// Its level.
    pub level: i64,
    /// What was seen.
    pub response: String,
}

fn json<T: DeserializeOwned>(row: &mut Row, index: usize) -> Result<T> {
    let text: String = row.take(index)?;
    serde_json::from_str(&text).map_err(|e| StoreError::Engine(format!("column {index}: {e}").into()))
}

fn text(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::Engine(e.into()))
}

fn resource_row(mut row: Row) -> Result<ResourceRow> {
    let kind: String = row.take(1)?;
    let kind =
        ResourceKind::parse(&kind).ok_or_else(|| StoreError::Engine(format!("a resource is a {kind}").into()))?;
    Ok(ResourceRow {
        resource_id: id(&mut row, 0)?,
        new: NewResource {
            kind,
            name: row.take(2)?,
            address: row.take(3)?,
            ports: json(&mut row, 4)?,
            names: json(&mut row, 5)?,
            region: row.take(6)?,
            project_id: optional_id(&mut row, 7)?,
        },
        created_by: row.take(8)?,
        created_at: Micros(row.get(9)?),
    })
}

fn job_row(mut row: Row) -> Result<JobRow> {
    let number: i64 = row.get(0)?;
    let id_of = DiagnoseJobId::new(number);
    Ok(JobRow {
        id: id_of.ok_or_else(|| StoreError::Engine(format!("{number} is no job's number").into()))?,
        user_id: id(&mut row, 1)?,
        kind: row.get(2)?,
        status: row.get(3)?,
        params: json(&mut row, 4)?,
        resources: json(&mut row, 5)?,
        region: row.take(6)?,
        red_count: row.get(7)?,
        abnormal_items: json(&mut row, 8)?,
        created_at: Micros(row.get(9)?),
    })
}

fn project(new: &NewResource) -> Option<&str> {
    new.project_id.as_ref().map(ProjectId::as_str)
}

/// Registers a resource. The name is unique in the account.
pub async fn insert_resource(
    tx: &mut Tx,
    account_id: &AccountId,
    target: &Target,
    new: &NewResource,
    created_by: &str,
    now: Micros,
) -> Result<()> {
    let (ports, names) = (text(&new.ports)?, text(&new.names)?);
    let args = vals![
        account_id.as_str(),
        target.resource_id.as_str(),
        new.kind.as_str(),
        new.name.as_str(),
        new.address.as_str(),
        ports,
        names,
        new.region.as_str(),
        project(new),
        created_by,
        now.0,
        target.host(),
    ];
    tx.execute(&INSERT_RESOURCE, &args).await.map(drop)
}

/// Changes a resource; false when the account has none of that id.
pub async fn update_resource(
    tx: &mut Tx,
    account_id: &AccountId,
    target: &Target,
    new: &NewResource,
    now: Micros,
) -> Result<bool> {
    let (ports, names) = (text(&new.ports)?, text(&new.names)?);
    let args = vals![
        account_id.as_str(),
        target.resource_id.as_str(),
        new.kind.as_str(),
        new.name.as_str(),
        new.address.as_str(),
        ports,
        names,
        new.region.as_str(),
        project(new),
        target.host(),
        now.0,
    ];
    Ok(tx.execute(&UPDATE_RESOURCE, &args).await? > 0)
}

/// Takes a resource out; false when the account has none of that id.
pub async fn delete_resource(tx: &mut Tx, account_id: &AccountId, resource_id: &ResourceId) -> Result<bool> {
    Ok(tx.execute(&DELETE_RESOURCE, &vals![account_id.as_str(), resource_id.as_str()]).await? > 0)
}

/// The resource with this id.
pub async fn find_resource(
    tx: &mut Tx,
    account_id: &AccountId,
    resource_id: &ResourceId,
) -> Result<Option<ResourceRow>> {
    let args = vals![account_id.as_str(), resource_id.as_str()];
    tx.query_opt(&FIND_RESOURCE, &args).await?.map(resource_row).transpose()
}

/// The resource with this name.
pub async fn find_resource_by_name(tx: &mut Tx, account_id: &AccountId, name: &str) -> Result<Option<ResourceRow>> {
    tx.query_opt(&FIND_RESOURCE_BY_NAME, &vals![account_id.as_str(), name]).await?.map(resource_row).transpose()
}

/// The resources at a host, in the form of [`Target::host`].
pub async fn find_resources_by_host(tx: &mut Tx, account_id: &AccountId, host: &str) -> Result<Vec<ResourceRow>> {
    let rows = tx.query(&FIND_RESOURCES_BY_HOST, &vals![account_id.as_str(), host]).await?;
    rows.into_iter().map(resource_row).collect()
}

/// A page of the account's resources, by name.
pub async fn list_resources(tx: &mut Tx, account_id: &AccountId, limit: i64, offset: i64) -> Result<Vec<ResourceRow>> {
    let rows = tx.query(&LIST_RESOURCES, &vals![account_id.as_str(), limit, offset]).await?;
    rows.into_iter().map(resource_row).collect()
}

/// How many resources the account has.
pub async fn count_resources(tx: &mut Tx, account_id: &AccountId) -> Result<i64> {
    tx.query_one(&COUNT_RESOURCES, &vals![account_id.as_str()]).await?.get(0)
}

fn scope_of(user_id: Option<&UserId>) -> String {
    user_id.map_or_else(|| SCOPE.to_owned(), |user_id| format!("{SCOPE}:{user_id}"))
}

/// The next number of the account. Whoever else starts a diagnosis in the account waits until this unit has ended.
pub async fn next_job(tx: &mut Tx, account_id: &AccountId) -> Result<Option<DiagnoseJobId>> {
    counters::add(tx, account_id.as_str(), SCOPE, LAST, 1).await?;
    let counts = counters::list(tx, account_id.as_str(), SCOPE).await?;
    Ok(counts.iter().find(|(name, _)| name == LAST).and_then(|(_, last)| DiagnoseJobId::new(*last)))
}

/// Writes a new diagnosis, and counts it.
pub async fn insert_job(tx: &mut Tx, account_id: &AccountId, job: &JobRow) -> Result<()> {
    let (params, resources) = (text(&job.params)?, text(&job.resources)?);
    let args = vals![
        account_id.as_str(),
        job.id.number(),
        job.user_id.as_str(),
        job.kind,
        params,
        resources,
        job.region.as_str(),
        job.created_at.0,
    ];
    tx.execute(&INSERT_JOB, &args).await?;
    let name = job.kind.to_string();
    for scope in [scope_of(None), scope_of(Some(&job.user_id))] {
        counters::add(tx, account_id.as_str(), &scope, &name, 1).await?;
    }
    Ok(())
}

/// The diagnosis with this number.
pub async fn find_job(tx: &mut Tx, account_id: &AccountId, job: DiagnoseJobId) -> Result<Option<JobRow>> {
    tx.query_opt(&FIND_JOB, &vals![account_id.as_str(), job.number()]).await?.map(job_row).transpose()
}

/// The newest diagnosis of the account, or of one user.
pub async fn newest_job(tx: &mut Tx, account_id: &AccountId, user_id: Option<&UserId>) -> Result<Option<JobRow>> {
    let row = match user_id {
        None => tx.query_opt(&NEWEST_JOB, &vals![account_id.as_str()]).await?,
        Some(user) => tx.query_opt(&NEWEST_JOB_OF_USER, &vals![account_id.as_str(), user.as_str()]).await?,
    };
    row.map(job_row).transpose()
}

/// A page of the diagnoses of one kind, newest first, with how many there are; of the account, or of one user.
pub async fn list_jobs(
    tx: &mut Tx,
    account_id: &AccountId,
    user_id: Option<&UserId>,
    kind: Kind,
    limit: i64,
    offset: i64,
) -> Result<(i64, Vec<JobRow>)> {
    let counts = counters::list(tx, account_id.as_str(), &scope_of(user_id)).await?;
    let name = kind.number().to_string();
    let total = counts.iter().find(|(known, _)| *known == name).map_or(0, |(_, count)| *count);
    if offset >= total {
        return Ok((total, Vec::new()));
    }
    let mut args: Vec<Val> = vals![account_id.as_str(), kind.number(), limit, offset].into();
    let stmt = match user_id {
        None => &LIST_JOBS,
        Some(user) => {
            args.push(user.as_str().into());
            &LIST_JOBS_OF_USER
        }
    };
    let rows = tx.query(stmt, &args).await?.into_iter().map(job_row).collect::<Result<_>>()?;
    Ok((total, rows))
}

/// How many diagnoses of the account have not ended.
pub async fn count_open(tx: &mut Tx, account_id: &AccountId) -> Result<i64> {
    tx.query_one(&COUNT_OPEN, &vals![account_id.as_str()]).await?.get(0)
}

/// How many of something a user has made since a time, and when the first of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// How many.
    pub count: i64,
    /// When the first, if there is any.
    pub first_at: Option<Micros>,
}

fn recent(row: &Row) -> Result<Recent> {
    Ok(Recent { count: row.get(0)?, first_at: row.get::<Option<i64>>(1)?.map(Micros) })
}

/// The diagnoses that a user has started since a time.
pub async fn recent_jobs(tx: &mut Tx, account_id: &AccountId, user_id: &UserId, since: Micros) -> Result<Recent> {
    recent(&tx.query_one(&RECENT_JOBS, &vals![account_id.as_str(), user_id.as_str(), since.0]).await?)
}

/// The feedbacks that a user has written since a time.
pub async fn recent_feedbacks(tx: &mut Tx, account_id: &AccountId, user_id: &UserId, since: Micros) -> Result<Recent> {
    recent(&tx.query_one(&RECENT_FEEDBACKS, &vals![account_id.as_str(), user_id.as_str(), since.0]).await?)
}

/// A node has taken the diagnosis.
pub async fn start_job(tx: &mut Tx, account_id: &AccountId, job: DiagnoseJobId, now: Micros) -> Result<()> {
    tx.execute(&START_JOB, &vals![account_id.as_str(), job.number(), now.0]).await.map(drop)
}

/// The diagnosis has ended, with these results.
pub async fn end_job(
    tx: &mut Tx,
    account_id: &AccountId,
    job: DiagnoseJobId,
    state: JobState,
    items: &[ItemRow],
    now: Micros,
) -> Result<()> {
    let mut abnormal: Vec<&str> = Vec::new();
    let mut red_count: i64 = 0;
    for (position, item) in (0_i64..).zip(items) {
        let args = vals![
            account_id.as_str(),
            job.number(),
            position,
            item.resource_id.as_str(),
            item.resource_name.as_str(),
            item.check_id.as_str(),
            item.finding.as_str(),
            item.level,
            item.response.as_str(),
        ];
        tx.execute(&INSERT_ITEM, &args).await?;
        if Finding::parse(&item.finding).is_some_and(Finding::is_abnormal) {
            red_count += 1;
            if !abnormal.contains(&item.check_id.as_str()) {
                abnormal.push(&item.check_id);
            }
        }
    }
    let args = vals![account_id.as_str(), job.number(), state.number(), red_count, text(&abnormal)?, now.0];
    tx.execute(&END_JOB, &args).await.map(drop)
}

/// The results of a diagnosis, in their order.
pub async fn list_items(tx: &mut Tx, account_id: &AccountId, job: DiagnoseJobId) -> Result<Vec<ItemRow>> {
    let rows = tx.query(&LIST_ITEMS, &vals![account_id.as_str(), job.number()]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(ItemRow {
                resource_id: id(&mut row, 0)?,
                resource_name: row.take(1)?,
                check_id: row.take(2)?,
                finding: row.take(3)?,
                level: row.get(4)?,
                response: row.take(5)?,
            })
        })
        .collect()
}

/// What a user said of a diagnosis.
pub struct FeedbackRow {
    /// Its id.
    pub feedback_id: DiagnoseFeedbackId,
    /// Who said it.
    pub user_id: UserId,
    /// Of which kind of diagnosis.
    pub kind: Kind,
    /// Whether it helped.
    pub is_helpful: bool,
    /// In words.
    pub content: String,
    /// When.
    pub created_at: Micros,
}

/// Keeps what a user said.
pub async fn insert_feedback(tx: &mut Tx, account_id: &AccountId, row: &FeedbackRow) -> Result<()> {
    let args = vals![
        account_id.as_str(),
        row.feedback_id.as_str(),
        row.user_id.as_str(),
        row.kind.number(),
        row.is_helpful,
        row.content.as_str(),
        row.created_at.0
    ];
    tx.execute(&INSERT_FEEDBACK, &args).await.map(drop)
}
