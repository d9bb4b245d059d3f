//! Bodies of the calls about abuse: what a customer reports, and what staff read of it.
//!
//! Types with contacts have no `Debug`, so that they can not reach a log.

use serde::{Deserialize, Serialize};

use crate::accessories::AccessoryName;
use crate::ids::{AccountId, FeedbackId, UserId};

/// Body of `CreateFeedback`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateFeedback {
    /// Kind of abuse, at most 32 characters.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is reported: products, and behind a semicolon web sites; at most 2048 characters.
    pub title: String,
    /// What happened, 1 to 5000 characters.
    pub content: String,
    /// Files that prove it, 1 to 3.
    pub files: Vec<String>,
    /// The right that is violated.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::optional")]
    pub ip: Option<ClaimedRight>,
    /// Who reports.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::optional")]
    pub contacts: Option<Reporter>,
}

/// A right that somebody claims to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedRight {
    /// `copyright`, `trademark` or `patent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_type: Option<String>,
    /// Where it is registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_area: Option<String>,
    /// Under which number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_number: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_content: Option<String>,
}

/// Somebody who reports abuse.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reporter {
    /// The name of a person or body.
    pub name: String,
    /// Phone.
    pub mobile: String,
    /// Mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// Country or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// 10 company, 20 individual, 21 authorised agent, 22 lawyer, 23 owner of the right.
    pub id_type: i64,
    /// Company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// Files that prove who it is, 1 to 3.
    pub id_files: Vec<String>,
    /// Another way to reach the reporter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_way: Option<String>,
}

/// Answer of `CreateFeedback`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackCreated {
    /// The report. Ours: the documented answer is empty.
    pub feedback_id: FeedbackId,
}

/// A page of reports, for staff.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackPage {
    /// How many match in all.
    pub total_count: i64,
    /// This page, newest first.
    pub feedbacks: Vec<FeedbackSummary>,
}

/// A report in a list, for staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackSummary {
    /// The report.
    pub feedback_id: FeedbackId,
    /// Account of the reporter.
    pub account_id: AccountId,
    /// Its name.
    pub account_name: String,
    /// The reporter.
    pub user_id: UserId,
    /// The reporter's name in the account.
    pub user_name: String,
    /// Kind of abuse.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is reported.
    pub title: String,
    /// When.
    pub create_time: String,
}

/// All of a report, for staff.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackDetail {
    /// What the list shows, on the same level.
    #[serde(flatten)]
    pub summary: FeedbackSummary,
    /// What happened.
    pub content: String,
    /// The right that is violated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<ClaimedRight>,
    /// Who reports; the files of the proof of identity stand beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Reporter>,
    /// Files that prove the report.
    pub files: Vec<AccessoryName>,
    /// Files that prove who reports.
    pub id_files: Vec<AccessoryName>,
}
