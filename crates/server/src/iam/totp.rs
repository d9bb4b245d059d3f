//! One-time codes (RFC 6238): six digits, SHA-1, steps of 30 seconds, one step of tolerance.
//!
//! A code that was accepted is never accepted again: the caller spends the step that [`check`] gives, in the
//! transaction of the login.

use counterfoil_wire::time::Micros;
use secrecy::{ExposeSecret as _, SecretString};
use totp_rs::{Builder, Secret, Totp};

use super::admin::purpose;
use crate::vault::{Vault, VaultError, random_bytes};

/// Bytes of a seed, as RFC 4226 recommends.
const SEED_BYTES: usize = 20;

/// A new seed: sealed for the database, and as the text and address that a user enters into an application.
pub struct Enrolment {
    /// For the database.
    pub sealed: Vec<u8>,
    /// The seed in base 32.
    pub secret: SecretString,
    /// `otpauth://` address, to be shown as a QR code.
    pub url: SecretString,
}

/// Draws a seed for a user.
pub fn enrol(vault: &Vault, account: &str, user: &str) -> Enrolment {
    let seed = random_bytes::<SEED_BYTES>();
    let text = Secret::new_stack(seed).to_base32();
    let label = format!("Counterfoil:{}", percent(&format!("{user}@{account}")));
    let url = format!("otpauth://totp/{label}?secret={text}&issuer=Counterfoil&algorithm=SHA1&digits=6&period=30");
    Enrolment { sealed: vault.seal(purpose::TOTP, &seed), secret: text.into(), url: url.into() }
}

/// The step that a code belongs to, or `None` for a wrong code.
pub fn check(vault: &Vault, sealed: &[u8], code: &str, now: Micros) -> Result<Option<i64>, VaultError> {
    let Ok(now) = u64::try_from(now.seconds()) else { return Ok(None) };
    let step = totp(vault, sealed)?.check(code, now);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// The code of this moment: for the command line to confirm that a seed works, and for tests.
pub fn code(secret: &SecretString, now: Micros) -> Option<String> {
    let seed = Secret::try_from_base32(secret.expose_secret()).ok()?;
    let totp = Builder::new().with_secret(seed).build().ok()?;
    Some(totp.generate(u64::try_from(now.seconds()).ok()?).to_string())
}

fn totp(vault: &Vault, sealed: &[u8]) -> Result<Totp, VaultError> {
    let seed: [u8; SEED_BYTES] =
        vault.open(purpose::TOTP, sealed)?.try_into().map_err(|_| VaultError::Sealed { purpose: purpose::TOTP })?;
    // Six digits, SHA-1 and 20 bytes are within every limit of the builder.
    Builder::new()
        .with_secret(Secret::new_stack(seed))
        .build()
        .map_err(|_| VaultError::Sealed { purpose: purpose::TOTP })
}

fn percent(text: &str) -> String {
    let keep = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    text.bytes().map(|byte| if keep(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_codes_of_the_standard() {
        // RFC 6238, appendix B, SHA-1, cut to six digits.
        let seed = SecretString::from(Secret::new_stack(*b"12345678901234567890").to_base32());
        for (second, expected) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(code(&seed, Micros(second * 1_000_000)).unwrap(), expected);
        }
    }

    #[test]
    fn accepts_one_step_before_and_after() {
        let vault = Vault::with_key(&[1; 32]);
        let enrolment = enrol(&vault, "acme corp", "alice");
        let now = Micros(1_767_605_415_000_000);
        let step = now.seconds() / 30;
        let at = |steps: i64| code(&enrolment.secret, now.plus_seconds(30 * steps)).unwrap();
        for near in -1..=1 {
            assert_eq!(check(&vault, &enrolment.sealed, &at(near), now).unwrap(), Some(step + near));
        }
        for wrong in [at(2), at(-2), String::new(), "12345".to_owned(), "1234567".to_owned(), "12345x".to_owned()] {
            assert_eq!(check(&vault, &enrolment.sealed, &wrong, now).unwrap(), None, "{wrong}");
        }
        assert!(enrolment.url.expose_secret().contains("Counterfoil:alice%40acme%20corp?secret="));
        assert!(check(&Vault::with_key(&[2; 32]), &enrolment.sealed, &at(0), now).is_err());
    }
}
