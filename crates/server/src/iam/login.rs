//! A password, with a one-time code where the user has one, proves who somebody is.
//!
//! Always true: a login that fails looks the same, and takes as long, whether the account, the user or the password is
//! wrong, the user is disabled, or too many attempts have locked it. Failures are counted by a keyed hash of the two
//! names, so names that do not exist lock too. The count is read, used and written within one turn of
//! [`Passwords`](super::password::Passwords), so a burst of guesses cannot pass it.

use std::net::IpAddr;

use counterfoil_store::{StoreError, Tx};
use counterfoil_wire::{ids::AccountId, time::Micros};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::SecretString;
use sha2::Sha256;

use super::{
    model::Account,
    password::PasswordError,
    sql::{self, UserRow},
    totp,
};
use crate::{
    app::App,
    error::{Code, Error, Result},
    vault::{VaultError, hex},
};

/// Failures older than this are forgotten, in seconds.
const FORGET_AFTER_SECONDS: i64 = 24 * 3_600;

impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::retry_after(Code::Busy, 5),
            PasswordError::Failed(_) => Self::internal(error),
        }
    }
}

impl From<VaultError> for Error {
    fn from(error: VaultError) -> Self {
        Self::internal(error)
    }
}

/// Which account somebody says to belong to.
#[derive(Clone)]
pub(crate) enum Domain {
    /// By name.
    Name(String),
    /// By id; `None` for a text that is no id.
    Id(Option<AccountId>),
}

/// What somebody says to be.
pub(crate) struct Attempt {
    /// The account.
    pub domain: Domain,
    /// The name of the user in it.
    pub user: String,
    /// The password.
    pub password: SecretString,
    /// A one-time code, and the id of the user that it is said to belong to.
    pub passcode: Option<(String, String)>,
    /// Where it comes from.
    pub address: Option<IpAddr>,
}

/// What the database knows about an attempt.
struct Known {
    /// Under which failures are counted.
    subject: String,
    user: Option<(Account, UserRow)>,
    failures: i64,
    locked_until: Micros,
}

/// Checks an attempt; answers who it is.
pub(crate) async fn check(app: &App, attempt: Attempt, now: Micros) -> Result<(Account, UserRow)> {
    app.identity.throttle.check(attempt.address, now)?;
    let turn = app.identity.passwords.turn().await?;
    let known = find(app, &attempt).await?;
    let subject = known.subject;

    let stored = known.user.as_ref().and_then(|(_, user)| user.password_hash.as_deref());
    let matches = turn.verify(&attempt.password, stored).await?;
    let usable = known.user.filter(|(account, user)| account.enabled && user.enabled);
    if now < known.locked_until {
        // Not even the right password, or it would pay to go on guessing.
        return Err(Error::new(Code::IamWrongLogin));
    }
    let Some((account, user)) = usable.filter(|_| matches) else {
        return fail(app, &attempt, subject, now).await;
    };
    let step = match (&user.totp, &attempt.passcode) {
        (None, None) => None,
        (Some(_), None) => {
            let en = "A verification code is required.";
            return Err(Error::said(Code::IamWrongLogin, "需要输入动态验证码。", en));
        }
        (Some(seed), Some((id, code))) if id == user.id.as_str() => {
            let Some(step) = totp::check(&app.vault, seed, code, now)? else {
                return fail(app, &attempt, subject, now).await;
            };
            Some(step)
        }
        (_, Some(_)) => return fail(app, &attempt, subject, now).await,
    };

    let rehash = match &user.password_hash {
        Some(old) if turn.is_outdated(old) => Some((old.clone(), turn.hash(&attempt.password).await?)),
        _ => None,
    };
    if step.is_some() || rehash.is_some() || known.failures > 0 {
        let (account_id, user_id, forgotten) = (account.id.clone(), user.id.clone(), subject.clone());
        let fresh = app.store.write(async move |tx: &mut Tx| -> counterfoil_store::Result<bool> {
            if let Some(step) = step
                && !sql::spend_totp_step(tx, &account_id, &user_id, step).await?
            {
                return Ok(false);
            }
            if let Some((old, new)) = &rehash {
                sql::rehash_password(tx, &account_id, &user_id, old, new).await?;
            }
            sql::forget_failures(tx, &forgotten).await?;
            Ok(true)
        });
        if !fresh.await? {
            return fail(app, &attempt, subject, now).await;
        }
    }
    Ok((account, user))
}

async fn find(app: &App, attempt: &Attempt) -> Result<Known> {
    let key = app.vault.mac_key("login-failures");
    let (domain, name) = (attempt.domain.clone(), attempt.user.clone());
    let work = async move |tx: &mut Tx| -> std::result::Result<Known, StoreError> {
        let account = match &domain {
            Domain::Name(name) => sql::get_account_by_name(tx, name).await?,
            Domain::Id(Some(id)) => sql::get_account(tx, id).await?,
            Domain::Id(None) => None,
        };
        let subject = subject(&key, account.as_ref(), &domain, &name);
        let (failures, locked_until) = sql::get_failures(tx, &subject).await?;
        let user = match account {
            Some(account) => sql::get_user_by_name(tx, &account.id, &name).await?.map(|user| (account, user)),
            None => None,
        };
        Ok(Known { subject, user, failures, locked_until })
    };
    Ok(app.store.read(work).await?)
}

/// A keyed hash of the names: it tells attempts apart, and the table tells nobody which names were tried. An account
/// counts the same by name and by id.
fn subject(key: &[u8], account: Option<&Account>, domain: &Domain, user: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(match (account, domain) {
        (Some(account), _) => account.name.as_bytes(),
        (None, Domain::Name(name)) => name.as_bytes(),
        (None, Domain::Id(id)) => id.as_ref().map_or("", AccountId::as_str).as_bytes(),
    });
    mac.update(b"\0");
    mac.update(user.as_bytes());
    hex(&mac.finalize().into_bytes()[..16])
}

/// Counts a failure, and locks the names after too many.
async fn fail<T>(app: &App, attempt: &Attempt, subject: String, now: Micros) -> Result<T> {
    let (most, lock_seconds) = (app.config.login.failures, app.config.login.lock_seconds);
    let count = async move |tx: &mut Tx| -> counterfoil_store::Result<()> {
        sql::forget_failures_before(tx, now.plus_seconds(-FORGET_AFTER_SECONDS)).await?;
        if sql::note_failure(tx, &subject, now).await? >= most {
            sql::lock_subject(tx, &subject, now.plus_seconds(lock_seconds)).await?;
        }
        Ok(())
    };
    app.store.write(count).await?;
    app.identity.throttle.note_failure(attempt.address, now)?;
    Err(Error::new(Code::IamWrongLogin))
}
