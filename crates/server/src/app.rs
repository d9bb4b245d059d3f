//! What every part of the server shares: the store, the configuration, the clock and what is built on them.

use crate::clock::Clock;
use crate::config::Config;
use crate::schema;
use counterfoil_store::{Store, StoreError};
use std::ops::Deref;
use std::sync::Arc;

/// The running server's state; clones share it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of an [`App`].
pub struct Parts {
    /// The data.
    pub store: Store,
    /// The settings.
    pub config: Config,
    /// The time.
    pub clock: Clock,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Opens everything that `config` names: the data folder, the database (migrated), the key.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, StoreError> {
        std::fs::create_dir_all(&config.data).map_err(|e| {
            StoreError::Unusable(format!("the data folder {} cannot be made: {e}", config.data.display()))
        })?;
        let store = Store::open(&config.store_options(), schema::MIGRATIONS, clock.now().0).await?;
        Ok(Self(Arc::new(Parts { store, config, clock })))
    }
}
