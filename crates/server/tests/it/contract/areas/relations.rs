//! Cases that belong together.

use super::{Area, Ids, Permissions};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[];
    const MISSING: Ids = &["ListRelation", "CreateRelations", "DeleteRelation"];
}
