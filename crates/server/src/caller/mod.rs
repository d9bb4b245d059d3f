//! Who is calling: from `Authorization` or `X-Auth-Token` to a [`Caller`], before any handler runs.
//!
//! [`authenticate`] wraps every route with the permission that the table of routes declares for it. A signature wins
//! over a token. A verified request costs no query while its principal is cached. A login says nothing about why it
//! failed that would help a guess; the documented texts are in [`denied`].
//!
//! `signature.rs` checks `SDK-HMAC-SHA256`, `token.rs` is the form of tokens, `throttle.rs` counts failures by address.

mod signature;
pub mod throttle;
pub mod token;

use std::sync::Arc;

use axum::{
    Extension,
    body::{Body, HttpBody as _},
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use counterfoil_wire::{
    ids::{AccountId, GroupId, UserId},
    lang::Lang,
    time::{Micros, TimeZone},
};
use http::{HeaderMap, header, request::Parts};

pub use crate::iam::{Roles, StaffRole};
use crate::{
    app::App,
    error::{Code, Error, Result},
    iam::{AccessId, AccountKind, Principal, Role},
    once::BodyBytes,
    reply::Context,
    routes::{Operation, Permission},
};
use token::{Agent, Subject, Token};

/// Header of the login token.
pub const X_AUTH_TOKEN: &str = "x-auth-token";
/// Header that must name the caller's own account when it is there.
const X_DOMAIN_ID: &str = "x-domain-id";
/// Header that must name a project of the caller's account when it is there.
const X_PROJECT_ID: &str = "x-project-id";

/// Who is calling, and how the answer is to be written.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account in which the caller acts.
    pub account_id: AccountId,
    /// Its name.
    pub account_name: Arc<str>,
    /// The user, or the agency through which another account's user acts.
    pub user_id: UserId,
    /// Its name.
    pub user_name: Arc<str>,
    /// The owner of the account holds every right in it.
    pub is_owner: bool,
    /// Roles of the user and of its groups.
    pub roles: Roles,
    /// Set for staff, and only for them.
    pub staff: Option<StaffRole>,
    /// Groups that the user is a member of.
    pub groups: Arc<[GroupId]>,
    /// Another account's user who acts through an agency; for the records.
    pub agent: Option<Agent>,
    /// The language of names and errors.
    pub lang: Lang,
    /// The zone in which times in queries are read.
    pub zone: TimeZone,
    /// The id of this request.
    pub request_id: Arc<str>,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::new(Code::NotAuthenticated))
    }
}

/// A verified login, with what only the identity calls need of it.
#[derive(Clone, Debug)]
pub struct Login {
    /// What the caller is and may do.
    pub principal: Arc<Principal>,
    /// Whom it speaks for.
    pub subject: Subject,
    /// How it was proved.
    pub proof: Proof,
}

/// How a caller proved who it is.
#[derive(Clone, Debug)]
pub enum Proof {
    /// With a login token.
    Token(Token),
    /// With a signature under an access key.
    Key(AccessId),
    /// With a signature under a temporary access key, which a permanent one may stand behind.
    TemporaryKey {
        /// The permanent key.
        parent: Option<AccessId>,
        /// From when it is.
        issued_at: Micros,
        /// When the temporary key ends.
        expires_at: Micros,
    },
}

impl Login {
    /// When it ends by itself.
    pub fn expires_at(&self) -> Option<Micros> {
        match &self.proof {
            Proof::Token(Token { expires_at, .. }) | Proof::TemporaryKey { expires_at, .. } => Some(*expires_at),
            Proof::Key(_) => None,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Login {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::new(Code::NotAuthenticated))
    }
}

/// A failed login in the gateway's words: `Incorrect IAM authentication information: <reason>`.
pub(crate) fn denied(reason: impl std::fmt::Display) -> Error {
    // The reasons are documented in English only, and programs compare them.
    let say = |lang| format!("{}: {reason}", Code::NotAuthenticated.text(lang));
    Error::said(Code::NotAuthenticated, say(Lang::ZhCn), say(Lang::EnUs))
}

/// The login of an operation that is open to everybody: verified, refused, or not there.
pub struct OptionalLogin(pub Result<Login>);

impl<S: Sync> FromRequestParts<S> for OptionalLogin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Self::Rejection> {
        let login = match (parts.extensions.get::<Login>(), parts.extensions.get::<Refused>()) {
            (Some(login), _) => Ok(login.clone()),
            (None, Some(Refused(error))) => Err(error.clone()),
            (None, None) => Err(Error::new(Code::NotAuthenticated)),
        };
        Ok(Self(login))
    }
}

