//! What a customer submits, checked against the catalogue. Pure: the same request and catalogue give the same answer.

use super::sealed::Secrets;
use crate::catalog::Snapshot;
use crate::catalog::document::{CommonParam, ExtraParam};
use crate::catalog::rules::{check_value, is_filled};
use crate::contact;
use crate::error::{Allowed, Code, Error, Result};
use crate::extract;
use crate::particulars::rules::{area_code, take_copies};
use counterfoil_wire::cases::{CaseContact, CreateCase};
use serde_json::{Map, Value};

/// The only channel that the API knows.
pub const SOURCE_ID: &str = "83aeb0f2834c4df49826c781d32a963e";
/// Cases of this type are faults and need a region.
const FAULT: i64 = 5;
/// The most characters of a common parameter.
const MOST_COMMON: u64 = 255;
/// The most bytes of `extension_map` as JSON.
const MOST_EXTENSION_BYTES: usize = 65_536;

/// A submission that may become a case.
pub struct Submission {
    /// 0 consultation, 5 fault.
    pub case_type: i64,
    /// Category.
    pub sub_type_id: String,
    /// Product.
    pub product_id: String,
    /// Problem type.
    pub problem_id: String,
    /// Region.
    pub region_id: Option<String>,
    /// Severity.
    pub severity_id: Option<String>,
    /// Parameters that are not sensitive.
    pub params: Map<String, Value>,
    /// Further values.
    pub extension: Map<String, Value>,
    /// `0`, or a window `hh:mm-hh:mm`.
    pub remind_time: String,
    /// What is kept encrypted.
    pub secrets: Secrets,
}

fn unknown(field: &str, what: (&'static str, &'static str)) -> Error {
    Error::param(field, Allowed::text(what.0, what.1))
}

fn given(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|v| !v.is_empty())
}

/// Checks a request whose bounds were checked before.
pub fn check(request: &CreateCase, catalog: &Snapshot) -> Result<Submission> {
    if request.source_id != SOURCE_ID {
        return Err(Error::param("source_id", Allowed::OneOf((&[SOURCE_ID][..]).into())));
    }
    if request.simple_description.trim().is_empty() {
        return Err(Error::param("simple_description", Allowed::Required));
    }
    let problem = catalog.problem_type(&request.business_type_id).filter(|known| known.enabled).ok_or_else(|| {
        unknown(
            "business_type_id",
            ("须为 ListProblemTypes 返回的问题类型", "a problem type of ListProblemTypes is needed"),
        )
    })?;
    if given(request.product_category_id.as_ref()).is_some_and(|id| id != problem.product_id) {
        return Err(unknown("product_category_id", ("与问题类型不匹配", "it is not the product of the problem type")));
    }
    if given(request.incident_sub_type_id.as_ref()).is_some_and(|id| id != problem.category_id) {
        return Err(unknown("incident_sub_type_id", ("与产品不匹配", "it is not the category of the product")));
    }
    let case_type = problem.kind.code();
    let region_id = given(request.region_id.as_ref());
    match region_id {
        None if case_type == FAULT => {
            let words = ("故障类问题必填", "it is mandatory for a fault");
            return Err(unknown("region_id", words));
        }
        Some(id) if !catalog.region(id).is_some_and(|region| region.enabled) => {
            return Err(unknown("region_id", ("须为 ListRegions 返回的区域", "a region of ListRegions is needed")));
        }
        _ => {}
    }
    let severity_id = given(request.severity_id.as_ref());
    if severity_id.is_some_and(|id| !catalog.severity(id).is_some_and(|severity| severity.enabled)) {
        return Err(Error::new(Code::NoSuchSeverity));
    }
    let mut extension = request.extension_map.clone().unwrap_or_default();
    let copies = take_copies(&mut extension, catalog.settings().case_cc_email_max_count)?;
    check_extension(extension.clone())?;
    let contact = check_contact(request, copies, catalog)?;
    let remind_time = given(request.remind_time.as_ref()).unwrap_or("0");
    contact::check_window("remind_time", remind_time)?;
    let (params, sensitive) =
        check_params(request.extends_map.as_ref(), catalog.extra_params_for(&problem.id), catalog.common_params())?;
    Ok(Submission {
        case_type,
        sub_type_id: problem.category_id.clone(),
        product_id: problem.product_id.clone(),
        problem_id: problem.id.clone(),
        region_id: region_id.map(str::to_owned),
        severity_id: severity_id.map(str::to_owned),
        params,
        extension,
        remind_time: remind_time.to_owned(),
        secrets: Secrets {
            contact,
            params: sensitive,
            confidential: given(request.authorization_content.as_ref()).map(str::to_owned),
            ..Secrets::default()
        },
    })
}

