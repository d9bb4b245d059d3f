//! The schema: every migration in order, and every registered statement.

use crate::{
    accessories, agreements, authorizations, bastion, cases, catalog, contacts, events, feedbacks, iam, labels,
    messages, particulars, plans, quotas, relations, search, vault,
};
use counterfoil_store::{Migration, Stmt, migrate};

/// All migrations, in the order in which they are applied.
pub const MIGRATIONS: &[Migration] = &[
    migrate::PLATFORM,
    Migration { version: 10, name: "iam", sql: include_str!("../migrations/0010_iam.sql") },
    Migration { version: 20, name: "catalog", sql: include_str!("../migrations/0020_catalog.sql") },
    Migration { version: 30, name: "cases", sql: include_str!("../migrations/0030_cases.sql") },
    Migration { version: 40, name: "accessories", sql: include_str!("../migrations/0040_accessories.sql") },
    Migration { version: 41, name: "search", sql: include_str!("../migrations/0041_search.sql") },
    accessories,
    agreements,
    authorizations,
    bastion,
    cases,
    catalog,
    contacts,
    events,
    feedbacks,
    iam,
    labels,
    messages,
    particulars,
    plans,
    quotas,
    relations,
    search,
    vault,
    Migration { version: 55, name: "plans", sql: include_str!("../migrations/0055_plans.sql") },
    Migration { version: 56, name: "conversations", sql: include_str!("../migrations/0056_conversations.sql") },
    Migration { version: 57, name: "authorizations", sql: include_str!("../migrations/0057_authorizations.sql") },
    Migration { version: 58, name: "bastion", sql: include_str!("../migrations/0058_bastion.sql") },
];

/// Every statement of the server and the store; a test prepares each on both engines.
pub fn statements() -> Vec<&'static Stmt> {
    [
        &counterfoil_store::statements()[..],
        &iam::sql::statements(),
        &vault::statements(),
        catalog::STATEMENTS,
        cases::ALL,
        feedbacks::ALL,
        labels::ALL,
        messages::ALL,
        particulars::ALL,
        relations::ALL,
        events::ALL,
        search::ALL,
        accessories::sql::ALL,
        agreements::ALL,
        contacts::ALL,
        plans::ALL,
        quotas::ALL,
        authorizations::ALL,
        bastion::ALL,
        crate::cli::check::ALL,
    ]
    .concat()
}

/// The newest migration that this program knows.
pub fn version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}
