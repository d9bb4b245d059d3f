//! The calls of accessories, for customers and for staff.
//!
//! An upload comes as a form (`form.rs`) or as Base64 inside JSON; both take the same way through `intake.rs`. A download answers with headers under which a browser saves the file and never runs it.

use super::form::receive_form;
use super::intake::{Intake, too_large};
use super::links;
use super::ranges::{self, Wanted};
use super::rules;
use super::sql::{self, Accessory};
use super::{AccessoryLimits, limits, zip};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Allowed, Code, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::once::Once;
use crate::reply::{Done, Reply};
use axum::extract::{FromRequest, FromRequestParts, Path, Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use counterfoil_store::Tx;
use counterfoil_wire::accessories::{
    AccessoryAccessUrl, AccessoryCreated, AccessoryUrl, AccessoryUrlList, UploadJsonAccessory,
};
use counterfoil_wire::ids::{AccessoryId, GroupId};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::ops::RangeInclusive;

/// Most files of one download.
const DOWNLOADS: u64 = 10;
/// A file that came whole is hashed and written in pieces of this size.
const PIECE_BYTES: usize = 256 * 1024;
/// Only an answer of images may be shown in the page that asked for it; nothing else may happen with either.
const SANDBOX: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");
/// The path's `accessory_id` as it came. A text that is no id belongs to nothing, and answers like it.
pub struct PathId(String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self> {
        let id = Path::<String>::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id)).map_err(|_| missing())
    }
}

impl PathId {
    fn one(&self) -> Result<AccessoryId> {
        extract::text("accessory_id", &self.0, 1..=64)?;
        AccessoryId::parse(&self.0).ok_or_else(missing)
    }

