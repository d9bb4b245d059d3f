//! From text to a [`Document`], by the key table.
//!
//! The TOML tree keeps the span of every key and value, so each problem has a line. Reading goes on
//! after a problem: the bad value is replaced by one of the right shape and its place is remembered as
//! unsound, so that the rules of [`super::check`] can still run over everything else and do not
//! complain about the replacement.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde_json::{Map, Value, json};
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::keys::{Absent, FORMAT, Key, Layout, SECTIONS, Section, Shape};
use super::{Document, Problem};

/// What was found wrong so far, and where every value stands.
pub(super) struct Report {
    /// Offsets at which the lines start.
    starts: Vec<usize>,
    problems: Vec<Problem>,
    lines: HashMap<String, usize>,
    unsound: HashSet<String>,
}

impl Report {
    fn new(text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { starts, problems: Vec::new(), lines: HashMap::new(), unsound: HashSet::new() }
    }

    fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// Remember where a value stands.
    fn locate(&mut self, place: &str, span: &Range<usize>) {
        let line = self.line_at(span.start);
        self.lines.entry(place.to_owned()).or_insert(line);
    }

    /// The line of a place, or of the nearest thing around it that has one.
    fn line_of(&self, place: &str) -> usize {
        let mut place = place;
        loop {
            if let Some(line) = self.lines.get(place) {
                return *line;
            }
            match place.rfind(['.', '[']) {
                Some(end) => place = &place[..end],
                None => return 1,
            }
        }
    }

    /// Report a problem at a place.
    pub fn add(&mut self, place: &str, text: impl Into<String>) {
        let line = self.line_of(place);
        self.problems.push(Problem { line, place: place.to_owned(), text: text.into() });
    }

    fn add_unsound(&mut self, place: &str, text: impl Into<String>) {
        self.unsound.insert(place.to_owned());
        self.add(place, text);
    }

    /// Whether the value at a place is what the document says, not a replacement.
    pub fn is_sound(&self, place: &str) -> bool {
        !self.unsound.contains(place)
    }

    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// The problems in the order of the text.
    pub fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort();
        self.problems.dedup();
        self.problems
    }
}

/// Read a text; the document is `None` only if a shape in the key table does not fit its type.
pub(super) fn read(text: &str) -> (Option<Document>, Report) {
    let mut report = Report::new(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let line = report.line_at(span.start);
        let what = error.message();
        let source = text.get(span).map(str::trim).filter(|source| !source.is_empty() && source.len() <= 64);
        let message = match source {
            Some(source) => format!("{what}: `{source}`"),
            None => what.to_owned(),
        };
        report.problems.push(Problem { line, place: String::new(), text: message });
    }
    let root = root.get_ref();
    for (key, value) in root {
        report.locate(key.get_ref(), &key.span());
        if key.get_ref() != "format" && !SECTIONS.iter().any(|section| section.name == key.get_ref()) {
            let known: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
            report.add(key.get_ref(), format!("no such section; there are: {}", known.join(", ")));
        } else if key.get_ref() == "format" && number(value) != Some(FORMAT) {
            report.add("format", format!("must be {FORMAT}, the only format that this version reads"));
        }
    }
    if root.get("format").is_none() {
        report.add("format", format!("is missing; write `format = {FORMAT}` first"));
    }
    let mut out = Map::new();
    for section in SECTIONS {
        let table = match root.get(section.name) {
            None => {
                report.add(section.name, "the section is missing; an empty one says that there are no items");
                None
            }
            Some(value) => {
                let table = value.get_ref().as_table();
                if table.is_none() {
                    report.add(section.name, format!("must be a table, not {}", type_name(value)));
                }
                table
            }
        };
        if table.is_none() {
            report.unsound.insert(section.name.to_owned());
        }
        out.insert(section.name.to_owned(), read_section(&mut report, section, table));
    }
    match serde_json::from_value(Value::Object(out)) {
        Ok(document) => (Some(document), report),
        Err(error) => {
            report.add("", format!("cannot be read: {error}"));
            (None, report)
        }
    }
}

