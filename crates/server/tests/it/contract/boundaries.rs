//! Every bound of every parameter, from the facts in `crates/server/openapi`: just below, at and just above, a wrong type,
//! and a missing mandatory one.
//!
//! A refusal has to name the parameter and say what is allowed. At a bound another refusal is fine (an id that nothing
//! has), one that names the parameter is not, unless the facts say what it must be `beyond` its bounds.

use super::{Draft, Fixtures, areas, named_field, operation};
use crate::support::people::ALICE;
use crate::support::{Answer, TestApp};
use counterfoil::openapi::facts::{Described, Field};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Texts that are shorter than any that could be checked against their maximum.
const LONGEST_TEXT: i64 = 20_000;

/// What a parameter is set to.
#[derive(Clone, Debug)]
pub enum Set {
    /// Not there at all.
    Missing,
    /// A value of JSON; in a query or path its text, a list as repeated keys.
    To(Value),
}

impl Draft {
    /// Sets one parameter, or takes it away.
    pub fn set(&mut self, param: &Field, set: &Set) {
        let texts = |value: &Value| -> Vec<String> {
            match value {
                Value::Array(items) => items.iter().map(plain).collect(),
                other => vec![plain(other)],
            }
        };
        let Set::To(value) = set else {
            match param.r#in.as_str() {
                "query" => self.query.retain(|(name, _)| *name != param.name),
                "header" => self.headers.retain(|(name, _)| *name != param.name),
                "form" => self.form.as_mut().unwrap().retain(|(name, _)| *name != param.name),
                "body" => {
                    let (parent, key) = param.name.rsplit_once('.').unwrap_or(("", &param.name));
                    place(&mut self.body, parent).as_object_mut().unwrap().remove(key);
                }
                other => panic!("{other}"),
            }
            return;
        };
        match param.r#in.as_str() {
            "query" => {
                self.query.retain(|(name, _)| *name != param.name);
                self.query.extend(texts(value).into_iter().map(|text| (param.name.clone(), text)));
            }
            "header" => self.headers.extend(texts(value).into_iter().map(|text| (param.name.clone(), text))),
            "path" => {
                let place = self.ids.iter_mut().find(|(name, _)| *name == param.name).unwrap();
                place.1 = texts(value).remove(0);
            }
            "form" => {
                let form = self.form.as_mut().unwrap();
                let part = form.iter_mut().find(|(name, _)| *name == param.name).unwrap();
                part.1 = texts(value).remove(0);
            }
            "body" => *place(&mut self.body, &param.name) = value.clone(),
            other => panic!("{other}"),
        }
    }
}

/// A value as it stands in a query.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The place in a body that a name such as `message.content` or `list[].value` means.
fn place<'a>(body: &'a mut Value, name: &str) -> &'a mut Value {
    let mut at = body;
    for part in name.split('.').filter(|part| !part.is_empty()) {
        let (key, is_item) = part.strip_suffix("[]").map_or((part, false), |key| (key, true));
        at = &mut at[key];
        if is_item {
            if !at.is_array() {
                *at = json!([Value::Null]);
            }
            at = &mut at[0];
        }
    }
    at
}

/// The name by which an error names a parameter: the first item of a list.
fn name_in_errors(param: &Field) -> String {
    if param.r#in == "body" { param.name.replace("[]", "[0]") } else { param.name.clone() }
}

struct Walk {
    app: TestApp,
    ids: Fixtures,
    findings: Vec<String>,
    calls: usize,
}

impl Walk {
    async fn send(&mut self, op: &Described, param: &Field, set: &Set) -> Answer {
        self.calls += 1;
        let operation = operation(&op.id);
        let mut draft = Draft::good(&self.app, &operation, &self.ids).await;
        draft.set(param, set);
        draft.send(&self.app, &ALICE).await
    }

    fn found(&mut self, op: &Described, param: &Field, what: &str, answer: &Answer) {
        let shown: String = String::from_utf8_lossy(&answer.bytes).chars().take(200).collect();
        self.findings.push(format!("{} {}: {what}: {} {shown}", op.id, param.name, answer.status));
    }

    /// Outside: refused with the name and what is allowed.
    async fn refuses(&mut self, op: &Described, param: &Field, what: &str, set: Set, codes: &[&str]) {
        let answer = self.send(op, param, &set).await;
        let code_fits = codes.contains(&answer.code().as_str());
        let field = named_field(&answer);
        let message = answer.message();
        let says = says_what_is_allowed(&message, param);
        if answer.status != 400 || !code_fits || field.as_deref() != Some(&name_in_errors(param)) || !says {
            self.found(op, param, what, &answer);
        }
    }

