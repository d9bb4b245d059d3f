//! What a report has to say.

use crate::contact;
use crate::error::{Allowed, Code, Error, Result};
use crate::extract;
use counterfoil_wire::feedbacks::{ClaimedRight, CreateFeedback, Reporter};

/// The kinds of abuse.
pub const KINDS: &[&str] = &["intellectual_property", "illegal_content", "fraud", "attack", "spam", "other"];
/// The kind that needs a right.
const OF_A_RIGHT: &str = "intellectual_property";
/// The kinds of rights.
const RIGHTS: &[&str] = &["copyright", "trademark", "patent"];
/// Who may report: company, individual, authorised agent, lawyer, owner of the right.
const ID_TYPES: &[i64] = &[10, 20, 21, 22, 23];

/// Checks a kind of abuse.
pub fn check_kind(kind: &str) -> Result<()> {
    extract::text("type", kind, 1..=32)?;
    if KINDS.contains(&kind) {
        Ok(())
    } else {
        Err(Error::param_as(Code::WrongFeedbackType, "type", Allowed::OneOf(KINDS.into())))
    }
}

/// Checks all of a report but whether its files are there.
pub fn check(request: &CreateFeedback) -> Result<()> {
    check_kind(&request.kind)?;
    check_title(&request.title)?;
    extract::text("content", &request.content, 1..=5000)?;
    required("content", &request.content)?;
    check_files("files", &request.files)?;
    if let Some(right) = &request.ip {
        check_right(right)?;
    }
    if request.kind == OF_A_RIGHT {
        let right = request.ip.as_ref().ok_or_else(|| Error::param("ip", Allowed::Required))?;
        required("ip.ip_type", right.ip_type.as_deref().unwrap_or_default())?;
    }
    request.contacts.as_ref().map_or(Ok(()), check_reporter)
}

fn required(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() { Err(Error::param(field, Allowed::Required)) } else { Ok(()) }
}

fn check_files(field: &str, ids: &[String]) -> Result<()> {
    extract::count(field, ids.len(), 1..=3)?;
    for (i, id) in ids.iter().enumerate() {
        extract::text(&format!("{field}[{i}]"), id, 1..=32)?;
    }
    Ok(())
}

/// Products, and behind a semicolon web sites with commas between; one of both at least.
fn check_title(title: &str) -> Result<()> {
    extract::text("title", title, 0..=2048)?;
    extract::line("title", title)?;
    let (products, sites) = title.split_once(';').unwrap_or((title, ""));
    if products.trim().is_empty() && sites.trim().is_empty() {
        return Err(Error::param("title", Allowed::Required));
    }
    let is_site = |site: &str| site.contains('.') && !site.contains(char::is_whitespace);
    if sites.split(',').map(str::trim).filter(|site| !site.is_empty()).all(is_site) {
        return Ok(());
    }
    let (zh, en) = ("须为“产品;网址”，网址以逗号分隔", "products;sites is needed, with commas between the web sites");
    Err(Error::param("title", Allowed::text(zh, en)))
}

fn check_right(right: &ClaimedRight) -> Result<()> {
    let kind = right.ip_type.as_deref().unwrap_or_default();
    extract::text("ip.ip_type", kind, 0..=32)?;
    if !kind.is_empty() && !RIGHTS.contains(&kind) {
        return Err(Error::param("ip.ip_type", Allowed::OneOf(RIGHTS.into())));
    }
    extract::optional_text("ip.ip_area", right.ip_area.as_deref(), 0..=64)?;
    extract::optional_text("ip.ip_number", right.ip_number.as_deref(), 0..=64)?;
    extract::optional_text("ip.ip_content", right.ip_content.as_deref(), 0..=2000)
}

fn check_reporter(reporter: &Reporter) -> Result<()> {
    extract::text("contacts.name", &reporter.name, 0..=256)?;
    extract::line("contacts.name", &reporter.name)?;
    required("contacts.name", &reporter.name)?;
    extract::text("contacts.mobile", &reporter.mobile, 0..=32)?;
    contact::check_mobile("contacts.mobile", &reporter.mobile)?;
    if let Some(mail) = &reporter.mail {
        extract::text("contacts.mail", mail, 1..=128)?;
        contact::check_mail("contacts.mail", mail)?;
    }
    extract::optional_text("contacts.area", reporter.area.as_deref(), 1..=128)?;
    extract::optional_text("contacts.address", reporter.address.as_deref(), 1..=512)?;
    extract::int("contacts.id_type", reporter.id_type, 0..=100)?;
    if !ID_TYPES.contains(&reporter.id_type) {
        let (zh, en) = ("只能是 10、20、21、22、23", "allowed are 10, 20, 21, 22, 23");
        return Err(Error::param("contacts.id_type", Allowed::text(zh, en)));
    }
    extract::optional_text("contacts.company_name", reporter.company_name.as_deref(), 0..=256)?;
    check_files("contacts.id_files", &reporter.id_files)?;
    extract::optional_text("contacts.other_way", reporter.other_way.as_deref(), 0..=256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_products_and_sites() {
        for good in
            ["ECS", "ECS;http://example.com", ";example.com", "云服务器,CDN;https://a.example/x?y=1, b.example", "a;"]
        {
            assert!(check_title(good).is_ok(), "{good}");
        }
        for bad in ["", "  ", ";", " ; ", "ECS;nowhere", "ECS;http://a b.example", "a\nb"] {
            assert!(check_title(bad).is_err(), "{bad:?}");
        }
    }
}
