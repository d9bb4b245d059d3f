//! From what was observed to what it means. Every decision of a diagnosis is here, without I/O.

use super::certificate::Certificate;
use super::checks::{Check, Finding, Kind, Level};
use super::resource::Target;
use counterfoil_wire::diagnosis::{NewResource, Protocol};
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::Micros;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;

/// Fewer days left than this is soon.
const SOON_DAYS: i64 = 14;
/// A clock may differ by so many seconds.
const CLOCK_SECONDS: i64 = 60;
/// The most characters that are kept of what somebody answered.
pub const RESPONSE_CHARS: usize = 1000;

/// What looking up a name gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// These addresses.
    Found(Vec<IpAddr>),
    /// It has none.
    Missing,
    /// Nobody said in time.
    Silent,
    /// Only addresses that may not be connected to.
    NotAllowed,
}

/// What trying to connect to a port gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knock {
    /// A connection, after so many milliseconds.
    Open(u64),
    /// A refusal, which is an answer.
    Refused,
    /// Nothing in time.
    Silent,
    /// The network says no.
    Unreachable(String),
    /// The operator says no.
    NotAllowed,
    /// The name did not lead anywhere.
    NoAddress,
}

/// What came first on a connection, or in answer to a first message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The end of the connection.
    HungUp,
    /// Nothing in time.
    Silent,
    /// There was no connection.
    NotReached,
    /// TLS did not come about.
    NoTls(String),
}

/// What a TLS handshake gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// A certificate, and whether an authority that is trusted vouches for it.
    Done {
        /// In DER.
        certificate: Vec<u8>,
        /// What is wrong with its chain.
        distrust: Option<String>,
        /// The version of the protocol.
        version: String,
    },
    /// No agreement.
    Failed(String),
    /// The end of the connection.
    HungUp,
    /// Nothing in time.
    Silent,
    /// There was no connection.
    NotReached,
}

/// An HTTP exchange: what was answered, and when it was asked and answered by this machine's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The head of the answer.
    pub said: Said,
    /// When it was asked.
    pub asked_at: Micros,
    /// When it was answered.
    pub answered_at: Micros,
}

/// All that was observed of one port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSeen {
    /// The port.
    pub port: u16,
    /// What is spoken there.
    pub protocol: Protocol,
    /// Whether it is open.
    pub knock: Knock,
    /// The greeting of SSH, RDP and databases.
    pub greeting: Option<Said>,
    /// TLS.
    pub handshake: Option<Handshake>,
    /// HTTP.
    pub exchange: Option<Exchange>,
}

/// All that was observed of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Names, with what they led to.
    pub names: Vec<(String, Lookup)>,
    /// Ports.
    pub ports: Vec<PortSeen>,
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What was found.
    pub finding: Finding,
    /// What was seen, shortened and in printable characters.
    pub response: String,
}

impl Verdict {
    fn new(finding: Finding, response: impl AsRef<str>) -> Self {
        Self { finding, response: shorten(response.as_ref()) }
    }
}

/// What a diagnosis was asked to look at: an id, a name or an address; nothing means everything. Fails with the parameter
/// that is missing.
pub fn wanted(kind: Kind, params: &BTreeMap<String, String>) -> Result<Option<&str>, &'static str> {
    let given = |key: &str| params.get(key).map(|value| value.trim()).filter(|value| !value.is_empty());
    match kind {
        Kind::Host | Kind::RemoteLogin => given("eip").map(Some).ok_or("params.eip"),
        Kind::Database => given("instanceId").map(Some).ok_or("params.instanceId"),
        Kind::Network => Ok(given("eip").or(given("instanceId"))),
    }
}

/// Whether a resource belongs to what a client has chosen. One that was registered without a project or a region belongs to
/// all of them.
pub fn is_in(resource: &NewResource, project_id: Option<&str>, region: Option<&str>) -> bool {
    let of_project = match (&resource.project_id, project_id) {
        (Some(own), Some(wanted)) => own.as_str() == wanted,
        _ => true,
    };
    of_project && region.is_none_or(|wanted| resource.region.is_empty() || resource.region == wanted)
}

/// Where to read more about a result, from the operator's pattern.
pub fn help_url(pattern: &str, check: &str, finding: &str, lang: Lang) -> String {
    pattern.replace("{check}", check).replace("{finding}", finding).replace("{lang}", lang.as_str())
}

