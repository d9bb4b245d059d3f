//! The example request of every operation works, and its example answer is what the document describes.
//!
//! Ids in examples stand for what a test has made: each name of a fixture has one example id, made of the name itself
//! ([`stand_in`]), so that the facts need no list of them. Whether an operation writes an event is checked as well: the
//! facts say so (`audited`), and the events are counted.

use super::{Draft, Fixtures, areas, operation};
use crate::support::conformity::{LATER, check, document, find};
use crate::support::people::{ALICE, LEO, PASSWORD};
use crate::support::{Person, TestApp};
use counterfoil::openapi::facts::Described;
use counterfoil::routes::{self, Permission};
use counterfoil_store::Tx;
use serde_json::{Map, Value};

/// Stands for the password of everybody.
const EXAMPLE_PASSWORD: &str = "the password of alice";

/// The example id of a fixture: digits where the real one is a number, else of the same form.
fn stand_in(name: &str, real: &str) -> String {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    if real.starts_with("TT") {
        return "TT2026010548120377".to_owned();
    }
    if real.bytes().all(|byte| byte.is_ascii_digit()) {
        return (70_000 + hash % 9_999).to_string();
    }
    let hex = format!("{hash:016x}{:016x}", hash.rotate_left(23));
    match real.len() {
        0..32 => format!("CF{}", hex[..18].to_uppercase()),
        32 => hex,
        _ => format!("{hex}{hex}"),
    }
}

/// Every fixture: its example id and the real one.
fn pairs(ids: &Fixtures) -> Vec<(String, String)> {
    let mut out: Vec<_> = ids.all().into_iter().map(|(name, real)| (stand_in(name, &real), real)).collect();
    out.push((EXAMPLE_PASSWORD.to_owned(), PASSWORD.to_owned()));
    out
}

/// Puts real ids in place of those of the examples.
fn realized(value: &Value, pairs: &[(String, String)]) -> Value {
    match value {
        Value::String(text) => {
            let replaced = pairs.iter().fold(text.clone(), |text, (from, to)| text.replace(from, to));
            Value::String(replaced)
        }
        Value::Number(number) => {
            let found = pairs.iter().find(|(from, _)| *from == number.to_string());
            found.map_or_else(|| value.clone(), |(_, to)| serde_json::from_str(to).unwrap())
        }
        Value::Array(items) => items.iter().map(|item| realized(item, pairs)).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (name.clone(), realized(field, pairs))).collect())
        }
        other => other.clone(),
    }
}

fn texts(fields: &Map<String, Value>, pairs: &[(String, String)]) -> Vec<(String, String)> {
    let one = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pair = |(name, value): (&String, &Value)| -> Vec<(String, String)> {
        match realized(value, pairs) {
            Value::Array(items) => items.iter().map(|item| (name.clone(), one(item))).collect(),
            other => vec![(name.clone(), one(&other))],
        }
    };
    fields.iter().flat_map(pair).collect()
}

/// The request of the example.
fn draft(described: &Described, pairs: &[(String, String)]) -> Draft {
    let operation = operation(&described.id);
    let example = &described.example;
    let form = (!example.form.is_empty()).then(|| texts(&example.form, pairs));
    Draft {
        method: operation.method,
        path: operation.path.to_owned(),
        ids: texts(&example.path, pairs),
        query: texts(&example.query, pairs),
        headers: texts(&example.headers, pairs),
        body: example.body.as_ref().map_or(Value::Null, |body| realized(body, pairs)),
        form,
    }
}

async fn count_events(app: &TestApp) -> i64 {
    let count = async |tx: &mut Tx| -> counterfoil_store::Result<i64> {
        tx.query_dyn("SELECT COUNT(*) FROM events", &[]).await?[0].get(0)
    };
    app.app.store.read(count).await.unwrap()
}

fn caller(permission: Permission) -> &'static Person {
    if matches!(permission, Permission::Staff(_) | Permission::Desk(_)) { &LEO } else { &ALICE }
}

#[tokio::test]
async fn every_example_works() {
    let mut findings = Vec::new();
    let mut sent = 0;
    for route in routes::operations() {
        let described = areas::described().find(|described| described.id == route.id).unwrap();
        let (_, entry) = find(route.method, route.path).unwrap();
        if LATER.contains(&entry["tags"][0].as_str().unwrap()) {
            continue;
        }
        let app = TestApp::start().await;
        let mut ids = Fixtures::make_for(&app, &ALICE, route.id).await;
        areas::before_example(&app, route.id, &mut ids).await;
        let draft = draft(described, &pairs(&ids));
        let before = count_events(&app).await;
        let answer = draft.send(&app, caller(route.permission)).await;
        sent += 1;
        if answer.status != described.status {
            findings.push(format!("{}: {} {}", route.id, answer.status, String::from_utf8_lossy(&answer.bytes)));
            continue;
        }
        let writes = count_events(&app).await > before;
        if writes != described.audited {
            findings.push(format!("{}: audited is {}, an event was written: {writes}", route.id, described.audited));
        }
        if let Some(example) = &described.example.answer {
            let schema = &entry["responses"][described.status.to_string()]["content"]["application/json"]["schema"];
            let mut wrong = Vec::new();
            check(schema, example, "", &mut wrong);
            findings.extend(wrong.into_iter().map(|wrong| format!("{}: its example answer: {wrong}", route.id)));
        } else if !answer.json.is_null() && answer.json != serde_json::json!({}) && !is_free(route.id) {
            findings.push(format!("{}: no example answer; this one came: {}", route.id, answer.json));
        }
    }
    assert!(sent > 50, "{sent}");
    assert!(findings.is_empty(), "{} findings\n{}", findings.len(), findings.join("\n"));
}

/// Answers without a form of their own.
fn is_free(id: &str) -> bool {
    id == "ShowOpenapi"
}

#[test]
fn examples_keep_their_bounds() {
    let mut findings = Vec::new();
    for (path, methods) in document()["paths"].as_object().unwrap() {
        for (method, entry) in methods.as_object().unwrap() {
            let content = &entry["requestBody"]["content"];
            for kind in ["application/json", "multipart/form-data"] {
                if let Some(example) = content[kind].get("example") {
                    let mut wrong = Vec::new();
                    check(&content[kind]["schema"], example, "", &mut wrong);
                    findings.extend(wrong.into_iter().map(|wrong| format!("{method} {path}: {wrong}")));
                }
            }
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
