//! The engineer's side: asking for access in a case, taking the request back, and looking at what was granted. No call
//! shows what a login consists of.

use super::api::{total, wire};
use super::change;
use super::kinds::Access;
use super::path::PathIds;
use super::rules::{Action, Actor, Status};
use super::sql::{self, AuthorizationRow, DetailRow, Filter};
use crate::app::App;
use crate::caller::{Caller, StaffRole};
use crate::cases::access::PathId;
use crate::cases::change::Doer;
use crate::cases::{self, CaseRow};
use crate::error::{Allowed, Code, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::once::Once;
use crate::outgoing::rules::Host;
use crate::reply::{Done, Reply};
use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::authorizations::{
    AuthorizationRequested, DeskAuthorization, DeskAuthorizationDetail, DeskAuthorizationPage, DeskResource,
    RequestAuthorization, RequestedHost,
};
use counterfoil_wire::ids::{AuthorizationId, CaseId};
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::Micros;
use std::collections::HashSet;

/// The most authorizations of one case that are open at once.
const MOST_OPEN: i64 = 20;
/// Ids of resource lines are below this, so that every program can read them as a number.
const DETAIL_IDS: i64 = 1 << 53;
/// How often another random id is tried when one is taken.
const ID_TRIES: usize = 8;

impl Check for RequestAuthorization {
    fn check(&self) -> Result<()> {
        extract::text("access_type", &self.access_type, 0..=32)?;
        extract::text("description", &self.description, 1..=2000)?;
        if self.description.trim().is_empty() {
            return Err(Error::param("description", Allowed::Required));
        }
        extract::optional_text("letter", self.letter.as_deref(), 0..=20_000)?;
        let hosts = self.hosts.as_deref().unwrap_or_default();
        extract::count("hosts", hosts.len(), 0..=6)?;
        hosts.iter().enumerate().try_for_each(|(at, host)| check_host(at, host))
    }
}

fn check_host(at: usize, host: &RequestedHost) -> Result<()> {
    let field = |name: &str| format!("hosts[{at}].{name}");
    extract::text(&field("address"), &host.address, 1..=253)?;
    if Host::parse(&host.address).is_none() {
        let words = ("须为主机名或IP地址", "a host name or an address is needed");
        return Err(Error::param(field("address"), Allowed::text(words.0, words.1)));
    }
    if let Some(port) = host.port {
        extract::int(&field("port"), port, 1..=65_535)?;
    }
    for (name, value, most) in [
        ("instance_id", &host.instance_id, 64),
        ("instance_name", &host.instance_name, 256),
        ("region_id", &host.region_id, 64),
    ] {
        let value = value.as_deref().unwrap_or_default();
        extract::text(&field(name), value, 0..=most)?;
        extract::line(&field(name), value)?;
    }
    Ok(())
}

/// Whether an engineer may ask in this case now: it is worked on, and by this engineer.
fn check_may_ask(caller: &Caller, case: &CaseRow) -> Result<()> {
    use cases::rules::Status::{Paused, PendingFeedback, Processing};
    if case.assignee_id.as_ref() != Some(&caller.user_id) {
        return Err(Error::new(Code::NoPermission));
    }
    if matches!(case.status, Processing | PendingFeedback | Paused) {
        Ok(())
    } else {
        Err(Error::new(Code::WrongState))
    }
}

async fn load_case(tx: &mut Tx, case_id: &str) -> Result<CaseRow> {
    let id = CaseId::parse(case_id).ok_or_else(|| Error::new(Code::NoSuchCase))?;
    cases::find_of_any_locked(tx, &id).await?.ok_or_else(|| Error::new(Code::NoSuchCase))
}

/// Ask the customer for access.
pub async fn request_authorization(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
    Body(request): Body<RequestAuthorization>,
) -> Result<Reply<AuthorizationRequested>> {
    let access = Access::parse(&request.access_type)
        .ok_or_else(|| Error::param("access_type", Allowed::OneOf(Access::IDS.into())))?;
    let hosts = request.hosts.clone().unwrap_or_default();
    if access.is_host() == hosts.is_empty() {
        let most = if access.is_host() { (1, 6) } else { (0, 0) };
        return Err(Error::param("hosts", Allowed::Items(most.0, most.1)));
    }
    let now = app.clock.now();
    let context = app.clone();
    let unit = async move |tx: &mut Tx| {
        let mut case = load_case(tx, &case_id).await?;
        check_may_ask(&caller, &case)?;
        if sql::count_open(tx, &case.account_id, &case.case_id).await? >= MOST_OPEN {
            return Err(Error::new(Code::TooManyAuthorizations));
        }
        let auth = new_authorization(&context, &caller, &case, access, &request, now);
        let details = new_details(tx, &auth, &hosts).await?;
        sql::insert(tx, &auth, &details).await?;
        change::set_timer(tx, &auth, now).await?;
        change::touch(tx, &context, &mut case, now).await?;
        let doer = Doer::staff(&caller);
        change::announce(tx, &doer, &case, &auth, "authorization.requested", now).await?;
        Ok(AuthorizationRequested { authorization_id: auth.authorization_id })
    };
    once.write(&app, unit).await.map(Reply)
}

fn new_authorization(
    app: &App,
    caller: &Caller,
    case: &CaseRow,
    access: Access,
    request: &RequestAuthorization,
    now: Micros,
) -> AuthorizationRow {
    AuthorizationRow {
        account_id: case.account_id.clone(),
        auth_no: app.sequence.number(now),
        authorization_id: AuthorizationId::random(now),
        case_id: case.case_id.clone(),
        user_id: case.user_id.clone(),
        user_name: case.user_name.clone(),
        status: Status::Requested,
        access,
        simple_description: case.description.clone(),
        description: request.description.clone(),
        letter: request.letter.clone().unwrap_or_default(),
        engineer_id: caller.user_id.clone(),
        engineer_name: caller.user_name.to_string(),
        agency_id: None,
        agency_name: None,
        created_at: now,
        answer_until: now.plus_seconds(app.config.authorizations.answer_seconds),
        effective_at: None,
        expires_at: None,
        ended_at: None,
        reason: String::new(),
        hidden: false,
    }
}

/// The resource lines: one for each host, or one for what is no host.
async fn new_details(tx: &mut Tx, auth: &AuthorizationRow, hosts: &[RequestedHost]) -> Result<Vec<DetailRow>> {
    let mut ids = HashSet::new();
    while ids.len() < hosts.len().max(1) {
        ids.insert(free_id(tx).await?);
    }
    let line = |detail_id: i64| DetailRow {
        detail_id,
        authorization_id: auth.authorization_id.clone(),
        kind: 0,
        address: None,
        port: None,
        instance_id: None,
        instance_name: None,
        region_id: None,
        host_key: None,
    };
    if hosts.is_empty() {
        return Ok(ids.into_iter().map(line).collect());
    }
    let text = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
    let of_host = |(detail_id, host): (i64, &RequestedHost)| DetailRow {
        kind: 1,
        address: Some(host.address.clone()),
        port: Some(host.port.unwrap_or_else(|| auth.access.usual_port())),
        instance_id: text(&host.instance_id),
        instance_name: text(&host.instance_name).or_else(|| Some(host.address.clone())),
        region_id: text(&host.region_id),
        ..line(detail_id)
    };
    Ok(ids.into_iter().zip(hosts).map(of_host).collect())
}

/// An id that no resource line of any account has. Random, because some calls know a line by its id alone.
async fn free_id(tx: &mut Tx) -> Result<i64> {
    for _ in 0..ID_TRIES {
        let id = rand::random_range(1..DETAIL_IDS);
        if !sql::is_taken(tx, id).await? {
            return Ok(id);
        }
    }
    Err(Error::retry_after(Code::Busy, 1))
}

/// Take a request back that the customer has not answered: its engineer, whoever handles the case now, or a lead.
pub async fn recall_authorization(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    ids: PathIds,
) -> Result<Reply<Done>> {
    let id = ids.authorization()?;
    let now = app.clock.now();
    let context = app.clone();
    let unit = async move |tx: &mut Tx| {
        let found = load(tx, &id).await?;
        let mut case = load_case(tx, found.case_id.as_str()).await?;
        // As it is now that the case is held.
        let mut auth = load(tx, &id).await?;
        let is_theirs = auth.engineer_id == caller.user_id || case.assignee_id.as_ref() == Some(&caller.user_id);
        if !is_theirs && caller.staff != Some(StaffRole::Lead) {
            return Err(Error::new(Code::NoPermission));
        }
        let decided = change::decide(&auth, Action::Recall, Actor::Engineer)?;
        let doer = Doer::staff(&caller);
        change::save(tx, &context, &doer, &mut case, &mut auth, decided, now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

async fn load(tx: &mut Tx, id: &AuthorizationId) -> Result<AuthorizationRow> {
    sql::find_of_any(tx, id).await?.ok_or_else(|| Error::new(Code::NoSuchAuthorization))
}

fn desk_wire(auth: &AuthorizationRow, lang: Lang) -> DeskAuthorization {
    DeskAuthorization {
        authorization: wire(auth, lang),
        engineer_id: auth.engineer_id.clone(),
        engineer_name: auth.engineer_name.clone(),
        answer_until: auth.answer_until.to_wire(),
        end_time: auth.ended_at.map(Micros::to_wire),
        agency_name: auth.agency_name.clone(),
    }
}

/// List authorizations of all accounts, newest first.
pub async fn list_desk_authorizations(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<DeskAuthorizationPage>> {
    let engineer_id = query.text("engineer", 0..=64)?.map(|id| match id.as_str() {
        "me" => caller.user_id.to_string(),
        _ => id,
    });
    let status = query.int("status", 0..=10)?;
    let filter = Filter { case_id: query.text("case_id", 0..=32)?, status, engineer_id, ..Filter::default() };
    let offset = query.int("offset", 0..=65_535)?.unwrap_or(0);
    let limit = query.int("limit", 0..=100)?.unwrap_or(20);
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let total_count = if filter.is_counted() {
                total(&sql::sum_of_all(tx).await?, filter.status)
            } else {
                sql::count(tx, &filter).await?
            };
            let rows = if limit == 0 { Vec::new() } else { sql::list(tx, &filter, limit, offset).await? };
            let authorizations = rows.iter().map(|auth| desk_wire(auth, caller.lang)).collect();
            Ok(Reply(DeskAuthorizationPage { total_count, authorizations }))
        })
        .await
}

/// Show an authorization with its resources, and whether a login is kept for each.
pub async fn show_desk_authorization(
    State(app): State<App>,
    caller: Caller,
    ids: PathIds,
) -> Result<Reply<DeskAuthorizationDetail>> {
    let id = ids.authorization()?;
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let auth = load(tx, &id).await?;
            let kept: HashSet<i64> = sql::list_secrets(tx, &auth).await?.into_iter().map(|(id, _)| id).collect();
            let resource = |line: DetailRow| DeskResource {
                has_login: kept.contains(&line.detail_id),
                id: line.detail_id,
                kind: line.kind,
                address: line.address,
                port: line.port,
                instance_id: line.instance_id,
                instance_name: line.instance_name,
                region_id: line.region_id,
                host_key: line.host_key,
            };
            let resources = sql::list_details(tx, &auth).await?.into_iter().map(resource).collect();
            Ok(Reply(DeskAuthorizationDetail { authorization: desk_wire(&auth, caller.lang), resources }))
        })
        .await
}
