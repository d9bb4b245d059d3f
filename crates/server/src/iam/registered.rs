//! The contacts that an administrator registered for users: they need no proof when a case names them.

use super::{purpose, sql};
use crate::vault::{Vault, VaultError};
use counterfoil_store::{Result, Tx};
use counterfoil_wire::ids::{AccountId, UserId};
use secrecy::SecretString;

/// The registered contacts of one user, sealed.
pub struct RegisteredContact {
    email: Option<Vec<u8>>,
    phone: Option<Vec<u8>>,
    area_code: Option<Vec<u8>>,
}

/// The same, opened.
pub struct OpenedContact {
    /// The mail address.
    pub mail: Option<SecretString>,
    /// The phone number.
    pub phone: Option<SecretString>,
    /// Its dialling code.
    pub area_code: Option<SecretString>,
}

impl RegisteredContact {
    /// Opens what is sealed.
    pub fn open(&self, vault: &Vault) -> std::result::Result<OpenedContact, VaultError> {
        let open = |purpose, sealed: &Option<Vec<u8>>| {
            sealed.as_deref().map(|sealed| vault.open_text(purpose, sealed)).transpose()
        };
        Ok(OpenedContact {
            mail: open(purpose::EMAIL, &self.email)?,
            phone: open(purpose::PHONE, &self.phone)?,
            area_code: open(purpose::AREA_CODE, &self.area_code)?,
        })
    }
}

/// The registered contacts of a user and of the account's owner.
pub async fn list_registered_contacts(
    tx: &mut Tx,
    account_id: &AccountId,
    user_id: &UserId,
) -> Result<Vec<RegisteredContact>> {
    let rows = sql::list_registered_contacts(tx, account_id, user_id).await?;
    Ok(rows.into_iter().map(|(email, phone, area_code)| RegisteredContact { email, phone, area_code }).collect())
}
