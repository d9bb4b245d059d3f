//! Submitting, listing, showing, counting and operating on cases.

use super::access::{self, PathId, Scope};
use super::asked::{self, Asked};
use super::change::{self, Doer};
use super::rules::{Action, Status};
use super::sealed;
use super::sequence;
use super::sql::{self, CaseRow};
use super::submission::{self, Submission};
use crate::accessories;
use crate::agreements;
use crate::app::App;
use crate::caller::Caller;
use crate::catalog::Snapshot;
use crate::contacts;
use crate::error::{Allowed, Code, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::labels;
use crate::messages::{self, Author};
use crate::once::Once;
use crate::particulars;
use crate::particulars::rules::{check_bounds, read_scores};
use crate::partners;
use crate::plans;
use crate::privileges::{self, Right};
use crate::reply::{Done, Reply};
use crate::search;
use axum::extract::State;
use counterfoil_store::{Tx, counters};
use counterfoil_wire::cases::{
    CaseContact, CaseCount, CaseCounts, CaseCreated, CaseDetail, CaseDetailAnswer, CasePage, CaseStatus, CaseSummary,
    CreateCase, OperateCase, OperateLog, OperateLogPage, SatisfactionScore,
};
use counterfoil_wire::ids::CaseId;
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::Micros;
use http::HeaderMap;
use serde_json::{Map, Value, json};

/// How often another random id is tried when one is taken.
const ID_TRIES: usize = 8;
/// The most messages that a case's detail holds; ListMessages gives the rest.
const DETAIL_MESSAGES: i64 = 100;

impl Check for CreateCase {
    fn check(&self) -> Result<()> {
        let optional = |field, value: &Option<String>, max| extract::optional_text(field, value.as_deref(), 0..=max);
        optional("incident_sub_type_id", &self.incident_sub_type_id, 32)?;
        optional("product_category_id", &self.product_category_id, 64)?;
        extract::text("business_type_id", &self.business_type_id, 0..=512)?;
        optional("region_id", &self.region_id, 64)?;
        extract::text("simple_description", &self.simple_description, 0..=1200)?;
        extract::text("source_id", &self.source_id, 0..=32)?;
        optional("remind_mobile", &self.remind_mobile, 32)?;
        optional("remind_mail", &self.remind_mail, 128)?;
        optional("remind_time", &self.remind_time, 16)?;
        optional("project_id", &self.project_id, 64)?;
        optional("severity_id", &self.severity_id, 64)?;
        optional("verify_code", &self.verify_code, 32)?;
        optional("area_code", &self.area_code, 32)?;
        optional("authorization_content", &self.authorization_content, 400)?;
        for (field, value) in [("project_id", &self.project_id), ("verify_code", &self.verify_code)] {
            extract::line(field, value.as_deref().unwrap_or_default())?;
        }
        messages::check_file_ids("accessory_ids", self.accessory_ids.as_deref(), 32)
    }
}

/// Submit a case.
pub async fn create_cases(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    headers: HeaderMap,
    Body(request): Body<CreateCase>,
) -> Result<Reply<CaseCreated>> {
    let proofs = contacts::OwnedProofs::read(&headers)?;
    privileges::require(&caller, Right::Submit)?;
    let catalog = app.catalog.snapshot(&app.store).await?;
    let submission = submission::check(&request, &catalog)?;
    let files = messages::parse_file_ids("accessory_ids", request.accessory_ids.as_deref())?;
    let most_files = usize::try_from(catalog.settings().accessory_limit_count).unwrap_or(usize::MAX);
    if files.len() > most_files {
        return Err(Error::param("accessory_ids", Allowed::Items(0, most_files as u64)));
    }
    contacts::spend_code(&app, &caller, &submission.secrets.contact, request.verify_code.as_deref()).await?;
    let now = app.clock.now();
    let context = app.clone();
    let words = search::Words::of(&request.simple_description);
    let unit = async move |tx: &mut Tx| {
        agreements::require_signed(tx, &caller, agreements::Kind::NewCase, now).await?;
        contacts::require_usable(tx, &context, &caller, &submission.secrets.contact, proofs.borrowed(), now).await?;
        let case = new_case(tx, &context, &caller, &request, &submission, now).await?;
        plans::admit(tx, &context, &case, &catalog, now).await?;
        sql::insert(tx, &case).await?;
        sealed::save(tx, &context, &case, &submission.secrets).await?;
        let (doer, author) = (Doer::customer(&caller), Author::customer(&caller));
        let payload = json!({"business_type_id": case.problem_id, "severity_id": case.severity_id});
        let event_no = change::write_numbered_event(tx, &doer, &case, "case.created", payload, now).await?;
        let message = messages::write_first(tx, &context, &case, &author, event_no, now).await?;
        messages::bind_files(tx, &caller, &case, &message, &files, accessories::Source::Incident, "accessory_ids")
            .await?;
        let words = words.with_id(case.case_id.as_str());
        search::store_document(tx, case.case_no, case.account_id.as_str(), case.case_no, false, &words).await?;
        change::write_log(tx, &doer, &case, 0, "", (context.sequence.tick(now), now)).await?;
        sql::count_new(tx, &case).await?;
        Ok(CaseCreated { incident_id: case.case_id })
    };
    once.write(&app, unit).await.map(Reply)
}

async fn new_case(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    request: &CreateCase,
    submission: &Submission,
    now: Micros,
) -> Result<CaseRow> {
    let case_id = free_id(tx, now).await?;
    let commodity_id = submission.commodity_id();
    let (owner, partner_id) =
        partners::owner_of(tx, &caller.account_id, &submission.sub_type_id, commodity_id, now).await?;
    let (case_no, user_name) = (app.sequence.number(now), caller.user_name.to_string());
    Ok(CaseRow {
        case_type: submission.case_type,
        sub_type_id: Some(submission.sub_type_id.clone()),
        product_id: Some(submission.product_id.clone()),
        problem_id: submission.problem_id.clone(),
        region_id: submission.region_id.clone(),
        severity_id: submission.severity_id.clone(),
        source_id: request.source_id.clone(),
        project_id: request.project_id.clone().filter(|id| !id.is_empty()),
        description: request.simple_description.clone(),
        params: Value::Object(submission.params.clone()).to_string(),
        extension: Value::Object(submission.extension.clone()).to_string(),
        remind_time: submission.remind_time.clone(),
        business_owner: owner.number(),
        partner_id,
        ..CaseRow::untouched(caller.account_id.clone(), case_no, case_id, caller.user_id.clone(), user_name, now)
    })
}

/// An id that no case of any account has.
async fn free_id(tx: &mut Tx, now: Micros) -> Result<CaseId> {
    for _ in 0..ID_TRIES {
        let id = sequence::case_id(now);
        if !sql::is_taken(tx, &id).await? {
            return Ok(id);
        }
    }
    Err(Error::retry_after(Code::Busy, 1))
}

/// List cases, newest first.
pub async fn list_cases(State(app): State<App>, caller: Caller, query: Query) -> Result<Reply<CasePage>> {
    let asked = asked(&caller, &query)?;
    let offset = query.int("offset", 0..=65_535)?.unwrap_or(0);
    let limit = query.int("limit", 0..=100)?.unwrap_or(10);
    let catalog = app.catalog.snapshot(&app.store).await?;
    let lang = caller.lang;
    let (total_count, rows, mut on_them) = asked::find_page(&app, caller, asked, limit, offset).await?;
    let with_labels = |row: CaseRow| {
        let label_list = on_them.remove(&row.case_no).unwrap_or_default();
        CaseSummary { label_list, ..summary(row, &catalog, lang) }
    };
    Ok(Reply(CasePage { total_count, incident_info_list: rows.into_iter().map(with_labels).collect() }))
}

/// What ListCases is asked for.
fn asked(caller: &Caller, query: &Query) -> Result<Asked> {
    let mut keywords = query.list("search_key", 0..=3, 1..=64)?;
    keywords = keywords.iter().flat_map(|key| search::keywords(key)).collect();
    keywords.extend(query.text("app_key", 0..=64)?);
    Ok(Asked {
        group_id: query.text("group_id", 0..=64)?,
        keywords,
        statuses: asked::statuses(query, ("status", 0..=30), Some("incident_status"))?,
        case_ids: Vec::from_iter(query.text("incident_id", 0..=32)?),
        user_name: query.text("x_customer_name", 0..=64)?,
        from: asked::time(caller, query, "query_start_time")?,
        to: asked::time(caller, query, "query_end_time")?,
        user_id: query.text("x_customer_id", 0..=64)?,
        label_ids: query.list("label_id_list", 0..=5, 1..=10)?,
        ..Asked::default()
    })
}

/// The name of a problem type, product or region in the caller's language, or the id where the catalogue lost it.
pub(crate) struct Names {
    /// Problem type.
    pub problem: String,
    /// Kind: consultation or fault.
    pub kind: String,
    /// Product.
    pub product: Option<String>,
    /// Category.
    pub category: Option<String>,
    /// Region; empty without one.
    pub region: String,
    /// Severity.
    pub severity: Option<String>,
}

impl Names {
    /// Looks up the names of a case.
    pub(crate) fn of(case: &CaseRow, catalog: &Snapshot, lang: Lang) -> Self {
        let problem = catalog.problem_type(&case.problem_id).map(|known| known.name.text(lang).to_owned());
        let product = case.product_id.as_deref().map(|id| (id, catalog.product(id)));
        let category = case.sub_type_id.as_deref().map(|id| (id, catalog.category(id)));
        let region = case.region_id.as_deref().map(|id| (id, catalog.region(id)));
        let severity = case.severity_id.as_deref().map(|id| (id, catalog.severity(id)));
        let fault = case.case_type == 5;
        let kind = match (fault, lang) {
            (true, Lang::ZhCn) => "故障",
            (true, Lang::EnUs) => "Fault",
            (false, Lang::ZhCn) => "咨询",
            (false, Lang::EnUs) => "Consultation",
        };
        Self {
            problem: problem.unwrap_or_else(|| case.problem_id.clone()),
            kind: kind.to_owned(),
            product: product.map(|(id, known)| known.map_or(id, |known| known.name.text(lang)).to_owned()),
            category: category.map(|(id, known)| known.map_or(id, |known| known.name.text(lang)).to_owned()),
            region: region.map(|(id, known)| known.map_or(id, |k| k.name.text(lang)).to_owned()).unwrap_or_default(),
            severity: severity.map(|(id, known)| known.map_or(id, |known| known.name.text(lang)).to_owned()),
        }
    }
}

fn summary(case: CaseRow, catalog: &Snapshot, lang: Lang) -> CaseSummary {
    let names = Names::of(&case, catalog, lang);
    CaseSummary {
        incident_id: case.case_id,
        xcustomer_id: case.user_id,
        xcustomer_name: case.user_name,
        customer_id: case.account_id,
        status: case.status.number(),
        business_type_name: names.problem,
        incident_type_name: names.kind,
        product_category_name: names.product,
        incident_service_type: None,
        dc_name: names.region,
        simple_description: case.description,
        root_cause: None,
        resolution: Some(case.resolution).filter(|text| !text.is_empty()),
        create_time: case.created_at.to_wire(),
        confirmed_time: case.resolved_at.map(Micros::to_wire),
        label_list: Vec::new(),
    }
}

/// Show a case.
pub async fn show_case_detail(
    State(app): State<App>,
    caller: Caller,
    PathId(case_id): PathId,
    query: Query,
) -> Result<Reply<CaseDetailAnswer>> {
    let group_id = query.text("group_id", 0..=64)?;
    let catalog = app.catalog.snapshot(&app.store).await?;
    let context = app.clone();
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let case = access::load_visible(tx, &caller, &case_id, group_id.as_deref()).await?;
            let messages = messages::list_public(tx, &case, DETAIL_MESSAGES, 0, messages::Order::OldestFirst).await?;
            let files = accessories::list_for_messages(tx, &case.account_id, &case.case_id).await?;
            let secrets = sealed::load(tx, &context, &case).await?;
            let scores = particulars::list_scores(tx, &case).await?;
            // Confidential text and sensitive parameters are for the submitter, the owner and the handler alone.
            let is_private = caller.is_owner || caller.user_id == case.user_id;
            let message_list = messages.into_iter().map(|m| m.into_case_message(&files)).collect();
            let label_list = labels::list_of_case(tx, &case).await?;
            let detail = detail(case, secrets, is_private, message_list, scores, &catalog, caller.lang);
            Ok(CaseDetail { label_list, ..detail })
        })
        .await
        .map(|incident_detail_info| Reply(CaseDetailAnswer { incident_detail_info }))
}

