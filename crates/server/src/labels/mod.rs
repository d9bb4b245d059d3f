//! Labels: names with a colour that the users of an account put on cases to find them again.
//!
//! Always true: an account has at most [`rules::MOST_OF_ACCOUNT`] labels and a case at most [`rules::MOST_OF_CASE`]; a name
//! is given once in an account; what stands on a case carries the case's submitter and status with it, and is counted by
//! both, so that a list by label and its total look at no case that they do not show. A deleted label is on no case any
//! more, and a deleted case carries none.
//!
//! `cases/` asks this folder what is on a case and tells it when a case changes, see [`follow`].

pub mod api;
pub mod rules;
mod sql;

pub use sql::{ALL, attach, follow, list_of_case, list_of_cases, totals};
