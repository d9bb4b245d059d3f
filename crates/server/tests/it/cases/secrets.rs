//! Confidential text and sensitive parameters: who reads them, and that nothing of them is left behind.

use crate::support::cases::{CASES, assert_refused, fault};
use crate::support::people::{ALICE, AMY, BOB, CAROL, ERIN, LEO};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

const TEXT: &str = "the vault code is 4711-plain";
const PASSWORD: &str = "hunter-2-plain";
const OF_MESSAGE: &str = "swordfish-plain";
const MAIL: &str = "bob@acme.example";
const PHONE: &str = "13800138000";

/// A case of bob's with every kind of secret, taken by erin.
async fn secret_case(test: &TestApp) -> String {
    let id = test.case_of(&BOB, &fault("cannot log in")).await;
    let body = json!({"message": {"content": "and here", "authorization_content": OF_MESSAGE}});
    test.post(&format!("{CASES}/{id}/message")).json(&body).by(&BOB).send().await.ok();
    test.accept(&id).await;
    id
}

/// All that somebody reads of a case, as one text.
async fn all_of(test: &TestApp, by: &Person, id: &str, group: &str) -> String {
    let mut out = String::new();
    for suffix in ["", "/messages", "/operate-logs", "/status"] {
        out += &test.read_case(by, id, &format!("{suffix}{group}")).await.ok().to_string();
    }
    out + &test.list(by, &group.replace('?', "")).await.to_string()
}

async fn on_the_desk(test: &TestApp, by: &Person, id: &str) -> String {
    let list = test.get("/desk/v1/cases").by(by).send().await.ok();
    test.desk_detail(by, id).await.to_string() + &list.to_string()
}

#[tokio::test]
async fn the_customer_and_the_handler_read_them_and_nobody_else() {
    let test = TestApp::start().await;
    let group = test.group_of_operators().await;
    let id = secret_case(&test).await;
    let secrets = [TEXT, PASSWORD, OF_MESSAGE];
    for text in
        [all_of(&test, &BOB, &id, "").await, all_of(&test, &ALICE, &id, "").await, on_the_desk(&test, &ERIN, &id).await]
    {
        assert!(secrets.iter().all(|secret| text.contains(secret)), "{text}");
    }
    for text in [
        all_of(&test, &CAROL, &id, &format!("?group_id={group}")).await,
        on_the_desk(&test, &LEO, &id).await,
        on_the_desk(&test, &AMY, &id).await,
    ] {
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{text}");
        assert!(text.contains("i-1"), "other parameters are for all who see the case: {text}");
    }
    let detail = test.desk_detail(&ERIN, &id).await;
    assert_eq!(detail["authorization_content"], TEXT);
    assert_eq!(detail["extends_map"], json!({"instance_id": "i-1", "login_password": PASSWORD}));
    assert_eq!(detail["messages"][1]["authorization_content"], OF_MESSAGE);
    assert_eq!(detail["contact"]["remind_mobile"], PHONE);
    // Before anybody takes the case, nobody on the desk reads them.
    let fresh = test.case_of(&BOB, &fault("cannot log in")).await;
    assert!(!on_the_desk(&test, &ERIN, &fresh).await.contains(TEXT));
}

