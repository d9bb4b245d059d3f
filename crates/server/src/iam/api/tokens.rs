//! `POST /v3/auth/tokens`: from a password, a token or an agency to a token; `GET`: what a token says.
//!
//! The token travels in `X-Subject-Token` and never in a body. The answer to a login is the same whatever was wrong; see
//! [`crate::iam::login`].

use std::sync::Arc;

use axum::{
    Json,
    extract::{Extension, State},
    response::{IntoResponse as _, Response},
};
use counterfoil_wire::{
    ids::{AccountId, ProjectId},
    time::Micros,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{PublicUrl, account_id, catalog::Service, catalog::services, must_administrate};
use crate::{
    app::App,
    caller::{
        Login, OptionalLogin, Proof, login_by_token, may_act_for_others,
        throttle::ClientAddress,
        token::{Agent, Method, Scope, Subject, Token},
    },
    error::{Allowed, Code, Error, Result},
    extract::{Body, Check, Query, line, text},
    iam::{
        Principal, Role,
        login::{self, Attempt, Domain},
        sql,
    },
};
use axum::extract::ConnectInfo;
use counterfoil_store::Tx;

/// The header that carries the token.
pub(crate) const X_SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");

/// The body of a login.
#[derive(Deserialize)]
pub struct CreateToken {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    identity: LoginIdentity,
    scope: Option<ScopeChoice>,
}

#[derive(Deserialize)]
struct LoginIdentity {
    methods: Vec<String>,
    password: Option<ByPassword>,
    totp: Option<ByTotp>,
    token: Option<ByToken>,
    assume_role: Option<AssumeRole>,
}

#[derive(Deserialize)]
struct ByPassword {
    user: PasswordUser,
}

#[derive(Deserialize)]
struct PasswordUser {
    name: String,
    password: SecretString,
    domain: Named,
}

#[derive(Deserialize)]
struct ByTotp {
    user: TotpUser,
}

#[derive(Deserialize)]
struct TotpUser {
    id: String,
    passcode: String,
}

#[derive(Deserialize)]
struct ByToken {
    id: String,
}

/// The agency to act through, named by the account that delegates.
#[derive(Deserialize)]
pub(crate) struct AssumeRole {
    agency_name: String,
    domain_id: Option<String>,
    domain_name: Option<String>,
    pub(crate) duration_seconds: Option<i64>,
}

/// Something named by id, by name, or both.
#[derive(Deserialize)]
struct Named {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct ScopeChoice {
    project: Option<ProjectChoice>,
    domain: Option<Named>,
}

#[derive(Deserialize)]
struct ProjectChoice {
    id: Option<String>,
    name: Option<String>,
    domain: Option<Named>,
}

/// How a body asks to log in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Password,
    PasswordAndTotp,
    Token,
    AssumeRole,
}

impl LoginIdentity {
    fn way(&self) -> Result<Way> {
        let methods: Vec<&str> = self.methods.iter().map(String::as_str).collect();
        match methods[..] {
            ["password"] => Ok(Way::Password),
            ["password", "totp"] | ["totp", "password"] => Ok(Way::PasswordAndTotp),
            ["token"] => Ok(Way::Token),
            ["assume_role"] => Ok(Way::AssumeRole),
            _ => Err(Error::param(
                "auth.identity.methods",
                Allowed::text(
                    "只能是 password、password 与 totp、token 或 assume_role",
                    "allowed are password, password with totp, token, or assume_role",
                ),
            )),
        }
    }
}

fn required<'a, T>(field: &str, value: Option<&'a T>) -> Result<&'a T> {
    value.ok_or_else(|| Error::param(field, Allowed::Required))
}

fn check_named(field: &str, named: &Named) -> Result<()> {
    for (part, value) in [("id", &named.id), ("name", &named.name)] {
        if let Some(value) = value {
            text(&format!("{field}.{part}"), value, 1..=64)?;
        }
    }
    if named.id.is_none() && named.name.is_none() {
        return Err(Error::param(format!("{field}.name"), Allowed::Required));
    }
    Ok(())
}

impl AssumeRole {
    pub(crate) fn check(&self) -> Result<()> {
        text("auth.identity.assume_role.agency_name", &self.agency_name, 1..=64)?;
        if self.domain_id.is_none() && self.domain_name.is_none() {
            return Err(Error::param("auth.identity.assume_role.domain_name", Allowed::Required));
        }
        Ok(())
    }
}

