//! Quotas.

use super::super::{Draft, Fixtures, question};
use super::{Area, CUSTOMER, Permissions};
use crate::support::TestApp;

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(CUSTOMER, &["ListCaseQuotas"])];

    async fn fill(draft: &mut Draft, app: &TestApp, _: &str, _: &Fixtures) {
        let (problem, ..) = question(app).await;
        draft.query("business_type_id", &problem);
    }
}
