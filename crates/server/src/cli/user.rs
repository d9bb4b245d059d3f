//! `counterfoil user`: users of customers' accounts.

use clap::{Args, Subcommand, ValueEnum};
use counterfoil_store::Tx;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::{Output, read_password};
use crate::{
    app::App,
    iam::{
        self, AdminError, Name, NewUser, PROVIDER, Role, load_account, load_user, set_password,
        sql::{self, Slice, UserRow},
        totp,
    },
};

/// What can be done with users.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Create a user. The first user of an account is its owner.
    Create(CreateUser),
    /// List the users of an account.
    List {
        /// The account's name; "provider" for the staff.
        #[arg(long)]
        account: String,
    },
    /// Switch a user off: it cannot call anything, and its tokens end.
    Disable(Which),
    /// Switch a user on again.
    Enable(Which),
    /// Set a password, read from standard input; tokens of the old one end.
    SetPassword(Which),
    /// One-time codes (TOTP) as a second factor of a login with a password.
    #[command(subcommand)]
    Totp(TotpCommand),
}

/// A user to create.
#[derive(Args)]
pub struct CreateUser {
    /// The account's name.
    #[arg(long)]
    account: String,
    /// The user's name.
    #[arg(long, value_parser = super::name)]
    name: Name,
    /// A role; may be given several times.
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<UserRole>,
    /// Read the password from standard input. Without one, the user can use access keys only.
    #[arg(long)]
    password_stdin: bool,
    /// Email address.
    #[arg(long)]
    email: Option<String>,
    /// Phone number without the country code.
    #[arg(long)]
    phone: Option<String>,
    /// Country code of the phone number.
    #[arg(long, default_value = "0086", requires = "phone")]
    area_code: String,
    /// Free text.
    #[arg(long, default_value = "")]
    description: String,
}

/// A role that a user can be created with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum UserRole {
    /// Holds every right in the account.
    Owner,
    /// Submits and handles cases where the account restricts that.
    TicketAdministrator,
    /// Handles the cases of members of common groups.
    TicketGroupOperator,
    /// Manages users and access keys.
    SecurityAdministrator,
    /// Acts for other accounts through agencies.
    AgentOperator,
}

impl UserRole {
    fn role(self) -> Option<Role> {
        match self {
            Self::Owner => None,
            Self::TicketAdministrator => Some(Role::TicketAdministrator),
            Self::TicketGroupOperator => Some(Role::TicketGroupOperator),
            Self::SecurityAdministrator => Some(Role::SecurityAdministrator),
            Self::AgentOperator => Some(Role::AgentOperator),
        }
    }
}

/// An existing user.
#[derive(Args)]
pub struct Which {
    /// The account's name; "provider" for the staff.
    #[arg(long)]
    account: String,
    /// The user's name.
    #[arg(long, alias = "user")]
    name: String,
}

/// What can be done with one-time codes.
#[derive(Subcommand)]
pub enum TotpCommand {
    /// Require codes; prints the secret for the user's application.
    Enable(Which),
    /// No longer require codes.
    Disable(Which),
}

/// Runs a command.
pub async fn run(app: &App, command: UserCommand, out: Output) -> anyhow::Result<()> {
    match command {
        UserCommand::Create(new) => create(app, new, out).await,
        UserCommand::List { account } => list(app, account, out).await,
        UserCommand::Disable(which) => enable(app, which, false, out).await,
        UserCommand::Enable(which) => enable(app, which, true, out).await,
        UserCommand::SetPassword(which) => change_password(app, which, out).await,
        UserCommand::Totp(TotpCommand::Enable(which)) => enable_totp(app, which, out).await,
        UserCommand::Totp(TotpCommand::Disable(which)) => disable_totp(app, which, out).await,
    }
}

async fn create(app: &App, new: CreateUser, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    let hash = if new.password_stdin { Some(app.identity.passwords.hash(&read_password()?).await?) } else { None };
    let has_password = hash.is_some();
    let area_code = new.phone.is_some().then_some(new.area_code.as_str());
    let user = NewUser::new(new.name.clone())
        .owner(new.roles.contains(&UserRole::Owner))
        .roles(new.roles.iter().filter_map(|role| role.role()))
        .password_hash(hash)
        .email(&app.vault, new.email.as_deref())
        .phone(&app.vault, area_code, new.phone.as_deref())
        .description(&new.description);
    let account = new.account;
    let (account, id, is_owner) = app
        .store
        .write(async move |tx: &mut Tx| -> Result<_, AdminError> {
            let account = load_account(tx, &account).await?;
            let id = iam::create_user(tx, &account, &user, now).await?;
            let is_owner = sql::get_user(tx, &account.id, &id).await?.is_some_and(|user| user.is_owner);
            Ok((account, id, is_owner))
        })
        .await?;
    let answer = json!({"user_id": id, "name": new.name.as_str(), "domain_id": account.id, "is_owner": is_owner});
    let mut text = format!("user {} was created, user id {id}", new.name);
    if is_owner {
        text = format!("{text}\nit is the owner of {}", account.name);
    }
    if !has_password {
        text = format!("{text}\nit has no password: it can use access keys, but not log in");
    }
    out.print(&answer, &text);
    Ok(())
}

