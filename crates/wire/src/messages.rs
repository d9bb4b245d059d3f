//! Bodies of the message calls: what customer and staff write to each other in a case.
//!
//! Two models show a message: [`CaseMessage`] inside a case's detail and [`Message`] in a list. Both leave internal
//! notes of the staff out. Types with confidential text have no `Debug`, so that it can not reach a log.

use serde::{Deserialize, Serialize};

use crate::accessories::AccessoryName;
use crate::ids::{CaseId, MessageId, UserId};

/// Body of `CreateMessages`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateMessage {
    /// The message.
    #[serde(deserialize_with = "crate::object::one")]
    pub message: NewMessage,
    /// The group through which the caller sees another member's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}

/// A message to be added.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMessage {
    /// Text, at most 10,000 characters.
    pub content: String,
    /// Uploaded files, at most 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accessory_ids: Option<Vec<String>>,
    /// Confidential text, at most 400 characters: stored encrypted and erased when the case ends. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_content: Option<String>,
}

/// Answer of `ListMessages`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePage {
    /// How many messages there are in all.
    pub count: i64,
    /// This page.
    pub message_list: Vec<Message>,
}

/// A message in a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The message; the documented model has no id, although other calls ask for one.
    pub message_id: MessageId,
    /// 0 from a customer, 1 from an engineer.
    #[serde(rename = "type")]
    pub kind: i64,
    /// 0 customer, 1 engineer, 2 third party.
    pub replier_type: i64,
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
    /// 0 account owner, 1 user of the account; absent for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iam_user_type: Option<i64>,
    /// Its files.
    #[serde(default)]
    pub accessory_list: Vec<AccessoryName>,
    /// Confidential text, for those who may read it and until it is erased. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_content: Option<String>,
}

/// A message inside a case's detail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseMessage {
    /// The message.
    pub message_id: MessageId,
    /// 0 from a customer, 1 from an engineer.
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
}

/// Answer of `ListNewInstantMessages`: what is new in several cases.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMessages {
    /// Whether each case holds something unread, in the order of the request.
    pub imstatus: Vec<ReadState>,
    /// The new messages of each case, oldest first.
    pub immsg: Vec<NewMessagesOfCase>,
    /// From where the next poll goes on; to be handed back as it is.
    pub last_message_time_id: String,
}

/// Whether a case holds messages of engineers that the caller has not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadState {
    /// 0 something is unread, 1 all is read.
    pub status: i64,
    /// The case.
    pub incident_id: CaseId,
}

/// New messages of one case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMessagesOfCase {
    /// The case.
    pub incident_id: CaseId,
    /// Its new messages, oldest first; empty when there are none.
    pub message_list: Vec<Message>,
}

/// Answer of `ListUnreadNewInstantMessages`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadCounts {
    /// One entry for each case, in the order of the request.
    pub imunread: Vec<UnreadCount>,
}

/// How much of a case the caller has not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadCount {
    /// 1 while an engineer works on the case, else 0.
    pub status: i64,
    /// The case.
    pub incident_id: CaseId,
    /// Messages of engineers since the caller last marked the case as read.
    pub unread_num: i64,
}

/// Body of `UpdateNewInstantMessagesRead`; it may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkRead {
    /// The group through which the caller sees another member's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}
