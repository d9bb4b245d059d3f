//! Writing to a case and reading its messages, on the customer's side.

use super::{Author, MessageRow, Order, sql};
use crate::accessories;
use crate::app::App;
use crate::caller::Caller;
use crate::cases::access::PathId;
use crate::cases::change::{self, Doer};
use crate::cases::rules::Action;
use crate::cases::{CaseRow, access, sealed};
use crate::error::{Allowed, Error, Result};
use crate::extract::{self, Body, Check, Query};
use crate::once::Once;
use crate::reply::{Done, Reply};
use axum::extract::State;
use counterfoil_store::Tx;
use counterfoil_wire::desk::Visibility;
use counterfoil_wire::messages::{CreateMessage, Message, MessagePage};

impl Check for CreateMessage {
    fn check(&self) -> Result<()> {
        extract::text("message.content", &self.message.content, 0..=10_000)?;
        extract::optional_text("group_id", self.group_id.as_deref(), 0..=64)?;
        extract::optional_text(
            "message.authorization_content",
            self.message.authorization_content.as_deref(),
            0..=400,
        )?;
        let files = self.message.accessory_ids.as_deref();
        super::check_file_ids("message.accessory_ids", files, 10)?;
        let has_secret = self.message.authorization_content.as_deref().is_some_and(|text| !text.is_empty());
        if self.message.content.trim().is_empty() && files.unwrap_or_default().is_empty() && !has_secret {
            return Err(Error::param("message.content", Allowed::Required));
        }
        Ok(())
    }
}

/// Write to a case. In "pending feedback" and "to be confirmed" it takes the case back to "processing".
pub async fn create_messages(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    PathId(case_id): PathId,
    Body(mut request): Body<CreateMessage>,
) -> Result<Reply<Done>> {
    let text = super::Text::new(std::mem::take(&mut request.message.content));
    let files = super::parse_file_ids("message.accessory_ids", request.message.accessory_ids.as_deref())?;
    let now = app.clock.now();
    let context = app.clone();
    let unit = async move |tx: &mut Tx| {
        let mut case = access::load_to_change(tx, &caller, &case_id, request.group_id.as_deref()).await?;
        let doer = Doer::customer(&caller);
        let change = change::decide(&context, &doer, &case, Action::Message, now)?;
        let author = Author::customer(&caller);
        let id = super::write(tx, &context, &case, &author, Visibility::Public, &text, now).await?;
        super::bind_files(tx, &caller, &case, &id, &files, accessories::Source::Message, "message.accessory_ids")
            .await?;
        if let Some(text) = request.message.authorization_content.as_deref().filter(|text| !text.is_empty()) {
            sealed::save_of_message(tx, &context, &case, id.as_str(), text).await?;
        }
        change::save(tx, &context, &doer, &mut case, &change, "", now).await?;
        Ok(Done {})
    };
    once.write(&app, unit).await.map(Reply)
}

/// List the messages of a case, newest first.
pub async fn list_messages(
    State(app): State<App>,
    caller: Caller,
    PathId(case_id): PathId,
    query: Query,
) -> Result<Reply<MessagePage>> {
    let group_id = query.text("group_id", 0..=64)?;
    let offset = query.int("offset", 0..=65_535)?.unwrap_or(0);
    let limit = query.int("limit", 0..=100)?.unwrap_or(10);
    query.flag("trim_osm_rich_text_label")?;
    let context = app.clone();
    app.store
        .read(async move |tx: &mut Tx| -> Result<_> {
            let case = access::load_visible(tx, &caller, &case_id, group_id.as_deref()).await?;
            let count = sql::count_public(tx, &case).await?;
            let rows = if limit == 0 {
                Vec::new()
            } else {
                sql::list_public(tx, &case, limit, offset, Order::NewestFirst).await?
            };
            let message_list = to_wire(tx, &context, &caller, &case, rows).await?;
            Ok(Reply(MessagePage { count, message_list }))
        })
        .await
}

/// Messages of a case as its customers see them, with their files. Confidential texts are for the case's user and the owner.
pub(super) async fn to_wire(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    case: &CaseRow,
    rows: Vec<MessageRow>,
) -> Result<Vec<Message>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let files = accessories::list_for_messages(tx, &case.account_id, &case.case_id).await?;
    let is_private = caller.is_owner || caller.user_id == case.user_id;
    let secrets = if is_private { sealed::load(tx, app, case).await? } else { sealed::Secrets::default() };
    let message = |row: MessageRow| Message {
        kind: row.author_kind.min(1),
        replier_type: row.author_kind,
        replier: row.author_id,
        replier_name: Some(row.author_name),
        content: row.content,
        create_time: row.created_at.to_wire(),
        is_first_message: row.is_first.into(),
        iam_user_type: (row.author_kind == 0).then_some(i64::from(!row.author_is_owner)),
        accessory_list: super::files_of(&files, &row.message_id),
        authorization_content: secrets.of_messages.get(row.message_id.as_str()).cloned(),
        message_id: row.message_id,
    };
    Ok(rows.into_iter().map(message).collect())
}
