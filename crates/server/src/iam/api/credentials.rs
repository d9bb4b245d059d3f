//! Access keys: `/v3.0/OS-CREDENTIAL/credentials`.
//!
//! A user manages his own keys, an administrator those of the account. The secret is shown once, when the key is made. A
//! key that is switched off or deleted stops working at once; the user's login tokens end half an hour later.

use axum::{Json, extract::State};
use counterfoil_store::Tx;
use http::StatusCode;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{PathText, load_visible_user, must_administrate};
use crate::{
    app::App,
    caller::Login,
    error::{Allowed, Code, Error, Result},
    extract::{Body, Check, Query, line, text},
    iam::{
        AccessId, NewKey, Principal, SealedKey, change_access_key, create_access_key as insert_access_key,
        delete_access_key as remove_access_key,
        sql::{self, KeyRow},
    },
    reply::Reply,
};

/// Keys that a user may have.
const KEYS_PER_USER: i64 = 2;

#[derive(Serialize)]
struct Credential {
    access: String,
    status: &'static str,
    user_id: String,
    description: String,
    create_time: String,
}

impl Credential {
    fn new(row: KeyRow) -> Self {
        Self {
            access: row.access,
            status: if row.active { "active" } else { "inactive" },
            user_id: row.user_id.to_string(),
            description: row.description,
            create_time: row.created_at.to_wire_micros(),
        }
    }
}

/// A key as it is shown once.
#[derive(Serialize)]
struct NewCredential {
    access: String,
    secret: String,
    status: &'static str,
    user_id: String,
    description: String,
    create_time: String,
}

/// A key with its last use.
#[derive(Serialize)]
struct CredentialDetail {
    #[serde(flatten)]
    credential: Credential,
    last_use_time: String,
}

/// The body of [`create_access_key`].
#[derive(Deserialize)]
pub struct CreateAccessKey {
    credential: CreateCredential,
}

#[derive(Deserialize)]
struct CreateCredential {
    user_id: String,
    description: Option<String>,
}

impl Check for CreateAccessKey {
    fn check(&self) -> Result<()> {
        text("credential.user_id", &self.credential.user_id, 1..=64)?;
        check_description(self.credential.description.as_deref())
    }
}

/// The body of [`update_access_key`].
#[derive(Deserialize)]
pub struct UpdateAccessKey {
    credential: UpdateCredential,
}

#[derive(Deserialize)]
struct UpdateCredential {
    status: Option<String>,
    description: Option<String>,
}

impl Check for UpdateAccessKey {
    fn check(&self) -> Result<()> {
        let UpdateCredential { status, description } = &self.credential;
        match status.as_deref() {
            None if description.is_none() => return Err(Error::param("credential.status", Allowed::Required)),
            None | Some("active" | "inactive") => {}
            Some(_) => {
                let names = &["active", "inactive"][..];
                return Err(Error::param("credential.status", Allowed::OneOf(names.into())));
            }
        }
        check_description(description.as_deref())
    }
}

fn check_description(description: Option<&str>) -> Result<()> {
    let Some(description) = description else { return Ok(()) };
    text("credential.description", description, 0..=255)?;
    line("credential.description", description)
}

/// Create an access key.
pub async fn create_access_key(
    State(app): State<App>,
    caller: Login,
    Body(body): Body<CreateAccessKey>,
) -> Result<(StatusCode, Json<Value>)> {
    let now = app.clock.now();
    let key = NewKey::random();
    let sealed = SealedKey::new(&app.vault, &key);
    let CreateCredential { user_id, description } = body.credential;
    let description = description.unwrap_or_default();
    let principal = caller.principal.clone();
    let row = app
        .store
        .write(async move |tx: &mut Tx| -> Result<KeyRow> {
            let user = load_visible_user(tx, &principal, &user_id).await?;
            Ok(insert_access_key(tx, &user, &sealed, &description, KEYS_PER_USER, now).await?)
        })
        .await?;
    let credential = Credential::new(row);
    let shown = NewCredential {
        access: credential.access,
        secret: key.secret.expose_secret().to_owned(),
        status: credential.status,
        user_id: credential.user_id,
        description: credential.description,
        create_time: credential.create_time,
    };
    Ok((StatusCode::CREATED, Json(json!({"credential": shown}))))
}

/// List the access keys of a user: the caller's own, or those of another user for an administrator.
pub async fn list_access_keys(State(app): State<App>, caller: Login, query: Query) -> Result<Reply<Value>> {
    let user_id = query.text("user_id", 0..=64)?.unwrap_or_else(|| caller.principal.user_id.to_string());
    let principal = caller.principal.clone();
    let rows = app
        .store
        .read(async move |tx: &mut Tx| -> Result<Vec<KeyRow>> {
            let user = load_visible_user(tx, &principal, &user_id).await?;
            Ok(sql::list_keys(tx, &user.account_id, &user.id).await?)
        })
        .await?;
    let credentials: Vec<_> = rows.into_iter().map(Credential::new).collect();
    Ok(Reply(json!({"credentials": credentials})))
}

/// Show an access key with the time of its last use.
pub async fn show_access_key(
    State(app): State<App>,
    caller: Login,
    PathText(access): PathText,
) -> Result<Reply<Value>> {
    let principal = caller.principal.clone();
    let row = app.store.read(async move |tx: &mut Tx| load_visible_key(tx, &principal, &access).await).await?;
    // This node may have seen a use that is not written yet.
    let seen = AccessId::parse(&row.access).and_then(|access| app.identity.cache.last_used_at(&access));
    let last_used_at = row.last_used_at.max(seen);
    let detail = CredentialDetail {
        last_use_time: last_used_at.map(counterfoil_wire::time::Micros::to_wire_micros).unwrap_or_default(),
        credential: Credential::new(row),
    };
    Ok(Reply(json!({"credential": detail})))
}

/// Switch an access key on or off, or describe it.
pub async fn update_access_key(
    State(app): State<App>,
    caller: Login,
    PathText(access): PathText,
    Body(body): Body<UpdateAccessKey>,
) -> Result<Reply<Value>> {
    let now = app.clock.now();
    let UpdateCredential { status, description } = body.credential;
    let active = status.map(|status| status == "active");
    let principal = caller.principal.clone();
    let row = app
        .store
        .write(async move |tx: &mut Tx| -> Result<KeyRow> {
            let key = load_visible_key(tx, &principal, &access).await?;
            let changed =
                change_access_key(tx, &principal.account_id, &key, active, description.as_deref(), now).await?;
            Ok(changed)
        })
        .await?;
    Ok(Reply(json!({"credential": Credential::new(row)})))
}

/// Delete an access key.
pub async fn delete_access_key(
    State(app): State<App>,
    caller: Login,
    PathText(access): PathText,
) -> Result<StatusCode> {
    let now = app.clock.now();
    let principal = caller.principal.clone();
    app.store
        .write(async move |tx: &mut Tx| -> Result<()> {
            let key = load_visible_key(tx, &principal, &access).await?;
            Ok(remove_access_key(tx, &principal.account_id, &key, now).await?)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The key of the caller's account, if the caller may see it.
async fn load_visible_key(tx: &mut Tx, caller: &Principal, access: &str) -> Result<KeyRow> {
    let key = sql::get_key(tx, &caller.account_id, access).await?;
    let key = key.ok_or_else(|| Error::new(Code::IamNotFound))?;
    if key.user_id != caller.user_id {
        must_administrate(caller)?;
    }
    Ok(key)
}
