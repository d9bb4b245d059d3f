//! What holds for the whole surface, derived from the table of routes, the facts in `crates/server/openapi` and the
//! sources: a new operation that is not covered here fails. What differs from area to area is in `areas/`.
//!
//! [`Fixtures`] is what one account has, made through the same calls as customers use; [`Draft`] is a request that one
//! thing is then changed in.

mod areas;
mod bodies;
mod boundaries;
mod connections;
mod coverage;
mod crash;
mod dependencies;
mod document;
mod errors;
mod examples;
mod nodes;
mod permissions;
mod startup;
mod statements;
mod tenants;

use crate::support::{Answer, Call, Person, TestApp};
use counterfoil::iam::Role;
use counterfoil::routes::{self, Operation};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A well-formed id that nothing has.
pub const NOTHING: &str = "00000000000000000000000000000000";
/// A well-formed case id that nothing has.
pub const NO_CASE: &str = "TT1999010100000000";
/// A well-formed access key that nobody has.
pub const NO_KEY: &str = "AKEXAMPLE0NOBODY0001";
/// The boundary of forms.
const FORM: &str = "multipart/form-data; boundary=cut-here";

/// Ids of what one account has.
#[derive(Clone, Debug)]
pub struct Fixtures {
    /// A case of the account's owner, just submitted.
    pub case_id: String,
    /// Its first message.
    pub message_id: String,
    /// A file that belongs to the case.
    pub bound_id: String,
    /// A file that was uploaded for a case and belongs to nothing yet.
    pub free_id: String,
    /// A file that was uploaded for a message and belongs to nothing yet.
    pub reply_id: String,
    /// A group with the owner in it.
    pub group_id: String,
    /// The owner.
    pub user_id: String,
    /// The account.
    pub account_id: String,
    /// The owner's access key.
    pub access_key: String,
    /// What single areas have made beside.
    more: BTreeMap<&'static str, String>,
}

impl Fixtures {
    /// Makes them for an account's owner, with what every area needs.
    pub async fn make(app: &TestApp, owner: &Person) -> Self {
        let mut ids = Self::common(app, owner).await;
        for area in areas::names() {
            areas::fixtures(area, app, owner, &mut ids).await;
        }
        ids
    }

    /// Makes them with what one operation needs.
    pub async fn make_for(app: &TestApp, owner: &Person, operation: &str) -> Self {
        let mut ids = Self::common(app, owner).await;
        areas::fixtures(areas::area_of(operation), app, owner, &mut ids).await;
        ids
    }

    /// Adds an id that an area made.
    pub fn put(&mut self, name: &'static str, id: impl Into<String>) {
        self.more.insert(name, id.into());
    }

    /// An id that an area made.
    #[track_caller]
    pub fn get(&self, name: &str) -> &str {
        self.more.get(name).unwrap_or_else(|| panic!("no area has made {name}"))
    }

    /// Every id by the name of what has it.
    pub fn all(&self) -> Vec<(&'static str, String)> {
        let common = [
            ("case_id", &self.case_id),
            ("message_id", &self.message_id),
            ("bound_id", &self.bound_id),
            ("free_id", &self.free_id),
            ("reply_id", &self.reply_id),
            ("group_id", &self.group_id),
            ("user_id", &self.user_id),
            ("account_id", &self.account_id),
            ("access_key", &self.access_key),
        ];
        let more = self.more.iter().map(|(name, id)| (*name, id));
        common.into_iter().chain(more).map(|(name, id)| (name, id.clone())).collect()
    }

    async fn common(app: &TestApp, owner: &Person) -> Self {
        let free_id = upload(app, owner, "incident").await;
        let reply_id = upload(app, owner, "message").await;
        let bound_id = upload(app, owner, "incident").await;
        let case_id = submit(app, owner, &json!({"accessory_ids": [bound_id]})).await;
        let messages = app.get(&format!("/v2/servicerequest/cases/{case_id}/messages")).by(owner).send().await.ok();
        let name = format!("group of {case_id}");
        Self {
            message_id: messages["message_list"][0]["message_id"].as_str().unwrap().to_owned(),
            group_id: app.group(&name, &[Role::TicketGroupOperator], &[*owner]).await.to_string(),
            user_id: app.user_id(owner).await.to_string(),
            account_id: app.account_id(owner).await.to_string(),
            access_key: owner.access.to_owned(),
            case_id,
            bound_id,
            free_id,
            reply_id,
            more: BTreeMap::new(),
        }
    }

    /// Ids of the same form that nothing has.
    pub fn nothing() -> Self {
        let id = || NOTHING.to_owned();
        let mut ids = Self {
            case_id: NO_CASE.to_owned(),
            access_key: NO_KEY.to_owned(),
            message_id: id(),
            bound_id: id(),
            free_id: id(),
            reply_id: id(),
            group_id: id(),
            user_id: id(),
            account_id: id(),
            more: BTreeMap::new(),
        };
        areas::nothing(&mut ids);
        ids
    }
}

