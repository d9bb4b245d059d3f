//! Listing, showing and working on cases as staff.

use crate::accessories;
use crate::app::App;
use crate::caller::Caller;
use crate::cases::access::PathId;
use crate::cases::api::{Names, all_params, wire_log};
use crate::cases::asked::total;
use crate::cases::change::{self, Doer};
use crate::cases::rules::{Action, Status};
use crate::cases::{self, CaseRow, Filter, sealed};
use crate::catalog::Snapshot;
use crate::error::{Allowed, Code, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::messages::{self, Author, Side};
use crate::once::Once;
use crate::partners;
use crate::plans;
use crate::reply::{Done, Reply};
use crate::search;
use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::cases::CaseContact;
use counterfoil_wire::desk::{
    AfterReply, DeskCase, DeskCaseDetail, DeskCasePage, DeskHandOver, DeskInvalid, DeskMessage, DeskNote, DeskPause,
    DeskReply, DeskSupportPlan, Visibility,
};
use counterfoil_wire::ids::CaseId;
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::Micros;
use std::collections::BTreeSet;

/// A pause may be planned at most this far ahead, in seconds.
const LONGEST_PAUSE_S: i64 = 366 * 24 * 3600;
/// The type in the operate log of handing a case to a partner. Ours.
const HANDED_OVER: i64 = 23;
/// The most log entries that a detail holds.
const DETAIL_LOGS: i64 = 1000;

fn desk_case(case: &CaseRow, account_name: String, catalog: &Snapshot, lang: Lang) -> DeskCase {
    let names = Names::of(case, catalog, lang);
    DeskCase {
        account_name,
        case_id: case.case_id.clone(),
        account_id: case.account_id.clone(),
        user_id: case.user_id.clone(),
        user_name: case.user_name.clone(),
        status: case.status.number(),
        simple_description: case.description.clone(),
        incident_sub_type_id: case.sub_type_id.clone(),
        incident_sub_type_name: names.category,
        product_category_id: case.product_id.clone(),
        product_category_name: names.product,
        business_type_id: case.problem_id.clone(),
        business_type_name: names.problem,
        case_type: case.case_type.to_string(),
        severity_id: case.severity_id.clone(),
        region_id: case.region_id.clone(),
        assignee_id: case.assignee_id.clone(),
        assignee_name: case.assignee_name.clone(),
        business_ownership: case.business_owner,
        partner_id: case.partner_id.clone(),
        create_time: case.created_at.to_wire(),
        update_time: case.updated_at.to_wire(),
    }
}

/// List cases of all accounts, newest first.
pub async fn list_desk_cases(State(app): State<App>, caller: Caller, query: Query) -> Result<Reply<DeskCasePage>> {
    let mut statuses = Vec::new();
    for code in query.list("status", 0..=9, 1..=2)? {
        let allowed = || Allowed::text("须为状态码", "status codes are allowed");
        let status = code.parse().ok().and_then(Status::from_number);
        statuses.push(status.ok_or_else(|| Error::param("status", allowed()))?.number());
    }
    let assignee_id = query.text("assignee", 0..=64)?.map(|id| match id.as_str() {
        "me" => caller.user_id.to_string(),
        "none" => String::new(),
        _ => id,
    });
    let keywords = query.text("keyword", 0..=64)?;
    let filter = Filter {
        statuses,
        assignee_id,
        sub_type_id: query.text("category", 0..=32)?,
        keywords: keywords.iter().flat_map(|text| search::keywords(text)).collect(),
        with_notes: caller.staff.is_some(),
        partner_id: Some(&caller.account_id).filter(|_| caller.is_partner_staff).cloned(),
        ..Filter::default()
    };
    let offset = query.int("offset", 0..=65_535)?.unwrap_or(0);
    let limit = query.int("limit", 0..=100)?.unwrap_or(20);
    let catalog = app.catalog.snapshot(&app.store).await?;
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let (total_count, rows) = if filter.is_counted() {
                let total = total(&cases::sum_of_all(tx).await?, &filter.statuses);
                (total, if limit > 0 { cases::list(tx, &filter, limit, offset).await? } else { Vec::new() })
            } else {
                cases::page(tx, &filter, limit, offset).await?
            };
            let accounts: BTreeSet<_> = rows.iter().map(|row| &row.account_id).collect();
            let names = cases::account_names(tx, &accounts).await?;
            let name = |row: &CaseRow| names.get(row.account_id.as_str()).cloned().unwrap_or_default();
            let cases = rows.iter().map(|row| desk_case(row, name(row), &catalog, caller.lang)).collect();
            Ok(Reply(DeskCasePage { total_count, cases }))
        })
        .await
}

