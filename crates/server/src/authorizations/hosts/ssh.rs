//! Logging in over SSH, once, by password or by private key.
//!
//! The host's key is checked before anything of the login is sent: the first one that a host shows is kept with its
//! resource line, another one later ends the attempt. Neither compression nor dialogues (`keyboard-interactive`) are used.

use super::{Failure, HangUp, Trial};
use crate::authorizations::kinds::Access;
use russh::client::{self, AuthResult, Handle, Msg};
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key};
use russh::{Channel, ChannelMsg, Disconnect, MethodKind, SshId};
use secrecy::ExposeSecret as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpStream;

/// Reads a private key without a passphrase, in PEM or OpenSSH form.
pub(crate) fn read_key(text: &str) -> Option<PrivateKey> {
    let key = decode_secret_key(text.trim(), None).ok()?;
    (!key.is_encrypted()).then_some(key)
}

/// Looks at the host's key, and keeps its fingerprint.
struct Doorkeeper {
    known: Option<String>,
    seen: Arc<OnceLock<String>>,
}

impl client::Handler for Doorkeeper {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        // Certificates are never asked for.
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else { return Ok(false) };
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        let is_known = self.known.as_ref().is_none_or(|known| *known == fingerprint);
        self.seen.set(fingerprint).ok();
        Ok(is_known)
    }
}

fn failure(e: &russh::Error) -> Failure {
    match e {
        russh::Error::HUP | russh::Error::Disconnect | russh::Error::SendError | russh::Error::RecvError => {
            Failure::Closed
        }
        russh::Error::IO(e) => match e.kind() {
            std::io::ErrorKind::TimedOut => Failure::Deadline,
            std::io::ErrorKind::InvalidData => Failure::WrongProtocol,
            _ => Failure::Closed,
        },
        russh::Error::ConnectionTimeout | russh::Error::InactivityTimeout | russh::Error::KeepaliveTimeout => {
            Failure::Deadline
        }
        _ => Failure::WrongProtocol,
    }
}

/// Logs in and out again. Answers the fingerprint of the host's key. Ends at the latest when it is dropped.
pub(super) async fn log_in(stream: TcpStream, trial: &Trial, limit: Duration) -> Result<String, Failure> {
    // The library runs the connection in a task of its own, which must not outlive this attempt.
    let (_hang_up, stream) = HangUp::on(stream).map_err(|_| Failure::Closed)?;
    let seen = Arc::new(OnceLock::new());
    let doorkeeper = Doorkeeper { known: trial.known_host_key.clone(), seen: Arc::clone(&seen) };
    let config = client::Config {
        client_id: SshId::Standard("SSH-2.0-Counterfoil".into()),
        inactivity_timeout: Some(limit),
        ..client::Config::default()
    };
    let is_other_key = || {
        let known = trial.known_host_key.as_ref();
        seen.get().zip(known).is_some_and(|(seen, known)| seen != known)
    };
    let opened = client::connect_stream(Arc::new(config), stream, doorkeeper).await;
    let mut session = opened.map_err(|e| if is_other_key() { Failure::OtherHostKey } else { failure(&e) })?;
    let result = authenticate(&mut session, trial).await.map_err(|e| failure(&e))?;
    judge(&result, trial.access)?;
    if trial.access == Access::Sftp {
        open_sftp(&session).await?;
    }
    // A host that does not wait for the good-bye has been left all the same.
    session.disconnect(Disconnect::ByApplication, "", "en").await.ok();
    seen.get().cloned().ok_or(Failure::WrongProtocol)
}

/// The one attempt.
async fn authenticate(session: &mut Handle<Doorkeeper>, trial: &Trial) -> Result<AuthResult, russh::Error> {
    let secret = trial.secret.expose_secret();
    match (trial.access, read_key_for(trial.access, secret)) {
        (Access::SshKey, Some(key)) => {
            let hash = if key.algorithm().is_rsa() { session.best_supported_rsa_hash().await?.flatten() } else { None };
            session.authenticate_publickey(&trial.account, PrivateKeyWithHashAlg::new(Arc::new(key), hash)).await
        }
        _ => session.authenticate_password(&trial.account, secret).await,
    }
}

fn read_key_for(access: Access, secret: &str) -> Option<PrivateKey> {
    if access == Access::SshKey { read_key(secret) } else { None }
}

/// What the host's answer means.
fn judge(result: &AuthResult, access: Access) -> Result<(), Failure> {
    let method = if access == Access::SshKey { MethodKind::PublicKey } else { MethodKind::Password };
    match result {
        AuthResult::Success => Ok(()),
        AuthResult::Failure { partial_success: true, .. } => Err(Failure::AsksMore),
        AuthResult::Failure { remaining_methods, .. } if remaining_methods.contains(&method) => {
            Err(Failure::WrongLogin)
        }
        // A host may also stop offering a method after one failure; it says nothing else then.
        AuthResult::Failure { remaining_methods, .. } if remaining_methods.is_empty() => Err(Failure::WrongLogin),
        AuthResult::Failure { .. } => Err(Failure::MethodRefused),
    }
}

/// Asks for SFTP, which a host may not offer to everybody who can log in.
async fn open_sftp(session: &Handle<Doorkeeper>) -> Result<(), Failure> {
    let mut channel: Channel<Msg> = session.channel_open_session().await.map_err(|_| Failure::NoSftp)?;
    channel.request_subsystem(true, "sftp").await.map_err(|_| Failure::NoSftp)?;
    while let Some(message) = channel.wait().await {
        match message {
            ChannelMsg::Success => return Ok(()),
            ChannelMsg::Failure | ChannelMsg::Close | ChannelMsg::Eof => break,
            _ => {}
        }
    }
    Err(Failure::NoSftp)
}
