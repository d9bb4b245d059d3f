//! `POST /v3.0/OS-CREDENTIAL/securitytokens`: a temporary access key for a token's user, or through an agency.
//!
//! Nothing is stored: the security token says whose key it is and until when, and the secret key is derived from it. A
//! temporary key ends with the login tokens of its user, and with the permanent key that was used to get it.

use axum::{Json, extract::State};
use http::StatusCode;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::tokens::{AssumeRole, assume, issue_at, load_principal};
use crate::{
    app::App,
    caller::{Login, OptionalLogin, Proof, login_by_token, token::SecurityToken},
    error::{Allowed, Error, Result},
    extract::{Body, Check, int, text},
    iam::{AccessId, random_text},
};

/// How long a temporary key lasts when nothing is said, in seconds.
const DEFAULT_SECONDS: i64 = 900;

/// The body of [`create_security_token`]. A policy is accepted, and restricts nothing: in the original it narrows
/// another service only.
#[derive(Deserialize)]
pub struct CreateSecurityToken {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    identity: Identity,
}

#[derive(Deserialize)]
struct Identity {
    methods: Vec<String>,
    token: Option<ByToken>,
    assume_role: Option<AssumeRole>,
}

#[derive(Deserialize)]
struct ByToken {
    id: Option<String>,
    duration_seconds: Option<i64>,
}

impl Identity {
    fn is_agency(&self) -> Result<bool> {
        match self.methods.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["token"] => Ok(false),
            ["assume_role"] => Ok(true),
            _ => {
                let names = &["token", "assume_role"][..];
                Err(Error::param("auth.identity.methods", Allowed::OneOf(names.into())))
            }
        }
    }
}

impl Check for CreateSecurityToken {
    fn check(&self) -> Result<()> {
        let identity = &self.auth.identity;
        let (name, seconds) = if identity.is_agency()? {
            let role = identity.assume_role.as_ref();
            let role = role.ok_or_else(|| Error::param("auth.identity.assume_role", Allowed::Required))?;
            role.check()?;
            ("auth.identity.assume_role.duration_seconds", role.duration_seconds)
        } else {
            let token = identity.token.as_ref();
            if let Some(id) = token.and_then(|token| token.id.as_deref()) {
                text("auth.identity.token.id", id, 1..=5_000)?;
            }
            ("auth.identity.token.duration_seconds", token.and_then(|token| token.duration_seconds))
        };
        int(name, seconds.unwrap_or(DEFAULT_SECONDS), 900..=86_400)
    }
}

#[derive(Serialize)]
struct Credential {
    access: String,
    secret: String,
    securitytoken: String,
    expires_at: String,
}

/// Get a temporary access key.
pub async fn create_security_token(
    State(app): State<App>,
    OptionalLogin(caller): OptionalLogin,
    Body(body): Body<CreateSecurityToken>,
) -> Result<(StatusCode, Json<Value>)> {
    let now = app.clock.now();
    let Identity { token, assume_role, .. } = body.auth.identity;
    let (subject, login, seconds) = if let Some(role) = assume_role {
        let login = caller?;
        (assume(&app, &login, &role).await?, login, role.duration_seconds)
    } else {
        let seconds = token.as_ref().and_then(|token| token.duration_seconds);
        // A token in the body is a login of its own.
        let login = match token.and_then(|token| token.id) {
            Some(id) => login_by_token(&app, &id, now).await?,
            None => caller?,
        };
        (login.subject.clone(), login, seconds)
    };
    let principal = load_principal(&app, &subject, now).await?;
    let issued_at = issue_at(&app, &principal, &subject, now).await?;
    let (parent, latest) = limits(&login);
    let mut expires_at = issued_at.plus_seconds(seconds.unwrap_or(DEFAULT_SECONDS));
    for end in [latest, principal.expires_at].into_iter().flatten() {
        expires_at = expires_at.min(end);
    }
    let access = format!("CT{}", random_text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 18));
    let access = AccessId::parse(&access).ok_or_else(|| Error::internal("a made access key breaks its own rule"))?;
    let token = SecurityToken { subject, access, parent, issued_at, expires_at };
    let text = app.identity.tokens.issue_security_token(&token);
    let credential = Credential {
        access: token.access.to_string(),
        secret: app.identity.tokens.temporary_secret(&text).expose_secret().to_owned(),
        securitytoken: text,
        expires_at: token.expires_at.to_wire_micros(),
    };
    Ok((StatusCode::CREATED, Json(json!({"credential": credential}))))
}

/// The permanent key behind a login, and when a temporary one ends: a key that is made with it must not outlive either.
fn limits(login: &Login) -> (Option<AccessId>, Option<counterfoil_wire::time::Micros>) {
    match &login.proof {
        Proof::Token(_) => (None, None),
        Proof::Key(access) => (Some(access.clone()), None),
        Proof::TemporaryKey { parent, expires_at, .. } => (parent.clone(), Some(*expires_at)),
    }
}
