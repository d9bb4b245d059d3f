//! `counterfoil resource`: hosts, databases and websites that an account can have diagnosed.

use super::Output;
use crate::app::App;
use crate::diagnosis::registry::{self, Imported};
use crate::error::Error;
use crate::iam::{self, AccountKind, AdminError};
use anyhow::Context as _;
use clap::Subcommand;
use counterfoil_store::{StoreError, Tx};
use counterfoil_wire::diagnosis::NewResource;
use counterfoil_wire::ids::AccountId;
use serde::Deserialize;
use serde_json::json;
use std::path::{Path, PathBuf};

/// The most resources that are listed.
const MOST_LISTED: i64 = 10_000;

/// What can be done with resources.
#[derive(Subcommand)]
pub enum ResourceCommand {
    /// Register what a TOML file lists under [[resource]]; what has the same name is changed.
    Import {
        /// The file.
        file: PathBuf,
        /// Whose they are.
        #[arg(long)]
        account: String,
    },
    /// List the resources of an account.
    List {
        /// Whose they are.
        #[arg(long)]
        account: String,
    },
    /// Take a resource out.
    Remove {
        /// Its name.
        name: String,
        /// Whose it is.
        #[arg(long)]
        account: String,
    },
}

/// The file of an import.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    resource: Vec<NewResource>,
}

/// Why a command was refused.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("resource {0:?}: {1}")]
    Resource(String, Error),
    #[error(transparent)]
    Account(#[from] AdminError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

async fn account_of(tx: &mut Tx, name: &str) -> Result<AccountId, AdminError> {
    let account = iam::load_account(tx, name).await?;
    if account.kind == AccountKind::Customer { Ok(account.id) } else { Err(AdminError::Reserved) }
}

/// Runs a command.
pub async fn run(app: &App, command: ResourceCommand, out: Output) -> anyhow::Result<()> {
    let (now, most) = (app.clock.now(), app.config.diagnosis.resources);
    match command {
        ResourceCommand::Import { file, account } => {
            let list = read(&file)?;
            let done = app
                .store
                .write(async move |tx: &mut Tx| -> Result<Imported, Refused> {
                    let account_id = account_of(tx, &account).await?;
                    let done = registry::import(tx, &account_id, &list, most, now).await;
                    done.map_err(|(name, error)| Refused::Resource(name, error))
                })
                .await?;
            let text = format!("{} resources were added, {} changed", done.added, done.changed);
            out.print(&json!({"added": done.added, "changed": done.changed}), &text);
        }
        ResourceCommand::List { account } => {
            let rows = app
                .store
                .read(async move |tx: &mut Tx| -> Result<_, Refused> {
                    let account_id = account_of(tx, &account).await?;
                    let listed = registry::list(tx, &account_id, MOST_LISTED, 0).await;
                    listed.map(|(_, rows)| rows).map_err(|error| Refused::Resource(account.clone(), error))
                })
                .await?;
            let resources = rows.iter().map(|row| {
                let mut shown = json!(row.new);
                shown["resource_id"] = json!(row.resource_id);
                shown
            });
            let lines = rows.iter().map(|row| {
                format!("{}  {:<8}  {}  {}", row.resource_id, row.new.kind.as_str(), row.new.name, row.new.address)
            });
            let text = lines.collect::<Vec<_>>().join("\n");
            out.print(&json!({"resources": resources.collect::<Vec<_>>()}), &text);
        }
        ResourceCommand::Remove { name, account } => {
            let shown = name.clone();
            app.store
                .write(async move |tx: &mut Tx| -> Result<(), Refused> {
                    let account_id = account_of(tx, &account).await?;
                    let refused = |error| Refused::Resource(name.clone(), error);
                    let row = registry::find(tx, &account_id, &name).await.map_err(refused)?;
                    let actor = registry::COMMAND_LINE;
                    registry::remove(tx, &account_id, &row.resource_id, actor, now).await.map_err(refused)
                })
                .await?;
            out.print(&json!({"name": shown}), &format!("resource {shown} was taken out"));
        }
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Vec<NewResource>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let document: Document = toml::from_str(&text).with_context(|| format!("{} is not valid", file.display()))?;
    anyhow::ensure!(!document.resource.is_empty(), "{} has no [[resource]]", file.display());
    Ok(document.resource)
}
