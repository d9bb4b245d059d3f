//! Changes to access keys.
//!
//! Always true: a secret is sealed before it reaches a transaction and shown once, to whoever made the key; a key that is
//! switched off or deleted stops working at once, and the tokens of its user end after the grace time of
//! [`TokenRule`](super::TokenRule).

use counterfoil_store::{Topic, Tx};
use counterfoil_wire::{
    ids::{AccountId, UserId},
    time::Micros,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    admin::{AdminError, Result, change_tokens, purpose},
    model::AccessId,
    sql::{self, KeyRow, UserRow},
};
use crate::vault::Vault;

/// An access key with its secret, as it is shown once.
pub struct NewKey {
    /// The public half.
    pub access: AccessId,
    /// The secret half.
    pub secret: SecretString,
}

impl NewKey {
    /// A random pair: 20 letters and digits, and a secret of 40.
    pub fn random() -> Self {
        const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        const ANY: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let access = format!("CF{}", random_text(UPPER, 18));
        Self {
            access: AccessId::parse(&access).expect("upper-case letters and digits follow the rule"),
            secret: SecretString::from(random_text(ANY, 40)),
        }
    }
}

/// `length` characters drawn evenly from `alphabet`, which has at most 64.
pub(crate) fn random_text(alphabet: &[u8], length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        for byte in crate::vault::random_bytes::<64>() {
            // Numbers beyond the alphabet are drawn again, so that no letter is more likely than another.
            if let Some(letter) = alphabet.get(usize::from(byte & 63)) {
                text.push(char::from(*letter));
                if text.len() == length {
                    break;
                }
            }
        }
    }
    text
}

/// Stores a known pair for a user: the sample data, tests, and imports. No limit on their number.
pub async fn create_access_key_with(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    key: &SealedKey,
    description: &str,
    now: Micros,
) -> Result<()> {
    insert_key(tx, account, user, key, description, now).await.map(drop)
}

/// A pair that is ready to be stored.
pub struct SealedKey {
    access: AccessId,
    secret: Vec<u8>,
}

impl SealedKey {
    /// Seals the secret of a pair.
    pub fn new(vault: &Vault, key: &NewKey) -> Self {
        let secret = vault.seal(purpose::SECRET_KEY, key.secret.expose_secret().as_bytes());
        Self { access: key.access.clone(), secret }
    }
}

async fn insert_key(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    key: &SealedKey,
    description: &str,
    now: Micros,
) -> Result<KeyRow> {
    let row = KeyRow {
        access: key.access.as_str().to_owned(),
        user_id: user.clone(),
        active: true,
        description: description.to_owned(),
        created_at: now,
        last_used_at: None,
    };
    sql::insert_key(tx, account, &row, &key.secret).await?;
    // Requests with this key may have been refused a moment ago, and that is cached too.
    tx.mark(Topic::Identity);
    Ok(row)
}

/// Stores a new pair for a user who has fewer than `limit`.
pub(crate) async fn create_access_key(
    tx: &mut Tx,
    user: &UserRow,
    key: &SealedKey,
    description: &str,
    limit: i64,
    now: Micros,
) -> Result<KeyRow> {
    // Of two keys that are created at once, the second must see the first.
    sql::get_user_for_change(tx, &user.account_id, &user.id).await?;
    let count = sql::count_keys(tx, &user.account_id, &user.id).await?;
    if count >= limit {
        return Err(AdminError::TooManyKeys(count));
    }
    insert_key(tx, &user.account_id, &user.id, key, description, now).await
}

/// Changes a key's state or description. A changed state ends the user's tokens after the grace time.
pub(crate) async fn change_access_key(
    tx: &mut Tx,
    account: &AccountId,
    key: &KeyRow,
    active: Option<bool>,
    description: Option<&str>,
    now: Micros,
) -> Result<KeyRow> {
    let changed = KeyRow {
        active: active.unwrap_or(key.active),
        description: description.map_or_else(|| key.description.clone(), str::to_owned),
        ..key.clone()
    };
    sql::set_key(tx, account, &changed).await?;
    if changed.active != key.active {
        change_tokens(tx, account, &key.user_id, |rule| rule.end_all_later(now)).await?;
    }
    tx.mark(Topic::Identity);
    Ok(changed)
}

/// Deletes a key. The user's tokens end after the grace time.
pub(crate) async fn delete_access_key(tx: &mut Tx, account: &AccountId, key: &KeyRow, now: Micros) -> Result<()> {
    sql::delete_key(tx, account, &key.access).await?;
    change_tokens(tx, account, &key.user_id, |rule| rule.end_all_later(now)).await?;
    tx.mark(Topic::Identity);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_keys_follow_the_rules_and_differ() {
        let (one, two) = (NewKey::random(), NewKey::random());
        assert_eq!(one.access.as_str().len(), 20);
        assert_eq!(one.secret.expose_secret().len(), 40);
        assert_ne!(one.access, two.access);
        assert_ne!(one.secret.expose_secret(), two.secret.expose_secret());
    }
}