    /// Inside: not refused for this parameter, or only for what its value means.
    async fn takes(&mut self, op: &Described, param: &Field, what: &str, set: Set) {
        let answer = self.send(op, param, &set).await;
        let named = named_field(&answer).is_some_and(|field| {
            let own = name_in_errors(param);
            // An item of a list is named for what it is; the list for how many there are.
            field == own
                || field.strip_prefix(&own).is_some_and(|rest| rest.starts_with('[') && param.r#type == "array")
        });
        let for_its_value = param.beyond.is_some() && !speaks_of_bounds(&answer.message());
        if answer.status >= 500 || answer.status == 401 || (named && !for_its_value) {
            self.found(op, param, what, &answer);
        }
    }

    async fn walk(&mut self, op: &Described, param: &Field) {
        const PARAM: &[&str] = &["OSM.01010001"];
        const WRONG_TYPE: &[&str] = &["OSM.0001"];
        let narrower = param.narrower.is_some();
        if param.mandatory && param.r#in != "path" {
            self.refuses(op, param, "missing", Set::Missing, PARAM).await;
        }
        for wrong in wrong_types(param) {
            self.refuses(op, param, &format!("wrong type {wrong}"), Set::To(wrong), WRONG_TYPE).await;
        }
        let (Some(min), Some(max)) = (param.min, param.max) else { return };
        match param.r#type.as_str() {
            "integer" => {
                // A bound that is the end of 64 bits has nothing beside it.
                let far = (max < i64::MAX).then_some(i64::MAX);
                let outside = [("below", min.checked_sub(1)), ("above", max.checked_add(1)), ("far above", far)];
                for (what, number) in outside {
                    if let Some(number) = number {
                        self.refuses(op, param, what, Set::To(number.into()), PARAM).await;
                    }
                }
                let beyond: Value = serde_json::from_str("99999999999999999999").unwrap();
                self.refuses(op, param, "beyond 64 bits", Set::To(beyond), &["OSM.01010001", "OSM.0001"]).await;
                for number in [min, max] {
                    self.takes(op, param, &format!("at {number}"), Set::To(number.into())).await;
                }
            }
            "string" if param.values.is_empty() => {
                if min > 0 && param.r#in == "path" {
                    // Nothing in the place of a parameter is another path, unless more follows.
                    let answer = self.send(op, param, &Set::To("".into())).await;
                    let is_named = answer.status == 400 && named_field(&answer).as_deref() == Some(&param.name);
                    if answer.status != 404 && !is_named {
                        self.found(op, param, "empty path", &answer);
                    }
                } else if min > 0 {
                    self.refuses(op, param, "below", Set::To(text(op, param, min - 1, "a").into()), PARAM).await;
                }
                if param.r#in != "path" || min > 0 {
                    self.takes(op, param, "at min", Set::To(text(op, param, min, "a").into())).await;
                }
                if max > LONGEST_TEXT {
                    assert!(narrower, "{} {}: a text of {max} needs to be `narrower`", op.id, param.name);
                    return;
                }
                for letter in ["a", "\u{1f4be}"] {
                    // A wide character takes twelve bytes in a query, so that the request target may end before the text.
                    if letter != "a" && (param.r#in == "header" || narrower) {
                        continue;
                    }
                    if !narrower || param.r#in == "query" {
                        self.takes(op, param, "at max", Set::To(text(op, param, max, letter).into())).await;
                    }
                    self.refuses(op, param, "above", Set::To(text(op, param, max + 1, letter).into()), PARAM).await;
                }
            }
            "string" => {
                for value in &param.values {
                    let answer = self.send(op, param, &Set::To(value.value.as_str().into())).await;
                    let says = answer.message().contains("allowed are");
                    // The same code with another status is about the state that the request before has left.
                    if says || (answer.status == 400 && param.code.as_ref() == Some(&answer.code())) {
                        self.found(op, param, &format!("value {}", value.value), &answer);
                    }
                }
                let unknown = Set::To(text(op, param, max.min(9), "a").into());
                if let Some(code) = &param.code {
                    // A refusal that has a documented code and text of its own.
                    let answer = self.send(op, param, &unknown).await;
                    if (answer.status, &answer.code()) != (400, code) {
                        self.found(op, param, "unknown value", &answer);
                    }
                } else {
                    self.refuses(op, param, "unknown value", unknown, PARAM).await;
                }
                self.refuses(op, param, "above", Set::To(text(op, param, max + 1, "a").into()), PARAM).await;
            }
            "array" | "objects" => {
                if min > 0 {
                    self.refuses(op, param, "below", Set::To(self.items(op, param, min - 1).await), PARAM).await;
                }
                self.takes(op, param, "at min", Set::To(self.items(op, param, min).await)).await;
                if !narrower {
                    self.takes(op, param, "at max", Set::To(self.items(op, param, max).await)).await;
                }
                self.refuses(op, param, "above", Set::To(self.items(op, param, max + 1).await), PARAM).await;
            }
            other => panic!("{} {}: {other} has bounds", op.id, param.name),
        }
    }

    /// So many items: texts that differ, or copies of the item that the good request has.
    async fn items(&self, op: &Described, param: &Field, count: i64) -> Value {
        if param.r#type == "array" {
            let is_numbers = param.items.as_deref() == Some("integer");
            let item = |i: i64| if is_numbers { Value::from(i) } else { Value::from(format!("{i:032}")) };
            return (1..=count).map(item).collect();
        }
        let mut draft = Draft::good(&self.app, &operation(&op.id), &self.ids).await;
        let item = place(&mut draft.body, &param.name)[0].clone();
        (0..count).map(|_| item.clone()).collect()
    }
}

