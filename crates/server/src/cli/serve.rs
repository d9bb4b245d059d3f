//! `counterfoil serve`: opens everything, listens, and stops gracefully on SIGINT or SIGTERM.

use super::patience::Patient;
use crate::app::App;
use crate::caller::throttle::ClientAddress;
use crate::clock::Clock;
use crate::config::Config;
use crate::{jobs, routes};
use anyhow::Context;
use axum::Router;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tower::ServiceExt;

/// The most that is read ahead of a connection, and the longest head of a request. Many uploads at once must not fill the
/// memory.
const BUFFER_BYTES: usize = 64 * 1024;
/// How long a client may take to send the headers of a request, and may be silent between two requests.
const HEADERS: Duration = Duration::from_secs(75);
/// How long requests may go on after the signal to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// Runs the service until it is told to stop.
pub(super) async fn serve(config: Config) -> anyhow::Result<()> {
    let listener = bind(&config).await?;
    let app = App::open(config, Clock::System).await.context("cannot start")?;
    run(listener, app).await
}

/// Takes the port before anything is opened or written, so that a second server changes nothing.
pub(super) async fn bind(config: &Config) -> anyhow::Result<TcpListener> {
    TcpListener::bind(&config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))
}

/// Serves `app` on `listener` until a signal, then drains what is under way.
pub(super) async fn run(listener: TcpListener, app: App) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    // Before anybody is told that the server runs: who then stops it at once must find it listening for that, too.
    let stop = StopSignal::new().context("cannot wait for signals")?;
    tracing::info!(%address, engine = ?app.store.engine(), "listening");
    let worker = tokio::spawn(jobs::run(app.clone()));
    let identity = app.clone();
    let flusher = tokio::spawn(async move { identity.identity.cache.keep_flushing(&identity.store).await });
    let connections = GracefulShutdown::new();
    let router = routes::router(&app);
    let patience = Duration::from_secs(app.config.limits.write_seconds);
    let mut stopped = pin!(stop.arrived());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => attend(stream, from, &router, &connections, patience),
                Err(e) => {
                    // Such as too many open files: they become fewer again.
                    tracing::warn!(error = %e, "a connection cannot be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            () = &mut stopped => break,
        }
    }
    drop(listener);
    tracing::info!("stopping; requests under way may finish");
    app.events.close();
    if tokio::time::timeout(DRAIN, connections.shutdown()).await.is_err() {
        tracing::warn!("requests that did not finish in time are cut off");
    }
    worker.abort();
    flusher.abort();
    if let Err(error) = app.identity.cache.flush(&app.store).await {
        tracing::warn!(%error, "the times of last use of access keys could not be written");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Serves the requests of one connection, in a task of its own.
fn attend(stream: TcpStream, from: SocketAddr, router: &Router, connections: &GracefulShutdown, patience: Duration) {
    // Small answers must not wait for the client's acknowledgement.
    if let Err(e) = stream.set_nodelay(true) {
        tracing::debug!(error = %e, "cannot switch off delays");
    }
    let router = router.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(ClientAddress(from.ip())));
        router.clone().oneshot(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(BUFFER_BYTES);
    let connection = connections.watch(http.serve_connection(TokioIo::new(Patient::new(stream, patience)), service));
    tokio::spawn(async move {
        if let Err(e) = connection.await {
            tracing::debug!(error = %e, "a connection broke off");
        }
    });
}

/// SIGINT and SIGTERM. From its making on, neither ends the process by itself.
struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn arrived(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
