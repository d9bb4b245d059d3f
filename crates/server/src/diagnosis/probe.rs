//! Looks at a resource: opens connections through the guard and writes down what happens, without judging it.
//!
//! Every step has a deadline, of which there are at most [`STEPS`] in a row, every answer a bound. Whatever the other side does (hang, hang up, talk nonsense), the
//! result says so; nothing here fails.

use super::resource::Target;
use super::rules::{Exchange, Handshake, Knock, Lookup, PortSeen, Said, Seen};
use super::tls;
use crate::clock::Clock;
use crate::outgoing::{Addresses, Failure, Outgoing};
use counterfoil_wire::diagnosis::Protocol;
use futures_util::future::join_all;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// The most steps that follow each other: resolving, connecting, TLS, HTTP.
pub const STEPS: u32 = 4;
/// The most that is read of a greeting.
const GREETING_BYTES: usize = 4 * 1024;
/// The most that is read of the head of an HTTP answer.
const HEAD_BYTES: usize = 16 * 1024;

/// PostgreSQL's start-up message, version 3.0, for a user that nobody has.
const POSTGRES_STARTUP: &[u8] = b"\x00\x00\x00\x18\x00\x03\x00\x00user\x00diagnosis\x00\x00";
/// A connection request of X.224 that offers TLS and CredSSP ([MS-RDPBCGR] section 2.2.1.1).
const RDP_REQUEST: &[u8] = &[3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0];

/// With what a resource is looked at.
pub struct Probe<'a> {
    /// The way out.
    pub outgoing: &'a Outgoing,
    /// This machine's time, to compare others' with.
    pub clock: &'a Clock,
    /// How long one step (a name, a connection, an answer) may take.
    pub step: Duration,
}

impl Probe<'_> {
    fn until(&self) -> Instant {
        Instant::now() + self.step
    }

    /// Looks at everything of a resource at once.
    pub async fn look(&self, target: &Target) -> Seen {
        let names = join_all(target.lookups().map(async |name| {
            let found = self.outgoing.resolve(name, self.until()).await;
            (name.to_owned(), found)
        }));
        let own = self.outgoing.resolve(target.host(), self.until());
        let (names, own) = tokio::join!(names, own);
        let ports = join_all(target.ports().iter().map(async |(port, protocol)| match &own {
            Ok(addresses) => self.port(target, addresses, *port, *protocol).await,
            Err(failure) => unreached(*port, *protocol, knock_of(failure)),
        }));
        let ports = ports.await;
        let names = names.into_iter().map(|(name, found)| (name, lookup(found))).collect();
        Seen { names, ports }
    }

    async fn port(&self, target: &Target, addresses: &Addresses, port: u16, protocol: Protocol) -> PortSeen {
        let started = Instant::now();
        let stream = match addresses.connect(port, self.until()).await {
            Ok(stream) => stream,
            Err(failure) => return unreached(port, protocol, knock_of(&failure)),
        };
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let knock = Knock::Open(millis);
        let mut seen = PortSeen { port, protocol, knock, greeting: None, handshake: None, exchange: None };
        match protocol {
            Protocol::Tcp => {}
            Protocol::Ssh | Protocol::Mysql => seen.greeting = Some(self.greeting(stream, &[]).await),
            Protocol::Rdp => seen.greeting = Some(self.greeting(stream, RDP_REQUEST).await),
            Protocol::Postgres => seen.greeting = Some(self.greeting(stream, POSTGRES_STARTUP).await),
            Protocol::Http => seen.exchange = Some(self.exchange(stream, target, port).await),
            Protocol::Https => {
                let name = target.server_name();
                let (handshake, stream) = tls::shake_hands(stream, name, &self.outgoing.roots(), self.until()).await;
                seen.exchange = Some(match stream {
                    Some(stream) => self.exchange(stream, target, port).await,
                    None => self.no_exchange(Said::NoTls("TLS did not come about".to_owned())),
                });
                seen.handshake = Some(handshake);
            }
        }
        seen
    }

    /// Says something, if there is something to say, and hears the answer.
    async fn greeting(&self, mut stream: TcpStream, first: &[u8]) -> Said {
        let deadline = self.until();
        if !first.is_empty() {
            match timeout_at(deadline, stream.write_all(first)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Said::HungUp,
                Err(_) => return Said::Silent,
            }
        }
        // One answer is enough; an SSH server may say other things before its version.
        let is_whole = |bytes: &[u8]| !first.is_empty() || bytes.contains(&0) || bytes.ends_with(b"\n");
        hear(&mut stream, GREETING_BYTES, is_whole, deadline).await
    }

    async fn exchange(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, target: &Target, port: u16) -> Exchange {
        let deadline = self.until();
        let (name, path) = (target.server_name(), target.path());
        let name = if name.contains(':') { format!("[{name}]") } else { name.to_owned() };
        let host = if matches!(port, 80 | 443) { name } else { format!("{name}:{port}") };
        let agent = concat!("counterfoil/", env!("CARGO_PKG_VERSION"));
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        );
        let asked_at = self.clock.now();
        let said = match timeout_at(deadline, stream.write_all(request.as_bytes())).await {
            Ok(Ok(())) => {
                let is_head = |bytes: &[u8]| bytes.windows(4).any(|window| window == b"\r\n\r\n");
                hear(&mut stream, HEAD_BYTES, is_head, deadline).await
            }
            Ok(Err(_)) => Said::HungUp,
            Err(_) => Said::Silent,
        };
        Exchange { said, asked_at, answered_at: self.clock.now() }
    }

    fn no_exchange(&self, said: Said) -> Exchange {
        let now = self.clock.now();
        Exchange { said, asked_at: now, answered_at: now }
    }
}

