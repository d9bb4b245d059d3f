//! What a case carries beside its text: contacts, copy addresses, extra parameters, and its rating.
//!
//! Always true: contacts, copy addresses and sensitive parameters are sealed with the case's other secrets and erased when
//! it ends, so that none of them can be changed from then on; a rating holds dimensions of the catalogue, each once, and
//! is final some days after it was first given.

pub mod api;
pub mod rules;
mod sql;

pub use sql::{ALL, forget_copies, list_scores, rate, remember_copies};
