//! The snapshot that requests share, read again after the catalogue changed on any node.

use std::sync::{Arc, PoisonError, RwLock};

use counterfoil_store::{Store, StoreError, Topic, Tx};
use tokio::sync::Mutex;

use super::snapshot::Snapshot;
use super::sql;
use super::transfer::unreadable;

/// Holds the newest snapshot that was read. One per server.
#[derive(Debug, Default)]
pub struct Cache {
    held: RwLock<Option<(u64, Arc<Snapshot>)>>,
    /// One request reads after a change; the others wait for what it finds.
    reading: Mutex<()>,
}

impl Cache {
    /// The catalogue as of now.
    pub async fn snapshot(&self, store: &Store) -> Result<Arc<Snapshot>, StoreError> {
        if let Some(snapshot) = self.held_at(store.generation(Topic::Catalog)) {
            return Ok(snapshot);
        }
        let _turn = self.reading.lock().await;
        // Asked before reading: a change in between makes the next request read again.
        let generation = store.generation(Topic::Catalog);
        if let Some(snapshot) = self.held_at(generation) {
            return Ok(snapshot);
        }
        let rows = store.read(async |tx: &mut Tx| sql::list_items(tx).await).await?;
        let snapshot = Arc::new(Snapshot::new(&rows).map_err(|error| unreadable(&error))?);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some((generation, Arc::clone(&snapshot)));
        Ok(snapshot)
    }

    fn held_at(&self, generation: u64) -> Option<Arc<Snapshot>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().filter(|(at, _)| *at == generation).map(|(_, snapshot)| Arc::clone(snapshot))
    }
}
