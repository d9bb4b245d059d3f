//! The request to the provider, and what its answer means.

use super::Kept;
use super::template::{self, Escape};
use crate::app::App;
use crate::config;
use crate::jobs::Failure;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, header};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// As much of an answer as is read.
const MOST_BYTES: usize = 64 * 1024;

/// Sends one SMS. `job_id` is the same at every try.
pub(super) async fn send(app: &App, job_id: &str, kept: &Kept) -> Result<(), Failure> {
    let settings = &app.config.sms;
    let registered = settings.templates.get(&kept.template).map(String::as_str).unwrap_or_default();
    let phone = format!("+{}{}", kept.area_code, kept.number);
    let value = |name: &str| match name {
        "phone" => Some(phone.as_str()),
        "area_code" => Some(kept.area_code.as_str()),
        "number" => Some(kept.number.as_str()),
        "text" => Some(kept.text.as_str()),
        "lang" => Some(kept.lang.as_str()),
        "template" => Some(registered),
        "message_id" => Some(job_id),
        // A message that has no such value leaves the place empty.
        other => Some(kept.values.iter().find(|(name, _)| name == other).map_or("", |(_, value)| value.as_str())),
    };
    let wrong = |e: String| Failure::ForNow(format!("the request to the SMS provider cannot be made: {e}"));
    let url = template::fill(&settings.url, Escape::Percent, value).map_err(wrong)?;
    let body = template::fill(&settings.body, Escape::of(&settings.content_type), value).map_err(wrong)?;
    let method: Method = settings.method.parse().map_err(|_| wrong("sms.method".to_owned()))?;
    let mut request = Request::builder().method(&method).uri(url);
    if method != Method::GET {
        request = request.header(header::CONTENT_TYPE, &settings.content_type);
    }
    for (name, value) in &settings.headers {
        let name: HeaderName = name.parse().map_err(|_| wrong("sms.headers".to_owned()))?;
        let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| wrong("sms.headers".to_owned()))?;
        value.set_sensitive(true);
        request = request.header(name, value);
    }
    let body = if method == Method::GET { Bytes::new() } else { Bytes::from(body) };
    // What the builder says may hold the URL.
    let request = request.body(body).map_err(|_| wrong("sms.url".to_owned()))?;
    let deadline = Instant::now() + Duration::from_secs(settings.timeout_seconds);
    let answer = app.outgoing.send(request, deadline, MOST_BYTES).await;
    let answer = answer.map_err(|e| Failure::ForNow(format!("the SMS provider was not reached: {e}")))?;
    if !answer.status.is_success() {
        return Err(Failure::ForNow(format!("the SMS provider answered {}", answer.status.as_u16())));
    }
    if settings.success_pointer.is_empty() {
        return Ok(());
    }
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said = json.pointer(&settings.success_pointer).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
    if said.as_deref() == Some(settings.success_value.as_str()) {
        Ok(())
    } else {
        Err(Failure::ForNow(format!(
            "the SMS provider's answer does not have {:?} at {}",
            settings.success_value, settings.success_pointer
        )))
    }
}

/// Fails with what is wrong with the configuration of the provider.
pub fn check(settings: &config::Sms) -> Result<(), String> {
    const NAMES: &[&str] =
        &["phone", "area_code", "number", "text", "lang", "template", "message_id", "code", "minutes"];
    let known = |name: &str| NAMES.contains(&name).then_some("0");
    let url = template::fill(&settings.url, Escape::Percent, known).map_err(|e| format!("sms.url: {e}"))?;
    let is_http = ["http", "https"].contains(&url.split("://").next().unwrap_or_default()) && url.contains("://");
    if !is_http || url.parse::<http::Uri>().is_err() {
        return Err("sms.url is not an http or https URL".to_owned());
    }
    let body = template::fill(&settings.body, Escape::of(&settings.content_type), known);
    let body = body.map_err(|e| format!("sms.body: {e}"))?;
    let is_json = Escape::of(&settings.content_type) == Escape::Json;
    if is_json && serde_json::from_str::<Value>(&body).is_err() {
        return Err("sms.body is not JSON once its values are filled in".to_owned());
    }
    if !["POST", "PUT", "GET"].contains(&settings.method.as_str()) {
        return Err("sms.method must be POST, PUT or GET".to_owned());
    }
    if HeaderValue::from_str(&settings.content_type).is_err() {
        return Err("sms.content_type is not the value of a header".to_owned());
    }
    for (name, value) in &settings.headers {
        let is_good = name.parse::<HeaderName>().is_ok() && HeaderValue::from_str(value.expose_secret()).is_ok();
        if !is_good {
            return Err(format!("sms.headers.{name} is not a header"));
        }
    }
    if !(1..=30).contains(&settings.timeout_seconds) {
        return Err("sms.timeout_seconds must be 1 to 30".to_owned());
    }
    let pointer = &settings.success_pointer;
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err("sms.success_pointer is a JSON pointer such as /result/code".to_owned());
    }
    Ok(())
}
