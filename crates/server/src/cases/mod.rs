//! Cases: a customer's request from submission to closing.
//!
//! Always true: a case has its first message, its log entry of type 0, its counters and its event from the moment it
//! exists; its status moves only by a row of `rules.rs`; when it ends, contacts and secrets are erased with the same
//! commit. Every change goes through [`change::save`], which writes all that follows from it.
//!
//! `submission.rs` checks what a customer sends against the catalogue, `access.rs` decides who may see a case, `asked.rs`
//! is what every list of cases understands.

pub mod access;
pub mod api;
pub mod asked;
pub mod change;
pub mod legacy;
pub mod rules;
pub mod sealed;
pub mod sequence;
mod sql;
mod submission;
pub mod timers;

pub use sql::{
    ACCOUNT_SCOPE, ALL, CaseRow, Filter, LogRow, account_names, count, find, find_locked, find_of_any,
    find_of_any_locked, id, insert, insert_log, list, list_below, list_logs, list_statement, numbers, of_numbers,
    optional_id, page, sum_of_all, update, update_details, user_scope,
};
pub use submission::{SOURCE_ID, check_extension, check_some_params};
