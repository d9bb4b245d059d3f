//! `CheckHosts`: against a real OpenSSH server, against an SSH server in this process for what OpenSSH cannot be brought to
//! do here, and against listeners that speak RDP's and VNC's first words, or anything else.

use super::confirm_authorizations::ED25519;
use super::sshd::{self, Sshd};
use super::{AUTHORIZATIONS, NOTHING};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY, PASSWORD};
use crate::support::{Answer, Person, TestApp};
use counterfoil::config::Config;
use russh::keys::{Algorithm, PrivateKey, decode_secret_key};
use russh::server::{self, Auth};
use russh::{MethodKind, MethodSet};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What an RDP server confirms with.
const RDP_CONFIRM: [u8; 19] = [3, 0, 0, 19, 14, 0xD0, 0, 0, 0x12, 0x34, 0, 2, 0x1F, 8, 0, 2, 0, 0, 0];

/// A server that may try this machine, quickly and often.
async fn open_app() -> TestApp {
    TestApp::start_with(|config: &mut Config| {
        config.outgoing.allow = vec!["127.0.0.1".to_owned()];
        config.authorizations.checks_per_minute = 1000;
        config.authorizations.check_seconds = 20;
    })
    .await
}

/// A request for one host; its resource line.
async fn line(test: &TestApp, access: &str, address: &str, port: u16) -> i64 {
    let case = test.case_in(1).await;
    let body = json!({"access_type": access, "description": "x", "hosts": [{"address": address, "port": port}]});
    let id = test.request_access(&case, &body).await.ok()["authorization_id"].clone();
    test.lines(id.as_str().unwrap()).await[0]
}

async fn check_as(test: &TestApp, by: &Person, line: i64, body: &Value) -> Answer {
    let target = format!("{AUTHORIZATIONS}/authorization-details/{line}/verify-host");
    test.post(&target).json(body).by(by).english().send().await
}

async fn check(test: &TestApp, line: i64, port: u16, account: &str, password: &str) -> Answer {
    check_as(test, &BOB, line, &json!({"port": port, "account": account, "password": password})).await
}

/// How the last trial went, as the event says.
async fn last_outcome(test: &TestApp) -> Value {
    let sql = "SELECT payload FROM events WHERE kind = 'authorization.host_checked' ORDER BY event_no DESC LIMIT 1";
    let payload: String = test.rows(sql).await[0].get(0).unwrap();
    serde_json::from_str(&payload).unwrap()
}

/// A listener that does something with each connection; its port.
async fn listen<F, Fut>(work: F) -> u16
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(work(stream));
        }
    });
    port
}

/// A listener that says something to everybody and waits for them to go.
async fn sayer(words: &'static [u8]) -> u16 {
    listen(async move |mut stream: TcpStream| {
        stream.write_all(words).await.ok();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.ok();
    })
    .await
}

#[tokio::test]
async fn openssh_takes_private_keys_of_every_kind() {
    let (test, sshd) = (open_app().await, Sshd::start("").await);
    let line = line(&test, "ssh_key", "127.0.0.1", sshd.port).await;
    for args in [
        &["-t", "ed25519"][..],
        &["-t", "ecdsa", "-b", "256"],
        &["-t", "ecdsa", "-b", "384", "-m", "PEM"],
        &["-t", "ecdsa", "-b", "521", "-m", "PKCS8"],
        // Longer ones do not fit into what the reference allows.
        &["-t", "rsa", "-b", "1024", "-m", "PEM"],
    ] {
        let key = sshd.new_key(args).await;
        check(&test, line, sshd.port, &sshd.me, &key).await.ok();
        assert_eq!(last_outcome(&test).await["outcome"], "good", "{args:?}");
    }
    assert_eq!(last_outcome(&test).await["host_key"], json!(sshd.fingerprint().await));
    assert_eq!(sshd.logged("Accepted publickey").await, 5);
    let strange = check(&test, line, sshd.port, &sshd.me, ED25519).await;
    assert_refused(&strange, 400, "OSM.01010003", "Account and password not matched");
    assert_eq!(last_outcome(&test).await["outcome"], "wrong_login");
    let nobody = check(&test, line, sshd.port, "nobody-here", ED25519).await;
    assert_refused(&nobody, 400, "OSM.01010003", "");
    assert_eq!(sshd.logged("Invalid user nobody-here").await, 1);
    let broken = check(&test, line, sshd.port, &sshd.me, "not a key").await;
    assert_refused(&broken, 400, "OSM.01010001", "password: a private key without a passphrase");
}

