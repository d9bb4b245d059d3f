//! Mail over SMTP.

use super::{Server, dead_port, hang, line, say};
use crate::support::TestApp;
use crate::support::people::BOB;
use counterfoil::config::{MailTls, MailTransport};
use counterfoil::error::Result;
use counterfoil::mail::{self, Mail};
use counterfoil_store::Tx;
use counterfoil_store::jobs::MAX_ATTEMPTS;
use counterfoil_wire::time::Micros;
use std::time::{Duration, Instant};
use tokio::io::BufReader;
use tokio::net::TcpStream;

const TO: &str = "bob@elsewhere.example";

/// A server whose mail goes to a port of this machine.
async fn posting_to(port: u16) -> TestApp {
    TestApp::start_with(|config| {
        config.mail.transport = MailTransport::Smtp;
        "Support <support@tickets.example>".clone_into(&mut config.mail.from);
        "127.0.0.1".clone_into(&mut config.mail.host);
        config.mail.port = port;
        config.mail.tls = MailTls::None;
        config.mail.timeout_seconds = 1;
    })
    .await
}

impl TestApp {
    /// Queues a mail.
    async fn post_mail(&self, not_after: Option<Micros>) {
        let (app, account, now) = (self.app.clone(), self.account_id(&BOB).await, self.app.clock.now());
        let unit = async move |tx: &mut Tx| -> Result<()> {
            let letter =
                Mail { to: TO, subject: "进展", text: "The secret is 4711.\n.\nEnd", html: Some("<p>4711</p>") };
            mail::enqueue(tx, &app, &account, &letter, not_after, now).await
        };
        self.app.store.write(unit).await.unwrap();
    }
}

/// Greets and goes through a mail; `refuse` is the command that gets its own answer.
async fn play(mut stream: BufReader<TcpStream>, refuse: &str, answer: &str) -> String {
    let mut seen = String::new();
    say(&mut stream, "220 mail.example ESMTP\r\n").await;
    loop {
        let command = line(&mut stream).await;
        seen.push_str(&command);
        let verb = command.split([' ', ':', '\r']).next().unwrap_or_default().to_ascii_uppercase();
        if verb.is_empty() {
            return seen;
        }
        if verb == refuse {
            if answer.is_empty() {
                return seen;
            }
            say(&mut stream, answer).await;
            continue;
        }
        match verb.as_str() {
            "EHLO" => say(&mut stream, "250-mail.example\r\n250 8BITMIME\r\n").await,
            "DATA" => {
                say(&mut stream, "354 go on\r\n").await;
                loop {
                    let text = line(&mut stream).await;
                    if text == ".\r\n" || text.is_empty() {
                        break;
                    }
                    seen.push_str(&text);
                    if refuse == "MIDDLE" {
                        return seen;
                    }
                }
                say(&mut stream, if refuse == "END" { answer } else { "250 taken\r\n" }).await;
            }
            "QUIT" => {
                say(&mut stream, "221 bye\r\n").await;
                return seen;
            }
            _ => say(&mut stream, "250 ok\r\n").await,
        }
    }
}

#[tokio::test]
async fn a_mail_arrives_whole() {
    let server = Server::start(|stream, _| play(stream, "", "")).await;
    let test = posting_to(server.port).await;
    test.post_mail(None).await;
    assert!(!test.database_holds("secret is 4711").await && !test.database_holds("elsewhere.example").await);
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
    let seen = server.seen().join("");
    for part in [
        "MAIL FROM:<support@tickets.example>",
        "RCPT TO:<bob@elsewhere.example>",
        "Date: Mon, 05 Jan 2026 09:30:15 +0000",
        "@tickets.example>\r\n",
        "The secret is 4711.\r\n..\r\nEnd",
        "<p>4711</p>",
    ] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
}

#[tokio::test]
async fn a_refused_receiver_is_a_dead_letter_at_once() {
    let server = Server::start(|stream, _| play(stream, "RCPT", "550 5.1.1 <bob@elsewhere.example> unknown\r\n")).await;
    let test = posting_to(server.port).await;
    test.post_mail(None).await;
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.delivery().await, ("dead".to_owned(), 1, "the mail server answered 550".to_owned()));
    assert!(!test.database_holds("elsewhere.example").await, "the server's words are not kept: they name the receiver");
}

