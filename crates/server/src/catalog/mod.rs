//! The catalogue: categories, products, problem types and everything else that a form is filled from.

pub mod document;
pub mod rules;
