//! `counterfoil staff`: the provider's people, users of the reserved account `provider`.

use clap::Subcommand;
use counterfoil_store::Tx;
use serde_json::json;

use super::{Output, read_password};
use crate::{
    app::App,
    iam::{self, Name, NewUser, StaffRole},
};

/// What can be done with staff. Everything else goes through `user --account provider`.
#[derive(Subcommand)]
pub enum StaffCommand {
    /// Create a member of staff.
    Create {
        /// The name to log in with.
        #[arg(long, value_parser = super::name)]
        name: Name,
        /// What it does.
        #[arg(long)]
        role: StaffRole,
        /// Read the password from standard input. Without one, it can use access keys only.
        #[arg(long)]
        password_stdin: bool,
        /// Email address.
        #[arg(long)]
        email: Option<String>,
    },
}

/// Runs a command.
pub async fn run(app: &App, command: StaffCommand, out: Output) -> anyhow::Result<()> {
    let StaffCommand::Create { name, role, password_stdin, email } = command;
    let now = app.clock.now();
    let hash = if password_stdin { Some(app.identity.passwords.hash(&read_password()?).await?) } else { None };
    let has_password = hash.is_some();
    let staff = NewUser::new(name.clone()).password_hash(hash).email(&app.vault, email.as_deref());
    let region = app.config.api.region.clone();
    let (account, id) =
        app.store.write(async move |tx: &mut Tx| iam::create_staff(tx, &staff, role, &region, now).await).await?;
    let answer = json!({"user_id": id, "name": name.as_str(), "domain_id": account.id, "role": role.as_str()});
    let mut text = format!("{role} {name} was created in the account {}, user id {id}", account.name);
    if !has_password {
        text = format!("{text}\nit has no password: it can use access keys, but not log in");
    }
    out.print(&answer, &text);
    Ok(())
}