#[tokio::test]
async fn what_may_get_better_is_tried_again_with_the_same_id() {
    let server = Server::start(|stream, number| async move {
        match number {
            0 => play(stream, "RCPT", "451 greylisted\r\n").await,
            1 => play(stream, "MIDDLE", "").await,
            2 => play(stream, "END", "452 full\r\n").await,
            3 => play(stream, "MAIL", "").await,
            _ => play(stream, "", "").await,
        }
    })
    .await;
    let test = posting_to(server.port).await;
    test.post_mail(None).await;
    let mut errors = Vec::new();
    for attempt in 1..=4 {
        assert_eq!(test.run_due().await, 1);
        let (state, attempts, error) = test.delivery().await;
        assert_eq!((state.as_str(), attempts), ("outgoing", attempt));
        errors.push(error);
        assert_eq!(test.run_due().await, 0, "not before the pause is over");
        test.advance_seconds(5 << (attempt - 1));
    }
    assert_eq!(
        errors,
        [
            "the mail server answered 451",
            "the mail server went away, or answered with something that is no SMTP",
            "the mail server answered 452",
            "the mail server went away, or answered with something that is no SMTP",
        ]
    );
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
    let ids: Vec<String> = server
        .seen()
        .iter()
        .filter_map(|seen| seen.lines().find(|line| line.starts_with("Message-ID:")).map(str::to_owned))
        .collect();
    assert!(ids.len() >= 2 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn a_server_that_is_away_for_the_whole_schedule_leaves_a_dead_letter() {
    let test = posting_to(dead_port().await).await;
    test.post_mail(None).await;
    assert_eq!(test.exhaust().await, MAX_ATTEMPTS);
    let (state, attempts, error) = test.delivery().await;
    assert_eq!((state.as_str(), attempts), ("dead", MAX_ATTEMPTS));
    assert_eq!(error, "there is no connection to the mail server, or it broke");
    let payload: String = test.rows("SELECT payload FROM jobs").await[0].get(0).unwrap();
    assert!(payload.starts_with("{\"sealed\":\""), "it can be sent again: {payload}");
}

#[tokio::test]
async fn a_server_that_hangs_keeps_nobody_waiting() {
    let server = Server::start(|mut stream, _| async move {
        hang(&mut stream).await;
        String::new()
    })
    .await;
    let test = posting_to(server.port).await;
    for _ in 0..5 {
        test.post_mail(None).await;
    }
    let started = Instant::now();
    assert_eq!(test.run_due().await, 5);
    // Each hangs for a second or two; one after the other they would take five at least.
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    let rows = test.rows("SELECT state, last_error FROM jobs").await;
    for row in rows {
        assert_eq!(row.get::<String>(0).unwrap(), "outgoing");
        assert_eq!(row.get::<String>(1).unwrap(), "the mail server did not answer in time");
    }
}

#[tokio::test]
async fn jobs_in_the_database_go_on_while_a_mail_hangs() {
    let server = Server::start(|mut stream, _| async move {
        hang(&mut stream).await;
        String::new()
    })
    .await;
    let test = TestApp::start_with(|config| {
        config.mail.transport = MailTransport::Smtp;
        "127.0.0.1".clone_into(&mut config.mail.host);
        config.mail.port = server.port;
        config.mail.tls = MailTls::None;
        config.mail.timeout_seconds = 20;
    })
    .await;
    let id = test.case_in(2).await;
    for _ in 0..40 {
        test.post_mail(None).await;
    }
    let worker = tokio::spawn(counterfoil::jobs::run(test.app.clone()));
    test.advance_seconds(7 * 24 * 3600);
    let started = Instant::now();
    while test.status(&id).await != 3 {
        assert!(started.elapsed() < Duration::from_secs(10), "the case is not closed while mails hang");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    worker.abort();
}

#[tokio::test]
async fn what_comes_too_late_is_not_sent_and_its_content_is_erased() {
    let test = posting_to(dead_port().await).await;
    test.post_mail(Some(test.app.clock.now().plus_seconds(300))).await;
    assert_eq!(test.run_due().await, 1);
    test.advance_seconds(299);
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.delivery().await.0, "outgoing");
    test.advance_seconds(10);
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.delivery().await, ("dead".to_owned(), 3, "it came too late to be of any use".to_owned()));
    let payload: String = test.rows("SELECT payload FROM jobs").await[0].get(0).unwrap();
    assert_eq!(payload, "{}");
}

#[tokio::test]
async fn a_mail_of_a_unit_that_fails_is_never_sent() {
    let server = Server::start(|stream, _| play(stream, "", "")).await;
    let test = posting_to(server.port).await;
    let (app, account, now) = (test.app.clone(), test.account_id(&BOB).await, test.app.clock.now());
    let unit = async move |tx: &mut Tx| -> Result<()> {
        let letter = Mail { to: TO, subject: "x", text: "x", html: None };
        mail::enqueue(tx, &app, &account, &letter, None, now).await?;
        Err(counterfoil::error::Error::new(counterfoil::error::Code::Param))
    };
    assert!(test.app.store.write(unit).await.is_err());
    assert_eq!(test.run_due().await, 0);
    assert_eq!(server.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn no_password_goes_to_a_server_without_tls() {
    let server = Server::start(|stream, _| play(stream, "", "")).await;
    let test = TestApp::start_with(|config| {
        config.mail.transport = MailTransport::Smtp;
        "127.0.0.1".clone_into(&mut config.mail.host);
        config.mail.port = server.port;
        config.mail.tls = MailTls::StartTls;
        config.mail.login = "support".to_owned();
        config.mail.password = Some("swordfish".into());
        config.mail.timeout_seconds = 1;
    })
    .await;
    test.post_mail(None).await;
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.delivery().await.0, "outgoing");
    let seen = server.seen().join("");
    assert!(seen.starts_with("EHLO ") && !seen.contains("AUTH") && !seen.contains("MAIL FROM"), "{seen}");
}