/// A case that the caller may see at the desk. Another one answers like one that does not exist.
async fn load(tx: &mut Tx, caller: &Caller, case_id: &str) -> Result<CaseRow> {
    let id = CaseId::parse(case_id).ok_or_else(|| Error::new(Code::NoSuchCase))?;
    let case = cases::find_of_any(tx, &id).await?.ok_or_else(|| Error::new(Code::NoSuchCase))?;
    if partners::may_see(tx, caller, &case).await? { Ok(case) } else { Err(Error::new(Code::NoSuchCase)) }
}

/// Like [`load`], and nobody else can change the case until the unit ends.
async fn load_locked(tx: &mut Tx, caller: &Caller, case_id: &str) -> Result<CaseRow> {
    let id = CaseId::parse(case_id).ok_or_else(|| Error::new(Code::NoSuchCase))?;
    let case = cases::find_of_any_locked(tx, &id).await?.ok_or_else(|| Error::new(Code::NoSuchCase))?;
    if partners::may_see(tx, caller, &case).await? { Ok(case) } else { Err(Error::new(Code::NoSuchCase)) }
}

/// A case that the caller may work on now: a partner's people pass its guards.
async fn load_to_change(tx: &mut Tx, caller: &Caller, case_id: &str, now: Micros) -> Result<CaseRow> {
    let case = load_locked(tx, caller, case_id).await?;
    partners::check_work(tx, caller, &case, now).await?;
    Ok(case)
}

/// Show a case with its notes and log. Whoever sees a message here has read it, which its author cannot take back any more.
pub async fn show_desk_case(
    State(app): State<App>,
    caller: Caller,
    PathId(case_id): PathId,
) -> Result<Reply<DeskCaseDetail>> {
    let catalog = app.catalog.snapshot(&app.store).await?;
    let now = app.clock.now();
    let (context, reader, names, id) = (app.clone(), caller.clone(), catalog.clone(), case_id.clone());
    let known = app
        .store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let case = load(tx, &reader, &id).await?;
            if messages::is_unread(tx, &case, Side::Staff, &reader.user_id).await? {
                return Ok(None);
            }
            detail(tx, &context, &reader, &names, &case).await.map(Some)
        })
        .await?;
    if let Some(detail) = known {
        return Ok(Reply(detail));
    }
    let context = app.clone();
    app.store
        .write(async move |tx: &mut Tx| {
            let case = load_locked(tx, &caller, &case_id).await?;
            messages::mark_read(tx, &case, Side::Staff, &Doer::staff(&caller), now).await?;
            detail(tx, &context, &caller, &catalog, &case).await.map(Reply)
        })
        .await
}

async fn detail(tx: &mut Tx, app: &App, caller: &Caller, catalog: &Snapshot, case: &CaseRow) -> Result<DeskCaseDetail> {
    let rows = messages::list_all(tx, case).await?;
    let files = accessories::list_for_messages(tx, &case.account_id, &case.case_id).await?;
    let (_, logs) = cases::list_logs(tx, &case.account_id, &case.case_id, DETAIL_LOGS, 0).await?;
    let secrets = sealed::load(tx, app, case).await?;
    let account_name = cases::account_names(tx, &BTreeSet::from([&case.account_id])).await?;
    let account_name = account_name.into_values().next().unwrap_or_default();
    let promise = plans::find_promise(tx, &case.account_id, &case.case_id).await?;
    let support_plan = promise.map(|promise| DeskSupportPlan {
        plan_name: promise.plan.name.text(caller.lang).to_owned(),
        plan_id: promise.plan_id,
        response_minutes: promise.target.minutes,
        calendar_id: promise.target.calendar,
    });
    let is_handler = case.assignee_id.as_ref() == Some(&caller.user_id);
    // What the provider's people note is not for a partner's.
    let is_shown = |row: &messages::MessageRow| {
        caller.staff.is_some() || row.visibility == Visibility::Public || row.author_kind == 2
    };
    let messages = rows.into_iter().filter(is_shown).map(|row| DeskMessage {
        visibility: row.visibility,
        kind: row.author_kind.min(1),
        replier: row.author_id,
        replier_name: Some(row.author_name),
        content: row.content,
        create_time: row.created_at.to_wire(),
        is_first_message: row.is_first.into(),
        accessory_list: messages::files_of(&files, &row.message_id),
        authorization_content: secrets.of_messages.get(row.message_id.as_str()).filter(|_| is_handler).cloned(),
        withdrawn_at: row.withdrawn_at.map(Micros::to_wire),
        message_id: row.message_id,
    });
    let messages = messages.collect();
    let params = all_params(case, is_handler.then_some(secrets.params));
    let contact = CaseContact { remind_time: Some(case.remind_time.clone()), ..secrets.contact };
    Ok(DeskCaseDetail {
        messages,
        operate_logs: logs.into_iter().map(|log| wire_log(log, &case.case_id)).collect(),
        extends_map: Some(params).filter(|params| !params.is_empty()),
        contact: Some(contact),
        authorization_content: secrets.confidential.filter(|_| is_handler),
        pause_reason: Some(case.pause_reason.clone()).filter(|text| !text.is_empty()),
        resume_at: case.resume_at.map(Micros::to_wire),
        support_plan,
        case: desk_case(case, account_name, catalog, caller.lang),
    })
}

