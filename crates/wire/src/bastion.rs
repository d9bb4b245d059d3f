//! Answers of the calls that show what engineers did on granted hosts: sessions, commands and file transfers.

use serde::{Deserialize, Serialize};

/// Answer of `ListHistorySessions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPage {
    /// How many sessions there are in all.
    pub total_count: i64,
    /// This page, newest first.
    pub session_list: Vec<HistorySession>,
}

/// A session on a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistorySession {
    /// `hh:mm:ss`, until now while it is open.
    pub duration: String,
    /// Its number on this resource.
    pub session_id: i64,
    /// When it began.
    pub start_time: String,
    /// When it ended; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
}

/// Answer of `ListHistoryOperateLogs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandPage {
    /// How many commands there are in all.
    pub total_count: i64,
    /// This page.
    pub ops_list: Vec<HistoryCommand>,
}

/// A command that was run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryCommand {
    /// Its text.
    pub oper: String,
    /// When.
    pub operate_time: String,
}

/// Answer of `ListTransportHistories`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferPage {
    /// How many transfers there are in all.
    pub total_count: i64,
    /// This page.
    pub file_ops_list: Vec<HistoryTransfer>,
}

/// A file that was moved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryTransfer {
    /// `hh:mm:ss`.
    pub duration: String,
    /// When.
    pub operate_time: String,
    /// `upload` to the host or `download` from it.
    pub operate_type: String,
    /// Its name.
    pub file_name: String,
    /// Where it came from.
    pub from_path: String,
    /// Where it went.
    pub to_path: String,
    /// With the unit K, M or G.
    pub file_size: String,
    /// `success` or `failure`.
    pub oper_result: String,
}