fn read_section(report: &mut Report, section: &Section, table: Option<&DeTable<'_>>) -> Value {
    if matches!(section.layout, Layout::Single) {
        return match table {
            Some(table) => Value::Object(read_table(report, section.name, section.keys, table)),
            None => Value::Object(section.keys.iter().map(|key| (key.name.to_owned(), replacement(key))).collect()),
        };
    }
    let mut items = Vec::new();
    for (id, value) in table.into_iter().flatten() {
        let place = format!("{}.{}", section.name, id.get_ref());
        report.locate(&place, &id.span());
        let wire_id = match section.id {
            Shape::Number(min, max) => {
                let number = id.get_ref().parse().ok().filter(|number| (min..=max).contains(number));
                // Another spelling of the same number (`01`) would be a second item with that id.
                let Some(number) = number.filter(|number| number.to_string() == id.get_ref().as_ref()) else {
                    report.add(&place, format!("the id must be a whole number from {min} to {max}"));
                    continue;
                };
                json!(number)
            }
            shape => {
                if let Err(expected) = check_text(shape, id.get_ref()) {
                    report.add(&place, format!("the id must be {expected}"));
                }
                json!(id.get_ref())
            }
        };
        let mut item = if let (Layout::Pairs, [key]) = (section.layout, section.keys) {
            Map::from_iter([(key.name.to_owned(), read_value(report, &place, key, value))])
        } else if let Some(table) = value.get_ref().as_table() {
            read_table(report, &place, section.keys, table)
        } else {
            report.add(&place, format!("must be a table, not {}", type_name(value)));
            continue;
        };
        item.insert("id".to_owned(), wire_id);
        items.push(Value::Object(item));
    }
    Value::Array(items)
}

fn read_table(report: &mut Report, place: &str, keys: &[Key], table: &DeTable<'_>) -> Map<String, Value> {
    for (name, _) in table {
        if !keys.iter().any(|key| key.name == name.get_ref()) {
            let inner = format!("{place}.{}", name.get_ref());
            report.locate(&inner, &name.span());
            let known: Vec<&str> = keys.iter().map(|key| key.name).collect();
            report.add(&inner, format!("no such key; there are: {}", known.join(", ")));
        }
    }
    let mut out = Map::new();
    for key in keys {
        let inner = format!("{place}.{}", key.name);
        let value = if let Some((name, value)) = table.get_key_value(key.name) {
            report.locate(&inner, &name.span());
            read_value(report, &inner, key, value)
        } else {
            if matches!(key.absent, Absent::Refused) {
                report.add_unsound(&inner, "is missing");
            }
            replacement(key)
        };
        out.insert(key.name.to_owned(), value);
    }
    out
}

/// What stands for a key that is missing or wrong.
fn replacement(key: &Key) -> Value {
    absent_value(key).unwrap_or_else(|| match key.shape {
        Shape::Line(..)
        | Shape::Text(..)
        | Shape::Id(_)
        | Shape::ParamKey(_)
        | Shape::ConfigKey(_)
        | Shape::Digits(_) => json!(""),
        Shape::Both(..) | Shape::BothText(..) => json!({ "zh": "", "en": "" }),
        Shape::Number(min, _) => json!(min),
        Shape::Flag => json!(false),
        Shape::Word(words) => json!(words.first()),
        Shape::Ids(_) | Shape::Extensions(_) | Shape::Rows(_) => json!([]),
    })
}

/// What a key that may be left out says when it is.
pub(super) fn absent_value(key: &Key) -> Option<Value> {
    Some(match (key.absent, key.shape) {
        (Absent::Refused, _) => return None,
        (Absent::Empty, Shape::Both(..) | Shape::BothText(..)) => json!({ "zh": "", "en": "" }),
        (Absent::Empty, _) => json!(""),
        (Absent::Number(number), _) => json!(number),
        (Absent::Flag(flag), _) => json!(flag),
        (Absent::NoItems, _) => json!([]),
    })
}

fn read_value(report: &mut Report, place: &str, key: &Key, value: &Spanned<DeValue<'_>>) -> Value {
    let found = match key.shape {
        Shape::Both(min, max) => return read_both(report, place, value, Shape::Line(min, max)),
        Shape::BothText(min, max) => return read_both(report, place, value, Shape::Text(min, max)),
        Shape::Ids(max) => return read_list(report, place, value, Shape::Id(max)),
        Shape::Extensions(max) => {
            let list = read_list(report, place, value, Shape::Id(10));
            let joined: usize =
                list.as_array().into_iter().flatten().filter_map(Value::as_str).map(|e| e.len() + 1).sum();
            let sound = list.as_array().into_iter().flatten().all(|extension| extension != "");
            if report.is_sound(place) && sound && !(2..=max + 1).contains(&joined) {
                report
                    .add(place, format!("must have 1 or more items, and at most {max} characters with commas between"));
            }
            return list;
        }
        Shape::Rows(keys) => return read_rows(report, place, value, keys),
        Shape::Number(min, max) => match number(value) {
            Some(number) if (min..=max).contains(&number) => Ok(json!(number)),
            _ => Err(format!("a whole number from {min} to {max}")),
        },
        Shape::Flag => value.get_ref().as_bool().map(|flag| json!(flag)).ok_or_else(|| "true or false".to_owned()),
        Shape::Word(words) => match value.get_ref().as_str() {
            Some(word) if words.contains(&word) => Ok(json!(word)),
            _ => Err(format!("one of: {}", words.join(", "))),
        },
        shape => read_text(shape, value),
    };
    found.unwrap_or_else(|expected| {
        report.add_unsound(place, format!("must be {expected}"));
        replacement(key)
    })
}

