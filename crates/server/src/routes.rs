//! The table of contents: one line per operation, in the order of the API reference.
//!
//! A line gives method, path, operation id, permission and handler. There is no way to add a route without a permission;
//! the guard in `caller/` reads it from here.

use crate::app::App;
use crate::error::{Code, Error};
use crate::reply;
use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, get, on};
use http::Method;

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Everybody, signed in or not.
    Anyone,
    /// Everybody who is signed in: customers and staff.
    User,
    /// Users of customer accounts.
    Customer,
    /// Staff in one of these roles.
    Staff(&'static [StaffRole]),
}

/// What an engineer or administrator of the provider may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StaffRole {
    /// Works on cases.
    Engineer,
    /// Works on cases, assigns them and declares them invalid.
    Lead,
    /// Keeps the catalogue.
    CatalogAdmin,
    /// Reads everything.
    Auditor,
    /// Runs the installation.
    Operator,
}

/// What the table says of an operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Operation {
    /// `GET`, `POST`, ...
    pub method: &'static str,
    /// The path with its parameters in braces.
    pub path: &'static str,
    /// The operation id, such as `CreateCases`.
    pub id: &'static str,
    /// Who may call it.
    pub permission: Permission,
}

struct Table {
    app: App,
    router: Router<App>,
    operations: Vec<Operation>,
}

impl Table {
    fn op<H, T>(&mut self, method: &Method, path: &'static str, id: &'static str, permission: Permission, handler: H)
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let (filter, method) = match *method {
            Method::POST => (MethodFilter::POST, "POST"),
            Method::PUT => (MethodFilter::PUT, "PUT"),
            Method::DELETE => (MethodFilter::DELETE, "DELETE"),
            _ => (MethodFilter::GET, "GET"),
        };
        let operation = Operation { method, path, id, permission };
        self.operations.push(operation);
        let handler = on(filter, handler);
        let router = std::mem::take(&mut self.router);
        self.router = router.route(path, handler);
    }
}

fn table(app: &App) -> Table {
    let mut table = Table { app: app.clone(), router: Router::new(), operations: Vec::new() };
    fill(&mut table);
    table
}

/// The lines. Each folder's operations stand together.
fn fill(t: &mut Table) {
    t.op(&Method::GET, "/readyz", "ShowReadiness", Permission::Anyone, readyz);
}

/// Every operation of the table.
pub fn operations(app: &App) -> Vec<Operation> {
    table(app).operations
}

/// The whole service.
pub fn router(app: &App) -> Router {
    let Table { app, router, .. } = table(app);
    router
        .route("/healthz", get(async || "ok"))
        .fallback(async || Error::new(Code::NoSuchApi))
        .method_not_allowed_fallback(async || Error::new(Code::NoSuchMethod))
        .layer(axum::extract::DefaultBodyLimit::max(app.config.limits.body_bytes))
        .layer(from_fn_with_state(app.clone(), reply::finish))
        .with_state(app)
}

/// 200 once the database answers.
async fn readyz(axum::extract::State(app): axum::extract::State<App>) -> Result<&'static str, Error> {
    app.store
        .read(async |tx: &mut counterfoil_store::Tx| counterfoil_store::load_setting(tx, "key_check").await)
        .await?;
    Ok("ready")
}