/// Why the login that an open operation came with was not accepted.
#[derive(Clone)]
struct Refused(Error);

/// The guard of every route: finds out who is calling and whether the operation is open to it.
pub async fn authenticate(
    State(app): State<App>,
    Extension(operation): Extension<Operation>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let open = operation.permission == Permission::Anyone;
    if open && !headers.contains_key(header::AUTHORIZATION) && !headers.contains_key(X_AUTH_TOKEN) {
        return next.run(request).await;
    }
    match admit(&app, operation.permission, &mut request).await {
        Ok(()) => {}
        // A login that does not help must not hinder either, unless the body is gone.
        Err(error) if open && error.code().status() == http::StatusCode::UNAUTHORIZED => {
            request.extensions_mut().insert(Refused(error));
        }
        Err(error) => return error.into_response(),
    }
    next.run(request).await
}

async fn admit(app: &App, permission: Permission, request: &mut Request) -> Result<()> {
    let now = app.clock.now();
    let login = if request.headers().contains_key(header::AUTHORIZATION) {
        signature::check(app, request, now).await?
    } else {
        let token = token_of(request.headers())?;
        let login = login_by_token(app, token, now).await?;
        if !is_multipart(request.headers()) {
            read_body(app, request).await?;
        }
        login
    };
    let principal = &login.principal;
    check_own(request.headers(), X_DOMAIN_ID, |id| id == principal.account_id.as_str())?;
    check_own(request.headers(), X_PROJECT_ID, |id| principal.projects.iter().any(|own| own.as_str() == id))?;
    let allowed = match permission {
        Permission::Anyone | Permission::User => true,
        Permission::Customer => principal.kind == AccountKind::Customer,
        Permission::Staff(roles) => principal.staff.is_some_and(|role| roles.contains(&role)),
    };
    if !allowed {
        return Err(Error::new(Code::NoPermission));
    }
    let context = request.extensions().get::<Context>().cloned();
    let context = context.ok_or_else(|| Error::internal("the request has no context"))?;
    let caller = Caller {
        account_id: principal.account_id.clone(),
        account_name: Arc::clone(&principal.account_name),
        user_id: principal.user_id.clone(),
        user_name: Arc::clone(&principal.user_name),
        is_owner: principal.is_owner,
        roles: principal.roles,
        staff: principal.staff,
        groups: Arc::clone(&principal.groups),
        agent: login.subject.agent.clone(),
        lang: context.lang,
        zone: context.zone,
        request_id: context.request_id,
    };
    request.extensions_mut().insert(caller);
    request.extensions_mut().insert(login);
    Ok(())
}

/// The value of `X-Auth-Token`.
pub(crate) fn token_of(headers: &HeaderMap) -> Result<&str> {
    let value = headers.get(X_AUTH_TOKEN).ok_or_else(|| Error::new(Code::NotAuthenticated))?;
    value.to_str().map_err(|_| denied("decrypt token fail"))
}

/// Checks a login token.
pub(crate) async fn login_by_token(app: &App, text: &str, now: Micros) -> Result<Login> {
    let token = app.identity.tokens.read(text).ok_or_else(|| denied("decrypt token fail"))?;
    if now.0 >= token.expires_at.0 {
        return Err(Error::new(Code::TokenExpired));
    }
    let principal = find_principal(app, &token.subject, token.issued_at, now).await?;
    Ok(Login { principal, subject: token.subject.clone(), proof: Proof::Token(token) })
}