/// The checks that a kind of diagnosis makes of a resource.
pub fn plan(kind: Kind, target: &Target) -> Vec<Check> {
    if !kind.resources().contains(&target.kind) {
        return Vec::new();
    }
    let applies = |check: &Check| {
        let wanted = check.protocols();
        wanted.is_empty() || target.ports().iter().any(|(_, protocol)| wanted.contains(protocol))
    };
    kind.checks().iter().copied().filter(applies).collect()
}

/// What a check came to, from all that was observed.
pub fn judge(check: Check, seen: &Seen, target: &Target, now: Micros) -> Verdict {
    let of_ports = |rule: &dyn Fn(&PortSeen) -> Verdict| {
        let wanted = check.protocols();
        let ports = seen.ports.iter().filter(|port| wanted.is_empty() || wanted.contains(&port.protocol));
        worst(&ports.map(|port| (port.port, rule(port))).collect::<Vec<_>>())
    };
    let greeting = |rule: fn(&[u8]) -> Verdict| {
        of_ports(&|port| port.greeting.as_ref().map_or_else(not_asked, |said| heard(said, rule)))
    };
    let handshake = |rule: &dyn Fn(&Certificate, &Handshake) -> Verdict| {
        of_ports(&|port| port.handshake.as_ref().map_or_else(not_asked, |seen| shaken(seen, rule)))
    };
    match check {
        Check::NameResolves => names(&seen.names, target.literal()),
        Check::AddressAnswers => address(&seen.ports),
        Check::PortsOpen => of_ports(&|port| open(&port.knock)),
        Check::SshGreets => greeting(ssh),
        Check::RdpGreets => greeting(rdp),
        Check::PostgresGreets => greeting(postgres),
        Check::MysqlGreets => greeting(mysql),
        Check::TlsValidity => handshake(&|certificate, _| validity(certificate, now)),
        Check::TlsName => handshake(&|certificate, _| name(certificate, target.server_name())),
        Check::TlsTrust => handshake(&|certificate, seen| trust(certificate, seen)),
        Check::HttpStatus => {
            of_ports(&|port| port.exchange.as_ref().map_or_else(not_asked, |seen| heard(&seen.said, status)))
        }
        Check::ClockDifference => of_ports(&|port| port.exchange.as_ref().map_or_else(not_asked, clock)),
    }
}

fn not_asked() -> Verdict {
    Verdict::new(Finding::NotReached, "")
}

/// One verdict for several ports: the worst, with what was seen on each.
fn worst(verdicts: &[(u16, Verdict)]) -> Verdict {
    let rank = |verdict: &Verdict| match verdict.finding.level() {
        Level::Abnormal => 2,
        Level::Normal => 1,
        Level::NotRun => 0,
    };
    let Some(finding) = verdicts.iter().map(|(_, verdict)| verdict).max_by_key(|v| rank(v)).map(|v| v.finding) else {
        return Verdict::new(Finding::NotReached, "");
    };
    let lines = verdicts.iter().map(|(port, verdict)| format!("{port}: {}", verdict.response));
    Verdict::new(finding, lines.collect::<Vec<_>>().join("; "))
}

/// Printable and not too long: what machines answer is shown to people.
pub fn shorten(text: &str) -> String {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == RESPONSE_CHARS {
            out.push('…');
            break;
        }
        let invisible =
            c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        out.push(if invisible { '·' } else { c });
    }
    out
}

