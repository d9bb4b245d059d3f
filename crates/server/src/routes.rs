//! The table of contents: one line per operation, in the order of the API reference.
//!
//! A line gives method, path, operation id, permission and handler. There is no way to add a route without a permission;
//! the guard in `caller/` reads it from here.

use crate::accessories::api as accessories;
use crate::agreements::api as agreements;
use crate::app::App;
use crate::authorizations::{api as authorizations, desk as authorizations_desk};
use crate::bastion::api as bastion;
use crate::caller;
use crate::cases::api as cases;
use crate::cases::legacy;
use crate::catalog::api as catalog;
use crate::contacts::api as contacts;
use crate::desk::api as desk;
use crate::error::{Code, Error};
use crate::events::api as events;
use crate::export::api as export;
use crate::feedbacks::api as feedbacks;
use crate::iam::api as identity;
use crate::labels::api as labels;
use crate::messages::{api as messages, instant};
use crate::openapi::api as openapi;
use crate::particulars::api as particulars;
use crate::quotas::api as quotas;
use crate::relations::api as relations;
use crate::reply;
use Permission::{Anyone, Customer, Staff, User};
use axum::Router;
use axum::extract::DefaultBodyLimit;
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

/// Staff that reads cases.
const READERS: &[StaffRole] = &[StaffRole::Engineer, StaffRole::Lead, StaffRole::Auditor];
/// Staff that works on cases.
const WORKERS: &[StaffRole] = &[StaffRole::Engineer, StaffRole::Lead];
/// Staff that decides about other people's work.
const LEADS: &[StaffRole] = &[StaffRole::Lead];

/// Staff that reads what is about people, such as reports of abuse.
const REVIEWERS: &[StaffRole] = &[StaffRole::Lead, StaffRole::Auditor];

const GET: &Method = &Method::GET;
const POST: &Method = &Method::POST;
const PUT: &Method = &Method::PUT;
const DELETE: &Method = &Method::DELETE;

struct Table {
    /// None when only the lines are asked for.
    app: Option<App>,
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
        let Some(app) = &self.app else { return };
        // The guard is inside the extension that tells it which operation this is.
        let guarded: MethodRouter<App> =
            on(filter, handler).layer(from_fn_with_state(app.clone(), caller::authenticate));
        let limit = DefaultBodyLimit::max(app.config.body_limit(id));
        let limited: MethodRouter<App> = guarded.layer(limit);
        let handler: MethodRouter<App> = limited.layer(axum::Extension(operation));
        let router = std::mem::take(&mut self.router);
        self.router = router.route(path, handler);
    }
}

fn table(app: Option<&App>) -> Table {
    let mut table = Table { app: app.cloned(), router: Router::new(), operations: Vec::new() };
    fill(&mut table);
    table
}

