//! What was done under an authorization.

use super::super::{Fixtures, NOTHING};
use super::{Area, CUSTOMER, Permissions};
use crate::bastion;
use crate::support::people::ERIN;
use crate::support::{Person, TestApp};
use serde_json::json;

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions =
        &[(CUSTOMER, &["ListHistorySessions", "ListHistoryOperateLogs", "ListTransportHistories"])];

    async fn fixtures(app: &TestApp, owner: &Person, ids: &mut Fixtures) {
        let (_, id, line) = super::authorizations::requested(app, owner).await;
        let body = json!({"auth_detail_list": [{"auth_detail_id": line, "account": "root", "password": "secret"}]});
        app.put(&format!("/v2/servicerequest/authorizations/{id}")).by(owner).json(&body).send().await.ok();
        let opened = bastion::open(app, &ERIN, &id, line).await.unwrap_or_else(|e| panic!("{e}"));
        bastion::command(app, &opened.session, "uptime").await.unwrap();
        ids.put("granted_id", id);
        ids.put("granted_line", line.to_string());
        ids.put("session_id", opened.session.session_id.to_string());
    }

    fn nothing(ids: &mut Fixtures) {
        ids.put("granted_id", NOTHING);
        ids.put("granted_line", "1");
        ids.put("session_id", "1");
    }

    fn path_value(_: &str, name: &str, ids: &Fixtures) -> Option<String> {
        let made = match name {
            "authorization_id" => "granted_id",
            "authorization_detail_id" => "granted_line",
            "session_id" => "session_id",
            _ => return None,
        };
        Some(ids.get(made).to_owned())
    }
}
