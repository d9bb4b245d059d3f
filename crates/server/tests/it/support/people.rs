//! Who calls in tests: two customers' accounts and the staff, each with a password and an access key.
//!
//! They are in the template of every database. `call.by(&ALICE)` signs a request as she would; `test.token(&ALICE)` logs
//! her in.

use super::TestApp;
use counterfoil::app::App;
use counterfoil::iam::password::{Cost, Passwords};
use counterfoil::iam::{self, AccessId, AdminError, Name, NewKey, NewUser, Role, SealedKey, StaffRole};
use counterfoil_store::Tx;
use counterfoil_wire::ids::{AccountId, GroupId, UserId};
use serde_json::json;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";
/// Everybody's secret key.
pub const SECRET: &str = "skExampleSecret/abcDEF123456+0987654321xyz";

/// Somebody who calls.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// The name of the account.
    pub account: &'static str,
    /// The name of the user.
    pub name: &'static str,
    /// The access key.
    pub access: &'static str,
}

/// Owner of acme.
pub const ALICE: Person = Person { account: "acme", name: "alice", access: "AKEXAMPLE0ALICE00001" };
/// A user of acme.
pub const BOB: Person = Person { account: "acme", name: "bob", access: "AKEXAMPLE0BOB0000001" };
/// Another user of acme.
pub const CAROL: Person = Person { account: "acme", name: "carol", access: "AKEXAMPLE0CAROL00001" };
/// Owner of another customer.
pub const MALLORY: Person = Person { account: "other", name: "mallory", access: "AKEXAMPLE0MALLORY001" };
/// An engineer.
pub const ERIN: Person = Person { account: "provider", name: "erin", access: "AKEXAMPLE0ERIN000001" };
/// A lead.
pub const LEO: Person = Person { account: "provider", name: "leo", access: "AKEXAMPLE0LEO0000001" };
/// A catalogue administrator.
pub const CATHY: Person = Person { account: "provider", name: "cathy", access: "AKEXAMPLE0CATHY00001" };
/// An auditor.
pub const AMY: Person = Person { account: "provider", name: "amy", access: "AKEXAMPLE0AMY0000001" };
/// An operator.
pub const OSCAR: Person = Person { account: "provider", name: "oscar", access: "AKEXAMPLE0OSCAR00001" };

/// Creates everybody.
pub async fn seed(app: &App) {
    let passwords = Passwords::new(Cost { memory_kib: 8, iterations: 1 }, 1);
    let hash = passwords.hash(&PASSWORD.into()).await.unwrap();
    let user = |person: &Person| NewUser::new(name(person.name)).password_hash(Some(hash.clone()));
    let customers = [ALICE, BOB, CAROL, MALLORY].map(|person| (person, user(&person), key(app, &person)));
    let staff = [
        (ERIN, StaffRole::Engineer),
        (LEO, StaffRole::Lead),
        (CATHY, StaffRole::CatalogAdmin),
        (AMY, StaffRole::Auditor),
        (OSCAR, StaffRole::Operator),
    ]
    .map(|(person, role)| (role, user(&person), key(app, &person)));
    let (region, now) = (app.config.api.region.clone(), app.clock.now());
    app.store
        .write(async move |tx: &mut Tx| -> Result<(), AdminError> {
            for account in ["acme", "other"] {
                iam::create_account(tx, &name(account), &region, None, now).await?;
            }
            for (person, user, key) in &customers {
                let account = iam::load_account(tx, person.account).await?;
                let id = iam::create_user(tx, &account, user, now).await?;
                iam::create_access_key_with(tx, &account.id, &id, key, "", now).await?;
            }
            for (role, user, key) in &staff {
                let (account, id) = iam::create_staff(tx, user, *role, &region, now).await?;
                iam::create_access_key_with(tx, &account.id, &id, key, "", now).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
}

/// A name that follows the rule.
pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn key(app: &App, person: &Person) -> SealedKey {
    let access = AccessId::parse(person.access).unwrap();
    SealedKey::new(&app.vault, &NewKey { access, secret: SECRET.into() })
}

impl TestApp {
    /// The account of somebody.
    pub async fn account_id(&self, person: &Person) -> AccountId {
        let account = person.account;
        let work = async move |tx: &mut Tx| iam::load_account(tx, account).await;
        self.app.store.read(work).await.unwrap().id
    }

    /// The user id of somebody.
    pub async fn user_id(&self, person: &Person) -> UserId {
        let (account_id, name) = (self.account_id(person).await, person.name);
        let work = async move |tx: &mut Tx| iam::find_user(tx, &account_id, name).await;
        self.app.store.read(work).await.unwrap()
    }

    /// A login token of somebody.
    pub async fn token(&self, person: &Person) -> String {
        let answer = self.post("/v3/auth/tokens?nocatalog=true").json(&login(person, PASSWORD)).send().await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.header("x-subject-token").unwrap().to_owned()
    }

    /// Makes a group of people of one account.
    pub async fn group(&self, group: &str, roles: &[Role], members: &[Person]) -> GroupId {
        let account_id = self.account_id(&members[0]).await;
        let (group, roles, members) = (name(group), roles.to_vec(), members.to_vec());
        let now = self.app.clock.now();
        self.app
            .store
            .write(async move |tx: &mut Tx| -> Result<_, AdminError> {
                let id = iam::create_group(tx, &account_id, &group, &roles, "", now).await?;
                for member in &members {
                    let user_id = iam::find_user(tx, &account_id, member.name).await?;
                    iam::add_member(tx, &account_id, &id, &user_id).await?;
                }
                Ok(id)
            })
            .await
            .unwrap()
    }
}

/// The body of a login with a password.
pub fn login(person: &Person, password: &str) -> serde_json::Value {
    json!({"auth": {"identity": {"methods": ["password"], "password": {"user": {
        "name": person.name, "password": password, "domain": {"name": person.account}
    }}}}})
}
