//! The OpenAPI document is of the routes that there are, refers to nothing that is not in it, and describes everything in
//! both languages. That answers are as it says is checked of every answer that any test gets (`support/conformity.rs`).

use super::areas;
use crate::support::conformity::document;
use counterfoil::openapi::facts::Answer;
use counterfoil::routes;
use serde_json::Value;
use std::collections::BTreeSet;

/// Every operation of the document: method, path, id.
fn entries() -> BTreeSet<(String, String, String)> {
    let paths = document()["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, methods)| methods.as_object().unwrap().iter().map(move |m| (path, m)));
    all.map(|(path, (method, operation))| {
        (method.to_uppercase(), path.clone(), operation["operationId"].as_str().unwrap().to_owned())
    })
    .collect()
}

#[test]
fn every_route_has_an_entry_and_every_entry_a_route() {
    let routes: BTreeSet<_> =
        routes::operations().iter().map(|op| (op.method.to_owned(), op.path.to_owned(), op.id.to_owned())).collect();
    assert_eq!(entries(), routes);
}

/// Every value of the document that has a key, with its place.
fn with_key<'a>(value: &'a Value, key: &str, at: &str, out: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if name == key {
                    out.push((at.to_owned(), field));
                }
                with_key(field, key, &format!("{at}/{}", name.replace('/', "~1")), out);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| with_key(item, key, &format!("{at}/{i}"), out));
        }
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let mut references = Vec::new();
    with_key(document(), "$ref", "", &mut references);
    assert!(references.len() > 100, "{}", references.len());
    for (at, target) in references {
        let target = target.as_str().unwrap();
        assert!(document().pointer(target.trim_start_matches('#')).is_some(), "{at}: {target}");
    }
}

#[test]
fn every_code_of_the_facts_is_known() {
    let known: BTreeSet<_> = counterfoil::error::Code::ALL.iter().map(|code| code.code()).collect();
    let routes: BTreeSet<_> = routes::operations().iter().map(|operation| operation.id).collect();
    for operation in areas::described().filter(|operation| routes.contains(operation.id.as_str())) {
        for code in &operation.errors {
            assert!(known.contains(code.as_str()), "{}: {code}", operation.id);
        }
    }
}

#[test]
fn everything_says_what_it_means() {
    let mut findings = Vec::new();
    for area in areas::facts() {
        let answers = area.operations.iter().filter_map(|operation| match &operation.answer {
            Answer::Fields(fields) => Some((&operation.id, fields)),
            Answer::Raw(_) => None,
        });
        let params = area.operations.iter().map(|operation| (&operation.id, &operation.params));
        for (owner, fields) in params.chain(answers).chain(&area.models) {
            for field in fields.iter().filter(|field| !field.name.ends_with("[]")) {
                if field.en.is_none() {
                    findings.push(format!("{owner}.{}", field.name));
                }
            }
        }
    }
    assert!(findings.is_empty(), "no words: {}", findings.join(", "));
}
