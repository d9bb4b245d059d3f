//! Integration tests: one file per operation, in folders named like the source's.
//!
//! The router is called in process over a database of the test's own, with a clock that stands still. `TEST_ENGINE` picks
//! the engine; without it the tests run on the embedded database, and those that need PostgreSQL are left to `make test`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod accessories;
mod agreements;
mod authorizations;
mod bastion;
mod caller;
mod cases;
mod catalog;
mod cli;
mod contacts;
mod contract;
mod delivery;
mod desk;
mod events;
mod export;
mod feedbacks;
mod iam;
mod labels;
mod messages;
mod openapi;
mod outgoing;
mod particulars;
mod quotas;
mod relations;
mod service;
mod show_readiness;
mod support;
