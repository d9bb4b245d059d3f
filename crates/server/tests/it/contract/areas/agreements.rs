//! Agreements and their signatures.

use super::super::{Draft, Fixtures};
use super::{Area, CUSTOMER, ParamReasons, Permissions, Reasons};
use crate::support::TestApp;
use serde_json::json;

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(
        CUSTOMER,
        &["ShowLatestPublishedAgreement", "ShowSignedLatestPublishedAgreement", "SignPublishedAgreement"],
    )];
    const NOT_OF_AN_ACCOUNT: Reasons =
        &[("SignPublishedAgreement", "of the installation: everybody signs the same texts")];
    const NO_LOOK_UP: ParamReasons =
        &[("SignPublishedAgreement", "relation_id", "kept as a note of what was signed for; not looked up")];

    fn path_value(operation: &str, name: &str, _: &Fixtures) -> Option<String> {
        // The agreement on submitting cases that a new installation has.
        (operation == "SignPublishedAgreement" && name == "id").then(|| "1".to_owned())
    }

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, _: &Fixtures) {
        if operation == "SignPublishedAgreement" {
            draft.body = json!({"relation_id": "the contract"});
        }
    }
}
