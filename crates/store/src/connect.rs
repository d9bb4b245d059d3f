//! How a PostgreSQL server is reached: the URL, its defaults, and TLS.

use crate::{Result, StoreError};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a server may leave the network unanswered before its connection counts as lost.
const UNANSWERED: Duration = Duration::from_secs(30);

/// One connection outside the pool, with the future that drives it.
pub(crate) async fn connect(url: &str) -> Result<(tokio_postgres::Client, BoxFuture<'static, ()>)> {
    let config = parse(url)?;
    let cannot = |e: tokio_postgres::Error| {
        let said = e.as_db_error().map_or_else(|| with_causes(&e), ToString::to_string);
        StoreError::Unusable(format!("the database cannot be reached: {said}"))
    };
    Ok(if let Some(tls) = tls(&config)? {
        let (client, connection) = config.connect(tls).await.map_err(cannot)?;
        (client, Box::pin(async move { drop(connection.await) }))
    } else {
        let (client, connection) = config.connect(NoTls).await.map_err(cannot)?;
        (client, Box::pin(async move { drop(connection.await) }))
    })
}

/// A setting of the database at `url`; nothing where it has no settings yet.
pub(crate) async fn peek_setting(url: &str, name: &str) -> Result<Option<String>> {
    let (client, driver) = connect(url).await?;
    let driver = tokio::spawn(driver);
    let read = async {
        let exists: bool = client.query_one("SELECT to_regclass('settings') IS NOT NULL", &[]).await?.get(0);
        if !exists {
            return Ok(None);
        }
        let row = client.query_opt(crate::store::LOAD_SETTING.postgres, &[&name]).await?;
        Ok(row.map(|row| row.get(0)))
    };
    let value = read.await.map_err(|e: tokio_postgres::Error| StoreError::unavailable(e));
    drop(client);
    let _ = driver.await;
    value
}

/// An error with what caused it: the client library keeps the reason apart.
pub(crate) fn with_causes(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut cause = e.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

/// Reads a URL and fills in what it leaves open.
pub(crate) fn parse(url: &str) -> Result<Config> {
    let mut config: Config =
        url.parse().map_err(|e| StoreError::Unusable(format!("the database URL cannot be read: {e}")))?;
    config.application_name("counterfoil");
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNANSWERED).keepalives_idle(UNANSWERED);
    }
    Ok(config)
}

/// TLS as the URL asks for it, with the public certificate authorities.
pub(crate) fn tls(config: &Config) -> Result<Option<MakeRustlsConnect>> {
    // `prefer` is what a URL means that says nothing: on the own machine there is nothing to protect, and the
    // certificates that servers make for themselves there could not be verified.
    let is_local = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
        Host::Unix(_) => true,
    };
    let local = config.get_hosts().iter().all(is_local);
    if config.get_ssl_mode() == SslMode::Disable || (config.get_ssl_mode() == SslMode::Prefer && local) {
        return Ok(None);
    }
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| StoreError::Unusable(format!("TLS cannot be set up: {e}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(MakeRustlsConnect::new(tls)))
}
