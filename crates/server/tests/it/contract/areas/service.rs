//! The service itself: readiness, its document.

use super::super::Fixtures;
use super::{ANYONE, Area, Permissions, Reasons};

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(ANYONE, &["ShowReadiness", "ShowOpenapi", "ShowDocs", "ShowDocsAsset"])];
    const NOT_OF_AN_ACCOUNT: Reasons = &[("ShowDocsAsset", "a file of the binary")];

    fn path_value(_: &str, name: &str, _: &Fixtures) -> Option<String> {
        (name == "asset").then(|| "reference.js".to_owned())
    }
}
