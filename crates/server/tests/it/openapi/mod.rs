//! The document and the page that shows it.

mod show_docs;
mod show_docs_asset;
mod show_openapi;
