//! Every check against listeners that behave, misbehave, hang and hang up.

use super::listeners::{Authority, Manner, closed, http, listen, listen_tls, self_signed};
use super::{of, start, start_with};
use crate::support::TestApp;
use crate::support::people::ALICE;
use serde_json::{Value, json};

/// The date of the test's clock.
const TODAY: &str = "Mon, 05 Jan 2026 09:30:15 GMT";

fn host(address: &str, ports: &Value) -> Value {
    json!({"name": format!("host {address} {ports}").chars().take(64).collect::<String>(),
        "kind": "host", "address": address, "ports": ports})
}

async fn port(test: &TestApp, protocol: &str, port: u16) -> Vec<(String, i64, String)> {
    test.look(&ALICE, 1, &host("127.0.0.1", &json!([{"port": port, "protocol": protocol}]))).await
}

#[tokio::test]
async fn a_host_on_which_all_is_well() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, &authority.pem).unwrap();
    let test = start_with(|config| config.outgoing.ca_file = file).await;
    let identity = authority.issue(&["localhost"], (2025, 12, 1), (2026, 3, 1));
    let ports = json!([
        {"port": listen(Manner::Says(b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec())).await, "protocol": "ssh"},
        {"port": listen(Manner::Answers(vec![3, 0, 0, 11, 6, 0xd0, 0, 0, 0x12, 0x34, 0])).await, "protocol": "rdp"},
        {"port": listen_tls(identity, Manner::Answers(http("200 OK", TODAY))).await, "protocol": "https"},
        {"port": listen(Manner::Answers(http("302 Found", TODAY))).await, "protocol": "http"},
        {"port": listen(Manner::Silent).await, "protocol": "tcp"},
    ]);
    let items = test.look(&ALICE, 1, &host("localhost", &ports)).await;
    let expected = [
        "name_resolves",
        "address_answers",
        "ports_open",
        "ssh_greets",
        "rdp_greets",
        "tls_validity",
        "tls_name",
        "tls_trust",
        "http_status",
        "clock_difference",
    ];
    assert_eq!(items.iter().map(|(id, ..)| id.as_str()).collect::<Vec<_>>(), expected);
    for (id, level, response) in &items {
        assert_eq!(*level, 3, "{id}: {response}");
    }
    assert_eq!(of(&items, "name_resolves").1, "localhost = 127.0.0.1");
    assert!(of(&items, "ssh_greets").1.ends_with(": SSH-2.0-OpenSSH_9.2p1"));
    assert!(of(&items, "tls_validity").1.ends_with("to 2026-03-01T00:00:00Z, days left: 54"));
    assert!(of(&items, "tls_trust").1.contains("TLSv1_3"));
    assert!(of(&items, "http_status").1.contains("HTTP/1.1 200 OK") && of(&items, "http_status").1.contains("302"));
}

#[tokio::test]
async fn ports_that_are_closed() {
    let test = start().await;
    let items = port(&test, "ssh", closed().await).await;
    assert_eq!(of(&items, "address_answers").0, 3, "a refusal is an answer");
    assert_eq!(of(&items, "ports_open").0, 4);
    assert!(of(&items, "ports_open").1.ends_with(": refused"));
    assert_eq!(of(&items, "ssh_greets").0, 0, "it could not be asked");
    assert_eq!(of(&items, "name_resolves"), (0, "127.0.0.1"));
}

#[tokio::test]
async fn services_that_hang_or_hang_up() {
    let test = start_with(|config| {
        config.diagnosis.step_ms = 400;
        config.diagnosis.per_hour = 100;
    })
    .await;
    let checks = [("ssh", "ssh_greets"), ("rdp", "rdp_greets"), ("http", "http_status"), ("https", "tls_validity")];
    for (protocol, check) in checks {
        let items = port(&test, protocol, listen(Manner::Silent).await).await;
        assert_eq!(of(&items, "ports_open").0, 3);
        let (level, response) = of(&items, check);
        assert!(level == 4 && response.ends_with(": no answer"), "{protocol}: {level} {response}");
        let items = port(&test, protocol, listen(Manner::HangsUp).await).await;
        let (level, response) = of(&items, check);
        assert!(level == 4 && response.ends_with(": the connection was closed"), "{protocol}: {level} {response}");
    }
}

#[tokio::test]
async fn services_that_speak_something_else() {
    let test = start().await;
    let nonsense = || Manner::Answers(b"220 mail.example ESMTP\r\n".to_vec());
    let checks = [("ssh", "ssh_greets"), ("rdp", "rdp_greets"), ("http", "http_status"), ("https", "tls_validity")];
    for (protocol, check) in checks {
        let manner = if protocol == "ssh" { Manner::Says(b"220 mail.example ESMTP\r\n".to_vec()) } else { nonsense() };
        let items = port(&test, protocol, listen(manner).await).await;
        let (level, response) = of(&items, check);
        assert_eq!(level, 4, "{protocol}: {response}");
        assert!(protocol == "https" || response.contains("220 mail.example"), "{protocol}: {response}");
    }
    let items = port(&test, "ssh", listen(Manner::Says(b"SSH-1.5-old\r\n".to_vec())).await).await;
    assert_eq!(of(&items, "ssh_greets").0, 4);
}

