//! What belongs to a case beside its text: contact data, extra parameters, scores, copies.

use super::{Area, Ids, Permissions};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[];
    const MISSING: Ids = &[
        "UpdateCaseContactInfo",
        "ShowCaseExtendsParam",
        "CreateCaseExtendsParam",
        "CreateScores",
        "ListCaseCcEmails",
    ];
}
