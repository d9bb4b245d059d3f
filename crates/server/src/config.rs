//! Configuration: defaults, a TOML file, `COUNTERFOIL_*` variables and flags, the later ones winning.
//!
//! A key that is not known is an error, so that a misspelt one is noticed. `docs/operations.md` lists every key.

use anyhow::{Context, bail};
use counterfoil_wire::time::TimeZone;
use secrecy::SecretString;
use serde::Deserialize;
use std::path::{Path, PathBuf};

mod messages;

pub use messages::{Contacts, Mail, MailTls, MailTransport, Sms, SmsTransport};

/// Everything an operator may set.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Folder of the embedded database, the secret key and the accessories.
    pub data: PathBuf,
    /// Address to listen on, `host:port`.
    pub listen: String,
    /// How the server is reached from outside, without a trailing slash; the base of access URLs. The listen address
    /// when empty.
    pub public_url: String,
    /// The secret key as 64 hexadecimal digits, in place of the file in the data folder. From `COUNTERFOIL_SECRET_KEY`
    /// only: a configuration file is read by too many.
    #[serde(skip)]
    pub secret_key: Option<SecretString>,
    /// The customer API.
    pub api: Api,
    /// The database.
    pub database: Database,
    /// Bounds of requests.
    pub limits: Limits,
    /// Accessories.
    pub accessories: Accessories,
    /// The stream of events.
    pub events: Events,
    /// Signing in.
    pub login: Login,
    /// Argon2id's cost.
    pub password_hash: PasswordHash,
    /// The life cycle's durations.
    pub timers: Timers,
    /// Connections that the server opens to elsewhere.
    pub outgoing: Outgoing,
    /// Contacts of customers.
    pub contacts: Contacts,
    /// Mail.
    pub mail: Mail,
    /// SMS.
    pub sms: Sms,
    /// Support plans.
    pub plans: Plans,
    /// Exports.
    pub export: Export,
    /// Access that customers grant to staff.
    pub authorizations: Authorizations,
    /// Log output.
    pub log: Log,
}

/// The customer API.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
    /// The status that `OSM.0101xxxx` errors are sent with: the honest one, or always 200 as in the original.
    pub business_errors: BusinessErrors,
    /// The region that a new account's default project is named after.
    pub region: String,
}

/// See [`Api::business_errors`].
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum BusinessErrors {
    /// 4xx and 5xx by meaning.
    #[serde(rename = "honest")]
    Honest,
    /// Always 200.
    #[serde(rename = "200")]
    Always200,
}

/// The database.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgres://...`; the embedded database in the data folder when empty.
    pub url: String,
    /// Reader threads on the embedded database.
    pub readers: usize,
    /// The most units that wait; one more is answered with 503.
    pub queue: usize,
    /// Connections to PostgreSQL.
    pub pool: usize,
    /// Named prepared statements on PostgreSQL; `false` behind a transaction-mode pooler.
    pub prepared: bool,
    /// After this many milliseconds PostgreSQL ends a statement.
    pub statement_timeout_ms: u64,
}

/// Bounds of requests.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest body in bytes.
    pub body_bytes: usize,
    /// Largest body of an upload in bytes: Base64 makes a file a third larger.
    pub upload_body_bytes: usize,
    /// Longest request target in bytes.
    pub uri_bytes: usize,
    /// A request is ended after this many seconds.
    pub request_seconds: u64,
    /// A connection is cut when its client has taken nothing for this many seconds.
    pub write_seconds: u64,
}

/// The stream of events.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Events {
    /// The most streams of this server at once.
    pub streams: usize,
    /// The most streams of one user at once.
    pub streams_per_user: usize,
    /// After this many seconds without an event a stream gives a sign of life.
    pub heartbeat_seconds: u64,
}

/// Accessories.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accessories {
    /// `s3://bucket/prefix` for files in a bucket; a folder when empty.
    pub url: String,
    /// The address of a bucket's service, `https://host:port`; the one of the region when empty.
    pub endpoint: String,
    /// The bucket's region.
    pub region: String,
    /// Whether the bucket is named in the path of a request rather than in its host.
    pub path_style: bool,
    /// The access key for the bucket; without one, the variables of the AWS tools or the machine's identity count.
    pub access_key: String,
    /// Its secret. `COUNTERFOIL_S3_SECRET_KEY` wins over the file, which is read by too many.
    pub secret_key: Option<SecretString>,
    /// Folder of the files; `accessories` in the data folder when empty.
    pub folder: PathBuf,
    /// How long an access URL is valid, in seconds.
    pub url_seconds: i64,
    /// After this many seconds a file that no case or message took is removed.
    pub orphan_seconds: i64,
}

/// Signing in.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Login {
    /// How long a token is valid, in seconds.
    pub token_seconds: i64,
    /// After this many wrong passwords in a row a user is locked.
    pub failures: i64,
    /// For how many seconds.
    pub lock_seconds: i64,
}

