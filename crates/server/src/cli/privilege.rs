//! `counterfoil privilege`: what single users, groups and agencies of an account may do beyond their roles.
//!
//! The account's own switches are its owner's alone, through the API; they are only shown here.

use clap::{Args, Subcommand};
use counterfoil_store::Tx;
use serde_json::json;

use super::Output;
use crate::{
    app::App,
    iam::{AdminError, load_account},
    privileges::{self, Grant, Privilege},
};

/// What can be done with privileges.
#[derive(Subcommand)]
pub enum PrivilegeCommand {
    /// Grant a privilege to a user, a group or an agency.
    Grant(Holding),
    /// Take a privilege back.
    Revoke(Holding),
    /// Show what an account has switched on and granted.
    List {
        /// The account's name.
        #[arg(long)]
        account: String,
    },
}

/// A privilege and who holds it.
#[derive(Args)]
pub struct Holding {
    /// The account's name.
    #[arg(long)]
    account: String,
    /// `createCase`, `export` or, for an agency, `assumeCaseAll`.
    #[arg(long, value_parser = privilege)]
    privilege: Privilege,
    #[command(flatten)]
    holder: HolderName,
}

/// Who holds it, by name.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct HolderName {
    /// A user.
    #[arg(long)]
    user: Option<String>,
    /// A group: every member holds it.
    #[arg(long)]
    group: Option<String>,
    /// An agency: whoever acts through it holds it.
    #[arg(long)]
    agency: Option<String>,
}

fn privilege(text: &str) -> Result<Privilege, String> {
    Privilege::parse(text).ok_or_else(|| format!("privileges are {}", Privilege::NAMES.join(", ")))
}

/// Runs a command.
pub async fn run(app: &App, command: PrivilegeCommand, out: Output) -> anyhow::Result<()> {
    match command {
        PrivilegeCommand::Grant(holding) => change(app, holding, true, out).await,
        PrivilegeCommand::Revoke(holding) => change(app, holding, false, out).await,
        PrivilegeCommand::List { account } => {
            let (switches, grants) = app
                .store
                .read(async move |tx: &mut Tx| -> Result<_, AdminError> {
                    let account = load_account(tx, &account).await?;
                    let switches = privileges::list_switches(tx, &account.id).await?;
                    Ok((switches, privileges::list_grants(tx, &account.id).await?))
                })
                .await?;
            let switches: Vec<_> = switches.into_iter().map(Privilege::as_str).collect();
            let items: Vec<_> = grants
                .iter()
                .map(|grant| {
                    let (name, id) = (&grant.name, &grant.holder_id);
                    json!({"privilege": grant.privilege.as_str(), "kind": grant.kind, "name": name, "id": id})
                })
                .collect();
            let lines = grants.iter().map(|g| format!("{}  {}  {}", g.privilege.as_str(), g.kind, g.name));
            let text = std::iter::once(format!("switched on: {}", switches.join(" "))).chain(lines);
            let text = text.collect::<Vec<_>>().join("\n");
            out.print(&json!({"switched_on": switches, "grants": items}), &text);
            Ok(())
        }
    }
}

async fn change(app: &App, holding: Holding, is_grant: bool, out: Output) -> anyhow::Result<()> {
    let Holding { account, privilege, holder } = holding;
    let (to, shown) = match holder {
        HolderName { user: Some(name), .. } => (Grant::User(name.clone()), name),
        HolderName { group: Some(name), .. } => (Grant::Group(name.clone()), name),
        HolderName { agency: Some(name), .. } => (Grant::Agency(name.clone()), name),
        HolderName { .. } => anyhow::bail!("name a user, a group or an agency"),
    };
    if privilege == Privilege::AssumeCaseAll && !matches!(to, Grant::Agency(_)) {
        anyhow::bail!("assumeCaseAll is for agencies");
    }
    let now = app.clock.now();
    let changed = app
        .store
        .write(async move |tx: &mut Tx| -> Result<_, AdminError> {
            let account = load_account(tx, &account).await?;
            if is_grant {
                privileges::grant(tx, &account.id, &to, privilege, now).await
            } else {
                privileges::revoke(tx, &account.id, &to, privilege, now).await
            }
        })
        .await?;
    let name = privilege.as_str();
    let has = if is_grant { "has" } else { "does not have" };
    out.print(&json!({"privilege": name, "name": shown, "changed": changed}), &format!("{shown} {has} {name}"));
    Ok(())
}
