//! Relations: cases of one account that belong together.
//!
//! Always true: a relation is there from both of its cases; a case has at most [`rules::MOST`] and none with itself; whoever
//! relates two cases may open both; a deleted case has none. Whoever sees a case sees which cases are related to it, and
//! by whom they were submitted; what one of them says is told to those alone who may open it.

pub mod api;
pub mod rules;
mod sql;

pub use sql::{ALL, follow};
