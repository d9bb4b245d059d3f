//! Every bound of every parameter, from the facts in `operations.json`: just below, at and just above, a wrong type, and
//! a missing mandatory one.
//!
//! A refusal has to name the parameter and say what is allowed. At a bound another refusal is fine (an id that nothing
//! has), one that names the parameter is not, but for what [`VALUES`] lists.

use super::{Draft, Fixtures, named_field, operation};
use crate::support::people::ALICE;
use crate::support::{Answer, TestApp};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An operation as documented.
#[derive(Deserialize)]
pub struct Documented {
    pub id: String,
    method: String,
    path: String,
    pub params: Vec<Param>,
}

/// A parameter as documented. `min` and `max` count characters of a text, items of a list, or are the number's own.
#[derive(Deserialize)]
pub struct Param {
    pub name: String,
    r#in: String,
    r#type: String,
    mandatory: bool,
    min: Option<i64>,
    max: Option<i64>,
    #[serde(default)]
    values: Vec<String>,
}

impl Param {
    /// A parameter that `operations.json` does not know.
    pub fn of(place: &str, name: &str) -> Self {
        let (name, place) = (name.to_owned(), place.to_owned());
        Self {
            name,
            r#in: place,
            r#type: "string".to_owned(),
            mandatory: false,
            min: None,
            max: None,
            values: Vec::new(),
        }
    }
}

/// Parameters whose value may be refused inside of its bounds, but not for a bound: what they must be beyond that.
const VALUES: &[(&str, &str, &str)] = &[
    ("CreateCases", "incident_sub_type_id", "the category of the product"),
    ("CreateCases", "product_category_id", "the product of the problem type"),
    ("CreateCases", "business_type_id", "a problem type of the catalogue; mandatory, so not empty"),
    ("CreateCases", "region_id", "a region of the catalogue"),
    ("CreateCases", "simple_description", "mandatory, so not blank, although the documented minimum is 0"),
    ("CreateCases", "source_id", "the one known channel"),
    ("CreateCases", "remind_mobile", "a phone number"),
    ("CreateCases", "remind_mail", "a mail address"),
    ("CreateCases", "remind_time", "0 or a window"),
    ("CreateCases", "accessory_ids", "uploaded files"),
    ("CreateCases", "area_code", "a dialling code"),
    ("ListCases", "query_start_time", "a time"),
    ("ListCases", "query_end_time", "a time"),
    ("ListCases", "incident_status", "numbers with commas between"),
    ("UpdateCases", "action_id", "one of the actions"),
    ("UpdateCases", "incident_satisfaction_list[].satisfaction_id", "a dimension of the catalogue"),
    ("UpdateCases", "incident_satisfaction_list[].satisfaction_value", "steps up to the dimension's full score"),
    (
        "CreateMessages",
        "message.content",
        "mandatory, so not blank without files, although the documented minimum is 0",
    ),
    ("CreateMessages", "message.accessory_ids", "uploaded files"),
    ("ListNewInstantMessages", "case_ids", "mandatory, so not empty, although the documented minimum is 0"),
    ("ListNewInstantMessages", "last_message_time_id", "what an earlier poll answered"),
    ("ListUnreadNewInstantMessages", "case_ids", "mandatory, so not empty, although the documented minimum is 0"),
    ("ListMoreInstantMessages", "create_time", "a time"),
    ("RevokeMessage", "message_id", "a message of the case"),
    ("UploadAccessory", "form_data", "a description in JSON"),
    ("UploadJsonAccessories", "accessory_name", "a file name with an allowed extension"),
    ("UploadJsonAccessories", "accessory_from", "one of the values"),
    ("UploadJsonAccessories", "accessory_data", "Base64"),
    ("ShowDownloadAccessoryUrl", "relation_type", "one of the values"),
    ("ShowDownloadAccessoryUrl", "incident_id", "mandatory for this relation"),
    ("ShowConfiguration", "config_key", "a key of the catalogue"),
];

/// Bounds that cannot be reached, because a narrower one comes first.
const NARROWER: &[(&str, &str, &str)] = &[
    ("CreateCases", "accessory_ids", "the catalogue's accessory_limit_count, which ListAccessoryLimits tells"),
    ("UploadJsonAccessories", "accessory_data", "the limit of a request's body is reached before"),
];

