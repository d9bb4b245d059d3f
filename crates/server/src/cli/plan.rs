//! `counterfoil plan`: support plans, which account has which, and ticket packs.

use super::Output;
use crate::app::App;
use crate::plans::{self, Plan, PlanError};
use crate::quotas;
use anyhow::{Context, bail};
use clap::{ArgGroup, Args, Subcommand};
use counterfoil_store::Tx;
use counterfoil_wire::time::Micros;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What can be done with plans.
#[derive(Subcommand)]
pub enum PlanCommand {
    /// List the plans.
    List,
    /// Show a plan, or what an account has and what it used this month.
    #[command(group = ArgGroup::new("what").required(true))]
    Show {
        /// The plan's id.
        #[arg(group = "what")]
        plan: Option<String>,
        /// The account's name.
        #[arg(long, group = "what")]
        account: Option<String>,
    },
    /// Write the plans and calendars to a file.
    Export {
        /// The file to write; `-` for standard output.
        file: PathBuf,
    },
    /// Replace the plans by a file's, if all of it is right. A plan that it does not name is switched off.
    Import {
        /// The file to read.
        file: PathBuf,
    },
    /// Assign a plan to an account.
    Assign {
        /// The account's name.
        #[arg(long)]
        account: String,
        /// The plan's id.
        #[arg(long)]
        plan: String,
        /// When it starts: `yyyy-MM-dd`, `yyyy-MM-dd HH:mm:ss` in the zone of `plans.zone`, or RFC 3339. Now when absent.
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// When it has ended, in the same form. Without an end when absent.
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
    },
    /// End the plan that an account has now.
    End {
        /// The account's name.
        #[arg(long)]
        account: String,
    },
    /// Ticket packs: more cases for one month.
    #[command(subcommand)]
    Pack(PackCommand),
}

/// What can be done with ticket packs.
#[derive(Subcommand)]
pub enum PackCommand {
    /// Add packs to a quota of the account's plan.
    Add(NewPack),
    /// List the packs of an account.
    List {
        /// The account's name.
        #[arg(long)]
        account: String,
    },
}

/// Packs to add.
#[derive(Args)]
pub struct NewPack {
    /// The account's name.
    #[arg(long)]
    account: String,
    /// The quota's id in the plan.
    #[arg(long)]
    quota: String,
    /// How many packs.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=1000))]
    count: i64,
    /// The month in which they are valid, `yyyy-MM`. This month when absent.
    #[arg(long)]
    month: Option<String>,
}

/// Runs a command.
pub(super) async fn run(app: &App, command: PlanCommand, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    match command {
        PlanCommand::List => {
            let plans = plans::list(&app.store).await?;
            let items: Vec<Value> = plans.iter().map(|(id, enabled, plan)| summary(id, *enabled, plan)).collect();
            let lines = plans.iter().map(|(id, enabled, plan)| {
                let state = if *enabled { "" } else { "  switched off" };
                format!("{id}  {} / {}{state}", plan.name.zh, plan.name.en)
            });
            let text = lines.collect::<Vec<_>>().join("\n");
            out.print(&json!({"plans": items, "default_plan": app.config.plans.default_plan}), &text);
            Ok(())
        }
        PlanCommand::Show { plan: Some(id), .. } => {
            let plans = plans::list(&app.store).await?;
            let found = plans.iter().find(|(known, ..)| *known == id);
            let (id, enabled, plan) = found.with_context(|| format!("there is no plan {id:?}"))?;
            let mut answer = summary(id, *enabled, plan);
            answer["severities"] = serde_json::to_value(&plan.severities)?;
            answer["every_severity"] = plan.every_severity.into();
            answer["quotas"] = serde_json::to_value(&plan.quotas)?;
            out.print(&answer, &serde_json::to_string_pretty(&answer)?);
            Ok(())
        }
        PlanCommand::Show { account, .. } => show_account(app, account.unwrap_or_default(), now, out).await,
        PlanCommand::Export { file } => {
            let text = plans::export(&app.store).await?;
            if file.as_os_str() == "-" {
                print!("{text}");
                return Ok(());
            }
            std::fs::write(&file, &text).with_context(|| format!("cannot write {}", file.display()))?;
            out.print(&json!({"file": file, "bytes": text.len()}), &format!("the plans are in {}", file.display()));
            Ok(())
        }
        PlanCommand::Import { file } => {
            let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let catalog = app.catalog.snapshot(&app.store).await?;
            match plans::import(&app.store, &catalog, &app.config.plans.default_plan, &text).await {
                Ok(count) => out.print(&json!({"plans": count}), &format!("there are {count} plans now")),
                Err(PlanError::Refused(problems)) => {
                    for problem in &problems {
                        eprintln!("{}: {problem}", file.display());
                    }
                    bail!("the document has {} problems; nothing was changed", problems.len())
                }
                Err(e) => return Err(e.into()),
            }
            Ok(())
        }
        PlanCommand::Assign { account, plan, from, until } => {
            let from = from.map_or(Ok(now), |text| time(app, &text))?;
            let until = until.map(|text| time(app, &text)).transpose()?;
            let (name, wanted) = (account.clone(), plan.clone());
            let work = async move |tx: &mut Tx| plans::assign(tx, &account, &plan, from, until, now).await;
            let id = app.store.write(work).await?;
            let (from, until) = (from.to_wire(), until.map(Micros::to_wire));
            let answer = json!({"domain_id": id, "plan_id": wanted, "starts_at": from, "ends_at": until});
            let end = until.map(|end| format!(" until {end}")).unwrap_or_default();
            out.print(&answer, &format!("account {name} has the plan {wanted} from {from}{end}"));
            Ok(())
        }
        PlanCommand::End { account } => {
            let name = account.clone();
            let id = app.store.write(async move |tx: &mut Tx| plans::end(tx, &account, now).await).await?;
            out.print(&json!({"domain_id": id, "ends_at": now.to_wire()}), &format!("the plan of {name} has ended"));
            Ok(())
        }
        PlanCommand::Pack(PackCommand::Add(pack)) => add_pack(app, pack, now, out).await,
        PlanCommand::Pack(PackCommand::List { account }) => list_packs(app, account, now, out).await,
    }
}

