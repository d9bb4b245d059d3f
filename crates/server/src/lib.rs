//! Counterfoil: a self-hosted service-ticket system.
//!
//! A request takes three hops: `routes.rs` (the table of contents) -> a folder's `api.rs` -> its `sql.rs`, with
//! `rules.rs` beside them where something is decided. One folder per resource; `app.rs` holds what all of them share,
//! `error.rs` every error a client may see, `extract.rs` how bodies and queries are read.
//!
//! Always true: a route has a declared permission; what a change causes is written in the change's transaction; time comes
//! from [`clock::Clock`] alone.

pub mod accessories;
pub mod agreements;
pub mod app;
pub mod authorizations;
pub mod bastion;
pub mod caller;
pub mod cases;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contact;
pub mod contacts;
pub mod desk;
pub mod error;
pub mod events;
pub mod export;
pub mod extract;
pub mod feedbacks;
pub mod iam;
pub mod jobs;
pub mod labels;
pub mod mail;
pub mod messages;
pub mod once;
pub mod openapi;
pub mod outbox;
pub mod outgoing;
pub mod particulars;
pub mod plans;
pub mod quotas;
pub mod relations;
pub mod reply;
pub mod routes;
pub mod schema;
pub mod search;
pub mod sms;
pub mod vault;
