//! The guard of outgoing connections, and the HTTP client behind it, against listeners on this machine.

use counterfoil::config;
use counterfoil::outgoing::rules::Inside;
use counterfoil::outgoing::{Failure, Outgoing};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;

fn guard(allow: &[&str]) -> Outgoing {
    let allow = allow.iter().map(|entry| (*entry).to_owned()).collect();
    Outgoing::new(&config::Outgoing { allow, ..config::Outgoing::default() }).unwrap()
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

/// A listener that gives every connection the same answer, and how many it has had.
async fn answering(answer: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                if answer.is_empty() {
                    // Silence until the other side gives up.
                    let _ = stream.read(&mut request).await;
                }
            });
        }
    });
    (address, count)
}

fn get(url: &str) -> http::Request<bytes::Bytes> {
    http::Request::get(url).body(bytes::Bytes::new()).unwrap()
}

#[tokio::test]
async fn this_machine_is_refused_in_every_notation_unless_it_is_allowed() {
    let (address, count) = answering("hello").await;
    let port = address.port();
    for host in ["127.0.0.1", "127.1", "0x7f000001", "017700000001", "[::ffff:127.0.0.1]", "localhost", "LOCALHOST."] {
        let refused = guard(&[]).connect(host, port, soon()).await.unwrap_err();
        assert!(matches!(refused, Failure::Refused { inside: Inside::Loopback, .. }), "{host}: {refused}");
        let url = format!("http://{}:{port}/", host.trim_end_matches('.'));
        let refused = guard(&[]).send(get(&url), soon(), 100).await.unwrap_err();
        assert!(matches!(refused, Failure::Refused { inside: Inside::Loopback, .. }), "{url}: {refused}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0, "nobody connected");
    let by_network = guard(&["127.0.0.0/8"]);
    for host in ["127.0.0.1", "127.1", "[::ffff:127.0.0.1]", "localhost"] {
        let mut stream = by_network.connect(host, port, soon()).await.unwrap();
        stream.write_all(b"?").await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "hello");
    }
    let by_name = guard(&["localhost"]);
    by_name.connect("localhost", port, soon()).await.unwrap();
    assert!(matches!(by_name.connect("127.0.0.1", port, soon()).await, Err(Failure::Refused { .. })));
}

#[tokio::test]
async fn only_checked_addresses_are_handed_out() {
    let addresses = guard(&["127.0.0.1"]).resolve("localhost", 443, soon()).await.unwrap();
    assert_eq!(addresses, ["127.0.0.1:443".parse().unwrap()], "not ::1, which is not allowed");
    for host in ["", "a b", "a/b", "256.1.1.1", "user@host", "fe80::1%lo"] {
        let failure = guard(&[]).resolve(host, 80, soon()).await.unwrap_err();
        assert!(matches!(failure, Failure::BadHost(_)), "{host:?}: {failure}");
    }
    let failure = guard(&[]).resolve("no-such-name.invalid", 80, soon()).await.unwrap_err();
    assert!(matches!(failure, Failure::NoSuchName(_)), "{failure}");
    let failure = guard(&[]).connect("169.254.169.254", 80, soon()).await.unwrap_err();
    assert!(matches!(failure, Failure::Refused { inside: Inside::Metadata, .. }), "{failure}");
}

#[tokio::test]
async fn nobody_there_and_no_time_left_are_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let guard = guard(&["127.0.0.1"]);
    let failure = guard.connect("127.0.0.1", closed.port(), soon()).await.unwrap_err();
    assert!(matches!(failure, Failure::Unreachable { .. }), "{failure}");
    let failure = guard.send(get(&format!("http://{closed}/")), soon(), 100).await.unwrap_err();
    assert!(matches!(failure, Failure::Unreachable { .. }), "{failure}");
    let (silent, _) = answering("").await;
    let deadline = Instant::now() + Duration::from_millis(100);
    let failure = guard.send(get(&format!("http://{silent}/")), deadline, 100).await.unwrap_err();
    assert!(matches!(failure, Failure::Deadline), "{failure}");
    let (other, _) = answering("SSH-2.0-OpenSSH_9.2\r\n").await;
    let failure = guard.send(get(&format!("http://{other}/")), soon(), 100).await.unwrap_err();
    assert!(matches!(failure, Failure::Http(_)), "{failure}");
}

#[tokio::test]
async fn redirects_are_told_and_not_followed() {
    let (address, count) =
        answering("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n").await;
    let answer = guard(&["127.0.0.1"]).send(get(&format!("http://{address}/")), soon(), 100).await.unwrap();
    assert_eq!(answer.status, 302);
    assert_eq!(answer.headers["location"], "http://169.254.169.254/latest");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_body_is_read_up_to_its_bound() {
    let (address, _) = answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789").await;
    let url = format!("http://{address}/");
    let guard = guard(&["127.0.0.1"]);
    let whole = guard.send(get(&url), soon(), 10).await.unwrap();
    assert_eq!((&whole.body[..], whole.is_cut), (&b"0123456789"[..], false));
    let cut = guard.send(get(&url), soon(), 9).await.unwrap();
    assert_eq!((&cut.body[..], cut.is_cut), (&b"012345678"[..], true));
}

#[tokio::test]
async fn settings_that_cannot_be_meant_are_named() {
    let settings =
        |allow: &str, ca_file: &str| config::Outgoing { allow: vec![allow.to_owned()], ca_file: ca_file.into() };
    let wrong = Outgoing::new(&settings("10.0.0.0/40", "")).unwrap_err();
    assert!(wrong.contains("outgoing.allow") && wrong.contains("10.0.0.0/40"), "{wrong}");
    let wrong = Outgoing::new(&settings("10.0.0.0/8", "/nowhere/ca.pem")).unwrap_err();
    assert!(wrong.contains("outgoing.ca_file") && wrong.contains("/nowhere/ca.pem"), "{wrong}");
    let empty = tempfile::NamedTempFile::new().unwrap();
    let wrong = Outgoing::new(&settings("10.0.0.0/8", empty.path().to_str().unwrap())).unwrap_err();
    assert!(wrong.contains("no certificate"), "{wrong}");
}
