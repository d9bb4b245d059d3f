//! SMS over a provider's HTTP interface.

use super::{Server, dead_port, hang, line, say};
use crate::support::TestApp;
use crate::support::people::BOB;
use counterfoil::config::{self, SmsTransport};
use counterfoil::error::Result;
use counterfoil::sms::{self, Sms};
use counterfoil_store::Tx;
use counterfoil_store::jobs::MAX_ATTEMPTS;
use counterfoil_wire::lang::Lang;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, BufReader};
use tokio::net::TcpStream;

/// A text that would end a JSON string, a tag or a header.
const TEXT: &str = "码 \"q4711z\"}\r\nX: <y>&{{code}}\\";

/// A server whose SMS go to a port of this machine.
async fn texting_to(port: u16, change: impl FnOnce(&mut config::Sms)) -> TestApp {
    TestApp::start_with(|config| {
        config.outgoing.allow = vec!["127.0.0.1".to_owned()];
        config.sms.transport = SmsTransport::Http;
        config.sms.url = format!("http://127.0.0.1:{port}/send?to={{{{phone}}}}");
        "{\"text\":\"{{text}}\",\"code\":\"{{code}}\",\"id\":\"{{message_id}}\",\"template\":\"{{template}}\"}"
            .clone_into(&mut config.sms.body);
        config.sms.headers.insert("Authorization".to_owned(), "Bearer swordfish".into());
        config.sms.templates.insert("verify_code".to_owned(), "SMS_001".to_owned());
        config.sms.timeout_seconds = 1;
        change(&mut config.sms);
    })
    .await
}

impl TestApp {
    /// Queues an SMS.
    async fn post_sms(&self) {
        let (app, account, now) = (self.app.clone(), self.account_id(&BOB).await, self.app.clock.now());
        let unit = async move |tx: &mut Tx| -> Result<()> {
            let message = Sms {
                area_code: "86",
                number: "13800138000",
                template: "verify_code",
                text: TEXT,
                lang: Lang::ZhCn,
                values: &[("code", "q4711z")],
            };
            sms::enqueue(tx, &app, &account, &message, None, now).await
        };
        self.app.store.write(unit).await.unwrap();
    }
}