/// Argon2id's cost.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordHash {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
}

/// The life cycle's durations, in seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timers {
    /// From submission to the first urge.
    pub first_urge_seconds: i64,
    /// Between two urges.
    pub next_urge_seconds: i64,
    /// From the solution to closing by itself.
    pub auto_close_seconds: i64,
    /// From the question to the first reminder.
    pub first_reminder_seconds: i64,
    /// From the question to the second reminder.
    pub second_reminder_seconds: i64,
    /// From the question to being confirmed by itself.
    pub unanswered_seconds: i64,
    /// From closing, how long a case may be reopened.
    pub reopen_seconds: i64,
    /// From the first rating, how long it may be changed.
    pub rating_seconds: i64,
    /// From writing a message, how long its author may withdraw it.
    pub withdraw_seconds: i64,
}

/// Connections that the server opens because of what somebody wrote: diagnosis, checks of hosts, web hooks, SMS.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outgoing {
    /// Addresses inside that may be connected to: networks (`10.0.0.0/8`), addresses, names, `*.name` for all below one.
    pub allow: Vec<String>,
    /// Certificates (PEM) of authorities that are trusted beside the public ones.
    pub ca_file: PathBuf,
}

/// Support plans.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plans {
    /// The plan of accounts that none is assigned to.
    pub default_plan: String,
    /// The zone in which the months of quotas begin, such as `GMT+8` or `Europe/Berlin`.
    pub zone: String,
}

impl Plans {
    /// The zone of months.
    pub fn zone(&self) -> TimeZone {
        TimeZone::parse(&self.zone).unwrap_or_default()
    }
}

/// Exports.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Export {
    /// How many are made at once on one node; one more is answered with 429.
    pub at_once: usize,
}

/// Access that customers grant to staff.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Authorizations {
    /// How long a request waits for an answer, in seconds.
    pub answer_seconds: i64,
    /// How long an authorization holds when the customer names no end, in seconds.
    pub default_seconds: i64,
    /// The longest that it may hold, in seconds.
    pub longest_seconds: i64,
    /// The trial of a login on a host ends after this many seconds.
    pub check_seconds: u64,
    /// Trials of logins that each caller has in a minute.
    pub checks_per_minute: u32,
}

/// Log output.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// A filter such as `info` or `counterfoil=debug`.
    pub filter: String,
}

/// See [`Log::format`].
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For collectors.
    Json,
}

const DAY: i64 = 24 * 3600;

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("./counterfoil-data"),
            listen: "127.0.0.1:8080".to_owned(),
            public_url: String::new(),
            secret_key: None,
            api: Api::default(),
            database: Database::default(),
            limits: Limits::default(),
            accessories: Accessories::default(),
            events: Events::default(),
            login: Login::default(),
            password_hash: PasswordHash::default(),
            timers: Timers::default(),
            outgoing: Outgoing::default(),
            contacts: Contacts::default(),
            mail: Mail::default(),
            sms: Sms::default(),
            plans: Plans::default(),
            export: Export::default(),
            authorizations: Authorizations::default(),
            log: Log::default(),
        }
    }
}

impl Default for Api {
    fn default() -> Self {
        Self { business_errors: BusinessErrors::Honest, region: "cn-south-1".to_owned() }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { url: String::new(), readers: 2, queue: 4096, pool: 16, prepared: true, statement_timeout_ms: 30_000 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 12 * 1024 * 1024,
            upload_body_bytes: 16 * 1024 * 1024,
            uri_bytes: 32 * 1024,
            request_seconds: 60,
            write_seconds: 30,
        }
    }
}

impl Default for Events {
    fn default() -> Self {
        Self { streams: 1000, streams_per_user: 5, heartbeat_seconds: 15 }
    }
}

impl Default for Accessories {
    fn default() -> Self {
        Self {
            url: String::new(),
            endpoint: String::new(),
            region: "us-east-1".to_owned(),
            path_style: false,
            access_key: String::new(),
            secret_key: None,
            folder: PathBuf::new(),
            url_seconds: 900,
            orphan_seconds: DAY,
        }
    }
}

impl Accessories {
    /// Name and prefix of the bucket, when the files are in one.
    pub fn bucket(&self) -> Option<(&str, &str)> {
        let place = self.url.strip_prefix("s3://")?;
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        Some((bucket, prefix.trim_end_matches('/')))
    }