#[tokio::test]
async fn openssh_takes_the_right_password_and_no_other_in_one_attempt() {
    let (test, sshd) = (open_app().await, Sshd::start("").await);
    let line = line(&test, "ssh_password", "127.0.0.1", sshd.port).await;
    let wrong = check(&test, line, sshd.port, sshd::USER, "wrong").await;
    assert_refused(&wrong, 400, "OSM.01010003", "Account and password not matched");
    let zh = json!({"port": sshd.port, "account": sshd::USER, "password": "wrong"});
    let target = format!("{AUTHORIZATIONS}/authorization-details/{line}/verify-host");
    assert_refused(&test.post(&target).json(&zh).by(&BOB).send().await, 400, "OSM.01010003", "帐号和密码不匹配");
    assert_eq!(sshd.logged("Failed password").await, 2, "one attempt each");
    if !sshd.knows_passwords {
        eprintln!(
            "OpenSSH was not asked for a right password: only root, with mounts of its own, can make a user for it"
        );
        return;
    }
    check(&test, line, sshd.port, sshd::USER, sshd::password()).await.ok();
    assert_eq!(sshd.logged("Accepted password").await, 1);
}

#[tokio::test]
async fn openssh_offers_sftp_or_not() {
    let test = open_app().await;
    for (settings, status) in [("Subsystem sftp internal-sftp", 200), ("", 424)] {
        let sshd = Sshd::start(settings).await;
        if !sshd.knows_passwords {
            eprintln!("OpenSSH's SFTP was not tried: only root, with mounts of its own, can make a user for it");
            return;
        }
        let line = line(&test, "sftp", "127.0.0.1", sshd.port).await;
        let answer = check(&test, line, sshd.port, sshd::USER, sshd::password()).await;
        assert_eq!(answer.status, status, "{settings}: {}", answer.json);
    }
}

#[tokio::test]
async fn an_openssh_that_takes_no_passwords_says_so() {
    let (test, sshd) = (open_app().await, Sshd::start("PasswordAuthentication no").await);
    let line = line(&test, "ssh_password", "127.0.0.1", sshd.port).await;
    let answer = check(&test, line, sshd.port, &sshd.me, "x").await;
    assert_refused(&answer, 400, "OSM.01010003", "does not take logins of this kind");
    assert_eq!(last_outcome(&test).await["outcome"], "method_refused");
}

/// An SSH server in this process.
struct SshServer {
    port: u16,
    key: Arc<Mutex<PrivateKey>>,
    asked: Arc<AtomicUsize>,
}

/// What it does with logins.
#[derive(Clone)]
struct Door {
    asked: Arc<AtomicUsize>,
    asks_more: bool,
    has_sftp: bool,
}

impl server::Handler for Door {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if (user, password) != ("root", PASSWORD) {
            return Ok(Auth::reject());
        }
        if self.asks_more {
            let proceed_with_methods = Some(MethodSet::from(&[MethodKind::PublicKey][..]));
            return Ok(Auth::Reject { proceed_with_methods, partial_success: true });
        }
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        _: russh::Channel<server::Msg>,
        reply: server::ChannelOpenHandle,
        _: &mut server::Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        channel: russh::ChannelId,
        name: &str,
        session: &mut server::Session,
    ) -> Result<(), Self::Error> {
        if self.has_sftp && name == "sftp" {
            session.channel_success(channel)
        } else {
            session.channel_failure(channel)
        }
    }
}

impl SshServer {
    async fn start(asks_more: bool, has_sftp: bool) -> Self {
        let key = Arc::new(Mutex::new(decode_secret_key(ED25519, None).unwrap()));
        let asked = Arc::new(AtomicUsize::new(0));
        let door = Door { asked: Arc::clone(&asked), asks_more, has_sftp };
        let shown = Arc::clone(&key);
        let port = listen(move |stream| {
            let config = server::Config {
                keys: vec![shown.lock().unwrap().clone()],
                auth_rejection_time: Duration::ZERO,
                ..server::Config::default()
            };
            let door = door.clone();
            async move {
                if let Ok(session) = server::run_stream(Arc::new(config), stream, door).await {
                    session.await.ok();
                }
            }
        })
        .await;
        Self { port, key, asked }
    }
}