    fn several(&self) -> Result<Vec<AccessoryId>> {
        extract::text("accessory_id", &self.0, 1..=650)?;
        let mut ids: Vec<AccessoryId> = Vec::new();
        let texts: Vec<&str> = self.0.split(',').map(str::trim).collect();
        extract::count("accessory_id", texts.len(), 1..=DOWNLOADS)?;
        for text in texts {
            let id = AccessoryId::parse(text).ok_or_else(missing)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }
}

fn missing() -> Error {
    Error::new(Code::NoSuchAccessory)
}

/// The group in which the caller acts on a case of another member. Only the owner may name one without being in it.
fn group_of(query: &Query, caller: &Caller, length: RangeInclusive<u64>) -> Result<Option<GroupId>> {
    let Some(text) = query.text("group_id", length)? else { return Ok(None) };
    let group = GroupId::parse(&text)
        .filter(|group| caller.is_owner || (caller.groups.contains(group) && caller.roles.ticket_group_operator));
    group.map(Some).ok_or_else(|| Error::new(Code::NoPermission))
}

// ---- uploading ----

impl Check for UploadJsonAccessory {
    fn check(&self) -> Result<()> {
        extract::text("accessory_name", &self.accessory_name, 1..=512)?;
        extract::text("accessory_from", &self.accessory_from, 1..=32)?;
        if self.accessory_data.is_empty() { Err(Error::param("accessory_data", Allowed::Required)) } else { Ok(()) }
    }
}

/// Takes a file as a multipart form.
pub async fn upload_accessory(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    request: Request,
) -> Result<Reply<AccessoryCreated>> {
    let limits = limits(&app).await?;
    receive_form(&app, &caller, &limits, once, request).await.map(Reply)
}

/// Takes a file as Base64 in JSON.
pub async fn upload_json_accessories(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body(body): Body<UploadJsonAccessory>,
) -> Result<Reply<AccessoryCreated>> {
    let limits = limits(&app).await?;
    receive_json(&app, &caller, &limits, once, body).await.map(Reply)
}

/// Takes a file of staff, in either form.
pub async fn upload_desk_accessories(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    request: Request,
) -> Result<Reply<AccessoryCreated>> {
    let limits = limits(&app).await?;
    let kind = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if kind.len() >= 10 && kind[..10].eq_ignore_ascii_case(b"multipart/") {
        receive_form(&app, &caller, &limits, once, request).await.map(Reply)
    } else {
        let Body(body) = Body::from_request(request, &app).await?;
        receive_json(&app, &caller, &limits, once, body).await.map(Reply)
    }
}

async fn receive_json(
    app: &App,
    caller: &Caller,
    limits: &AccessoryLimits,
    once: Once,
    body: UploadJsonAccessory,
) -> Result<AccessoryCreated> {
    const DATA: &str = "accessory_data";
    let fields = ["accessory_name", "accessory_from", "upload_type"];
    let description = rules::describe(fields, &body.accessory_name, &body.accessory_from, body.upload_type, limits)?;
    let data = body.accessory_data;
    if (data.len() as u64 / 4).saturating_mul(3) > limits.size_bytes() + 3 {
        return Err(too_large(DATA, limits.size_bytes()));
    }
    let bytes = decode(&data).ok_or_else(|| {
        Error::param(
            DATA,
            Allowed::text("须为Base64编码", "Base64 in the standard alphabet, without spaces, is allowed"),
        )
    })?;
    let mut intake = Intake::begin(app, caller, limits).await?;
    // In pieces, so that other requests get their turn in between.
    for piece in bytes.chunks(PIECE_BYTES) {
        if let Err(error) = intake.push(DATA, piece, Some(description.kind)).await {
            intake.cancel().await;
            return Err(error);
        }
    }
    intake.keep(app, DATA, description, once).await
}

/// The standard alphabet. Padding may be left out whole; anything else that is not Base64 is refused.
fn decode(data: &str) -> Option<Vec<u8>> {
    let engine = if data.ends_with('=') { BASE64_STANDARD } else { BASE64_STANDARD_NO_PAD };
    engine.decode(data).ok()
}

// ---- reading ----

/// Gives one file as it is, or several as a zip.
pub async fn download_accessories(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
    query: Query,
    headers: HeaderMap,
) -> Result<Response> {
    let ids = id.several()?;
    let group = group_of(&query, &caller, 1..=64)?;
    let wanted = ids.len();
    let mut files =
        app.store.read(async move |tx: &mut Tx| sql::list_visible(tx, &caller, group.as_ref(), &ids).await).await?;
    if files.len() < wanted {
        return Err(missing());
    }
    match files.pop() {
        Some(file) if files.is_empty() => send(&app, &file, &headers, "attachment").await,
        Some(last) => {
            files.push(last);
            let entries = files.into_iter().map(|file| (file.name.clone(), file.object.key())).collect();
            let safe = safe_headers("application/zip", "attachment", "accessories.zip");
            Ok((safe, zip::pack(app.files.clone(), entries).await?).into_response())
        }
        None => Err(missing()),
    }
}

/// Gives an image to be shown.
pub async fn download_images(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
    query: Query,
    headers: HeaderMap,
) -> Result<Response> {
    let id = id.one()?;
    let group = group_of(&query, &caller, 1..=64)?;
    let file = app
        .store
        .read(async move |tx: &mut Tx| sql::get_visible(tx, &caller, group.as_ref(), &id).await)
        .await?
        .ok_or_else(missing)?;
    if !rules::is_image(&file.content_type) {
        return Err(Error::param("accessory_id", Allowed::text("须为图片附件", "the id of an image is allowed")));
    }
    send(&app, &file, &headers, "inline").await
}

/// Gives a file to staff.
pub async fn download_desk_accessories(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
    headers: HeaderMap,
) -> Result<Response> {
    let id = id.one()?;
    let file = app.store.read(async move |tx: &mut Tx| sql::get_for_desk(tx, &caller, &id).await).await?;
    send(&app, &file.ok_or_else(missing)?, &headers, "attachment").await
}

/// Gives a file to whoever has a signed link to it.
pub async fn download_signed_accessory(
    State(app): State<App>,
    id: PathId,
    query: Query,
    headers: HeaderMap,
) -> Result<Response> {
    let (account, id) = links::verify(&app, &id.0, &query)?;
    let file = app.store.read(async move |tx: &mut Tx| sql::get(tx, &account, &id).await).await?;
    send(&app, &file.ok_or_else(missing)?, &headers, "attachment").await
}

/// A file, or the range of it that the request asks for.
async fn send(app: &App, file: &Accessory, request: &HeaderMap, disposition: &str) -> Result<Response> {
    let asked = request.get(header::RANGE).and_then(|value| value.to_str().ok());
    // Whoever wants a part of a certain version gets the whole: nothing here names versions.
    let asked = asked.filter(|_| !request.contains_key(header::IF_RANGE));
    let mut headers = safe_headers(&file.content_type, disposition, &file.name);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let size = file.size_bytes;
    let said = |text: String| HeaderValue::from_str(&text).map_err(Error::internal);
    let (status, range) = match ranges::parse(asked, size) {
        Wanted::Whole => (StatusCode::OK, None),
        Wanted::Part(range) => {
            headers.insert(header::CONTENT_RANGE, said(format!("bytes {}-{}/{size}", range.start, range.end - 1))?);
            (StatusCode::PARTIAL_CONTENT, Some(range))
        }
        Wanted::Nothing => {
            let mut refused = Error::new(Code::NoSuchRange).into_response();
            refused.headers_mut().insert(header::CONTENT_RANGE, said(format!("bytes */{size}"))?);
            return Ok(refused);
        }
    };
    let count = range.as_ref().map_or(size, |range| range.end - range.start);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(count));
    let bytes = app.files.read(&file.object.key(), range).await?;
    Ok((status, headers, axum::body::Body::from_stream(bytes)).into_response())
}

fn safe_headers(content_type: &str, disposition: &str, name: &str) -> HeaderMap {
    let text = |text: &str| {
        HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, text(content_type));
    headers.insert(header::CONTENT_DISPOSITION, text(&content_disposition(disposition, name)));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, SANDBOX);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers
}