async fn list(app: &App, account: String, out: Output) -> anyhow::Result<()> {
    let slice = Slice { offset: 0, limit: i64::MAX };
    let users = app
        .store
        .read(async move |tx: &mut Tx| -> Result<_, AdminError> {
            let account = load_account(tx, &account).await?;
            Ok(sql::list_users(tx, &account.id, "", None, slice).await?)
        })
        .await?;
    let items: Vec<_> = users
        .iter()
        .map(|user| {
            json!({
                "user_id": user.id,
                "name": user.name,
                "domain_id": user.account_id,
                "enabled": user.enabled,
                "is_owner": user.is_owner,
                "staff_role": user.staff.map(iam::StaffRole::as_str),
                "has_password": user.password_hash.is_some(),
                "has_totp": user.totp.is_some(),
            })
        })
        .collect();
    let lines = users.iter().map(|user| {
        let state = if user.enabled { "enabled" } else { "disabled" };
        let role = if user.is_owner { "  owner" } else { "" };
        let staff = user.staff.map(|role| format!("  {role}")).unwrap_or_default();
        format!("{}  {}  {state}{role}{staff}", user.id, user.name)
    });
    out.print(&json!({"users": items}), &lines.collect::<Vec<_>>().join("\n"));
    Ok(())
}

/// Runs `change` on the user that is named, in one unit.
async fn change<F>(app: &App, which: Which, change: F) -> anyhow::Result<UserRow>
where
    F: AsyncFn(&mut Tx, &UserRow) -> Result<(), AdminError> + Send + 'static,
{
    let work = async move |tx: &mut Tx| -> Result<_, AdminError> {
        let account = load_account(tx, &which.account).await?;
        let user = load_user(tx, &account.id, &which.name).await?;
        change(tx, &user).await?;
        Ok(user)
    };
    Ok(app.store.write(work).await?)
}

fn print_change(user: &UserRow, text: &str, out: Output) {
    let answer = json!({"user_id": user.id, "name": user.name, "domain_id": user.account_id});
    out.print(&answer, &format!("user {} {text}", user.name));
}

async fn enable(app: &App, which: Which, enabled: bool, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    let work = async move |tx: &mut Tx, user: &UserRow| iam::enable_user(tx, user, enabled, now).await;
    let user = change(app, which, work).await?;
    print_change(&user, if enabled { "is enabled" } else { "is disabled" }, out);
    Ok(())
}

async fn change_password(app: &App, which: Which, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    let hash = app.identity.passwords.hash(&read_password()?).await?;
    let work = async move |tx: &mut Tx, user: &UserRow| set_password(tx, user, &hash, now).await;
    let user = change(app, which, work).await?;
    print_change(&user, "has a new password", out);
    Ok(())
}

async fn enable_totp(app: &App, which: Which, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    let enrolment = totp::enrol(&app.vault, &which.account, &which.name);
    let (sealed, secret, url) = (enrolment.sealed, enrolment.secret, enrolment.url);
    let work = async move |tx: &mut Tx, user: &UserRow| iam::set_totp(tx, user, Some(&sealed), now).await;
    let user = change(app, which, work).await?;
    let answer = json!({
        "user_id": user.id,
        "name": user.name,
        "domain_id": user.account_id,
        "secret": secret.expose_secret(),
        "url": url.expose_secret(),
    });
    let text = format!(
        "user {} must now give a one-time code when it logs in\nsecret  {}\naddress {}\nthey are not shown again",
        user.name,
        secret.expose_secret(),
        url.expose_secret()
    );
    out.print(&answer, &text);
    Ok(())
}

async fn disable_totp(app: &App, which: Which, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    let work = async move |tx: &mut Tx, user: &UserRow| iam::set_totp(tx, user, None, now).await;
    let user = change(app, which, work).await?;
    print_change(&user, "logs in without one-time codes", out);
    Ok(())
}

/// Access keys and groups are the customers' own; the staff has neither.
pub(super) fn refuse_provider(account: &str) -> anyhow::Result<()> {
    anyhow::ensure!(account != PROVIDER, AdminError::Reserved);
    Ok(())
}
