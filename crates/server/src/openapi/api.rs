//! The document and the page that shows it: `GET /openapi.json`, `GET /docs` and what the page is made of.
//!
//! Everything comes from the binary. The page may load nothing from elsewhere, which its content security policy holds.

use super::text;
use crate::error::{Code, Error, Result};
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, header};

/// What the page may do: its own files and the document, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("page/index.html");
/// The files of the page: name, type, text.
const ASSETS: &[(&str, &str, &str)] = &[
    ("reference.js", "text/javascript; charset=utf-8", include_str!("page/reference.js")),
    ("reference.css", "text/css; charset=utf-8", include_str!("page/reference.css")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
];

/// The OpenAPI document.
pub async fn show_openapi() -> Result<Response> {
    Ok(sent("application/json", text()?))
}

/// The page that shows it.
pub async fn show_docs() -> Response {
    sent("text/html; charset=utf-8", PAGE)
}

/// A file of the page.
pub async fn show_docs_asset(name: std::result::Result<Path<String>, PathRejection>) -> Result<Response> {
    let name = name.map(|Path(name)| name).unwrap_or_default();
    let found = ASSETS.iter().find(|(known, ..)| *known == name);
    let (_, kind, text) = found.ok_or_else(|| Error::new(Code::NoSuchApi))?;
    Ok(sent(kind, text))
}

fn sent(kind: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, text).into_response()
}