/// Reads until `is_whole`, the bound, the end or the deadline. What came before the deadline counts.
async fn hear(
    stream: &mut (impl AsyncRead + Unpin),
    most: usize,
    is_whole: impl Fn(&[u8]) -> bool,
    deadline: Instant,
) -> Said {
    let mut bytes = Vec::new();
    let mut part = [0; 1024];
    let end = loop {
        match timeout_at(deadline, stream.read(&mut part)).await {
            Ok(Ok(0) | Err(_)) => break Said::HungUp,
            Ok(Ok(read)) => bytes.extend_from_slice(&part[..read]),
            Err(_) => break Said::Silent,
        }
        if bytes.len() >= most || is_whole(&bytes) {
            break Said::Bytes(Vec::new());
        }
    };
    bytes.truncate(most);
    if bytes.is_empty() { end } else { Said::Bytes(bytes) }
}

/// What follows for everything that needs a connection where there is none.
fn unreached(port: u16, protocol: Protocol, knock: Knock) -> PortSeen {
    let has = |protocols: &[Protocol]| protocols.contains(&protocol);
    let nothing = counterfoil_wire::time::Micros::default();
    PortSeen {
        port,
        protocol,
        knock,
        greeting: has(&[Protocol::Ssh, Protocol::Rdp, Protocol::Postgres, Protocol::Mysql]).then_some(Said::NotReached),
        handshake: has(&[Protocol::Https]).then_some(Handshake::NotReached),
        exchange: has(&[Protocol::Http, Protocol::Https]).then_some(Exchange {
            said: Said::NotReached,
            asked_at: nothing,
            answered_at: nothing,
        }),
    }
}

fn lookup(found: Result<Addresses, Failure>) -> Lookup {
    match found {
        Ok(addresses) => Lookup::Found(addresses.ips().collect()),
        Err(Failure::Refused { .. }) => Lookup::NotAllowed,
        Err(Failure::Deadline) => Lookup::Silent,
        Err(_) => Lookup::Missing,
    }
}

fn knock_of(failure: &Failure) -> Knock {
    match failure {
        Failure::Unreachable { cause, .. } => match cause.kind() {
            ErrorKind::ConnectionRefused => Knock::Refused,
            ErrorKind::TimedOut => Knock::Silent,
            kind => Knock::Unreachable(kind.to_string()),
        },
        Failure::Refused { .. } => Knock::NotAllowed,
        Failure::Deadline => Knock::Silent,
        Failure::NoSuchName(_) | Failure::BadHost(_) | Failure::Http(_) => Knock::NoAddress,
    }
}
