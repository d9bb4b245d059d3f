//! Partners.

use super::{Area, CUSTOMER, Permissions};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(CUSTOMER, &["ShowPartnersCasesPrivilege", "ShowPartnersServiceInfo"])];
}
