//! `counterfoil agreement`: publishing what customers sign, and seeing who has signed.

use super::Output;
use crate::agreements::Kind;
use crate::agreements::admin::{self, NewText, NewVersion, PublishError};
use crate::app::App;
use crate::iam::{AdminError, load_account};
use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand, ValueEnum};
use counterfoil_store::Tx;
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::{Micros, TimeZone};
use serde_json::json;
use std::path::PathBuf;

/// What can be done with agreements.
#[derive(Subcommand)]
pub enum AgreementCommand {
    /// Publish a new version; customers are asked to sign it, whatever they have signed before.
    Publish(PublishAgreement),
    /// List every version with its texts.
    List,
    /// End a version now. The newest one that is still valid counts from then on.
    Withdraw {
        /// What the agreement is about.
        #[arg(long)]
        kind: KindName,
        /// The version.
        #[arg(long)]
        version: i64,
    },
    /// List the newest signatures of an account.
    Signatures {
        /// The account's name.
        #[arg(long)]
        account: String,
        /// How many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=100_000))]
        limit: i64,
    },
}

/// A version to publish. Each `--lang` goes with the `--file` in the same place.
#[derive(Args)]
pub struct PublishAgreement {
    /// What the agreement is about.
    #[arg(long)]
    kind: KindName,
    /// The language of a text; given twice for both.
    #[arg(long = "lang", required = true, value_name = "LANG")]
    langs: Vec<LangName>,
    /// The file with the text, in UTF-8.
    #[arg(long = "file", required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The title of a text; what the kind is called without one.
    #[arg(long = "name", value_name = "TITLE")]
    names: Vec<String>,
    /// Submitting or authorizing needs a signature of this version.
    #[arg(long)]
    mandatory: bool,
    /// From when the version counts, such as 2026-03-01 or "2026-03-01 08:00:00", in UTC; now without it.
    #[arg(long, value_name = "TIME", value_parser = time)]
    valid_from: Option<Micros>,
    /// Until when it counts; open without it.
    #[arg(long, value_name = "TIME", value_parser = time)]
    valid_to: Option<Micros>,
    /// Add the texts to this version, as translations of it, in place of a new version.
    #[arg(long, conflicts_with_all = ["mandatory", "valid_from", "valid_to"])]
    version: Option<i64>,
}

/// A kind on the command line, by name or by its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KindName {
    /// Submitting a case as an ordinary user.
    #[value(alias = "0")]
    NewCase,
    /// Submitting a case as an ISV's user.
    #[value(alias = "1")]
    NewCaseIsv,
    /// Letting staff onto one's systems.
    #[value(alias = "2")]
    Authorization,
}

/// A language on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LangName {
    /// Simplified Chinese.
    #[value(alias = "zh")]
    ZhCn,
    /// English.
    #[value(alias = "en")]
    EnUs,
}

impl KindName {
    fn kind(self) -> Kind {
        match self {
            Self::NewCase => Kind::NewCase,
            Self::NewCaseIsv => Kind::NewCaseOfIsv,
            Self::Authorization => Kind::Authorization,
        }
    }
}

fn name_of(number: i64) -> String {
    match number {
        0 => "new-case".to_owned(),
        1 => "new-case-isv".to_owned(),
        2 => "authorization".to_owned(),
        other => other.to_string(),
    }
}

fn time(text: &str) -> Result<Micros, String> {
    let utc = TimeZone::parse("UTC").ok_or("there is no UTC")?;
    utc.parse_local(text).ok_or_else(|| "yyyy-MM-dd, yyyy-MM-dd HH:mm:ss or RFC 3339 is needed".to_owned())
}

