//! The operations that a form is filled from. All of them answer from the snapshot in memory, in the caller's language.
//!
//! But for the severities, which are those of the caller's plan, they tell nothing about any account, so staff may call
//! them too. An unknown id is not an error but an empty list, as
//! documented for the original; a missing mandatory parameter is.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use counterfoil_store::Tx;
use counterfoil_wire::accessories::{AccessoryLimit, AccessoryLimits};
use counterfoil_wire::catalog::{
    AreaCode, AreaCodeList, CaseLimit, CaseLimits, Category, CategoryList, CommonParameter, Configuration,
    CustomerRegion, CustomerRegions, ExtraParameter, ExtraParameterList, ProblemType, ProblemTypeList, Product,
    ProductList, Region, RegionList, SatisfactionDimension, SatisfactionDimensionList, Severity, SeverityList,
    Template, TemplateList,
};
use counterfoil_wire::lang::Lang;
use http::HeaderMap;

use super::document::{self, RegionKind};
use super::snapshot::{self, Snapshot};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Allowed, Error, Result};
use crate::extract::{self, Query};
use crate::iam;
use crate::plans;
use crate::reply::{Context, Reply};

async fn current(app: &App) -> Result<Arc<Snapshot>> {
    Ok(app.catalog.snapshot(&app.store).await?)
}

fn count<T>(list: &[T]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}

/// Dialling codes of countries and regions, by id.
pub async fn list_area_codes(State(app): State<App>, context: Context) -> Result<Reply<AreaCodeList>> {
    let snapshot = current(&app).await?;
    let mut area_code_list: Vec<AreaCode> = (snapshot.offered().area_codes.iter())
        .map(|area| AreaCode {
            id: area.id,
            area_code: area.code.clone(),
            area_name: area.name.text(context.lang).to_owned(),
        })
        .collect();
    area_code_list.sort_by_key(|area| area.id);
    Ok(Reply(AreaCodeList { area_code_list }))
}

/// Categories with their products.
pub async fn list_case_categories(State(app): State<App>, context: Context) -> Result<Reply<CategoryList>> {
    let snapshot = current(&app).await?;
    let incident_sub_type_list: Vec<Category> = (snapshot.offered().categories.iter())
        .map(|category| Category {
            incident_sub_type_id: category.id.clone(),
            incident_sub_type_name: category.name.text(context.lang).to_owned(),
            incident_product_category_list: (snapshot.offered().products.iter())
                .filter(|item| item.category == category.id)
                .map(|item| product(item, context.lang))
                .collect(),
        })
        .collect();
    Ok(Reply(CategoryList { total_count: count(&incident_sub_type_list), incident_sub_type_list }))
}

/// Products whose name, in either language, or short name holds a text.
pub async fn list_product_categories(
    State(app): State<App>,
    context: Context,
    query: Query,
) -> Result<Reply<ProductList>> {
    let wanted = query.text("product_category_name", 0..=64)?.unwrap_or_default().to_lowercase();
    let snapshot = current(&app).await?;
    let matches = |item: &&document::Product| {
        [&item.name.zh, &item.name.en, &item.acronym].iter().any(|name| name.to_lowercase().contains(&wanted))
    };
    let incident_product_category_list: Vec<Product> =
        snapshot.offered().products.iter().filter(matches).map(|item| product(item, context.lang)).collect();
    Ok(Reply(ProductList { total_count: count(&incident_product_category_list), incident_product_category_list }))
}

fn product(item: &document::Product, lang: Lang) -> Product {
    Product {
        incident_product_category_id: item.id.clone(),
        incident_product_category_name: item.name.text(lang).to_owned(),
        incident_product_category_desc: item.desc.text(lang).to_owned(),
        incident_product_category_acronym: item.acronym.clone(),
        can_use_support_plan: item.support_plan,
    }
}

/// Problem types, of one product or category or of all.
pub async fn list_problem_types(
    State(app): State<App>,
    context: Context,
    query: Query,
) -> Result<Reply<ProblemTypeList>> {
    let product = query.text("product_category_id", 1..=64)?;
    let category = query.text("incident_sub_type_id", 0..=32)?;
    let snapshot = current(&app).await?;
    let incident_business_type_list: Vec<ProblemType> = snapshot
        .problem_types()
        .filter(|item| product.as_ref().is_none_or(|id| *id == item.product_id))
        .filter(|item| category.as_ref().is_none_or(|id| *id == item.category_id))
        .map(|item| ProblemType {
            business_type_id: item.id.clone(),
            business_type_name: item.name.text(context.lang).to_owned(),
            case_type: item.kind.code().to_string(),
            can_use_support_plan: item.support_plan,
        })
        .collect();
    Ok(Reply(ProblemTypeList { total_count: count(&incident_business_type_list), incident_business_type_list }))
}

