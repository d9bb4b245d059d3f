//! JSON schemas of parameters, bodies and answers.
//!
//! Bounds are written only where a JSON number holds them exactly: a greatest length of 2^63 says nothing to anybody.

use super::facts::{Choice, Field};
use serde_json::{Map, Value, json};

/// The greatest number that every reader of JSON takes as it is.
const EXACT: u64 = 1 << 53;

/// The schema of a parameter or field, without what its own fields are.
pub fn plain(field: &Field) -> Value {
    let mut out = Map::new();
    let (least, greatest) = match field.r#type.as_str() {
        "string" => ("minLength", "maxLength"),
        "array" | "objects" => ("minItems", "maxItems"),
        _ => ("minimum", "maximum"),
    };
    match field.r#type.as_str() {
        "array" => {
            out.insert("type".into(), json!("array"));
            out.insert("items".into(), named(field.items.as_deref().unwrap_or("string")));
        }
        "object" if field.model.is_some() => return named(field.model.as_deref().unwrap_or_default()),
        "map" => {
            out.insert("type".into(), json!("object"));
            out.insert("additionalProperties".into(), json!(true));
        }
        "file" => {
            out.insert("type".into(), json!("string"));
            out.insert("contentMediaType".into(), json!("application/octet-stream"));
        }
        "objects" => {
            out.insert("type".into(), json!("array"));
        }
        other => {
            out.insert("type".into(), json!(other));
        }
    }
    if field.nullable {
        out.insert("type".into(), json!([field.r#type, "null"]));
    }
    if let Some(min) = field.min.filter(|min| min.unsigned_abs() <= EXACT && (*min != 0 || least == "minimum")) {
        out.insert(least.into(), json!(min));
    }
    if let Some(max) = field.max.filter(|max| max.unsigned_abs() <= EXACT) {
        out.insert(greatest.into(), json!(max));
    }
    if field.max.is_some_and(|max| max > i64::from(i32::MAX)) && field.r#type == "integer" {
        out.insert("format".into(), json!("int64"));
    }
    if let Some(format) = &field.format {
        out.insert("format".into(), json!(if format == "time" { "date-time" } else { format }));
    }
    if field.r#type == "string" && !field.values.is_empty() {
        let values: Vec<_> = field.values.iter().map(|choice| choice.value.as_str()).collect();
        out.insert("enum".into(), json!(values));
    }
    if let Some(default) = &field.default {
        out.insert("default".into(), default.clone());
    }
    Value::Object(out)
}

/// A type by its name, or a reference to a model.
fn named(name: &str) -> Value {
    match name {
        "string" | "integer" | "number" | "boolean" | "object" => json!({"type": name}),
        "map" => json!({"type": "object", "additionalProperties": true}),
        model => json!({"$ref": format!("#/components/schemas/{model}")}),
    }
}

/// Adds what a field means, in both languages, and what its values mean.
pub fn explain(out: &mut Map<String, Value>, field: &Field) {
    if let Some(en) = &field.en {
        out.insert("description".into(), json!(en));
    }
    if let Some(zh) = &field.zh {
        out.insert("x-zh".into(), json!(zh));
    }
    if let Some(beyond) = &field.beyond {
        out.insert("x-beyond".into(), json!(beyond));
    }
    let explained = |choice: &Choice| {
        let meaning = choice.meaning.as_ref()?;
        Some(json!({"value": choice.value, "en": meaning.en, "zh": meaning.zh}))
    };
    let values: Vec<Value> = field.values.iter().filter_map(explained).collect();
    if !values.is_empty() {
        out.insert("x-values".into(), Value::Array(values));
    }
}

/// The schema of a field with what it means.
fn explained(field: &Field) -> Value {
    let mut out = match plain(field) {
        Value::Object(fields) => fields,
        other => return other,
    };
    explain(&mut out, field);
    Value::Object(out)
}

/// An object with these fields. Answers may grow, so further fields are not forbidden.
pub fn object(fields: &[Field]) -> Value {
    nested(&fields.iter().collect::<Vec<_>>())
}

/// An object whose fields are places in it, such as `message.content` or `list[].value`.
pub fn nested(fields: &[&Field]) -> Value {
    let mut out = json!({"type": "object", "properties": {}});
    for field in fields {
        insert(&mut out, &field.name, field);
    }
    if out["properties"] == json!({}) {
        out = json!({"type": "object"});
    }
    out
}

/// Puts a field into the schema of an object, below the fields that its name begins with.
fn insert(object: &mut Value, name: &str, field: &Field) {
    let Some((first, rest)) = name.split_once('.') else {
        if let Some(list) = name.strip_suffix("[]") {
            object["properties"][list]["items"] = explained(field);
            return;
        }
        object["properties"][name] = explained(field);
        if field.mandatory {
            match object["required"].as_array_mut() {
                Some(required) => required.push(json!(name)),
                None => object["required"] = json!([name]),
            }
        }
        return;
    };
    let below = match first.strip_suffix("[]") {
        Some(list) => &mut object["properties"][list]["items"],
        None => &mut object["properties"][first],
    };
    if below.get("properties").is_none() {
        below["type"] = json!("object");
        below["properties"] = json!({});
    }
    insert(below, rest, field);
}
