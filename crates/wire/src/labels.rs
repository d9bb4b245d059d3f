//! Bodies of the label calls: labels belong to an account and stick to its cases.
//!
//! A label as it stands on a case is [`CaseLabel`](crate::cases::CaseLabel); lists of labels show the same.

use serde::{Deserialize, Serialize};

use crate::cases::CaseLabel;

/// Body of `CreateLabels` and of `UpdateLabels`: both fields are always sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelText {
    /// Its name, 1 to 64 characters, one of its kind in the account.
    pub name: String,
    /// Its colour, `#RRGGBB`.
    pub color: String,
}

/// Answer of `CreateLabels`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelCreated {
    /// The new label. Ours: the documented answer is empty, and the label is then looked for in the list.
    pub label_id: i64,
}

/// Answer of `ListLabels`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelPage {
    /// How many labels match in all.
    pub total_count: i64,
    /// This page, oldest first.
    pub label_list: Vec<CaseLabel>,
}

/// Answer of `ListCaseLabels`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseLabels {
    /// The labels on the case, at most five, oldest first.
    pub case_label_list: Vec<CaseLabel>,
}
