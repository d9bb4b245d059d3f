//! What travels between a client and the server: ids, times, languages, bodies and request signatures.
//!
//! Names and forms are those of the Service Tickets API v2, so published SDKs read them unchanged; what we add is
//! marked "ours" and is always optional. Everything here is plain data and pure functions: no I/O, no clock, no
//! database, no server types. The server, the load generator and the tests share it, so a field has one spelling.
//!
//! Bodies are named after their operation (`CreateCase`), answers are nouns (`CaseDetail`). Unknown keys are ignored
//! when reading, absent values are left out when writing.

pub mod accessories;
pub mod agreements;
pub mod authorizations;
pub mod bastion;
pub mod cases;
pub mod catalog;
pub mod contacts;
pub mod desk;
pub mod events;
pub mod feedbacks;
pub mod ids;
pub mod labels;
pub mod lang;
pub mod legacy;
pub mod messages;
pub mod object;
pub mod particulars;
pub mod quotas;
pub mod relations;
pub mod signing;
pub mod time;

/// Answer of calls that have nothing to say but "done": `{}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Done {}
