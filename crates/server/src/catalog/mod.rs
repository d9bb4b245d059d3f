//! The catalogue: categories, products and problem types, and everything else that a form is filled from.
//!
//! It belongs to the installation, not to an account, and is replaced as a whole by `catalog import`. Requests answer
//! from a [`Snapshot`] in memory, which the [`Cache`] reads again when [`Topic::Catalog`](counterfoil_store::Topic)
//! moved. Always true: the ids of products, problem types, severities and regions that a case uses are found, with
//! their names in both languages, however often the catalogue was replaced.
//!
//! `document/` is the TOML form, `items.rs` the rows, `transfer.rs` import and export, `api.rs` the
//! operations.

pub mod api;
mod cache;
pub mod document;
mod items;
pub mod rules;
mod snapshot;
mod sql;
mod transfer;

pub use cache::Cache;
pub use items::ImportReport;
pub use snapshot::{Known, ProblemType, Snapshot};
pub use sql::ALL as STATEMENTS;
pub use transfer::{ImportError, export, import, seed};
