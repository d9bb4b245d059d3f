//! The first words of protocols whose logins are not tried: the connection confirm of X.224, with which RDP begins
//! (MS-RDPBCGR 2.2.1.1 and 2.2.1.2), and the version line of RFB, which is VNC's (RFC 6143, 7.1.1).

use super::Failure;
use std::io::ErrorKind;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A connection request: TPKT header, X.224 header, and the offer of TLS and CredSSP.
const RDP_REQUEST: [u8; 19] = [3, 0, 0, 19, 14, 0xE0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0];
/// The version of TPKT.
const TPKT: u8 = 3;
/// The code of a connection confirm, in the upper half of its byte.
const CONNECTION_CONFIRM: u8 = 0xD0;
/// A confirm is 11 bytes, or 19 with the answer to the offer.
const CONFIRM_BYTES: std::ops::RangeInclusive<usize> = 11..=19;

fn broken(e: &std::io::Error) -> Failure {
    match e.kind() {
        ErrorKind::TimedOut => Failure::Deadline,
        _ => Failure::Closed,
    }
}

/// Succeeds when the other side confirms an RDP connection.
pub(super) async fn rdp(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<(), Failure> {
    stream.write_all(&RDP_REQUEST).await.map_err(|e| broken(&e))?;
    let mut header = [0; 4];
    stream.read_exact(&mut header).await.map_err(|e| broken(&e))?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if header[0] != TPKT || !CONFIRM_BYTES.contains(&length) {
        return Err(Failure::WrongProtocol);
    }
    let mut rest = [0; 15];
    let rest = &mut rest[..length - header.len()];
    stream.read_exact(rest).await.map_err(|e| broken(&e))?;
    let says_its_length = usize::from(rest[0]) == rest.len() - 1;
    if says_its_length && rest[1] & 0xF0 == CONNECTION_CONFIRM { Ok(()) } else { Err(Failure::WrongProtocol) }
}

/// Succeeds when the other side says its version of RFB.
pub(super) async fn vnc(mut stream: impl AsyncRead + Unpin) -> Result<(), Failure> {
    // Byte by byte, so that a service that says something shorter, and waits, is known by its first letter. A zero stands
    // for any digit.
    for expected in *b"RFB 000.000\n" {
        let byte = stream.read_u8().await.map_err(|e| broken(&e))?;
        if byte != expected && !(expected == b'0' && byte.is_ascii_digit()) {
            return Err(Failure::WrongProtocol);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;
    use tokio::io::{DuplexStream, duplex};

    const TLS_CHOSEN: [u8; 19] = [3, 0, 0, 19, 14, 0xD0, 0, 0, 0x12, 0x34, 0, 2, 0x1F, 8, 0, 1, 0, 0, 0];
    const OLD_SERVER: [u8; 11] = [3, 0, 0, 11, 6, 0xD0, 0, 0, 0x12, 0x34, 0];

    /// Both ends, of which the far one has said `bytes` and closed.
    async fn said(bytes: &[u8]) -> (DuplexStream, DuplexStream) {
        let (near, mut far) = duplex(256);
        far.write_all(bytes).await.unwrap();
        far.shutdown().await.unwrap();
        (near, far)
    }

    #[tokio::test]
    async fn rdp_is_asked_and_confirms() {
        for answer in [&TLS_CHOSEN[..], &OLD_SERVER] {
            let (near, mut far) = said(answer).await;
            assert_eq!(rdp(near).await, Ok(()));
            let mut asked = Vec::new();
            far.read_to_end(&mut asked).await.unwrap();
            assert_eq!(asked, RDP_REQUEST);
        }
    }

    #[tokio::test]
    async fn other_words_are_not_rdp() {
        let mut request = TLS_CHOSEN;
        request[5] = 0xE0;
        let mut length = TLS_CHOSEN;
        length[4] = 13;
        for (bytes, failure) in [
            (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], Failure::WrongProtocol),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", Failure::WrongProtocol),
            (&request, Failure::WrongProtocol),
            (&length, Failure::WrongProtocol),
            (&[3, 0, 0xFF, 0xFF, 14, 0xD0, 0, 0, 0, 0, 0], Failure::WrongProtocol),
            (&[3, 0, 0, 4], Failure::WrongProtocol),
            (&TLS_CHOSEN[..12], Failure::Closed),
            (b"", Failure::Closed),
        ] {
            assert_eq!(rdp(said(bytes).await.0).await, Err(failure), "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn vnc_says_its_version() {
        for good in ["RFB 003.008\n", "RFB 003.003\n", "RFB 005.000\nmore"] {
            assert_eq!(vnc(said(good.as_bytes()).await.0).await, Ok(()), "{good}");
        }
        for (bytes, failure) in [
            ("SSH-2.0-OpenSSH_9.2\r\n", Failure::WrongProtocol),
            ("RFB 003.008\r", Failure::WrongProtocol),
            ("RFB 3.8\n", Failure::WrongProtocol),
            ("RFB 003", Failure::Closed),
            ("", Failure::Closed),
        ] {
            assert_eq!(vnc(said(bytes.as_bytes()).await.0).await, Err(failure), "{bytes}");
        }
        // A service that says a short thing and waits is not waited for.
        let (near, mut far) = duplex(256);
        far.write_all(b"220 smtp\r\n").await.unwrap();
        let found = tokio::time::timeout(Duration::from_secs(5), vnc(near)).await;
        assert_eq!(found.expect("an answer"), Err(Failure::WrongProtocol));
    }

    proptest! {
        /// Whatever comes, reading it ends, and only a confirm is taken for one.
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                if rdp(said(&bytes).await.0).await.is_ok() {
                    assert!(bytes[0] == TPKT && bytes[5] & 0xF0 == CONNECTION_CONFIRM);
                }
                if vnc(said(&bytes).await.0).await.is_ok() {
                    assert!(bytes.starts_with(b"RFB "));
                }
            });
        }
    }
}
