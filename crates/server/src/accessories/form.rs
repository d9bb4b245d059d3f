//! Uploads as a multipart form: the parts `form_data` and `file`, in either order.
//!
//! The file goes on to `intake.rs` as it comes. Where `form_data` is first, a file that cannot be of the type it names is
//! refused after its first bytes. Parts that we do not know are passed over, within the limit of the whole form.

use super::AccessoryLimits;
use super::intake::{Intake, too_large};
use super::rules::{self, Description};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Allowed, Code, Error, Result};
use crate::extract;
use crate::once::Once;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use counterfoil_wire::accessories::{AccessoryCreated, AccessoryForm};
use futures_util::StreamExt;
use http::StatusCode;
use std::task::{Poll, ready};

/// What a form may hold beside the file, in bytes. More than arrives at once, so that a file that is too large is told by
/// its own limit.
const FORM_BYTES: u64 = 1 << 20;
/// Longest `form_data`, in characters.
const FORM_DATA_LENGTH: u64 = 5000;

/// A form's parts as far as they have come.
#[derive(Default)]
struct Form {
    described: Option<(String, Description)>,
    file: Option<Intake>,
}

/// Receives a whole form and keeps its file.
pub async fn receive_form(
    app: &App,
    caller: &Caller,
    limits: &AccessoryLimits,
    once: Once,
    mut request: Request,
) -> Result<AccessoryCreated> {
    // The file has its own limit; this one bounds what else may come.
    let bytes = usize::try_from(limits.size_bytes() + FORM_BYTES).map_err(Error::internal)?;
    DefaultBodyLimit::max(bytes).apply(&mut request);
    let parts = Multipart::from_request(request.map(in_pieces), app).await.map_err(|_| {
        Error::said(
            Code::UnsupportedType,
            "请求体须为 multipart/form-data。",
            "The body must be sent as multipart/form-data.",
        )
    })?;
    let mut form = Form::default();
    let received = receive_parts(app, caller, limits, parts, &mut form).await;
    let Form { described, file } = form;
    let refused = match (received, described, file) {
        (Ok(()), Some((text, description)), Some(file)) => {
            let sha256 = file.sha256();
            let once = once.over(&[text.as_bytes(), sha256.as_bytes()]);
            return file.keep(app, "file", description, once).await;
        }
        (Ok(()), None, file) => (Error::param("form_data", Allowed::Required), file),
        (Ok(()), Some(_), None) => (Error::param("file", Allowed::Required), None),
        (Err(error), _, file) => (error, file),
    };
    if let Some(file) = refused.1 {
        file.cancel().await;
    }
    Err(refused.0)
}

/// Gives the pieces of a body one at a time, with a rest after each. The reader of forms takes all that is there at once,
/// so that a fast client could fill the memory; and it takes an end that comes with the first piece for a broken form.
fn in_pieces(body: axum::body::Body) -> axum::body::Body {
    let mut pieces = body.into_data_stream();
    let mut rests = false;
    axum::body::Body::from_stream(futures_util::stream::poll_fn(move |context| {
        if std::mem::take(&mut rests) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let piece = ready!(pieces.poll_next_unpin(context));
        rests = piece.is_some();
        Poll::Ready(piece)
    }))
}

async fn receive_parts(
    app: &App,
    caller: &Caller,
    limits: &AccessoryLimits,
    mut parts: Multipart,
    form: &mut Form,
) -> Result<()> {
    while let Some(mut part) = parts.next_field().await.map_err(|e| broken_form(&e))? {
        match part.name() {
            Some("form_data") => {
                if form.described.is_some() {
                    return Err(twice("form_data"));
                }
                let text = read_form_data(&mut part).await?;
                let description = describe_form(&text, limits)?;
                form.described = Some((text, description));
            }
            Some("file") => {
                if form.file.is_some() {
                    return Err(twice("file"));
                }
                let file = form.file.insert(Intake::begin(app, caller, limits).await?);
                let kind = form.described.as_ref().map(|(_, description)| description.kind);
                let broken = |error: &MultipartError| match error.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => too_large("file", limits.size_bytes()),
                    _ => broken_form(error),
                };
                while let Some(bytes) = part.chunk().await.map_err(|e| broken(&e))? {
                    file.push("file", &bytes, kind).await?;
                }
            }
            // Parts that we do not know are left alone, as everywhere.
            _ => {}
        }
    }
    Ok(())
}

fn broken_form(error: &MultipartError) -> Error {
    extract::body_error(error.status())
}

fn twice(part: &str) -> Error {
    Error::param(part, Allowed::text("只能出现一次", "it is allowed once"))
}

async fn read_form_data(part: &mut Field<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(more) = part.chunk().await.map_err(|e| broken_form(&e))? {
        bytes.extend_from_slice(&more);
        // No text of the longest allowed length has more bytes.
        if bytes.len() as u64 > FORM_DATA_LENGTH * 4 {
            return Err(Error::param("form_data", Allowed::Length(1, FORM_DATA_LENGTH)));
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| not_a_form())?;
    extract::text("form_data", &text, 1..=FORM_DATA_LENGTH)?;
    Ok(text)
}

fn describe_form(text: &str, limits: &AccessoryLimits) -> Result<Description> {
    // An array could be read as a struct, too.
    if !text.trim_start().starts_with('{') {
        return Err(not_a_form());
    }
    let form: AccessoryForm = extract::read_json(text.as_bytes()).map_err(|_| not_a_form())?;
    let fields = ["form_data.fileName", "form_data.accessoryFrom", "form_data.uploadType"];
    rules::describe(fields, &form.file_name, &form.accessory_from, form.upload_type, limits)
}

fn not_a_form() -> Error {
    let form = "{\"fileName\":\"...\",\"accessoryFrom\":\"incident|message\",\"uploadType\":0|1}";
    Error::param("form_data", Allowed::text(format!("须为JSON文本 {form}"), format!("JSON text {form} is allowed")))
}
