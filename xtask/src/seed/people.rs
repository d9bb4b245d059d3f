//! The accounts of the sample cases: the first one is big and has many users, each account's first user is its owner.

use anyhow::Context;
use counterfoil::app::App;
use counterfoil::iam::{self, AccessId, AdminError, Name, NewKey, NewUser, SealedKey};
use counterfoil_store::Tx;
use counterfoil_wire::ids::{AccountId, UserId};
use secrecy::SecretString;

/// Everybody's password.
pub const PASSWORD: &str = "Seeded-Password-2026";
/// Everybody's secret key.
pub const SECRET: &str = "SeededSecretKey/For-Measurements-Only-001";

/// Users of the first account: enough that the daily upload volume of each is no limit to a measurement.
const USERS_OF_FIRST: usize = 48;
const USERS: usize = 4;

/// An account with its users.
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Its users; the first one owns it.
    pub users: Vec<User>,
}

/// A user with an access key.
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its name.
    pub name: String,
    /// Its access key.
    pub access: String,
}

/// Makes the accounts.
pub async fn make(app: &App, count: u32) -> anyhow::Result<Vec<Account>> {
    let hash = app.identity.passwords.hash(&SecretString::from(PASSWORD)).await?;
    let (now, region) = (app.clock.now(), app.config.api.region.clone());
    let mut accounts = Vec::new();
    for number in 0..count {
        let account_name = format!("sample-{number:04}");
        let name = Name::parse(&account_name).context("an account's name")?;
        let mut people = Vec::new();
        for user in 0..if number == 0 { USERS_OF_FIRST } else { USERS } {
            let user_name = if user == 0 { "owner".to_owned() } else { format!("user-{user:02}") };
            let access_text = format!("SEEDACCESS{number:05}{user:05}");
            let access = AccessId::parse(&access_text).context("an access key")?;
            let key = SealedKey::new(&app.vault, &NewKey { access, secret: SecretString::from(SECRET) });
            let new = NewUser::new(Name::parse(&user_name).context("a user's name")?).password_hash(Some(hash.clone()));
            people.push((new, key, user_name, access_text));
        }
        let region = region.clone();
        let unit = async move |tx: &mut Tx| -> Result<_, AdminError> {
            let (account, _) = iam::create_account(tx, &name, &region, None, now).await?;
            let mut users = Vec::new();
            for (new, key, user_name, access) in &people {
                let id = iam::create_user(tx, &account, new, now).await?;
                iam::create_access_key_with(tx, &account.id, &id, key, "", now).await?;
                users.push(User { id, name: user_name.clone(), access: access.clone() });
            }
            Ok((account.id, users))
        };
        let (id, users) = app.store.write(unit).await?;
        accounts.push(Account { id, name: account_name, users });
    }
    Ok(accounts)
}
