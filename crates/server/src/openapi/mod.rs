//! What the service says of itself: the facts of every operation, from which the contract tests take their cases.
//!
//! The facts are data, one JSON file per area in `crates/server/openapi`; [`facts`] reads them. `docs/testing.md` says
//! what each field means.

pub mod facts;
