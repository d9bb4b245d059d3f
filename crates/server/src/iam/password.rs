//! Passwords: Argon2id hashes, made and checked where they disturb nobody.
//!
//! A hash takes tens of milliseconds of a core and megabytes of memory, on purpose. So it never runs on the database's
//! writer or on an async worker, and only as many run at once as there are permits; who waits too long is told to come
//! back. A login of an unknown user, or of one without a password, checks the password against a hash that nothing
//! matches, at the same price.

use std::time::Duration;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _},
};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::vault::random_bytes;

/// How long a login waits for its turn.
const WAIT: Duration = Duration::from_secs(10);
/// Length of the hash itself.
const OUTPUT_BYTES: usize = 32;

/// Why no password was checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many logins wait already.
    #[error("too many passwords are being checked")]
    Busy,
    /// The settings or the stored text are unusable, or memory ran out.
    #[error("password hashing: {0}")]
    Failed(String),
}

/// What a hash costs.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
}

/// Makes and checks hashes.
pub struct Passwords {
    cost: Cost,
    permits: Semaphore,
    nobody: String,
}

impl Passwords {
    /// With that cost, at most `at_once` at a time.
    pub fn new(cost: Cost, at_once: usize) -> Self {
        // A well-formed hash with a random result: it costs what any other costs, and no password is known to match.
        let nobody = format!(
            "$argon2id$v=19$m={},t={},p=1${}${}",
            cost.memory_kib,
            cost.iterations,
            BASE64_STANDARD_NO_PAD.encode(random_bytes::<16>()),
            BASE64_STANDARD_NO_PAD.encode(random_bytes::<OUTPUT_BYTES>()),
        );
        Self { cost, permits: Semaphore::new(at_once.max(1)), nobody }
    }

    /// Waits for the right to check passwords. Who holds it may look at the count of failures, check, and write the
    /// count back, so that a burst of guesses cannot all be made before the first failure is counted.
    pub async fn turn(&self) -> Result<Turn<'_>, PasswordError> {
        let permit = tokio::time::timeout(WAIT, self.permits.acquire()).await;
        let permit = permit.map_err(|_| PasswordError::Busy)?.map_err(|_| PasswordError::Busy)?;
        Ok(Turn { passwords: self, _permit: permit })
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: &SecretString) -> Result<String, PasswordError> {
        let _turn = self.turn().await?;
        let (cost, password) = (self.cost, password.clone());
        blocking(move || hash(cost, &password)).await
    }
}

/// The right to check one password.
pub struct Turn<'a> {
    passwords: &'a Passwords,
    _permit: tokio::sync::SemaphorePermit<'a>,
}

impl Turn<'_> {
    /// Whether the password belongs to the hash; always false, at the same price, without a hash.
    pub async fn verify(&self, password: &SecretString, stored: Option<&str>) -> Result<bool, PasswordError> {
        let known = stored.is_some();
        let (password, stored) = (password.clone(), stored.unwrap_or(&self.passwords.nobody).to_owned());
        let matches = blocking(move || verify(&password, &stored)).await?;
        Ok(known && matches)
    }

    /// Whether the hash was made at another cost and should be made again.
    pub fn is_outdated(&self, stored: &str) -> bool {
        let Cost { memory_kib, iterations } = self.passwords.cost;
        !stored.starts_with(&format!("$argon2id$v=19$m={memory_kib},t={iterations},p=1$"))
    }

    /// Hashes a password within this turn.
    pub async fn hash(&self, password: &SecretString) -> Result<String, PasswordError> {
        let (cost, password) = (self.passwords.cost, password.clone());
        blocking(move || hash(cost, &password)).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
) -> Result<T, PasswordError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| PasswordError::Failed(error.to_string()))?
}

fn hash(cost: Cost, password: &SecretString) -> Result<String, PasswordError> {
    let failed = |error: String| PasswordError::Failed(error);
    let params = Params::new(cost.memory_kib, cost.iterations, 1, Some(OUTPUT_BYTES));
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(|e| failed(e.to_string()))?);
    let salt = random_bytes::<16>();
    let hash = argon2.hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|e| failed(e.to_string()))
}

fn verify(password: &SecretString, stored: &str) -> Result<bool, PasswordError> {
    use argon2::password_hash::Error;
    // The cost is read from the stored text, so that it may be raised without losing any password.
    match Argon2::default().verify_password(password.expose_secret().as_bytes(), stored) {
        Ok(()) => Ok(true),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(PasswordError::Failed(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weak() -> Passwords {
        Passwords::new(Cost { memory_kib: 64, iterations: 1 }, 2)
    }

    #[tokio::test]
    async fn a_hash_matches_its_password_only() {
        let passwords = weak();
        let (right, wrong) = (SecretString::from("正确 horse"), SecretString::from("正确 horsf"));
        let stored = passwords.hash(&right).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
        assert_ne!(stored, passwords.hash(&right).await.unwrap());
        let turn = passwords.turn().await.unwrap();
        assert!(turn.verify(&right, Some(&stored)).await.unwrap());
        assert!(!turn.verify(&wrong, Some(&stored)).await.unwrap());
        assert!(turn.verify(&right, Some("not a hash")).await.is_err());
        assert!(!turn.is_outdated(&stored));
    }

    #[tokio::test]
    async fn nobody_has_a_password() {
        let passwords = weak();
        let turn = passwords.turn().await.unwrap();
        assert!(!turn.verify(&SecretString::from(""), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_raised_cost_keeps_old_passwords() {
        let password = SecretString::from("secret");
        let stored = weak().hash(&password).await.unwrap();
        let stronger = Passwords::new(Cost { memory_kib: 128, iterations: 2 }, 1);
        let turn = stronger.turn().await.unwrap();
        assert!(turn.verify(&password, Some(&stored)).await.unwrap());
        assert!(turn.is_outdated(&stored));
        assert!(!turn.is_outdated(&turn.hash(&password).await.unwrap()));
    }
}
