//! The facts of every operation, as the files in `crates/server/openapi` write them down.
//!
//! One file holds one area: its tag, its operations and the models that they answer with. A model is known by its name in
//! all areas. Bounds count characters of a text and items of a list, or are a number's own.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The files, each with the name of its area, in the order in which they are shown.
const FILES: &[(&str, &str)] = &[
    ("cases", include_str!("../../openapi/cases.json")),
    ("particulars", include_str!("../../openapi/particulars.json")),
    ("messages", include_str!("../../openapi/messages.json")),
    ("instant_messages", include_str!("../../openapi/instant_messages.json")),
    ("events", include_str!("../../openapi/events.json")),
    ("accessories", include_str!("../../openapi/accessories.json")),
    ("labels", include_str!("../../openapi/labels.json")),
    ("relations", include_str!("../../openapi/relations.json")),
    ("export", include_str!("../../openapi/export.json")),
    ("legacy", include_str!("../../openapi/legacy.json")),
    ("authorizations", include_str!("../../openapi/authorizations.json")),
    ("sessions", include_str!("../../openapi/sessions.json")),
    ("agreements", include_str!("../../openapi/agreements.json")),
    ("privileges", include_str!("../../openapi/privileges.json")),
    ("contacts", include_str!("../../openapi/contacts.json")),
    ("quotas", include_str!("../../openapi/quotas.json")),
    ("partners", include_str!("../../openapi/partners.json")),
    ("feedbacks", include_str!("../../openapi/feedbacks.json")),
    ("diagnosis", include_str!("../../openapi/diagnosis.json")),
    ("catalog", include_str!("../../openapi/catalog.json")),
    ("identity", include_str!("../../openapi/identity.json")),
    ("desk", include_str!("../../openapi/desk.json")),
    ("service", include_str!("../../openapi/service.json")),
];

/// A short text in both languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Its name, which is the file's.
    pub area: String,
    /// What the operations are grouped under.
    pub tag: Text,
    /// The operations, in the order in which they are shown.
    pub operations: Vec<Described>,
    /// The models by name.
    pub models: BTreeMap<String, Vec<Field>>,
}

/// An operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// The operation id, such as `CreateCases`.
    pub id: String,
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path with its parameters in braces.
    pub path: String,
    /// What it does, in a few words.
    pub summary: Text,
    /// True when the operation is our own addition to the documented API.
    #[serde(default)]
    pub ours: bool,
    /// Whether it writes an event, which is what the audit trail is made of.
    pub audited: bool,
    /// The status of success.
    #[serde(default = "ok")]
    pub status: u16,
    /// What it takes. A name such as `message.content` or `list[].value` is a place in the body.
    pub params: Vec<Field>,
    /// What it answers.
    pub answer: Answer,
    /// Codes of its errors beside those that are common to all.
    pub errors: Vec<String>,
    /// A request that works, and its answer.
    pub example: Example,
}

fn ok() -> u16 {
    200
}

/// What an operation answers.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// What has no fields to describe: `file`, `text`, `html`, `events` (a stream), or `json` of a form of its own.
    Raw(String),
    /// A JSON object with these fields; none for `{}`.
    Fields(Vec<Field>),
}