/// Bytes as text, what is not ASCII shown by its number.
fn printable(bytes: &[u8]) -> String {
    let mut out = String::new();
    for byte in bytes.iter().take(RESPONSE_CHARS) {
        if byte.is_ascii_graphic() || *byte == b' ' {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Whether the names lead somewhere, and to the registered address where one is written out.
pub fn names(seen: &[(String, Lookup)], literal: Option<IpAddr>) -> Verdict {
    if seen.is_empty() {
        return Verdict::new(Finding::NoName, literal.map(|address| address.to_string()).unwrap_or_default());
    }
    let judged = |lookup: &Lookup| match lookup {
        Lookup::Found(addresses) if literal.is_some_and(|wanted| !addresses.contains(&wanted)) => {
            Finding::NameElsewhere
        }
        Lookup::Found(_) => Finding::Fine,
        Lookup::Missing => Finding::NameMissing,
        Lookup::Silent => Finding::NameSilent,
        Lookup::NotAllowed => Finding::NotAllowed,
    };
    let shown = seen.iter().map(|(name, lookup)| match lookup {
        Lookup::Found(addresses) => {
            let addresses: Vec<_> = addresses.iter().map(IpAddr::to_string).collect();
            format!("{name} = {}", addresses.join(", "))
        }
        _ => format!("{name}: {}", judged(lookup).id()),
    });
    let response = shown.collect::<Vec<_>>().join("; ");
    let findings: Vec<_> = seen.iter().map(|(_, lookup)| judged(lookup)).collect();
    let of_level = |level| findings.iter().copied().find(|finding| finding.level() == level);
    let finding = of_level(Level::Abnormal).or_else(|| of_level(Level::NotRun)).unwrap_or(Finding::Fine);
    Verdict::new(finding, response)
}

/// Whether anything answers at the address. A refused connection is an answer.
pub fn address(ports: &[PortSeen]) -> Verdict {
    let answered = ports.iter().find(|port| matches!(port.knock, Knock::Open(_) | Knock::Refused));
    let finding = match (answered, ports.first().map(|port| &port.knock)) {
        (Some(_), _) => Finding::Fine,
        (None, Some(Knock::Unreachable(_))) => Finding::Unreachable,
        (None, Some(Knock::NotAllowed)) => Finding::NotAllowed,
        (None, Some(Knock::NoAddress) | None) => Finding::NotReached,
        (None, Some(_)) => Finding::Silent,
    };
    let response = answered.or(ports.first()).map(|port| format!("TCP {}: {}", port.port, knocked(&port.knock)));
    Verdict::new(finding, response.unwrap_or_default())
}

fn knocked(knock: &Knock) -> String {
    match knock {
        Knock::Open(millis) => format!("open, {millis} ms"),
        Knock::Refused => "refused".to_owned(),
        Knock::Silent => "no answer".to_owned(),
        Knock::Unreachable(text) => text.clone(),
        Knock::NotAllowed => "not allowed".to_owned(),
        Knock::NoAddress => "no address".to_owned(),
    }
}

/// Whether a port is open.
pub fn open(knock: &Knock) -> Verdict {
    let finding = match knock {
        Knock::Open(_) => Finding::Fine,
        Knock::Refused => Finding::PortClosed,
        Knock::Silent => Finding::PortSilent,
        Knock::Unreachable(_) => Finding::Unreachable,
        Knock::NotAllowed => Finding::NotAllowed,
        Knock::NoAddress => Finding::NotReached,
    };
    Verdict::new(finding, knocked(knock))
}

/// What was said, if anything was.
pub fn heard(said: &Said, rule: impl Fn(&[u8]) -> Verdict) -> Verdict {
    match said {
        Said::Bytes(bytes) => rule(bytes),
        Said::HungUp => Verdict::new(Finding::HungUp, "the connection was closed"),
        Said::Silent => Verdict::new(Finding::NoGreeting, "no answer"),
        Said::NotReached => Verdict::new(Finding::NotReached, "no connection"),
        Said::NoTls(text) => Verdict::new(Finding::NotReached, text),
    }
}

/// RFC 4253 section 4.2: `SSH-protoversion-softwareversion`, perhaps after other lines.
pub fn ssh(bytes: &[u8]) -> Verdict {
    let banner = bytes.split(|b| *b == b'\n').find(|line| line.starts_with(b"SSH-"));
    let Some(banner) = banner else { return Verdict::new(Finding::OtherProtocol, printable(bytes)) };
    let banner = printable(banner.strip_suffix(b"\r").unwrap_or(banner));
    let is_current = banner.starts_with("SSH-2.0-");
    // "1.99" is a server that speaks both.
    Verdict::new(if is_current { Finding::Fine } else { Finding::OldSsh }, banner)
}

/// [MS-RDPBCGR] section 2.2.1.2: a connection confirm of X.224 in a TPKT of version 3.
pub fn rdp(bytes: &[u8]) -> Verdict {
    let is_confirm = bytes.len() >= 7 && bytes[0] == 3 && bytes[5] & 0xf0 == 0xd0;
    Verdict::new(if is_confirm { Finding::Fine } else { Finding::OtherProtocol }, printable(bytes))
}

/// PostgreSQL's answer to a start-up message: a request to log in, or an error with an SQLSTATE.
pub fn postgres(bytes: &[u8]) -> Verdict {
    let Some((kind, rest)) = bytes.split_first() else { return Verdict::new(Finding::HungUp, "") };
    let body = rest.get(4..).unwrap_or_default();
    match kind {
        // The request names a method; version negotiation comes before it.
        b'R' | b'v' if rest.len() >= 8 => {
            let method = body.get(..4).map_or(0, |m| m.iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)));
            Verdict::new(Finding::Fine, format!("asks for a login, method {method}"))
        }
        b'E' if rest.len() >= 5 => {
            let field = |code: u8| {
                let part = body.split(|b| *b == 0).find(|part| part.first() == Some(&code));
                part.map(|part| String::from_utf8_lossy(&part[1..]).into_owned()).unwrap_or_default()
            };
            let (state, message) = (field(b'C'), field(b'M'));
            let finding = match state.as_str() {
                "57P03" | "57P01" | "57P02" => Finding::DatabaseNotReady,
                "53300" => Finding::DatabaseFull,
                _ if state.starts_with("28") || state == "3D000" => Finding::NotAdmitted,
                _ if state.len() == 5 => Finding::DatabaseError,
                _ => Finding::OtherProtocol,
            };
            Verdict::new(finding, format!("{state} {message}"))
        }
        _ => Verdict::new(Finding::OtherProtocol, printable(bytes)),
    }
}

/// MySQL's first packet: a handshake of version 10 with the server's version, or an error with its number.
pub fn mysql(bytes: &[u8]) -> Verdict {
    let other = || Verdict::new(Finding::OtherProtocol, printable(bytes));
    let Some((&[low, middle, high, sequence], payload)) = bytes.split_first_chunk::<4>() else { return other() };
    let length = usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16;
    if sequence > 1 || payload.is_empty() || length > 64 * 1024 {
        return other();
    }
    match payload {
        [10 | 9, rest @ ..] if length >= 20 => {
            let version = rest.split(|b| *b == 0).next().unwrap_or_default();
            Verdict::new(Finding::Fine, printable(version))
        }
        [0xff, low, high, text @ ..] => {
            let number = u16::from_le_bytes([*low, *high]);
            let finding = match number {
                1040 | 1203 => Finding::DatabaseFull,
                1129 => Finding::DatabaseBlocked,
                1130 => Finding::NotAdmitted,
                1053 => Finding::DatabaseNotReady,
                _ => Finding::DatabaseError,
            };
            Verdict::new(finding, format!("{number} {}", String::from_utf8_lossy(text)))
        }
        _ => other(),
    }
}

/// What a handshake gave, if there was one.
fn shaken(seen: &Handshake, rule: &dyn Fn(&Certificate, &Handshake) -> Verdict) -> Verdict {
    match seen {
        Handshake::Done { certificate, .. } => match Certificate::read(certificate) {
            Some(certificate) => rule(&certificate, seen),
            None => Verdict::new(Finding::BadCertificate, format!("{} bytes", certificate.len())),
        },
        Handshake::Failed(text) => Verdict::new(Finding::TlsFailed, text),
        Handshake::HungUp => Verdict::new(Finding::HungUp, "the connection was closed"),
        Handshake::Silent => Verdict::new(Finding::NoGreeting, "no answer"),
        Handshake::NotReached => Verdict::new(Finding::NotReached, "no connection"),
    }
}

/// Whether a certificate is valid now and for some time.
pub fn validity(certificate: &Certificate, now: Micros) -> Verdict {
    let days = certificate.days_left(now);
    let finding = if now < certificate.not_before {
        Finding::NotYetValid
    } else if now > certificate.not_after {
        Finding::Expired
    } else if days < SOON_DAYS {
        Finding::ExpiresSoon
    } else {
        Finding::Fine
    };
    let (from, to) = (certificate.not_before.to_wire(), certificate.not_after.to_wire());
    Verdict::new(finding, format!("valid from {from} to {to}, days left: {days}"))
}

/// Whether a certificate is for the name by which the resource is reached.
pub fn name(certificate: &Certificate, host: &str) -> Verdict {
    let finding = if certificate.is_for(host) { Finding::Fine } else { Finding::NameMismatch };
    let addresses = certificate.addresses.iter().map(IpAddr::to_string);
    let names: Vec<_> = certificate.names.iter().cloned().chain(addresses).collect();
    Verdict::new(finding, format!("asked for {host}; the certificate is for {}", names.join(", ")))
}

/// Whether somebody who is trusted has issued a certificate.
fn trust(certificate: &Certificate, seen: &Handshake) -> Verdict {
    let Handshake::Done { distrust, version, .. } = seen else { return not_asked() };
    let issued = format!("{version}; subject {}; issuer {}", certificate.subject, certificate.issuer);
    match distrust {
        None => Verdict::new(Finding::Fine, issued),
        Some(reason) => Verdict::new(Finding::Untrusted, format!("{reason}; {issued}")),
    }
}

/// The status line of an HTTP answer.
pub fn status(bytes: &[u8]) -> Verdict {
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let code = line.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5)).and_then(|code| {
        let all_digits = code.iter().all(u8::is_ascii_digit);
        all_digits.then(|| code.iter().fold(0_u16, |sum, digit| sum * 10 + u16::from(digit - b'0')))
    });
    let finding = match code {
        // A page behind a login is there.
        Some(100..=399 | 401 | 403 | 405) => Finding::Fine,
        Some(400..=499) => Finding::ClientError,
        Some(500..=599) => Finding::ServerError,
        _ => Finding::OtherProtocol,
    };
    Verdict::new(finding, printable(line))
}

