//! Listeners on this machine that behave, misbehave, hang and hang up; and certificates for them.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// What a listener does with a connection.
#[derive(Clone)]
pub enum Manner {
    /// Says something at once.
    Says(Vec<u8>),
    /// Says something after it has heard something.
    Answers(Vec<u8>),
    /// Says nothing.
    Silent,
    /// Closes the connection.
    HangsUp,
}

/// A listener; answers its port.
pub async fn listen(manner: Manner) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(attend(stream, manner.clone()));
        }
    });
    port
}

/// A port on which nobody listens.
pub async fn closed() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

async fn attend(mut stream: impl AsyncRead + AsyncWrite + Unpin, manner: Manner) {
    let mut heard = [0; 4096];
    match manner {
        Manner::HangsUp => return,
        Manner::Silent => {}
        Manner::Says(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Manner::Answers(bytes) => {
            let _ = stream.read(&mut heard).await;
            let _ = stream.write_all(&bytes).await;
        }
    }
    // Until the other side has had enough.
    while stream.read(&mut heard).await.is_ok_and(|read| read > 0) {}
}

/// A certificate with its key.
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

/// An authority that issues certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate.
    pub pem: String,
}

/// Year, month, day.
type Day = (i32, u8, u8);

fn params(names: &[&str], from: Day, to: Day) -> CertificateParams {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params.not_before = date_time_ymd(from.0, from.1, from.2);
    params.not_after = date_time_ymd(to.0, to.1, to.2);
    params
}

fn key(pair: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pair.serialize_der()))
}

impl Authority {
    /// A new one.
    pub fn new() -> Self {
        let mut own = params(&[], (2020, 1, 1), (2040, 1, 1));
        own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pair = KeyPair::generate().unwrap();
        let pem = own.self_signed(&pair).unwrap().pem();
        Self { issuer: Issuer::new(own, pair), pem }
    }

    /// A certificate for these names.
    pub fn issue(&self, names: &[&str], from: Day, to: Day) -> Identity {
        let pair = KeyPair::generate().unwrap();
        let certificate = params(names, from, to).signed_by(&pair, &self.issuer).unwrap();
        Identity { certificate: certificate.der().clone(), key: key(&pair) }
    }
}

/// A certificate that nobody but itself vouches for.
pub fn self_signed(names: &[&str], from: Day, to: Day) -> Identity {
    let pair = KeyPair::generate().unwrap();
    let certificate = params(names, from, to).self_signed(&pair).unwrap();
    Identity { certificate: certificate.der().clone(), key: key(&pair) }
}

/// A listener behind TLS; answers its port.
pub async fn listen_tls(identity: Identity, manner: Manner) -> u16 {
    counterfoil::outgoing::install_crypto();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![identity.certificate], identity.key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, manner) = (acceptor.clone(), manner.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    attend(stream, manner).await;
                }
            });
        }
    });
    port
}

/// An HTTP answer with this status and date.
pub fn http(status: &str, date: &str) -> Vec<u8> {
    let date = if date.is_empty() { String::new() } else { format!("Date: {date}\r\n") };
    format!("HTTP/1.1 {status}\r\n{date}Content-Length: 2\r\nConnection: close\r\n\r\nok").into_bytes()
}
