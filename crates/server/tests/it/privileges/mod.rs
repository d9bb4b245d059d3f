//! Who may do what: the whole table through the API, the switches and grants behind it, and acting through an agency.

mod agencies;
mod create_privileges;
mod list_privileges;
mod matrix;
mod show_customer_privilege_policy;

use crate::support::{Answer, Call, Person, TestApp};
use counterfoil::iam::{self, AdminError, Role};
use counterfoil::privileges::{self, Grant, Privilege};
use counterfoil_store::Tx;
use serde_json::json;

/// The collection of privileges.
const PRIVILEGES: &str = "/v2/servicerequest/privileges";
/// The switch of an account.
const POLICY: &str = "/v2/servicerequest/privileges/privilege-policy";

/// Somebody who calls: with an access key, or with the token of an agency.
#[derive(Clone)]
enum By {
    Key(Person),
    Token(String),
}

impl By {
    async fn send(&self, call: Call<'_>) -> Answer {
        match self {
            Self::Key(person) => call.by(person).english().send().await,
            Self::Token(token) => call.token(token).english().send().await,
        }
    }
}

impl TestApp {
    /// Switches a privilege for the whole account.
    async fn switch(&self, by: &Person, privilege: Privilege, is_on: bool) -> Answer {
        let operation = if is_on { "create" } else { "delete" };
        let body = json!({"operation": operation, "privilege": privilege.as_str()});
        self.post(PRIVILEGES).json(&body).by(by).english().send().await
    }

    /// Grants a privilege in acme, or takes it back.
    async fn grant(&self, to: Grant, privilege: Privilege, is_grant: bool) {
        let now = self.app.clock.now();
        let work = async move |tx: &mut Tx| -> Result<bool, AdminError> {
            let account = iam::load_account(tx, "acme").await?;
            if is_grant {
                privileges::grant(tx, &account.id, &to, privilege, now).await
            } else {
                privileges::revoke(tx, &account.id, &to, privilege, now).await
            }
        };
        assert!(self.app.store.write(work).await.unwrap(), "it stood like that before");
    }

    /// Makes an agency of acme that trusts "other".
    async fn delegate(&self, roles: &[Role], expires_in_seconds: Option<i64>) {
        let (roles, now) = (roles.to_vec(), self.app.clock.now());
        let expires_at = expires_in_seconds.map(|seconds| now.plus_seconds(seconds));
        let work = async move |tx: &mut Tx| -> Result<_, AdminError> {
            let (acme, other) = (iam::load_account(tx, "acme").await?, iam::load_account(tx, "other").await?);
            let name = crate::support::people::name("support");
            iam::create_agency(tx, &acme.id, &name, &other.id, &roles, expires_at, now).await
        };
        self.app.store.write(work).await.unwrap();
    }

    /// A token with which somebody acts through that agency.
    async fn assume(&self, person: &Person) -> String {
        let role = json!({"agency_name": "support", "domain_name": "acme"});
        let body = json!({"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}});
        let answer = self.post("/v3/auth/tokens").json(&body).by(person).send().await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.header("x-subject-token").unwrap().to_owned()
    }

    /// Whether somebody has a privilege.
    async fn has(&self, by: &By, privilege: Privilege) -> bool {
        let call = self.get(&format!("{PRIVILEGES}?privilege={}", privilege.as_str()));
        by.send(call).await.ok()["has_privilege"] == 1
    }
}