#[tokio::test]
async fn certificates_that_somebody_should_look_at() {
    let test = start().await;
    let answer = || Manner::Answers(http("200 OK", TODAY));
    for (name, from, to, validity, right_name) in [
        ("localhost", (2025, 1, 1), (2026, 1, 4), 4, 3),
        ("localhost", (2025, 1, 1), (2026, 1, 12), 4, 3),
        ("localhost", (2026, 1, 6), (2027, 1, 1), 4, 3),
        ("elsewhere.example", (2025, 1, 1), (2027, 1, 1), 3, 4),
    ] {
        let port = listen_tls(self_signed(&[name], from, to), answer()).await;
        let items = test.look(&ALICE, 1, &host("localhost", &json!([{"port": port, "protocol": "https"}]))).await;
        assert_eq!(of(&items, "tls_validity").0, validity, "{from:?} {to:?} {}", of(&items, "tls_validity").1);
        assert_eq!(of(&items, "tls_name").0, right_name, "{}", of(&items, "tls_name").1);
        let (level, response) = of(&items, "tls_trust");
        assert!(level == 4, "nobody vouches for it: {response}");
        assert_eq!(of(&items, "http_status").0, 3, "the website is looked at all the same");
    }
}

#[tokio::test]
async fn websites_that_are_broken() {
    let test = start_with(|config| config.diagnosis.per_hour = 100).await;
    for (status, date, expected) in [
        ("404 Not Found", TODAY, (4, 3)),
        ("503 Service Unavailable", TODAY, (4, 3)),
        ("401 Unauthorized", TODAY, (3, 3)),
        ("200 OK", "Mon, 05 Jan 2026 09:32:15 GMT", (3, 4)),
        ("200 OK", "", (3, 0)),
    ] {
        let port = listen(Manner::Answers(http(status, date))).await;
        let site = json!({"name": format!("site {port}"), "kind": "website", "address": format!("http://127.0.0.1:{port}/health?x=1")});
        let items = test.look(&ALICE, 4, &site).await;
        assert_eq!((of(&items, "http_status").0, of(&items, "clock_difference").0), expected, "{status} {date}");
    }
}

#[tokio::test]
async fn databases_that_answer_or_complain() {
    let test = start_with(|config| config.diagnosis.per_hour = 100).await;
    let error = |state: &str| {
        let fields = format!("SFATAL\0C{state}\0Mno\0\0");
        let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
        [b"E", &length[..], fields.as_bytes()].concat()
    };
    let packet = |payload: &[u8]| [&[u8::try_from(payload.len()).unwrap(), 0, 0, 0], payload].concat();
    let many = b"\xff\x10\x04Too many connections";
    for (kind, manner, level, seen) in [
        ("postgres", Manner::Answers(vec![b'R', 0, 0, 0, 8, 0, 0, 0, 3]), 3, "method 3"),
        ("postgres", Manner::Answers(error("28000")), 3, "28000 no"),
        ("postgres", Manner::Answers(error("57P03")), 4, "57P03 no"),
        ("postgres", Manner::Says(b"SSH-2.0-x\r\n".to_vec()), 4, "SSH-2.0-x\\x0d\\x0a"),
        ("mysql", Manner::Says(packet(b"\x0a8.0.36\0\x01\0\0\0abcdefgh\0\xff\xf7")), 3, "8.0.36"),
        ("mysql", Manner::Says(packet(many)), 4, "1040 Too many connections"),
        ("mysql", Manner::HangsUp, 4, "the connection was closed"),
    ] {
        let port = listen(manner).await;
        let resource =
            json!({"name": format!("db {port}"), "kind": kind, "address": "127.0.0.1", "ports": [{"port": port}]});
        let items = test.look(&ALICE, 2, &resource).await;
        assert_eq!(items.len(), 4, "{items:?}");
        let found = of(&items, &format!("{kind}_greets"));
        assert!(found.0 == level && found.1.ends_with(seen), "{kind} {seen}: {found:?}");
    }
}

/// A real server, in the run on PostgreSQL.
#[tokio::test]
async fn the_databases_own_server() {
    let test = start().await;
    let counterfoil_store::Url::Postgres(url) = test.app.config.database_url() else { return };
    let config: tokio_postgres::Config = url.parse().unwrap();
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let resource = json!({"name": "own", "kind": "postgres", "address": "127.0.0.1", "ports": [{"port": port}]});
    let items = test.look(&ALICE, 2, &resource).await;
    for (id, level, response) in &items {
        assert!(*level == 3 || id == "name_resolves", "{id}: {level} {response}");
    }
}

#[tokio::test]
async fn names_that_lead_nowhere_or_elsewhere() {
    let test = start().await;
    let port = listen(Manner::Silent).await;
    let ports = json!([{"port": port, "protocol": "tcp"}]);
    let items = test.look(&ALICE, 1, &host("no-such-name.invalid", &ports)).await;
    assert_eq!(of(&items, "name_resolves").0, 4);
    assert_eq!((of(&items, "address_answers").0, of(&items, "ports_open").0), (0, 0));
    let elsewhere =
        json!({"name": "elsewhere", "kind": "host", "address": "192.0.2.1", "ports": ports, "names": ["localhost"]});
    let items = test.look(&ALICE, 1, &elsewhere).await;
    assert_eq!(of(&items, "name_resolves"), (4, "localhost = 127.0.0.1"));
}

#[tokio::test]
async fn what_the_operator_does_not_allow_is_not_connected_to() {
    let test = TestApp::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let items = test.look(&ALICE, 1, &host("localhost", &json!([{"port": port, "protocol": "ssh"}]))).await;
    assert!(items.iter().all(|(_, level, _)| *level == 0), "{items:?}");
    assert!(of(&items, "ports_open").1.ends_with(": not allowed"));
    let job = test.job(&ALICE, "1").await;
    assert_eq!((&job["status"], &job["items_result"][0]["status"]), (&json!(7), &json!(7)));
    let nobody = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await;
    assert!(nobody.is_err(), "somebody connected");
}
