//! The parts of a case that are kept encrypted and erased when it ends: contacts, sensitive parameters, confidential text.

use super::sql::{self, CaseRow};
use crate::app::App;
use crate::error::{Error, Result};
use crate::particulars;
use counterfoil_store::Tx;
use counterfoil_wire::cases::CaseContact;
use counterfoil_wire::ids::{AccountId, CaseId};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::HashMap;

const PURPOSE: &str = "case-secret";
/// The kind of a case's contacts.
pub const CONTACT: &str = "contact";
const PARAMS: &str = "params";
const CONFIDENTIAL: &str = "confidential";

/// What is kept sealed, opened. Nothing of it has a `Debug`.
#[derive(Default)]
pub struct Secrets {
    /// Phone, mail and area code.
    pub contact: CaseContact,
    /// Sensitive extra parameters.
    pub params: Map<String, Value>,
    /// The confidential text of the case.
    pub confidential: Option<String>,
    /// The confidential texts of its messages, by message id.
    pub of_messages: HashMap<String, String>,
}

async fn seal(
    tx: &mut Tx,
    app: &App,
    of: (&AccountId, &CaseId),
    kind: &str,
    message_id: &str,
    plain: &[u8],
) -> Result<()> {
    let sealed = app.vault.seal(PURPOSE, plain);
    Ok(sql::save_secret(tx, of.0, of.1, kind, message_id, sealed).await?)
}

/// Keeps what came with a submission.
pub async fn save(tx: &mut Tx, app: &App, case: &CaseRow, secrets: &Secrets) -> Result<()> {
    if secrets.contact != CaseContact::default() {
        save_contact(tx, app, case, &secrets.contact).await?;
    }
    if !secrets.params.is_empty() {
        save_params(tx, app, case, &secrets.params).await?;
    }
    if let Some(text) = &secrets.confidential {
        seal(tx, app, (&case.account_id, &case.case_id), CONFIDENTIAL, "", text.as_bytes()).await?;
    }
    Ok(())
}

/// Keeps contacts and copy addresses in place of those before; with nothing in them nothing is kept.
pub async fn save_contact(tx: &mut Tx, app: &App, case: &CaseRow, contact: &CaseContact) -> Result<()> {
    if contact.cc_email.is_some() {
        particulars::remember_copies(tx, case).await?;
    } else {
        particulars::forget_copies(tx, case).await?;
    }
    if *contact == CaseContact::default() {
        return Ok(sql::erase_secret(tx, case, CONTACT).await?);
    }
    let json = serde_json::to_vec(contact).map_err(Error::internal)?;
    seal(tx, app, (&case.account_id, &case.case_id), CONTACT, "", &json).await
}

/// Keeps sensitive parameters in place of those before; without any nothing is kept.
pub async fn save_params(tx: &mut Tx, app: &App, case: &CaseRow, params: &Map<String, Value>) -> Result<()> {
    if params.is_empty() {
        return Ok(sql::erase_secret(tx, case, PARAMS).await?);
    }
    let json = serde_json::to_vec(params).map_err(Error::internal)?;
    seal(tx, app, (&case.account_id, &case.case_id), PARAMS, "", &json).await
}

/// Erases everything that is kept of a case.
pub async fn erase(tx: &mut Tx, case: &CaseRow) -> Result<()> {
    particulars::forget_copies(tx, case).await?;
    Ok(sql::erase_secrets(tx, case).await?)
}

/// Opens one sealed value that is kept as JSON.
pub fn open<T: DeserializeOwned>(app: &App, sealed: &[u8]) -> Result<T> {
    let plain = app.vault.open(PURPOSE, sealed).map_err(Error::internal)?;
    serde_json::from_slice(&plain).map_err(Error::internal)
}

/// Keeps the confidential text of a message.
pub async fn save_of_message(tx: &mut Tx, app: &App, case: &CaseRow, message_id: &str, text: &str) -> Result<()> {
    seal(tx, app, (&case.account_id, &case.case_id), CONFIDENTIAL, message_id, text.as_bytes()).await
}

/// Erases the confidential text of a message that is taken back.
pub async fn erase_of_message(tx: &mut Tx, case: &CaseRow, message_id: &str) -> Result<()> {
    Ok(sql::erase_secrets_of_message(tx, &case.account_id, &case.case_id, message_id).await?)
}

/// Opens what is kept of a case; nothing once it has ended.
pub async fn load(tx: &mut Tx, app: &App, case: &CaseRow) -> Result<Secrets> {
    let mut secrets = Secrets::default();
    for (kind, message_id, sealed) in sql::list_secrets(tx, &case.account_id, &case.case_id).await? {
        let plain = app.vault.open(PURPOSE, &sealed).map_err(Error::internal)?;
        match kind.as_str() {
            CONTACT => secrets.contact = serde_json::from_slice(&plain).map_err(Error::internal)?,
            PARAMS => secrets.params = serde_json::from_slice(&plain).map_err(Error::internal)?,
            _ => {
                let text = String::from_utf8(plain.clone()).map_err(Error::internal)?;
                if message_id.is_empty() {
                    secrets.confidential = Some(text);
                } else {
                    secrets.of_messages.insert(message_id, text);
                }
            }
        }
    }
    Ok(secrets)
}
