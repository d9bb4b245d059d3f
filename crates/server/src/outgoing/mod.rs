//! The one way out: every connection that the server opens because of what somebody wrote goes through here.
//!
//! A name is resolved once, each address is checked ([`rules`]), and only checked addresses are connected to, so that a
//! second look at the name cannot answer something else. Addresses inside (private, loopback, link-local, metadata, ...)
//! are refused unless the operator allowed them by network or by name: `[outgoing] allow`.
//!
//! [`Outgoing::connect`] is for protocols of their own, [`Outgoing::send`] for HTTP. `clippy.toml` forbids other ways.
//! Everything has a deadline and a bound. What the operator's own configuration names (database, mail relay, bucket) does
//! not come through here.

mod client;
pub mod rules;

pub use client::Answer;

use crate::config;
use rules::{Allowed, Host, Inside};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Once};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// The most addresses of a name that are tried.
const MOST_ADDRESSES: usize = 8;

/// Why there is no connection or no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The text is neither a name nor an address, or the URL has none.
    #[error("{0:?} is not a host name or an address")]
    BadHost(String),
    /// The name has no address.
    #[error("the name {0} does not resolve")]
    NoSuchName(String),
    /// The operator has not allowed it.
    #[error("outgoing connections to {host} are not allowed: it is {inside}")]
    Refused {
        /// As it was asked for.
        host: String,
        /// What its address is.
        inside: Inside,
    },
    /// Nobody answers there, or the connection broke.
    #[error("no connection to {host}: {cause}")]
    Unreachable {
        /// As it was asked for.
        host: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The time is over.
    #[error("there was no answer in time")]
    Deadline,
    /// The other side does not speak HTTP or TLS as it should.
    #[error("no HTTP answer: {0}")]
    Http(String),
}

/// The guard, with the HTTP client behind it. Clones share both.
#[derive(Clone, Debug)]
pub struct Outgoing {
    allowed: Arc<Allowed>,
    client: client::Client,
    tls: Arc<ClientConfig>,
}

impl Outgoing {
    /// Reads what the operator allows. Fails with the setting that is wrong.
    pub fn new(settings: &config::Outgoing) -> Result<Self, String> {
        install_crypto();
        let allowed = Allowed::parse(settings.allow.iter().map(String::as_str)).map_err(|entry| {
            format!("outgoing.allow: {entry:?} is not a network such as 10.0.0.0/8, an address, a name or *.name")
        })?;
        let allowed = Arc::new(allowed);
        let tls = tls(settings)?;
        let client = client::Client::new(Arc::clone(&allowed), tls.clone())?;
        Ok(Self { allowed, client, tls: Arc::new(tls) })
    }

    /// The addresses of `host` that may be connected to, at least one.
    pub async fn resolve(&self, host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, Failure> {
        resolve(&self.allowed, host, port, deadline).await
    }

    /// A connection to the first address of `host` that answers.
    pub async fn connect(&self, host: &str, port: u16, deadline: Instant) -> Result<TcpStream, Failure> {
        let addresses = self.resolve(host, port, deadline).await?;
        connect_any(host, &addresses, deadline).await
    }

    /// Sends a request and reads at most `most_bytes` of the answer's body. The answer may be a redirect: none is followed.
    pub async fn send(
        &self,
        request: http::Request<bytes::Bytes>,
        deadline: Instant,
        most_bytes: usize,
    ) -> Result<Answer, Failure> {
        self.client.send(request, deadline, most_bytes).await
    }

    /// TLS that trusts the public authorities and those of `outgoing.ca_file`.
    pub fn tls(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.tls)
    }
}

/// Connects to one of several checked addresses, in their order. Each gets its share of the time, so that one that hangs
/// does not keep the others from being tried.
pub async fn connect_any(host: &str, addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream, Failure> {
    let mut failure = Failure::Deadline;
    for (at, address) in addresses.iter().enumerate() {
        let now = Instant::now();
        let left = u32::try_from(addresses.len() - at).unwrap_or(u32::MAX);
        let until = now + deadline.saturating_duration_since(now) / left;
        failure = match timeout_at(until, open(*address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(cause)) => Failure::Unreachable { host: host.to_owned(), cause },
            Err(_) => Failure::Deadline,
        };
    }
    Err(failure)
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that connects; the address was checked")]
async fn open(address: SocketAddr) -> std::io::Result<TcpStream> {
    TcpStream::connect(address).await
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that resolves; what comes back is checked")]
async fn resolve(allowed: &Allowed, host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, Failure> {
    let read = Host::parse(host).ok_or_else(|| Failure::BadHost(host.chars().take(64).collect()))?;
    let name = match read {
        Host::Address(address) => {
            return check(allowed, host, None, address).map(|()| vec![SocketAddr::new(address, port)]);
        }
        Host::Name(name) => name,
    };
    let found = timeout_at(deadline, tokio::net::lookup_host((name.as_str(), port))).await;
    let found = found.map_err(|_| Failure::Deadline)?.map_err(|_| Failure::NoSuchName(name.clone()))?;
    let mut open = Vec::new();
    let mut refused = Failure::NoSuchName(name.clone());
    for address in found {
        match check(allowed, host, Some(&name), address.ip()) {
            Ok(()) if open.len() < MOST_ADDRESSES && !open.contains(&address) => open.push(address),
            Ok(()) => {}
            Err(failure) => refused = failure,
        }
    }
    if open.is_empty() { Err(refused) } else { Ok(open) }
}

fn check(allowed: &Allowed, host: &str, name: Option<&str>, address: IpAddr) -> Result<(), Failure> {
    allowed.check(name, address).map_err(|inside| {
        tracing::debug!(host, %address, %inside, "an outgoing connection was refused");
        Failure::Refused { host: host.to_owned(), inside }
    })
}

/// Makes aws-lc the process's provider of cryptography, once: libraries that build TLS by themselves look for it.
pub fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if crypto::aws_lc_rs::default_provider().install_default().is_err() {
            tracing::debug!("a cryptographic provider was installed before");
        }
    });
}

fn tls(settings: &config::Outgoing) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if !settings.ca_file.as_os_str().is_empty() {
        let shown = settings.ca_file.display();
        let wrong = |e: &dyn std::fmt::Display| format!("outgoing.ca_file: {shown}: {e}");
        let mut count = 0;
        for certificate in CertificateDer::pem_file_iter(&settings.ca_file).map_err(|e| wrong(&e))? {
            let certificate = certificate.map_err(|e| wrong(&e))?;
            roots.add(certificate).map_err(|e| wrong(&e))?;
            count += 1;
        }
        if count == 0 {
            return Err(wrong(&"there is no certificate in it"));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| format!("TLS cannot be set up: {e}"))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
