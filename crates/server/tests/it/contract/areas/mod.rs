//! What the contract tests have to be told of each area: one file per area, named like its facts, so that people who work
//! on different areas change different files.
//!
//! What an operation is and takes is not said here but in the facts (`crates/server/openapi/<area>.json`).

mod accessories;
mod agreements;
mod authorizations;
mod cases;
mod catalog;
mod contacts;
mod desk;
mod diagnosis;
mod events;
mod export;
mod feedbacks;
mod identity;
mod instant_messages;
mod labels;
mod legacy;
mod messages;
mod particulars;
mod partners;
mod privileges;
mod quotas;
mod relations;
mod service;
mod sessions;

use super::{Draft, Fixtures};
use crate::support::{Person, TestApp};
use counterfoil::iam::StaffRole::{self, Auditor, Engineer, Lead};
use counterfoil::openapi::facts;
use counterfoil::routes::Permission;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Everybody, signed in or not.
pub const ANYONE: Permission = Permission::Anyone;
/// Everybody who is signed in.
pub const USER: Permission = Permission::User;
/// Customers.
pub const CUSTOMER: Permission = Permission::Customer;
/// Engineers, leads and auditors.
pub const READERS: Permission = Permission::Staff(&[Engineer, Lead, Auditor]);
/// Engineers and leads.
pub const WORKERS: Permission = Permission::Staff(&[Engineer, Lead]);
/// Leads and auditors.
pub const REVIEWERS: Permission = Permission::Staff(&[Lead, Auditor]);
/// Engineers, leads, auditors, and partners' people for their own customers.
pub const DESK_READERS: Permission = Permission::Desk(&[Engineer, Lead, Auditor]);
/// Engineers, leads, and partners' people for their own customers.
pub const DESK_WORKERS: Permission = Permission::Desk(&[Engineer, Lead]);
/// Leads.
pub const LEADS: Permission = Permission::Staff(&[StaffRole::Lead]);
/// Operators.
pub const OPERATORS: Permission = Permission::Staff(&[StaffRole::Operator]);

/// Operations under the permission that they have.
pub type Permissions = &'static [(Permission, Ids)];
/// Ids of operations.
pub type Ids = &'static [&'static str];
/// Operations, each with a reason.
pub type Reasons = &'static [(&'static str, &'static str)];
/// Parameters: operation, name and reason.
pub type ParamReasons = &'static [(&'static str, &'static str, &'static str)];

/// An area's part of the contract tests. All but the permissions has a default.
pub trait Area {
    /// Who may call what, written down a second time.
    const PERMISSIONS: Permissions;
    /// Paths whose ids are no account's own, or that are for people who work for all accounts, and why.
    const NOT_OF_AN_ACCOUNT: Reasons = &[];
    /// Parameters that look like an id of an account and are none, or that nothing is looked up by, and why.
    const NO_LOOK_UP: ParamReasons = &[];

    /// Makes what only this area needs, and puts the ids into `ids` with [`Fixtures::put`].
    async fn fixtures(_app: &TestApp, _owner: &Person, _ids: &mut Fixtures) {}

    /// Well-formed ids that nothing has, for what [`Area::fixtures`] makes.
    fn nothing(_ids: &mut Fixtures) {}

    /// What stands in place of `{name}` in a path, if it is not one of the common ones.
    fn path_value(_operation: &str, _name: &str, _ids: &Fixtures) -> Option<String> {
        None
    }

    /// Adds query and body to a request that is good as far as `ids` are.
    async fn fill(_draft: &mut Draft, _app: &TestApp, _operation: &str, _ids: &Fixtures) {}

    /// Brings about what the example of an operation needs, such as a case that somebody has accepted. Ids that come of
    /// it are put into `ids`.
    async fn before_example(_app: &TestApp, _operation: &str, _ids: &mut Fixtures) {}

    /// The value of a parameter that is an id of an account, if it is not one of the common ones.
    fn id_value(_operation: &str, _param: &str, _ids: &Fixtures) -> Option<Value> {
        None
    }

    /// Changes a good request into one whose answer depends on the id in `param` (in the path when none).
    fn ask_about(_draft: &mut Draft, _operation: &str, _param: Option<&str>) {}

    /// What a text of a special form is wrapped in, for texts of a certain length: start and end.
    fn wrapping(_operation: &str, _param: &str) -> (&'static str, &'static str) {
        ("", "")
    }
}