/// Whom a token or temporary key from `issued_at` speaks for, if it may still do so.
async fn find_principal(app: &App, subject: &Subject, issued_at: Micros, now: Micros) -> Result<Arc<Principal>> {
    let gone = || denied("the user does not exist or is disabled");
    let find = async |account: &AccountId, user: &UserId| {
        let found = app.identity.cache.get_principal(&app.store, account, user, now).await?;
        found.filter(|principal| principal.is_active(now)).ok_or_else(gone)
    };
    let principal = find(&subject.account_id, &subject.user_id).await?;
    if principal.tokens.ends(issued_at, now) {
        return Err(Error::new(Code::TokenExpired));
    }
    if principal.trusted_account_id.as_ref() != subject.agent.as_ref().map(|agent| &agent.account_id) {
        return Err(gone());
    }
    if let Some(agent) = &subject.agent {
        let agent = find(&agent.account_id, &agent.user_id).await?;
        if agent.tokens.ends(issued_at, now) {
            return Err(Error::new(Code::TokenExpired));
        }
        if !may_act_for_others(&agent) {
            return Err(gone());
        }
    }
    Ok(principal)
}

/// What a login that was verified before may do now, if it still holds: for answers that take long.
pub(crate) async fn renew(app: &App, login: &Login, now: Micros) -> Result<Arc<Principal>> {
    if login.expires_at().is_some_and(|end| now >= end) {
        return Err(Error::new(Code::TokenExpired));
    }
    let key = match &login.proof {
        Proof::Key(access) => Some(access),
        Proof::TemporaryKey { parent, .. } => parent.as_ref(),
        Proof::Token(_) => None,
    };
    if let Some(access) = key {
        let key = app.identity.cache.get_key(&app.store, &app.vault, access, now).await?;
        key.filter(|key| key.active).ok_or_else(|| denied("the access key does not exist or is disabled"))?;
    }
    let issued_at = match &login.proof {
        Proof::Token(token) => token.issued_at,
        Proof::TemporaryKey { issued_at, .. } => *issued_at,
        // A key has no age.
        Proof::Key(_) => Micros(i64::MAX),
    };
    find_principal(app, &login.subject, issued_at, now).await
}

/// Whether a user may use the agencies that trust its account.
pub(crate) fn may_act_for_others(user: &Principal) -> bool {
    user.is_owner || user.roles.contains(Role::AgentOperator)
}

/// Headers that name an account or a project must name the caller's own.
fn check_own(headers: &HeaderMap, name: &str, is_own: impl Fn(&str) -> bool) -> Result<()> {
    let all_own = headers.get_all(name).iter().all(|value| value.to_str().is_ok_and(&is_own));
    if all_own { Ok(()) } else { Err(Error::new(Code::NotAuthorized)) }
}

/// Whether the body is a form with files, which is streamed.
fn is_multipart(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).map(http::HeaderValue::as_bytes).unwrap_or_default();
    value.get(..10).is_some_and(|start| start.eq_ignore_ascii_case(b"multipart/"))
}

/// Receives the whole body, and leaves it where handlers look for it.
async fn read_body(app: &App, request: &mut Request) -> Result<Bytes> {
    let body = std::mem::take(request.body_mut());
    let bytes = if body.is_end_stream() {
        Bytes::new()
    } else {
        let operation = request.extensions().get::<Operation>().map_or("", |operation| operation.id);
        let limit = app.config.body_limit(operation);
        // A body that says it is too large is not received at all.
        if body.size_hint().lower() > limit as u64 {
            return Err(Error::new(Code::BodyTooLarge));
        }
        let received = http_body_util::BodyExt::collect(http_body_util::Limited::new(body, limit)).await;
        received
            .map_err(|error| {
                if error.is::<http_body_util::LengthLimitError>() {
                    Error::new(Code::BodyTooLarge)
                } else {
                    crate::extract::body_error(http::StatusCode::BAD_REQUEST)
                }
            })?
            .to_bytes()
    };
    *request.body_mut() = Body::from(bytes.clone());
    request.extensions_mut().insert(BodyBytes(bytes.clone()));
    Ok(bytes)
}
