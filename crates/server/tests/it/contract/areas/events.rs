//! The stream of events.

use super::super::{Draft, Fixtures};
use super::{Area, CUSTOMER, Permissions};
use crate::support::TestApp;

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions = &[(CUSTOMER, &["StreamEvents"])];

    async fn before_example(app: &TestApp, _: &str, _: &mut Fixtures) {
        app.app.events.close();
    }

    async fn fill(_: &mut Draft, app: &TestApp, _: &str, _: &Fixtures) {
        // A server that stops ends its streams, so that these requests come to an end.
        app.app.events.close();
    }
}
