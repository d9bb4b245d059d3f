//! Bodies of the case calls: submitting, listing, showing, acting, counting, and the operate log.
//!
//! Request ids and enumerations are plain text and numbers: the server answers itself which bound one breaks, and an id
//! that can not exist is answered like one that does not. Answers carry checked ids. Status numbers are those of the
//! life cycle: 0 to be processed, 1 processing, 2 to be confirmed, 3 completed, 4 canceled, 5 paused, 12 invalid,
//! 13 deleted, 17 pending feedback. Types with confidential text or contacts have no `Debug`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::{AccountId, CaseId, LogId, UserId};
use crate::messages::CaseMessage;

/// Body of `CreateCases`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateCase {
    /// Category, at most 32 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident_sub_type_id: Option<String>,
    /// Product, at most 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_category_id: Option<String>,
    /// Problem type, at most 512 characters.
    pub business_type_id: String,
    /// Region; mandatory for a problem type that reports a fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<String>,
    /// The problem, at most 1200 characters; also the first message.
    pub simple_description: String,
    /// Where the case comes from, at most 32 characters.
    pub source_id: String,
    /// Phone for notices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_mobile: Option<String>,
    /// Mail address for notices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_mail: Option<String>,
    /// When contact is welcome: `0` for any time, else a window like `09:00-18:00` in the caller's time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_time: Option<String>,
    /// Project that the case is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// Uploaded files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accessory_ids: Option<Vec<String>>,
    /// Values of the extra parameters, by their `param_key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends_map: Option<Map<String, Value>>,
    /// Further values, kept as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_map: Option<Map<String, Value>>,
    /// Severity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_id: Option<String>,
    /// Code that was sent to a contact which is not verified yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify_code: Option<String>,
    /// Country dialling code of `remind_mobile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_code: Option<String>,
    /// Confidential text, at most 400 characters: stored encrypted and erased when the case ends. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_content: Option<String>,
}

/// Answer of `CreateCases`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseCreated {
    /// The new case.
    pub incident_id: CaseId,
}

/// Body of `UpdateCases`; the action itself is the query parameter `action_id`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperateCase {
    /// Opinion of the service, at most 400 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgement: Option<String>,
    /// Reason or note, at most 400 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operate_desc: Option<String>,
    /// The group through which the caller sees another member's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Scores, at most 100.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::optional_list")]
    pub incident_satisfaction_list: Option<Vec<SatisfactionScore>>,
}

/// A score in one dimension; a request needs only the dimension and the score given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SatisfactionScore {
    /// Dimension.
    pub satisfaction_id: i64,
    /// Score given.
    pub satisfaction_value: i64,
    /// Highest score of the dimension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
    /// Name of the dimension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub satisfaction_name: Option<String>,
    /// Score of one star.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_value: Option<i64>,
    /// Group of dimensions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sat_category_id: Option<String>,
    /// Name of that group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sat_category_name: Option<String>,
}

/// Answer of `ListCases`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CasePage {
    /// How many cases match in all.
    pub total_count: i64,
    /// This page.
    pub incident_info_list: Vec<CaseSummary>,
}

/// A case in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSummary {
    /// The case.
    pub incident_id: CaseId,
    /// User who submitted it.
    pub xcustomer_id: UserId,
    /// His name.
    pub xcustomer_name: String,
    /// Account it belongs to.
    pub customer_id: AccountId,
    /// Status number.
    pub status: i64,
    /// Problem type.
    pub business_type_name: String,
    /// Category.
    pub incident_type_name: String,
    /// Product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_category_name: Option<String>,
    /// Kind of service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident_service_type: Option<String>,
    /// Region; empty when none was chosen.
    pub dc_name: String,
    /// The problem as submitted.
    pub simple_description: String,
    /// Whose fault it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<String>,
    /// How it was solved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// When it was submitted.
    pub create_time: String,
    /// When it was confirmed as solved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_time: Option<String>,
    /// Labels on it.
    #[serde(default)]
    pub label_list: Vec<CaseLabel>,
}

/// A label on a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseLabel {
    /// The label.
    pub label_id: i64,
    /// Its name.
    pub name: String,
    /// Its colour, `#RRGGBB`.
    pub color: String,
}

/// Answer of `ShowCaseDetail`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseDetailAnswer {
    /// The case.
    pub incident_detail_info: CaseDetail,
}

/// A case with everything that its customer may see.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseDetail {
    /// The case.
    pub incident_id: CaseId,
    /// User who submitted it.
    pub xcustomer_id: UserId,
    /// His name.
    pub xcustomer_name: String,
    /// Account it belongs to.
    pub customer_id: AccountId,
    /// Status number.
    pub status: i64,
    /// Opinion of the service; empty until one is given.
    pub judgement: String,
    /// Problem type.
    pub business_type_name: String,
    /// Category.
    pub incident_type_name: String,
    /// Region; empty when none was chosen.
    pub dc_name: String,
    /// The problem as submitted.
    pub simple_description: String,
    /// Where the case came from.
    pub source_name: String,
    /// When it was submitted.
    pub create_time: String,
    /// What was written, oldest first.
    pub message_list: Vec<CaseMessage>,
    /// Scores given.
    pub incident_satisfaction: Vec<SatisfactionScore>,
    /// Severity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_name: Option<String>,
    /// 0 the provider, 1 a reseller, 2 an ISV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_ownership: Option<i64>,
    /// When it was solved, in milliseconds since 1970: the one time that is a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolve_time: Option<i64>,
    /// Contact data, until it is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_info: Option<CaseContact>,
    /// Confidential text, for those who may read it and until it is erased. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_content: Option<String>,
    /// Values of the extra parameters. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends_map: Option<Map<String, Value>>,
    /// Labels on it. Ours: the documented model has them in lists only.
    #[serde(default)]
    pub label_list: Vec<CaseLabel>,
}

/// How to reach the customer.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseContact {
    /// Country dialling code of the phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_code: Option<String>,
    /// Phone for notices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_mobile: Option<String>,
    /// Mail address for notices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_mail: Option<String>,
    /// Kind of contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_type: Option<String>,
    /// When contact is welcome: `0` for any time, else a window like `09:00-18:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_time: Option<String>,
    /// Mail address that gets copies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cc_email: Option<String>,
    /// Product of an ISV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commodity_id: Option<String>,
}

/// Answer of `ShowCaseStatus`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseStatus {
    /// Status number.
    pub status: i64,
}

/// Answer of `ListCaseCounts`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseCounts {
    /// One row for each status.
    pub incident_status_counts: Vec<CaseCount>,
}

/// How many cases are in one status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseCount {
    /// Status number.
    pub status: i64,
    /// Cases in it.
    pub count: i64,
}

/// Answer of `ListCaseOperateLogs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperateLogPage {
    /// How many entries there are in all.
    pub total_count: i64,
    /// This page.
    pub incident_operate_log_list: Vec<OperateLog>,
}

/// One thing that happened to a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperateLog {
    /// The entry.
    pub incident_log_id: LogId,
    /// The case.
    pub incident_id: CaseId,
    /// What was done, by its log type number.
    pub operate_type: i64,
    /// Who did it, by kind.
    pub operator_type: i64,
    /// Who did it; absent for the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator_id: Option<UserId>,
    /// His name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator_name: Option<String>,
    /// Note on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operate_desc: Option<String>,
    /// When it happened.
    pub operate_time: String,
    /// The same time; clients read either.
    pub timestamp_operate_time: String,
}