/// The extra parameters of a case as one map, with or without the sensitive ones.
pub(crate) fn all_params(case: &CaseRow, sensitive: Option<Map<String, Value>>) -> Map<String, Value> {
    let mut params: Map<String, Value> = serde_json::from_str(&case.params).unwrap_or_default();
    params.extend(sensitive.unwrap_or_default());
    params
}

fn detail(
    case: CaseRow,
    secrets: sealed::Secrets,
    is_private: bool,
    message_list: Vec<counterfoil_wire::messages::CaseMessage>,
    scores: Vec<(i64, i64)>,
    catalog: &Snapshot,
    lang: Lang,
) -> CaseDetail {
    let names = Names::of(&case, catalog, lang);
    let source_name = if lang == Lang::ZhCn { "工单API" } else { "Ticket API" };
    let params = all_params(&case, is_private.then_some(secrets.params));
    let commodity_id = submission::commodity_of(&case.extension);
    let contact = CaseContact { remind_time: Some(case.remind_time), commodity_id, ..secrets.contact };
    let scored = |(id, score): (i64, i64)| {
        let dimension = catalog.dimension(id);
        SatisfactionScore {
            satisfaction_id: id,
            satisfaction_value: score,
            value: dimension.map(|d| d.full_score),
            satisfaction_name: dimension.map(|d| d.name.text(lang).to_owned()),
            per_value: dimension.map(|d| d.star_score),
            sat_category_id: dimension.map(|d| d.group.clone()),
            sat_category_name: None,
        }
    };
    CaseDetail {
        incident_id: case.case_id,
        xcustomer_id: case.user_id,
        xcustomer_name: case.user_name,
        customer_id: case.account_id,
        status: case.status.number(),
        judgement: case.judgement,
        business_type_name: names.problem,
        incident_type_name: names.kind,
        dc_name: names.region,
        simple_description: case.description,
        source_name: source_name.to_owned(),
        create_time: case.created_at.to_wire(),
        message_list,
        incident_satisfaction: scores.into_iter().map(scored).collect(),
        severity_name: names.severity,
        business_ownership: Some(case.business_owner),
        resolve_time: case.resolved_at.map(|at| at.0 / 1000),
        ext_info: Some(contact),
        authorization_content: secrets.confidential.filter(|_| is_private),
        extends_map: Some(params).filter(|params| !params.is_empty()),
        label_list: Vec::new(),
    }
}