/// The lines. Each folder's operations stand together.
#[rustfmt::skip]
fn fill(t: &mut Table) {
    t.op(GET,    "/readyz", "ShowReadiness", Anyone, show_readiness);
    t.op(GET,    "/openapi.json", "ShowOpenapi", Anyone, openapi::show_openapi);
    t.op(GET,    "/docs", "ShowDocs", Anyone, openapi::show_docs);
    t.op(GET,    "/docs/{asset}", "ShowDocsAsset", Anyone, openapi::show_docs_asset);

    t.op(POST,   "/v3/auth/tokens", "CreateToken", Anyone, identity::create_token);
    t.op(GET,    "/v3/auth/tokens", "ShowToken", User, identity::show_token);
    t.op(GET,    "/v3/auth/domains", "ListAuthDomains", User, identity::list_auth_domains);
    t.op(GET,    "/v3/auth/projects", "ListAuthProjects", User, identity::list_auth_projects);
    t.op(GET,    "/v3/auth/catalog", "ListAuthCatalog", User, identity::list_auth_catalog);
    t.op(GET,    "/v3/projects", "ListProjects", User, identity::list_projects);
    t.op(GET,    "/v3/projects/{project_id}", "ShowProject", User, identity::show_project);
    t.op(GET,    "/v3/regions", "ListIamRegions", User, identity::list_iam_regions);
    t.op(GET,    "/v3/users", "ListUsers", User, identity::list_users);
    t.op(GET,    "/v3/users/{user_id}", "ShowUser", User, identity::show_user);
    t.op(GET,    "/v3/users/{user_id}/groups", "ListUserGroups", User, identity::list_user_groups);
    t.op(GET,    "/v3.0/OS-USER/users/{user_id}", "ShowUserDetail", User, identity::show_user_detail);
    t.op(GET,    "/v3/groups", "ListGroups", User, identity::list_groups);
    t.op(POST,   "/v3.0/OS-CREDENTIAL/credentials", "CreateAccessKey", User, identity::create_access_key);
    t.op(GET,    "/v3.0/OS-CREDENTIAL/credentials", "ListAccessKeys", User, identity::list_access_keys);
    t.op(GET,    "/v3.0/OS-CREDENTIAL/credentials/{access_key}", "ShowAccessKey", User, identity::show_access_key);
    t.op(PUT,    "/v3.0/OS-CREDENTIAL/credentials/{access_key}", "UpdateAccessKey", User, identity::update_access_key);
    t.op(DELETE, "/v3.0/OS-CREDENTIAL/credentials/{access_key}", "DeleteAccessKey", User, identity::delete_access_key);
    t.op(POST,   "/v3.0/OS-CREDENTIAL/securitytokens", "CreateSecurityToken", Anyone, identity::create_security_token);
    t.op(GET,    "/v5/caller-identity", "ShowCallerIdentity", User, identity::show_caller_identity);

    t.op(GET,       "/osm/incidentservice/api/v1/queryincident", "ListOrderIncident", Customer, legacy::list_order_incident);

    t.op(POST,   "/v2/servicerequest/cases", "CreateCases", Customer, cases::create_cases);
    t.op(GET,       "/v2/servicerequest/cases", "ListCases", Customer, cases::list_cases);
    t.op(GET,       "/v2/servicerequest/cases/count", "ListCaseCounts", Customer, cases::list_case_counts);
    t.op(GET,       "/v2/servicerequest/cases/export", "DownloadCases", Customer, export::download_cases);
    t.op(GET,       "/v2/servicerequest/cases/{case_id}", "ShowCaseDetail", Customer, cases::show_case_detail);
    t.op(GET,       "/v2/servicerequest/cases/{case_id}/status", "ShowCaseStatus", Customer, cases::show_case_status);
    t.op(POST,   "/v2/servicerequest/cases/{case_id}/action", "UpdateCases", Customer, cases::update_cases);
    t.op(PUT,    "/v2/servicerequest/cases/{case_id}/contact-info", "UpdateCaseContactInfo", Customer, particulars::update_case_contact_info);
    t.op(GET,       "/v2/servicerequest/cases/{case_id}/extends-param", "ShowCaseExtendsParam", Customer, particulars::show_case_extends_param);
    t.op(POST,   "/v2/servicerequest/cases/{case_id}/extends-param", "CreateCaseExtendsParam", Customer, particulars::create_case_extends_param);
    t.op(DELETE, "/v2/servicerequest/cases/{case_id}/labels", "DeleteCaseLabels", Customer, labels::delete_case_labels);
    t.op(GET,       "/v2/servicerequest/cases/{case_id}/labels", "ListCaseLabels", Customer, labels::list_case_labels);
    t.op(POST,   "/v2/servicerequest/cases/{case_id}/labels", "CreateCaseLabels", Customer, labels::create_case_labels);
    t.op(GET,       "/v2/servicerequest/cases/{case_id}/operate-logs", "ListCaseOperateLogs", Customer, cases::list_case_operate_logs);

    t.op(DELETE, "/v2/servicerequest/cases/{case_id}/relations", "DeleteRelation", Customer, relations::delete_relation);
    t.op(GET,       "/v2/servicerequest/cases/{case_id}/relations", "ListRelation", Customer, relations::list_relation);
    t.op(POST,   "/v2/servicerequest/cases/{case_id}/relations", "CreateRelations", Customer, relations::create_relations);
    t.op(POST,   "/v2/servicerequest/cases/{case_id}/score", "CreateScores", Customer, particulars::create_scores);
    t.op(GET,       "/v2/servicerequest/carbon-copy-emails", "ListCaseCcEmails", Customer, particulars::list_case_cc_emails);

    t.op(POST,   "/v2/servicerequest/cases/{case_id}/message", "CreateMessages", Customer, messages::create_messages);
    t.op(GET,       "/v2/servicerequest/cases/{case_id}/messages", "ListMessages", Customer, messages::list_messages);
    t.op(GET,       "/v2/servicerequest/cases/instant-messages", "ListNewInstantMessages", Customer, instant::list_new_instant_messages);
    t.op(GET,       "/v2/servicerequest/cases/instant-messages/unread", "ListUnreadNewInstantMessages", Customer, instant::list_unread_new_instant_messages);
    t.op(GET,       "/v2/servicerequest/cases/{case_id}/instant-messages/more", "ListMoreInstantMessages", Customer, instant::list_more_instant_messages);
    t.op(POST,   "/v2/servicerequest/cases/{case_id}/instant-messages/unread", "UpdateNewInstantMessagesRead", Customer, instant::update_new_instant_messages_read);
    t.op(POST,   "/v2/servicerequest/cases/{case_id}/instant-messages/{message_id}/withdraw", "RevokeMessage", Customer, instant::revoke_message);
    t.op(GET,       "/v2/servicerequest/events", "StreamEvents", Customer, events::stream_events);

    t.op(POST,   "/v2/servicerequest/feedbacks", "CreateFeedback", Customer, feedbacks::create_feedback);

    t.op(GET,       "/v2/servicerequest/labels", "ListLabels", Customer, labels::list_labels);
    t.op(POST,   "/v2/servicerequest/labels", "CreateLabels", Customer, labels::create_labels);
    t.op(DELETE, "/v2/servicerequest/labels/{label_id}", "DeleteLabels", Customer, labels::delete_labels);
    t.op(PUT,    "/v2/servicerequest/labels/{label_id}", "UpdateLabels", Customer, labels::update_labels);

    t.op(POST,   "/v2/servicerequest/accessorys", "UploadAccessory", Customer, accessories::upload_accessory);
    t.op(POST,   "/v2/servicerequest/accessorys/json-format-content", "UploadJsonAccessories", Customer, accessories::upload_json_accessories);
    t.op(GET,       "/v2/servicerequest/accessorys/access-urls", "ListAccessoryAccessUrls", Customer, accessories::list_accessory_access_urls);
    t.op(GET,       "/v2/servicerequest/accessorys/{accessory_id}", "DownloadAccessories", Customer, accessories::download_accessories);
    t.op(DELETE, "/v2/servicerequest/accessorys/{accessory_id}", "DeleteAccessories", Customer, accessories::delete_accessories);
    t.op(GET,       "/v2/servicerequest/accessorys/{accessory_id}/image", "DownloadImages", Customer, accessories::download_images);
    t.op(GET,       "/v2/servicerequest/accessorys/{accessory_id}/access-url", "ShowDownloadAccessoryUrl", Customer, accessories::show_download_accessory_url);
    t.op(GET,       "/v2/servicerequest/accessorys/{accessory_id}/content", "DownloadSignedAccessory", Anyone, accessories::download_signed_accessory);

    t.op(GET,       "/v2/servicerequest/authorizations", "ListAuthorizations", Customer, authorizations::list_authorizations);
    t.op(POST,   "/v2/servicerequest/authorizations/authorization-details/{authorization_detail_id}/verify-host", "CheckHosts", Customer, authorizations::check_hosts);
    t.op(GET,       "/v2/servicerequest/authorizations/login-type", "ShowLoginType", Customer, authorizations::show_login_type);
    t.op(GET,       "/v2/servicerequest/authorizations/{authorization_id}", "ShowAuthorizationDetail", Customer, authorizations::show_authorization_detail);
    t.op(PUT,    "/v2/servicerequest/authorizations/{authorization_id}", "ConfirmAuthorizations", Customer, authorizations::confirm_authorizations);
    t.op(PUT,    "/v2/servicerequest/authorizations/{authorization_id}/action", "UpdateAuthorizations", Customer, authorizations::update_authorizations);
    t.op(GET,       "/v2/servicerequest/authorizations/{authorization_id}/authorization-details/{authorization_detail_id}/history-sessions", "ListHistorySessions", Customer, bastion::list_history_sessions);
    t.op(GET,       "/v2/servicerequest/authorizations/{authorization_id}/authorization-details/{authorization_detail_id}/sessions/{session_id}/operation-file-logs", "ListTransportHistories", Customer, bastion::list_transport_histories);
    t.op(GET,       "/v2/servicerequest/authorizations/{authorization_id}/authorization-details/{authorization_detail_id}/sessions/{session_id}/operation-logs", "ListHistoryOperateLogs", Customer, bastion::list_history_operate_logs);

    t.op(GET,       "/v2/servicerequest/agreements/published-agreement", "ShowLatestPublishedAgreement", Customer, agreements::show_latest_published_agreement);
    t.op(GET,       "/v2/servicerequest/agreements/signed-latest", "ShowSignedLatestPublishedAgreement", Customer, agreements::show_signed_latest_published_agreement);
    t.op(POST,   "/v2/servicerequest/agreements/{id}/signed", "SignPublishedAgreement", Customer, agreements::sign_published_agreement);

    t.op(GET,       "/v2/servicerequest/verifycodes/need-verify", "CheckNeedVerify", Customer, contacts::check_need_verify);
    t.op(POST,   "/v2/servicerequest/verifycodes/send", "SendVerifyCodes", Customer, contacts::send_verify_codes);
    t.op(POST,   "/v2/servicerequest/verifycodes", "CheckVerifyCodes", Customer, contacts::check_verify_codes);
    t.op(GET,       "/v2/servicerequest/verifycodes/has-verified", "ListHasVerifiedContacts", Customer, contacts::list_has_verified_contacts);

    t.op(GET,       "/desk/v1/cases", "ListDeskCases", Staff(READERS), desk::list_desk_cases);
    t.op(GET,       "/desk/v1/cases/{case_id}", "ShowDeskCase", Staff(READERS), desk::show_desk_case);
    t.op(POST,   "/desk/v1/cases/{case_id}/accept", "AcceptCase", Staff(WORKERS), desk::accept_case);
    t.op(POST,   "/desk/v1/cases/{case_id}/reply", "ReplyToCase", Staff(WORKERS), desk::reply_to_case);
    t.op(POST,   "/desk/v1/cases/{case_id}/note", "AddCaseNote", Staff(WORKERS), desk::add_case_note);
    t.op(POST,   "/desk/v1/cases/{case_id}/pause", "PauseCase", Staff(WORKERS), desk::pause_case);
    t.op(POST,   "/desk/v1/cases/{case_id}/resume", "ResumeCase", Staff(WORKERS), desk::resume_case);
    t.op(POST,   "/desk/v1/cases/{case_id}/invalid", "InvalidateCase", Staff(LEADS), desk::invalidate_case);
    t.op(GET,       "/desk/v1/feedbacks", "ListFeedbacks", Staff(REVIEWERS), feedbacks::list_feedbacks);
    t.op(GET,       "/desk/v1/feedbacks/{feedback_id}", "ShowFeedback", Staff(REVIEWERS), feedbacks::show_feedback);
    t.op(POST,   "/desk/v1/cases/{case_id}/authorizations", "RequestAuthorization", Staff(WORKERS), authorizations_desk::request_authorization);
    t.op(GET,       "/desk/v1/authorizations", "ListDeskAuthorizations", Staff(READERS), authorizations_desk::list_desk_authorizations);
    t.op(GET,       "/desk/v1/authorizations/{authorization_id}", "ShowDeskAuthorization", Staff(READERS), authorizations_desk::show_desk_authorization);
    t.op(POST,   "/desk/v1/authorizations/{authorization_id}/recall", "RecallAuthorization", Staff(WORKERS), authorizations_desk::recall_authorization);
    t.op(POST,   "/desk/v1/accessories", "UploadDeskAccessories", Staff(WORKERS), accessories::upload_desk_accessories);
    t.op(GET,       "/desk/v1/accessories/{accessory_id}", "DownloadDeskAccessories", Staff(READERS), accessories::download_desk_accessories);
    t.op(DELETE, "/desk/v1/accessories/{accessory_id}", "DeleteDeskAccessories", Staff(WORKERS), accessories::delete_accessories);

    t.op(GET,       "/v2/servicerequest/config/area-codes", "ListAreaCodes", User, catalog::list_area_codes);
    t.op(GET,       "/v2/servicerequest/config/categories", "ListCaseCategories", User, catalog::list_case_categories);
    t.op(GET,       "/v2/servicerequest/config/extends-map", "ListExtendsParams", User, catalog::list_extends_params);
    t.op(GET,       "/v2/servicerequest/config/limits", "ListCaseLimits", User, catalog::list_case_limits);
    t.op(GET,       "/v2/servicerequest/config/problems", "ListProblemTypes", User, catalog::list_problem_types);
    t.op(GET,       "/v2/servicerequest/config/product-categories", "ListProductCategories", User, catalog::list_product_categories);
    t.op(GET,       "/v2/servicerequest/config/regions", "ListRegions", User, catalog::list_regions);
    t.op(GET,       "/v2/servicerequest/config/satisfaction-dimensions", "ListSatisfactionDimensions", User, catalog::list_satisfaction_dimensions);
    t.op(GET,       "/v2/servicerequest/config/severities", "ListSeverities", User, catalog::list_severities);
    t.op(GET,       "/v2/servicerequest/config/templates", "ListCaseTemplates", User, catalog::list_case_templates);
    t.op(GET,       "/v2/servicerequest/customers/regions", "ListCustomersRegions", Customer, catalog::list_customers_regions);
    t.op(GET,       "/v2/servicerequest/configurations/{config_key}", "ShowConfiguration", Anyone, catalog::show_configuration);
    t.op(GET,       "/v2/servicerequest/accessorys/limits", "ShowAccessoryLimits", User, catalog::show_accessory_limits);
    t.op(GET,       "/v2/servicerequest/quotas", "ListCaseQuotas", Customer, quotas::list_case_quotas);
}

/// Every operation of the table.
pub fn operations() -> Vec<Operation> {
    table(None).operations
}

/// The whole service.
pub fn router(app: &App) -> Router {
    let Table { router, .. } = table(Some(app));
    router
        .route("/healthz", get(async || "ok"))
        .fallback(async || Error::new(Code::NoSuchApi))
        .method_not_allowed_fallback(async || Error::new(Code::NoSuchMethod))
        .layer(from_fn_with_state(app.clone(), reply::finish))
        .with_state(app.clone())
}

/// 200 once the database answers.
async fn show_readiness(axum::extract::State(app): axum::extract::State<App>) -> Result<&'static str, Error> {
    app.store
        .read(async |tx: &mut counterfoil_store::Tx| counterfoil_store::load_setting(tx, "key_check").await)
        .await?;
    Ok("ready")
}