/// RFC 6266: a plain name for old clients, and the whole one in UTF-8.
fn content_disposition(disposition: &str, name: &str) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || " .-_()".contains(c) { c } else { '_' }).collect();
    let mut out = format!("{disposition}; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    out
}

// ---- links ----

/// Gives links to the files among `accessory_ids` that the caller may read.
pub async fn list_accessory_access_urls(
    State(app): State<App>,
    caller: Caller,
    query: Query,
) -> Result<Reply<AccessoryUrlList>> {
    let texts = query.list("accessory_ids", 1..=100, 1..=64)?;
    let group = group_of(&query, &caller, 1..=32)?;
    let ids: Vec<AccessoryId> = texts.iter().filter_map(|text| AccessoryId::parse(text)).collect();
    if ids.is_empty() {
        return Ok(Reply(AccessoryUrlList::default()));
    }
    let files =
        app.store.read(async move |tx: &mut Tx| sql::list_visible(tx, &caller, group.as_ref(), &ids).await).await?;
    let accessory_urls = files
        .into_iter()
        .map(|file| {
            let accessory_url = links::sign(&app, &file.object.account_id, &file.object.accessory_id)?;
            let (accessory_id, accessory_name) = (file.object.accessory_id, Some(file.name));
            Ok(AccessoryUrl { accessory_id, accessory_name, accessory_url })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Reply(AccessoryUrlList { accessory_urls }))
}

/// The kinds of object that `ShowDownloadAccessoryUrl` knows.
const RELATIONS: &[&str] = &["DEFAULT", "NO_RELATION", "NOTIFICATION", "INCIDENT", "MESSAGE", "INSPECTION", "CONNECT"];

/// Gives a link to one file, which has to belong to the case or message that is named.
pub async fn show_download_accessory_url(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
    query: Query,
) -> Result<Reply<AccessoryAccessUrl>> {
    let relation = query.required_text("relation_type", 1..=32)?;
    if !RELATIONS.contains(&relation.as_str()) {
        return Err(Error::param("relation_type", Allowed::OneOf(RELATIONS.into())));
    }
    let relation_id = query.text("relation_id", 0..=64)?;
    let incident_id = query.text("incident_id", 0..=64)?;
    let id = id.one()?;
    let required = |value: Option<String>, name| value.ok_or_else(|| Error::param(name, Allowed::Required));
    let (case_id, message_id) = match relation.as_str() {
        "INCIDENT" => (Some(required(incident_id, "incident_id")?), None),
        "MESSAGE" => (incident_id, Some(required(relation_id, "relation_id")?)),
        _ => (None, None),
    };
    let file = app
        .store
        .read(async move |tx: &mut Tx| sql::get_visible(tx, &caller, None, &id).await)
        .await?
        .filter(|file| {
            let (case, message) = match &file.bound_to {
                Some(sql::Holder::Message(case, message)) => (Some(case.as_str()), Some(message.as_str())),
                _ => (None, None),
            };
            (case_id.is_none() || case_id.as_deref() == case)
                && (message_id.is_none() || message_id.as_deref() == message)
        })
        .ok_or_else(missing)?;
    let accessory_url = links::sign(&app, &file.object.account_id, &file.object.accessory_id)?;
    Ok(Reply(AccessoryAccessUrl { accessory_url }))
}

// ---- deleting ----

/// Deletes a file of the caller's that belongs to nothing yet. The day's volume is not given back: what counts is what
/// was sent, or uploading and deleting in turn would know no limit.
pub async fn delete_accessories(State(app): State<App>, caller: Caller, id: PathId) -> Result<Reply<Done>> {
    let id = id.one()?;
    let who = caller.clone();
    let object = app
        .store
        .write(async move |tx: &mut Tx| {
            let visible = match &who.staff {
                Some(_) => sql::get_for_desk(tx, &who, &id).await?,
                None => sql::get_visible(tx, &who, None, &id).await?,
            };
            let file = visible.ok_or_else(missing)?;
            if file.bound_to.is_some() || !sql::delete_temp(tx, &who, &id).await? {
                return Err(Error::new(Code::NoPermission));
            }
            Ok(file.object)
        })
        .await?;
    super::remove_objects(&app, vec![object]).await;
    Ok(Reply(Done {}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_travel_in_headers() {
        assert_eq!(
            content_disposition("attachment", "a\"b\r\n图 1;.txt"),
            "attachment; filename=\"a_b___ 1_.txt\"; filename*=UTF-8''a%22b%0D%0A%E5%9B%BE%201%3B.txt"
        );
        let long = "图".repeat(512);
        assert!(HeaderValue::from_str(&content_disposition("inline", &long)).is_ok());
    }

    #[test]
    fn base64_is_strict_but_for_padding() {
        for good in ["YQ==", "YQ", "YWI=", "YWJj"] {
            assert!(decode(good).is_some(), "{good}");
        }
        for bad in ["YQ=", "Y", "YW Jj", "YWJj\n", "-_-_", "data:;base64,YQ==", "YR=="] {
            assert!(decode(bad).is_none(), "{bad}");
        }
    }
}
