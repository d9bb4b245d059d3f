//! The rows of the catalogue and how a document becomes rows and rows a document.
//!
//! A row's kind is the section it comes from. [`PROBLEM_TYPES`] is one more kind: a row for each product with one of its
//! problems, so that a problem type that cases use can be switched off and still be known. [`plan`] decides, without
//! touching the database, what an import writes.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::document::{Document, problem_type_id};

/// Kind of the rows that are a product with one of its problems.
pub(super) const PROBLEM_TYPES: &str = "problem_types";

/// The section whose only row is a table and not a list.
const SETTINGS: &str = "settings";

/// Kind and id of a row.
pub(super) type Key = (String, String);

/// A row of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// The section.
    pub kind: String,
    /// Id, unique within its kind.
    pub id: String,
    /// Place in the order of its kind.
    pub position: i64,
    /// Whether it is offered; otherwise it is only kept for the cases that use it.
    pub enabled: bool,
    /// The item as JSON, without its id.
    pub body: String,
}

impl Item {
    pub(super) fn key(&self) -> Key {
        (self.kind.clone(), self.id.clone())
    }
}

/// The rows of a document, in its order.
pub(super) fn from_document(document: &Document) -> serde_json::Result<Vec<Item>> {
    let mut items = Vec::new();
    let mut add = |kind: &str, id: String, body: Value| {
        let position = i64::try_from(items.len()).unwrap_or(i64::MAX);
        items.push(Item { kind: kind.to_owned(), id, position, enabled: true, body: body.to_string() });
    };
    let Value::Object(sections) = serde_json::to_value(document)? else { return Ok(Vec::new()) };
    for (kind, section) in sections {
        match section {
            Value::Array(rows) => {
                for mut row in rows {
                    let id = row.as_object_mut().and_then(|row| row.shift_remove("id")).unwrap_or_default();
                    add(&kind, id.as_str().map_or_else(|| id.to_string(), str::to_owned), row);
                }
            }
            table => add(&kind, kind.clone(), table),
        }
    }
    for product in &document.products {
        for problem in &product.problems {
            let body = json!({ "product": product.id, "problem": problem });
            add(PROBLEM_TYPES, problem_type_id(&product.id, problem), body);
        }
    }
    Ok(items)
}

/// The document that rows make, whether enabled or not. Rows must be in order and hold the settings.
pub(super) fn to_document<'a>(items: impl Iterator<Item = &'a Item>) -> serde_json::Result<Document> {
    let lists: HashMap<&str, bool> = Document::lists().collect();
    let mut sections: Map<String, Value> = lists.keys().map(|name| ((*name).to_owned(), json!([]))).collect();
    for item in items {
        let mut body: Value = serde_json::from_str(&item.body)?;
        if item.kind == SETTINGS {
            sections.insert(SETTINGS.to_owned(), body);
            continue;
        }
        if let Some(row) = body.as_object_mut() {
            let is_number = lists.get(item.kind.as_str()).copied().unwrap_or_default();
            let id = if is_number { serde_json::from_str(&item.id)? } else { json!(item.id) };
            row.insert("id".to_owned(), id);
        }
        if let Some(rows) = sections.get_mut(&item.kind).and_then(Value::as_array_mut) {
            rows.push(body);
        }
    }
    serde_json::from_value(Value::Object(sections))
}

/// Ids that cases use, by kind.
pub(super) type Usage = HashMap<&'static str, HashSet<String>>;

/// Whether a new catalogue takes away anything that a case could use, so that usage has to be looked up.
pub(super) fn takes_away(old: &[Item], new: &[Item], kinds: &[&str]) -> bool {
    let kept: HashSet<Key> = new.iter().map(Item::key).collect();
    old.iter().any(|item| kinds.contains(&item.kind.as_str()) && !kept.contains(&item.key()))
}

/// What an import writes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Rows to write, each new or different.
    pub write: Vec<Item>,
    /// Rows to delete.
    pub delete: Vec<Key>,
    /// Numbers for the report.
    pub report: ImportReport,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Items that were not there before.
    pub added: usize,
    /// Items that are different now.
    pub changed: usize,
    /// Items that are as they were.
    pub unchanged: usize,
    /// Items that are gone.
    pub deleted: usize,
    /// Items that are not offered any more, but kept for the cases that use them, as `section.id`.
    pub switched_off: Vec<String>,
}

impl std::fmt::Display for ImportReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { added, changed, unchanged, deleted, switched_off } = self;
        write!(f, "{added} added, {changed} changed, {unchanged} unchanged, {deleted} deleted")?;
        if !switched_off.is_empty() {
            write!(f, ", {} switched off because cases use them: {}", switched_off.len(), switched_off.join(", "))?;
        }
        Ok(())
    }
}

/// Decide what has to be written so that `new` is the catalogue.
pub(super) fn plan(old: &[Item], new: Vec<Item>, usage: &Usage) -> Plan {
    let mut plan = Plan::default();
    let old_by_key: BTreeMap<Key, &Item> = old.iter().map(|item| (item.key(), item)).collect();
    let new_keys: HashSet<Key> = new.iter().map(Item::key).collect();
    for item in new {
        match old_by_key.get(&item.key()) {
            Some(old) if **old == item => {
                plan.report.unchanged += 1;
                continue;
            }
            // Only the place moved, because something before it came or went.
            Some(old) if old.enabled && old.body == item.body => plan.report.unchanged += 1,
            Some(_) => plan.report.changed += 1,
            None => plan.report.added += 1,
        }
        plan.write.push(item);
    }
    let kept = kept_for_cases(old, usage);
    for item in old.iter().filter(|item| !new_keys.contains(&item.key())) {
        if !kept.contains(&item.key()) {
            plan.report.deleted += 1;
            plan.delete.push(item.key());
        } else if item.enabled {
            plan.report.switched_off.push(format!("{}.{}", item.kind, item.id));
            plan.write.push(Item { enabled: false, ..item.clone() });
        }
    }
    plan
}

