//! The customer's side: listing, showing, confirming, rejecting and cancelling authorizations, and trying logins.

use super::change;
use super::hosts::{self, Trial};
use super::kinds::{self, Gives};
use super::logins::{self, LONGEST_ACCOUNT, LONGEST_SECRET};
use super::path::PathIds;
use super::rules::{self, Action, Actor, Status};
use super::sql::{self, AuthorizationRow, DetailRow, Filter};
use crate::agreements;
use crate::app::App;
use crate::caller::Caller;
use crate::cases::access::{self, Scope};
use crate::cases::change::{Doer, write_event};
use crate::cases::{self, CaseRow};
use crate::error::{Allowed, Code, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::iam;
use crate::once::Once;
use crate::reply::{Done, Reply};
use axum::extract::State;
use counterfoil_store::{Tx, counters};
use counterfoil_wire::authorizations::{
    Authorization, AuthorizationDetail, AuthorizationPage, AuthorizedResource, CheckHost, ConfirmAuthorization,
    LoginType, OperateAuthorization,
};
use counterfoil_wire::ids::AuthorizationId;
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::Micros;
use secrecy::SecretString;
use serde_json::json;

fn missing() -> Error {
    Error::new(Code::NoSuchAuthorization)
}

/// Loads an authorization in a case that the caller may see.
pub(crate) async fn load_visible(
    tx: &mut Tx,
    caller: &Caller,
    id: &AuthorizationId,
    group_id: Option<&str>,
) -> Result<AuthorizationRow> {
    let found = sql::find(tx, &caller.account_id, id).await?;
    let auth = found.filter(|auth| !auth.hidden).ok_or_else(missing)?;
    access::load_visible(tx, caller, auth.case_id.as_str(), group_id).await?;
    Ok(auth)
}

/// Loads an authorization with its case, to change them: nobody else can until the unit ends.
async fn load_to_change(
    tx: &mut Tx,
    caller: &Caller,
    id: &AuthorizationId,
    group_id: Option<&str>,
) -> Result<(CaseRow, AuthorizationRow)> {
    let found = sql::find(tx, &caller.account_id, id).await?;
    let found = found.filter(|auth| !auth.hidden).ok_or_else(missing)?;
    let case = access::load_to_change(tx, caller, found.case_id.as_str(), group_id).await?;
    // As it is now that the case is held.
    let auth = sql::find(tx, &caller.account_id, id).await?.ok_or_else(missing)?;
    Ok((case, auth))
}

/// An authorization on the wire.
pub(super) fn wire(auth: &AuthorizationRow, lang: Lang) -> Authorization {
    let (resource_id, resource_name) = auth.access.resource(lang);
    let letter = if auth.letter.is_empty() { kinds::usual_letter(lang) } else { &auth.letter };
    Authorization {
        id: auth.authorization_id.clone(),
        status: auth.status.number(),
        incident_id: auth.case_id.clone(),
        simple_description: auth.simple_description.clone(),
        auth_describe: auth.description.clone(),
        resource_type_id: resource_id.to_owned(),
        resource_type_name: resource_name.to_owned(),
        visit_type_id: auth.access.id().to_owned(),
        visit_type_name: auth.access.name(lang).to_owned(),
        create_time: auth.created_at.to_wire(),
        auth_effective_time: auth.effective_at.map(Micros::to_wire),
        auth_expire_time: auth.expires_at.map(Micros::to_wire),
        reject_reason: Some(auth.reason.clone()).filter(|text| !text.is_empty()),
        customer_id: auth.account_id.clone(),
        x_customer_id: auth.user_id.clone(),
        xcustomer_name: auth.user_name.clone(),
        content_of_auth_letter: letter.to_owned(),
    }
}

/// List authorizations, newest first.
pub async fn list_authorizations(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<AuthorizationPage>> {
    let group_id = query.text("group_id", 0..=64)?;
    let user_name = query.text("sub_customer_name", 0..=256)?;
    let case_id = query.text("incident_id", 0..=64)?;
    let status = query.int("status", 0..=10)?;
    let description = query.text("simple_description", 0..=2000)?;
    let offset = query.int("offset", 0..=65_535)?.unwrap_or(0);
    let limit = query.int("limit", 1..=100)?.unwrap_or(10);
    let scope = access::scope(&caller, group_id.as_deref())?;
    let account_id = Some(caller.account_id.clone());
    let mut filter = Filter { account_id, user_name, case_id, status, description, ..Filter::default() };
    match &scope {
        Scope::Account => {}
        Scope::Own => filter.user_id = Some(caller.user_id.clone()),
        Scope::Group(id) => filter.group_id = Some(id.clone()),
    }
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            access::check_group(tx, &caller, &scope).await?;
            let count = if filter.is_counted() {
                let of_user = filter.user_id.as_ref().map(sql::user_scope);
                let scope = of_user.unwrap_or_else(|| sql::ACCOUNT_SCOPE.to_owned());
                total(&counters::list(tx, caller.account_id.as_str(), &scope).await?, filter.status)
            } else {
                sql::count(tx, &filter).await?
            };
            let rows = sql::list(tx, &filter, limit, offset).await?;
            let incident_auth_list = rows.iter().map(|auth| wire(auth, caller.lang)).collect();
            Ok(Reply(AuthorizationPage { count, incident_auth_list }))
        })
        .await
}

