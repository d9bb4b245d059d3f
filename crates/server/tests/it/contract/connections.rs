//! What no HTTP library would send, over a socket: the server answers or ends the connection, and goes on serving others.

use crate::support::people::{ALICE, PASSWORD, login};
use crate::support::process::{Home, Node};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends bytes and answers what came back until the connection ended, or all that came within five seconds.
#[expect(clippy::disallowed_methods, reason = "the test talks to the server that it started")]
async fn exchange(node: &Node, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(node.address).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut answer = Vec::new();
    let send = async {
        // The server may answer and end the connection before it has read everything.
        let _ = writing.write_all(request).await;
    };
    let receive = async {
        let _ = reading.read_to_end(&mut answer).await;
    };
    let _ = tokio::time::timeout(Duration::from_secs(5), futures_util::future::join(send, receive)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer.
fn status(answer: &str) -> u16 {
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    status.and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no answer but {answer:?}"))
}

fn get(target: &str, headers: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_requests_are_answered() {
    let home = Home::new().await;
    let node = home.serve().await;
    let limits = "/v2/servicerequest/config/limits";

    let large = format!("x-auth-token: {}\r\n", "x".repeat(100 * 1024));
    assert_eq!(status(&exchange(&node, &get(limits, &large)).await), 401, "a header of 100 KB");
    let larger = format!("x-auth-token: {}\r\n", "x".repeat(2 << 20));
    assert_eq!(status(&exchange(&node, &get(limits, &larger)).await), 431, "a header of 2 MB");
    let many: String = (0..1000).fold(String::new(), |all, i| all + &format!("x-{i}: y\r\n"));
    assert_eq!(status(&exchange(&node, &get(limits, &many)).await), 431, "1000 headers");

    let answer = exchange(&node, &get(&format!("{limits}?x={}", "x".repeat(40_000)), "")).await;
    assert_eq!(status(&answer), 414, "a target of 40,000 characters");
    assert!(answer.contains("APIGW.0201"), "{answer}");
    let answer = exchange(&node, &get(&format!("{limits}?x={}", "x".repeat(70_000)), "")).await;
    assert_eq!(status(&answer), 414, "a target of 70,000 characters");

    for (what, request) in [
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec()),
        ("a NUL in the target", get("/v2/\0", "")),
        ("a NUL in a header", get(limits, "x-language: a\0b\r\n")),
        ("no version", b"GET /\r\n\r\n".to_vec()),
        ("a folded header", get(limits, "x-a: b\r\n c\r\n")),
        ("two lengths", get(limits, "content-length: 1\r\ncontent-length: 2\r\n")),
        ("a negative length", get(limits, "content-length: -1\r\n")),
        ("a length beyond 64 bits", get(limits, "content-length: 99999999999999999999\r\n")),
    ] {
        let answer = exchange(&node, &request).await;
        assert!(answer.is_empty() || status(&answer) == 400, "{what}: {answer}");
    }
    assert_eq!(node.get(&ALICE, limits).await.0, 200, "others are served");
    assert!(node.stop().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_without_a_length_has_the_same_limit() {
    let home = Home::new().await;
    let node = home.serve().await;
    let mut body = login(&ALICE, PASSWORD);
    body["padding"] = "x".repeat(13 << 20).into();
    for (path, words) in [("/v3/auth/tokens", "413"), ("/v2/servicerequest/nothing", "404")] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        let mut request = head.into_bytes();
        for piece in body.to_string().as_bytes().chunks(1 << 20) {
            request.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            request.extend_from_slice(piece);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"0\r\n\r\n");
        let answer = exchange(&node, &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {words}")), "{path}: {answer}");
    }
    assert!(node.stop().await);
}