/// What cases use, and what that needs to be shown: the product and the problem of a problem type, the category of a product.
fn kept_for_cases(old: &[Item], usage: &Usage) -> HashSet<Key> {
    let mut kept: HashSet<Key> =
        usage.iter().flat_map(|(kind, ids)| ids.iter().map(|id| ((*kind).to_owned(), id.clone()))).collect();
    for (kind, needs) in [
        (PROBLEM_TYPES, &[("product", "products"), ("problem", "problems")][..]),
        ("products", &[("category", "categories")]),
    ] {
        let needed: Vec<Key> = (old.iter())
            .filter(|item| item.kind == kind && kept.contains(&item.key()))
            .filter_map(|item| serde_json::from_str::<Value>(&item.body).ok())
            .flat_map(|body| {
                let id = |field| body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
                needs.iter().map(|(field, kind)| ((*kind).to_owned(), id(*field))).collect::<Vec<_>>()
            })
            .collect();
        kept.extend(needed);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::document::BUILTIN;
    use super::*;

    fn builtin() -> Document {
        Document::parse(BUILTIN).unwrap()
    }

    fn usage(ids: &[(&'static str, &str)]) -> Usage {
        let mut usage = Usage::new();
        for (kind, id) in ids {
            usage.entry(*kind).or_default().insert((*id).to_owned());
        }
        usage
    }

    #[test]
    fn rows_make_the_document_again() {
        let document = builtin();
        let items = from_document(&document).unwrap();
        assert_eq!(to_document(items.iter()).unwrap(), document);
        let keys: HashSet<Key> = items.iter().map(Item::key).collect();
        assert_eq!(keys.len(), items.len());
        assert!(keys.contains(&(PROBLEM_TYPES.to_owned(), "ecs.login-failed".to_owned())));
    }

    #[test]
    fn the_same_catalogue_writes_nothing() {
        let items = from_document(&builtin()).unwrap();
        let plan = plan(&items, items.clone(), &usage(&[("products", "ecs")]));
        assert!(plan.write.is_empty() && plan.delete.is_empty());
        assert_eq!(plan.report.to_string(), format!("0 added, 0 changed, {} unchanged, 0 deleted", items.len()));
    }

    #[test]
    fn what_cases_use_is_switched_off_with_what_it_needs() {
        let old = from_document(&builtin()).unwrap();
        let mut document = builtin();
        document.products.retain(|product| product.category != "compute");
        document.categories.retain(|category| category.id != "compute");
        document.problems.retain(|problem| problem.id != "crashed");
        document.regions.retain(|region| !region.id.starts_with("cn-"));
        let used = usage(&[(PROBLEM_TYPES, "ecs.crashed"), ("regions", "cn-north-1"), ("severities", "guidance")]);
        let plan = plan(&old, from_document(&document).unwrap(), &used);
        let mut off = plan.report.switched_off.clone();
        off.sort();
        assert_eq!(
            off,
            [
                "categories.compute",
                "problem_types.ecs.crashed",
                "problems.crashed",
                "products.ecs",
                "regions.cn-north-1"
            ]
        );
        assert!(plan.delete.contains(&("products".to_owned(), "bms".to_owned())));
        assert!(plan.delete.contains(&(PROBLEM_TYPES.to_owned(), "ecs.usage".to_owned())));
        assert!(plan.write.iter().filter(|item| !item.enabled).count() == off.len());
        assert_eq!((plan.report.added, plan.report.changed), (0, 0));
    }

    #[test]
    fn what_was_switched_off_goes_when_no_case_uses_it_and_comes_back_when_it_is_named() {
        let new = from_document(&builtin()).unwrap();
        let mut old = new.clone();
        let extra = Item {
            kind: "regions".to_owned(),
            id: "moon-1".to_owned(),
            position: 1,
            enabled: false,
            body: "{}".to_owned(),
        };
        old.push(extra);
        let still_used = plan(&old, new.clone(), &usage(&[("regions", "moon-1")]));
        assert_eq!(still_used, Plan { report: still_used.report.clone(), ..Plan::default() });
        assert!(still_used.report.switched_off.is_empty());
        assert_eq!(plan(&old, new.clone(), &Usage::new()).delete, [("regions".to_owned(), "moon-1".to_owned())]);
        old.pop();
        old[3].enabled = false;
        let back = plan(&old, new.clone(), &Usage::new());
        assert_eq!((back.write.as_slice(), back.report.changed), (&new[3..4], 1));
    }

    #[test]
    fn usage_matters_only_when_something_is_taken_away() {
        let old = from_document(&builtin()).unwrap();
        assert!(!takes_away(&old, &old, &["regions"]));
        let without = |kind: &str| old.iter().filter(|item| item.kind != kind).cloned().collect::<Vec<_>>();
        assert!(takes_away(&old, &without("regions"), &["regions"]));
        assert!(!takes_away(&old, &without("templates"), &["regions"]));
    }
}
