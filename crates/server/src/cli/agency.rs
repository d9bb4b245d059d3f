//! `counterfoil agency`: what an account lets the users of another account do in its name.

use clap::Subcommand;
use counterfoil_store::Tx;
use serde_json::json;

use super::Output;
use crate::{
    app::App,
    iam::{self, AdminError, Name, Role, load_account, sql},
};

/// What can be done with agencies.
#[derive(Subcommand)]
pub enum AgencyCommand {
    /// Let another account's owner and agent operators act in an account.
    Create {
        /// The account that delegates.
        #[arg(long)]
        account: String,
        /// The agency's name.
        #[arg(long, value_parser = super::name)]
        name: Name,
        /// The account that is trusted.
        #[arg(long)]
        trusted: String,
        /// A role that is delegated; may be given several times.
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<Role>,
        /// After so many days the agency ends.
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..))]
        days: Option<u16>,
    },
    /// List the agencies of an account.
    List {
        /// The account that delegates.
        #[arg(long)]
        account: String,
    },
    /// End an agency; the tokens of its agents end with it.
    Delete {
        /// The account that delegates.
        #[arg(long)]
        account: String,
        /// The agency's name.
        #[arg(long)]
        name: String,
    },
}

/// Runs a command.
pub async fn run(app: &App, command: AgencyCommand, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    match command {
        AgencyCommand::Create { account, name, trusted, roles, days } => {
            let expires_at = days.map(|days| now.plus_seconds(i64::from(days) * 24 * 3_600));
            let shown = name.clone();
            let (account, id) = app
                .store
                .write(async move |tx: &mut Tx| -> Result<_, AdminError> {
                    let account = load_account(tx, &account).await?;
                    let trusted = load_account(tx, &trusted).await?;
                    let id = iam::create_agency(tx, &account.id, &name, &trusted.id, &roles, expires_at, now).await?;
                    Ok((account, id))
                })
                .await?;
            let answer = json!({"agency_id": id, "name": shown.as_str(), "domain_id": account.id});
            out.print(&answer, &format!("agency {shown} of {} was created, agency id {id}", account.name));
        }
        AgencyCommand::List { account } => {
            let agencies = app
                .store
                .read(async move |tx: &mut Tx| -> Result<_, AdminError> {
                    let account = load_account(tx, &account).await?;
                    Ok(sql::list_agencies(tx, &account.id).await?)
                })
                .await?;
            let items: Vec<_> = agencies
                .iter()
                .map(|agency| {
                    json!({
                        "agency_id": agency.id,
                        "name": agency.name,
                        "trusted_domain_id": agency.trusted_account_id,
                        "expires_at": agency.expires_at.map(counterfoil_wire::time::Micros::to_wire),
                    })
                })
                .collect();
            let lines =
                agencies.iter().map(|agency| format!("{}  {}  {}", agency.id, agency.name, agency.trusted_account_id));
            out.print(&json!({"agencies": items}), &lines.collect::<Vec<_>>().join("\n"));
        }
        AgencyCommand::Delete { account, name } => {
            let shown = name.clone();
            app.store
                .write(async move |tx: &mut Tx| -> Result<_, AdminError> {
                    let account = load_account(tx, &account).await?;
                    iam::end_agency(tx, &account.id, &name).await
                })
                .await?;
            out.print(&json!({"name": shown}), &format!("agency {shown} was deleted"));
        }
    }
    Ok(())
}
