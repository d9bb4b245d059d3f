//! The catalogue in memory: what is offered, in order, and everything that a case may still refer to, by id.
//!
//! A snapshot never changes. A handler takes one and answers from it, so that an import in between shows whole or not at
//! all. What was switched off is found by id, with `enabled` false, and stands in no list.

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::Arc;

use super::document::{
    Both, CaseKind, Category, CommonParam, Dimension, Document, ExtraParam, Product, Region, Settings, Severity,
    Template, applies, problem_type_id,
};
use super::items::{self, Item, PROBLEM_TYPES};

/// Something that was found by id.
#[derive(Debug, Clone)]
pub struct Known<T> {
    /// What it is.
    pub item: T,
    /// Whether it is offered; otherwise only cases that use it show it.
    pub enabled: bool,
}

impl<T> Deref for Known<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.item
    }
}

/// A problem of a product: the thing that a case is about.
#[derive(Debug, Clone)]
pub struct ProblemType {
    /// `business_type_id`.
    pub id: String,
    /// `product_category_id`.
    pub product_id: String,
    /// `incident_sub_type_id`.
    pub category_id: String,
    /// Consultation or fault.
    pub kind: CaseKind,
    /// Whether benefits of a support plan apply to both the product and the problem.
    pub support_plan: bool,
    /// Name.
    pub name: Both,
    /// Its form fields beside the common ones.
    pub extra_params: Arc<[ExtraParam]>,
    /// Its templates.
    pub templates: Arc<[Template]>,
}

/// The catalogue at one moment.
#[derive(Debug)]
pub struct Snapshot {
    offered: Document,
    categories: HashMap<String, Known<Category>>,
    products: HashMap<String, Known<Product>>,
    severities: HashMap<String, Known<Severity>>,
    regions: HashMap<String, Known<Region>>,
    dimensions: HashMap<String, Known<Dimension>>,
    problem_types: HashMap<String, Known<ProblemType>>,
    order: Vec<String>,
}

impl Snapshot {
    pub(super) fn new(rows: &[Item]) -> serde_json::Result<Self> {
        let offered = items::to_document(rows.iter().filter(|row| row.enabled))?;
        let all = items::to_document(rows.iter())?;
        let disabled: HashSet<(&str, &str)> =
            rows.iter().filter(|row| !row.enabled).map(|row| (row.kind.as_str(), row.id.as_str())).collect();
        let enabled = |kind: &str, id: &str| !disabled.contains(&(kind, id));
        let mut snapshot = Self {
            categories: by_id("categories", all.categories, |item| item.id.clone(), enabled),
            products: by_id("products", all.products, |item| item.id.clone(), enabled),
            severities: by_id("severities", all.severities, |item| item.id.clone(), enabled),
            regions: by_id("regions", all.regions, |item| item.id.clone(), enabled),
            dimensions: by_id("dimensions", all.dimensions, |item| item.id.to_string(), enabled),
            problem_types: HashMap::new(),
            order: Vec::new(),
            offered,
        };
        let problems: HashMap<&str, _> = all.problems.iter().map(|problem| (problem.id.as_str(), problem)).collect();
        for row in rows.iter().filter(|row| row.kind == PROBLEM_TYPES) {
            // Ids of products and problems hold no dot.
            let Some((product, problem)) = row.id.split_once('.') else { continue };
            let (Some(product), Some(problem)) = (snapshot.products.get(product), problems.get(problem)) else {
                continue;
            };
            let fits = |products: &[String], problems: &[String]| applies(products, problems, &product.id, &problem.id);
            let params = snapshot.offered.extra_params.iter().filter(|param| fits(&param.products, &param.problems));
            let templates = snapshot.offered.templates.iter().filter(|item| fits(&item.products, &item.problems));
            let item = ProblemType {
                id: problem_type_id(&product.id, &problem.id),
                product_id: product.id.clone(),
                category_id: product.category.clone(),
                kind: problem.kind,
                support_plan: product.support_plan && problem.support_plan,
                name: problem.name.clone(),
                extra_params: params.cloned().collect(),
                templates: templates.cloned().collect(),
            };
            if row.enabled {
                snapshot.order.push(item.id.clone());
            }
            snapshot.problem_types.insert(item.id.clone(), Known { item, enabled: row.enabled });
        }
        Ok(snapshot)
    }

    /// What is offered, in order.
    pub fn offered(&self) -> &Document {
        &self.offered
    }

    /// Limits and switches.
    pub fn settings(&self) -> &Settings {
        &self.offered.settings
    }

    /// Form fields of every problem type.
    pub fn common_params(&self) -> &[CommonParam] {
        &self.offered.common_params
    }

    /// The problem types that are offered, in order.
    pub fn problem_types(&self) -> impl Iterator<Item = &ProblemType> {
        self.order.iter().filter_map(|id| self.problem_types.get(id)).map(|known| &known.item)
    }

