//! The outermost layer of every request: its context (request id, language, time zone), its limits, and how an error is
//! written in the body form of its path.

use crate::app::App;
use crate::config::BusinessErrors;
use crate::error::{Code, Error};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::TimeZone;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::json;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The request id's header, on every answer.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The same under the name that IAM clients print.
const X_IAM_TRACE_ID: HeaderName = HeaderName::from_static("x-iam-trace-id");

/// What is known of a request before anybody has signed in.
#[derive(Clone, Debug)]
pub struct Context {
    /// 32 lower hex characters; in every log line and answer.
    pub request_id: Arc<str>,
    /// The language of names and errors, from `X-Language`.
    pub lang: Lang,
    /// The zone in which times in queries are read, from `X-Time-Zone`.
    pub zone: TimeZone,
}

impl<S: Sync> FromRequestParts<S> for Context {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::internal("the request has no context"))
    }
}

/// A JSON answer with status 200.
pub struct Reply<T>(pub T);

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The answer of operations whose model has nothing but error fields: `{}`.
#[derive(Clone, Copy, Debug, Default, Serialize, serde::Deserialize)]
pub struct Done {}

/// Gives the request its context and limits, and writes errors.
pub async fn finish(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let request_id: Arc<str> = Uuid::new_v4().simple().to_string().into();
    let (lang, zone) = preferences(request.headers());
    let path = request.uri().path().to_owned();
    let target_bytes = request.uri().path_and_query().map_or(0, |t| t.as_str().len());
    let method = request.method().clone();
    let started = std::time::Instant::now();

    let mut response = if target_bytes > app.config.limits.uri_bytes {
        Error::new(Code::UriTooLong).into_response()
    } else if let Some(zone) = zone {
        request.extensions_mut().insert(Context { request_id: Arc::clone(&request_id), lang, zone });
        let limit = Duration::from_secs(app.config.limits.request_seconds);
        // A handler that panics is a defect; the client gets an answer all the same, and the connection stays.
        let run = AssertUnwindSafe(next.run(request)).catch_unwind();
        match tokio::time::timeout(limit, run).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => Error::internal("a handler panicked").into_response(),
            Err(_) => Error::new(Code::Timeout).into_response(),
        }
    } else {
        let form = crate::error::Allowed::text(
            "须为 GMT+8、UTC、+08:00 或时区名称",
            "GMT+8, UTC, +08:00 or the name of a time zone is allowed",
        );
        Error::param("X-Time-Zone", form).into_response()
    };

    if let Some(error) = response.extensions_mut().remove::<Error>() {
        if let Some(cause) = error.cause() {
            tracing::error!(%request_id, %method, path = path.escape_default().to_string(), cause, "request failed");
        }
        write_error(&app, &mut response, &error, &path, lang, &request_id);
    }
    let status = response.status().as_u16();
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::debug!(%request_id, %method, path = path.escape_default().to_string(), status, micros, "request");
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        if path.starts_with("/v3") || path.starts_with("/v5") {
            response.headers_mut().insert(X_IAM_TRACE_ID, id.clone());
        }
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}

/// Language and time zone; no zone where the header names none that is known.
fn preferences(headers: &HeaderMap) -> (Lang, Option<TimeZone>) {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let zone = header("x-time-zone").map_or_else(|| Some(TimeZone::default()), TimeZone::parse);
    (Lang::from_header(header("x-language")), zone)
}

/// `/v3*` and `/v5*` answer in IAM's form, everything else in the ticket API's.
fn write_error(app: &App, response: &mut Response, error: &Error, path: &str, lang: Lang, request_id: &str) {
    let code = error.code();
    let message = error.message(lang);
    let mut status = code.status();
    let body = if path.starts_with("/v3") || path.starts_with("/v5") {
        let title = status.canonical_reason().unwrap_or_default();
        json!({"error": {"code": status.as_u16(), "message": message, "title": title}})
    } else {
        let always_200 = app.config.api.business_errors == BusinessErrors::Always200;
        if always_200 && code.code().starts_with("OSM.0101") {
            status = StatusCode::OK;
        }
        let mut body = json!({"error_code": code.code(), "error_msg": message});
        if code.code().starts_with("APIGW.") {
            body["request_id"] = request_id.into();
        }
        body
    };
    let headers: HeaderMap = std::mem::take(response.headers_mut());
    *response = (status, axum::Json(body)).into_response();
    for (name, value) in &headers {
        if !matches!(*name, header::CONTENT_TYPE | header::CONTENT_LENGTH) {
            response.headers_mut().append(name, value.clone());
        }
    }
    if let Some(seconds) = error.retry_after_s() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}
