//! From a [`Document`] to text, by the key table: the same document always gives the same text.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::Document;
use super::keys::{ABOUT, FORMAT, Key, Layout, SECTIONS, Section, Shape};
use super::read::absent_value;

/// Longest line that a list is kept on.
const WIDTH: usize = 118;

/// Write a document. Keys that say what they would say if left out are left out.
pub fn to_toml(document: &Document) -> String {
    // Maps are only made of text keys and the numbers are integers, so this cannot fail.
    let value = serde_json::to_value(document).unwrap_or_default();
    let mut out = String::new();
    for line in ABOUT {
        let _ = writeln!(out, "# {line}");
    }
    let _ = writeln!(out, "format = {FORMAT}");
    for section in SECTIONS {
        out.push('\n');
        for line in section.about {
            let _ = writeln!(out, "# {line}");
        }
        let _ = writeln!(out, "[{}]", section.name);
        write_section(&mut out, section, &value[section.name]);
    }
    out
}

fn write_section(out: &mut String, section: &Section, value: &Value) {
    if let Value::Object(table) = value {
        write_keys(out, section.keys, table);
        return;
    }
    for item in value.as_array().into_iter().flatten().filter_map(Value::as_object) {
        let id = match item.get("id") {
            Some(Value::String(id)) if is_bare(id) => id.clone(),
            Some(Value::String(id)) => quoted(id),
            Some(id) => id.to_string(),
            None => continue,
        };
        match section.layout {
            Layout::Single | Layout::Blocks => {
                let _ = writeln!(out, "\n[{}.{id}]", section.name);
                write_keys(out, section.keys, item);
            }
            Layout::Lines => {
                let _ = writeln!(out, "{id} = {}", inline_table(section.keys, item));
            }
            Layout::Pairs => {
                for key in section.keys {
                    let _ = writeln!(out, "{id} = {}", inline(key.shape, &item[key.name]));
                }
            }
        }
    }
}

fn write_keys(out: &mut String, keys: &[Key], table: &Map<String, Value>) {
    for (key, value) in written(keys, table) {
        let line = format!("{} = {}", key.name, inline(key.shape, value));
        match value.as_array() {
            Some(list) if line.chars().count() > WIDTH => {
                let _ = writeln!(out, "{} = [", key.name);
                write_rows(out, key.shape, list);
                out.push_str("]\n");
            }
            _ => {
                let _ = writeln!(out, "{line}");
            }
        }
    }
}

/// Rows of a long list: tables one by line, short texts as many as fit.
fn write_rows(out: &mut String, shape: Shape, list: &[Value]) {
    let mut line = String::new();
    for row in list {
        let row = inline_row(shape, row);
        if !line.is_empty() && (matches!(shape, Shape::Rows(_)) || line.len() + row.len() + 4 > WIDTH) {
            let _ = writeln!(out, " {line}");
            line.clear();
        }
        let _ = write!(line, " {row},");
    }
    if !line.is_empty() {
        let _ = writeln!(out, " {line}");
    }
}

/// The keys that have something to say.
fn written<'a>(keys: &'a [Key], table: &'a Map<String, Value>) -> impl Iterator<Item = (&'a Key, &'a Value)> {
    keys.iter().filter_map(|key| {
        let value = table.get(key.name)?;
        (absent_value(key).as_ref() != Some(value)).then_some((key, value))
    })
}

fn inline_table(keys: &[Key], table: &Map<String, Value>) -> String {
    let pairs: Vec<String> =
        written(keys, table).map(|(key, value)| format!("{} = {}", key.name, inline(key.shape, value))).collect();
    format!("{{ {} }}", pairs.join(", "))
}

fn inline(shape: Shape, value: &Value) -> String {
    match value {
        Value::Array(list) => {
            let rows: Vec<String> = list.iter().map(|row| inline_row(shape, row)).collect();
            format!("[{}]", rows.join(", "))
        }
        Value::Object(both) => {
            let text = |name: &str| quoted(both.get(name).and_then(Value::as_str).unwrap_or_default());
            format!("{{ zh = {}, en = {} }}", text("zh"), text("en"))
        }
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

fn inline_row(shape: Shape, row: &Value) -> String {
    match (shape, row) {
        (Shape::Rows(keys), Value::Object(table)) => inline_table(keys, table),
        _ => inline(shape, row),
    }
}

fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
