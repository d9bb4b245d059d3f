//! Export of the list.

use super::super::{Draft, Fixtures};
use super::{Area, CUSTOMER, ParamReasons, Permissions};
use crate::support::TestApp;

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(CUSTOMER, &["DownloadCases"])];
    const NO_LOOK_UP: ParamReasons =
        &[("DownloadCases", "tenant_source_id_list", "channels, which are the same for all accounts")];

    async fn fill(draft: &mut Draft, _: &TestApp, _: &str, _: &Fixtures) {
        draft.query("language", "en-us");
        draft.query("timezone", "GMT+8");
    }
}
