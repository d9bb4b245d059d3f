//! Errors as clients see them: both languages, both body forms, both settings of `business_errors`; and what is behind an
//! internal one stays in the log.

use super::{NOTHING, submission};
use crate::support::TestApp;
use crate::support::people::{ALICE, BOB, ERIN};
use counterfoil::config::BusinessErrors;
use counterfoil::error::Code;
use counterfoil_store::Tx;
use counterfoil_wire::lang::Lang;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::{Arc, Mutex};

/// Collects what is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

async fn drop_table(app: &TestApp, table: &'static str) {
    let work = async move |tx: &mut Tx| tx.query_dyn(&format!("DROP TABLE {table}"), &[]).await.map(drop);
    app.app.store.write(work).await.unwrap();
}

#[tokio::test]
async fn a_database_error_is_logged_and_not_told() {
    let app = TestApp::start().await;
    let body = submission(&app).await;
    drop_table(&app, "messages").await;
    let log = Log::default();
    let logging = log.start();
    let answer = app.post("/v2/servicerequest/cases").by(&ALICE).english().json(&body).send().await;
    drop(logging);
    assert_eq!((answer.status, answer.code().as_str()), (500, "OSM.0004"), "{}", answer.json);
    assert_eq!(answer.message(), "Internal Server Error.");
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    for leak in ["messages", "INSERT", "table", "sql", "relation", "SQL"] {
        assert!(!text.contains(leak), "{text}");
    }
    let request_id = answer.header("x-request-id").unwrap();
    let logged = log.text();
    let line = logged.lines().find(|line| line.contains("request failed")).unwrap_or_else(|| panic!("{logged}"));
    assert!(line.contains(request_id) && line.contains("messages") && line.contains("ERROR"), "{line}");
    // What the customer wrote is not for the log.
    assert!(!logged.contains("the disk is full"), "{logged}");
}

#[tokio::test]
async fn a_database_error_has_the_form_of_its_path() {
    let app = TestApp::start().await;
    drop_table(&app, "projects").await;
    let answer = app.get("/v3/auth/projects").by(&BOB).english().send().await;
    assert_eq!(answer.status, 500, "{}", answer.json);
    let error = json!({"error": {"code": 500, "message": "Internal Server Error.", "title": "Internal Server Error"}});
    assert_eq!(answer.json, error);
    assert_eq!(answer.header("x-iam-trace-id"), answer.header("x-request-id"));
}

#[test]
fn codes_have_one_meaning_each() {
    // A code of the gateway covers several statuses; with the status it has one meaning. The two of an unknown call are
    // told apart by the text alone.
    let mut seen: HashMap<(&str, u16), Code> = HashMap::new();
    let mut texts = HashSet::new();
    for code in Code::ALL {
        let before = seen.insert((code.code(), code.status().as_u16()), *code);
        let is_pair = before == Some(Code::NoSuchApi) && *code == Code::NoSuchMethod;
        assert!(before.is_none() || is_pair, "{code:?} and {before:?}");
        assert!(texts.insert(code.text(Lang::EnUs)), "{code:?} has another one's English text");
        let (zh, en) = (code.text(Lang::ZhCn), code.text(Lang::EnUs));
        // Texts that programs of the original compare are the same in both.
        let is_fixed = [Code::TokenExpired, Code::IamTooManyKeys].contains(code);
        assert_eq!(zh == en, is_fixed, "{code:?}");
        assert_eq!(zh.is_ascii(), is_fixed, "{code:?}");
        assert!(en.is_ascii(), "{code:?}");
        let family = code.code().split('.').next().unwrap();
        assert!(["OSM", "APIGW", "IAM"].contains(&family), "{code:?}");
    }
}

#[tokio::test]
async fn errors_speak_the_callers_language() {
    let app = TestApp::start().await;
    let ask = async |language: Option<&str>| {
        let call = app.get("/v2/servicerequest/cases?limit=101").by(&ALICE);
        let call = match language {
            Some(language) => call.header("x-language", language),
            None => call,
        };
        call.send().await.message()
    };
    let english = "Param validation failed. limit: a whole number from 0 to 100 is allowed.";
    let chinese = "参数校验失败。limit：须为 0 到 100 的整数。";
    assert_eq!(ask(Some("en-us")).await, english);
    assert_eq!(ask(Some("fr")).await, english);
    assert_eq!(ask(Some("zh-cn")).await, chinese);
    assert_eq!(ask(None).await, chinese);
}

#[tokio::test]
async fn each_family_of_paths_has_its_body() {
    let app = TestApp::start().await;
    let unknown = |path: &str| format!("{path}/{NOTHING}");
    for (path, person) in [
        (unknown("/v2/servicerequest/cases"), Some(&ALICE)),
        (unknown("/desk/v1/cases"), Some(&ERIN)),
        ("/v2.0/nothing".to_owned(), None),
        ("/osm/nothing".to_owned(), None),
    ] {
        let call = app.get(&path).english();
        let answer = if let Some(person) = person { call.by(person).send().await } else { call.send().await };
        let keys: Vec<&String> = answer.json.as_object().unwrap().keys().collect();
        let is_gateway = answer.code().starts_with("APIGW.");
        let expected: &[&str] =
            if is_gateway { &["error_code", "error_msg", "request_id"] } else { &["error_code", "error_msg"] };
        assert_eq!(keys, expected, "{path}");
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
        if is_gateway {
            assert_eq!(answer.json["request_id"].as_str(), answer.header("x-request-id"), "{path}");
        }
    }
    for (path, status, title) in [
        (unknown("/v3/projects"), 404, "Not Found"),
        ("/v3/users?page=0&per_page=1".to_owned(), 400, "Bad Request"),
        ("/v3/nothing".to_owned(), 404, "Not Found"),
        ("/v5/nothing".to_owned(), 404, "Not Found"),
    ] {
        let answer = app.get(&path).by(&ALICE).english().send().await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.json["error"]["code"], status, "{path}");
        assert_eq!(answer.json["error"]["title"], title, "{path}");
        assert!(!answer.message().is_empty(), "{path}");
        assert_eq!(answer.json.as_object().unwrap().len(), 1, "{path}");
    }
}

#[tokio::test]
async fn business_errors_can_answer_200() {
    let app = TestApp::start_with(|config| config.api.business_errors = BusinessErrors::Always200).await;
    let missing = app.get(&format!("/v2/servicerequest/cases/{NOTHING}")).by(&ALICE).send().await;
    assert_eq!((missing.status, missing.code().as_str()), (200, "OSM.01010015"));
    let param = app.get("/v2/servicerequest/cases?limit=101").by(&ALICE).send().await;
    assert_eq!((param.status, param.code().as_str()), (200, "OSM.01010001"));
    let desk = app.get("/desk/v1/cases").by(&ALICE).send().await;
    assert_eq!((desk.status, desk.code().as_str()), (200, "OSM.01010002"));
    // Everything else keeps its status.
    let unreadable =
        app.post("/v2/servicerequest/cases").by(&ALICE).raw("application/json", b"{".to_vec()).send().await;
    assert_eq!((unreadable.status, unreadable.code().as_str()), (400, "OSM.0001"));
    let anonymous = app.get("/v2/servicerequest/cases").send().await;
    assert_eq!((anonymous.status, anonymous.code().as_str()), (401, "APIGW.0301"));
    assert_eq!(app.get("/v3/users?page=0&per_page=1").by(&ALICE).send().await.status, 400);
    drop_table(&app, "operate_logs").await;
    let body = submission(&app).await;
    assert_eq!(app.post("/v2/servicerequest/cases").by(&ALICE).json(&body).send().await.status, 500);
}
