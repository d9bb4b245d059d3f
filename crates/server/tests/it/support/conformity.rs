//! Whether an answer is what the OpenAPI document says: asked of every answer that a test gets.
//!
//! The check knows the words of JSON Schema that the document uses, and is stricter in one thing: an answer has no field
//! that is not described.

use counterfoil::openapi;
use serde_json::Value;
use std::sync::OnceLock;

/// The document, made once.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| openapi::document().unwrap())
}

/// The operation that a request goes to: its path as written and its part of the document.
pub fn find(method: &str, path: &str) -> Option<(&'static str, &'static Value)> {
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let template: Vec<&str> = template.split('/').collect();
        template.len() == parts.len()
            && template.iter().zip(&parts).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
    };
    let paths = document()["paths"].as_object().unwrap();
    // A path that is written out goes before one with a parameter in its place.
    let found =
        paths.iter().filter(|(template, _)| fits(template)).min_by_key(|(path, _)| path.matches('{').count())?;
    found.1.get(method.to_ascii_lowercase()).map(|operation| (found.0.as_str(), operation))
}

/// Areas whose operations are being made and are not asked yet.
pub const LATER: &[&str] = &[
    "Particulars of a case",
    "Labels",
    "Relations",
    "Authorizations",
    "Sessions",
    "Agreements",
    "Privileges",
    "Verified contacts",
    "Diagnosis",
    "Partners",
    "Feedbacks",
];

/// What is wrong with an answer; nothing for answers that the document does not describe by a schema.
pub fn findings(method: &str, path: &str, status: u16, answer: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let Some((_, operation)) = find(method, path) else { return out };
    if LATER.contains(&operation["tags"][0].as_str().unwrap_or_default()) {
        return out;
    }
    // An operator may have errors answered with 200.
    let code = answer["error_code"].as_str().or(answer["error"]["code"].as_str()).unwrap_or_default();
    if status == 200 && code.starts_with("OSM.") {
        return out;
    }
    let Some(described) = operation["responses"].get(status.to_string()) else {
        if answer["error_code"] == "APIGW.0101" {
            return out;
        }
        return vec![format!("status {status} is not described: {answer}")];
    };
    // With odd characters in it a path is none of the operation's.
    if let Some(codes) = described["x-codes"].as_array()
        && let Some(code) = answer["error_code"].as_str()
        && code != "APIGW.0101"
        && !codes.contains(&code.into())
    {
        out.push(format!("the code {code} is not described for {status}"));
    }
    if let Some(schema) = described["content"]["application/json"].get("schema") {
        check(schema, answer, "", &mut out);
    }
    out
}

/// Compares a value with a schema and adds what differs, each with its place.
pub fn check(schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let target = document().pointer(name.trim_start_matches('#'));
        return check(target.unwrap_or_else(|| panic!("{name} is not in the document")), value, at, out);
    }
    let may_be_null = schema["type"].as_array().is_some_and(|types| types.contains(&"null".into()));
    if may_be_null && value.is_null() {
        return;
    }
    let has_type = match schema["type"].as_str().or_else(|| schema["type"][0].as_str()) {
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    };
    let place = if at.is_empty() { "the answer" } else { at };
    if !has_type {
        out.push(format!("{place} is no {}: {value}", schema["type"]));
        return;
    }
    let size = match value {
        Value::String(text) => Some((i64::try_from(text.chars().count()).unwrap(), "minLength", "maxLength")),
        Value::Array(items) => Some((i64::try_from(items.len()).unwrap(), "minItems", "maxItems")),
        Value::Number(number) => number.as_i64().map(|number| (number, "minimum", "maximum")),
        _ => None,
    };
    if let Some((size, least, greatest)) = size {
        let low = schema[least].as_i64().is_some_and(|bound| size < bound);
        let high = schema[greatest].as_i64().is_some_and(|bound| size > bound);
        if low || high {
            out.push(format!("{place} has {size}, outside of {} to {}", schema[least], schema[greatest]));
        }
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        out.push(format!("{place} is none of {}: {value}", schema["enum"]));
    }
    if schema["format"] == "date-time" && !is_time(value.as_str().unwrap_or_default()) {
        out.push(format!("{place} is no time: {value}"));
    }
    if let Value::Array(items) = value {
        for (i, item) in items.iter().enumerate() {
            check(&schema["items"], item, &format!("{at}[{i}]"), out);
        }
    }
    if let Value::Object(fields) = value {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                out.push(format!("{place} has no {name}"));
            }
        }
        if schema["additionalProperties"] != true {
            for (name, field) in fields {
                let below = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                match schema["properties"].get(name) {
                    Some(schema) => check(schema, field, &below, out),
                    None => out.push(format!("{below} is not described")),
                }
            }
        }
    }
}

/// `2026-01-05T09:30:15Z`, or with six digits behind the second.
fn is_time(text: &str) -> bool {
    let text = text.split_once('.').map_or(text.to_owned(), |(start, _)| format!("{start}Z"));
    let form = "0000-00-00T00:00:00Z";
    text.len() == form.len()
        && text
            .bytes()
            .zip(form.bytes())
            .all(|(have, want)| if want == b'0' { have.is_ascii_digit() } else { have == want })
}
