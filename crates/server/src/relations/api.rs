//! Relating cases, listing and ending relations.

use super::{rules, sql};
use crate::app::App;
use crate::caller::Caller;
use crate::cases::access::{self, PathId};
use crate::cases::change::{self, Doer};
use crate::cases::{self, CaseRow};
use crate::error::{Code, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::once::Once;
use crate::privileges::{Reach, Right};
use crate::reply::{Done, Reply};
use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::ids::CaseId;
use counterfoil_wire::lang::Lang;
use counterfoil_wire::relations::{RelateCases, RelatedCase, RelatedCases, UnrelateCase};
use serde_json::json;

impl Check for RelateCases {
    fn check(&self) -> Result<()> {
        extract::count("related_id_list", self.related_id_list.len(), 0..=rules::MOST as u64)?;
        for (i, id) in self.related_id_list.iter().enumerate() {
            extract::text(&format!("related_id_list[{i}]"), id, 1..=64)?;
        }
        extract::optional_text("group_id", self.group_id.as_deref(), 1..=64)
    }
}

impl Check for UnrelateCase {
    fn check(&self) -> Result<()> {
        extract::text("related_id", &self.related_id, 1..=64)?;
        extract::optional_text("group_id", self.group_id.as_deref(), 1..=64)
    }
}

/// Loads a case that is to be related: one that the caller may open. Through the group view that is every case of the
/// caller's groups; one that the caller may not open answers like one that does not exist.
async fn load_related(tx: &mut Tx, caller: &Caller, id: &CaseId, group_id: Option<&str>) -> Result<CaseRow> {
    let case = cases::find(tx, &caller.account_id, id).await?.ok_or_else(|| Error::new(Code::NoSuchCase))?;
    let may = match group_id {
        Some(_) => access::may_open(tx, caller, &case).await?,
        None => caller.rights.reach(Right::Operate) == Reach::All || case.user_id == caller.user_id,
    };
    if may && !access::is_gone(&case) { Ok(case) } else { Err(Error::new(Code::NoSuchCase)) }
}

/// Locks the cases of a change, always in the order of their ids: two writers then never wait for each other crosswise.
async fn lock(tx: &mut Tx, caller: &Caller, ids: impl Iterator<Item = CaseId>) -> Result<()> {
    let mut ids: Vec<CaseId> = ids.collect();
    ids.sort_unstable();
    for id in &ids {
        cases::find_locked(tx, &caller.account_id, id).await?;
    }
    Ok(())
}

/// Relate a case to others, which are then related to it.
pub async fn create_relations(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(path_id): PathId,
    Body(request): Body<RelateCases>,
) -> Result<Reply<Done>> {
    let now = app.clock.now();
    let context = app.clone();
    let unit = async move |tx: &mut Tx| {
        let group_id = request.group_id.as_deref();
        let wanted: Vec<Option<CaseId>> = request.related_id_list.iter().map(|id| CaseId::parse(id)).collect();
        lock(tx, &caller, wanted.iter().flatten().cloned().chain(CaseId::parse(&path_id))).await?;
        let case = access::load_to_change(tx, &caller, &path_id, group_id).await?;
        let wanted: Option<Vec<CaseId>> = wanted.into_iter().collect();
        let wanted = wanted.ok_or_else(|| Error::new(Code::NoSuchCase))?;
        let there = sql::list(tx, &case.account_id, &case.case_id).await?;
        let fresh = rules::pick(&case.case_id, &wanted, &there)?;
        let doer = Doer::customer(&caller);
        for id in &fresh {
            let other = load_related(tx, &caller, id, group_id).await?;
            let of_other = sql::list(tx, &case.account_id, id).await?;
            rules::pick(id, std::slice::from_ref(&case.case_id), &of_other)?;
            sql::insert(tx, &case.account_id, &case.case_id, id, context.sequence.tick(now)).await?;
            let payload = json!({"related_id": case.case_id});
            change::write_event(tx, &doer, &other, "case.related", payload, now).await?;
            change::write_event(tx, &doer, &case, "case.related", json!({"related_id": id}), now).await?;
        }
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

/// List the cases that are related to a case.
pub async fn list_relation(
    State(app): State<App>,
    caller: Caller,
    PathId(path_id): PathId,
    query: Query,
) -> Result<Reply<RelatedCases>> {
    let group_id = query.text("group_id", 0..=64)?;
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let case = access::load_visible(tx, &caller, &path_id, group_id.as_deref()).await?;
            let mut case_relation_list = Vec::new();
            for id in sql::list(tx, &case.account_id, &case.case_id).await? {
                let Some(other) = cases::find(tx, &case.account_id, &id).await? else { continue };
                let is_visible = access::may_open(tx, &caller, &other).await?;
                case_relation_list.push(related(other, is_visible, caller.lang));
            }
            Ok(Reply(RelatedCases { case_relation_list }))
        })
        .await
}

fn related(case: CaseRow, is_visible: bool, lang: Lang) -> RelatedCase {
    let hidden = if lang == Lang::ZhCn { "（您无权查看该工单）" } else { "(You may not open this case.)" };
    RelatedCase {
        case_id: case.case_id,
        simple_description: if is_visible { case.description } else { hidden.to_owned() },
        user_name: case.user_name,
        is_visible,
    }
}

/// End a relation, from both sides. One that is not there is no error.
pub async fn delete_relation(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(path_id): PathId,
    Body(request): Body<UnrelateCase>,
) -> Result<Reply<Done>> {
    let now = app.clock.now();
    let unit = async move |tx: &mut Tx| {
        let related = CaseId::parse(&request.related_id);
        lock(tx, &caller, related.iter().cloned().chain(CaseId::parse(&path_id))).await?;
        let case = access::load_to_change(tx, &caller, &path_id, request.group_id.as_deref()).await?;
        if let Some(id) = &related
            && sql::delete(tx, &case.account_id, &case.case_id, id).await?
        {
            let doer = Doer::customer(&caller);
            change::write_event(tx, &doer, &case, "case.unrelated", json!({"related_id": id}), now).await?;
        }
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}