    /// A problem type by `business_type_id`.
    pub fn problem_type(&self, id: &str) -> Option<&Known<ProblemType>> {
        self.problem_types.get(id)
    }

    /// A product by `product_category_id`.
    pub fn product(&self, id: &str) -> Option<&Known<Product>> {
        self.products.get(id)
    }

    /// A category by `incident_sub_type_id`.
    pub fn category(&self, id: &str) -> Option<&Known<Category>> {
        self.categories.get(id)
    }

    /// A severity by id.
    pub fn severity(&self, id: &str) -> Option<&Known<Severity>> {
        self.severities.get(id)
    }

    /// The mildest severity that is offered.
    pub fn mildest_severity(&self) -> Option<&Severity> {
        self.offered.severities.iter().max_by_key(|severity| severity.rank)
    }

    /// A region by id.
    pub fn region(&self, id: &str) -> Option<&Known<Region>> {
        self.regions.get(id)
    }

    /// A satisfaction dimension by id.
    pub fn dimension(&self, id: i64) -> Option<&Known<Dimension>> {
        self.dimensions.get(&id.to_string())
    }

    /// Form fields of a problem type beside the common ones; none for an unknown one.
    pub fn extra_params_for(&self, problem_type_id: &str) -> &[ExtraParam] {
        self.problem_types.get(problem_type_id).map_or(&[], |known| &known.item.extra_params)
    }

    /// A public configuration item.
    pub fn configuration(&self, key: &str) -> Option<&str> {
        self.offered.configurations.iter().find(|item| item.id == key).map(|item| item.value.as_str())
    }

    /// Whether some country or region has this dialling code.
    pub fn has_area_code(&self, code: &str) -> bool {
        self.offered.area_codes.iter().any(|area| area.code == code)
    }
}

fn by_id<T>(
    kind: &str,
    items: Vec<T>,
    id: impl Fn(&T) -> String,
    enabled: impl Fn(&str, &str) -> bool,
) -> HashMap<String, Known<T>> {
    items
        .into_iter()
        .map(|item| {
            let id = id(&item);
            let enabled = enabled(kind, &id);
            (id, Known { item, enabled })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::document::BUILTIN;
    use super::*;

    #[test]
    fn what_is_switched_off_is_known_and_not_offered() {
        let document = Document::parse(BUILTIN).unwrap();
        let mut rows = items::from_document(&document).unwrap();
        let off =
            [("products", "ecs"), (PROBLEM_TYPES, "ecs.crashed"), ("problems", "crashed"), ("regions", "cn-north-1")];
        for row in &mut rows {
            row.enabled = !off.contains(&(row.kind.as_str(), row.id.as_str()));
        }
        let snapshot = Snapshot::new(&rows).unwrap();
        assert!(!snapshot.product("ecs").unwrap().enabled && snapshot.product("bms").unwrap().enabled);
        let known = snapshot.problem_type("ecs.crashed").unwrap();
        assert_eq!(
            (known.enabled, known.name.en.as_str(), known.category_id.as_str()),
            (false, "Crash or unexpected restart", "compute")
        );
        assert!(snapshot.problem_types().all(|item| item.id != "ecs.crashed"));
        assert!(snapshot.offered().products.iter().all(|product| product.id != "ecs"));
        assert_eq!(snapshot.region("cn-north-1").unwrap().name.zh, "华北-北京一");
        assert!(snapshot.problem_type("ecs").is_none() && snapshot.product("").is_none());
    }

    #[test]
    fn a_problem_type_has_the_fields_and_templates_that_select_it() {
        let document = Document::parse(BUILTIN).unwrap();
        let snapshot = Snapshot::new(&items::from_document(&document).unwrap()).unwrap();
        let keys = |id: &str| {
            snapshot.extra_params_for(id).iter().map(|param| (param.key.clone(), param.required)).collect::<Vec<_>>()
        };
        let login = keys("ecs.login-failed");
        assert!(login.contains(&("instance_id".to_owned(), true)), "{login:?}");
        assert!(login.contains(&("login_password".to_owned(), false)), "{login:?}");
        assert!(keys("ecs.usage").is_empty() && keys("nothing").is_empty());
        assert_eq!(snapshot.problem_type("ecs.login-failed").unwrap().templates[0].id, "server-login");
        assert!(!snapshot.problem_type("ecs.pricing").unwrap().support_plan);
        assert!(snapshot.problem_type("ecs.usage").unwrap().support_plan);
        assert_eq!(snapshot.mildest_severity().unwrap().id, "guidance");
        assert_eq!(snapshot.configuration("case.create-case.diagnose-list"), Some("ecs,rds"));
        assert!(snapshot.has_area_code("86") && !snapshot.has_area_code("+86"));
        assert_eq!(snapshot.dimension(3).unwrap().full_score, 5);
        let count: usize = document.products.iter().map(|product| product.problems.len()).sum();
        assert_eq!(snapshot.problem_types().count(), count);
    }
}
