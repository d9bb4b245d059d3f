//! The desk: the staff's side of a case.
//!
//! Staff sees the cases of every account. What it does goes through the same life cycle and writes the same rows as what
//! a customer does. Confidential text and sensitive parameters are shown to the engineer who handles the case alone; notes
//! never reach a customer.

pub mod api;