#[tokio::test]
async fn a_password_is_tried_once_and_is_right_or_wrong() {
    let (test, host) = (open_app().await, SshServer::start(false, false).await);
    let line = line(&test, "ssh_password", "127.0.0.1", host.port).await;
    check(&test, line, host.port, "root", PASSWORD).await.ok();
    for (account, password) in [("root", "wrong"), ("toor", PASSWORD)] {
        let answer = check(&test, line, host.port, account, password).await;
        assert_refused(&answer, 400, "OSM.01010003", "Account and password not matched");
    }
    assert_eq!(host.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn another_host_key_than_before_gets_nothing() {
    let (test, host) = (open_app().await, SshServer::start(false, false).await);
    let line = line(&test, "ssh_password", "127.0.0.1", host.port).await;
    check(&test, line, host.port, "root", PASSWORD).await.ok();
    *host.key.lock().unwrap() = PrivateKey::random(&mut rand::rng(), Algorithm::Ed25519).unwrap();
    let answer = check(&test, line, host.port, "root", PASSWORD).await;
    assert_refused(&answer, 409, "OSM.01019074", "another key than before");
    assert_eq!(host.asked.load(Ordering::SeqCst), 1, "nothing was sent to it");
    assert_eq!(last_outcome(&test).await["outcome"], "other_host_key");
    // The desk sees the key that was kept.
    let kept = test.rows("SELECT host_key FROM authorization_details WHERE host_key IS NOT NULL").await;
    let fingerprint: String = kept[0].get(0).unwrap();
    assert!(fingerprint.starts_with("SHA256:") && kept.len() == 1, "{kept:?}");
    *host.key.lock().unwrap() = decode_secret_key(ED25519, None).unwrap();
    check(&test, line, host.port, "root", PASSWORD).await.ok();
}

#[tokio::test]
async fn a_wrong_login_keeps_no_host_key() {
    let (test, host) = (open_app().await, SshServer::start(false, false).await);
    let line = line(&test, "ssh_password", "127.0.0.1", host.port).await;
    check(&test, line, host.port, "root", "wrong").await;
    assert_eq!(test.number("SELECT COUNT(*) FROM authorization_details WHERE host_key IS NOT NULL").await, 0);
}

#[tokio::test]
async fn a_second_step_and_missing_sftp_are_told() {
    let test = open_app().await;
    let host = SshServer::start(true, false).await;
    let shell = line(&test, "ssh_password", "127.0.0.1", host.port).await;
    let answer = check(&test, shell, host.port, "root", PASSWORD).await;
    assert_refused(&answer, 424, "OSM.01019073", "asks for a further step");
    for (has_sftp, status) in [(true, 200), (false, 424)] {
        let host = SshServer::start(false, has_sftp).await;
        let files = line(&test, "sftp", "127.0.0.1", host.port).await;
        let answer = check(&test, files, host.port, "root", PASSWORD).await;
        assert_eq!(answer.status, status, "{}", answer.json);
        if !has_sftp {
            assert_refused(&answer, 424, "OSM.01019073", "offers no SFTP");
        }
    }
}

#[tokio::test]
async fn rdp_and_vnc_are_known_by_their_greeting() {
    let test = open_app().await;
    let rdp = listen(async |mut stream: TcpStream| {
        let mut request = [0; 19];
        let is_asked = stream.read_exact(&mut request).await.is_ok() && (request[0], request[5]) == (3, 0xE0);
        stream.write_all(if is_asked { &RDP_CONFIRM } else { b"not a connection request" }).await.ok();
    })
    .await;
    let desktop = line(&test, "rdp", "127.0.0.1", rdp).await;
    check(&test, desktop, rdp, "Administrator", "anything").await.ok();
    let vnc = sayer(b"RFB 003.008\n").await;
    let screen = line(&test, "vnc", "127.0.0.1", vnc).await;
    check(&test, screen, vnc, "-", "anything").await.ok();
    assert_eq!(last_outcome(&test).await["host_key"], Value::Null);
    // The port of the request counts, not the one that the engineer wrote.
    let other = sayer(b"SSH-2.0-OpenSSH_9.2\r\n").await;
    let answer = check(&test, screen, other, "-", "anything").await;
    assert_refused(&answer, 424, "OSM.01019073", "does not speak the expected protocol");
}

#[tokio::test]
async fn other_protocols_and_closing_listeners_are_told() {
    let test = open_app().await;
    let garbage =
        sayer(b"\x00\xff\x13garbage without an end of line and quite long, so that nobody waits for more of it..")
            .await;
    let web = sayer(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await;
    let mail = sayer(b"220 mail.example ESMTP\r\n").await;
    let closing = listen(async |stream: TcpStream| drop(stream)).await;
    for access in ["rdp", "vnc"] {
        for port in [garbage, web, mail, closing] {
            let line = line(&test, access, "127.0.0.1", port).await;
            let answer = check(&test, line, port, "root", "x").await;
            assert_refused(&answer, 424, "OSM.01019073", "");
        }
    }
    let line = line(&test, "ssh_password", "127.0.0.1", closing).await;
    assert_refused(&check(&test, line, closing, "root", "x").await, 424, "OSM.01019073", "closed the connection");
    assert_eq!(last_outcome(&test).await["outcome"], "closed");
}

#[tokio::test]
async fn silence_ends_at_the_deadline_and_so_does_the_connection() {
    let test = TestApp::start_with(|config: &mut Config| {
        config.outgoing.allow = vec!["127.0.0.1".to_owned()];
        config.authorizations.checks_per_minute = 1000;
        config.authorizations.check_seconds = 1;
    })
    .await;
    let (sender, mut closed) = tokio::sync::mpsc::unbounded_channel();
    let silent = listen(move |mut stream: TcpStream| {
        let sender = sender.clone();
        async move {
            let mut all = Vec::new();
            stream.read_to_end(&mut all).await.ok();
            sender.send(all.len()).ok();
        }
    })
    .await;
    // One that greets and then says nothing: the key exchange hangs.
    let (sender, mut hung_up) = tokio::sync::mpsc::unbounded_channel();
    let half = listen(move |mut stream: TcpStream| {
        let sender = sender.clone();
        async move {
            stream.write_all(b"SSH-2.0-silent\r\n").await.ok();
            let mut all = Vec::new();
            stream.read_to_end(&mut all).await.ok();
            sender.send(all.len()).ok();
        }
    })
    .await;
    for (access, port) in [("ssh_password", silent), ("rdp", silent), ("vnc", silent), ("ssh_password", half)] {
        let line = line(&test, access, "127.0.0.1", port).await;
        let started = std::time::Instant::now();
        let answer = check(&test, line, port, "root", "x").await;
        assert_refused(&answer, 424, "OSM.01019072", "did not answer in time");
        let took = started.elapsed();
        assert!(took >= Duration::from_millis(900) && took < Duration::from_secs(10), "{access} {took:?}");
        let other_side = if port == half { &mut hung_up } else { &mut closed };
        let seen = tokio::time::timeout(Duration::from_secs(10), other_side.recv()).await;
        seen.expect("the connection is closed").unwrap();
    }
}

#[tokio::test]
async fn where_nobody_listens_and_where_nobody_may_go() {
    let test = open_app().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for access in ["ssh_password", "rdp", "vnc", "sftp"] {
        let line = line(&test, access, "127.0.0.1", port).await;
        let answer = check(&test, line, port, "root", "x").await;
        assert_refused(&answer, 424, "OSM.01019071", "cannot be reached");
    }
    assert_eq!(last_outcome(&test).await["outcome"], "unreachable");
    let unknown = line(&test, "rdp", "nothing.invalid", 1).await;
    assert_refused(&check(&test, unknown, 1, "root", "x").await, 424, "OSM.01019071", "does not resolve");
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heard);
    let port = listen(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        async {}
    })
    .await;
    let guarded = TestApp::start().await;
    for address in ["127.0.0.1", "localhost", "127.1", "::1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1"] {
        let line = line(&guarded, "vnc", address, port).await;
        let answer = check(&guarded, line, port, "root", "x").await;
        assert_refused(&answer, 403, "OSM.01019075", "not allowed");
    }
    assert_eq!(heard.load(Ordering::SeqCst), 0);
    assert_eq!(last_outcome(&guarded).await["outcome"], "forbidden");
}

#[tokio::test]
async fn whoever_tries_too_often_waits() {
    let test = TestApp::start_with(|config| config.authorizations.checks_per_minute = 3).await;
    let line = line(&test, "vnc", "127.0.0.1", 1).await;
    for _ in 0..3 {
        assert_eq!(check(&test, line, 1, "root", "x").await.status, 403);
    }
    let answer = check(&test, line, 1, "root", "x").await;
    assert_refused(&answer, 429, "OSM.01019006", "Too many requests");
    assert_eq!(answer.header("retry-after"), Some("61"));
    let body = json!({"port": 1, "account": "root", "password": "x"});
    assert_eq!(check_as(&test, &ALICE, line, &body).await.status, 403, "others are not held up");
    test.advance_seconds(60);
    assert_eq!(check(&test, line, 1, "root", "x").await.status, 403);
}

#[tokio::test]
async fn only_before_the_answer_and_only_for_hosts() {
    let test = open_app().await;
    let (_, console) = test.requested("console_credential").await;
    let (_, text) = test.requested("confidential").await;
    let (_, answered) = test.authorized().await;
    for id in [console, text, answered] {
        let line = test.lines(&id).await[0];
        assert_refused(&check(&test, line, 22, "root", "x").await, 409, "OSM.01010018", "");
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'authorization.host_checked'").await, 0);
}

#[tokio::test]
async fn bounds_and_permission() {
    let test = TestApp::start().await;
    let line = line(&test, "ssh_password", "127.0.0.1", 1).await;
    let with = |key: &str, value: Value| {
        let mut body = json!({"port": 1, "account": "root", "password": "x"});
        body[key] = value;
        body
    };
    for (body, field) in [
        (json!({"account": "root", "password": "x"}), "port: it is mandatory"),
        (json!({"port": 1, "password": "x"}), "account: it is mandatory"),
        (json!({"port": 1, "account": "root"}), "password: it is mandatory"),
        (with("port", json!(0)), "port"),
        (with("port", json!(65_536)), "port"),
        (with("account", json!("")), "account"),
        (with("account", json!("x".repeat(65))), "account"),
        (with("account", json!("a\nb")), "account"),
        (with("password", json!("")), "password"),
        (with("password", json!("x".repeat(1025))), "password"),
        (with("password", json!("a\nb")), "password"),
        (with("group_id", json!("x".repeat(65))), "group_id"),
    ] {
        assert_refused(&check_as(&test, &BOB, line, &body).await, 400, "OSM.01010001", field);
    }
    assert_refused(&check_as(&test, &BOB, line, &with("port", json!("22"))).await, 400, "OSM.0001", "port");
    let (friends, good) = (test.group_of_operators().await, with("port", json!(1)));
    let in_group = with("group_id", json!(friends));
    // Whoever may is told that the address is not allowed.
    for (by, body) in [(&BOB, &good), (&ALICE, &good), (&CAROL, &in_group)] {
        assert_eq!(check_as(&test, by, line, body).await.code(), "OSM.01019075", "{}", by.name);
    }
    for (by, body) in [(&CAROL, &good), (&ERIN, &good), (&BOB, &with("group_id", json!(NOTHING)))] {
        assert_refused(&check_as(&test, by, line, body).await, 403, "OSM.01010002", "");
    }
    let (foreign, missing) = (check_as(&test, &MALLORY, line, &good).await, check_as(&test, &MALLORY, 1, &good).await);
    assert_refused(&foreign, 404, "OSM.01019070", "");
    assert_eq!(foreign.bytes, missing.bytes);
    let odd = async |id: &str| {
        let target = format!("{AUTHORIZATIONS}/authorization-details/{id}/verify-host");
        test.post(&target).json(&good).by(&BOB).english().send().await
    };
    assert_refused(&odd("-1").await, 400, "OSM.01010001", "authorization_detail_id");
    assert_refused(&odd("9223372036854775808").await, 400, "OSM.01010001", "authorization_detail_id");
    assert_refused(&odd("x").await, 400, "OSM.0001", "authorization_detail_id");
    assert_refused(&odd("0").await, 404, "OSM.01019070", "");
}

#[tokio::test]
async fn nothing_of_a_trial_is_kept() {
    let (test, host) = (open_app().await, SshServer::start(false, false).await);
    let line = line(&test, "ssh_password", "127.0.0.1", host.port).await;
    check(&test, line, host.port, "root", PASSWORD).await.ok();
    check(&test, line, host.port, "account-plain", "wrong-plain").await;
    for text in [PASSWORD, "account-plain", "wrong-plain"] {
        assert!(!test.database_holds(text).await, "{text}");
    }
    assert_eq!(test.kept_logins().await, 0);
}
