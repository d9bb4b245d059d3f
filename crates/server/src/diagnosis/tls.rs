//! A TLS handshake that goes through whatever the certificate says, and writes it down: to look at a certificate is not to
//! trust it. Nothing confidential is ever sent over such a connection.

use super::certificate::Certificate;
use super::rules::Handshake;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{self, CryptoProvider};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// Accepts every certificate and keeps it; signatures are still checked, so that the server proves that it has the key.
#[derive(Debug)]
struct Recorder {
    provider: Arc<CryptoProvider>,
    authorities: Arc<WebPkiServerVerifier>,
    seen: Mutex<Option<(Vec<u8>, Option<String>)>>,
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // Time and name have checks of their own: the chain is judged at a time when the certificate is valid.
        let at = Certificate::read(end_entity).map_or(now, |certificate| middle(&certificate));
        let judged = self.authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, at);
        let distrust = match judged {
            Ok(_)
            | Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => None,
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => Some("unknown issuer".to_owned()),
            Err(other) => Some(other.to_string()),
        };
        let seen = (end_entity.to_vec(), distrust);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn middle(certificate: &Certificate) -> UnixTime {
    let seconds = certificate.not_before.seconds().midpoint(certificate.not_after.seconds());
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
}

/// Shakes hands with `name`; answers what was seen, and the connection when there is one.
pub async fn shake_hands(
    stream: TcpStream,
    name: &str,
    roots: &Arc<RootCertStore>,
    deadline: Instant,
) -> (Handshake, Option<TlsStream<TcpStream>>) {
    let failed = |text: String| (Handshake::Failed(text), None);
    let Ok(server_name) = ServerName::try_from(name.to_owned()) else {
        return failed(format!("{name} cannot be asked for"));
    };
    let (recorder, config) = match client(roots) {
        Ok(client) => client,
        Err(text) => return failed(text),
    };
    let stream = match timeout_at(deadline, TlsConnector::from(Arc::new(config)).connect(server_name, stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(e)) if e.kind() == std::io::ErrorKind::UnexpectedEof => return (Handshake::HungUp, None),
        Ok(Err(e)) if e.kind() == std::io::ErrorKind::ConnectionReset => return (Handshake::HungUp, None),
        Ok(Err(e)) => return failed(e.to_string()),
        Err(_) => return (Handshake::Silent, None),
    };
    let seen = recorder.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some((certificate, distrust)) = seen else { return failed("no certificate was shown".to_owned()) };
    let version = stream.get_ref().1.protocol_version().map_or_else(String::new, |version| format!("{version:?}"));
    (Handshake::Done { certificate, distrust, version }, Some(stream))
}

fn client(roots: &Arc<RootCertStore>) -> Result<(Arc<Recorder>, ClientConfig), String> {
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let authorities = WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(&provider));
    let authorities = authorities.build().map_err(|e| e.to_string())?;
    let recorder = Arc::new(Recorder { provider: Arc::clone(&provider), authorities, seen: Mutex::new(None) });
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().map_err(|e| e.to_string())?;
    let verifier: Arc<dyn ServerCertVerifier> = Arc::<Recorder>::clone(&recorder);
    let config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    Ok((recorder, config))
}
