//! `counterfoil catalog`: the whole catalogue as one TOML document.

use super::Output;
use crate::app::App;
use crate::catalog::{self, ImportError};
use anyhow::{Context, bail};
use clap::Subcommand;
use serde_json::json;
use std::path::PathBuf;

/// What to do with the catalogue.
#[derive(Subcommand)]
pub enum CatalogCommand {
    /// Write the catalogue to a file.
    Export {
        /// The file to write; `-` for standard output.
        file: PathBuf,
    },
    /// Replace the catalogue by a file's, if all of it is right. Ids stay; what cases use is switched off, not deleted.
    Import {
        /// The file to read.
        file: PathBuf,
    },
}

/// Runs the command.
pub(super) async fn run(app: &App, command: CatalogCommand, out: Output) -> anyhow::Result<()> {
    match command {
        CatalogCommand::Export { file } => {
            let text = catalog::export(&app.store).await?;
            if file.as_os_str() == "-" {
                print!("{text}");
                return Ok(());
            }
            std::fs::write(&file, &text).with_context(|| format!("cannot write {}", file.display()))?;
            out.print(&json!({"file": file, "bytes": text.len()}), &format!("the catalogue is in {}", file.display()));
            Ok(())
        }
        CatalogCommand::Import { file } => {
            let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let text = String::from_utf8(bytes).map_err(|e| {
                let readable = e.as_bytes().utf8_chunks().next().map_or("", |chunk| chunk.valid());
                let line = readable.matches('\n').count() + 1;
                anyhow::anyhow!("{}:line {line}: is not UTF-8; nothing was changed", file.display())
            })?;
            match catalog::import(&app.store, &text).await {
                Ok(report) => {
                    out.print(&json!({"added": report.added, "changed": report.changed, "unchanged": report.unchanged, "deleted": report.deleted, "switched_off": report.switched_off}), &report.to_string());
                    Ok(())
                }
                Err(ImportError::Refused(problems)) => {
                    for problem in &problems {
                        eprintln!("{}:{problem}", file.display());
                    }
                    bail!("the catalogue has {} problems; nothing was changed", problems.len())
                }
                Err(e) => Err(e.into()),
            }
        }
    }
}
