//! Labels of an account and on cases.

use super::{Area, Ids, Permissions};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[];
    const MISSING: Ids = &[
        "ListLabels",
        "CreateLabels",
        "UpdateLabels",
        "DeleteLabels",
        "ListCaseLabels",
        "CreateCaseLabels",
        "DeleteCaseLabels",
    ];
}
