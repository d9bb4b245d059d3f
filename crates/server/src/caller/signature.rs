//! Requests signed with an access key (`SDK-HMAC-SHA256`).
//!
//! The signature itself is checked by `counterfoil_wire::signing`. Here is what needs the server: the clock, the key and
//! whether it may be used, the body, and the lock after repeated failures. What costs little is checked first; the body
//! is received only for a key that exists and a time that fits.

use std::sync::Arc;

use axum::extract::Request;
use counterfoil_wire::{
    signing::{self, Authorization, CONTENT_HASH_HEADER, SigningError, ToVerify, UNSIGNED_PAYLOAD},
    time::Micros,
};
use http::{HeaderMap, header};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Login, Proof, denied, find_principal, is_multipart, read_body,
    throttle::address_of,
    token::{SecurityToken, Subject},
};
use crate::{
    app::App,
    error::{Code, Error, Result},
    iam::{AccessId, AccessKey},
};

/// How far the time of signing may be from the server's, in seconds.
const WINDOW_SECONDS: i64 = 15 * 60;
/// Header with the security token of a temporary key.
const X_SECURITY_TOKEN: &str = "x-security-token";

/// The documented text for a key that does not exist, or that nobody may use.
const NO_KEY: &str = "Get secretKey failed";
/// The documented text for a locked key.
const LOCKED: &str = "AK access failed to reach the limit,forbidden";

/// A key that a request may be signed with.
enum Key {
    Permanent(Arc<AccessKey>),
    Temporary(Box<SecurityToken>, SecretString),
}

/// Checks the signature of a request. Receives the body, unless it is a form that the signature leaves out.
pub(super) async fn check(app: &App, request: &mut Request, now: Micros) -> Result<Login> {
    let auth = authorization(request.headers())?;
    let access = AccessId::parse(&auth.access).ok_or_else(|| denied(NO_KEY))?;
    check_time(request, &auth, now)?;

    let key = match find_key(app, request.headers(), &auth, &access, now).await {
        Err(error) if error.code() == Code::NotAuthenticated => {
            app.identity.throttle.note_failure(address_of(request.extensions()), now)?;
            return Err(error);
        }
        found => found?,
    };
    if app.identity.cache.is_locked(&access, now) {
        return Err(denied(LOCKED));
    }
    let (principal, subject, secret, proof) = match &key {
        Key::Permanent(key) => {
            let subject = Subject { account_id: key.account_id.clone(), user_id: key.user_id.clone(), agent: None };
            // A key has no age: only the state of its user counts.
            let principal = app.identity.cache.get_principal(&app.store, &key.account_id, &key.user_id, now).await?;
            let principal = principal.filter(|user| user.is_active(now)).ok_or_else(|| denied(NO_KEY))?;
            (principal, subject, &key.secret, Proof::Key(access.clone()))
        }
        Key::Temporary(token, secret) => {
            let principal = find_principal(app, &token.subject, token.issued_at, now).await?;
            let proof = Proof::TemporaryKey {
                parent: token.parent.clone(),
                issued_at: token.issued_at,
                expires_at: token.expires_at,
            };
            (principal, token.subject.clone(), secret, proof)
        }
    };

    let multipart = is_multipart(request.headers());
    let streamed = multipart
        && auth.signs(CONTENT_HASH_HEADER)
        && request.headers().get(CONTENT_HASH_HEADER).is_some_and(|value| value == UNSIGNED_PAYLOAD);
    let body = if streamed { None } else { Some(read_body(app, request).await?) };
    let verified = with_request(request, body.as_deref(), multipart, |to_verify| {
        signing::verify(to_verify, &auth, secret.expose_secret())
    });
    match verified {
        Ok(()) => {
            app.identity.cache.note_use(&access, now);
            Ok(Login { principal, subject, proof })
        }
        Err(error) => {
            if matches!(error, SigningError::Mismatch { .. }) {
                app.identity.cache.note_failure(&access, now);
                app.identity.throttle.note_failure(address_of(request.extensions()), now)?;
            }
            Err(denied(error))
        }
    }
}

fn authorization(headers: &HeaderMap) -> Result<Authorization> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(denied(SigningError::Malformed)) };
    let text = value.to_str().map_err(|_| denied(SigningError::Malformed))?;
    signing::parse_authorization(text).map_err(denied)
}

fn check_time(request: &Request, auth: &Authorization, now: Micros) -> Result<()> {
    let signed_at = with_request(request, None, false, |to_verify| signing::signed_at(to_verify, auth));
    let signed_at = signed_at.map_err(denied)?;
    if (now.seconds() - signed_at.seconds()).abs() > WINDOW_SECONDS {
        return Err(denied("x-sdk-date is more than 15 minutes from the server's time"));
    }
    Ok(())
}

/// Finds the key of a request: a permanent one, or a temporary one that comes with its security token.
async fn find_key(app: &App, headers: &HeaderMap, auth: &Authorization, access: &AccessId, now: Micros) -> Result<Key> {
    let mut tokens = headers.get_all(X_SECURITY_TOKEN).iter();
    let Some(token) = tokens.next() else {
        let key = app.identity.cache.get_key(&app.store, &app.vault, access, now).await?;
        return key.filter(|key| key.active).map(Key::Permanent).ok_or_else(|| denied(NO_KEY));
    };
    if tokens.next().is_some() || !auth.signs(X_SECURITY_TOKEN) {
        return Err(denied(SigningError::NotSigned(X_SECURITY_TOKEN)));
    }
    let text = token.to_str().map_err(|_| denied(NO_KEY))?;
    let token = app.identity.tokens.read_security_token(text).filter(|token| token.access == *access);
    let token = token.ok_or_else(|| denied(NO_KEY))?;
    if now.0 >= token.expires_at.0 {
        return Err(Error::new(Code::TokenExpired));
    }
    if let Some(parent) = &token.parent {
        let parent = app.identity.cache.get_key(&app.store, &app.vault, parent, now).await?;
        if !parent.is_some_and(|key| key.active) {
            return Err(denied(NO_KEY));
        }
    }
    Ok(Key::Temporary(Box::new(token), app.identity.tokens.temporary_secret(text)))
}

/// Shows a request to the checks of `counterfoil_wire`, exactly as it came.
fn with_request<T>(
    request: &Request,
    body: Option<&[u8]>,
    unsigned_payload: bool,
    check: impl FnOnce(&ToVerify<'_>) -> T,
) -> T {
    let headers: Vec<(&str, &[u8])> =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    check(&ToVerify {
        method: request.method().as_str(),
        raw_target: request.uri().path_and_query().map_or("/", |target| target.as_str()),
        headers: &headers,
        body,
        unsigned_payload,
    })
}