/// A text of so many characters.
fn text(op: &Described, param: &Field, length: i64, letter: &str) -> String {
    let length = usize::try_from(length).unwrap();
    let (start, end) = areas::wrapping(&op.id, &param.name);
    let fixed = start.len() + end.len();
    if length < fixed { letter.repeat(length) } else { format!("{start}{}{end}", letter.repeat(length - fixed)) }
}

/// Values of a type that the parameter does not have.
fn wrong_types(param: &Field) -> Vec<Value> {
    match (param.r#in.as_str(), param.r#type.as_str()) {
        ("body", "string") => vec![json!(12), json!(["a"]), json!({"a": "b"}), json!(true)],
        ("body", "integer") => vec![json!("12"), json!([1]), json!(1.5), json!(true)],
        // A single item may come by itself.
        ("body", "array") if param.format.as_deref() == Some("list or text") => vec![json!({"a": "b"}), json!(12)],
        ("body", "array" | "objects") => vec![json!("a"), json!({"a": "b"}), json!(12)],
        ("body", "map") => vec![json!("a"), json!([["a", "b"]]), json!(12)],
        ("body", "object") => vec![json!("a"), json!(["a"]), json!(12)],
        ("query", "integer") => vec![json!("x"), json!("0x10"), json!("1 2")],
        ("query", "boolean") => vec![json!("maybe")],
        _ => Vec::new(),
    }
}

fn speaks_of_bounds(message: &str) -> bool {
    ["characters are allowed", "items are allowed", "a whole number from"].iter().any(|words| message.contains(words))
}

/// The bounds in numbers, the values, or words.
fn says_what_is_allowed(message: &str, param: &Field) -> bool {
    let Some((_, said)) = message.split_once(&format!("{}: ", name_in_errors(param))) else { return false };
    let bounds = param.min.zip(param.max).is_some_and(|(min, max)| {
        // A mandatory text that may be empty by the documents may not be so here.
        [min, 1].iter().any(|min| said.starts_with(&format!("{min} to {max} ")))
            || said.contains(&format!("from {min} to {max} "))
    });
    // Where there are values, a text that is longer than all of them may also be refused for its length.
    let values = !param.values.is_empty()
        && (param.values.iter().all(|choice| said.contains(choice.value.as_str()))
            || said.contains("characters are allowed"));
    let other = ["it is mandatory", "invalid type", "invalid value", "allowed are true, false"]
        .iter()
        .any(|start| said.starts_with(start));
    bounds || values || other
}

#[tokio::test]
async fn every_bound_is_held() {
    let app = TestApp::start().await;
    let ids = Fixtures::make(&app, &ALICE).await;
    let mut walk = Walk { app, ids, findings: Vec::new(), calls: 0 };
    for op in with_routes() {
        for param in &op.params {
            walk.walk(op, param).await;
        }
    }
    assert!(walk.calls > 500, "{} calls", walk.calls);
    assert!(walk.findings.is_empty(), "{} findings\n{}", walk.findings.len(), walk.findings.join("\n"));
}

/// The documented operations that have a route.
fn with_routes() -> Vec<&'static Described> {
    let routes: BTreeSet<_> = counterfoil::routes::operations().iter().map(|op| op.id).collect();
    areas::described().filter(|op| !op.ours && routes.contains(op.id.as_str())).collect()
}

#[test]
fn the_facts_are_of_the_operations_that_there_are() {
    let facts: BTreeSet<_> =
        areas::described().map(|op| (op.id.as_str(), op.method.as_str(), op.path.as_str())).collect();
    for op in counterfoil::routes::operations() {
        assert!(
            facts.contains(&(op.id, op.method, op.path)),
            "{} {} {} is not in the facts",
            op.id,
            op.method,
            op.path
        );
    }
    for op in areas::described() {
        let in_path: Vec<_> = op.params.iter().filter(|p| p.r#in == "path").map(|p| p.name.as_str()).collect();
        assert_eq!(super::placeholders(&op.path), in_path, "{}: parameters of the path", op.id);
    }
}