/// Texts that are shorter than any that could be checked against their maximum.
const LONGEST_TEXT: i64 = 20_000;

pub fn documented() -> Vec<Documented> {
    serde_json::from_str(include_str!("operations.json")).unwrap()
}

fn is_listed(list: &[(&str, &str, &str)], operation: &str, param: &str) -> bool {
    list.iter().any(|(o, p, _)| *o == operation && *p == param)
}

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
    pub fn set(&mut self, param: &Param, set: &Set) {
        let texts = |value: &Value| -> Vec<String> {
            match value {
                Value::Array(items) => items.iter().map(|item| item.as_str().unwrap().to_owned()).collect(),
                Value::String(text) => vec![text.clone()],
                other => vec![other.to_string()],
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
fn name_in_errors(param: &Param) -> String {
    if param.r#in == "body" { param.name.replace("[]", "[0]") } else { param.name.clone() }
}

struct Walk {
    app: TestApp,
    ids: Fixtures,
    findings: Vec<String>,
    calls: usize,
}

impl Walk {
    async fn send(&mut self, op: &Documented, param: &Param, set: &Set) -> Answer {
        self.calls += 1;
        let operation = operation(&self.app, &op.id);
        let mut draft = Draft::good(&self.app, &operation, &self.ids).await;
        draft.set(param, set);
        draft.send(&self.app, &ALICE).await
    }

    fn found(&mut self, op: &Documented, param: &Param, what: &str, answer: &Answer) {
        let shown: String = String::from_utf8_lossy(&answer.bytes).chars().take(200).collect();
        self.findings.push(format!("{} {}: {what}: {} {shown}", op.id, param.name, answer.status));
    }

    /// Outside: refused with the name and what is allowed.
    async fn refuses(&mut self, op: &Documented, param: &Param, what: &str, set: Set, codes: &[&str]) {
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
    async fn takes(&mut self, op: &Documented, param: &Param, what: &str, set: Set) {
        let answer = self.send(op, param, &set).await;
        let named = named_field(&answer).is_some_and(|field| {
            let own = name_in_errors(param);
            // An item of a list is named for what it is; the list for how many there are.
            field == own
                || field.strip_prefix(&own).is_some_and(|rest| rest.starts_with('[') && param.r#type == "array")
        });
        let for_its_value = is_listed(VALUES, &op.id, &param.name) && !speaks_of_bounds(&answer.message());
        if answer.status >= 500 || answer.status == 401 || (named && !for_its_value) {
            self.found(op, param, what, &answer);
        }
    }

    async fn walk(&mut self, op: &Documented, param: &Param) {
        const PARAM: &[&str] = &["OSM.01010001"];
        const WRONG_TYPE: &[&str] = &["OSM.0001"];
        let narrower = is_listed(NARROWER, &op.id, &param.name);
        if param.mandatory && param.r#in != "path" {
            self.refuses(op, param, "missing", Set::Missing, PARAM).await;
        }
        for wrong in wrong_types(param) {
            self.refuses(op, param, &format!("wrong type {wrong}"), Set::To(wrong), WRONG_TYPE).await;
        }
        let (Some(min), Some(max)) = (param.min, param.max) else { return };
        match param.r#type.as_str() {
            "integer" => {
                for (what, number) in [("below", min - 1), ("above", max + 1), ("far above", i64::MAX)] {
                    self.refuses(op, param, what, Set::To(number.into()), PARAM).await;
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
                    self.refuses(op, param, "below", Set::To(text(param, min - 1, "a").into()), PARAM).await;
                }
                if param.r#in != "path" || min > 0 {
                    self.takes(op, param, "at min", Set::To(text(param, min, "a").into())).await;
                }
                if max > LONGEST_TEXT {
                    assert!(narrower, "{} {}: a text of {max} needs a reason in NARROWER", op.id, param.name);
                    return;
                }
                for letter in ["a", "\u{1f4be}"] {
                    if param.r#in == "header" && letter != "a" {
                        continue;
                    }
                    if !narrower {
                        self.takes(op, param, "at max", Set::To(text(param, max, letter).into())).await;
                    }
                    self.refuses(op, param, "above", Set::To(text(param, max + 1, letter).into()), PARAM).await;
                }
            }
            "string" => {
                for value in &param.values {
                    let answer = self.send(op, param, &Set::To(value.as_str().into())).await;
                    let says = answer.message().contains("allowed are");
                    if says || answer.code() == "OSM.01010013" {
                        self.found(op, param, &format!("value {value}"), &answer);
                    }
                }
                let unknown = Set::To(text(param, max.min(9), "a").into());
                if op.id == "UpdateCases" && param.name == "action_id" {
                    // The one refusal that has a documented code and text of its own.
                    let answer = self.send(op, param, &unknown).await;
                    if (answer.status, answer.code().as_str()) != (400, "OSM.01010013") {
                        self.found(op, param, "unknown value", &answer);
                    }
                } else {
                    self.refuses(op, param, "unknown value", unknown, PARAM).await;
                }
                self.refuses(op, param, "above", Set::To(text(param, max + 1, "a").into()), PARAM).await;
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
    async fn items(&self, op: &Documented, param: &Param, count: i64) -> Value {
        if param.r#type == "array" {
            let width = if param.name == "label_id_list" { 1 } else { 32 };
            return (1..=count).map(|i| Value::from(format!("{i:0width$}"))).collect();
        }
        let mut draft = Draft::good(&self.app, &operation(&self.app, &op.id), &self.ids).await;
        let item = place(&mut draft.body, &param.name)[0].clone();
        (0..count).map(|_| item.clone()).collect()
    }
}

/// A text of so many characters.
fn text(param: &Param, length: i64, letter: &str) -> String {
    let length = usize::try_from(length).unwrap();
    let (start, end) = match param.name.as_str() {
        "form_data" => ("{\"fileName\":\"a.txt\",\"accessoryFrom\":\"incident\",\"uploadType\":0,\"x\":\"", "\"}"),
        "accessory_name" => ("", ".txt"),
        _ => ("", ""),
    };
    let fixed = start.len() + end.len();
    if length < fixed { letter.repeat(length) } else { format!("{start}{}{end}", letter.repeat(length - fixed)) }
}

/// Values of a type that the parameter does not have.
fn wrong_types(param: &Param) -> Vec<Value> {
    match (param.r#in.as_str(), param.r#type.as_str()) {
        ("body", "string") => vec![json!(12), json!(["a"]), json!({"a": "b"}), json!(true)],
        ("body", "integer") => vec![json!("12"), json!([1]), json!(1.5), json!(true)],
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
fn says_what_is_allowed(message: &str, param: &Param) -> bool {
    let Some((_, said)) = message.split_once(&format!("{}: ", name_in_errors(param))) else { return false };
    let bounds = param.min.zip(param.max).is_some_and(|(min, max)| {
        // A mandatory text that may be empty by the documents may not be so here.
        [min, 1].iter().any(|min| said.starts_with(&format!("{min} to {max} ")))
            || said.contains(&format!("from {min} to {max} "))
    });
    // Where there are values, a text that is longer than all of them may also be refused for its length.
    let values = !param.values.is_empty()
        && (param.values.iter().all(|value| said.contains(value.as_str())) || said.contains("characters are allowed"));
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
    for op in documented() {
        for param in &op.params {
            walk.walk(&op, param).await;
        }
    }
    assert!(walk.calls > 500, "{} calls", walk.calls);
    assert!(walk.findings.is_empty(), "{} findings\n{}", walk.findings.len(), walk.findings.join("\n"));
}

#[tokio::test]
async fn the_facts_are_of_the_operations_that_there_are() {
    let app = TestApp::start().await;
    let documented = documented();
    let facts: BTreeSet<_> =
        documented.iter().map(|op| (op.id.as_str(), op.method.as_str(), op.path.as_str())).collect();
    let operations = counterfoil::routes::operations(&app.app);
    // Ours: the target of the access URLs.
    let ours = |id: &str| id == "DownloadSignedAccessory";
    let routes: BTreeSet<_> = (operations.iter())
        .filter(|op| op.path.starts_with("/v2/servicerequest/") && !ours(op.id))
        .map(|op| (op.id, op.method, op.path))
        .collect();
    assert_eq!(facts, routes);
    for (op, param, reason) in VALUES.iter().chain(NARROWER) {
        let found = documented.iter().find(|known| known.id == *op).unwrap().params.iter().any(|p| p.name == *param);
        assert!(found, "{op} has no {param}, of which it is said: {reason}");
    }
}