/// The sum of the counters, of one status or of all.
pub(super) fn total(counted: &[(String, i64)], status: Option<i64>) -> i64 {
    let wanted = |name: &str| status.is_none_or(|status| name.parse() == Ok(status));
    counted.iter().filter(|(name, _)| wanted(name)).map(|(_, amount)| amount).sum()
}

/// Show an authorization with its resource lines; never with what a login consists of but for its name.
pub async fn show_authorization_detail(
    State(app): State<App>,
    caller: Caller,
    ids: PathIds,
    query: Query,
) -> Result<Reply<AuthorizationDetail>> {
    let id = ids.authorization()?;
    let group_id = query.text("group_id", 1..=64)?;
    let context = app.clone();
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let auth = load_visible(tx, &caller, &id, group_id.as_deref()).await?;
            let lines = sql::list_details(tx, &auth).await?;
            let mut logins = logins::open(tx, &context, &auth).await?;
            let resource = |line: DetailRow| AuthorizedResource {
                id: line.detail_id,
                port: line.port,
                account: logins.remove(&line.detail_id).map(|login| login.account).filter(|name| !name.is_empty()),
                kind: line.kind,
                instance_id: line.instance_id,
                instance_name: line.instance_name,
                region_id: line.region_id,
                address: line.address,
            };
            let incident_auth_detail_list = lines.into_iter().map(resource).collect();
            let (content_id, content_name) = auth.access.content(caller.lang);
            let shown = wire(&auth, caller.lang);
            Ok(Reply(AuthorizationDetail {
                id: shown.id,
                status: shown.status,
                incident_id: shown.incident_id,
                simple_description: shown.simple_description,
                resource_type_id: shown.resource_type_id,
                resource_type_name: shown.resource_type_name,
                visit_type_id: shown.visit_type_id,
                visit_type_name: shown.visit_type_name,
                auth_effective_time: shown.auth_effective_time,
                auth_expire_time: shown.auth_expire_time,
                reject_reason: shown.reject_reason,
                incident_auth_detail_list,
                xcustomer_name: shown.xcustomer_name,
                auth_handler_name: auth.engineer_name,
                agency_name: auth.agency_name,
                auth_describe: shown.auth_describe,
                content_type_id: content_id.to_owned(),
                content_type_name: content_name.to_owned(),
            }))
        })
        .await
}

/// Show how the caller logged in: through an agency, or as itself.
pub async fn show_login_type(caller: Caller) -> Result<Reply<LoginType>> {
    let login_type = if caller.agent.is_some() { "ASSUMED" } else { "" };
    Ok(Reply(LoginType { login_type: login_type.to_owned() }))
}