impl Check for CreateToken {
    fn check(&self) -> Result<()> {
        let identity = &self.auth.identity;
        let way = identity.way()?;
        if matches!(way, Way::Password | Way::PasswordAndTotp) {
            use secrecy::ExposeSecret as _;
            let user = &required("auth.identity.password", identity.password.as_ref())?.user;
            text("auth.identity.password.user.name", &user.name, 1..=64)?;
            // Longer passwords are refused before they cost a hash.
            text("auth.identity.password.user.password", user.password.expose_secret(), 1..=128)?;
            check_named("auth.identity.password.user.domain", &user.domain)?;
        }
        if way == Way::PasswordAndTotp {
            let user = &required("auth.identity.totp", identity.totp.as_ref())?.user;
            text("auth.identity.totp.user.id", &user.id, 1..=64)?;
            text("auth.identity.totp.user.passcode", &user.passcode, 6..=6)?;
        }
        if way == Way::Token {
            let token = required("auth.identity.token", identity.token.as_ref())?;
            text("auth.identity.token.id", &token.id, 1..=5_000)?;
        }
        if way == Way::AssumeRole {
            required("auth.identity.assume_role", identity.assume_role.as_ref())?.check()?;
        }
        let Some(scope) = &self.auth.scope else { return Ok(()) };
        if let Some(project) = &scope.project {
            if project.id.is_none() && project.name.is_none() {
                return Err(Error::param("auth.scope.project.name", Allowed::Required));
            }
        } else if let Some(domain) = &scope.domain {
            check_named("auth.scope.domain", domain)?;
        }
        Ok(())
    }
}

/// The body of an answer about a token.
#[derive(Serialize)]
struct TokenAnswer {
    token: TokenBody,
}

#[derive(Serialize)]
struct TokenBody {
    catalog: Vec<Service>,
    expires_at: String,
    issued_at: String,
    methods: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ProjectReference>,
    roles: Vec<RoleName>,
    user: UserReference,
    #[serde(skip_serializing_if = "Option::is_none")]
    assumed_by: Option<AssumedBy>,
}

