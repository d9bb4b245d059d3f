//! What customers are shown and sign.

mod show_latest_published_agreement;
mod show_signed_latest_published_agreement;
mod sign_published_agreement;

use crate::support::{Answer, Person, TestApp};
use counterfoil::agreements::Kind;
use counterfoil::agreements::admin::{self, NewText, NewVersion, PublishError};
use counterfoil_store::Tx;
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::Micros;
use serde_json::{Value, json};

/// The collection of agreements.
pub const AGREEMENTS: &str = "/v2/servicerequest/agreements";

/// A version with a text in both languages.
pub fn version(kind: Kind, mandatory: bool, valid_from: Micros) -> NewVersion {
    let text = |lang, name: &str| NewText { lang, name: name.to_owned(), content: format!("{name}: be kind.") };
    let texts = vec![text(Lang::ZhCn, "规矩"), text(Lang::EnUs, "Rules")];
    NewVersion { kind, mandatory, valid_from, valid_to: None, texts }
}

impl TestApp {
    /// Publishes a version; the ids of its texts in Chinese and English.
    pub async fn publish(&self, new: NewVersion) -> (i64, Vec<i64>) {
        let now = self.app.clock.now();
        let unit = async move |tx: &mut Tx| admin::publish(tx, &new, now).await;
        let (version, ids) = self.app.store.write(unit).await.unwrap();
        (version, ids.into_iter().map(|(_, id)| id).collect())
    }

    /// Publishes a version that counts from now on.
    pub async fn publish_now(&self, kind: Kind, mandatory: bool) -> (i64, Vec<i64>) {
        self.publish(version(kind, mandatory, self.app.clock.now())).await
    }

    /// Ends a version.
    pub async fn withdraw(&self, kind: Kind, version: i64) -> Result<(), PublishError> {
        let now = self.app.clock.now();
        self.app.store.write(async move |tx: &mut Tx| admin::withdraw(tx, kind, version, now).await).await
    }

    /// The newest agreement, in English.
    pub async fn newest(&self, by: &Person, query: &str) -> Value {
        let target = format!("{AGREEMENTS}/published-agreement?{query}");
        self.get(&target).by(by).english().send().await.ok()["case_agreement"].clone()
    }

    /// Whether somebody has signed the newest agreement of a type.
    pub async fn has_signed(&self, by: &Person, agreement_type: &str) -> bool {
        let target = format!("{AGREEMENTS}/signed-latest?agreement_type={agreement_type}");
        self.get(&target).by(by).send().await.ok()["is_signed_latest"].as_bool().unwrap()
    }

    /// Signs a text.
    pub async fn sign(&self, by: &Person, id: i64) -> Answer {
        self.post(&format!("{AGREEMENTS}/{id}/signed")).by(by).english().json(&json!({})).send().await
    }
}