impl Check for ConfirmAuthorization {
    fn check(&self) -> Result<()> {
        let logins = self.auth_detail_list.as_deref().unwrap_or_default();
        extract::count("auth_detail_list", logins.len(), 0..=6)?;
        for (at, login) in logins.iter().enumerate() {
            let field = |name: &str| format!("auth_detail_list[{at}].{name}");
            if let Some(port) = login.port {
                extract::int(&field("port"), port, 1..=65_535)?;
            }
            let account = login.account.as_deref().unwrap_or_default();
            extract::text(&field("account"), account, 0..=LONGEST_ACCOUNT)?;
            extract::line(&field("account"), account)?;
            extract::optional_text(&field("password"), login.password.as_deref(), 0..=LONGEST_SECRET)?;
        }
        for (field, at) in
            [("auth_effective_time", self.auth_effective_time), ("auth_expire_time", self.auth_expire_time)]
        {
            extract::int(field, at.unwrap_or_default(), 0..=i64::MAX)?;
        }
        extract::optional_text("group_id", self.group_id.as_deref(), 0..=64)?;
        extract::optional_text("agency_id", self.agency_id.as_deref(), 0..=64)
    }
}

/// Grant what was asked for.
pub async fn confirm_authorizations(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    ids: PathIds,
    query: Query,
    Body(request): Body<ConfirmAuthorization>,
) -> Result<Reply<Done>> {
    let id = ids.authorization()?;
    // The reference's example has it in the query, its table in the body.
    let group_id = request.group_id.clone().or(query.text("group_id", 0..=64)?);
    let now = app.clock.now();
    let window = rules::window(request.auth_effective_time, request.auth_expire_time, now, &app.config.authorizations)?;
    let (who, which, group) = (caller.clone(), id.clone(), group_id.clone());
    let (asked, lines) = app
        .store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let auth = load_visible(tx, &who, &which, group.as_deref()).await?;
            let lines = sql::list_details(tx, &auth).await?;
            Ok((auth, lines))
        })
        .await?;
    // Outside of a transaction, because reading private keys takes its time; what was asked for never changes.
    logins::check(asked.access, &lines, request.auth_detail_list.as_deref().unwrap_or_default())?;
    let context = app.clone();
    let unit = async move |tx: &mut Tx| {
        let (mut case, mut auth) = load_to_change(tx, &caller, &id, group_id.as_deref()).await?;
        let decided = change::decide(&auth, Action::Confirm, Actor::Customer)?;
        agreements::require_signed(tx, &caller, agreements::Kind::Authorization, now).await?;
        grant_agency(tx, &mut auth, request.agency_id.as_deref(), now).await?;
        auth.effective_at = Some(window.from);
        auth.expires_at = Some(window.to);
        let given = request.auth_detail_list.as_deref().unwrap_or_default();
        let given: Vec<_> =
            lines.iter().filter_map(|line| given.iter().find(|one| one.auth_detail_id == line.detail_id)).collect();
        logins::save(tx, &context, &auth, &lines, &given).await?;
        let doer = Doer::customer(&caller);
        change::save(tx, &context, &doer, &mut case, &mut auth, decided, now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

/// Puts the agency into an authorization that is about one.
async fn grant_agency(tx: &mut Tx, auth: &mut AuthorizationRow, agency_id: Option<&str>, now: Micros) -> Result<()> {
    let agency_id = agency_id.filter(|id| !id.is_empty());
    match (auth.access.gives() == Gives::Agency, agency_id) {
        (false, None) => Ok(()),
        (true, None) => Err(Error::param("agency_id", Allowed::Required)),
        (false, Some(_)) => {
            let words = ("该授权不需要委托", "this kind of access takes no agency");
            Err(Error::param("agency_id", Allowed::text(words.0, words.1)))
        }
        (true, Some(id)) => {
            let name = iam::agency_name(tx, &auth.account_id, id, now).await?.ok_or_else(|| {
                let words = ("须为本账号的有效委托ID", "an agency of this account that has not ended is needed");
                Error::param("agency_id", Allowed::text(words.0, words.1))
            })?;
            auth.agency_id = Some(id.to_owned());
            auth.agency_name = Some(name);
            Ok(())
        }
    }
}

impl Check for OperateAuthorization {
    fn check(&self) -> Result<()> {
        extract::optional_text("reject_reason", self.reject_reason.as_deref(), 1..=300)?;
        extract::optional_text("group_id", self.group_id.as_deref(), 1..=64)
    }
}

/// Reject a request, or cancel an authorization that is in force.
pub async fn update_authorizations(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    ids: PathIds,
    query: Query,
    Body(request): Body<OperateAuthorization>,
) -> Result<Reply<Done>> {
    let id = ids.authorization()?;
    let action = match query.text("action_id", 0..=16)?.as_deref() {
        Some("reject") => Action::Reject,
        Some("cancel") => Action::Cancel,
        _ => return Err(Error::new(Code::UnknownAuthorizationAction)),
    };
    let reason = request.reject_reason.unwrap_or_default();
    if action == Action::Reject && reason.trim().is_empty() {
        return Err(Error::param("reject_reason", Allowed::Required));
    }
    let now = app.clock.now();
    let context = app.clone();
    let group_id = request.group_id;
    let unit = async move |tx: &mut Tx| {
        let (mut case, mut auth) = load_to_change(tx, &caller, &id, group_id.as_deref()).await?;
        let decided = change::decide(&auth, action, Actor::Customer)?;
        auth.reason.clone_from(&reason);
        let doer = Doer::customer(&caller);
        change::save(tx, &context, &doer, &mut case, &mut auth, decided, now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

impl Check for CheckHost {
    fn check(&self) -> Result<()> {
        extract::int("port", self.port, 1..=65_535)?;
        extract::text("account", &self.account, 1..=LONGEST_ACCOUNT)?;
        extract::line("account", &self.account)?;
        extract::text("password", &self.password, 1..=1024)?;
        extract::optional_text("group_id", self.group_id.as_deref(), 0..=64)
    }
}

/// Try a login before it is sent. What is tried is kept nowhere.
pub async fn check_hosts(
    State(app): State<App>,
    caller: Caller,
    ids: PathIds,
    Body(request): Body<CheckHost>,
) -> Result<Reply<Done>> {
    let detail_id = ids.number("authorization_detail_id")?;
    let now = app.clock.now();
    let CheckHost { port, account, password, group_id } = request;
    let who = caller.clone();
    let (auth, line) = app
        .store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let line = sql::find_detail(tx, &who.account_id, detail_id).await?.ok_or_else(missing)?;
            let auth = load_visible(tx, &who, &line.authorization_id, group_id.as_deref()).await?;
            Ok((auth, line))
        })
        .await?;
    if auth.status != Status::Requested {
        return Err(Error::new(Code::AuthorizationState));
    }
    let (Some(host), true) = (line.address.clone(), auth.access.is_host()) else {
        return Err(Error::new(Code::AuthorizationState));
    };
    logins::check_secret(auth.access, "password", &password)?;
    let permit = app.host_checks.admit(&caller.user_id, now, app.config.authorizations.checks_per_minute)?;
    let trial = Trial {
        access: auth.access,
        host,
        port: u16::try_from(port).map_err(Error::internal)?,
        account,
        secret: SecretString::from(password),
        known_host_key: line.host_key.clone(),
    };
    let tried = hosts::attempt(&app, trial).await;
    drop(permit);
    let outcome = tried.as_ref().map_or_else(hosts::Failure::name, |_| "good");
    let host_key = tried.as_ref().ok().and_then(Clone::clone);
    record_check(&app, caller, auth, line, outcome, host_key, now).await?;
    tried.map(|_| Reply(Done {})).map_err(Error::from)
}

/// Keeps the fingerprint of the host, and leaves an event about the trial: who, which host, how it went.
async fn record_check(
    app: &App,
    caller: Caller,
    auth: AuthorizationRow,
    line: DetailRow,
    outcome: &'static str,
    host_key: Option<String>,
    now: Micros,
) -> Result<()> {
    app.store
        .write(async move |tx: &mut Tx| -> Result<()> {
            if let Some(fingerprint) = &host_key {
                sql::keep_host_key(tx, &auth.account_id, line.detail_id, fingerprint).await?;
            }
            let Some(case) = cases::find(tx, &auth.account_id, &auth.case_id).await? else { return Ok(()) };
            let payload = json!({
                "authorization_id": auth.authorization_id,
                "authorization_detail_id": line.detail_id,
                "outcome": outcome,
                "host_key": host_key,
            });
            write_event(tx, &Doer::customer(&caller), &case, "authorization.host_checked", payload, now).await
        })
        .await
}
