//! Bodies of the desk: the staff's side of a case, under `/desk/v1`. All of it is ours.
//!
//! Staff see every account's cases, the internal notes and, until a case ends, contacts and confidential text. Types
//! with the latter have no `Debug`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::accessories::AccessoryName;
use crate::cases::{CaseContact, OperateLog};
use crate::ids::{AccountId, CaseId, MessageId, UserId};

/// A page of a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskCasePage {
    /// How many cases match in all.
    pub total_count: i64,
    /// This page.
    pub cases: Vec<DeskCase>,
}

/// A case in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskCase {
    /// The case.
    pub case_id: CaseId,
    /// Account it belongs to.
    pub account_id: AccountId,
    /// Its name.
    pub account_name: String,
    /// User who submitted it.
    pub user_id: UserId,
    /// His name.
    pub user_name: String,
    /// Status number, as for customers.
    pub status: i64,
    /// The problem as submitted.
    pub simple_description: String,
    /// Category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident_sub_type_id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident_sub_type_name: Option<String>,
    /// Product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_category_id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_category_name: Option<String>,
    /// Problem type.
    pub business_type_id: String,
    /// Its name.
    pub business_type_name: String,
    /// `0` a question, `5` a fault.
    pub case_type: String,
    /// Severity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_id: Option<String>,
    /// Region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<String>,
    /// Engineer who has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee_id: Option<UserId>,
    /// His name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee_name: Option<String>,
    /// Who handles it: 0 the provider, 1 a reseller, 2 an ISV.
    pub business_ownership: i64,
    /// The reseller's or ISV's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_id: Option<AccountId>,
    /// When it was submitted.
    pub create_time: String,
    /// When it last changed.
    pub update_time: String,
}

/// A case with everything that staff may see.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DeskCaseDetail {
    /// What the queue shows, on the same level.
    #[serde(flatten)]
    pub case: DeskCase,
    /// Messages and notes, oldest first.
    pub messages: Vec<DeskMessage>,
    /// What happened, oldest first.
    pub operate_logs: Vec<OperateLog>,
    /// Values of the extra parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends_map: Option<Map<String, Value>>,
    /// How to reach the customer, until it is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<CaseContact>,
    /// Confidential text of the submission, until it is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_content: Option<String>,
    /// Why it is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause_reason: Option<String>,
    /// When it goes on by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume_at: Option<String>,
    /// The support plan that the account had when it submitted the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_plan: Option<DeskSupportPlan>,
}

/// What a support plan promised for a case when it was submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskSupportPlan {
    /// The plan.
    pub plan_id: String,
    /// Its name.
    pub plan_name: String,
    /// The first answer is due after so many minutes of the calendar; absent where nothing was promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_minutes: Option<i64>,
    /// The calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar_id: Option<String>,
}

/// Who can read a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Customer and staff.
    Public,
    /// Staff only.
    Note,
}

impl Visibility {
    /// `public` or `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Note => "note",
        }
    }
}

/// A message or note.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskMessage {
    /// The message.
    pub message_id: MessageId,
    /// Who can read it.
    pub visibility: Visibility,
    /// 0 from a customer, 1 from an engineer or a partner.
    #[serde(rename = "type")]
    pub kind: i64,
    /// The author; absent for what the system writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replier: Option<UserId>,
    /// The author's name when he wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replier_name: Option<String>,
    /// The text.
    pub content: String,
    /// When it was written.
    pub create_time: String,
    /// 1 for the message that opened the case, else 0.
    pub is_first_message: i64,
    /// Its files.
    #[serde(default)]
    pub accessory_list: Vec<AccessoryName>,
    /// Confidential text, until it is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_content: Option<String>,
    /// When its author took it back: text and files are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<String>,
}

/// What a reply does to the case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterReply {
    /// Nothing: work goes on.
    #[default]
    Processing,
    /// The customer has to answer.
    PendingFeedback,
    /// This is the solution, for the customer to confirm.
    Solution,
}

/// Body of a reply to the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskReply {
    /// Text, at most 10,000 characters.
    pub content: String,
    /// Uploaded files, at most 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accessory_ids: Option<Vec<String>>,
    /// What happens next.
    pub next: AfterReply,
}

/// Body of an internal note.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskNote {
    /// Text, at most 10,000 characters.
    pub content: String,
}

/// Body of a pause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskPause {
    /// Why; the customer can read it.
    pub reason: String,
    /// When the case goes on by itself, in any form that [`parse_local`](crate::time::TimeZone::parse_local) reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume_at: Option<String>,
}

/// Body that hands a case to the customer's partner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskHandOver {
    /// The partner's account; the customer's partner when absent, and nobody else is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_id: Option<String>,
    /// Which of its people; any of them may take it when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler_id: Option<String>,
}

/// Body that declares a case invalid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskInvalid {
    /// Why; the customer can read it.
    pub reason: String,
}

/// Body of taking a case: nothing to say, `{}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskAccept {}
