//! The stream of events. All of it is ours.
//!
//! Each event of the stream has its number as `id`, its kind as `event`, and one of these as `data`, in one line of JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::CaseId;

/// What an event tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamedEvent {
    /// The case that it is about.
    pub case_id: CaseId,
    /// Who did it: a user's id, or `system`.
    pub actor: String,
    /// When.
    pub time: String,
    /// What is special to its kind, such as `message_id`.
    pub details: Value,
}