/// The time that an HTTP answer tells, against this machine's.
pub fn clock(exchange: &Exchange) -> Verdict {
    heard(&exchange.said, |bytes| {
        if status(bytes).finding == Finding::OtherProtocol {
            return status(bytes);
        }
        let Some(date) = date(bytes) else { return Verdict::new(Finding::NoDate, "") };
        // The answer was written between asking and answering, and tells whole seconds.
        let early = exchange.asked_at.0 - date.0 - 1_000_000;
        let late = date.0 - exchange.answered_at.0;
        let seconds = early.max(late).max(0) / 1_000_000;
        let finding = if seconds > CLOCK_SECONDS { Finding::ClockOff } else { Finding::Fine };
        let sign = if early > late && seconds > 0 { "-" } else { "" };
        Verdict::new(finding, format!("Date: {}, difference {sign}{seconds} s", date.to_wire()))
    })
}

/// The `Date` header of an answer's head.
fn date(bytes: &[u8]) -> Option<Micros> {
    let text = String::from_utf8_lossy(bytes);
    let head = text.split("\r\n\r\n").next()?;
    let value = head.lines().skip(1).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("date").then(|| value.trim())
    })?;
    jiff::fmt::rfc2822::parse(value).ok().map(|at| Micros::from(at.timestamp()))
}

