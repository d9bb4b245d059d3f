//! The calls of the identity service, one file per resource, and what their answers have in common.
//!
//! Always true: another account's id answers like one that does not exist; an account's administrators (its owner, and
//! holders of Security Administrator) may see and manage its users, everybody else only himself; lists can be paged with
//! `page` and `per_page`.

mod agencies;
mod caller_identity;
mod catalog;
mod credentials;
mod domains;
mod groups;
mod projects;
mod security_tokens;
mod sub_customers;
mod tokens;
mod users;

use axum::extract::{FromRequestParts, Path};
use counterfoil_wire::ids::{AccountId, UserId};
use http::{header, request::Parts};
use serde::Serialize;
use serde_json::{Map, Value};

pub use agencies::list_agencies;
pub use caller_identity::show_caller_identity;
pub use catalog::{list_auth_catalog, list_iam_regions};
pub use credentials::{create_access_key, delete_access_key, list_access_keys, show_access_key, update_access_key};
pub use domains::list_auth_domains;
pub use groups::{list_groups, list_user_groups};
pub use projects::{list_auth_projects, list_projects, show_project};
pub use security_tokens::create_security_token;
pub use sub_customers::list_sub_customers;
pub use tokens::{create_token, show_token};
pub use users::{list_users, show_user, show_user_detail};

use super::{
    admin::AdminError,
    model::Principal,
    sql::{self, Slice, UserRow},
};
use crate::{
    app::App,
    error::{Allowed, Code, Error, Result},
    extract::Query,
};
use counterfoil_store::Tx;

/// Most items of a page, and of a list that is not paged.
const PER_PAGE: i64 = 5_000;

impl From<AdminError> for Error {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::Exists { .. } => Self::new(Code::IamConflict),
            AdminError::Missing { .. } => Self::new(Code::IamNotFound),
            AdminError::Reserved => Self::new(Code::IamForbidden),
            AdminError::TooManyKeys(_) => Self::new(Code::IamTooManyKeys),
            AdminError::Store(error) => error.into(),
        }
    }
}

/// A parameter of the path. A text that cannot be one answers like an id that does not exist.
pub struct PathText(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        // No database keeps NUL, so nothing has such a name.
        let text = path.ok().map(|Path(text)| text).filter(|text| !text.contains('\0'));
        text.map(Self).ok_or_else(|| Error::new(Code::IamNotFound))
    }
}

/// How the service is reached from outside, without a trailing slash: as configured, else as the client did.
pub struct PublicUrl(pub String);

impl FromRequestParts<App> for PublicUrl {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if !app.config.public_url.is_empty() {
            return Ok(Self(app.config.public_url.clone()));
        }
        let host = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
        Ok(Self(format!("http://{}", host.unwrap_or(&app.config.listen))))
    }
}

/// `links` of one item.
#[derive(Serialize)]
pub struct SelfLink {
    #[serde(rename = "self")]
    own: String,
}

/// `links` of a list, and of the users in it.
#[derive(Serialize)]
pub struct Links {
    #[serde(rename = "self")]
    own: String,
    previous: Option<String>,
    next: Option<String>,
}

impl SelfLink {
    pub(crate) fn new(url: &PublicUrl, path: &str) -> Self {
        Self { own: format!("{}{path}", url.0) }
    }
}

impl Links {
    pub(crate) fn to(url: &PublicUrl, path: &str) -> Self {
        Self { own: format!("{}{path}", url.0), previous: None, next: None }
    }
}

/// Which part of a list is asked for.
pub struct Paging {
    page: Option<i64>,
    per_page: i64,
}

impl Paging {
    /// Reads `page` and `per_page`, which must come together.
    pub(crate) fn read(query: &Query) -> Result<Self> {
        let page = query.int("page", 1..=i64::from(i32::MAX))?;
        let per_page = query.int("per_page", 1..=PER_PAGE)?;
        match (page, per_page) {
            (None, Some(_)) => Err(Error::param("page", Allowed::Required)),
            (Some(_), None) => Err(Error::param("per_page", Allowed::Required)),
            (page, per_page) => Ok(Self { page, per_page: per_page.unwrap_or(PER_PAGE) }),
        }
    }

    /// The rows to read: one more than asked for, to know whether another page follows.
    pub(crate) fn slice(&self) -> Slice {
        Slice { offset: (self.page.unwrap_or(1) - 1) * self.per_page, limit: self.per_page + 1 }
    }

    /// A list answer: `{<name>: [...], "links": {...}}`. `items` are the rows that [`Paging::slice`] gave.
    pub(crate) fn answer<T: Serialize>(
        &self,
        name: &'static str,
        mut items: Vec<T>,
        url: &PublicUrl,
        path: &str,
    ) -> Result<Value> {
        let more = items.len() as i64 > self.per_page;
        items.truncate(usize::try_from(self.per_page).unwrap_or(usize::MAX));
        let mut links = Links::to(url, path);
        if let Some(page) = self.page {
            let at = |page: i64| format!("{}{path}?page={page}&per_page={}", url.0, self.per_page);
            links.own = at(page);
            links.previous = (page > 1).then(|| at(page - 1));
            links.next = more.then(|| at(page + 1));
        }
        let mut answer = Map::new();
        answer.insert(name.to_owned(), serde_json::to_value(items).map_err(Error::internal)?);
        answer.insert("links".to_owned(), serde_json::to_value(links).map_err(Error::internal)?);
        Ok(Value::Object(answer))
    }
}

/// Fails unless the caller may manage its whole account.
fn must_administrate(caller: &Principal) -> Result<()> {
    if caller.is_administrator() { Ok(()) } else { Err(Error::new(Code::IamForbidden)) }
}

/// An account id in a query must be the caller's own; whether another one exists is not said.
fn must_be_own(caller: &Principal, account_id: Option<&str>) -> Result<()> {
    match account_id {
        Some(id) if id != caller.account_id.as_str() => Err(Error::new(Code::IamForbidden)),
        _ => Ok(()),
    }
}

/// The user of that id in the caller's account, if the caller may see it.
async fn load_visible_user(tx: &mut Tx, caller: &Principal, id: &str) -> Result<UserRow> {
    let user = match UserId::parse(id) {
        Some(id) => sql::get_user(tx, &caller.account_id, &id).await?,
        None => None,
    };
    let user = user.ok_or_else(|| Error::new(Code::IamNotFound))?;
    if user.id != caller.user_id {
        must_administrate(caller)?;
    }
    Ok(user)
}

/// The id of an account in a body; a text that cannot be one belongs to no account.
fn account_id(text: &str) -> Result<AccountId> {
    AccountId::parse(text).ok_or_else(|| Error::new(Code::IamNotFound))
}