fn read_text(shape: Shape, value: &Spanned<DeValue<'_>>) -> Result<Value, String> {
    match value.get_ref().as_str() {
        Some(text) => check_text(shape, text).map(|()| json!(text)),
        None => Err(format!("text, not {}", type_name(value))),
    }
}

fn read_both(report: &mut Report, place: &str, value: &Spanned<DeValue<'_>>, shape: Shape) -> Value {
    let keys = [Key { name: "zh", shape, absent: Absent::Refused }, Key { name: "en", shape, absent: Absent::Refused }];
    let Some(table) = value.get_ref().as_table() else {
        report.add_unsound(place, format!("must be {{ zh = \"...\", en = \"...\" }}, not {}", type_name(value)));
        return json!({ "zh": "", "en": "" });
    };
    Value::Object(read_table(report, place, &keys, table))
}

fn read_list(report: &mut Report, place: &str, value: &Spanned<DeValue<'_>>, shape: Shape) -> Value {
    let Some(list) = value.get_ref().as_array() else {
        report.add_unsound(place, format!("must be a list, not {}", type_name(value)));
        return json!([]);
    };
    let mut out = Vec::new();
    for (index, entry) in list.iter().enumerate() {
        let inner = format!("{place}[{index}]");
        report.locate(&inner, &entry.span());
        match read_text(shape, entry) {
            Ok(text) if out.contains(&text) => report.add_unsound(&inner, format!("{text} stands in the list twice")),
            // An entry that is dropped must not move the ones behind it: rules name them by index.
            Ok(text) => {
                out.push(text);
                continue;
            }
            Err(expected) => report.add_unsound(&inner, format!("must be {expected}")),
        }
        out.push(json!(""));
    }
    Value::Array(out)
}

fn read_rows(report: &mut Report, place: &str, value: &Spanned<DeValue<'_>>, keys: &[Key]) -> Value {
    let Some(list) = value.get_ref().as_array() else {
        report.add_unsound(place, format!("must be a list of tables, not {}", type_name(value)));
        return json!([]);
    };
    let mut out = Vec::new();
    for (index, entry) in list.iter().enumerate() {
        let inner = format!("{place}[{index}]");
        report.locate(&inner, &entry.span());
        out.push(Value::Object(if let Some(table) = entry.get_ref().as_table() {
            read_table(report, &inner, keys, table)
        } else {
            report.add_unsound(&inner, format!("must be a table, not {}", type_name(entry)));
            keys.iter().map(|key| (key.name.to_owned(), replacement(key))).collect()
        }));
    }
    Value::Array(out)
}

/// Whether a text has a shape; otherwise what was expected.
fn check_text(shape: Shape, text: &str) -> Result<(), String> {
    let length = text.chars().count();
    let made_of = |allowed: fn(char) -> bool| text.chars().all(allowed);
    let (min, max, fits, of) = match shape {
        Shape::Line(min, max) => (min, max, !text.contains(char::is_control), "on one line"),
        Shape::Text(min, max) => {
            let fits = !text.contains(|c: char| c.is_control() && c != '\n' && c != '\t');
            (min, max, fits, "without control characters other than line breaks and tabs")
        }
        Shape::Id(max) => {
            (1, max, made_of(|c| matches!(c, 'a'..='z' | '0'..='9' | '-')), "of lower case letters, digits and `-`")
        }
        Shape::ParamKey(max) => {
            (1, max, made_of(|c| matches!(c, 'a'..='z' | '0'..='9' | '_')), "of lower case letters, digits and `_`")
        }
        Shape::ConfigKey(max) => (
            1,
            max,
            made_of(|c| matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-')),
            "of letters, digits, `.`, `_` and `-`",
        ),
        Shape::Digits(max) => (1, max, made_of(|c| c.is_ascii_digit()), "that are digits"),
        _ => return Err("text".to_owned()),
    };
    let blank = min > 0 && text.trim().is_empty();
    if fits && !blank && (min..=max).contains(&length) {
        Ok(())
    } else if fits && !blank {
        Err(format!("{min} to {max} characters {of}, not {length}"))
    } else {
        Err(format!("{min} to {max} characters {of}"))
    }
}

fn number(value: &Spanned<DeValue<'_>>) -> Option<i64> {
    let integer: &DeInteger<'_> = value.get_ref().as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn type_name(value: &Spanned<DeValue<'_>>) -> &'static str {
    match value.get_ref() {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
