//! Partners: who owns a case, what a partner's people see and do at the desk, and the guards.

mod desk;
mod ownership;
mod show_partners_cases_privilege;
mod show_partners_service_info;

use crate::support::people::{PASSWORD, SECRET, name};
use crate::support::{Person, TestApp};
use counterfoil::iam::password::{Cost, Passwords};
use counterfoil::iam::{self, AccessId, AdminError, NewKey, NewUser, SealedKey};
use counterfoil::partners::{self, PartnerError, PartnerKind, Service};
use counterfoil::plans;
use counterfoil_store::Tx;

/// Owner of the account of a reseller.
pub const PAULA: Person = Person { account: "reseller", name: "paula", access: "AKEXAMPLE0PAULA00001" };
/// One of the reseller's people.
pub const PETE: Person = Person { account: "reseller", name: "pete", access: "AKEXAMPLE0PETE000001" };
/// One of another partner's people.
pub const QUINN: Person = Person { account: "another", name: "quinn", access: "AKEXAMPLE0QUINN00001" };

impl TestApp {
    /// Makes partners with their people; nobody is linked to them yet.
    pub async fn partners(&self, kind: PartnerKind) {
        let passwords = Passwords::new(Cost { memory_kib: 8, iterations: 1 }, 1);
        let hash = passwords.hash(&PASSWORD.into()).await.unwrap();
        let people = [PAULA, PETE, QUINN].map(|person| {
            let access = AccessId::parse(person.access).unwrap();
            let key = SealedKey::new(&self.app.vault, &NewKey { access, secret: SECRET.into() });
            (person, NewUser::new(name(person.name)).password_hash(Some(hash.clone())), key)
        });
        let (region, now) = (self.app.config.api.region.clone(), self.app.clock.now());
        let work = async move |tx: &mut Tx| -> Result<(), PartnerError> {
            let accounts = async |tx: &mut Tx| -> Result<(), AdminError> {
                for account in ["reseller", "another"] {
                    iam::create_account(tx, &name(account), &region, None, now).await?;
                }
                for (person, user, key) in &people {
                    let account = iam::load_account(tx, person.account).await?;
                    let id = iam::create_user(tx, &account, user, now).await?;
                    iam::create_access_key_with(tx, &account.id, &id, key, "", now).await?;
                }
                Ok(())
            };
            accounts(tx).await?;
            let service = Service::parse("GMT+08:00", "5", "09:00-18:00")?;
            for (account, kind, user) in [("reseller", kind, "pete"), ("another", PartnerKind::Reseller, "quinn")] {
                partners::create(tx, account, kind, &service, now).await?;
                partners::add_staff(tx, account, user, now).await?;
            }
            Ok(())
        };
        self.app.store.write(work).await.unwrap();
    }

    /// Links a customer to a partner.
    pub async fn link(&self, customer: &'static str, partner: &'static str) {
        let now = self.app.clock.now();
        let work = async move |tx: &mut Tx| partners::link(tx, customer, partner, now).await;
        self.app.store.write(work).await.unwrap();
    }

    /// Ends a customer's link.
    pub async fn unlink(&self, customer: &'static str) {
        let now = self.app.clock.now();
        let work = async move |tx: &mut Tx| partners::unlink(tx, customer, now).await;
        self.app.store.write(work).await.unwrap();
    }

    /// Puts a partner on the allow list, or takes it off.
    pub async fn allow(&self, partner: &'static str, is_allowed: bool) {
        let now = self.app.clock.now();
        let work = async move |tx: &mut Tx| partners::allow(tx, partner, is_allowed, now).await;
        self.app.store.write(work).await.unwrap();
    }

    /// Names the one category that a partner takes.
    pub async fn take_only(&self, partner: &'static str, sub_type_id: &'static str) {
        let work = async move |tx: &mut Tx| partners::add_category(tx, partner, sub_type_id).await;
        assert!(self.app.store.write(work).await.unwrap());
    }

    /// Names what an ISV sells.
    pub async fn sell(&self, partner: &'static str, commodity_id: &'static str) {
        let work = async move |tx: &mut Tx| partners::add_commodity(tx, partner, commodity_id).await;
        self.app.store.write(work).await.unwrap();
    }

    /// Assigns a plan to acme that has to be bought.
    pub async fn buy_plan(&self) {
        let now = self.app.clock.now();
        let work = async move |tx: &mut Tx| plans::assign(tx, "acme", "developer", now, None, now).await;
        self.app.store.write(work).await.unwrap();
    }
}
