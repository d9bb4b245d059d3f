//! The words of identity: who an account, a user or a key is, and what each may do.
//!
//! Pure types without input or output. Roles of customers and of staff are separate types, because no login ever
//! holds both: staff are the users of the reserved account [`PROVIDER`].

use std::{fmt, sync::Arc};

use counterfoil_wire::{
    ids::{AccountId, GroupId, ProjectId, UserId},
    time::Micros,
};
use secrecy::SecretString;

use crate::privileges::Rights;

/// Name of the reserved account whose users are the staff.
pub const PROVIDER: &str = "provider";

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// Submits cases.
    Customer,
    /// Works on them.
    Provider,
}

impl AccountKind {
    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Provider => "provider",
        }
    }

    /// Reads the text in the database.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Customer, Self::Provider].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A tenant.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id, `domain_id` on the wire.
    pub id: AccountId,
    /// Its name, unique in the installation.
    pub name: String,
    /// Customer or provider.
    pub kind: AccountKind,
    /// When false, nobody of this account can call anything.
    pub enabled: bool,
    /// Free text.
    pub description: String,
    /// When it was created.
    pub created_at: Micros,
}

/// A right that a customer's user, group or agency holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Role {
    /// May submit and handle cases when the account restricts that.
    TicketAdministrator,
    /// May handle the cases of the members of common groups.
    TicketGroupOperator,
    /// May manage users and access keys of the account.
    SecurityAdministrator,
    /// May act for other accounts through agencies.
    AgentOperator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] =
        [Self::TicketAdministrator, Self::TicketGroupOperator, Self::SecurityAdministrator, Self::AgentOperator];

    /// The name in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TicketAdministrator => "ticket_administrator",
            Self::TicketGroupOperator => "ticket_group_operator",
            Self::SecurityAdministrator => "security_administrator",
            Self::AgentOperator => "agent_operator",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// The name that IAM uses in the answer of a login.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::TicketAdministrator | Self::TicketGroupOperator => self.as_str(),
            Self::SecurityAdministrator => "secu_admin",
            Self::AgentOperator => "te_agency",
        }
    }
}

/// The roles that a caller holds, by himself or through a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// See [`Role::TicketAdministrator`].
    pub ticket_administrator: bool,
    /// See [`Role::TicketGroupOperator`].
    pub ticket_group_operator: bool,
    /// See [`Role::SecurityAdministrator`].
    pub security_administrator: bool,
    /// See [`Role::AgentOperator`].
    pub agent_operator: bool,
}

impl Roles {
    /// Adds a role.
    pub fn insert(&mut self, role: Role) {
        match role {
            Role::TicketAdministrator => self.ticket_administrator = true,
            Role::TicketGroupOperator => self.ticket_group_operator = true,
            Role::SecurityAdministrator => self.security_administrator = true,
            Role::AgentOperator => self.agent_operator = true,
        }
    }

    /// Whether the role is held.
    pub fn contains(self, role: Role) -> bool {
        match role {
            Role::TicketAdministrator => self.ticket_administrator,
            Role::TicketGroupOperator => self.ticket_group_operator,
            Role::SecurityAdministrator => self.security_administrator,
            Role::AgentOperator => self.agent_operator,
        }
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        let mut all = Self::default();
        roles.into_iter().for_each(|role| all.insert(role));
        all
    }
}

/// What a member of staff does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum StaffRole {
    /// Works on cases.
    Engineer,
    /// Assigns, escalates and declares cases invalid.
    Lead,
    /// Edits the catalogue.
    CatalogAdmin,
    /// Reads everything, changes nothing.
    Auditor,
    /// Runs the installation.
    Operator,
}

impl StaffRole {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Engineer, Self::Lead, Self::CatalogAdmin, Self::Auditor, Self::Operator];

    /// The name in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Engineer => "engineer",
            Self::Lead => "lead",
            Self::CatalogAdmin => "catalog_admin",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for StaffRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name of an account, user, group, project or agency: 1 to 64 characters, letters and digits of any script,
/// spaces inside, and `-`, `_`, `.`, `@`, `+`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Checks the rule.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.chars().count());
        let clean = text.chars().all(|c| c.is_alphanumeric() || " -_.@+".contains(c));
        (fits && clean && text.trim() == text).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An access key's public half: 16 to 40 upper-case letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccessId(Arc<str>);

