//! The whole catalogue as one TOML document, both languages: what `catalog export` writes and
//! `catalog import` reads.
//!
//! [`keys`] is the only place that knows which keys exist, their shape and whether they may be left
//! out; reading ([`read`]) and writing ([`write`]) both walk it. [`check`] holds the rules between
//! keys: references, ranges, choices. A document that passes is a [`Document`], and writing it gives
//! a text that reads back as the same document. Every problem is reported with its line, all of
//! them at once, so that a file is mended in one go.

mod check;
mod keys;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;

use counterfoil_wire::lang::Lang;
use serde::{Deserialize, Serialize};

pub use write::to_toml;

/// The document a new data folder starts with.
pub const BUILTIN: &str = include_str!("../builtin.toml");

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Line in the text, counted from 1.
    pub line: usize,
    /// Dotted path of the key, such as `products.ecs.name.en`; empty when the text is not TOML there.
    pub place: String,
    /// What is wrong and what is allowed.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            write!(f, "line {}: {}", self.line, self.text)
        } else {
            write!(f, "line {}: {}: {}", self.line, self.place, self.text)
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Both {
    /// The text in one language.
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::ZhCn => &self.zh,
            Lang::EnUs => &self.en,
        }
    }
}

/// Limits and switches that are not shown as configuration items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How many copy addresses a case may have.
    pub case_cc_email_max_count: i64,
    /// Files per case or message.
    pub accessory_limit_count: i64,
    /// Largest file in MB.
    pub accessory_limit_size_mb: i64,
    /// Megabytes that one user may upload a day.
    pub accessory_daily_upload_mb: i64,
    /// Allowed file extensions, lower case, without dot.
    pub accessory_file_types: Vec<String>,
}

/// A configuration item that anybody may read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Its key, such as `case.create-case.diagnose-list`.
    pub id: String,
    /// Its value.
    pub value: String,
}

/// How badly a system is hit; chosen by the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Severity {
    /// Id on the wire.
    pub id: String,
    /// 1 is the gravest.
    pub rank: i64,
    /// Name.
    pub name: Both,
}

/// Something a finished case is rated by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// Id on the wire.
    pub id: i64,
    /// Group of dimensions.
    pub group: String,
    /// Full score.
    pub full_score: i64,
    /// Score of one star; divides the full score.
    pub star_score: i64,
    /// Name.
    pub name: Both,
    /// Description, may be empty.
    pub desc: Both,
}

/// First level of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Id on the wire (`incident_sub_type_id`).
    pub id: String,
    /// Name.
    pub name: Both,
}

/// Second level of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Id on the wire (`product_category_id`).
    pub id: String,
    /// Category it stands in.
    pub category: String,
    /// Short name, such as ECS.
    pub acronym: String,
    /// Name.
    pub name: Both,
    /// Description, may be empty.
    pub desc: Both,
    /// Whether benefits of a support plan apply.
    pub support_plan: bool,
    /// Problems that can be reported about it, in the order in which they are listed.
    pub problems: Vec<String>,
}

/// The two kinds of case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseKind {
    /// A question; `case_type` 0.
    Consultation,
    /// A technical fault; `case_type` 5, and the region is mandatory.
    Fault,
}

impl CaseKind {
    /// `case_type` on the wire.
    pub fn code(self) -> i64 {
        match self {
            Self::Consultation => 0,
            Self::Fault => 5,
        }
    }
}

/// Third level of the catalogue. A problem of a product is a problem type; its id on the wire is
/// `product.problem`, which no other pair can have since ids hold no dot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProblemKind {
    /// Id, the second half of `business_type_id`.
    pub id: String,
    /// Consultation or fault.
    pub kind: CaseKind,
    /// Whether benefits of a support plan apply.
    pub support_plan: bool,
    /// Name.
    pub name: Both,
}

/// Text that the description box starts with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Id on the wire.
    pub id: String,
    /// Name.
    pub name: Both,
    /// Text.
    pub content: Both,
    /// Products it is for; empty: all.
    pub products: Vec<String>,
    /// Problems it is for; empty: all.
    pub problems: Vec<String>,
}

/// What kind of value an extra parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamType {
    /// A whole number from `min` to `max`.
    Integer,
    /// One line of text.
    Line,
    /// One of the choices.
    Choice,
    /// Several of the choices.
    Choices,
    /// A box to tick.
    Agreement,
    /// Several lines of text.
    Text,
}

impl ParamType {
    /// `param_type` on the wire.
    pub fn code(self) -> i64 {
        match self {
            Self::Integer => 1,
            Self::Line => 3,
            Self::Choice => 4,
            Self::Choices => 5,
            Self::Agreement => 7,
            Self::Text => 8,
        }
    }
}

/// A value that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub name: Both,
}

