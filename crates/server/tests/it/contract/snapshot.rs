//! The document as lines, compared with those in `openapi.txt`: whatever changes what the API says shows in a diff.
//!
//! One line says who may call an operation, one each what it takes, answers and refuses, one each what a field of a model
//! is. A `!` marks what is mandatory. Texts for people are left out.

use crate::support::conformity::document;
use serde_json::Value;
use std::collections::BTreeSet;

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Type, bounds, form and values.
fn shape(schema: &Value) -> String {
    if let Some(model) = schema["$ref"].as_str() {
        return model.rsplit('/').next().unwrap().to_owned();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join("|"),
        other => text(other).to_owned(),
    };
    let mut out = if kind == "array" { format!("[{}]", shape(&schema["items"])) } else { kind };
    for (least, greatest) in [("minLength", "maxLength"), ("minItems", "maxItems"), ("minimum", "maximum")] {
        if schema.get(least).is_some() || schema.get(greatest).is_some() {
            let bound = |name: &str| schema.get(name).map(Value::to_string).unwrap_or_default();
            out = format!("{out} {}..{}", bound(least), bound(greatest));
        }
    }
    for key in ["format", "default", "enum"] {
        if let Some(value) = schema.get(key) {
            out = format!("{out} {key} {value}");
        }
    }
    out
}

/// A line for each field, and for those below it.
fn fields(start: &str, at: &str, schema: &Value, out: &mut Vec<String>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let must = schema["required"].as_array().is_some_and(|names| names.iter().any(|known| known == name));
        let place = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        out.push(format!("{start} {place}{} {}", if must { "!" } else { "" }, shape(field)));
        fields(start, &place, field, out);
        fields(start, &format!("{place}[]"), &field["items"], out);
    }
}

fn lines() -> Vec<String> {
    let mut out = Vec::new();
    for (path, methods) in document()["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = text(&operation["operationId"]);
            let audited = if operation["x-audited"] == true { ", audited" } else { "" };
            let who = text(&operation["x-permission"]);
            out.push(format!("{name}: {} {path}, {who}{audited}", method.to_uppercase()));
            for parameter in operation["parameters"].as_array().unwrap() {
                if parameter.get("$ref").is_none() {
                    let must = if parameter["required"] == true { "!" } else { "" };
                    let place = format!("{} {}{must}", text(&parameter["in"]), text(&parameter["name"]));
                    out.push(format!("{name} takes {place} {}", shape(&parameter["schema"])));
                }
            }
            for (_, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
                fields(&format!("{name} takes body"), "", &content["schema"], &mut out);
            }
            for (status, response) in operation["responses"].as_object().unwrap() {
                if let Some(codes) = response["x-codes"].as_array() {
                    out.push(format!(
                        "{name} refuses {status}: {}",
                        codes.iter().map(text).collect::<Vec<_>>().join(", ")
                    ));
                    continue;
                }
                for (kind, content) in response["content"].as_object().into_iter().flatten() {
                    out.push(format!("{name} answers {status} {kind}"));
                    fields(&format!("{name} answers"), "", &content["schema"], &mut out);
                }
            }
        }
    }
    for (model, schema) in document()["components"]["schemas"].as_object().unwrap() {
        fields(&format!("model {model}"), "", schema, &mut out);
    }
    out
}

#[test]
fn the_document_says_what_it_said() {
    let lines = lines();
    let expected: Vec<String> = include_str!("openapi.txt").lines().map(str::to_owned).collect();
    let made = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi.txt");
    std::fs::write(&made, lines.join("\n") + "\n").unwrap();
    let (found, wanted): (BTreeSet<_>, BTreeSet<_>) = (lines.iter().collect(), expected.iter().collect());
    let more = found.difference(&wanted).map(|line| format!("+{line}"));
    let less = wanted.difference(&found).map(|line| format!("-{line}"));
    let differences: Vec<_> = less.chain(more).collect();
    assert!(
        differences.is_empty() && lines == expected,
        "the document is not the one in openapi.txt; if the change is meant, copy {} there:\n{}",
        made.display(),
        differences.join("\n")
    );
}
