//! Which ratings, copy addresses and contacts are possible. Pure: the same request and catalogue give the same answer.

use crate::catalog::Snapshot;
use crate::contact;
use crate::error::{Allowed, Code, Error, Result};
use crate::extract;
use counterfoil_wire::cases::{CaseContact, SatisfactionScore};
use counterfoil_wire::particulars::UpdateContact;
use counterfoil_wire::time::Micros;
use serde_json::{Map, Value};

/// The key of the copy addresses in `extension_map`.
pub const CC_KEY: &str = "cc_email";
/// The most characters of one copy address.
const MOST_OF_CC: u64 = 128;

/// Checks the bounds of the scores in a request.
pub fn check_bounds(scores: &[SatisfactionScore]) -> Result<()> {
    extract::count("incident_satisfaction_list", scores.len(), 0..=100)?;
    for (i, score) in scores.iter().enumerate() {
        let field = |name: &str| format!("incident_satisfaction_list[{i}].{name}");
        extract::int(&field("satisfaction_id"), score.satisfaction_id, 0..=9999)?;
        extract::int(&field("satisfaction_value"), score.satisfaction_value, 0..=65_535)?;
        if let Some(value) = score.value {
            extract::int(&field("value"), value, 0..=65_535)?;
        }
        if let Some(value) = score.per_value {
            extract::int(&field("per_value"), value, 0..=65_535)?;
        }
        extract::optional_text(&field("satisfaction_name"), score.satisfaction_name.as_deref(), 0..=32)?;
        extract::optional_text(&field("sat_category_id"), score.sat_category_id.as_deref(), 0..=32)?;
        extract::optional_text(&field("sat_category_name"), score.sat_category_name.as_deref(), 0..=32)?;
    }
    Ok(())
}

/// Reads scores: known dimensions, each once, in whole steps up to the full value.
pub fn read_scores(list: &[SatisfactionScore], catalog: &Snapshot) -> Result<Vec<(i64, i64)>> {
    let mut scores: Vec<(i64, i64)> = Vec::new();
    for (i, score) in list.iter().enumerate() {
        let field = |name: &str| format!("incident_satisfaction_list[{i}].{name}");
        let known = catalog.dimension(score.satisfaction_id).filter(|known| known.enabled);
        let dimension = known.ok_or_else(|| {
            let words = ("须为评价维度的ID", "a dimension of ListSatisfactionDimensions is needed");
            Error::param(field("satisfaction_id"), Allowed::text(words.0, words.1))
        })?;
        if scores.iter().any(|(id, _)| *id == score.satisfaction_id) {
            return Err(Error::param(
                field("satisfaction_id"),
                Allowed::text("重复的评价维度", "each dimension comes once"),
            ));
        }
        let step = dimension.star_score.max(1);
        if !(0..=dimension.full_score).contains(&score.satisfaction_value) || score.satisfaction_value % step != 0 {
            let (max, step) = (dimension.full_score, step);
            return Err(Error::param(
                field("satisfaction_value"),
                Allowed::text(
                    format!("须为 0 到 {max} 且为 {step} 的倍数"),
                    format!("0 to {max} in steps of {step} is allowed"),
                ),
            ));
        }
        scores.push((score.satisfaction_id, score.satisfaction_value));
    }
    Ok(scores)
}

/// Fails when a rating that was first given at `rated_at` may no longer be changed.
pub fn check_editable(rated_at: Option<Micros>, edit_seconds: i64, now: Micros) -> Result<()> {
    match rated_at {
        Some(at) if now > at.plus_seconds(edit_seconds) => Err(Error::new(Code::RatingFinal)),
        _ => Ok(()),
    }
}

/// Takes the copy addresses out of further values: a text with commas, semicolons or spaces between, or a list of texts.
/// Answers them with commas between; an empty text when they are there and empty, nothing when they are not there.
pub fn take_copies(extension: &mut Map<String, Value>, most: i64) -> Result<Option<String>> {
    const FIELD: &str = "extension_map.cc_email";
    let wrong = || {
        let allowed = Allowed::text("须为邮箱地址，以逗号分隔", "mail addresses with commas between are needed");
        Error::param_as(Code::WrongCopy, FIELD, allowed)
    };
    let texts = match extension.remove(CC_KEY) {
        None => return Ok(None),
        Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => {
            let texts = items.into_iter().map(|item| if let Value::String(text) = item { Some(text) } else { None });
            texts.collect::<Option<Vec<_>>>().ok_or_else(wrong)?
        }
        Some(_) => return Err(wrong()),
    };
    let mut found: Vec<&str> = Vec::new();
    for address in texts.iter().flat_map(|text| text.split([',', ';', '，', '；', ' '])).filter(|part| !part.is_empty())
    {
        if address.chars().count() as u64 > MOST_OF_CC {
            let allowed = Allowed::Length(1, MOST_OF_CC);
            return Err(Error::param_as(Code::WrongCopy, FIELD, allowed));
        }
        contact::check_mail(FIELD, address).map_err(|_| wrong())?;
        if !found.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            found.push(address);
        }
    }
    let most = u64::try_from(most).unwrap_or(0);
    if found.len() as u64 > most {
        return Err(Error::param_as(Code::WrongCopy, FIELD, Allowed::Items(0, most)));
    }
    Ok(Some(found.join(",")))
}