/// The constants of an area.
#[derive(Clone, Copy, Debug)]
pub struct Constants {
    pub permissions: Permissions,
    pub not_of_an_account: Reasons,
    pub no_look_up: ParamReasons,
}

macro_rules! areas {
    ($($name:ident),* $(,)?) => {
        /// The constants of all areas.
        pub fn all() -> Vec<Constants> {
            vec![$(Constants {
                permissions: $name::Part::PERMISSIONS,
                not_of_an_account: $name::Part::NOT_OF_AN_ACCOUNT,
                no_look_up: $name::Part::NO_LOOK_UP,
            }),*]
        }

        /// The names of all areas.
        pub fn names() -> &'static [&'static str] {
            &[$(stringify!($name)),*]
        }

        /// [`Area::fixtures`] of one area.
        pub async fn fixtures(area: &str, app: &TestApp, owner: &Person, ids: &mut Fixtures) {
            match area {
                $(stringify!($name) => $name::Part::fixtures(app, owner, ids).await,)*
                other => unknown(other),
            }
        }

        /// [`Area::nothing`] of all areas.
        pub fn nothing(ids: &mut Fixtures) {
            $($name::Part::nothing(ids);)*
        }

        /// [`Area::path_value`] of the operation's area.
        pub fn path_value(operation: &str, name: &str, ids: &Fixtures) -> Option<String> {
            match area_of(operation) {
                $(stringify!($name) => $name::Part::path_value(operation, name, ids),)*
                other => unknown(other),
            }
        }

        /// [`Area::fill`] of the operation's area.
        pub async fn fill(draft: &mut Draft, app: &TestApp, operation: &str, ids: &Fixtures) {
            match area_of(operation) {
                $(stringify!($name) => $name::Part::fill(draft, app, operation, ids).await,)*
                other => unknown(other),
            }
        }

        /// [`Area::before_example`] of the operation's area.
        pub async fn before_example(app: &TestApp, operation: &str, ids: &mut Fixtures) {
            match area_of(operation) {
                $(stringify!($name) => $name::Part::before_example(app, operation, ids).await,)*
                other => unknown(other),
            }
        }

        /// [`Area::id_value`] of the operation's area.
        pub fn id_value(operation: &str, param: &str, ids: &Fixtures) -> Option<Value> {
            match area_of(operation) {
                $(stringify!($name) => $name::Part::id_value(operation, param, ids),)*
                other => unknown(other),
            }
        }

        /// [`Area::ask_about`] of the operation's area.
        pub fn ask_about(draft: &mut Draft, operation: &str, param: Option<&str>) {
            match area_of(operation) {
                $(stringify!($name) => $name::Part::ask_about(draft, operation, param),)*
                other => unknown(other),
            }
        }

        /// [`Area::wrapping`] of the operation's area.
        pub fn wrapping(operation: &str, param: &str) -> (&'static str, &'static str) {
            match area_of(operation) {
                $(stringify!($name) => $name::Part::wrapping(operation, param),)*
                other => unknown(other),
            }
        }
    };
}

areas!(
    service,
    identity,
    cases,
    particulars,
    messages,
    instant_messages,
    events,
    accessories,
    labels,
    relations,
    export,
    legacy,
    authorizations,
    sessions,
    agreements,
    privileges,
    contacts,
    quotas,
    partners,
    feedbacks,
    diagnosis,
    catalog,
    desk,
);

fn unknown(area: &str) -> ! {
    panic!("{area} has no file here")
}

/// The facts, read once.
pub fn facts() -> &'static [facts::Area] {
    static FACTS: OnceLock<Vec<facts::Area>> = OnceLock::new();
    FACTS.get_or_init(|| facts::areas().unwrap())
}

/// Every operation that is described, with a route or without one yet.
pub fn described() -> impl Iterator<Item = &'static facts::Described> {
    facts().iter().flat_map(|area| &area.operations)
}

/// The area that an operation belongs to.
#[track_caller]
pub fn area_of(operation: &str) -> &'static str {
    static AREAS: OnceLock<BTreeMap<&str, &str>> = OnceLock::new();
    let areas = AREAS.get_or_init(|| {
        let pairs =
            facts().iter().flat_map(|area| area.operations.iter().map(|op| (op.id.as_str(), area.area.as_str())));
        pairs.collect()
    });
    areas.get(operation).unwrap_or_else(|| panic!("{operation} has no facts in crates/server/openapi"))
}
