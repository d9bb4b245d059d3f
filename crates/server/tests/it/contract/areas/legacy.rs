//! Paths of an older version.

use super::{Area, CUSTOMER, ParamReasons, Permissions};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(CUSTOMER, &["ListOrderIncident"])];
    const NO_LOOK_UP: ParamReasons = &[
        ("ListOrderIncident", "labelIdList", "no case has a label yet"),
        ("ListOrderIncident", "businessTypeId", "an id of the catalogue"),
    ];
}
