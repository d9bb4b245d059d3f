//! The rules between the keys of a document: references, ranges, choices, duplicates.

use std::collections::{HashMap, HashSet};

use counterfoil_wire::lang::Lang;

use super::super::rules::check_value;
use super::read::Report;
use super::{Document, ExtraParam, ParamType, applies, problem_type_id};

/// Check a document whose keys all have the right shape, or a replacement of it.
pub(super) fn check(document: &Document, report: &mut Report) {
    settings(document, report);
    severities(document, report);
    dimensions(document, report);
    let products_sound = products(document, report);
    scopes(document, products_sound, report);
    for param in &document.extra_params {
        extra_param(param, report);
    }
    param_keys(document, report);
}

fn settings(document: &Document, report: &mut Report) {
    let settings = &document.settings;
    let place = "settings.accessory_daily_upload_mb";
    if report.is_sound("settings")
        && report.is_sound(place)
        && report.is_sound("settings.accessory_limit_size_mb")
        && settings.accessory_daily_upload_mb < settings.accessory_limit_size_mb
    {
        report.add(place, "must not be less than accessory_limit_size_mb");
    }
}

fn severities(document: &Document, report: &mut Report) {
    let count = document.severities.len();
    if report.is_sound("severities") && !(1..=10).contains(&count) {
        report.add("severities", format!("must have 1 to 10 levels, not {count}"));
    }
    let mut ranks = HashMap::new();
    for severity in &document.severities {
        let place = format!("severities.{}.rank", severity.id);
        if report.is_sound(&place)
            && let Some(other) = ranks.insert(severity.rank, &severity.id)
        {
            report.add(&place, format!("`{other}` has this rank already"));
        }
    }
}

fn dimensions(document: &Document, report: &mut Report) {
    for dimension in &document.dimensions {
        let item = format!("dimensions.{}", dimension.id);
        let place = format!("{item}.star_score");
        if report.is_sound(&place)
            && report.is_sound(&format!("{item}.full_score"))
            && (dimension.star_score < 1 || dimension.full_score % dimension.star_score != 0)
        {
            report.add(&place, "must divide full_score");
        }
    }
}

/// Answers whether every product offers problems that exist.
fn products(document: &Document, report: &mut Report) -> bool {
    let mut all_sound = report.is_sound("products");
    let categories: HashSet<&str> = document.categories.iter().map(|category| category.id.as_str()).collect();
    let problems = problem_ids(document);
    for product in &document.products {
        let place = format!("products.{}.category", product.id);
        if report.is_sound(&place) && !categories.contains(product.category.as_str()) {
            report.add(&place, format!("there is no category `{}`", product.category));
        }
        for (index, problem) in product.problems.iter().enumerate() {
            let place = format!("products.{}.problems[{index}]", product.id);
            if !report.is_sound(&place) {
                all_sound = false;
                continue;
            }
            if !problems.contains(problem.as_str()) {
                all_sound = false;
                report.add(&place, format!("there is no problem `{problem}`"));
            }
            if problem_type_id(&product.id, problem).len() > 32 {
                report.add(&place, format!("`{}` and `{problem}` together must not exceed 31 characters", product.id));
            }
        }
    }
    all_sound
}

fn product_ids(document: &Document) -> HashSet<&str> {
    document.products.iter().map(|product| product.id.as_str()).collect()
}

fn problem_ids(document: &Document) -> HashSet<&str> {
    document.problems.iter().map(|problem| problem.id.as_str()).collect()
}

/// Every problem type as (product, problem).
fn problem_types(document: &Document) -> impl Iterator<Item = (&str, &str)> {
    document
        .products
        .iter()
        .flat_map(|product| product.problems.iter().map(move |problem| (product.id.as_str(), problem.as_str())))
}

