//! Exports: the cases that a list finds, as a spreadsheet.
//!
//! Always true: an export is written to a file that has no name before a byte of it is sent, so that a client that reads
//! slowly or goes away holds no database connection and leaves nothing behind; it is read from the database page by page,
//! so that neither the number of cases nor their size shows in memory; no cell starts a formula.
//!
//! `rules.rs` is what stands in the cells, `workbook.rs` writes the file on a thread of its own, `pages.rs` reads.

pub mod api;
mod pages;
pub mod rules;
mod workbook;

use crate::error::{Code, Error, Result};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// When somebody should try again who came while others export.
const RETRY_SECONDS: i64 = 5;

/// How many exports are made at once on this node, and where their files are.
#[derive(Debug)]
pub struct Exports {
    places: Arc<Semaphore>,
    folder: PathBuf,
}

/// The right to make one export; it ends when this is dropped.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "it is held, not read")] OwnedSemaphorePermit);

impl Exports {
    /// For so many at once.
    pub fn new(at_once: usize, folder: PathBuf) -> Self {
        Self { places: Arc::new(Semaphore::new(at_once)), folder }
    }

    /// A place, unless all are taken: an export is long, so nobody waits for one with an open connection.
    pub fn take(&self) -> Result<Place> {
        let permit = Arc::clone(&self.places).try_acquire_owned();
        permit.map(Place).map_err(|_| Error::retry_after(Code::TooManyRequests, RETRY_SECONDS))
    }
}
