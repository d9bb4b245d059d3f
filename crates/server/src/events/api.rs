//! Following the events of the caller's cases, as server-sent events.

use super::rules;
use super::stream::Stream;
use crate::app::App;
use crate::caller::Login;
use crate::error::{Allowed, Error, Result};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::convert::Infallible;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Tells a proxy in front to pass each piece on at once.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

pub(super) fn bad_last_id() -> Error {
    Error::param(
        "Last-Event-ID",
        Allowed::text("须为本服务发送过的事件ID", "the id of an event of this service is allowed"),
    )
}

/// Follow what happens to the cases that the caller may see: from now on, or from after the event that it saw last.
pub async fn stream_events(State(app): State<App>, login: Login, headers: HeaderMap) -> Result<Response> {
    let after = match headers.get(LAST_EVENT_ID).filter(|value| !value.is_empty()) {
        None => None,
        Some(value) => {
            let number = value.to_str().ok().and_then(rules::parse_last_id);
            Some(number.ok_or_else(bad_last_id)?)
        }
    };
    let admission = app.events.admit(&app, &login.principal.account_id, &login.principal.user_id)?;
    let stream = Stream::begin(app, login, admission, after).await?;
    let pieces = futures_util::stream::unfold(stream, async |mut stream| {
        let piece = stream.next().await?;
        Some((Ok::<_, Infallible>(piece), stream))
    });
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    Ok((headers, Body::from_stream(pieces)).into_response())
}
