//! The table of rights, and what follows from it for one caller. Nothing else decides who may do what with cases.
//!
//! A caller stands in one column or in several (a restricted user who is a group operator, say) and has the farthest reach
//! of all of them: no role and no privilege takes away what another one gives.

use crate::iam::Roles;

/// What somebody may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// Submit cases.
    Submit,
    /// List and read cases.
    Query,
    /// Urge, cancel, close, confirm, reopen, delete, rate and label cases, and write to them.
    Operate,
    /// Handle cases and authorizations of colleagues in a common group, by naming the group.
    HandleColleagues,
    /// Export the list of cases.
    Export,
    /// Switch what the account's users may do.
    SetPolicy,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 6] =
        [Self::Submit, Self::Query, Self::Operate, Self::HandleColleagues, Self::Export, Self::SetPolicy];
}

/// How far a right reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Nowhere.
    #[default]
    No,
    /// To one's own cases.
    Own,
    /// To the cases of a group in which one is a member.
    Group,
    /// To everything of the account.
    All,
}

/// As what somebody stands before the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The account's owner.
    Owner,
    /// A user, while the account restricts nothing.
    User,
    /// A user, while the account restricts submitting.
    RestrictedUser,
    /// A user or agency with the role Ticket Administrator.
    TicketAdministrator,
    /// A user with the role Ticket Group Operator.
    TicketGroupOperator,
    /// Who was granted `createCase`.
    MayCreate,
    /// Who was granted `export`.
    MayExport,
    /// Another account's user, acting through an agency.
    Agent,
    /// The same, with the privilege `assumeCaseAll`.
    AgentForAll,
}

impl Standing {
    /// Every standing, in the order of the table's columns.
    pub const ALL: [Self; 9] = [
        Self::Owner,
        Self::User,
        Self::RestrictedUser,
        Self::TicketAdministrator,
        Self::TicketGroupOperator,
        Self::MayCreate,
        Self::MayExport,
        Self::Agent,
        Self::AgentForAll,
    ];
}

use Reach::{All, Group, No, Own};

/// One row for each right, one column for each standing in the order of [`Standing::ALL`].
#[rustfmt::skip]
pub const TABLE: [(Right, [Reach; 9]); 6] = [
    //                         owner user restricted admin operator createCase export agent assumeCaseAll
    (Right::Submit,           [All,  All, No,        All,  No,      All,       No,    No,   All]),
    (Right::Query,            [All,  Own, Own,       Own,  Own,     No,        No,    Own,  All]),
    (Right::Operate,          [All,  Own, Own,       Own,  Own,     No,        No,    Own,  All]),
    (Right::HandleColleagues, [All,  No,  No,        No,   Group,   No,        No,    No,   All]),
    (Right::Export,           [All,  No,  No,        No,   No,      No,        All,   No,   All]),
    (Right::SetPolicy,        [All,  No,  No,        No,   No,      No,        No,    No,   No ]),
];

/// What an account switches or grants by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Privilege {
    /// Export cases.
    Export,
    /// Submit cases although the account restricts that.
    CreateCase,
    /// Do everything with cases through an agency.
    AssumeCaseAll,
}

impl Privilege {
    /// Every privilege.
    pub const ALL: [Self; 3] = [Self::Export, Self::CreateCase, Self::AssumeCaseAll];
    /// Their names on the wire.
    pub const NAMES: &[&str] = &["export", "createCase", "assumeCaseAll"];

    /// Its name on the wire, in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::CreateCase => "createCase",
            Self::AssumeCaseAll => "assumeCaseAll",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|privilege| privilege.as_str() == text)
    }
}

/// A set of privileges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Privileges(u8);

impl Privileges {
    /// Whether the privilege is in it.
    pub fn contains(self, privilege: Privilege) -> bool {
        self.0 & (1 << privilege as u8) != 0
    }
}

impl FromIterator<Privilege> for Privileges {
    fn from_iter<I: IntoIterator<Item = Privilege>>(privileges: I) -> Self {
        Self(privileges.into_iter().fold(0, |set, privilege| set | 1 << privilege as u8))
    }
}

/// What is known of somebody who wants to do something.
#[derive(Clone, Copy, Debug, Default)]
pub struct Holder {
    /// The account's owner.
    pub is_owner: bool,
    /// Somebody who acts through an agency.
    pub is_agency: bool,
    /// Roles, by itself or through groups.
    pub roles: Roles,
    /// What was granted to the user, one of its groups, or the agency.
    pub privileges: Privileges,
    /// What the account has switched on. `createCase` restricts submitting to those who were granted it; `export` grants
    /// it to every user, `assumeCaseAll` to every agency.
    pub switches: Privileges,
}

impl Holder {
    /// The columns in which the holder stands.
    pub fn standings(&self) -> impl Iterator<Item = Standing> {
        let is_user = !self.is_owner && !self.is_agency;
        let restricts = self.switches.contains(Privilege::CreateCase);
        let export =
            self.privileges.contains(Privilege::Export) || (is_user && self.switches.contains(Privilege::Export));
        let for_all =
            self.privileges.contains(Privilege::AssumeCaseAll) || self.switches.contains(Privilege::AssumeCaseAll);
        let holds = [
            (Standing::Owner, self.is_owner),
            (Standing::User, is_user && !restricts),
            (Standing::RestrictedUser, is_user && restricts),
            (Standing::TicketAdministrator, self.roles.ticket_administrator),
            (Standing::TicketGroupOperator, self.roles.ticket_group_operator),
            (Standing::MayCreate, self.privileges.contains(Privilege::CreateCase)),
            (Standing::MayExport, export),
            (Standing::Agent, self.is_agency),
            (Standing::AgentForAll, self.is_agency && for_all),
        ];
        holds.into_iter().filter_map(|(standing, holds)| holds.then_some(standing))
    }
}

