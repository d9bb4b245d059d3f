//! Partners.

use super::super::{Draft, Fixtures};
use super::{Area, CUSTOMER, ParamReasons, Permissions, Reasons, WORKERS};
use crate::support::TestApp;
use serde_json::json;

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions =
        &[(CUSTOMER, &["ShowPartnersCasesPrivilege", "ShowPartnersServiceInfo"]), (WORKERS, &["HandCaseToPartner"])];
    const NOT_OF_AN_ACCOUNT: Reasons = &[("HandCaseToPartner", "staff works for all accounts")];

    const NO_LOOK_UP: ParamReasons = &[
        ("ShowPartnersServiceInfo", "case_sub_type_id", "a category of the catalogue, which is everybody's"),
        ("ShowPartnersServiceInfo", "product_id", "a product of the catalogue, which is everybody's"),
    ];

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, _: &Fixtures) {
        if operation == "HandCaseToPartner" {
            draft.body = json!({});
        }
    }
}
