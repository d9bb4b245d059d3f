//! Access that customers grant to staff: asking, answering, ending, and trying logins.

mod check_hosts;
mod confirm_authorizations;
mod endings;
mod list_authorizations;
mod list_desk_authorizations;
mod recall_authorization;
mod request_authorization;
mod secrets;
mod show_authorization_detail;
mod show_desk_authorization;
mod show_login_type;
mod sshd;
mod update_authorizations;

use crate::support::people::{BOB, ERIN, MALLORY, name};
use crate::support::{Answer, Person, TestApp};
use counterfoil::iam::{self, AdminError, Role};
use counterfoil_store::Tx;
use counterfoil_wire::ids::UserId;
use serde_json::{Value, json};

/// The collection of authorizations.
pub const AUTHORIZATIONS: &str = "/v2/servicerequest/authorizations";
/// The desk's collection of authorizations.
pub const DESK_AUTHORIZATIONS: &str = "/desk/v1/authorizations";
/// A well-formed id that nothing has.
pub const NOTHING: &str = "00000000000000000000000000000000";
/// The length of a day.
pub const DAY: i64 = 24 * 3600;

/// What an engineer asks for: a kind of access, to two hosts where it is about hosts.
pub fn request(access_type: &str) -> Value {
    let mut body = json!({"access_type": access_type, "description": "to look at the system log"});
    if !access_type.starts_with("con") {
        body["hosts"] = json!([
            {"address": "198.51.100.7", "instance_id": "i-7", "instance_name": "web-7", "region_id": "cn-north-1"},
            {"address": "db.acme.example", "port": 2222},
        ]);
    }
    body
}

impl TestApp {
    /// Erin asks for access in a case that she handles.
    pub async fn request_access(&self, case_id: &str, body: &Value) -> Answer {
        self.post(&format!("/desk/v1/cases/{case_id}/authorizations")).json(body).by(&ERIN).english().send().await
    }

    /// A request of a kind in a new case of bob's: the case and the authorization.
    pub async fn requested(&self, access_type: &str) -> (String, String) {
        let case = self.case_in(1).await;
        let id = self.request_access(&case, &request(access_type)).await.ok()["authorization_id"].clone();
        (case, id.as_str().unwrap().to_owned())
    }

    /// What somebody reads of an authorization.
    pub async fn authorization(&self, by: &Person, id: &str) -> Answer {
        self.get(&format!("{AUTHORIZATIONS}/{id}")).by(by).english().send().await
    }

    /// The ids of the resource lines.
    pub async fn lines(&self, id: &str) -> Vec<i64> {
        let detail = self.authorization(&BOB, id).await.ok();
        let lines = detail["incident_auth_detail_list"].as_array().unwrap();
        lines.iter().map(|line| line["id"].as_i64().unwrap()).collect()
    }

    /// A login for each resource line, all alike.
    pub async fn logins(&self, id: &str, account: &str, password: &str) -> Value {
        let lines = self.lines(id).await.into_iter();
        lines.map(|line| json!({"auth_detail_id": line, "account": account, "password": password})).collect()
    }

    /// Somebody confirms with a body.
    pub async fn confirm(&self, by: &Person, id: &str, body: &Value) -> Answer {
        self.put(&format!("{AUTHORIZATIONS}/{id}")).json(body).by(by).english().send().await
    }

    /// An authorization to log in with passwords that bob has confirmed: the case and the authorization.
    pub async fn authorized(&self) -> (String, String) {
        let (case, id) = self.requested("ssh_password").await;
        let body = json!({"auth_detail_list": self.logins(&id, "root", "hunter-2-plain").await});
        self.confirm(&BOB, &id, &body).await.ok();
        (case, id)
    }

    /// Somebody rejects or cancels.
    pub async fn update_authorization(&self, by: &Person, id: &str, action: &str, body: &Value) -> Answer {
        let target = format!("{AUTHORIZATIONS}/{id}/action?action_id={action}");
        self.put(&target).json(body).by(by).english().send().await
    }

    /// Where an authorization stands, as staff sees it.
    pub async fn authorization_status(&self, id: &str) -> i64 {
        let target = format!("{DESK_AUTHORIZATIONS}/{id}");
        self.get(&target).by(&ERIN).send().await.ok()["status"].as_i64().unwrap()
    }

    /// Brings a new authorization to a status: the case and the authorization.
    pub async fn authorization_in(&self, status: i64) -> (String, String) {
        if matches!(status, 1 | 5) {
            let (case, id) = self.authorized().await;
            if status == 5 {
                self.update_authorization(&BOB, &id, "cancel", &json!({})).await.ok();
            }
            return (case, id);
        }
        let (case, id) = self.requested("ssh_password").await;
        match status {
            2 => drop(self.update_authorization(&BOB, &id, "reject", &json!({"reject_reason": "no"})).await.ok()),
            3 => drop(self.act(&BOB, &case, "close").await.ok()),
            4 => {
                let target = format!("{DESK_AUTHORIZATIONS}/{id}/recall");
                self.post(&target).json(&json!({})).by(&ERIN).send().await.ok();
            }
            _ => {}
        }
        assert_eq!(self.authorization_status(&id).await, status);
        (case, id)
    }

    /// An agency by which acme delegates to mallory's account.
    pub async fn agency(&self, agency: &str, ends_in_seconds: Option<i64>) -> UserId {
        self.agency_of(&BOB, &MALLORY, agency, ends_in_seconds).await
    }

    /// An agency by which one's account delegates to another one's.
    pub async fn agency_of(&self, by: &Person, to: &Person, agency: &str, ends_in_seconds: Option<i64>) -> UserId {
        let (owner, trusted) = (self.account_id(by).await, self.account_id(to).await);
        let now = self.app.clock.now();
        let ends_at = ends_in_seconds.map(|seconds| now.plus_seconds(seconds));
        let agency = name(agency);
        let roles = [Role::TicketAdministrator];
        let work = async move |tx: &mut Tx| -> Result<UserId, AdminError> {
            iam::create_agency(tx, &owner, &agency, &trusted, &roles, ends_at, now).await
        };
        self.app.store.write(work).await.unwrap()
    }

    /// The kinds of the events about authorizations, oldest first.
    pub async fn authorization_events(&self) -> Vec<String> {
        let sql = "SELECT kind FROM events WHERE kind LIKE 'authorization.%' ORDER BY event_no";
        self.rows(sql).await.iter().map(|row| row.get(0).unwrap()).collect()
    }

    /// How many sealed logins there are.
    pub async fn kept_logins(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM authorization_secrets").await
    }
}
