//! Answers of the catalogue calls: everything that a form needs before a case is submitted.
//!
//! Names come in the caller's language. Ids are chosen by whoever keeps the catalogue, so they are texts without a rule
//! of their own. No list here is paged; where a `total_count` is documented it counts the rows of the answer.

use serde::{Deserialize, Serialize};

/// Answer of `ListAreaCodes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaCodeList {
    /// All codes, by id.
    pub area_code_list: Vec<AreaCode>,
}

/// A country's dialling code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaCode {
    /// Number of the row.
    pub id: i64,
    /// The code without a plus sign.
    pub area_code: String,
    /// The country.
    pub area_name: String,
}

/// Answer of `ListCaseCategories`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryList {
    /// How many categories there are.
    pub total_count: i64,
    /// The categories.
    pub incident_sub_type_list: Vec<Category>,
}

/// A category with its products.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// The category.
    pub incident_sub_type_id: String,
    /// Its name.
    pub incident_sub_type_name: String,
    /// Its products.
    pub incident_product_category_list: Vec<Product>,
}

/// Answer of `ListProductCategories`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductList {
    /// How many products match.
    pub total_count: i64,
    /// The products.
    pub incident_product_category_list: Vec<Product>,
}

/// A product (or service) that cases are about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The product.
    pub incident_product_category_id: String,
    /// Its name.
    pub incident_product_category_name: String,
    /// What it is.
    pub incident_product_category_desc: String,
    /// Its short name, like `ECS`.
    pub incident_product_category_acronym: String,
    /// Whether a support plan covers it.
    pub can_use_support_plan: bool,
}

/// Answer of `ListProblemTypes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemTypeList {
    /// How many problem types match.
    pub total_count: i64,
    /// The problem types.
    pub incident_business_type_list: Vec<ProblemType>,
}

/// A kind of problem with a product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemType {
    /// The problem type.
    pub business_type_id: String,
    /// Its name.
    pub business_type_name: String,
    /// `0` a question, `5` a fault, which needs a region.
    pub case_type: String,
    /// Whether a support plan covers it.
    pub can_use_support_plan: bool,
}

/// Answer of `ListExtendsParams`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraParameterList {
    /// Extra parameters of the problem type.
    pub extends_params: Vec<ExtraParameter>,
    /// Parameters that every form knows.
    pub common_params: Vec<CommonParameter>,
}

/// A value that a form asks for besides the fixed ones; it comes back in `extends_map`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraParameter {
    /// Hint beside the field.
    pub tips: String,
    /// 1 when it must be filled.
    pub required: i64,
    /// Longest text.
    pub length: i64,
    /// Language of the names.
    pub language: String,
    /// Its key in `extends_map`.
    pub param_key: String,
    /// Its label.
    pub param_name: String,
    /// 1 integer, 3 line of text, 4 single choice, 5 multiple choice, 7 agreement, 8 lines of text.
    pub param_type: i64,
    /// What it is for.
    pub param_desc: String,
    /// Value to start with.
    pub default_value: String,
    /// Highest integer.
    pub max_value: i64,
    /// Lowest integer.
    pub min_value: i64,
    /// Choices, as the text of a JSON array of `{"key", "value"}`.
    pub select_item: String,
    /// 1 when it is shown.
    pub is_show: i64,
    /// 1 when it is masked.
    pub is_sensitive: i64,
}

/// A parameter that every form knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommonParameter {
    /// Its key.
    pub param_key: String,
    /// Its label.
    pub param_name: String,
    /// 1 when it is shown.
    pub is_show: i64,
    /// 1 when it must be filled.
    pub is_required: i64,
}

/// Answer of `ListCaseLimits`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseLimits {
    /// The limits.
    pub config: CaseLimit,
}

/// What a case may have at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseLimit {
    /// Mail addresses that get copies.
    pub create_case_ccemail_max_count: i64,
}

/// Answer of `ListRegions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionList {
    /// How many regions there are.
    pub total_count: i64,
    /// The regions.
    pub data_center_list: Vec<Region>,
}

/// A place where products run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// 0 Chinese mainland, 1 international, 2 Europe.
    #[serde(rename = "type")]
    pub kind: i64,
    /// The region, like `cn-north-1`.
    pub region_id: String,
    /// Its name.
    pub region_name: String,
    /// 1 when it is marked as sensitive.
    pub is_sensitive: i64,
}

/// Answer of `ListSatisfactionDimensions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SatisfactionDimensionList {
    /// How many dimensions there are.
    pub total_count: i64,
    /// The dimensions.
    pub satisfaction_dimension_list: Vec<SatisfactionDimension>,
}

/// Something that a customer can rate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SatisfactionDimension {
    /// Highest score.
    pub value: i64,
    /// The dimension.
    pub satisfaction_id: i64,
    /// Its name.
    pub satisfaction_name: String,
    /// What it is.
    pub satisfaction_desc: String,
    /// Score of one star.
    pub per_value: i64,
    /// Group of dimensions.
    pub sat_category_id: String,
}

/// Answer of `ListSeverities`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityList {
    /// Whether a form offers the choice.
    pub show: bool,
    /// The severities that may be chosen.
    pub severity_list: Vec<Severity>,
}

/// How bad a problem is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Severity {
    /// Language of the name.
    pub language: String,
    /// Its name.
    pub severity_name: String,
    /// The severity.
    pub severity_id: String,
}

/// Answer of `ListCaseTemplates`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateList {
    /// How many templates there are.
    pub total_count: i64,
    /// The templates.
    pub incident_template_list: Vec<Template>,
}

/// A text to start a description from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The template.
    pub incident_template_id: String,
    /// Its name.
    pub incident_template_name: String,
    /// The text.
    pub incident_template_content: String,
}

/// Answer of `ShowConfiguration`, the one success that is documented with an error code: `0`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// The key asked for.
    pub config_key: String,
    /// Its value.
    pub config_value: String,
    /// `0`.
    pub error_code: String,
    /// Empty.
    pub error_msg: String,
}

/// Answer of `ListCustomersRegions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRegions {
    /// How many there are.
    pub count: i64,
    /// The regions.
    pub region_infos: Vec<CustomerRegion>,
}

/// A region that a customer is at home in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRegion {
    /// The region.
    pub region_id: String,
    /// Its name.
    pub region_name: String,
}
