//! Agreements and their signatures.

use super::{Area, Ids, Permissions};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[];
    const MISSING: Ids =
        &["ShowLatestPublishedAgreement", "ShowSignedLatestPublishedAgreement", "SignPublishedAgreement"];
}
