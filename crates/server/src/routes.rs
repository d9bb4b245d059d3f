//! The table of contents: one line per operation, in the order of the API reference.
//!
//! A line gives method, path, operation id, permission and handler. There is no way to add a route without a permission;
//! the guard in `caller/` reads it from here.

use crate::accessories::api as accessories;
use crate::app::App;
use crate::catalog::api as catalog;
use crate::error::{Code, Error};
use crate::reply;
use crate::{caller, iam};
use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, get, on};
use http::Method;

pub use crate::iam::StaffRole;

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
        // The guard is inside the extension that tells it which operation this is.
        let guarded: MethodRouter<App> =
            on(filter, handler).layer(from_fn_with_state(self.app.clone(), caller::authenticate));
        let handler: MethodRouter<App> = guarded.layer(axum::Extension(operation));
        let router = std::mem::take(&mut self.router);
        self.router = router.route(path, handler);
    }
}

fn table(app: &App) -> Table {
    let mut table = Table { app: app.clone(), router: Router::new(), operations: Vec::new() };
    fill(&mut table);
    table
}

/// Staff who work on cases.
const WORKERS: &[StaffRole] = &[StaffRole::Engineer, StaffRole::Lead];
/// Staff who may look at cases.
const READERS: &[StaffRole] = &[StaffRole::Engineer, StaffRole::Lead, StaffRole::Auditor];

/// The lines. Each folder's operations stand together.
fn fill(t: &mut Table) {
    t.op(&Method::GET, "/readyz", "ShowReadiness", Permission::Anyone, readyz);

    t.op(
        &Method::GET,
        "/v2/servicerequest/config/area-codes",
        "ListAreaCodes",
        Permission::User,
        catalog::list_area_codes,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/config/categories",
        "ListCaseCategories",
        Permission::User,
        catalog::list_case_categories,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/config/extends-map",
        "ListExtendsParams",
        Permission::User,
        catalog::list_extends_params,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/config/limits",
        "ListCaseLimits",
        Permission::User,
        catalog::list_case_limits,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/config/problems",
        "ListProblemTypes",
        Permission::User,
        catalog::list_problem_types,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/config/product-categories",
        "ListProductCategories",
        Permission::User,
        catalog::list_product_categories,
    );
    t.op(&Method::GET, "/v2/servicerequest/config/regions", "ListRegions", Permission::User, catalog::list_regions);
    t.op(
        &Method::GET,
        "/v2/servicerequest/config/satisfaction-dimensions",
        "ListSatisfactionDimensions",
        Permission::User,
        catalog::list_satisfaction_dimensions,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/config/severities",
        "ListSeverities",
        Permission::User,
        catalog::list_severities,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/config/templates",
        "ListCaseTemplates",
        Permission::User,
        catalog::list_case_templates,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/configurations/{config_key}",
        "ShowConfiguration",
        Permission::Anyone,
        catalog::show_configuration,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/accessorys/limits",
        "ShowAccessoryLimits",
        Permission::User,
        catalog::show_accessory_limits,
    );

    t.op(
        &Method::POST,
        "/v2/servicerequest/accessorys",
        "UploadAccessory",
        Permission::Customer,
        accessories::upload_accessory,
    );
    t.op(
        &Method::POST,
        "/v2/servicerequest/accessorys/json-format-content",
        "UploadJsonAccessories",
        Permission::Customer,
        accessories::upload_json_accessories,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/accessorys/access-urls",
        "ListAccessoryAccessUrls",
        Permission::Customer,
        accessories::list_accessory_access_urls,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/accessorys/{accessory_id}",
        "DownloadAccessories",
        Permission::Customer,
        accessories::download_accessories,
    );
    t.op(
        &Method::DELETE,
        "/v2/servicerequest/accessorys/{accessory_id}",
        "DeleteAccessories",
        Permission::Customer,
        accessories::delete_accessories,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/accessorys/{accessory_id}/image",
        "DownloadImages",
        Permission::Customer,
        accessories::download_images,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/accessorys/{accessory_id}/access-url",
        "ShowDownloadAccessoryUrl",
        Permission::Customer,
        accessories::show_download_accessory_url,
    );
    t.op(
        &Method::GET,
        "/v2/servicerequest/accessorys/{accessory_id}/content",
        "DownloadSignedAccessory",
        Permission::Anyone,
        accessories::download_signed_accessory,
    );
    t.op(
        &Method::POST,
        "/desk/v1/accessories",
        "UploadDeskAccessories",
        Permission::Staff(WORKERS),
        accessories::upload_desk_accessories,
    );
    t.op(
        &Method::GET,
        "/desk/v1/accessories/{accessory_id}",
        "DownloadDeskAccessories",
        Permission::Staff(READERS),
        accessories::download_desk_accessories,
    );
    t.op(
        &Method::DELETE,
        "/desk/v1/accessories/{accessory_id}",
        "DeleteDeskAccessories",
        Permission::Staff(WORKERS),
        accessories::delete_accessories,
    );
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
