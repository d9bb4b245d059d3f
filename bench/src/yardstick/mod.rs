//! What the server is compared with: an axum router with nothing in front of it, over the same database file.
//!
//! `/fixed/{bytes}` answers a body of a size. `/detail` and `/list` read the rows that the server reads for them, on two
//! reader threads, and write them as JSON. `/create` commits the rows that the server commits for a case, on one writer
//! thread with group commit. Nobody is authenticated, nothing is checked, and there is one engine.

mod reader;
mod writer;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use std::path::Path as FilePath;
use std::sync::Arc;

/// The threads behind the routes.
#[derive(Clone)]
struct Threads {
    reader: Arc<reader::Pool>,
    writer: Arc<writer::Writer>,
}

/// Serves until it is killed.
pub fn serve(data: &FilePath, listen: &str) -> anyhow::Result<()> {
    let file = data.join("counterfoil.db");
    let threads =
        Threads { reader: Arc::new(reader::Pool::start(&file)?), writer: Arc::new(writer::Writer::start(&file)?) };
    let router = Router::new()
        .route("/fixed/{bytes}", get(fixed).post(fixed_after_body))
        .route("/detail/{account_id}/{case_id}", get(detail))
        .route("/list/{account_id}", get(list))
        .route("/create", post(create))
        .layer(DefaultBodyLimit::max(16 << 20))
        .with_state(threads);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await?;
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router).await?;
        Ok(())
    })
}

fn json(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn failed(error: &anyhow::Error) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response()
}

async fn fixed(Path(bytes): Path<usize>) -> Response {
    json(vec![b'x'; bytes])
}

async fn fixed_after_body(Path(bytes): Path<usize>, body: Bytes) -> Response {
    drop(body);
    json(vec![b'x'; bytes])
}

async fn detail(State(threads): State<Threads>, Path((account_id, case_id)): Path<(String, String)>) -> Response {
    threads
        .reader
        .run(move |connection| reader::detail(connection, &account_id, &case_id))
        .await
        .map_or_else(|e| failed(&e), json)
}

async fn list(State(threads): State<Threads>, Path(account_id): Path<String>) -> Response {
    threads.reader.run(move |connection| reader::list(connection, &account_id)).await.map_or_else(|e| failed(&e), json)
}

async fn create(State(threads): State<Threads>, body: Bytes) -> Response {
    let created = async { threads.writer.create(serde_json::from_slice(&body)?).await };
    created.await.map_or_else(|e| failed(&e), |id| json(format!("{{\"incident_id\":\"{id}\"}}").into_bytes()))
}