/// A problem type that is offered, if it is of this product and category.
fn offered<'a>(
    snapshot: &'a Snapshot,
    id: &str,
    product: Option<&str>,
    category: Option<&str>,
) -> Option<&'a snapshot::ProblemType> {
    let known = snapshot.problem_type(id).filter(|known| known.enabled)?;
    let fits = product.is_none_or(|id| id == known.product_id) && category.is_none_or(|id| id == known.category_id);
    fits.then_some(&known.item)
}

/// Form fields of a problem type.
pub async fn list_extends_params(
    State(app): State<App>,
    context: Context,
    query: Query,
) -> Result<Reply<ExtraParameterList>> {
    let id = query.required_text("business_type_id", 1..=64)?;
    let category = query.text("incident_sub_type_id", 1..=64)?;
    let product = query.text("product_category_id", 1..=64)?;
    let snapshot = current(&app).await?;
    let lang = context.lang;
    let problem_type = offered(&snapshot, &id, product.as_deref(), category.as_deref());
    let extends_params = problem_type
        .map_or(&[][..], |item| &item.extra_params)
        .iter()
        .map(|param| ExtraParameter {
            tips: param.tips.text(lang).to_owned(),
            required: param.required.into(),
            length: param.length,
            language: lang.as_str().to_owned(),
            param_key: param.key.clone(),
            param_name: param.name.text(lang).to_owned(),
            param_type: param.kind.code(),
            param_desc: param.desc.text(lang).to_owned(),
            default_value: param.default.clone(),
            max_value: param.max,
            min_value: param.min,
            select_item: param.select_item(lang),
            is_show: param.show.into(),
            is_sensitive: param.sensitive.into(),
        })
        .collect();
    let common_params = (snapshot.common_params().iter())
        .map(|param| CommonParameter {
            param_key: param.id.clone(),
            param_name: param.name.text(lang).to_owned(),
            is_show: param.show.into(),
            is_required: param.required.into(),
        })
        .collect();
    Ok(Reply(ExtraParameterList { extends_params, common_params }))
}

/// What a case may have at most.
pub async fn list_case_limits(State(app): State<App>) -> Result<Reply<CaseLimits>> {
    let create_case_ccemail_max_count = current(&app).await?.settings().case_cc_email_max_count;
    Ok(Reply(CaseLimits { config: CaseLimit { create_case_ccemail_max_count } }))
}

/// What may be uploaded.
pub async fn show_accessory_limits(State(app): State<App>) -> Result<Reply<AccessoryLimits>> {
    let snapshot = current(&app).await?;
    let settings = snapshot.settings();
    let accessory_limit = AccessoryLimit {
        limit_count: settings.accessory_limit_count.to_string(),
        limit_size: settings.accessory_limit_size_mb.to_string(),
        limit_file_type: settings.accessory_file_types.join(","),
    };
    Ok(Reply(AccessoryLimits { accessory_limit }))
}

/// Regions; with `X-Site: 1` (the international site) those outside of the Chinese mainland come first.
pub async fn list_regions(State(app): State<App>, context: Context, headers: HeaderMap) -> Result<Reply<RegionList>> {
    let is_international = match headers.get("x-site").map(|value| value.to_str().unwrap_or_default()) {
        None | Some("" | "0") => false,
        Some("1") => true,
        Some(_) => return Err(Error::param("X-Site", Allowed::Range(0, 1))),
    };
    let snapshot = current(&app).await?;
    let mut regions: Vec<&document::Region> = snapshot.offered().regions.iter().collect();
    if is_international {
        regions.sort_by_key(|region| region.kind == RegionKind::Mainland);
    }
    let data_center_list: Vec<Region> = (regions.into_iter())
        .map(|region| Region {
            kind: region.kind.code(),
            region_id: region.id.clone(),
            region_name: region.name.text(context.lang).to_owned(),
            is_sensitive: region.sensitive.into(),
        })
        .collect();
    Ok(Reply(RegionList { total_count: count(&data_center_list), data_center_list }))
}