/// A parameter, or a field of an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Where a parameter is: `path`, `query`, `header`, `body` or `form`; empty in answers.
    #[serde(default)]
    pub r#in: String,
    /// `string`, `integer`, `number`, `boolean`, `array`, `objects` (a list of objects, in bodies), `object`, `map`, `file`.
    pub r#type: String,
    /// What a list holds: a type, or the name of a model.
    #[serde(default)]
    pub items: Option<String>,
    /// The model of an object.
    #[serde(default)]
    pub model: Option<String>,
    /// Whether a parameter has to be there; whether a field of an answer always is.
    #[serde(default)]
    pub mandatory: bool,
    /// Whether a field of an answer may be null.
    #[serde(default)]
    pub nullable: bool,
    /// The least length, number of items or number.
    #[serde(default)]
    pub min: Option<i64>,
    /// The greatest length, number of items or number.
    #[serde(default)]
    pub max: Option<i64>,
    /// The values that there are; all of them for a text, those with a name for a number.
    #[serde(default, deserialize_with = "choices")]
    pub values: Vec<Choice>,
    /// `time`, `email`, ...: what a text looks like.
    #[serde(default)]
    pub format: Option<String>,
    /// What stands for it when it is left out.
    #[serde(default)]
    pub default: Option<Value>,
    /// What it means, in Chinese.
    #[serde(default)]
    pub zh: Option<String>,
    /// What it means, in English.
    #[serde(default)]
    pub en: Option<String>,
    /// Why a value inside of the bounds may be refused all the same: what it must be beyond them.
    #[serde(default)]
    pub beyond: Option<String>,
    /// Why the greatest value cannot be reached: what comes first.
    #[serde(default)]
    pub narrower: Option<String>,
    /// Whether a list of texts is taken as well as a text.
    #[serde(default)]
    pub or_list: bool,
    /// The code of a refusal, where it is not the one for wrong parameters.
    #[serde(default)]
    pub code: Option<String>,
}

/// A value that a parameter may have, and what it means.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The value as text.
    pub value: String,
    /// What it means; English stands for Chinese where that is missing.
    pub meaning: Option<Text>,
}

/// `["a", "b"]`, `{"a": "in English"}` or `{"a": {"zh": .., "en": ..}}`.
fn choices<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Choice>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Listed(Vec<String>),
        Explained(Map<String, Value>),
    }
    let explained = |(value, meaning): (String, Value)| {
        let meaning = match meaning {
            Value::String(en) => Text { zh: en.clone(), en },
            other => serde_json::from_value(other).map_err(serde::de::Error::custom)?,
        };
        Ok(Choice { value, meaning: Some(meaning) })
    };
    match Written::deserialize(from)? {
        Written::Listed(values) => Ok(values.into_iter().map(|value| Choice { value, meaning: None }).collect()),
        Written::Explained(values) => values.into_iter().map(explained).collect(),
    }
}

/// A request that works. Its ids are those of `contract/examples.rs`, which puts real ones in their place.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Example {
    /// Values of the path.
    pub path: Map<String, Value>,
    /// The query; a list is repeated keys.
    pub query: Map<String, Value>,
    /// Headers.
    pub headers: Map<String, Value>,
    /// Parts of a form.
    pub form: Map<String, Value>,
    /// The body.
    pub body: Option<Value>,
    /// The answer.
    pub answer: Option<Value>,
}

/// All areas. Fails only when a file is not as described here, which a test would have shown.
pub fn areas() -> serde_json::Result<Vec<Area>> {
    FILES.iter().map(|(_, text)| serde_json::from_str(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_can_be_read_and_every_model_is_known_once() {
        let areas = areas().unwrap();
        let mut known = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for (area, (name, _)) in areas.iter().zip(FILES) {
            assert_eq!(area.area, *name);
            for model in area.models.keys() {
                assert!(known.insert(model.as_str()), "{model} is described twice");
            }
            for operation in &area.operations {
                assert!(ids.insert(operation.id.as_str()), "{} is described twice", operation.id);
            }
        }
        let scalar = ["string", "integer", "number", "boolean", "object", "map"];
        let fields = |area: &'_ Area| -> Vec<(String, Option<String>)> {
            let answers = area.operations.iter().filter_map(|operation| match &operation.answer {
                Answer::Fields(fields) => Some((&operation.id, fields)),
                Answer::Raw(_) => None,
            });
            let all = answers.chain(area.models.iter());
            all.flat_map(|(owner, fields)| {
                fields.iter().map(move |f| (format!("{owner}.{}", f.name), f.model.clone().or(f.items.clone())))
            })
            .collect()
        };
        for (field, named) in areas.iter().flat_map(fields) {
            let is_known = named.as_deref().is_none_or(|name| scalar.contains(&name) || known.contains(name));
            assert!(is_known, "{field}: {named:?} is not described");
        }
    }
}