/// Checks one dialling code: as the catalogue has it, with a plus or two zeros in front if wished.
pub fn area_code(field: &str, given: &str, catalog: &Snapshot) -> Result<String> {
    let code = given.trim_start_matches('+');
    let code = code.strip_prefix("00").unwrap_or(code);
    if catalog.has_area_code(code) {
        Ok(code.to_owned())
    } else {
        let allowed = Allowed::text("须为 ListAreaCodes 返回的国家码", "a code of ListAreaCodes is needed");
        Err(Error::param(field, allowed))
    }
}

/// What a change of contacts does.
#[derive(Default)]
pub struct ContactChange {
    /// The contacts as they are then.
    pub contact: CaseContact,
    /// When the customer wants to be contacted then.
    pub remind_time: String,
    /// What was given or replaced, by name.
    pub changed: Vec<&'static str>,
    /// What was taken away, by name.
    pub removed: Vec<&'static str>,
}

/// Decides what a request makes of the contacts of a case. `copies` are the copy addresses that were sent.
pub fn change_contact(
    request: &UpdateContact,
    copies: Option<String>,
    contact: CaseContact,
    remind_time: &str,
    catalog: &Snapshot,
) -> Result<ContactChange> {
    let mut change = ContactChange { contact, remind_time: remind_time.to_owned(), ..ContactChange::default() };
    let text = |given: &Option<String>| given.clone().filter(|text| !text.is_empty());
    if let Some(given) = &request.remind_mobile {
        let new = text(given);
        if let Some(mobile) = &new {
            contact::check_mobile("remind_mobile", mobile)?;
        } else {
            // A code without a number says nothing.
            note(&mut change.contact.area_code, None, "area_code", &mut change.changed, &mut change.removed);
        }
        note(&mut change.contact.remind_mobile, new, "remind_mobile", &mut change.changed, &mut change.removed);
    }
    if let Some(given) = &request.area_code {
        let new = text(given).map(|code| area_code("area_code", &code, catalog)).transpose()?;
        note(&mut change.contact.area_code, new, "area_code", &mut change.changed, &mut change.removed);
    }
    if let Some(given) = &request.remind_mail {
        let new = text(given);
        if let Some(mail) = &new {
            contact::check_mail("remind_mail", mail)?;
        }
        note(&mut change.contact.remind_mail, new, "remind_mail", &mut change.changed, &mut change.removed);
    }
    if let Some(copies) = copies {
        let new = Some(copies).filter(|copies| !copies.is_empty());
        note(&mut change.contact.cc_email, new, CC_KEY, &mut change.changed, &mut change.removed);
    }
    if let Some(given) = &request.remind_time {
        let new = text(given).unwrap_or_else(|| "0".to_owned());
        contact::check_window("remind_time", &new)?;
        if new != change.remind_time {
            change.remind_time = new;
            change.changed.push("remind_time");
        }
    }
    Ok(change)
}

fn note(
    place: &mut Option<String>,
    new: Option<String>,
    name: &'static str,
    changed: &mut Vec<&'static str>,
    removed: &mut Vec<&'static str>,
) {
    if *place != new {
        if new.is_some() { changed } else { removed }.push(name);
        *place = new;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn copies(value: Value) -> std::result::Result<Option<String>, Code> {
        let mut extension = Map::from_iter([(CC_KEY.to_owned(), value), ("other".to_owned(), json!(1))]);
        let taken = take_copies(&mut extension, 3).map_err(|e| e.code());
        assert_eq!(extension.len(), 1, "addresses do not stay among the other values");
        taken
    }

    #[test]
    fn copy_addresses_come_in_every_form() {
        for (given, kept) in [
            (json!("a@b.cn"), "a@b.cn"),
            (json!("a@b.cn; c@d.cn,A@B.CN"), "a@b.cn,c@d.cn"),
            (json!(["a@b.cn", "c@d.cn"]), "a@b.cn,c@d.cn"),
            (json!(""), ""),
            (json!([]), ""),
            (Value::Null, ""),
        ] {
            assert_eq!(copies(given.clone()), Ok(Some(kept.to_owned())), "{given}");
        }
        let long = format!("{}@{}.cn", "a".repeat(60), "b".repeat(63));
        assert_eq!(copies(json!(long)), Ok(Some(long.clone())));
        for bad in [
            json!("nobody"),
            json!(7),
            json!(["a@b.cn", 7]),
            json!("a@b.cn,c@d.cn,e@f.cn,g@h.cn"),
            json!({}),
            json!(format!("{}@{}.{}.cn", "a".repeat(60), "b".repeat(60), "c".repeat(10))),
        ] {
            assert_eq!(copies(bad.clone()), Err(Code::WrongCopy), "{bad}");
        }
        assert_eq!(take_copies(&mut Map::new(), 3).unwrap(), None);
    }

    #[test]
    fn a_rating_is_final_after_a_while() {
        let at = Micros(5_000_000);
        assert!(check_editable(None, 10, at).is_ok());
        assert!(check_editable(Some(at), 10, at.plus_seconds(10)).is_ok());
        let late = check_editable(Some(at), 10, at.plus_seconds(11));
        assert_eq!(late.unwrap_err().code(), Code::RatingFinal);
    }
}