fn summary(id: &str, enabled: bool, plan: &Plan) -> Value {
    json!({
        "plan_id": id, "name": plan.name, "bought": plan.bought, "faults": plan.faults, "enabled": enabled,
    })
}

/// A time of the command line.
fn time(app: &App, text: &str) -> anyhow::Result<Micros> {
    let time = app.config.plans.zone().parse_local(text);
    time.with_context(|| format!("{text:?} is no time; write yyyy-MM-dd, yyyy-MM-dd HH:mm:ss or RFC 3339"))
}

async fn show_account(app: &App, account: String, now: Micros, out: Output) -> anyhow::Result<()> {
    let (default, month) = (app.config.plans.default_plan.clone(), quotas::month_of(app, now)?.name);
    let this_month = month.clone();
    let work = async move |tx: &mut Tx| -> Result<_, PlanError> {
        let standing = plans::standing(tx, &account, &default, now).await?;
        let spent = quotas::list_month(tx, &standing.account_id, &month, &standing.plan_id).await?;
        Ok((standing, spent))
    };
    let (standing, spent) = app.store.read(work).await?;
    let quotas = standing.plan.quotas.iter().map(|(id, quota)| {
        let spent = spent.get(id).copied().unwrap_or_default();
        json!({"quota_id": id, "monthly": quota.monthly, "extra": spent.extra, "used": spent.used})
    });
    let quotas: Vec<Value> = quotas.collect();
    let assignments = standing.assignments.iter().map(|(plan, from, until)| {
        json!({"plan_id": plan, "starts_at": from.to_wire(), "ends_at": until.map(Micros::to_wire)})
    });
    let answer = json!({
        "domain_id": standing.account_id, "plan_id": standing.plan_id, "assignments": assignments.collect::<Vec<_>>(),
        "month": this_month, "quotas": quotas,
    });
    out.print(&answer, &serde_json::to_string_pretty(&answer)?);
    Ok(())
}

async fn add_pack(app: &App, new: NewPack, now: Micros, out: Output) -> anyhow::Result<()> {
    let current = quotas::month_of(app, now)?.name;
    let month = new.month.unwrap_or_else(|| current.clone());
    // The name of a month sorts by time.
    let is_month = month.len() == 7 && app.config.plans.zone().parse_local(&format!("{month}-01")).is_some();
    if !is_month || month < current {
        bail!("{month:?} is no month, or a past one; write yyyy-MM");
    }
    let (default, quota, valid) = (app.config.plans.default_plan.clone(), new.quota.clone(), month.clone());
    let work = async move |tx: &mut Tx| -> Result<_, PlanError> {
        let standing = plans::standing(tx, &new.account, &default, now).await?;
        let cases = plans::add_packs(tx, &standing, &new.quota, new.count, &month, now).await?;
        Ok((standing.account_id, standing.plan_id, cases))
    };
    let (account_id, plan_id, cases) = app.store.write(work).await?;
    let answer = json!({
        "domain_id": account_id, "plan_id": plan_id, "quota_id": quota, "month": valid, "cases": cases,
    });
    out.print(&answer, &format!("{cases} more cases in {valid}"));
    Ok(())
}

async fn list_packs(app: &App, account: String, now: Micros, out: Output) -> anyhow::Result<()> {
    let default = app.config.plans.default_plan.clone();
    let work = async move |tx: &mut Tx| -> Result<_, PlanError> {
        let standing = plans::standing(tx, &account, &default, now).await?;
        Ok(quotas::list_packs(tx, &standing.account_id).await?)
    };
    let packs = app.store.read(work).await?;
    let items = packs.iter().map(|pack| {
        json!({
            "pack_id": pack.pack_id, "month": pack.month, "plan_id": pack.plan_id, "quota_id": pack.quota_id,
            "cases": pack.cases, "create_time": pack.created_at.to_wire(),
        })
    });
    let items: Vec<Value> = items.collect();
    let lines = packs.iter().map(|pack| format!("{}  {}  {}  {}", pack.month, pack.plan_id, pack.quota_id, pack.cases));
    out.print(&json!({"packs": items}), &lines.collect::<Vec<_>>().join("\n"));
    Ok(())
}
