//! Full-text search over case ids, descriptions and messages.
//!
//! One document per message; the first one of a case also holds the case's id. A keyword matches a document that holds all
//! its tokens; several keywords may match different messages of one case. Notes are found by staff only. The newest
//! [`MOST_MATCHES`] documents of a keyword are looked at, so that a common word costs no more than a rare one.

mod sql;

pub use sql::{ALL, condition, store_document};

/// How many matching documents of a keyword are looked at.
pub const MOST_MATCHES: i64 = 10_000;