/// One action of staff on a case: decides, lets `prepare` write what is special to it, and writes the change.
async fn act<F>(
    app: &App,
    caller: Caller,
    once: Once,
    case_id: String,
    action: Action,
    note: String,
    prepare: F,
) -> Result<Reply<Done>>
where
    F: AsyncFn(&mut Tx, &App, &Caller, &mut CaseRow, Micros) -> Result<()> + Send + Sync + 'static,
{
    let now = app.clock.now();
    let context = app.clone();
    let unit = async move |tx: &mut Tx| {
        let mut case = load_to_change(tx, &caller, &case_id, now).await?;
        let doer = Doer::staff(&caller);
        let change = change::decide(&context, &doer, &case, action, now)?;
        prepare(tx, &context, &caller, &mut case, now).await?;
        change::save(tx, &context, &doer, &mut case, &change, &note, now).await?;
        Ok(Done {})
    };
    once.write(app, unit).await.map(Reply)
}

/// Take a case that nobody has taken.
pub async fn accept_case(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
) -> Result<Reply<Done>> {
    let prepare = async |_: &mut Tx, _: &App, caller: &Caller, case: &mut CaseRow, _: Micros| {
        case.assignee_id = Some(caller.user_id.clone());
        case.assignee_name = Some(caller.user_name.to_string());
        Ok(())
    };
    act(&app, caller, once, case_id, Action::Accept, String::new(), prepare).await
}

impl Check for DeskReply {
    fn check(&self) -> Result<()> {
        extract::text("content", &self.content, 0..=10_000)?;
        let files = self.accessory_ids.as_deref();
        messages::check_file_ids("accessory_ids", files, 10)?;
        if self.content.trim().is_empty() && files.unwrap_or_default().is_empty() {
            return Err(Error::param("content", Allowed::Required));
        }
        Ok(())
    }
}

/// Write to the customer: just so, with a question, or with the solution.
pub async fn reply_to_case(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
    Body(request): Body<DeskReply>,
) -> Result<Reply<Done>> {
    let files = messages::parse_file_ids("accessory_ids", request.accessory_ids.as_deref())?;
    let action = match request.next {
        AfterReply::Processing => Action::Reply,
        AfterReply::PendingFeedback => Action::Ask,
        AfterReply::Solution => Action::Solve,
    };
    let text = messages::Text::new(request.content);
    let prepare = async move |tx: &mut Tx, app: &App, caller: &Caller, case: &mut CaseRow, now: Micros| {
        let author = Author::staff(caller);
        let id = messages::write(tx, app, case, &author, Visibility::Public, &text, now).await?;
        messages::bind_files(tx, caller, case, &id, &files, accessories::Source::Message, "accessory_ids").await?;
        if action == Action::Solve {
            case.resolution.clone_from(&text.content);
        }
        Ok(())
    };
    act(&app, caller, once, case_id, action, String::new(), prepare).await
}

/// Fails for a text of nothing but spaces.
fn required(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() { Err(Error::param(field, Allowed::Required)) } else { Ok(()) }
}

impl Check for DeskNote {
    fn check(&self) -> Result<()> {
        extract::text("content", &self.content, 0..=10_000)?;
        required("content", &self.content)
    }
}

