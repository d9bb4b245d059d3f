//! What every part of the server shares: the store, the configuration, the clock and what is built on them.

use crate::accessories;
use crate::authorizations::hosts::HostChecks;
use crate::cases::sequence::Sequence;
use crate::catalog;
use crate::clock::Clock;
use crate::config::Config;
use crate::events;
use crate::export::Exports;
use crate::iam::{self, Identity};
use crate::outgoing::Outgoing;
use crate::plans;
use crate::schema;
use crate::vault::{Vault, VaultError};
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
    /// The secret key and what is sealed under it.
    pub vault: Vault,
    /// Who may call.
    pub identity: Identity,
    /// The catalogue in memory.
    pub catalog: catalog::Cache,
    /// The files of accessories.
    pub files: accessories::Files,
    /// The way out to other machines.
    pub outgoing: Outgoing,
    /// The exports that are being made.
    pub exports: Exports,
    /// How often logins on hosts are tried.
    pub host_checks: HostChecks,
    /// Rising numbers and ids.
    pub sequence: Sequence,
    /// Who follows the events.
    pub events: events::Hub,
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
        let outgoing = Outgoing::new(&config.outgoing).map_err(StoreError::Unusable)?;
        let options = config.store_options();
        Vault::check(&options, &config.data, config.secret_key.as_ref()).await.map_err(unusable_key)?;
        let store = Store::open(&options, schema::MIGRATIONS, clock.now().0).await?;
        let opened = Self::open_on(store.clone(), config, clock, outgoing).await;
        if opened.is_err() {
            // Whoever is told that nothing was changed finds no log of the database beside it either.
            store.stopped().await;
        }
        opened
    }

    async fn open_on(store: Store, config: Config, clock: Clock, outgoing: Outgoing) -> Result<Self, StoreError> {
        let vault = Vault::open_for(&store, &config.data, config.secret_key.as_ref()).await.map_err(unusable_key)?;
        iam::prepare(&store, &config.api.region, clock.now()).await?;
        let identity = Identity::new(&vault, &config);
        catalog::seed(&store).await?;
        plans::seed(&store).await?;
        let catalog = catalog::Cache::default();
        let files = accessories::Files::open(&config.accessories, &config.accessories_folder());
        let files = files.map_err(StoreError::Unusable)?;
        let host_checks = HostChecks::default();
        let exports = Exports::new(config.export.at_once, config.data.join("exports"));
        let sequence = Sequence::default();
        Ok(Self(Arc::new(Parts {
            store,
            config,
            clock,
            vault,
            identity,
            catalog,
            files,
            outgoing,
            exports,
            host_checks,
            sequence,
            events: events::Hub::default(),
        })))
    }
}

fn unusable_key(e: VaultError) -> StoreError {
    match e {
        VaultError::Store(e) => e,
        other => StoreError::Unusable(other.to_string()),
    }
}
