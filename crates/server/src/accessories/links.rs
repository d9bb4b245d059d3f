//! Access URLs: links to one file that need no login and expire.
//!
//! The signature covers account, file and time, under a key of its own. A link says nothing that can be changed without
//! breaking it, and stops working when the file is deleted.

use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::extract::Query;
use crate::vault::{hex, unhex};
use counterfoil_wire::ids::{AccessoryId, AccountId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Longest URL that an answer may hold, in characters.
const MAX_LENGTH: usize = 1024;

/// A link to a file, valid for `accessories.url_seconds` from now.
pub fn sign(app: &App, account_id: &AccountId, accessory_id: &AccessoryId) -> Result<String> {
    let expires_at = app.clock.now().seconds() + app.config.accessories.url_seconds;
    let signature = hex(&mac(app, account_id, accessory_id, expires_at)?.finalize().into_bytes());
    let config = &app.config;
    let base = match config.public_url.trim_end_matches('/') {
        "" => format!("http://{}", config.listen),
        url => url.to_owned(),
    };
    let url = format!(
        "{base}/v2/servicerequest/accessorys/{accessory_id}/content\
        ?account={account_id}&expires={expires_at}&signature={signature}"
    );
    if url.chars().count() > MAX_LENGTH {
        return Err(Error::internal("public_url is too long for access URLs"));
    }
    Ok(url)
}

/// Checks a link's query, and answers the account that the file was in when the link was made.
pub fn verify(app: &App, accessory_id: &str, query: &Query) -> Result<(AccountId, AccessoryId)> {
    let broken = || Error::new(Code::UrlExpired);
    let field = |name| query.text(name, 1..=64).ok().flatten().ok_or_else(broken);
    let accessory_id = AccessoryId::parse(accessory_id).ok_or_else(broken)?;
    let account_id = AccountId::parse(&field("account")?).ok_or_else(broken)?;
    let expires_at: i64 = field("expires")?.parse().map_err(|_| broken())?;
    let mut signature = [0; 32];
    if !unhex(&field("signature")?, &mut signature) {
        return Err(broken());
    }
    // The comparison takes the same time for every wrong signature.
    mac(app, &account_id, &accessory_id, expires_at)?.verify_slice(&signature).map_err(|_| broken())?;
    if app.clock.now().seconds() >= expires_at {
        return Err(broken());
    }
    Ok((account_id, accessory_id))
}

fn mac(app: &App, account_id: &AccountId, accessory_id: &AccessoryId, expires_at: i64) -> Result<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&app.vault.mac_key("accessory-url")).map_err(Error::internal)?;
    // Ids have a fixed length, so that the fields cannot run into each other.
    mac.update(format!("{account_id}\n{accessory_id}\n{expires_at}").as_bytes());
    Ok(mac)
}