/// How far each right of one caller reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights([Reach; 6]);

impl Rights {
    /// Looks them up in the table.
    pub fn of(holder: &Holder) -> Self {
        let mut reaches = [Reach::No; 6];
        for standing in holder.standings() {
            for (reach, (_, row)) in reaches.iter_mut().zip(&TABLE) {
                *reach = (*reach).max(row[standing as usize]);
            }
        }
        Self(reaches)
    }

    /// How far this right reaches.
    pub fn reach(self, right: Right) -> Reach {
        self.0[right as usize]
    }

    /// Whether the caller has what a privilege gives, by whatever way.
    pub fn has(self, privilege: Privilege) -> bool {
        match privilege {
            Privilege::Export => self.reach(Right::Export) > No,
            Privilege::CreateCase => self.reach(Right::Submit) > No,
            Privilege::AssumeCaseAll => self.reach(Right::Operate) == All,
        }
    }

    /// Which cases a right reaches: all, one's own, or, with a group named, those of its members. None when the right does
    /// not go that far.
    pub fn cases(self, right: Right, group: Option<Membership>) -> Option<Cases> {
        match (group, self.reach(right), self.reach(Right::HandleColleagues)) {
            (None, All, _) => Some(Cases::OfAccount),
            (None, Own | Group, _) => Some(Cases::Own),
            (Some(_), reach, All) if reach > No => Some(Cases::OfGroup),
            (Some(Membership::Member), reach, Group) if reach > No => Some(Cases::OfGroup),
            _ => None,
        }
    }
}

/// Whether the caller is in the group that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// In it.
    Member,
    /// Not in it.
    Stranger,
}

/// Which cases of the account a right reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cases {
    /// All of them.
    OfAccount,
    /// Those of the caller.
    Own,
    /// Those of the members of the named group.
    OfGroup,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::Role;
    use Membership::{Member, Stranger};

    fn roles(roles: &[Role]) -> Roles {
        roles.iter().copied().collect()
    }

    #[test]
    fn the_table_has_a_row_for_each_right_and_a_column_for_each_standing() {
        assert!(TABLE.iter().map(|(right, _)| *right).eq(Right::ALL));
        for (at, right) in Right::ALL.into_iter().enumerate() {
            assert_eq!(right as usize, at);
        }
        for (at, standing) in Standing::ALL.into_iter().enumerate() {
            assert_eq!(standing as usize, at);
        }
    }

    #[test]
    fn roles_and_privileges_add_up() {
        let on: Privileges = [Privilege::CreateCase].into_iter().collect();
        let operator = Holder { roles: roles(&[Role::TicketGroupOperator]), switches: on, ..Holder::default() };
        assert_eq!(Rights::of(&operator).reach(Right::Submit), No);
        let both = Holder { roles: roles(&[Role::TicketGroupOperator, Role::TicketAdministrator]), ..operator };
        assert_eq!(Rights::of(&both).reach(Right::Submit), All);
        assert_eq!(Rights::of(&both).reach(Right::HandleColleagues), Group);
        let unrestricted = Holder { switches: Privileges::default(), ..operator };
        assert_eq!(Rights::of(&unrestricted).reach(Right::Submit), All, "the role takes nothing away");
    }

    #[test]
    fn switches_mean_what_is_documented() {
        let with = |switch: Privilege, is_agency| {
            let switches = [switch].into_iter().collect();
            Rights::of(&Holder { is_agency, switches, ..Holder::default() })
        };
        assert_eq!(with(Privilege::CreateCase, false).reach(Right::Submit), No);
        assert_eq!(with(Privilege::Export, false).reach(Right::Export), All);
        assert_eq!(with(Privilege::Export, true).reach(Right::Export), No, "an agency is no user of the account");
        assert_eq!(with(Privilege::AssumeCaseAll, true).reach(Right::Operate), All);
        assert_eq!(with(Privilege::AssumeCaseAll, false).reach(Right::Operate), Own, "nobody acts through an agency");
        let owner =
            Holder { is_owner: true, switches: [Privilege::CreateCase].into_iter().collect(), ..Holder::default() };
        assert!(Right::ALL.into_iter().all(|right| Rights::of(&owner).reach(right) == All));
    }

    #[test]
    fn a_group_reaches_as_far_as_the_role() {
        let operator = Rights::of(&Holder { roles: roles(&[Role::TicketGroupOperator]), ..Holder::default() });
        let user = Rights::of(&Holder::default());
        let owner = Rights::of(&Holder { is_owner: true, ..Holder::default() });
        let nobody = Rights::default();
        for (rights, group, cases) in [
            (user, None, Some(Cases::Own)),
            (user, Some(Member), None),
            (operator, None, Some(Cases::Own)),
            (operator, Some(Member), Some(Cases::OfGroup)),
            (operator, Some(Stranger), None),
            (owner, None, Some(Cases::OfAccount)),
            (owner, Some(Stranger), Some(Cases::OfGroup)),
            (nobody, None, None),
            (nobody, Some(Member), None),
        ] {
            assert_eq!(rights.cases(Right::Query, group), cases, "{rights:?} {group:?}");
        }
    }
}