#[derive(Clone, Serialize)]
struct Reference {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct ProjectReference {
    id: String,
    name: String,
    domain: Reference,
}

#[derive(Serialize)]
struct RoleName {
    id: &'static str,
    name: &'static str,
}

#[derive(Serialize)]
struct UserReference {
    id: String,
    name: String,
    password_expires_at: &'static str,
    domain: Reference,
}

#[derive(Serialize)]
struct AssumedBy {
    user: UserReference,
}

/// Log in.
pub async fn create_token(
    State(app): State<App>,
    OptionalLogin(caller): OptionalLogin,
    address: Option<Extension<ConnectInfo<ClientAddress>>>,
    url: PublicUrl,
    query: Query,
    Body(body): Body<CreateToken>,
) -> Result<Response> {
    let now = app.clock.now();
    let address = address.map(|Extension(ConnectInfo(ClientAddress(ip)))| ip);
    let Auth { identity, scope } = body.auth;
    let way = identity.way()?;
    let mut latest = None;
    let (subject, methods) = match way {
        Way::Password | Way::PasswordAndTotp => {
            let user = identity.password.ok_or_else(|| Error::param("auth.identity.password", Allowed::Required))?.user;
            let totp = identity.totp.filter(|_| way == Way::PasswordAndTotp);
            let methods = if totp.is_some() { vec![Method::Password, Method::Totp] } else { vec![Method::Password] };
            let attempt = Attempt {
                domain: match (user.domain.name, user.domain.id) {
                    (Some(name), _) => Domain::Name(name),
                    (None, id) => Domain::Id(id.and_then(|id| AccountId::parse(&id))),
                },
                user: user.name,
                password: user.password,
                passcode: totp.map(|totp| (totp.user.id, totp.user.passcode)),
                address,
            };
            let (account, user) = login::check(&app, attempt, now).await?;
            (Subject { account_id: account.id, user_id: user.id, agent: None }, methods)
        }
        Way::Token => {
            let given = identity.token.ok_or_else(|| Error::param("auth.identity.token", Allowed::Required))?;
            let login = login_by_token(&app, &given.id, now).await?;
            // A token cannot be used to outlive itself.
            if let Proof::Token(token) = &login.proof {
                latest = Some(token.expires_at);
            }
            (login.subject, vec![Method::Token])
        }
        Way::AssumeRole => {
            let role = required("auth.identity.assume_role", identity.assume_role.as_ref())?;
            (assume(&app, &caller?, role).await?, vec![Method::AssumeRole])
        }
    };
    let principal = load_principal(&app, &subject, now).await?;
    let scope = choose_scope(&app, &principal, scope).await?;
    let issued_at = issue_at(&app, &principal, &subject, now).await?;
    let mut expires_at = issued_at.plus_seconds(app.config.login.token_seconds);
    for end in [latest, principal.expires_at].into_iter().flatten() {
        expires_at = expires_at.min(end);
    }
    let token = Token { subject, methods, scope, issued_at, expires_at };
    let text = app.identity.tokens.issue(&token);
    answer(&app, StatusCode::CREATED, &text, &token, &principal, &url, &query).await
}

/// Show what a token says.
pub async fn show_token(
    State(app): State<App>,
    caller: Login,
    url: PublicUrl,
    query: Query,
    headers: HeaderMap,
) -> Result<Response> {
    let now = app.clock.now();
    let missing = || Error::new(Code::IamNotFound);
    let text = headers.get(X_SUBJECT_TOKEN).ok_or_else(|| Error::param("X-Subject-Token", Allowed::Required))?;
    let text = text.to_str().map_err(|_| missing())?;
    let subject = login_by_token(&app, text, now).await.map_err(|error| match error.code() {
        Code::NotAuthenticated | Code::TokenExpired => missing(),
        _ => error,
    })?;
    if subject.principal.account_id != caller.principal.account_id {
        return Err(missing());
    }
    if subject.principal.user_id != caller.principal.user_id {
        must_administrate(&caller.principal)?;
    }
    let Proof::Token(token) = &subject.proof else { return Err(missing()) };
    answer(&app, StatusCode::OK, text, token, &subject.principal, &url, &query).await
}

/// Whom a caller becomes through an agency. An agency that does not exist, does not trust the caller's account, or has
/// ended looks the same.
pub(crate) async fn assume(app: &App, caller: &Login, role: &AssumeRole) -> Result<Subject> {
    let refused = || Error::new(Code::IamForbidden);
    // Agencies do not chain: whoever acts through one is not a user of the trusted account.
    if caller.subject.agent.is_some() || !may_act_for_others(&caller.principal) {
        return Err(refused());
    }
    for (field, value) in [("domain_name", &role.domain_name), ("domain_id", &role.domain_id)] {
        if let Some(value) = value {
            line(&format!("auth.identity.assume_role.{field}"), value)?;
        }
    }
    let (name, domain_name) = (role.agency_name.clone(), role.domain_name.clone());
    let domain_id = role.domain_id.as_deref().map(account_id).transpose().map_err(|_| refused())?;
    let found = app
        .store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let account = match (&domain_id, &domain_name) {
                (Some(id), _) => sql::get_account(tx, id).await?,
                (None, Some(name)) => sql::get_account_by_name(tx, name).await?,
                (None, None) => None,
            };
            let Some(account) = account else { return Ok(None) };
            Ok(sql::get_agency_by_name(tx, &account.id, &name).await?.map(|agency| (account, agency)))
        })
        .await?;
    let own = &caller.principal.account_id;
    let (account, agency) = found.filter(|(_, agency)| agency.trusted_account_id == *own).ok_or_else(refused)?;
    let agent = Agent { account_id: own.clone(), user_id: caller.principal.user_id.clone() };
    Ok(Subject { account_id: account.id, user_id: agency.id, agent: Some(agent) })
}

/// The principal behind a subject that has just been proved.
pub(crate) async fn load_principal(app: &App, subject: &Subject, now: Micros) -> Result<Arc<Principal>> {
    let cache = &app.identity.cache;
    let found = cache.get_principal(&app.store, &subject.account_id, &subject.user_id, now).await?;
    let refused = if subject.agent.is_some() { Code::IamForbidden } else { Code::IamWrongLogin };
    found.filter(|principal| principal.is_active(now)).ok_or_else(|| Error::new(refused))
}

