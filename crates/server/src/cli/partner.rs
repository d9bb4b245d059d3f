//! `counterfoil partner`: resellers and ISVs, their customers, people, categories and commodities.

use clap::{Args, Subcommand};
use counterfoil_store::Tx;
use serde_json::{Value, json};

use super::Output;
use crate::{
    app::App,
    partners::{self, PartnerError, PartnerKind, Service},
};

/// What can be done with partners. They are named by their account.
#[derive(Subcommand)]
pub enum PartnerCommand {
    /// Make an account a partner.
    Create {
        /// The account's name.
        #[arg(long)]
        account: String,
        /// What it is to its customers.
        #[arg(long, default_value = "reseller")]
        kind: PartnerKind,
        #[command(flatten)]
        hours: Hours,
    },
    /// Say when a partner serves.
    ServiceInfo {
        /// The partner's account.
        #[arg(long)]
        account: String,
        #[command(flatten)]
        hours: Hours,
    },
    /// Put a partner on the allow list, where a new one is, or take it off.
    Allow {
        /// The partner's account.
        #[arg(long)]
        account: String,
        /// Take it off.
        #[arg(long)]
        deny: bool,
    },
    /// Link a customer to a partner, in place of another one.
    Link {
        /// The customer's account.
        #[arg(long)]
        customer: String,
        /// The partner's account.
        #[arg(long)]
        partner: String,
    },
    /// End a customer's link.
    Unlink {
        /// The customer's account.
        #[arg(long)]
        customer: String,
    },
    /// Let a user of the partner work on its customers' cases.
    Staff {
        /// The partner's account.
        #[arg(long)]
        account: String,
        /// The user.
        #[arg(long)]
        user: String,
        /// End it.
        #[arg(long)]
        remove: bool,
    },
    /// Name a category of the catalogue that a partner takes; one without any takes all.
    Category {
        /// The partner's account.
        #[arg(long)]
        account: String,
        /// The category's id.
        #[arg(long)]
        id: String,
        /// Take it out.
        #[arg(long)]
        remove: bool,
    },
    /// Name a commodity that an ISV sells, by the id that customers submit.
    Commodity {
        /// The ISV's account.
        #[arg(long)]
        account: String,
        /// The commodity's id.
        #[arg(long)]
        id: String,
        /// Take it out.
        #[arg(long)]
        remove: bool,
    },
    /// List the partners with all that belongs to them.
    List,
}

/// When a partner serves.
#[derive(Args)]
#[expect(clippy::struct_field_names, reason = "the names of the command's options")]
pub struct Hours {
    /// The zone.
    #[arg(long, default_value = "GMT+08:00")]
    zone: String,
    /// Days a week.
    #[arg(long, default_value = "5")]
    days: String,
    /// Hours of a day.
    #[arg(long, default_value = "09:00-18:00")]
    hours: String,
}

impl Hours {
    fn service(&self) -> Result<Service, PartnerError> {
        Service::parse(&self.zone, &self.days, &self.hours)
    }
}

/// Runs a command.
pub async fn run(app: &App, command: PartnerCommand, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    let catalog = app.catalog.snapshot(&app.store).await?;
    if let PartnerCommand::Category { id, remove: false, .. } = &command
        && catalog.category(id).is_none()
    {
        anyhow::bail!("the catalogue has no category {id:?}");
    }
    let work = async move |tx: &mut Tx| -> Result<(Value, String), PartnerError> {
        Ok(match &command {
            PartnerCommand::Create { account, kind, hours } => {
                let id = partners::create(tx, account, *kind, &hours.service()?, now).await?;
                (json!({"partner_id": id, "name": account}), format!("{account} is a partner"))
            }
            PartnerCommand::ServiceInfo { account, hours } => {
                let service = hours.service()?;
                partners::describe(tx, account, &service, now).await?;
                let Service { zone, days, hours } = service;
                let text = format!("{account} serves {days} days a week, {hours} {zone}");
                (json!({"name": account, "zone": zone, "days": days, "hours": hours}), text)
            }
            PartnerCommand::Allow { account, deny } => {
                partners::allow(tx, account, !deny, now).await?;
                let text = format!("{account} is {} the allow list", if *deny { "off" } else { "on" });
                (json!({"name": account, "allowed": !deny}), text)
            }
            PartnerCommand::Link { customer, partner } => {
                partners::link(tx, customer, partner, now).await?;
                (json!({"customer": customer, "partner": partner}), format!("{partner} is the partner of {customer}"))
            }
            PartnerCommand::Unlink { customer } => {
                partners::unlink(tx, customer, now).await?;
                (json!({"customer": customer}), format!("{customer} has no partner any more"))
            }
            PartnerCommand::Staff { account, user, remove } => {
                let changed = if *remove {
                    partners::remove_staff(tx, account, user, now).await?
                } else {
                    partners::add_staff(tx, account, user, now).await?
                };
                let works = if *remove { "does not work" } else { "works" };
                (json!({"name": user, "changed": changed}), format!("{user} {works} on cases for {account}"))
            }
            PartnerCommand::Category { account, id, remove } => {
                let changed = if *remove {
                    partners::remove_category(tx, account, id).await?
                } else {
                    partners::add_category(tx, account, id).await?
                };
                (json!({"id": id, "changed": changed}), format!("the categories of {account} are as you said"))
            }
            PartnerCommand::Commodity { account, id, remove } => {
                if *remove {
                    partners::remove_commodity(tx, account, id).await?;
                } else {
                    partners::add_commodity(tx, account, id).await?;
                }
                (json!({"id": id}), format!("the commodities of {account} are as you said"))
            }
            PartnerCommand::List => {
                let all = partners::list(tx).await?;
                let lines: Vec<_> = all.iter().filter_map(|partner| partner["name"].as_str()).collect();
                let text = lines.join("\n");
                (json!({"partners": all}), text)
            }
        })
    };
    let (answer, text) = app.store.write(work).await?;
    out.print(&answer, &text);
    Ok(())
}
