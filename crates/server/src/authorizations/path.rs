//! The ids in the paths of authorizations: the authorization, one of its resource lines, a session on it.

use crate::error::{Allowed, Code, Error, Result};
use crate::extract;
use axum::extract::{FromRequestParts, Path};
use counterfoil_wire::ids::AuthorizationId;
use std::collections::HashMap;

/// What stands in the braces of a path.
pub struct PathIds(HashMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for PathIds {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self> {
        let ids = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
        // What is no UTF-8 is the id of nothing.
        ids.map(|Path(ids)| Self(ids)).map_err(|_| Error::new(Code::NoSuchAuthorization))
    }
}

impl PathIds {
    fn text(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The path's `authorization_id`. A text that is no id belongs to nothing, and answers like it.
    pub fn authorization(&self) -> Result<AuthorizationId> {
        let text = self.text("authorization_id");
        extract::text("authorization_id", text, 1..=32)?;
        AuthorizationId::parse(text).ok_or_else(|| Error::new(Code::NoSuchAuthorization))
    }

    /// A whole number in the path, of 0 and more.
    pub fn number(&self, name: &str) -> Result<i64> {
        let text = self.text(name);
        let allowed = Allowed::Range(0, i64::MAX);
        match text.parse::<i64>() {
            Ok(number) if number >= 0 => Ok(number),
            Ok(_) => Err(Error::param(name, allowed)),
            // A number, but beyond 64 bits or with a fraction.
            Err(_) if text.parse::<f64>().is_ok_and(f64::is_finite) => Err(Error::param(name, allowed)),
            Err(_) => Err(Error::param_as(Code::Malformed, name, allowed)),
        }
    }
}