/// A form field beside the description, for some problem types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraParam {
    /// Id in the catalogue; several parameters may share a key as long as no problem type has both.
    pub id: String,
    /// Key in `extends_map`.
    pub key: String,
    /// Kind of value.
    #[serde(rename = "type")]
    pub kind: ParamType,
    /// Label.
    pub name: Both,
    /// Description, may be empty.
    pub desc: Both,
    /// Hint inside the field, may be empty.
    pub tips: Both,
    /// Must be filled in.
    pub required: bool,
    /// Shown in the form.
    pub show: bool,
    /// Stored encrypted, shown masked, erased when the case ends.
    pub sensitive: bool,
    /// Most characters of a text; 0 for other kinds.
    pub length: i64,
    /// Smallest number.
    pub min: i64,
    /// Largest number; 0 for other kinds.
    pub max: i64,
    /// Value the form starts with, may be empty.
    pub default: String,
    /// Values to choose from; empty for other kinds.
    pub choices: Vec<Choice>,
    /// Products it belongs to; empty: all.
    pub products: Vec<String>,
    /// Problems it belongs to; empty: all.
    pub problems: Vec<String>,
}

impl ExtraParam {
    /// The choices as clients get them: a JSON list of `{"key", "value"}` as text, empty without choices.
    pub fn select_item(&self, lang: Lang) -> String {
        if self.choices.is_empty() {
            return String::new();
        }
        let items: Vec<_> = (self.choices.iter())
            .map(|choice| serde_json::json!({ "key": choice.value, "value": choice.name.text(lang) }))
            .collect();
        serde_json::Value::Array(items).to_string()
    }
}

/// A form field that every problem type has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommonParam {
    /// Key in `extends_map`.
    pub id: String,
    /// Label.
    pub name: Both,
    /// Shown in the form.
    pub show: bool,
    /// Must be filled in.
    pub required: bool,
}

/// Where a region lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegionKind {
    /// Chinese mainland; 0.
    Mainland,
    /// Outside of it; 1.
    International,
    /// Europe, run apart; 2.
    Europe,
}

impl RegionKind {
    /// `type` on the wire.
    pub fn code(self) -> i64 {
        match self {
            Self::Mainland => 0,
            Self::International => 1,
            Self::Europe => 2,
        }
    }
}

/// A region that a fault is located in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Id on the wire.
    pub id: String,
    /// Where it lies.
    pub kind: RegionKind,
    /// Passed through to clients.
    pub sensitive: bool,
    /// Name.
    pub name: Both,
}

/// Dialling code of a country or region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaCode {
    /// Id on the wire.
    pub id: i64,
    /// Digits without plus.
    pub code: String,
    /// Name of the country or region.
    pub name: Both,
}

/// The whole catalogue. Lists are in the order in which they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Limits and switches.
    pub settings: Settings,
    /// Public configuration items.
    pub configurations: Vec<Configuration>,
    /// Severities, 1 to 10.
    pub severities: Vec<Severity>,
    /// Satisfaction dimensions.
    pub dimensions: Vec<Dimension>,
    /// First level.
    pub categories: Vec<Category>,
    /// Second level.
    pub products: Vec<Product>,
    /// Third level.
    pub problems: Vec<ProblemKind>,
    /// Templates of descriptions.
    pub templates: Vec<Template>,
    /// Form fields of some problem types.
    pub extra_params: Vec<ExtraParam>,
    /// Form fields of every problem type.
    pub common_params: Vec<CommonParam>,
    /// Regions.
    pub regions: Vec<Region>,
    /// Dialling codes.
    pub area_codes: Vec<AreaCode>,
}

impl Document {
    /// The sections that are lists, and whether the ids of their items are numbers.
    pub(super) fn lists() -> impl Iterator<Item = (&'static str, bool)> {
        (keys::SECTIONS.iter())
            .filter(|section| !matches!(section.layout, keys::Layout::Single))
            .map(|section| (section.name, matches!(section.id, keys::Shape::Number(..))))
    }

    /// Read a text. Nothing of it is usable unless all of it is right.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let (document, mut report) = read::read(text);
        if let Some(document) = document {
            check::check(&document, &mut report);
            if report.is_empty() {
                return Ok(document);
            }
        }
        Err(report.into_problems())
    }
}

/// Whether something with these two lists applies to a problem of a product; an empty list allows all.
pub fn applies(products: &[String], problems: &[String], product: &str, problem: &str) -> bool {
    let allows = |list: &[String], id: &str| list.is_empty() || list.iter().any(|entry| entry == id);
    allows(products, product) && allows(problems, problem)
}

/// Id of a problem type on the wire.
pub fn problem_type_id(product: &str, problem: &str) -> String {
    format!("{product}.{problem}")
}
