//! `counterfoil serve`: opens everything, listens, and stops gracefully on SIGINT or SIGTERM.

use crate::app::App;
use crate::caller::throttle::ClientAddress;
use crate::clock::Clock;
use crate::config::Config;
use crate::{jobs, routes};
use anyhow::Context;
use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

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
    let stopping = Arc::new(Notify::new());
    let told = Arc::clone(&stopping);
    let stopped = async move {
        stop.arrived().await;
        tracing::info!("stopping; requests under way may finish");
        told.notify_one();
    };
    let router = routes::router(&app).into_make_service_with_connect_info::<ClientAddress>();
    let service = axum::serve(ListenerNoDelay(listener), router).with_graceful_shutdown(stopped);
    let patience = async {
        stopping.notified().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = service => served?,
        () = patience => tracing::warn!("requests that did not finish in time are cut off"),
    }
    worker.abort();
    flusher.abort();
    if let Err(error) = app.identity.cache.flush(&app.store).await {
        tracing::warn!(%error, "the times of last use of access keys could not be written");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Small answers must not wait for the client's acknowledgement.
struct ListenerNoDelay(TcpListener);

impl axum::serve::Listener for ListenerNoDelay {
    type Io = tokio::net::TcpStream;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = axum::serve::Listener::accept(&mut self.0).await;
        if let Err(e) = stream.set_nodelay(true) {
            tracing::debug!(error = %e, "cannot switch off delays");
        }
        (stream, address)
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, ListenerNoDelay>> for ClientAddress {
    fn connect_info(stream: IncomingStream<'_, ListenerNoDelay>) -> Self {
        Self(stream.remote_addr().ip())
    }
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
