//! What was done under an authorization.

use super::{Area, Ids, Permissions};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[];
    const MISSING: Ids = &["ListHistorySessions", "ListHistoryOperateLogs", "ListTransportHistories"];
}
