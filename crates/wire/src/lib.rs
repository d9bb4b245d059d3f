//! What travels between a client and the server: ids, times, languages, bodies and request signatures.
//!
//! Names and forms are those of the Service Tickets API v2, so published SDKs read them unchanged. Everything here is
//! plain data and pure functions: no I/O, no clock, no database, no server types. The server, the load generator and
//! the tests share it, so a field has one spelling.

pub mod ids;
pub mod lang;
pub mod time;
