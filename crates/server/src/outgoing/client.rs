//! The HTTP client behind the guard: its resolver is the guard, it follows no redirects, knows no proxy, and reads no more
//! than it is told to.

use super::rules::{Allowed, Host};
use super::{Failure, resolve};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::rustls::ClientConfig;

/// No request takes longer, whatever its deadline says.
const LONGEST: Duration = Duration::from_mins(2);
/// How long resolving may take inside the client, which has no other deadline there.
const RESOLVING: Duration = Duration::from_secs(20);
/// Unused connections to one host that are kept.
const IDLE: usize = 2;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or its beginning.
    pub body: Bytes,
    /// The body goes on where `body` ends.
    pub is_cut: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Client {
    allowed: Arc<Allowed>,
    inner: reqwest::Client,
}

/// Resolves for the client, with the guard's checks.
struct Guard(Arc<Allowed>);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.0);
        Box::pin(async move {
            // Port 0 is replaced by the URL's.
            let found = resolve(&allowed, name.as_str(), 0, Instant::now() + RESOLVING).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl Client {
    #[expect(clippy::disallowed_methods, reason = "this is the one HTTP client")]
    pub(super) fn new(allowed: Arc<Allowed>, tls: ClientConfig) -> Result<Self, String> {
        let inner = reqwest::Client::builder()
            .dns_resolver(Guard(Arc::clone(&allowed)))
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .user_agent(concat!("counterfoil/", env!("CARGO_PKG_VERSION")))
            .timeout(LONGEST)
            .pool_max_idle_per_host(IDLE)
            .tls_backend_preconfigured(tls)
            .build()
            .map_err(|e| format!("the HTTP client cannot be set up: {e}"))?;
        Ok(Self { allowed, inner })
    }

    pub(super) async fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Instant,
        most_bytes: usize,
    ) -> Result<Answer, Failure> {
        let request = reqwest::Request::try_from(request).map_err(|e| Failure::BadHost(e.to_string()))?;
        let host = request.url().host_str().unwrap_or_default().to_owned();
        // An address in the URL is connected to without asking the resolver.
        match Host::parse(&host) {
            Some(Host::Address(address)) => super::check(&self.allowed, &host, None, address)?,
            Some(Host::Name(_)) => {}
            None => return Err(Failure::BadHost(host)),
        }
        if !matches!(request.url().scheme(), "http" | "https") {
            return Err(Failure::BadHost(host));
        }
        let exchange = async {
            let response = self.inner.execute(request).await.map_err(|e| failure(&host, e))?;
            read(&host, response, most_bytes).await
        };
        timeout_at(deadline, exchange).await.unwrap_or(Err(Failure::Deadline))
    }
}

async fn read(host: &str, mut response: reqwest::Response, most_bytes: usize) -> Result<Answer, Failure> {
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let mut body = BytesMut::new();
    let mut is_cut = false;
    while let Some(chunk) = response.chunk().await.map_err(|e| failure(host, e))? {
        let room = most_bytes - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            is_cut = true;
            break;
        }
    }
    Ok(Answer { status, headers, body: body.freeze(), is_cut })
}

/// The guard's own words where it was the guard, otherwise what went wrong, without the URL: it may hold a secret.
fn failure(host: &str, error: reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::Deadline;
    }
    let error = error.without_url();
    let mut cause = error.source();
    let mut last = error.to_string();
    while let Some(inner) = cause {
        if let Some(failure) = inner.downcast_ref::<Failure>() {
            return failure.again();
        }
        if let Some(io) = inner.downcast_ref::<std::io::Error>()
            && io.get_ref().is_none()
        {
            return Failure::Unreachable { host: host.to_owned(), cause: std::io::Error::from(io.kind()) };
        }
        last = inner.to_string();
        cause = inner.source();
    }
    Failure::Http(last)
}

impl Failure {
    /// The same once more, for a failure that is only lent.
    fn again(&self) -> Self {
        match self {
            Self::BadHost(host) => Self::BadHost(host.clone()),
            Self::NoSuchName(name) => Self::NoSuchName(name.clone()),
            Self::Refused { host, inside } => Self::Refused { host: host.clone(), inside: *inside },
            Self::Unreachable { host, cause } => {
                Self::Unreachable { host: host.clone(), cause: std::io::Error::from(cause.kind()) }
            }
            Self::Deadline => Self::Deadline,
            Self::Http(text) => Self::Http(text.clone()),
        }
    }
}
