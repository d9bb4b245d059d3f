//! Authorizations: access that a customer grants to an engineer for one case, for a limited time.
//!
//! Always true: the status moves only by a row of `rules.rs`; everything that changes an authorization holds its case, so
//! that changes come one after another; logins are sealed, leave the vault only for a session, and are erased with the
//! commit that ends the authorization; when the case ends, what was open ends with it ([`follow_case`]).
//!
//! `desk.rs` is the engineer's side, `expiry.rs` the timer, `change.rs` what a change writes, `hosts/` the trial of a login
//! before it is sent.

pub mod api;
mod change;
pub mod desk;
pub mod expiry;
pub mod hosts;
mod kinds;
mod logins;
mod path;
pub mod rules;
mod sql;

pub use change::follow_case;
pub use kinds::Access;
pub use path::PathIds;
pub use sql::{ALL, AuthorizationRow, DetailRow, find_detail, find_of_any};

pub(crate) use api::load_visible;
pub(crate) use logins::open as open_login;