#[tokio::test]
async fn they_are_gone_when_the_case_ends_in_whichever_way() {
    let test = TestApp::start().await;
    for end in ["close", "cancel", "invalid", "by itself"] {
        let id = if end == "cancel" { test.case_of(&BOB, &fault("x")).await } else { secret_case(&test).await };
        let rows = "SELECT COUNT(*) FROM case_secrets";
        assert_eq!(test.number(rows).await, if end == "cancel" { 3 } else { 4 }, "{end}");
        match end {
            "invalid" => drop(test.desk(&LEO, &id, "invalid", &json!({"reason": "r"})).await.ok()),
            "by itself" => {
                test.reply(&id, "Solved.", "solution").await.ok();
                test.advance_seconds(7 * 24 * 3600);
                test.run_due().await;
            }
            _ => drop(test.act(&BOB, &id, end).await.ok()),
        }
        assert_eq!(test.number(rows).await, 0, "{end}");
        let mut texts = vec![all_of(&test, &BOB, &id, "").await, all_of(&test, &ALICE, &id, "").await];
        texts.push(on_the_desk(&test, &ERIN, &id).await);
        for text in texts {
            for secret in [TEXT, PASSWORD, OF_MESSAGE, MAIL, PHONE] {
                assert!(!text.contains(secret), "{end}: {text}");
            }
        }
        assert_eq!(test.detail(&BOB, &id).await["ext_info"], json!({"remind_time": "09:00-18:00"}));
        test.act(&BOB, &id, "delete").await.ok();
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn a_reopened_case_keeps_new_secrets_until_it_ends_again() {
    let test = TestApp::start().await;
    let id = secret_case(&test).await;
    test.act(&BOB, &id, "close").await.ok();
    let body = json!({"message": {"content": "late", "authorization_content": OF_MESSAGE}});
    let late = test.post(&format!("{CASES}/{id}/message")).json(&body).by(&BOB).english().send().await;
    assert_refused(&late, 409, "OSM.01019001", "");
    assert_eq!(test.number("SELECT COUNT(*) FROM case_secrets").await, 0, "a refused message leaves none");
    test.act(&BOB, &id, "reopen").await.ok();
    test.post(&format!("{CASES}/{id}/message")).json(&body).by(&BOB).send().await.ok();
    assert!(on_the_desk(&test, &ERIN, &id).await.contains(OF_MESSAGE));
    test.act(&BOB, &id, "close").await.ok();
    assert_eq!(test.number("SELECT COUNT(*) FROM case_secrets").await, 0);
}

#[tokio::test]
async fn none_stands_in_the_database_as_it_is() {
    let test = TestApp::start().await;
    let id = secret_case(&test).await;
    // So that an answer is kept under a key, too.
    let call = test.submit(&fault("with a key")).header("Idempotency-Key", "k");
    let other = call.by(&BOB).send().await.ok()["incident_id"].as_str().unwrap().to_owned();
    assert!(test.database_holds("cannot log in").await, "the search works");
    for secret in [TEXT, PASSWORD, OF_MESSAGE, MAIL, PHONE] {
        assert!(!test.database_holds(secret).await, "{secret}");
    }
    for id in [id, other] {
        test.accept_if_new(&id).await;
        test.act(&BOB, &id, "close").await.ok();
    }
    for secret in [TEXT, PASSWORD, OF_MESSAGE, MAIL, PHONE, "4711-plain", "hunter", "swordfish"] {
        assert!(!test.database_holds(secret).await, "{secret}");
    }
}

impl TestApp {
    async fn accept_if_new(&self, id: &str) {
        if self.status(id).await == 0 {
            self.accept(id).await;
        }
    }
}

/// Counts lines of the log, and those that tell a secret.
#[derive(Clone, Copy)]
struct Watch;

static LINES: AtomicU64 = AtomicU64::new(0);
static TOLD: AtomicU64 = AtomicU64::new(0);
/// Nothing but the test of the log sends these.
const LOGGED: [&str; 3] = ["never-in-a-log-1", "never-in-a-log-2", "never-in-a-log-3"];

impl Write for Watch {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        LINES.fetch_add(1, Ordering::Relaxed);
        TOLD.fetch_add(u64::from(LOGGED.iter().any(|secret| line.contains(secret))), Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Tries a login on a host, on one that must not be reached and with a key that is none, and then grants it.
async fn grant_and_try(test: &TestApp, case: &str) {
    let hosts = json!([{"address": "127.0.0.1", "port": 1}]);
    let request = json!({"access_type": "ssh_password", "description": "x", "hosts": hosts});
    let id = test.request_access(case, &request).await.ok()["authorization_id"].as_str().unwrap().to_owned();
    let line = test.lines(&id).await[0];
    let target = format!("/v2/servicerequest/authorizations/authorization-details/{line}/verify-host");
    let login = json!({"port": 1, "account": LOGGED[0], "password": LOGGED[1]});
    assert_eq!(test.post(&target).json(&login).by(&BOB).send().await.status, 403);
    let too_long = json!({"port": 1, "account": LOGGED[0].repeat(9), "password": LOGGED[1].repeat(99)});
    assert_eq!(test.post(&target).json(&too_long).by(&BOB).send().await.status, 400);
    let list = test.logins(&id, LOGGED[0], LOGGED[1]).await;
    test.confirm(&BOB, &id, &json!({"auth_detail_list": list})).await.ok();
    let by_key = json!({"access_type": "ssh_key", "description": "x", "hosts": hosts});
    let id = test.request_access(case, &by_key).await.ok()["authorization_id"].as_str().unwrap().to_owned();
    let list = test.logins(&id, LOGGED[0], LOGGED[2]).await;
    assert_eq!(test.confirm(&BOB, &id, &json!({"auth_detail_list": list})).await.status, 400);
}

#[tokio::test]
async fn none_is_written_to_the_log() {
    let subscriber = tracing_subscriber::fmt().with_env_filter("counterfoil=trace,counterfoil_store=trace");
    tracing::subscriber::set_global_default(subscriber.with_writer(|| Watch).finish()).unwrap();
    tracing::info!(target: "counterfoil", secret = LOGGED[0], "is watched");
    let watched = TOLD.swap(0, Ordering::Relaxed);
    assert_eq!(watched, 1);
    let test = TestApp::start().await;
    let mut body = fault("cannot log in");
    body["authorization_content"] = LOGGED[0].into();
    body["extends_map"]["login_password"] = LOGGED[1].into();
    let id = test.case_of(&BOB, &body).await;
    let message = json!({"message": {"content": "here", "authorization_content": LOGGED[2]}});
    test.post(&format!("{CASES}/{id}/message")).json(&message).by(&BOB).send().await.ok();
    test.accept(&id).await;
    all_of(&test, &BOB, &id, "").await;
    on_the_desk(&test, &ERIN, &id).await;
    grant_and_try(&test, &id).await;
    // And what is refused.
    body["authorization_content"] = LOGGED[0].repeat(30).into();
    assert_eq!(test.submit(&body).by(&BOB).send().await.status, 400);
    body["authorization_content"] = json!([LOGGED[0]]);
    assert_eq!(test.submit(&body).by(&BOB).send().await.status, 400);
    let broken = format!("{{\"authorization_content\": \"{}\"", LOGGED[0]).into_bytes();
    assert_eq!(test.post(CASES).raw("application/json", broken).by(&BOB).send().await.status, 400);
    body["authorization_content"] = Value::Null;
    body["extends_map"]["login_password"] = LOGGED[1].repeat(9).into();
    assert_eq!(test.submit(&body).by(&BOB).send().await.status, 400);
    test.act(&BOB, &id, "close").await.ok();
    assert!(LINES.load(Ordering::Relaxed) > 10, "the requests are in the log");
    assert_eq!(TOLD.load(Ordering::Relaxed), 0);
}