/// The state that a job ends in: done when anything could be asked.
pub fn ending(verdicts: &[Verdict]) -> JobState {
    if verdicts.iter().any(|verdict| verdict.finding.level() != Level::NotRun) {
        JobState::Done
    } else {
        JobState::NotRun
    }
}

/// The state of a job, with its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Queued.
    Preparing = 0,
    /// A node has taken it.
    Running = 2,
    /// Its results are there.
    Done = 3,
    /// It was tried too often.
    Failed = 4,
    /// Nothing could be asked: the resources are gone, or nobody may connect to them.
    NotRun = 7,
    /// No node took it in time.
    Unavailable = 8,
}

impl JobState {
    /// The number on the wire.
    pub fn number(self) -> i64 {
        self as i64
    }
}

/// What to do with a job that a node has just claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Look.
    Go,
    /// It has ended already.
    Ended,
    /// End it so, without looking.
    End(JobState),
}

/// How often a job is tried: a node that dies in the middle leaves it to the next.
pub const MOST_ATTEMPTS: i64 = 3;

/// Whether a claimed job is carried out: `waited_s` seconds after it was started, of at most `wait_s`, for the
/// `attempt`-th time, with so many resources that are still there.
pub fn start(status: i64, attempt: i64, waited_s: i64, wait_s: i64, resources: usize) -> Start {
    let is_open = status == JobState::Preparing.number() || status == JobState::Running.number();
    if !is_open {
        Start::Ended
    } else if attempt > MOST_ATTEMPTS {
        Start::End(JobState::Failed)
    } else if attempt == 1 && waited_s > wait_s {
        Start::End(JobState::Unavailable)
    } else if resources == 0 {
        Start::End(JobState::NotRun)
    } else {
        Start::Go
    }
}

#[cfg(test)]
mod tests;