/// Runs a command.
pub(super) async fn run(app: &App, command: AgreementCommand, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    match command {
        AgreementCommand::Publish(new) => publish(app, new, out).await?,
        AgreementCommand::List => {
            let texts = app.store.read(async |tx: &mut Tx| admin::list(tx).await).await?;
            let items: Vec<_> = texts
                .iter()
                .map(|text| {
                    json!({
                        "agreement_id": text.agreement_id.to_string(), "kind": name_of(text.kind),
                        "version": text.version, "lang": text.lang, "name": text.name, "mandatory": text.mandatory,
                        "valid_from": text.valid_from.to_wire(), "valid_to": text.valid_to.map(Micros::to_wire),
                        "is_valid": text.valid_from.0 <= now.0 && text.valid_to.is_none_or(|to| now.0 < to.0),
                    })
                })
                .collect();
            let lines = texts.iter().map(|text| {
                let must = if text.mandatory { "mandatory" } else { "optional" };
                let end = text.valid_to.map(|to| format!(" to {}", to.to_wire())).unwrap_or_default();
                format!(
                    "{}  {} version {}  {}  {must}  from {}{end}  {}",
                    text.agreement_id,
                    name_of(text.kind),
                    text.version,
                    text.lang,
                    text.valid_from.to_wire(),
                    text.name
                )
            });
            out.print(&json!({"agreements": items}), &lines.collect::<Vec<_>>().join("\n"));
        }
        AgreementCommand::Withdraw { kind, version } => {
            let kind = kind.kind();
            app.store.write(async move |tx: &mut Tx| admin::withdraw(tx, kind, version, now).await).await?;
            let name = name_of(kind.number());
            out.print(&json!({"kind": name, "version": version}), &format!("{name} version {version} was withdrawn"));
        }
        AgreementCommand::Signatures { account, limit } => {
            let signatures = app
                .store
                .read(async move |tx: &mut Tx| -> Result<_, AdminError> {
                    let account = load_account(tx, &account).await?;
                    Ok(admin::list_signatures(tx, &account.id, limit).await?)
                })
                .await?;
            let items: Vec<_> = signatures
                .iter()
                .map(|signature| {
                    json!({
                        "record_id": signature.record_id, "user_id": signature.user_id,
                        "agent_user_id": signature.agent_user_id, "kind": name_of(signature.kind),
                        "version": signature.version, "agreement_id": signature.agreement_id.to_string(),
                        "relation_id": signature.relation_id, "client_address": signature.client_address,
                        "signed_at": signature.signed_at.to_wire(),
                    })
                })
                .collect();
            let lines = signatures.iter().map(|signature| {
                format!(
                    "{}  {}  {} version {}  {}  {}",
                    signature.record_id,
                    signature.user_id,
                    name_of(signature.kind),
                    signature.version,
                    signature.signed_at.to_wire(),
                    signature.client_address
                )
            });
            out.print(&json!({"signatures": items}), &lines.collect::<Vec<_>>().join("\n"));
        }
    }
    Ok(())
}

async fn publish(app: &App, new: PublishAgreement, out: Output) -> anyhow::Result<()> {
    ensure!(new.langs.len() == new.files.len(), "each --lang goes with one --file");
    if !new.names.is_empty() && new.names.len() != new.files.len() {
        bail!("where titles are given, each --file has one");
    }
    let (kind, now) = (new.kind.kind(), app.clock.now());
    let mut texts = Vec::new();
    for (i, (lang, file)) in new.langs.iter().zip(&new.files).enumerate() {
        let content = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let lang = match lang {
            LangName::ZhCn => Lang::ZhCn,
            LangName::EnUs => Lang::EnUs,
        };
        let name = new.names.get(i).cloned().unwrap_or_else(|| kind.name(lang).to_owned());
        texts.push(NewText { lang, name, content });
    }
    let (mandatory, validity) = (new.mandatory, (new.valid_from.unwrap_or(now), new.valid_to));
    let unit = async move |tx: &mut Tx| -> Result<_, PublishError> {
        match new.version {
            Some(version) => admin::translate(tx, (kind, version), &texts, now).await,
            None => {
                let (valid_from, valid_to) = validity;
                let version = NewVersion { kind, mandatory, valid_from, valid_to, texts: texts.clone() };
                admin::publish(tx, &version, now).await
            }
        }
    };
    let (version, ids) = app.store.write(unit).await?;
    let items: Vec<_> =
        ids.iter().map(|(lang, id)| json!({"agreement_id": id.to_string(), "lang": lang.as_str()})).collect();
    let name = name_of(kind.number());
    let answer = json!({"kind": name, "version": version, "agreements": items});
    out.print(&answer, &format!("{name} version {version} was published"));
    Ok(())
}