fn check_contact(request: &CreateCase, copies: Option<String>, catalog: &Snapshot) -> Result<CaseContact> {
    let mobile = given(request.remind_mobile.as_ref());
    let mail = given(request.remind_mail.as_ref());
    if let Some(mobile) = mobile {
        contact::check_mobile("remind_mobile", mobile)?;
    }
    if let Some(mail) = mail {
        contact::check_mail("remind_mail", mail)?;
    }
    let area = given(request.area_code.as_ref()).map(|code| area_code("area_code", code, catalog)).transpose()?;
    Ok(CaseContact {
        area_code: area,
        remind_mobile: mobile.map(str::to_owned),
        remind_mail: mail.map(str::to_owned),
        cc_email: copies.filter(|copies| !copies.is_empty()),
        ..CaseContact::default()
    })
}

/// Further values as they are kept, if they are not too many.
pub fn check_extension(extension: Map<String, Value>) -> Result<String> {
    let json = Value::Object(extension).to_string();
    if json.len() > MOST_EXTENSION_BYTES {
        return Err(unknown("extension_map", ("不得超过65536字节", "at most 65536 bytes are allowed")));
    }
    Ok(json)
}

/// Some of a case's parameters, plain and sensitive: those that are given have to be right, others stay as they are. An
/// empty one that is not required is left out.
pub fn check_some_params(
    given: &Map<String, Value>,
    known: &[ExtraParam],
    common: &[CommonParam],
) -> Result<(Map<String, Value>, Map<String, Value>)> {
    check_known(given, known, common)?;
    let known: Vec<ExtraParam> = known.iter().filter(|param| given.contains_key(&param.key)).cloned().collect();
    let common: Vec<CommonParam> = common.iter().filter(|param| given.contains_key(&param.id)).cloned().collect();
    check_params(Some(given), &known, &common)
}

/// Fails for a parameter that the problem type does not have.
fn check_known(given: &Map<String, Value>, known: &[ExtraParam], common: &[CommonParam]) -> Result<()> {
    let is_known = |key: &str| known.iter().any(|param| param.key == key) || common.iter().any(|param| param.id == key);
    let Some(key) = given.keys().find(|key| !is_known(key)) else { return Ok(()) };
    let key: String = key.chars().filter(|c| !c.is_control()).take(64).collect();
    Err(unknown(&format!("extends_map.{key}"), ("该问题类型没有此参数", "the problem type has no such parameter")))
}

/// Plain and sensitive parameters, each as the catalogue wants it: those of the problem type, and the common ones, which
/// are lines of text.
fn check_params(
    given: Option<&Map<String, Value>>,
    known: &[ExtraParam],
    common: &[CommonParam],
) -> Result<(Map<String, Value>, Map<String, Value>)> {
    let none = Map::new();
    let given = given.unwrap_or(&none);
    check_known(given, known, common)?;
    let (mut plain, mut sensitive) = (Map::new(), Map::new());
    // A problem type may describe a common parameter more closely.
    for param in common.iter().filter(|common| !known.iter().any(|param| param.key == common.id)) {
        let field = format!("extends_map.{}", param.id);
        let value = match given.get(&param.id) {
            None | Some(Value::Null) => "",
            Some(Value::String(text)) => text.as_str(),
            Some(_) => return Err(unknown(&field, ("须为文本", "a text is needed"))),
        };
        extract::text(&field, value, 0..=MOST_COMMON)?;
        extract::line(&field, value)?;
        if !value.trim().is_empty() {
            plain.insert(param.id.clone(), Value::String(value.to_owned()));
        } else if param.required {
            return Err(Error::param(field, Allowed::Required));
        }
    }
    for param in known {
        let field = || format!("extends_map.{}", param.key);
        let value = check_value(param, given.get(&param.key).unwrap_or(&Value::Null)).map_err(|expected| {
            let (zh, en) = expected.sentence();
            Error::param(field(), Allowed::text(zh, en))
        })?;
        if param.required && !is_filled(param, &value) {
            return Err(Error::param(field(), Allowed::Required));
        }
        if !value.is_empty() {
            let into = if param.sensitive { &mut sensitive } else { &mut plain };
            into.insert(param.key.clone(), Value::String(value));
        }
    }
    Ok((plain, sensitive))
}