    fn check(&self) -> anyhow::Result<()> {
        if !self.url.is_empty() {
            let bucket =
                self.bucket().with_context(|| format!("accessories.url is {:?}, not s3://bucket/prefix", self.url))?;
            let is_name = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
            let is_path = bucket.1.is_empty() || bucket.1.split('/').all(|part| !part.is_empty() && is_name(part));
            if !(3..=63).contains(&bucket.0.len()) || !is_name(bucket.0) || !is_path {
                bail!("accessories.url is {:?}, not s3://bucket/prefix", self.url);
            }
            if !self.folder.as_os_str().is_empty() {
                bail!("accessories.url and accessories.folder name two places; one is enough");
            }
        }
        if !self.endpoint.is_empty() && !["http://", "https://"].iter().any(|start| self.endpoint.starts_with(start)) {
            bail!("accessories.endpoint is {:?}, which begins with neither http:// nor https://", self.endpoint);
        }
        if self.access_key.is_empty() != self.secret_key.is_none() {
            bail!("accessories.access_key and accessories.secret_key belong together");
        }
        Ok(())
    }
}

impl Default for Login {
    fn default() -> Self {
        Self { token_seconds: DAY, failures: 5, lock_seconds: 900 }
    }
}

impl Default for PasswordHash {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2 }
    }
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            first_urge_seconds: 1800,
            next_urge_seconds: 1800,
            auto_close_seconds: 7 * DAY,
            first_reminder_seconds: DAY,
            second_reminder_seconds: 3 * DAY,
            unanswered_seconds: 7 * DAY,
            reopen_seconds: 14 * DAY,
            rating_seconds: 7 * DAY,
            withdraw_seconds: 120,
        }
    }
}

impl Default for Plans {
    fn default() -> Self {
        Self { default_plan: "unrestricted".to_owned(), zone: "GMT+8".to_owned() }
    }
}

impl Default for Export {
    fn default() -> Self {
        Self { at_once: 2 }
    }
}

impl Default for Authorizations {
    fn default() -> Self {
        Self {
            answer_seconds: 7 * DAY,
            default_seconds: DAY,
            longest_seconds: 7 * DAY,
            check_seconds: 15,
            checks_per_minute: 10,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

impl Config {
    /// Reads the file at `path`, or the defaults without one.
    pub fn load(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not valid", path.display()))
    }

    /// Fails for what cannot work, saying which key.
    pub fn check(&self) -> anyhow::Result<()> {
        let positive = [
            ("login.token_seconds", self.login.token_seconds),
            ("accessories.url_seconds", self.accessories.url_seconds),
            ("timers.auto_close_seconds", self.timers.auto_close_seconds),
            ("timers.unanswered_seconds", self.timers.unanswered_seconds),
            ("authorizations.answer_seconds", self.authorizations.answer_seconds),
            ("authorizations.default_seconds", self.authorizations.default_seconds),
            ("authorizations.check_seconds", i64::try_from(self.authorizations.check_seconds).unwrap_or(i64::MAX)),
            // A day when none is named must fit into the longest that may be asked for.
            (
                "authorizations.longest_seconds, less default_seconds,",
                self.authorizations.longest_seconds - self.authorizations.default_seconds + 1,
            ),
        ];
        for (key, value) in positive {
            if value <= 0 {
                bail!("{key} must be more than 0");
            }
        }
        for (key, value) in [
            ("contacts.code_seconds", self.contacts.code_seconds),
            ("contacts.guesses", self.contacts.guesses),
            ("contacts.verified_seconds", self.contacts.verified_seconds),
        ] {
            if value <= 0 {
                bail!("{key} must be more than 0");
            }
        }
        self.mail.check()?;
        self.sms.check()?;
        self.accessories.check()?;
        if TimeZone::parse(&self.plans.zone).is_none() {
            bail!("plans.zone is {:?}, which is no time zone", self.plans.zone);
        }
        tracing_subscriber::EnvFilter::try_new(&self.log.filter)
            .with_context(|| format!("log.filter is {:?}", self.log.filter))?;
        Ok(())
    }

    /// The largest body of an operation, in bytes.
    pub fn body_limit(&self, operation_id: &str) -> usize {
        if operation_id.starts_with("Upload") {
            self.limits.body_bytes.max(self.limits.upload_body_bytes)
        } else {
            self.limits.body_bytes
        }
    }

    /// The database that the settings name.
    pub fn database_url(&self) -> counterfoil_store::Url {
        if self.database.url.is_empty() {
            counterfoil_store::Url::Sqlite(self.data.join("counterfoil.db"))
        } else {
            counterfoil_store::Url::Postgres(self.database.url.clone())
        }
    }

    /// The folder of the accessories.
    pub fn accessories_folder(&self) -> PathBuf {
        if self.accessories.folder.as_os_str().is_empty() {
            self.data.join("accessories")
        } else {
            self.accessories.folder.clone()
        }
    }

    /// The folder that mail and SMS are written to in place of being sent.
    pub fn outbox_folder(&self) -> PathBuf {
        self.data.join("outbox")
    }

    /// How the store is opened.
    pub fn store_options(&self) -> counterfoil_store::Options {
        counterfoil_store::Options {
            url: self.database_url(),
            readers: self.database.readers,
            queue: self.database.queue,
            pool: self.database.pool,
            prepared: self.database.prepared,
            statement_timeout_ms: self.database.statement_timeout_ms,
        }
    }
}
