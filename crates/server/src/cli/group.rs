//! `counterfoil group`: user groups, whose members work on each other's cases when the group has that role.

use clap::{Args, Subcommand};
use counterfoil_store::Tx;
use serde_json::json;

use super::{Output, user::refuse_provider};
use crate::{
    app::App,
    iam::{
        self, AdminError, Name, Role, add_member, load_account, load_group, load_user, remove_member,
        sql::{self, Slice},
    },
};

/// What can be done with groups.
#[derive(Subcommand)]
pub enum GroupCommand {
    /// Create a group.
    Create {
        /// The account's name.
        #[arg(long)]
        account: String,
        /// The group's name.
        #[arg(long, value_parser = super::name)]
        name: Name,
        /// A role that every member gets; may be given several times.
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<Role>,
        /// Free text.
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Make a user a member.
    Add(Member),
    /// End a membership.
    Remove(Member),
    /// List the groups of an account.
    List {
        /// The account's name.
        #[arg(long)]
        account: String,
    },
}

/// A user and a group.
#[derive(Args)]
pub struct Member {
    /// The account's name.
    #[arg(long)]
    account: String,
    /// The group's name.
    #[arg(long)]
    group: String,
    /// The user's name.
    #[arg(long)]
    user: String,
}

/// Runs a command.
pub async fn run(app: &App, command: GroupCommand, out: Output) -> anyhow::Result<()> {
    let now = app.clock.now();
    match command {
        GroupCommand::Create { account, name, roles, description } => {
            refuse_provider(&account)?;
            let shown = name.clone();
            let (account, id) = app
                .store
                .write(async move |tx: &mut Tx| -> Result<_, AdminError> {
                    let account = load_account(tx, &account).await?;
                    let id = iam::create_group(tx, &account.id, &name, &roles, &description, now).await?;
                    Ok((account, id))
                })
                .await?;
            let answer = json!({"group_id": id, "name": shown.as_str(), "domain_id": account.id});
            out.print(&answer, &format!("group {shown} was created, group id {id}"));
        }
        GroupCommand::Add(member) => change(app, member, true, out).await?,
        GroupCommand::Remove(member) => change(app, member, false, out).await?,
        GroupCommand::List { account } => {
            let slice = Slice { offset: 0, limit: i64::MAX };
            let groups = app
                .store
                .read(async move |tx: &mut Tx| -> Result<_, AdminError> {
                    let account = load_account(tx, &account).await?;
                    let mut all = Vec::new();
                    for group in sql::list_groups(tx, &account.id, "", slice).await? {
                        let roles = sql::list_group_roles(tx, &account.id, &group.id).await?;
                        all.push((group, roles));
                    }
                    Ok(all)
                })
                .await?;
            let names = |roles: iam::Roles| -> Vec<&'static str> {
                Role::ALL.into_iter().filter(|role| roles.contains(*role)).map(Role::as_str).collect()
            };
            let items: Vec<_> = groups
                .iter()
                .map(|(group, roles)| json!({"group_id": group.id, "name": group.name, "roles": names(*roles)}))
                .collect();
            let lines = groups
                .iter()
                .map(|(group, roles)| format!("{}  {}  {}", group.id, group.name, names(*roles).join(",")));
            out.print(&json!({"groups": items}), &lines.collect::<Vec<_>>().join("\n"));
        }
    }
    Ok(())
}

async fn change(app: &App, member: Member, add: bool, out: Output) -> anyhow::Result<()> {
    let text = format!("user {} is {} group {}", member.user, if add { "in" } else { "no longer in" }, member.group);
    let (group, user) = app
        .store
        .write(async move |tx: &mut Tx| -> Result<_, AdminError> {
            let account = load_account(tx, &member.account).await?;
            let group = load_group(tx, &account.id, &member.group).await?;
            let user = load_user(tx, &account.id, &member.user).await?;
            if add {
                add_member(tx, &account.id, &group.id, &user.id).await?;
            } else if !remove_member(tx, &account.id, &group.id, &user.id).await? {
                return Err(AdminError::Missing { what: "member", name: member.user.clone() });
            }
            Ok((group.id, user.id))
        })
        .await?;
    out.print(&json!({"group_id": group, "user_id": user}), &text);
    Ok(())
}
