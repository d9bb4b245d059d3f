//! Reports of abuse: a product or web site that violates somebody's rights or does harm.
//!
//! Always true: a report has its proof files from the moment it exists, and they belong to nothing else; who reports is
//! sealed, and is read like the files by leads and auditors alone. A report is no case: it has no status and no answer.

pub mod api;
pub mod rules;
mod sql;

pub use sql::ALL;

use crate::caller::{Caller, StaffRole};

/// Whether a member of staff reads reports and what proves them.
pub fn may_read(staff: &Caller) -> bool {
    matches!(staff.staff, Some(StaffRole::Lead | StaffRole::Auditor))
}
