//! Diagnosis: an account's hosts, databases and websites are looked at from here, and what was seen is explained.
//!
//! `registry.rs` keeps what may be looked at (`admin.rs` and the command line change it), `api.rs` starts diagnoses and shows
//! them, `run.rs` carries one out as a job, `probe.rs` and `tls.rs` look, `rules.rs` decides what it means, `checks.rs` is
//! the catalogue of checks and findings in both languages.
//!
//! Always true: nothing is connected to that the account has not registered and the guard of outgoing connections does not
//! allow; results are written once, however many nodes tried.

pub mod admin;
pub mod api;
pub mod certificate;
pub mod checks;
mod probe;
pub mod registry;
mod resource;
pub mod rules;
pub mod run;
mod sql;
mod tls;

pub use sql::{ALL, ResourceRow};
