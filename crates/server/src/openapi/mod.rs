//! What the service says of itself: the facts of every operation, and the OpenAPI document that is made of them.
//!
//! The facts are data, one JSON file per area in `crates/server/openapi`; [`facts`] reads them. The contract tests take
//! their cases from the same facts, so that what the document says is what was tested. `docs/testing.md` says what each
//! field means.

pub mod api;
pub mod document;
pub mod facts;
mod schema;

use crate::error::{Error, Result};
use crate::routes;
use serde_json::Value;
use std::sync::OnceLock;

/// The document.
pub fn document() -> Result<Value> {
    let areas = facts::areas().map_err(Error::internal)?;
    Ok(document::document(&routes::operations(), &areas))
}

/// The document as text for programs, made once.
pub fn text() -> Result<&'static str> {
    static TEXT: OnceLock<String> = OnceLock::new();
    if let Some(text) = TEXT.get() {
        return Ok(text);
    }
    let text = serde_json::to_string(&document()?).map_err(Error::internal)?;
    Ok(TEXT.get_or_init(|| text))
}