/// The regions in which the caller's account has a project, in the order of the catalogue; last those that it does not
/// know, under their id.
pub async fn list_customers_regions(State(app): State<App>, caller: Caller) -> Result<Reply<CustomerRegions>> {
    let snapshot = current(&app).await?;
    let account_id = caller.account_id.clone();
    let mut ids = app.store.read(async move |tx: &mut Tx| iam::list_region_ids(tx, &account_id).await).await?;
    let regions = &snapshot.offered().regions;
    ids.sort_by_key(|id| regions.iter().position(|region| region.id == *id).unwrap_or(usize::MAX));
    let name = |id: &str| snapshot.region(id).map(|region| region.name.text(caller.lang).to_owned());
    let region_infos: Vec<CustomerRegion> = (ids.into_iter())
        .map(|id| CustomerRegion { region_name: name(&id).unwrap_or_else(|| id.clone()), region_id: id })
        .collect();
    Ok(Reply(CustomerRegions { count: count(&region_infos), region_infos }))
}

/// What a case can be rated by.
pub async fn list_satisfaction_dimensions(
    State(app): State<App>,
    context: Context,
) -> Result<Reply<SatisfactionDimensionList>> {
    let snapshot = current(&app).await?;
    let satisfaction_dimension_list: Vec<SatisfactionDimension> = (snapshot.offered().dimensions.iter())
        .map(|dimension| SatisfactionDimension {
            value: dimension.full_score,
            satisfaction_id: dimension.id,
            satisfaction_name: dimension.name.text(context.lang).to_owned(),
            satisfaction_desc: dimension.desc.text(context.lang).to_owned(),
            per_value: dimension.star_score,
            sat_category_id: dimension.group.clone(),
        })
        .collect();
    Ok(Reply(SatisfactionDimensionList {
        total_count: count(&satisfaction_dimension_list),
        satisfaction_dimension_list,
    }))
}

/// Severities of the account's plan, the gravest first, and whether a form for this problem type should show them.
pub async fn list_severities(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    query: Query,
) -> Result<Reply<SeverityList>> {
    let product = query.required_text("product_category_id", 1..=64)?;
    let id = query.required_text("business_type_id", 1..=32)?;
    let snapshot = current(&app).await?;
    let (unit, now) = (app.clone(), app.clock.now());
    let plan = app
        .store
        .read(async move |tx: &mut Tx| plans::load_current(tx, &unit, &caller.account_id, now).await)
        .await
        .map(|(_, plan)| plan)?;
    let has_benefits = offered(&snapshot, &id, Some(&product), None).is_some_and(|item| item.support_plan);
    let mut severities: Vec<&document::Severity> =
        snapshot.offered().severities.iter().filter(|severity| plan.offers(&severity.id)).collect();
    if severities.is_empty() {
        severities.extend(snapshot.mildest_severity());
    }
    severities.sort_by_key(|severity| severity.rank);
    let severity_list = (severities.into_iter())
        .map(|severity| Severity {
            language: context.lang.as_str().to_owned(),
            severity_name: severity.name.text(context.lang).to_owned(),
            severity_id: severity.id.clone(),
        })
        .collect();
    Ok(Reply(SeverityList { show: has_benefits && plan.has_choice(), severity_list }))
}

/// Texts that a description of this problem type can start with.
pub async fn list_case_templates(
    State(app): State<App>,
    context: Context,
    query: Query,
) -> Result<Reply<TemplateList>> {
    // One documented sample asks by the other name.
    let name = if query.has("business_type_id") { "business_type_id" } else { "incident_business_type_id" };
    let id = query.text(name, 1..=32)?.ok_or_else(|| Error::param("business_type_id", Allowed::Required))?;
    let snapshot = current(&app).await?;
    let incident_template_list: Vec<Template> = offered(&snapshot, &id, None, None)
        .map_or(&[][..], |item| &item.templates)
        .iter()
        .map(|template| Template {
            incident_template_id: template.id.clone(),
            incident_template_name: template.name.text(context.lang).to_owned(),
            incident_template_content: template.content.text(context.lang).to_owned(),
        })
        .collect();
    Ok(Reply(TemplateList { total_count: count(&incident_template_list), incident_template_list }))
}

/// A public configuration item; anybody may ask.
pub async fn show_configuration(
    State(app): State<App>,
    key: std::result::Result<Path<String>, PathRejection>,
) -> Result<Reply<Configuration>> {
    let no_such = || Error::param("config_key", Allowed::text("没有这个配置项", "there is no such configuration item"));
    let Path(key) = key.map_err(|_| no_such())?;
    extract::text("config_key", &key, 1..=128)?;
    let snapshot = current(&app).await?;
    let value = snapshot.configuration(&key).ok_or_else(no_such)?.to_owned();
    let error_code = "0".to_owned();
    Ok(Reply(Configuration { config_key: key, config_value: value, error_code, error_msg: String::new() }))
}
