//! `counterfoil account`: customers' accounts.

use clap::Subcommand;
use counterfoil_store::Tx;
use serde_json::json;

use super::Output;
use crate::{
    app::App,
    iam::{self, AdminError, Name, enable_account, load_account, sql},
};

/// What can be done with accounts.
#[derive(Subcommand)]
pub enum AccountCommand {
    /// Create an account with its default project.
    Create {
        /// Its name.
        #[arg(value_parser = super::name)]
        name: Name,
        /// The owner's user name. Without it, the first user that is created is the owner.
        #[arg(long, value_name = "USER", value_parser = super::name)]
        owner: Option<Name>,
    },
    /// List the accounts.
    List,
    /// Switch an account off: its users cannot call anything, and their tokens end.
    Disable {
        /// Its name.
        name: String,
    },
    /// Switch an account on again.
    Enable {
        /// Its name.
        name: String,
    },
}

/// Runs a command.
pub async fn run(app: &App, command: AccountCommand, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    match command {
        AccountCommand::Create { name, owner } => {
            let region = app.config.api.region.clone();
            let wanted = owner.clone();
            let (account, owner_id) = app
                .store
                .write(async move |tx: &mut Tx| iam::create_account(tx, &name, &region, wanted.as_ref(), now).await)
                .await?;
            let mut answer = json!({"domain_id": account.id, "name": account.name});
            let mut text = format!("account {} was created, domain id {}", account.name, account.id);
            if let (Some(owner), Some(id)) = (owner, owner_id) {
                answer["owner"] = json!({"user_id": id, "name": owner.as_str()});
                text = format!(
                    "{text}\nits owner is {owner}, user id {id}; give it a password with \"user set-password\", \
                     or an access key with \"access-key create\""
                );
            }
            out.print(&answer, &text);
        }
        AccountCommand::List => {
            let accounts = app.store.read(async |tx: &mut Tx| sql::list_accounts(tx).await).await?;
            let items: Vec<_> = accounts
                .iter()
                .map(|account| {
                    json!({
                        "domain_id": account.id,
                        "name": account.name,
                        "kind": account.kind.as_str(),
                        "enabled": account.enabled,
                        "create_time": account.created_at.to_wire(),
                    })
                })
                .collect();
            let lines = accounts.iter().map(|account| {
                let state = if account.enabled { "enabled" } else { "disabled" };
                format!("{}  {}  {}  {state}", account.id, account.kind.as_str(), account.name)
            });
            out.print(&json!({"accounts": items}), &lines.collect::<Vec<_>>().join("\n"));
        }
        AccountCommand::Disable { name } => enable(app, name, false, out).await?,
        AccountCommand::Enable { name } => enable(app, name, true, out).await?,
    }
    Ok(())
}

async fn enable(app: &App, name: String, enabled: bool, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    let account = app
        .store
        .write(async move |tx: &mut Tx| -> Result<_, AdminError> {
            let account = load_account(tx, &name).await?;
            enable_account(tx, &account, enabled, now).await?;
            Ok(account)
        })
        .await?;
    let answer = json!({"domain_id": account.id, "name": account.name, "enabled": enabled});
    out.print(&answer, &format!("account {} is {}", account.name, if enabled { "enabled" } else { "disabled" }));
    Ok(())
}