/// The time to write into a token for a subject: later than what ended for it, and for the agent behind it.
pub(crate) async fn issue_at(app: &App, principal: &Principal, subject: &Subject, now: Micros) -> Result<Micros> {
    let mut at = principal.tokens.issue_at(now);
    if let Some(agent) = &subject.agent {
        let cache = &app.identity.cache;
        let agent = cache.get_principal(&app.store, &agent.account_id, &agent.user_id, now).await?;
        at = agent.map_or(at, |agent| at.max(agent.tokens.issue_at(now)));
    }
    Ok(at)
}

async fn choose_scope(app: &App, principal: &Principal, choice: Option<ScopeChoice>) -> Result<Scope> {
    let refused = || Error::new(Code::IamForbidden);
    let check_domain = |domain: &Named| {
        let id_fits = domain.id.as_deref().is_none_or(|id| id == principal.account_id.as_str());
        let name_fits = domain.name.as_deref().is_none_or(|name| name == &*principal.account_name);
        if id_fits && name_fits { Ok(()) } else { Err(refused()) }
    };
    let Some(choice) = choice else { return Ok(Scope::Domain) };
    let Some(project) = choice.project else {
        choice.domain.as_ref().map_or(Ok(()), check_domain)?;
        return Ok(Scope::Domain);
    };
    project.domain.as_ref().map_or(Ok(()), check_domain)?;
    let account = principal.account_id.clone();
    let row = app
        .store
        .read(async move |tx: &mut Tx| match (&project.id, &project.name) {
            (Some(id), _) => match ProjectId::parse(id) {
                Some(id) => sql::get_project(tx, &account, &id).await,
                None => Ok(None),
            },
            (None, Some(name)) => sql::get_project_by_name(tx, &account, name).await,
            (None, None) => Ok(None),
        })
        .await?;
    row.filter(|row| row.enabled).map(|row| Scope::Project(row.id)).ok_or_else(refused)
}

async fn answer(
    app: &App,
    status: StatusCode,
    text: &str,
    token: &Token,
    principal: &Principal,
    url: &PublicUrl,
    query: &Query,
) -> Result<Response> {
    let account = Reference { id: principal.account_id.to_string(), name: principal.account_name.to_string() };
    let project = match &token.scope {
        Scope::Domain => None,
        Scope::Project(id) => {
            let (account_id, id) = (principal.account_id.clone(), id.clone());
            app.store.read(async move |tx: &mut Tx| sql::get_project(tx, &account_id, &id).await).await?
        }
    };
    let assumed_by = match &token.subject.agent {
        None => None,
        Some(agent) => {
            let cache = &app.identity.cache;
            let found = cache.get_principal(&app.store, &agent.account_id, &agent.user_id, app.clock.now()).await?;
            found.map(|user| AssumedBy {
                user: UserReference {
                    id: user.user_id.to_string(),
                    name: user.user_name.to_string(),
                    password_expires_at: "",
                    domain: Reference { id: user.account_id.to_string(), name: user.account_name.to_string() },
                },
            })
        }
    };
    // Any text but an empty one says that the catalogue is not wanted.
    let catalog = if query.has_text("nocatalog") { Vec::new() } else { services(url) };
    let body = TokenBody {
        catalog,
        expires_at: token.expires_at.to_wire_micros(),
        issued_at: token.issued_at.to_wire_micros(),
        methods: token.methods.iter().map(|method| method.as_str()).collect(),
        domain: (token.scope == Scope::Domain).then(|| account.clone()),
        project: project.map(|row| ProjectReference {
            id: row.id.to_string(),
            name: row.name,
            domain: account.clone(),
        }),
        roles: role_names(principal).into_iter().map(|name| RoleName { id: "0", name }).collect(),
        user: UserReference {
            id: principal.user_id.to_string(),
            name: principal.user_name.to_string(),
            password_expires_at: "",
            domain: account,
        },
        assumed_by,
    };
    let token = HeaderValue::from_str(text).map_err(Error::internal)?;
    Ok((status, [(X_SUBJECT_TOKEN, token)], Json(TokenAnswer { token: body })).into_response())
}

/// The names under which a principal's rights are shown.
fn role_names(principal: &Principal) -> Vec<&'static str> {
    let mut names = Vec::new();
    if principal.is_owner {
        names.extend(["te_admin", "secu_admin"]);
    }
    let held = Role::ALL.into_iter().filter(|role| principal.roles.contains(*role)).map(Role::wire_name);
    names.extend(held.filter(|name| !principal.is_owner || *name != "secu_admin"));
    names.extend(principal.staff.map(crate::iam::StaffRole::as_str));
    names
}
