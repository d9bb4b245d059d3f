//! The cases that a list finds, as a spreadsheet to keep.

use super::pages::Pages;
use super::workbook::{self, Form, Page};
use crate::app::App;
use crate::caller::Caller;
use crate::cases::access;
use crate::cases::asked::{self, Asked};
use crate::cases::change::{self, Doer};
use crate::cases::{CaseRow, Filter};
use crate::error::{Allowed, Error, Result};
use crate::extract::Query;
use crate::privileges::{self, Right};
use crate::search;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use counterfoil_store::Tx;
use counterfoil_store::events::{self, NewEvent};
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::{Micros, TimeZone};
use http::{HeaderMap, HeaderValue, header};
use serde_json::json;
use std::fs::File;
use tokio::sync::mpsc;
use tokio_util::io::ReaderStream;

/// The operate log's type of an export.
const EXPORTED: i64 = 84;
/// Bytes that are read from the file at once.
const PIECE_BYTES: usize = 64 * 1024;
/// Pages that wait for the writer.
const PAGES_AHEAD: usize = 2;

/// Export cases as a spreadsheet, newest first.
pub async fn download_cases(State(app): State<App>, caller: Caller, query: Query) -> Result<Response> {
    let lang = Lang::from_header(Some(&query.required_text("language", 1..=32)?));
    let zone = TimeZone::parse(&query.required_text("timezone", 1..=64)?).ok_or_else(|| {
        let words = ("须为 GMT+8、UTC、+08:00 或时区名称", "GMT+8, UTC, +08:00 or the name of a time zone is allowed");
        Error::param("timezone", Allowed::text(words.0, words.1))
    })?;
    let asked = asked(&caller, &query)?;
    let skip = query.int("offset", 0..=65_535)?.unwrap_or(0);
    let most = query.int("limit", 0..=100)?.unwrap_or(i64::MAX);
    privileges::require(&caller, Right::Export)?;
    let names_cases = !asked.case_ids.is_empty();
    let (filter, scope) = asked.filter(&caller)?;
    let by = caller.clone();
    app.store.read(async move |tx: &mut Tx| access::check_group(tx, &by, &scope).await).await?;
    let place = app.exports.take()?;
    let now = app.clock.now();
    let form = Form { lang, zone: zone.clone(), catalog: app.catalog.snapshot(&app.store).await?, now };
    let (file, count, named) = make(&app, filter, (skip, most), form, names_cases).await?;
    // Whoever reads slowly from here on is in nobody's way.
    drop(place);
    note(&app, caller, &query, count, named, now).await?;
    let name = format!("service-tickets-{}.xlsx", &zone.local(now)[..10]);
    answer(file, &name)
}

/// What DownloadCases is asked for.
fn asked(caller: &Caller, query: &Query) -> Result<Asked> {
    let case_ids = query.text("incident_id", 0..=3400)?.unwrap_or_default();
    let case_ids = case_ids.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    Ok(Asked {
        account_id: query.text("customer_id", 0..=64)?,
        user_id: query.text("sub_customer_id", 0..=64)?,
        user_name: query.text("x_customer_name", 0..=64)?,
        case_ids,
        statuses: asked::statuses(query, ("status", 0..=20), None)?,
        from: asked::time(caller, query, "query_start_time")?,
        to: asked::time(caller, query, "query_end_time")?,
        source_ids: query.list("tenant_source_id_list", 0..=100, 1..=64)?,
        keywords: search::keywords(&query.text("search_key", 0..=64)?.unwrap_or_default()),
        ..Asked::default()
    })
}

/// Reads page by page while a thread of its own writes, and answers the file, the number of its cases, and the cases
/// themselves where they are to be kept.
async fn make(
    app: &App,
    filter: Filter,
    (skip, most): (i64, i64),
    form: Form,
    keep: bool,
) -> Result<(File, u64, Vec<CaseRow>)> {
    let (sender, receiver) = mpsc::channel(PAGES_AHEAD);
    let folder = app.exports.folder.clone();
    let writer = tokio::task::spawn_blocking(move || workbook::write(receiver, &folder, &form));
    let mut kept = Vec::new();
    if !asked::asks_for_deleted(&filter) {
        let mut pages = Pages::begin(app, filter, skip, most).await?;
        loop {
            let cases = pages.next(app).await?;
            if cases.is_empty() {
                break;
            }
            if keep {
                kept.extend(cases.iter().cloned());
            }
            if sender.send(Page::Cases(cases)).await.is_err() {
                break;
            }
        }
    }
    // A writer that has failed is not listening any more, and says why below.
    let _ = sender.send(Page::End).await;
    drop(sender);
    let (file, count) = writer.await.map_err(Error::internal)?.map_err(Error::internal)?;
    Ok((file, count, kept))
}

/// Leaves a trace: an event of the account, and an entry in the log of each case that was asked for by its id.
async fn note(app: &App, caller: Caller, query: &Query, count: u64, named: Vec<CaseRow>, now: Micros) -> Result<()> {
    let asked: Vec<String> = query.names().map(str::to_owned).collect();
    let context = app.clone();
    let unit = async move |tx: &mut Tx| -> Result<()> {
        let doer = Doer::customer(&caller);
        for case in &named {
            change::write_log(tx, &doer, case, EXPORTED, "", (context.sequence.tick(now), now)).await?;
        }
        let event = NewEvent {
            account_id: caller.account_id.as_str(),
            kind: "cases.exported",
            subject: caller.user_id.as_str(),
            actor: caller.user_id.as_str(),
            payload: json!({"cases": count, "asked_by": asked, "request_id": &*caller.request_id}),
            at: now.0,
        };
        Ok(events::append(tx, &event).await?)
    };
    app.store.write(unit).await
}

/// The file as a download; it ends with the last byte or with the connection.
fn answer(file: File, name: &str) -> Result<Response> {
    let size = file.metadata().map_err(Error::internal)?.len();
    let mut headers = HeaderMap::new();
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).map_err(Error::internal)?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(file), PIECE_BYTES);
    Ok((headers, Body::from_stream(stream)).into_response())
}
