//! `counterfoil access-key`: access keys of users.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use counterfoil_store::Tx;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::Output;
use crate::{
    app::App,
    iam::{self, AccessId, AdminError, NewKey, SealedKey, load_account, load_user, sql},
};

/// What can be done with access keys.
#[derive(Subcommand)]
pub enum AccessKeyCommand {
    /// Create a key; its secret is shown once.
    Create {
        #[command(flatten)]
        user: User,
        /// Free text.
        #[arg(long, default_value = "")]
        description: String,
        /// A known key instead of a random one; the secret is read from standard input.
        #[arg(long, value_name = "ACCESS")]
        access: Option<String>,
    },
    /// List a user's keys.
    List(User),
    /// Switch a key off, at once.
    Disable(Key),
    /// Switch a key on again.
    Enable(Key),
    /// Delete a key.
    Delete(Key),
}

/// Whose keys.
#[derive(Args)]
pub struct User {
    /// The account's name.
    #[arg(long)]
    account: String,
    /// The user's name.
    #[arg(long)]
    user: String,
}

/// An existing key.
#[derive(Args)]
pub struct Key {
    /// The account's name; only checked when given.
    #[arg(long)]
    account: Option<String>,
    /// The user's name; only checked when given, with the account.
    #[arg(long, requires = "account")]
    user: Option<String>,
    /// The key's public half.
    #[arg(value_name = "ACCESS", required_unless_present = "access_option")]
    access: Option<String>,
    /// The same as an option.
    #[arg(id = "access_option", long = "access", value_name = "ACCESS", conflicts_with = "access", hide = true)]
    access_option: Option<String>,
}

/// Runs a command.
pub async fn run(app: &App, command: AccessKeyCommand, out: Output) -> anyhow::Result<()> {
    match command {
        AccessKeyCommand::Create { user, description, access } => create(app, user, description, access, out).await,
        AccessKeyCommand::List(user) => list(app, user, out).await,
        AccessKeyCommand::Disable(key) => change(app, key, Some(false), out).await,
        AccessKeyCommand::Enable(key) => change(app, key, Some(true), out).await,
        AccessKeyCommand::Delete(key) => change(app, key, None, out).await,
    }
}

async fn create(app: &App, user: User, description: String, access: Option<String>, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    let key = match access {
        None => NewKey::random(),
        Some(access) => known(&access, super::read_password()?)?,
    };
    let sealed = SealedKey::new(&app.vault, &key);
    let work = async move |tx: &mut Tx| -> Result<_, AdminError> {
        let account = load_account(tx, &user.account).await?;
        let user = load_user(tx, &account.id, &user.user).await?;
        // The limit is for users; an administrator at the machine may go beyond it.
        iam::create_access_key_with(tx, &account.id, &user.id, &sealed, &description, now).await
    };
    app.store.write(work).await.map_err(|error| match error {
        AdminError::Store(counterfoil_store::StoreError::Unique(_)) => {
            AdminError::Exists { what: "access key", name: key.access.to_string() }
        }
        other => other,
    })?;
    let answer = json!({"access": key.access.as_str(), "secret": key.secret.expose_secret()});
    let text = format!("access {}\nsecret {}\nthe secret is not shown again", key.access, key.secret.expose_secret());
    out.print(&answer, &text);
    Ok(())
}

fn known(access: &str, secret: SecretString) -> anyhow::Result<NewKey> {
    let access = AccessId::parse(access).context("an access key has 16 to 40 upper-case letters and digits")?;
    let text = secret.expose_secret();
    anyhow::ensure!(
        (20..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()),
        "a secret key has 20 to 128 printable ASCII characters without spaces"
    );
    Ok(NewKey { access, secret })
}

async fn list(app: &App, user: User, out: Output) -> anyhow::Result<()> {
    let keys = app
        .store
        .read(async move |tx: &mut Tx| -> Result<_, AdminError> {
            let account = load_account(tx, &user.account).await?;
            let user = load_user(tx, &account.id, &user.user).await?;
            Ok(sql::list_keys(tx, &account.id, &user.id).await?)
        })
        .await?;
    let state = |active: bool| if active { "active" } else { "inactive" };
    let items: Vec<_> = keys
        .iter()
        .map(|key| {
            json!({
                "access": key.access,
                "status": state(key.active),
                "description": key.description,
                "create_time": key.created_at.to_wire(),
                "last_use_time": key.last_used_at.map(counterfoil_wire::time::Micros::to_wire),
            })
        })
        .collect();
    let lines = keys.iter().map(|key| format!("{}  {}  {}", key.access, state(key.active), key.description));
    out.print(&json!({"access_keys": items}), &lines.collect::<Vec<_>>().join("\n"));
    Ok(())
}

/// Switches a key on or off or, with neither, deletes it.
async fn change(app: &App, key: Key, active: Option<bool>, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    let access = key.access.or(key.access_option).unwrap_or_default();
    let shown = access.clone();
    let work = async move |tx: &mut Tx| -> Result<_, AdminError> {
        let missing = || AdminError::Missing { what: "access key", name: access.clone() };
        let id = AccessId::parse(&access).ok_or_else(missing)?;
        let (account_id, user_id, ..) = sql::get_key_for_signature(tx, &id).await?.ok_or_else(missing)?;
        if let Some(name) = &key.account {
            let account = load_account(tx, name).await?;
            let user = match &key.user {
                Some(name) => Some(load_user(tx, &account.id, name).await?.id),
                None => None,
            };
            if account.id != account_id || user.is_some_and(|id| id != user_id) {
                return Err(missing());
            }
        }
        let found = sql::get_key(tx, &account_id, &access).await?.ok_or_else(missing)?;
        match active {
            None => iam::delete_access_key(tx, &account_id, &found, now).await,
            some => iam::change_access_key(tx, &account_id, &found, some, None, now).await.map(drop),
        }
    };
    app.store.write(work).await?;
    let (status, text) = match active {
        Some(true) => ("active", "is active"),
        Some(false) => ("inactive", "is inactive"),
        None => ("deleted", "was deleted"),
    };
    out.print(&json!({"access": shown, "status": status}), &format!("access key {shown} {text}"));
    Ok(())
}
