//! What the customer gives for a resource line: checked against what was asked for, sealed, and opened for a session.
//!
//! Nothing here has a `Debug`; what is opened is wiped from memory when it is dropped.

use super::hosts::ssh;
use super::kinds::{Access, Gives};
use super::sql::{self, AuthorizationRow, DetailRow};
use crate::app::App;
use crate::error::{Allowed, Error, Result};
use crate::extract;
use counterfoil_store::Tx;
use counterfoil_wire::authorizations::ResourceLogin;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use zeroize::Zeroizing;

const PURPOSE: &str = "authorization-login";
/// The longest secret that can be kept, in characters: a private key of 8,192 bits in its longest form.
pub(super) const LONGEST_SECRET: u64 = 8192;
/// The longest login name, in characters.
pub(super) const LONGEST_ACCOUNT: u64 = 64;

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed<'a> {
    account: std::borrow::Cow<'a, str>,
    secret: std::borrow::Cow<'a, str>,
}

/// An opened login.
pub(crate) struct Login {
    /// The name; empty where there is none.
    pub account: String,
    /// Password, private key, or the confidential text.
    pub secret: SecretString,
}

/// Checks that there is exactly one login for each line, and that each can be one. Answers them in the order of the lines.
pub(super) fn check<'a>(
    access: Access,
    lines: &[DetailRow],
    given: &'a [ResourceLogin],
) -> Result<Vec<&'a ResourceLogin>> {
    if matches!(access.gives(), Gives::Consent | Gives::Agency) {
        let words = || Allowed::text("该授权不需要登录信息", "this kind of access takes no logins");
        return if given.is_empty() { Ok(Vec::new()) } else { Err(Error::param("auth_detail_list", words())) };
    }
    for (at, login) in given.iter().enumerate() {
        let field = |name: &str| format!("auth_detail_list[{at}].{name}");
        let is_known = lines.iter().any(|line| line.detail_id == login.auth_detail_id);
        if !is_known || given[..at].iter().any(|other| other.auth_detail_id == login.auth_detail_id) {
            let words = ("须为该授权的资源ID，每个一次", "a resource line of this authorization is allowed, each once");
            return Err(Error::param(field("auth_detail_id"), Allowed::text(words.0, words.1)));
        }
        if access.needs_account() && login.account.as_deref().unwrap_or_default().trim().is_empty() {
            return Err(Error::param(field("account"), Allowed::Required));
        }
        check_secret(access, &field("password"), login.password.as_deref().unwrap_or_default())?;
    }
    let of_line = |line: &DetailRow| given.iter().find(|login| login.auth_detail_id == line.detail_id);
    lines.iter().map(of_line).collect::<Option<Vec<_>>>().ok_or_else(|| {
        let words = ("每个资源都须提供登录信息", "every resource line of the authorization needs an entry");
        Error::param("auth_detail_list", Allowed::text(words.0, words.1))
    })
}

/// Checks what a password may be by itself: for access by key, a key that can be read.
pub(super) fn check_secret(access: Access, field: &str, secret: &str) -> Result<()> {
    if secret.is_empty() {
        return Err(Error::param(field, Allowed::Required));
    }
    match access {
        Access::SshKey if ssh::read_key(secret).is_none() => {
            let zh = "须为不带口令的PEM或OpenSSH格式私钥";
            let en = "a private key without a passphrase, in PEM or OpenSSH form, is needed";
            Err(Error::param(field, Allowed::text(zh, en)))
        }
        Access::SshKey | Access::Confidential => Ok(()),
        _ => extract::line(field, secret),
    }
}

/// Seals the logins that were checked.
pub(super) async fn save(
    tx: &mut Tx,
    app: &App,
    auth: &AuthorizationRow,
    lines: &[DetailRow],
    logins: &[&ResourceLogin],
) -> Result<()> {
    for (line, login) in lines.iter().zip(logins) {
        let account = login.account.as_deref().unwrap_or_default();
        let secret = login.password.as_deref().unwrap_or_default();
        let plain = Sealed { account: account.into(), secret: secret.into() };
        let plain = Zeroizing::new(serde_json::to_vec(&plain).map_err(Error::internal)?);
        sql::save_secret(tx, auth, line.detail_id, app.vault.seal(PURPOSE, &plain)).await?;
        if auth.access.is_host() {
            let port = login.port.or(line.port).unwrap_or_else(|| auth.access.usual_port());
            sql::set_port(tx, &auth.account_id, line.detail_id, port).await?;
        }
    }
    Ok(())
}

/// Opens what is kept, by resource line; nothing once the authorization has ended.
pub(crate) async fn open(tx: &mut Tx, app: &App, auth: &AuthorizationRow) -> Result<HashMap<i64, Login>> {
    let mut logins = HashMap::new();
    for (detail_id, sealed) in sql::list_secrets(tx, auth).await? {
        let plain = Zeroizing::new(app.vault.open(PURPOSE, &sealed).map_err(Error::internal)?);
        let login: Sealed = serde_json::from_slice(&plain).map_err(|_| Error::internal("a sealed login is broken"))?;
        let login = Login { account: login.account.into_owned(), secret: login.secret.into_owned().into() };
        logins.insert(detail_id, login);
    }
    Ok(logins)
}
