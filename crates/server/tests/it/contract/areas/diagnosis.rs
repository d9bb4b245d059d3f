//! Diagnoses.

use super::{Area, Ids, Permissions};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[];
    const MISSING: Ids = &[
        "CreateDiagnoseJob",
        "ListDiagnoseJob",
        "ListDiagnoseItems",
        "ListDiagnoseResources",
        "ListDiagnoseRecords",
        "CreateDiagnoseFeedback",
    ];
}
