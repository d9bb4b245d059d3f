//! Users: `GET /v3/users`, `GET /v3/users/{user_id}` and `GET /v3.0/OS-USER/users/{user_id}`.
//!
//! Administrators see every user of their account, everybody else himself. Contact data is only in the detail.

use axum::extract::State;
use counterfoil_store::Tx;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Links, Paging, PathText, PublicUrl, load_visible_user, must_administrate, must_be_own};
use crate::{
    app::App,
    caller::Login,
    error::{Allowed, Error, Result},
    extract::Query,
    iam::{
        purpose,
        sql::{self, UserRow},
    },
    reply::Reply,
};

#[derive(Serialize)]
struct User {
    id: String,
    name: String,
    domain_id: String,
    enabled: bool,
    description: String,
    /// Passwords do not expire.
    password_expires_at: Option<String>,
    pwd_status: bool,
    access_mode: &'static str,
    links: Links,
}

impl User {
    fn new(row: UserRow, url: &PublicUrl) -> Self {
        Self {
            links: Links::to(url, &format!("/v3/users/{}", row.id)),
            id: row.id.to_string(),
            name: row.name,
            domain_id: row.account_id.to_string(),
            enabled: row.enabled,
            description: row.description,
            password_expires_at: None,
            pwd_status: row.password_hash.is_some(),
            access_mode: access_mode(row.password_hash.is_some()),
        }
    }
}

/// A user without a password can only use access keys.
fn access_mode(has_password: bool) -> &'static str {
    if has_password { "default" } else { "programmatic" }
}

#[derive(Serialize)]
struct UserDetail {
    id: String,
    name: String,
    domain_id: String,
    enabled: bool,
    is_domain_owner: bool,
    pwd_status: bool,
    access_mode: &'static str,
    description: String,
    email: String,
    areacode: String,
    phone: String,
    create_time: String,
    update_time: Option<String>,
    last_login_time: Option<String>,
    pwd_strength: Option<String>,
    xuser_id: &'static str,
    xuser_type: &'static str,
    links: Links,
}

/// List the users of the caller's account.
pub async fn list_users(State(app): State<App>, caller: Login, url: PublicUrl, query: Query) -> Result<Reply<Value>> {
    let paging = Paging::read(&query)?;
    must_be_own(&caller.principal, query.text("domain_id", 0..=64)?.as_deref())?;
    let name = query.text("name", 0..=64)?.unwrap_or_default();
    let enabled = query.flag("enabled")?;
    let expires = query.text("password_expires_at", 0..=64)?;
    if let Some(text) = &expires {
        check_expiry(text)?;
    }
    must_administrate(&caller.principal)?;
    let rows = if expires.is_some() {
        // No password expires, so none expires before or after any time.
        Vec::new()
    } else {
        let (account, slice) = (caller.principal.account_id.clone(), paging.slice());
        app.store.read(async move |tx: &mut Tx| sql::list_users(tx, &account, &name, enabled, slice).await).await?
    };
    let items = rows.into_iter().map(|row| User::new(row, &url)).collect();
    paging.answer("users", items, &url, "/v3/users").map(Reply)
}

/// `{operator}:{time}`, as in `lt:2026-01-05T00:00:00Z`.
fn check_expiry(text: &str) -> Result<()> {
    let time = text.split_once(':').filter(|(op, _)| ["lt", "lte", "gt", "gte", "eq", "neq"].contains(op));
    let zone = counterfoil_wire::time::TimeZone::default();
    if time.is_some_and(|(_, time)| zone.parse_local(time).is_some()) {
        return Ok(());
    }
    let form = "lt, lte, gt, gte, eq or neq, then a colon and a time such as 2026-01-05T00:00:00Z";
    Err(Error::param("password_expires_at", Allowed::text(form, form)))
}

/// Show a user.
pub async fn show_user(
    State(app): State<App>,
    caller: Login,
    url: PublicUrl,
    PathText(id): PathText,
) -> Result<Reply<Value>> {
    let row = load(&app, &caller, id).await?;
    Ok(Reply(json!({"user": User::new(row, &url)})))
}

/// Show a user with contact data.
pub async fn show_user_detail(
    State(app): State<App>,
    caller: Login,
    url: PublicUrl,
    PathText(id): PathText,
) -> Result<Reply<Value>> {
    let row = load(&app, &caller, id).await?;
    let open = |purpose, sealed: Option<Vec<u8>>| -> Result<String> {
        let text = sealed.map(|sealed| app.vault.open_text(purpose, &sealed)).transpose()?;
        Ok(text.map(|text| text.expose_secret().to_owned()).unwrap_or_default())
    };
    let detail = UserDetail {
        links: Links::to(&url, &format!("/v3.0/OS-USER/users/{}", row.id)),
        email: open(purpose::EMAIL, row.email)?,
        areacode: open(purpose::AREA_CODE, row.area_code)?,
        phone: open(purpose::PHONE, row.phone)?,
        id: row.id.to_string(),
        name: row.name,
        domain_id: row.account_id.to_string(),
        enabled: row.enabled,
        is_domain_owner: row.is_owner,
        pwd_status: row.password_hash.is_some(),
        access_mode: access_mode(row.password_hash.is_some()),
        description: row.description,
        create_time: row.created_at.to_wire_micros(),
        update_time: None,
        last_login_time: None,
        pwd_strength: None,
        xuser_id: "",
        xuser_type: "",
    };
    Ok(Reply(json!({"user": detail})))
}

async fn load(app: &App, caller: &Login, id: String) -> Result<UserRow> {
    let principal = caller.principal.clone();
    app.store.read(async move |tx: &mut Tx| load_visible_user(tx, &principal, &id).await).await
}
