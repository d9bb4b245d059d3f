//! Getting the whole catalogue into the database and out of it: `catalog import`, `catalog export`, and the built-in
//! catalogue of a new installation.

use counterfoil_store::{Store, StoreError, Tx};

use super::document::{BUILTIN, Document, Problem, to_toml};
use super::items::{self, ImportReport, Plan, Usage};
use super::sql;

/// Why an import changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The text is wrong, in these places.
    #[error("the catalogue was not changed:\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Refused(Vec<Problem>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The catalogue that is offered, as a document.
pub async fn export(store: &Store) -> Result<String, StoreError> {
    let items = store.read(async |tx: &mut Tx| sql::list_items(tx).await).await?;
    let document = items::to_document(items.iter().filter(|item| item.enabled)).map_err(|error| unreadable(&error))?;
    Ok(to_toml(&document))
}

/// Replace the catalogue by a document, if all of it is right. What cases use is switched off instead of deleted.
pub async fn import(store: &Store, text: &str) -> Result<ImportReport, ImportError> {
    let document = Document::parse(text).map_err(ImportError::Refused)?;
    let new = items::from_document(&document).map_err(|error| unreadable(&error))?;
    let write = async move |tx: &mut Tx| -> Result<ImportReport, StoreError> {
        sql::take_turn(tx).await?;
        let old = sql::list_items(tx).await?;
        let usage =
            if items::takes_away(&old, &new, sql::USED_KINDS) { sql::list_usage(tx).await? } else { Usage::new() };
        let plan = items::plan(&old, new.clone(), &usage);
        sql::save_plan(tx, &plan).await?;
        Ok(plan.report)
    };
    Ok(store.write(write).await?)
}

/// Give a database without a catalogue the built-in one; any other is left alone.
pub async fn seed(store: &Store) -> Result<(), StoreError> {
    let is_empty = |items: &[items::Item]| items.is_empty();
    if !is_empty(&store.read(async |tx: &mut Tx| sql::list_items(tx).await).await?) {
        return Ok(());
    }
    let document = Document::parse(BUILTIN).map_err(|problems| StoreError::Unusable(format!("{problems:?}")))?;
    let new = items::from_document(&document).map_err(|error| unreadable(&error))?;
    let write = async move |tx: &mut Tx| -> Result<(), StoreError> {
        sql::take_turn(tx).await?;
        if is_empty(&sql::list_items(tx).await?) {
            let plan: Plan = items::plan(&[], new.clone(), &Usage::new());
            sql::save_plan(tx, &plan).await?;
        }
        Ok(())
    };
    store.write(write).await
}

/// A row that this program did not write.
pub(super) fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Engine(format!("a row of the catalogue cannot be read: {error}").into())
}