/// The lists that say for which problem types a template or an extra parameter is.
fn scopes(document: &Document, products_sound: bool, report: &mut Report) {
    let templates = document.templates.iter().map(|item| ("templates", &item.id, &item.products, &item.problems));
    let params = document.extra_params.iter().map(|item| ("extra_params", &item.id, &item.products, &item.problems));
    let (known_products, known_problems) = (product_ids(document), problem_ids(document));
    for (section, id, products, problems) in templates.chain(params) {
        let item = format!("{section}.{id}");
        let mut sound = true;
        for (list, word, entries, known) in
            [("products", "product", products, &known_products), ("problems", "problem", problems, &known_problems)]
        {
            sound &= report.is_sound(&format!("{item}.{list}"));
            for (index, entry) in entries.iter().enumerate() {
                let place = format!("{item}.{list}[{index}]");
                if !report.is_sound(&place) {
                    sound = false;
                } else if !known.contains(entry.as_str()) {
                    sound = false;
                    report.add(&place, format!("there is no {word} `{entry}`"));
                }
            }
        }
        let matches =
            || problem_types(document).any(|(product, problem)| applies(products, problems, product, problem));
        if sound && products_sound && !products.is_empty() && !problems.is_empty() && !matches() {
            report.add(&item, "no problem type has both a product and a problem of these lists");
        }
        if sound && section == "extra_params" && products.is_empty() && problems.is_empty() {
            report
                .add(&item, "products or problems must be given; a field of every problem type is a common parameter");
        }
    }
}

fn extra_param(param: &ExtraParam, report: &mut Report) {
    let item = format!("extra_params.{}", param.id);
    if !report.is_sound(&format!("{item}.type")) {
        return;
    }
    let (is_text, is_number, has_choices) = match param.kind {
        ParamType::Line | ParamType::Text => (true, false, false),
        ParamType::Integer => (false, true, false),
        ParamType::Choice | ParamType::Choices => (false, false, true),
        ParamType::Agreement => (false, false, false),
    };
    let mut say = |key: &str, wrong: bool, text: &str| {
        let place = format!("{item}.{key}");
        if wrong && report.is_sound(&place) {
            report.add(&place, text);
        }
    };
    say("length", is_text && param.length == 0, "must be 1 or more for this type");
    say("length", !is_text && param.length != 0, "is only for the types line and text");
    say("min", !is_number && param.min != 0, "is only for the type integer");
    say("max", !is_number && param.max != 0, "is only for the type integer");
    say("max", is_number && param.max < param.min, "must not be less than min");
    say("choices", has_choices && param.choices.is_empty(), "must have 1 or more items for this type");
    say("choices", !has_choices && !param.choices.is_empty(), "is only for the types choice and choices");
    say("sensitive", param.sensitive && !param.default.is_empty(), "a sensitive parameter cannot have a default");
    say("show", param.required && !param.show, "a required parameter must be shown");
    for (index, choice) in param.choices.iter().enumerate() {
        let key = format!("choices[{index}].value");
        say(&key, choice.value.contains(','), "must not hold a comma: it stands between several choices");
        let twice = param.choices[..index].iter().any(|other| other.value == choice.value);
        say(&key, twice && !choice.value.is_empty(), "stands in the list twice");
    }
    let too_long = |lang| param.select_item(lang).chars().count() > 5000;
    say(
        "choices",
        too_long(Lang::ZhCn) || too_long(Lang::EnUs),
        "must not exceed 5000 characters when written as JSON",
    );
    let has_range = !is_number || param.min <= param.max;
    if has_range
        && !param.default.is_empty()
        && let Err(expected) = check_value(param, &param.default.clone().into())
    {
        report.add(&format!("{item}.default"), format!("must be {}", expected.sentence().1));
    }
}

/// No problem type may have two parameters with one key.
fn param_keys(document: &Document, report: &mut Report) {
    let common: HashSet<&str> = document.common_params.iter().map(|param| param.id.as_str()).collect();
    let mut said = HashSet::new();
    for param in &document.extra_params {
        if common.contains(param.key.as_str()) {
            report.add(&format!("extra_params.{}.key", param.id), "is the key of a common parameter");
        }
    }
    for (product, problem) in problem_types(document) {
        let mut keys: HashMap<&str, &ExtraParam> = HashMap::new();
        for param in &document.extra_params {
            let place = format!("extra_params.{}.key", param.id);
            if !applies(&param.products, &param.problems, product, problem) || !report.is_sound(&place) {
                continue;
            }
            if let Some(other) = keys.insert(&param.key, param)
                && said.insert((&other.id, &param.id))
            {
                let both = problem_type_id(product, problem);
                report.add(&place, format!("`{}` has this key already, and `{both}` would have both", other.id));
            }
        }
    }
}
