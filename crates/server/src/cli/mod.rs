//! The command line: `serve`, `demo`, and administration commands that work with the server running or not.
//!
//! Flags win over `COUNTERFOIL_*` variables, which win over the configuration file. `--json` prints one JSON document.

mod access_key;
mod account;
mod agency;
mod agreement;
mod catalog;
pub mod check;
mod demo;
mod group;
mod partner;
mod patience;
mod plan;
mod privilege;
mod resource;
mod serve;
mod staff;
mod user;

use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, LogFormat};
use crate::iam::Name;
use crate::openapi;
use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;
use std::io::{IsTerminal as _, Read as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// A self-hosted service-ticket system.
#[derive(Parser)]
#[command(name = "counterfoil", version, about)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Flags of every command.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// Configuration file (TOML).
    #[arg(long, global = true, env = "COUNTERFOIL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Data folder: embedded database, secret key, accessories.
    #[arg(long, global = true, env = "COUNTERFOIL_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL URL in place of the embedded database.
    #[arg(long, global = true, env = "COUNTERFOIL_DATABASE", value_name = "URL")]
    pub database: Option<String>,
    /// Address to listen on.
    #[arg(long, global = true, env = "COUNTERFOIL_LISTEN", value_name = "ADDR")]
    pub listen: Option<String>,
    /// Secret key as 64 hexadecimal digits, in place of the file secret.key; nodes of one database share it.
    #[arg(
        long,
        global = true,
        env = "COUNTERFOIL_SECRET_KEY",
        hide_env_values = true,
        hide = true,
        value_name = "HEX"
    )]
    pub secret_key: Option<SecretString>,
    /// Password of the login at the mail server; wins over mail.password.
    #[arg(
        long,
        global = true,
        env = "COUNTERFOIL_MAIL_PASSWORD",
        hide_env_values = true,
        hide = true,
        value_name = "TEXT"
    )]
    pub mail_password: Option<SecretString>,
    /// Access key for the bucket of the accessories.
    #[arg(
        long,
        global = true,
        env = "COUNTERFOIL_S3_ACCESS_KEY",
        hide_env_values = true,
        hide = true,
        value_name = "KEY"
    )]
    pub s3_access_key: Option<String>,
    /// Its secret.
    #[arg(
        long,
        global = true,
        env = "COUNTERFOIL_S3_SECRET_KEY",
        hide_env_values = true,
        hide = true,
        value_name = "KEY"
    )]
    pub s3_secret_key: Option<SecretString>,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service; migrates the database first.
    Serve,
    /// Run the service with a sample account, staff and cases.
    Demo,
    /// Bring the database up to date and exit.
    Migrate,
    /// Look for what must never be: half cases, wrong counters, damage.
    Check,
    /// The catalogue as one TOML document.
    #[command(subcommand)]
    Catalog(catalog::CatalogCommand),
    /// Print the OpenAPI document.
    Openapi,
    /// Customers' accounts.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Users of accounts.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Access keys of users.
    #[command(subcommand)]
    AccessKey(access_key::AccessKeyCommand),
    /// User groups.
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// The provider's people.
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// What customers can have diagnosed.
    #[command(subcommand)]
    Resource(resource::ResourceCommand),
    /// What accounts delegate to other accounts.
    #[command(subcommand)]
    Agency(agency::AgencyCommand),
    /// What customers sign.
    #[command(subcommand)]
    Agreement(agreement::AgreementCommand),
    /// What single users, groups and agencies may do with cases.
    #[command(subcommand)]
    Privilege(privilege::PrivilegeCommand),
    /// Accounts that handle their customers' cases.
    #[command(subcommand)]
    Partner(partner::PartnerCommand),
    /// Support plans, their quotas, and who has which.
    #[command(subcommand)]
    Plan(plan::PlanCommand),
}