/// What a customer asks about: a question, which needs no region, and what belongs to it.
pub async fn question(app: &TestApp) -> (String, String, String) {
    let catalog = app.app.catalog.snapshot(&app.app.store).await.unwrap();
    let has_required = |id: &str| catalog.extra_params_for(id).iter().any(|param| param.required);
    let found = catalog.problem_types().find(|item| item.kind.code() == 0 && !has_required(&item.id)).unwrap();
    (found.id.clone(), found.product_id.clone(), found.category_id.clone())
}

/// The body of a submission.
pub async fn submission(app: &TestApp) -> Value {
    let (problem, ..) = question(app).await;
    json!({
        "business_type_id": problem,
        "simple_description": "the disk is full",
        "source_id": counterfoil::cases::SOURCE_ID,
    })
}

/// Submits a case with more in its body.
pub async fn submit(app: &TestApp, person: &Person, more: &Value) -> String {
    let mut body = submission(app).await;
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    let answer = app.post("/v2/servicerequest/cases").by(person).json(&body).send().await.ok();
    answer["incident_id"].as_str().unwrap().to_owned()
}

/// Uploads a picture for a case (`incident`) or a message (`message`).
pub async fn upload(app: &TestApp, person: &Person, accessory_from: &str) -> String {
    let target = match person.account {
        "provider" => "/desk/v1/accessories",
        _ => "/v2/servicerequest/accessorys/json-format-content",
    };
    // The smallest image that programs show.
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAAElFTkSuQmCC";
    let body = json!({"accessory_name": "dot.png", "accessory_from": accessory_from, "accessory_data": png});
    let answer = app.post(target).by(person).json(&body).send().await.ok();
    answer["accessory_id"].as_str().unwrap().to_owned()
}

/// A request that can be changed before it is sent.
#[derive(Clone, Debug)]
pub struct Draft {
    /// `GET`, `POST`, ...
    pub method: &'static str,
    /// The path with its parameters in braces.
    pub path: String,
    /// What stands in place of the braces.
    pub ids: Vec<(String, String)>,
    /// The query.
    pub query: Vec<(String, String)>,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The body; null for none.
    pub body: Value,
    /// The parts of a form, in place of the body.
    pub form: Option<Vec<(String, String)>>,
}

impl Draft {
    /// A request to an operation that is good as far as `ids` are.
    pub async fn good(app: &TestApp, operation: &Operation, ids: &Fixtures) -> Self {
        let mut draft = Self {
            method: operation.method,
            path: operation.path.to_owned(),
            ids: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Value::Null,
            form: None,
        };
        for name in placeholders(operation.path) {
            let common = || match name {
                "case_id" => Some(ids.case_id.clone()),
                "user_id" => Some(ids.user_id.clone()),
                "access_key" => Some(ids.access_key.clone()),
                _ => None,
            };
            let value = areas::path_value(operation.id, name, ids).or_else(common);
            let value = value.unwrap_or_else(|| panic!("{} has {{{name}}} in its path: see areas/", operation.id));
            draft.ids.push((name.to_owned(), value));
        }
        areas::fill(&mut draft, app, operation.id, ids).await;
        draft
    }

    /// Adds to the query.
    pub fn query(&mut self, name: &str, value: &str) {
        self.query.push((name.to_owned(), value.to_owned()));
    }

    /// The request target, encoded.
    pub fn target(&self) -> String {
        let mut target = self.path.clone();
        for (name, value) in &self.ids {
            target = target.replace(&format!("{{{name}}}"), &encode(value));
        }
        let query: Vec<String> = self.query.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
        if query.is_empty() { target } else { format!("{target}?{}", query.join("&")) }
    }

    /// The call, not yet signed.
    pub fn call<'a>(&self, app: &'a TestApp) -> Call<'a> {
        let mut call = app.call(self.method, &self.target()).english();
        for (name, value) in &self.headers {
            call = call.header(name, value);
        }
        match &self.form {
            Some(parts) => {
                let mut body = String::new();
                for (name, value) in parts {
                    let file = if name == "file" { "; filename=\"x\"" } else { "" };
                    let part = format!(
                        "--cut-here\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n"
                    );
                    body.push_str(&part);
                }
                body.push_str("--cut-here--\r\n");
                call.raw(FORM, body.into_bytes())
            }
            None if self.body.is_null() => call,
            None => call.json(&self.body),
        }
    }

    /// Sends it as somebody.
    pub async fn send(&self, app: &TestApp, person: &Person) -> Answer {
        self.call(app).by(person).send().await
    }
}

/// The names in braces.
pub fn placeholders(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
}

/// Percent-encodes all but the unreserved characters.
pub fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        out = if is_plain { out + char::from(byte).encode_utf8(&mut [0]) } else { out + &format!("%{byte:02X}") };
    }
    out
}

/// An operation by its id.
#[track_caller]
pub fn operation(id: &str) -> Operation {
    let found = routes::operations().into_iter().find(|operation| operation.id == id);
    found.unwrap_or_else(|| panic!("there is no operation {id}"))
}

/// The field that an error names, in English.
pub fn named_field(answer: &Answer) -> Option<String> {
    let message = answer.message();
    let rest = ["Param validation failed. ", "The request cannot be read. "];
    let rest = rest.into_iter().find_map(|start| message.strip_prefix(start))?;
    rest.split_once(": ").map(|(field, _)| field.to_owned())
}
