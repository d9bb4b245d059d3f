//! Accessories: files that are uploaded first and named by a case or message afterwards.
//!
//! `api.rs` has the calls, `form.rs` reads uploads in parts, `intake.rs` receives a file piece by piece, `rules.rs` decides
//! what a file may be, `files.rs` keeps the bytes, `ranges.rs` reads which of them are wanted, `links.rs` signs access
//! URLs, `zip.rs` packs several files, `sql.rs` has the rows.
//!
//! Always true: a row is there before its object and goes after it, so that no object is ever without a row and a crash
//! leaves nothing behind that [`sweep`] does not find; an object's key is made of ids only; no file is whole in
//! memory but one that came inside JSON, and nothing unpacks one; who may read a bound file is decided by its case.

pub mod api;
mod files;
mod form;
mod intake;
mod links;
mod ranges;
pub mod rules;
pub mod sql;
mod zip;

pub use files::Files;
pub use rules::{AccessoryLimits, Source};
pub use sql::{Binding, Object, bind, bind_to_feedback, list_for_messages, take_of_message};

use crate::app::App;
use crate::error::Result;
use counterfoil_store::Tx;

/// Files that one round of [`sweep`] removes.
const SWEEP_ROUND: i64 = 200;

/// The limits in force.
pub async fn limits(app: &App) -> Result<AccessoryLimits> {
    Ok(app.catalog.snapshot(&app.store).await?.settings().into())
}

/// Removes the objects of files that were given up. What cannot be removed now is found by the sweep.
pub async fn remove_objects(app: &App, objects: Vec<Object>) {
    for object in objects {
        let accessory_id = object.accessory_id.clone();
        if let Err(error) = intake::remove(&app.store, &app.files, object).await {
            tracing::warn!(%error, %accessory_id, "a file that was given up is left to the sweep");
        }
    }
}

/// Removes what nobody took: files older than `accessories.orphan_seconds` that belong to no case, uploads that broke off
/// without cleaning up, deleted files whose object is still there, and the volumes of past days. Answers how many files
/// went. May run on several nodes at once.
pub async fn sweep(app: &App) -> Result<u64> {
    let now = app.clock.now();
    // An upload cannot last longer than its request; twice that leaves room for clocks that differ.
    let incoming_before =
        now.plus_seconds(-2 * i64::try_from(app.config.limits.request_seconds).unwrap_or(3600) - 60).0;
    let temp_before = now.plus_seconds(-app.config.accessories.orphan_seconds).0;
    let volumes_before = now.plus_seconds(-2 * 24 * 3600).0;
    app.store.write(async move |tx: &mut Tx| sql::forget_volumes(tx, volumes_before).await).await?;
    let mut removed = 0;
    loop {
        let found = app
            .store
            .write(async move |tx: &mut Tx| sql::take_unwanted(tx, incoming_before, temp_before, SWEEP_ROUND).await)
            .await?;
        let full = found.len() as i64 == SWEEP_ROUND;
        for object in found {
            intake::remove(&app.store, &app.files, object).await?;
            removed += 1;
        }
        if !full {
            return Ok(removed);
        }
    }
}