impl Global {
    /// The configuration file with the flags and variables on top.
    pub fn load(&self) -> anyhow::Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(data) = &self.data {
            config.data.clone_from(data);
        }
        if let Some(url) = &self.database {
            config.database.url.clone_from(url);
        }
        if let Some(listen) = &self.listen {
            config.listen.clone_from(listen);
        }
        config.secret_key.clone_from(&self.secret_key);
        if let Some(password) = &self.mail_password {
            config.mail.password = Some(password.clone());
        }
        if let Some(key) = &self.s3_access_key {
            config.accessories.access_key.clone_from(key);
        }
        if let Some(key) = &self.s3_secret_key {
            config.accessories.secret_key = Some(key.clone());
        }
        config.check()?;
        Ok(config)
    }

    /// Opens the application for an administration command.
    pub async fn open(&self) -> anyhow::Result<App> {
        let config = self.load()?;
        App::open(config, Clock::System).await.context("cannot start")
    }
}

/// Parses the command line and runs it; every failure is one line on standard error and exit status 1.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let run = || -> anyhow::Result<()> {
        let config = cli.global.load()?;
        start_log(&config);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let done = runtime.block_on(run(cli.command, &cli.global, config));
        // The process ends now. A look for changes that is under way on another thread must not find its timers gone, or
        // it would end with a message that nobody can do anything about.
        std::mem::forget(runtime);
        done
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("counterfoil: {e:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, global: &Global, config: Config) -> anyhow::Result<()> {
    let out = Output { json: global.json };
    match command {
        Command::Serve => serve::serve(config).await,
        Command::Migrate => {
            global.open().await?;
            println!("the database is up to date");
            Ok(())
        }
        Command::Demo => demo::demo(config).await,
        Command::Check => check::check(&global.open().await?, global.json).await,
        Command::Openapi => {
            let document = openapi::document().map_err(|e| anyhow::anyhow!("the document cannot be made: {e}"))?;
            println!("{document:#}");
            Ok(())
        }
        Command::Catalog(command) => catalog::run(&global.open().await?, command, out).await,
        Command::Account(command) => account::run(&global.open().await?, command, out).await,
        Command::User(command) => user::run(&global.open().await?, command, out).await,
        Command::AccessKey(command) => access_key::run(&global.open().await?, command, out).await,
        Command::Group(command) => group::run(&global.open().await?, command, out).await,
        Command::Staff(command) => staff::run(&global.open().await?, command, out).await,
        Command::Resource(command) => resource::run(&global.open().await?, command, out).await,
        Command::Agency(command) => agency::run(&global.open().await?, command, out).await,
        Command::Agreement(command) => agreement::run(&global.open().await?, command, out).await,
        Command::Privilege(command) => privilege::run(&global.open().await?, command, out).await,
        Command::Partner(command) => partner::run(&global.open().await?, command, out).await,
        Command::Plan(command) => plan::run(&global.open().await?, command, out).await,
    }
}

/// How a command answers: for people, or as one JSON document for programs.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    /// Prints an answer to standard output.
    pub fn print(self, answer: &serde_json::Value, text: &str) {
        if self.json {
            println!("{answer}");
        } else if !text.is_empty() {
            println!("{text}");
        }
    }
}

/// Reads a name from the command line.
fn name(text: &str) -> Result<Name, String> {
    let rule = "a name has 1 to 64 letters, digits, spaces inside, and the signs - _ . @ +";
    Name::parse(text).ok_or_else(|| rule.to_owned())
}

/// Reads a password or secret from standard input, without the line end.
fn read_password() -> anyhow::Result<SecretString> {
    let mut text = zeroize::Zeroizing::new(String::new());
    // One byte more than the longest password in the longest encoding says that there is too much.
    std::io::Read::take(std::io::stdin().lock(), 4 * 128 + 3).read_to_string(&mut text).context("standard input")?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    let length = password.chars().count();
    anyhow::ensure!((8..=128).contains(&length), "a password has 8 to 128 characters; standard input has {length}");
    anyhow::ensure!(!password.chars().any(char::is_control), "a password has no control characters");
    Ok(SecretString::from(password))
}

fn start_log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter).unwrap_or_default();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let builder = builder.with_ansi(std::io::stderr().is_terminal());
    let started = match config.log.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        eprintln!("counterfoil: a log was started before");
    }
}