/// Leave a note that no customer sees. It changes nothing else, so it may be left in every status.
pub async fn add_case_note(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
    Body(request): Body<DeskNote>,
) -> Result<Reply<Done>> {
    let now = app.clock.now();
    let context = app.clone();
    let text = messages::Text::new(request.content);
    let unit = async move |tx: &mut Tx| {
        let mut case = load_to_change(tx, &caller, &case_id, now).await?;
        let author = Author::staff(&caller);
        messages::write(tx, &context, &case, &author, Visibility::Note, &text, now).await?;
        case.updated_at = context.sequence.tick_after(now, case.updated_at);
        cases::update(tx, &case).await?;
        let doer = Doer::staff(&caller);
        change::write_event(tx, &doer, &case, "case.note_added", serde_json::json!({}), now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

impl Check for DeskPause {
    fn check(&self) -> Result<()> {
        extract::text("reason", &self.reason, 0..=400)?;
        required("reason", &self.reason)?;
        extract::optional_text("resume_at", self.resume_at.as_deref(), 0..=32)
    }
}

/// Suspend a case, with the reason and perhaps a time at which it goes on by itself.
pub async fn pause_case(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
    Body(request): Body<DeskPause>,
) -> Result<Reply<Done>> {
    let resume_at = match request.resume_at.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let at = caller.zone.parse_local(text);
            let now = app.clock.now();
            let good = at.filter(|at| *at > now && *at <= now.plus_seconds(LONGEST_PAUSE_S));
            Some(good.ok_or_else(|| {
                let zh = "须为一年内的将来时间：yyyy-MM-dd HH:mm:ss 或 RFC 3339";
                let en = "a time within the next year is allowed: yyyy-MM-dd HH:mm:ss or RFC 3339";
                Error::param("resume_at", Allowed::text(zh, en))
            })?)
        }
    };
    let note = request.reason.clone();
    let prepare = async move |_: &mut Tx, _: &App, _: &Caller, case: &mut CaseRow, _: Micros| {
        case.pause_reason.clone_from(&request.reason);
        case.resume_at = resume_at;
        Ok(())
    };
    act(&app, caller, once, case_id, Action::Pause, note, prepare).await
}

/// Take a paused case up again.
pub async fn resume_case(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
) -> Result<Reply<Done>> {
    let prepare = async |_: &mut Tx, _: &App, _: &Caller, _: &mut CaseRow, _: Micros| Ok(());
    act(&app, caller, once, case_id, Action::Resume, String::new(), prepare).await
}

impl Check for DeskInvalid {
    fn check(&self) -> Result<()> {
        extract::text("reason", &self.reason, 0..=400)?;
        required("reason", &self.reason)
    }
}

/// Declare that a case is not a real request; for leads.
pub async fn invalidate_case(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
    Body(request): Body<DeskInvalid>,
) -> Result<Reply<Done>> {
    let prepare = async |_: &mut Tx, _: &App, _: &Caller, _: &mut CaseRow, _: Micros| Ok(());
    act(&app, caller, once, case_id, Action::Invalidate, request.reason, prepare).await
}

impl Check for DeskHandOver {
    fn check(&self) -> Result<()> {
        extract::optional_text("partner_id", self.partner_id.as_deref(), 0..=64)?;
        extract::optional_text("handler_id", self.handler_id.as_deref(), 0..=64)
    }
}

/// Hand a case to the customer's partner, and to one of its people if one is named.
pub async fn hand_case_to_partner(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
    Body(request): Body<DeskHandOver>,
) -> Result<Reply<Done>> {
    let now = app.clock.now();
    let context = app.clone();
    let unit = async move |tx: &mut Tx| {
        let mut case = load_to_change(tx, &caller, &case_id, now).await?;
        if case.status.is_ended() {
            return Err(Error::new(Code::WrongState));
        }
        let given = |id: &Option<String>| id.clone().filter(|id| !id.is_empty());
        let (partner, handler) = (given(&request.partner_id), given(&request.handler_id));
        if handler.is_none() && case.status != Status::ToBeProcessed {
            // Somebody has taken it: it must not be left with nobody.
            return Err(Error::param("handler_id", Allowed::Required));
        }
        let (partner_id, handler) =
            partners::check_hand_over(tx, &case, partner.as_deref(), handler.as_deref(), now).await?;
        case.business_owner = partners::Owner::Reseller.number();
        case.partner_id = Some(partner_id.clone());
        (case.assignee_id, case.assignee_name) = handler.unzip();
        let at = context.sequence.tick_after(now, case.updated_at);
        case.updated_at = at;
        cases::update(tx, &case).await?;
        let doer = Doer::staff(&caller);
        change::write_log(tx, &doer, &case, HANDED_OVER, "", (at, now)).await?;
        let payload = serde_json::json!({"partner_id": partner_id});
        change::write_event(tx, &doer, &case, "case.handed_to_partner", payload, now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}