impl AccessId {
    /// Checks the rule.
    pub fn parse(text: &str) -> Option<Self> {
        let clean = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        ((16..=40).contains(&text.len()) && clean).then(|| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which tokens of a user still count. See [`TokenRule::ends`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenRule {
    /// Tokens issued at this time or before have ended.
    pub valid_after: i64,
    /// Tokens issued at this time or before end at `ending_at`.
    pub ending_issued: i64,
    /// See `ending_issued`.
    pub ending_at: i64,
}

impl TokenRule {
    /// How long tokens outlive a change of the user's access keys: the documented half hour in which such a change
    /// takes effect, so that the program that changes the key can finish with the token it holds.
    pub const GRACE_SECONDS: i64 = 30 * 60;

    /// Whether a token issued then has ended now.
    pub fn ends(self, issued_at: Micros, now: Micros) -> bool {
        issued_at.0 <= self.valid_after || (issued_at.0 <= self.ending_issued && now.0 >= self.ending_at)
    }

    /// The time to write into a new token: now, but later than anything that has ended already, so that a token
    /// issued in the microsecond of a password change, or on a node whose clock is behind, is valid.
    pub fn issue_at(self, now: Micros) -> Micros {
        Micros(now.0.max(self.valid_after + 1).max(self.ending_issued + 1))
    }

    /// Ends every token issued so far, at once.
    #[must_use]
    pub fn end_all(self, now: Micros) -> Self {
        Self { valid_after: self.issue_at(now).0, ..self }
    }

    /// Ends every token issued so far after the grace time.
    #[must_use]
    pub fn end_all_later(self, now: Micros) -> Self {
        let pending = now.0 < self.ending_at;
        Self {
            // What was to end before now has ended.
            valid_after: if pending { self.valid_after } else { self.valid_after.max(self.ending_issued) },
            ending_issued: self.issue_at(now).0,
            // A second change must not give the tokens of the first one more time.
            ending_at: if pending { self.ending_at } else { now.plus_seconds(Self::GRACE_SECONDS).0 },
        }
    }
}

/// What a verified request needs to know about its caller; cached.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The account that owns what the caller does.
    pub account_id: AccountId,
    /// Its name.
    pub account_name: Arc<str>,
    /// Customer or provider.
    pub kind: AccountKind,
    /// The user, or the agency through which another account's user acts.
    pub user_id: UserId,
    /// Its name.
    pub user_name: Arc<str>,
    /// Whether the user, its account and, for an agency, the trusted account are enabled.
    pub enabled: bool,
    /// The owner of the account holds every right in it.
    pub is_owner: bool,
    /// Roles by itself and through groups.
    pub roles: Roles,
    /// What it may do with the account's cases.
    pub rights: Rights,
    /// Set for users of the provider.
    pub staff: Option<StaffRole>,
    /// Works on the cases of its account's customers; never set together with `staff`.
    pub is_partner_staff: bool,
    /// Groups that the user is a member of.
    pub groups: Arc<[GroupId]>,
    /// Projects of the account.
    pub projects: Arc<[ProjectId]>,
    /// Which tokens count.
    pub tokens: TokenRule,
    /// For an agency: when it ends.
    pub expires_at: Option<Micros>,
    /// For an agency: the account that it trusts.
    pub trusted_account_id: Option<AccountId>,
}

impl Principal {
    /// Whether users and keys of the whole account may be managed.
    pub fn is_administrator(&self) -> bool {
        self.is_owner || self.roles.security_administrator || self.staff == Some(StaffRole::Operator)
    }

    /// Whether it can call anything now.
    pub fn is_active(&self, now: Micros) -> bool {
        self.enabled && self.expires_at.is_none_or(|at| now.0 < at.0)
    }
}

/// An access key as verification needs it; cached.
pub struct AccessKey {
    /// The public half.
    pub access: AccessId,
    /// The secret half.
    pub secret: SecretString,
    /// False when switched off.
    pub active: bool,
    /// Whose account.
    pub account_id: AccountId,
    /// Whose key.
    pub user_id: UserId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_rule() {
        for good in ["a", "acme", "张三", "a b", "x@y.z", "cn-south-1", &"名".repeat(64)] {
            assert!(Name::parse(good).is_some(), "{good}");
        }
        for bad in ["", " a", "a ", "a/b", "a\u{0}", "a\nb", "<b>", &"a".repeat(65)] {
            assert!(Name::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn access_ids_have_a_rule() {
        assert!(AccessId::parse("AKEXAMPLE0TICKET0001").is_some());
        for bad in ["", "AKEXAMPLE0TICKE", "akexample0ticket0001", "AKEXAMPLE0TICKET000/", &"A".repeat(41)] {
            assert!(AccessId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_token_issued_in_the_same_microsecond_as_a_change_is_told_apart() {
        let now = Micros(1_000);
        let rule = TokenRule::default();
        let first = rule.issue_at(now);
        let rule = rule.end_all(now);
        assert!(rule.ends(first, now));
        let second = rule.issue_at(now);
        assert!(!rule.ends(second, now));
        let rule = rule.end_all(now);
        assert!(rule.ends(second, now));
    }

    #[test]
    fn a_changed_key_ends_tokens_after_the_grace_time() {
        let (start, rule) = (Micros(1_000_000), TokenRule::default());
        let token = rule.issue_at(start);
        let rule = rule.end_all_later(start);
        assert!(!rule.ends(token, start.plus_seconds(TokenRule::GRACE_SECONDS - 1)));
        assert!(rule.ends(token, start.plus_seconds(TokenRule::GRACE_SECONDS)));
        assert!(!rule.ends(rule.issue_at(start), start.plus_seconds(TokenRule::GRACE_SECONDS)));

        // A second change soon after gives no more time; one much later ends what ended before.
        let again = rule.end_all_later(start.plus_seconds(60));
        assert!(again.ends(token, start.plus_seconds(TokenRule::GRACE_SECONDS)));
        let late = rule.end_all_later(start.plus_seconds(7_200));
        assert!(late.ends(token, start.plus_seconds(7_200)));

        // A password change is never softened by a later key change.
        let hard = TokenRule::default().end_all(start).end_all_later(start.plus_seconds(10));
        assert!(hard.ends(token, start.plus_seconds(10)));
    }
}