/// Reads a request and answers it.
async fn answer(mut stream: BufReader<TcpStream>, answer: &str) -> String {
    let mut seen = String::new();
    let mut length = 0;
    loop {
        let header = line(&mut stream).await;
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        seen.push_str(&header);
        if header == "\r\n" || header.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    seen.push_str(&String::from_utf8(body).unwrap());
    say(&mut stream, answer).await;
    seen
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn the_request_is_the_configured_one() {
    let server = Server::start(|stream, _| async move { answer(stream, &ok("{}")).await }).await;
    let test = texting_to(server.port, |_| {}).await;
    test.post_sms().await;
    for text in ["q4711z", "13800138000"] {
        assert!(!test.database_holds(text).await, "{text}");
    }
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
    let seen = server.seen();
    let (head, body) = seen[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /send?to=%2B8613800138000 HTTP/1.1\r\n"), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(
        head.contains("authorization: bearer swordfish") && head.contains("content-type: application/json"),
        "{head}"
    );
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!((&body["text"], &body["code"], &body["template"]), (&json!(TEXT), &json!("q4711z"), &json!("SMS_001")));
    assert_eq!(body["id"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn a_form_and_a_get_work_as_well() {
    let server = Server::start(|stream, _| async move { answer(stream, &ok("sent")).await }).await;
    let test = texting_to(server.port, |sms| {
        sms.content_type = "application/x-www-form-urlencoded".to_owned();
        sms.body = "n={{area_code}}-{{number}}&t={{code}}&l={{lang}}".to_owned();
    })
    .await;
    test.post_sms().await;
    test.run_due().await;
    assert!(server.seen()[0].ends_with("\r\n\r\nn=86-13800138000&t=q4711z&l=zh-cn"), "{}", server.seen()[0]);
    let test = texting_to(server.port, |sms| sms.method = "GET".to_owned()).await;
    test.post_sms().await;
    test.run_due().await;
    assert!(server.seen()[1].starts_with("GET /send?to=%2B8613800138000 HTTP/1.1\r\n"), "{}", server.seen()[1]);
    assert!(server.seen()[1].ends_with("\r\n\r\n"), "a GET has no body");
}

#[tokio::test]
async fn success_is_what_the_operator_says() {
    for (said, is_good) in [
        ("{\"result\":{\"code\":\"OK\"}}", true),
        ("{\"result\":{\"code\":\"isv.LIMIT\"}}", false),
        ("{\"result\":{}}", false),
        ("OK", false),
        ("", false),
    ] {
        let server = Server::start(move |stream, _| async move { answer(stream, &ok(said)).await }).await;
        let test = texting_to(server.port, |sms| {
            sms.success_pointer = "/result/code".to_owned();
            sms.success_value = "OK".to_owned();
        })
        .await;
        test.post_sms().await;
        test.run_due().await;
        assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await == 0, is_good, "{said}");
        if !is_good {
            let (state, attempts, error) = test.delivery().await;
            assert_eq!((state.as_str(), attempts), ("outgoing", 1));
            assert_eq!(error, "the SMS provider's answer does not have \"OK\" at /result/code");
        }
    }
}

#[tokio::test]
async fn failures_are_tried_again() {
    let server = Server::start(|mut stream, number| async move {
        match number {
            0 => answer(stream, "HTTP/1.1 500 Oops\r\nContent-Length: 6\r\n\r\nq4711z").await,
            1 => answer(stream, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n").await,
            2 => answer(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut").await,
            3 => answer(stream, "what?\r\n\r\n").await,
            4 => {
                hang(&mut stream).await;
                String::new()
            }
            _ => answer(stream, &ok("")).await,
        }
    })
    .await;
    let test = texting_to(server.port, |_| {}).await;
    test.post_sms().await;
    let mut errors = Vec::new();
    for attempt in 1..=5 {
        assert_eq!(test.run_due().await, 1);
        errors.push(test.delivery().await.2);
        test.advance_seconds(5 << (attempt - 1));
    }
    assert_eq!(errors[..2], ["the SMS provider answered 500", "the SMS provider answered 302"]);
    for error in &errors[2..] {
        assert!(error.starts_with("the SMS provider was not reached: "), "{error}");
    }
    for error in &errors {
        assert!(!error.contains("q4711z") && !error.contains("13800138000") && !error.contains("swordfish"), "{error}");
    }
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
    let ids: Vec<Value> = server
        .seen()
        .iter()
        .filter_map(|seen| {
            let body: Value = serde_json::from_str(seen.split_once("\r\n\r\n")?.1).ok()?;
            Some(body["id"].clone())
        })
        .collect();
    assert!(ids.len() == 5 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let server = Server::start(|mut stream, _| async move {
        say(&mut stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
        let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
        for _ in 0..2000 {
            say(&mut stream, &chunk).await;
        }
        String::new()
    })
    .await;
    let test = texting_to(server.port, |_| {}).await;
    test.post_sms().await;
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0, "the status was good");
}

#[tokio::test]
async fn a_provider_inside_has_to_be_allowed() {
    let server = Server::start(|stream, _| async move { answer(stream, &ok("")).await }).await;
    let test = TestApp::start_with(|config| {
        config.sms.transport = SmsTransport::Http;
        config.sms.url = format!("http://127.0.0.1:{}/", server.port);
    })
    .await;
    test.post_sms().await;
    test.run_due().await;
    let (state, _, error) = test.delivery().await;
    assert_eq!(state, "outgoing");
    assert!(error.contains("outgoing connections to 127.0.0.1 are not allowed"), "{error}");
    assert_eq!(server.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn a_provider_that_is_away_for_the_whole_schedule_leaves_a_dead_letter() {
    let test = texting_to(dead_port().await, |_| {}).await;
    test.post_sms().await;
    assert_eq!(test.exhaust().await, MAX_ATTEMPTS);
    assert_eq!(test.delivery().await.0, "dead");
}
