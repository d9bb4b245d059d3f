//! The service itself: readiness.

use super::{ANYONE, Area, Permissions};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(ANYONE, &["ShowReadiness"])];
}