/// Show where a case stands; a deleted one still says so.
pub async fn show_case_status(
    State(app): State<App>,
    caller: Caller,
    PathId(case_id): PathId<64>,
    query: Query,
) -> Result<Reply<CaseStatus>> {
    let group_id = query.text("group_id", 0..=64)?;
    let load = async move |tx: &mut Tx| -> Result<_> {
        access::load_visible_or_deleted(tx, &caller, &case_id, group_id.as_deref()).await
    };
    let case = app.store.read(load).await?;
    Ok(Reply(CaseStatus { status: case.status.number() }))
}

/// Count cases by status, from the counters.
pub async fn list_case_counts(State(app): State<App>, caller: Caller, query: Query) -> Result<Reply<CaseCounts>> {
    let only = query.int("status", 0..=20)?;
    let problem_id = query.text("business_type_id", 0..=32)?;
    let product_id = query.text("product_category_id", 0..=64)?;
    let scope = access::scope(&caller, None)?;
    let counted = app
        .store
        .read(async move |tx: &mut Tx| -> Result<Vec<(String, i64)>> {
            let user_id = (scope == Scope::Own).then_some(&caller.user_id);
            if problem_id.is_some() || product_id.is_some() {
                let (account, product, problem) = (&caller.account_id, product_id.as_deref(), problem_id.as_deref());
                return Ok(match user_id {
                    None => sql::product_totals(tx, account, product, problem).await?,
                    Some(user) => sql::count_of_user(tx, account, user, product, problem).await?,
                });
            }
            let scope = user_id.map_or_else(|| sql::ACCOUNT_SCOPE.to_owned(), sql::user_scope);
            Ok(counters::list(tx, caller.account_id.as_str(), &scope).await?)
        })
        .await?;
    let count = |status: Status| {
        let name = status.number().to_string();
        // What is deleted is in no customer's list, so it is not counted there either.
        let counted = counted.iter().find(|(known, _)| *known == name && status != Status::Deleted);
        CaseCount { status: status.number(), count: counted.map_or(0, |(_, amount)| *amount) }
    };
    let wanted = Status::ALL.into_iter().filter(|status| only.is_none_or(|only| only == status.number()));
    Ok(Reply(CaseCounts { incident_status_counts: wanted.map(count).collect() }))
}

