//! Bodies of what a case carries beside its text: contacts, copy addresses, extra parameters and its rating.
//!
//! Types with contacts or parameters have no `Debug`, so that they can not reach a log.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::cases::SatisfactionScore;
use crate::ids::{AccountId, UserId};

/// Body of `UpdateCaseContactInfo`. What is not there stays; null takes it away.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateContact {
    /// Country dialling code of the phone.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub area_code: Option<Option<String>>,
    /// Phone for notices.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub remind_mobile: Option<Option<String>>,
    /// Mail address for notices; an empty text takes it away too.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub remind_mail: Option<Option<String>>,
    /// When contact is welcome: `0` or empty for any time, else a window like `09:00-18:00`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::object::present")]
    pub remind_time: Option<Option<String>>,
    /// The group through which the caller sees another member's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Further values by their key; `cc_email` holds the copy addresses. Null takes a value away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_map: Option<Map<String, Value>>,
}

/// Answer of `ListCaseCcEmails`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CcEmails {
    /// What the caller used last.
    pub cc_email_info: CcEmailInfo,
    /// Addresses that the caller's open cases send copies to, those of the newest case first; at most five.
    pub mc_email_infos: Vec<String>,
}

/// Copy addresses of a user.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CcEmailInfo {
    /// The user.
    pub user_id: UserId,
    /// The account.
    pub customer_id: AccountId,
    /// The addresses with commas between; empty for none.
    pub cc_email: String,
}

/// Body of `CreateCaseExtendsParam`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SubmitParams {
    /// The group through which the caller sees another member's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// The message in which the engineer asked for the values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Values by their `param_key`. An empty one takes a value away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends_map: Option<Map<String, Value>>,
}

/// Answer of `ShowCaseExtendsParam`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CaseParams {
    /// Values by their `param_key`. Ours: the documented answer has no place for them.
    pub extends_map: Map<String, Value>,
}

/// Body of `CreateScores`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateCase {
    /// Opinion of the service, at most 400 characters.
    pub judgement: String,
    /// Scores, at most 100.
    #[serde(deserialize_with = "crate::object::list")]
    pub incident_satisfaction_list: Vec<SatisfactionScore>,
    /// The group through which the caller sees another member's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}
