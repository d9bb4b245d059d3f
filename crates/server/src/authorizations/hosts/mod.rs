//! Trying a login on a host before it is granted: a connection through the guard of outgoing calls, the protocol's
//! greeting, and over SSH the login itself.
//!
//! One attempt, one deadline over all of it, never inside a transaction. Nothing of the login is kept or logged. RDP and
//! VNC hosts are asked for their greeting alone: what they say tells that such a service answers there, not that the login
//! is right.

mod greeting;
pub mod ssh;
mod throttle;

pub use throttle::HostChecks;

use super::kinds::Access;
use crate::app::App;
use crate::error::{Code, Error};
use crate::outgoing;
use secrecy::SecretString;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// What is tried.
pub struct Trial {
    /// In which way.
    pub access: Access,
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Login name.
    pub account: String,
    /// Password or private key.
    pub secret: SecretString,
    /// The fingerprint that this host showed before.
    pub known_host_key: Option<String>,
}

/// Why a trial did not end well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The host does not take this login.
    WrongLogin,
    /// The host does not take logins of this kind at all.
    MethodRefused,
    /// The login is right, and the host asks for one more thing.
    AsksMore,
    /// SSH logins work, SFTP does not.
    NoSftp,
    /// The host shows another key than before; nothing was sent to it.
    OtherHostKey,
    /// The operator does not allow connections there.
    Forbidden,
    /// The name does not resolve.
    NoSuchName,
    /// Nobody answers.
    Unreachable,
    /// Somebody answers, in another language than expected.
    WrongProtocol,
    /// Somebody answers and closes the connection.
    Closed,
    /// The time was over.
    Deadline,
}

impl Failure {
    /// The name in events.
    pub fn name(&self) -> &'static str {
        match self {
            Self::WrongLogin => "wrong_login",
            Self::MethodRefused => "method_refused",
            Self::AsksMore => "asks_more",
            Self::NoSftp => "no_sftp",
            Self::OtherHostKey => "other_host_key",
            Self::Forbidden => "forbidden",
            Self::NoSuchName => "no_such_name",
            Self::Unreachable => "unreachable",
            Self::WrongProtocol => "wrong_protocol",
            Self::Closed => "closed",
            Self::Deadline => "deadline",
        }
    }
}

impl From<outgoing::Failure> for Failure {
    fn from(failure: outgoing::Failure) -> Self {
        match failure {
            outgoing::Failure::Refused { .. } => Self::Forbidden,
            outgoing::Failure::NoSuchName(_) | outgoing::Failure::BadHost(_) => Self::NoSuchName,
            outgoing::Failure::Deadline => Self::Deadline,
            _ => Self::Unreachable,
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::WrongLogin => Self::new(Code::WrongHostLogin),
            Failure::MethodRefused => Self::said(
                Code::WrongHostLogin,
                "主机不接受这种登录方式。",
                "Account and password not matched: the host does not take logins of this kind.",
            ),
            Failure::AsksMore => Self::said(
                Code::HostProtocol,
                "登录信息正确，但主机还要求进一步验证。",
                "The login is right, but the host asks for a further step.",
            ),
            Failure::NoSftp => Self::said(
                Code::HostProtocol,
                "登录信息正确，但主机未提供SFTP。",
                "The login is right, but the host offers no SFTP.",
            ),
            Failure::OtherHostKey => Self::new(Code::HostKeyChanged),
            Failure::Forbidden => Self::new(Code::HostForbidden),
            Failure::NoSuchName => {
                Self::said(Code::HostUnreachable, "主机名无法解析。", "The name of the host does not resolve.")
            }
            Failure::Unreachable => Self::new(Code::HostUnreachable),
            Failure::WrongProtocol => Self::new(Code::HostProtocol),
            Failure::Closed => Self::said(
                Code::HostProtocol,
                "主机关闭了连接。",
                "The host closed the connection before the login was over.",
            ),
            Failure::Deadline => Self::new(Code::HostTimeout),
        }
    }
}

/// Tries a login. Answers the fingerprint of the host's key where the protocol has one.
pub async fn attempt(app: &App, trial: Trial) -> Result<Option<String>, Failure> {
    let limit = Duration::from_secs(app.config.authorizations.check_seconds);
    let deadline = Instant::now() + limit;
    let stream = app.outgoing.connect(&trial.host, trial.port, deadline).await?;
    let spoken = async {
        match trial.access {
            Access::Rdp => greeting::rdp(stream).await.map(|()| None),
            Access::Vnc => greeting::vnc(stream).await.map(|()| None),
            _ => ssh::log_in(stream, &trial, limit).await.map(Some),
        }
    };
    timeout_at(deadline, spoken).await.unwrap_or(Err(Failure::Deadline))
}

/// Closes a connection for good when it is dropped, also for a task that still holds the other end of it.
struct HangUp(std::net::TcpStream);

impl HangUp {
    /// A second hold on a connection.
    fn on(stream: TcpStream) -> std::io::Result<(Self, TcpStream)> {
        let stream = stream.into_std()?;
        let hold = stream.try_clone()?;
        Ok((Self(hold), TcpStream::from_std(stream)?))
    }
}

impl Drop for HangUp {
    fn drop(&mut self) {
        // It may be closed already, which is as good.
        self.0.shutdown(std::net::Shutdown::Both).ok();
    }
}