impl Check for OperateCase {
    fn check(&self) -> Result<()> {
        extract::optional_text("judgement", self.judgement.as_deref(), 0..=400)?;
        extract::optional_text("operate_desc", self.operate_desc.as_deref(), 0..=400)?;
        extract::optional_text("group_id", self.group_id.as_deref(), 0..=64)?;
        check_bounds(self.incident_satisfaction_list.as_deref().unwrap_or_default())
    }
}

/// Urge, cancel, close, reopen or delete a case.
pub async fn update_cases(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId<64>,
    query: Query,
    Body(request): Body<OperateCase>,
) -> Result<Reply<Done>> {
    let action = match query.required_text("action_id", 1..=64)?.as_str() {
        "cancel" => Action::Cancel,
        "close" => Action::Close,
        "press" => Action::Press,
        "delete" => Action::Delete,
        "reopen" => Action::Reopen,
        _ => return Err(Error::new(Code::UnknownAction)),
    };
    let catalog = app.catalog.snapshot(&app.store).await?;
    let rating = check_rating(action, &request, &catalog)?;
    let now = app.clock.now();
    let context = app.clone();
    let unit = async move |tx: &mut Tx| {
        let mut case = access::load_to_change(tx, &caller, &case_id, request.group_id.as_deref()).await?;
        let doer = Doer::customer(&caller);
        let change = change::decide(&context, &doer, &case, action, now)?;
        if let Some(scores) = &rating {
            case.judgement = request.judgement.clone().unwrap_or_default();
            particulars::rate(tx, &case, scores, now, now).await?;
        }
        let note = request.operate_desc.as_deref().unwrap_or_default();
        change::save(tx, &context, &doer, &mut case, &change, note, now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

/// The rating that rides along with closing, and with nothing else.
fn check_rating(action: Action, request: &OperateCase, catalog: &Snapshot) -> Result<Option<Vec<(i64, i64)>>> {
    let list = request.incident_satisfaction_list.as_deref().unwrap_or_default();
    let rates = !list.is_empty() || request.judgement.as_deref().is_some_and(|text| !text.is_empty());
    if rates && action != Action::Close {
        let words = Allowed::text("仅关闭时可评价", "a rating rides along with action_id=close only");
        let field = if list.is_empty() { "judgement" } else { "incident_satisfaction_list" };
        return Err(Error::param(field, words));
    }
    if rates { read_scores(list, catalog).map(Some) } else { Ok(None) }
}

/// The operate log on the wire.
pub(crate) fn wire_log(log: sql::LogRow, case_id: &CaseId) -> OperateLog {
    let time = log.created_at.to_wire();
    OperateLog {
        incident_log_id: log.log_id,
        incident_id: case_id.clone(),
        operate_type: log.operate_type,
        operator_type: log.operator_type,
        operator_id: log.operator_id,
        operator_name: Some(log.operator_name),
        operate_desc: Some(log.description).filter(|text| !text.is_empty()),
        operate_time: time.clone(),
        timestamp_operate_time: time,
    }
}

/// List what was done to a case, oldest first.
pub async fn list_case_operate_logs(
    State(app): State<App>,
    caller: Caller,
    PathId(case_id): PathId,
    query: Query,
) -> Result<Reply<OperateLogPage>> {
    let group_id = query.text("group_id", 0..=64)?;
    let offset = query.int("offset", 0..=65_535)?.unwrap_or(0);
    let limit = query.int("limit", 1..=100)?.unwrap_or(10);
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let case = access::load_visible(tx, &caller, &case_id, group_id.as_deref()).await?;
            let (total_count, logs) = sql::list_logs(tx, &case.account_id, &case.case_id, limit, offset).await?;
            let incident_operate_log_list = logs.into_iter().map(|log| wire_log(log, &case.case_id)).collect();
            Ok(Reply(OperateLogPage { total_count, incident_operate_log_list }))
        })
        .await
}
