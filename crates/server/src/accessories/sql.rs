//! The rows of accessories, and how much was uploaded in a day.
//!
//! States: `incoming` (bytes are arriving), `temp` (uploaded, belongs to nothing), `bound` (belongs to a message, or to a
//! report of abuse, whose id stands in place of the message's), `gone` (to be removed, object first, then row). Only [`bind`]
//! and [`bind_to_feedback`] make a row `bound`, and only [`take_of_message`] takes that back, with the message.

use super::files::Key;
use super::rules::{Description, Source};
use crate::caller::Caller;
use crate::cases::access::load_visible;
use crate::error::{Allowed, Code, Error, Result};
use crate::feedbacks;
use counterfoil_store::{Row, Tx, Val, statements, vals};
use counterfoil_wire::ids::{AccessoryId, AccountId, CaseId, FeedbackId, GroupId, MessageId, UserId};

macro_rules! columns {
    () => {
        "account_id, accessory_id, uploader_account_id, uploader_id, name, content_type, size_bytes, state, case_id, \
            message_id"
    };
}

statements! {
    RESERVE = "INSERT INTO accessories (account_id, accessory_id, uploader_account_id, uploader_id, name, source, \
        upload_type, content_type, size_bytes, sha256, state, position, created_at) \
        VALUES ($1, $2, $1, $3, '', '', 0, '', 0, '', 'incoming', 0, $4)";
    FINISH = "UPDATE accessories SET name = $3, source = $4, upload_type = $5, content_type = $6, size_bytes = $7, \
        sha256 = $8, state = 'temp', upload_id = NULL WHERE account_id = $1 AND accessory_id = $2 AND state = 'incoming'";
    NOTE_UPLOAD = "UPDATE accessories SET upload_id = $3 WHERE account_id = $1 AND accessory_id = $2 AND state = 'incoming'";
    ABANDON = "UPDATE accessories SET state = 'gone' WHERE account_id = $1 AND accessory_id = $2 AND state = 'incoming'";
    DELETE_TEMP = "UPDATE accessories SET state = 'gone' WHERE account_id = $1 AND accessory_id = $2 \
        AND uploader_account_id = $1 AND uploader_id = $3 AND state = 'temp'";
    DROP_GONE = "DELETE FROM accessories WHERE account_id = $1 AND accessory_id = $2 AND state = 'gone'";
    BIND = "UPDATE accessories SET account_id = $1, case_id = $2, message_id = $3, position = $4, state = 'bound' \
        WHERE account_id = $5 AND accessory_id = $6 AND uploader_account_id = $5 AND uploader_id = $7 AND source = $8 \
        AND state = 'temp'";
    BIND_TO_FEEDBACK = "UPDATE accessories SET message_id = $1, position = $2, state = 'bound' \
        WHERE account_id = $3 AND accessory_id = $4 AND uploader_account_id = $3 AND uploader_id = $5 AND source = $6 \
        AND state = 'temp' RETURNING name";
    TAKE_OF_MESSAGE = "UPDATE accessories SET state = 'gone', case_id = NULL, message_id = NULL WHERE account_id = $1 \
        AND case_id = $2 AND message_id = $3 AND state = 'bound' \
        RETURNING account_id, accessory_id, uploader_account_id, upload_id";
    LOAD = concat!("SELECT ", columns!(), " FROM accessories WHERE account_id = $1 AND accessory_id = $2 \
        AND state IN ('temp', 'bound')");
    LOAD_FOR_DESK = concat!("SELECT ", columns!(), " FROM accessories WHERE accessory_id = $1 \
        AND (state = 'bound' OR state = 'temp' AND uploader_account_id = $2 AND uploader_id = $3)");
    LIST_OF_CASE = "SELECT message_id, accessory_id, name FROM accessories WHERE account_id = $1 AND case_id = $2 \
        ORDER BY message_id, position";
    TAKE_UNWANTED = "UPDATE accessories SET state = 'gone' WHERE accessory_id IN (SELECT accessory_id FROM accessories \
        WHERE state <> 'bound' AND (state = 'gone' OR state = 'incoming' AND created_at < $1 \
        OR state = 'temp' AND created_at < $2) ORDER BY created_at LIMIT $3) AND state <> 'bound' \
        RETURNING account_id, accessory_id, uploader_account_id, upload_id";
    USED_VOLUME = "SELECT size_bytes FROM accessory_volumes WHERE account_id = $1 AND user_id = $2 AND day_at = $3";
    ADD_VOLUME = "INSERT INTO accessory_volumes (account_id, user_id, day_at, size_bytes) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (account_id, user_id, day_at) DO UPDATE \
        SET size_bytes = accessory_volumes.size_bytes + excluded.size_bytes \
        WHERE accessory_volumes.size_bytes + excluded.size_bytes <= $5";
    FORGET_VOLUMES = "DELETE FROM accessory_volumes WHERE day_at < $1";
}

/// What names an object: it stays when the row moves to the account of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The account that the row is in.
    pub account_id: AccountId,
    /// The file.
    pub accessory_id: AccessoryId,
    /// The account of its uploader.
    pub uploader_account_id: AccountId,
    /// Under which name a bucket keeps the parts that came so far.
    pub upload_id: Option<String>,
}

impl Object {
    /// Where its bytes are.
    pub fn key(&self) -> Key {
        Key::new(&self.uploader_account_id, &self.accessory_id)
    }
}

/// A file that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accessory {
    /// Row and object.
    pub object: Object,
    /// Who uploaded it.
    pub uploader_id: UserId,
    /// Its name.
    pub name: String,
    /// What it is served as.
    pub content_type: String,
    /// Its size.
    pub size_bytes: u64,
    /// What it belongs to, once it does.
    pub bound_to: Option<Holder>,
}

/// What a file belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A message of a case.
    Message(CaseId, MessageId),
    /// A report of abuse.
    Feedback(FeedbackId),
}

/// A file of a message: message, file and name.
pub type MessageFile = (MessageId, AccessoryId, String);

/// Who uploads, and when.
#[derive(Clone, Debug)]
pub struct Uploader {
    /// The account.
    pub account_id: AccountId,
    /// The user.
    pub user_id: UserId,
    /// The midnight that began the day.
    pub day_at: i64,
    /// What the user may upload in that day, in bytes.
    pub daily_bytes: i64,
    /// Seconds until the next day begins.
    pub retry_after_s: i64,
}

/// Makes the row of a file whose bytes are about to come. False when nothing is left of the day's volume.
pub async fn reserve(tx: &mut Tx, who: &Uploader, accessory_id: &AccessoryId, now: i64) -> Result<bool> {
    let (account, user) = (who.account_id.as_str(), who.user_id.as_str());
    let volume = tx.query_opt(&USED_VOLUME, &vals![account, user, who.day_at]).await?;
    if volume.map(|row| row.get::<i64>(0)).transpose()?.unwrap_or(0) >= who.daily_bytes {
        return Ok(false);
    }
    tx.execute(&RESERVE, &vals![account, accessory_id.as_str(), user, now]).await?;
    Ok(true)
}

/// What was received.
#[derive(Clone, Debug)]
pub struct Received {
    /// What was said about it.
    pub description: Description,
    /// What it is served as.
    pub content_type: String,
    /// Its size.
    pub size_bytes: u64,
    /// The hash of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// Counts a received file into the day's volume and makes it usable. Two uploads cannot both take the last of the volume.
pub async fn finish(tx: &mut Tx, who: &Uploader, id: &AccessoryId, file: &Received) -> Result<()> {
    let (account, user) = (who.account_id.as_str(), who.user_id.as_str());
    let size = i64::try_from(file.size_bytes).map_err(Error::internal)?;
    let args = vals![account, user, who.day_at, size, who.daily_bytes];
    // The first file of a day has no row to be compared with.
    if size > who.daily_bytes || tx.execute(&ADD_VOLUME, &args).await? == 0 {
        return Err(Error::retry_after(Code::DailyVolume, who.retry_after_s));
    }
    let about = &file.description;
    let (name, source) = (about.name.as_str(), about.source.as_str());
    let (content_type, sha256) = (file.content_type.as_str(), file.sha256.as_str());
    let args = vals![account, id.as_str(), name, source, about.upload_type, content_type, size, sha256];
    if tx.execute(&FINISH, &args).await? == 0 {
        // It took so long that it was swept away.
        return Err(Error::new(Code::Timeout));
    }
    Ok(())
}

/// Remembers under which name a bucket keeps the parts of a file. False when the file was given up meanwhile.
pub async fn note_upload(tx: &mut Tx, object: &Object) -> Result<bool> {
    let args = vals![object.account_id.as_str(), object.accessory_id.as_str(), object.upload_id.as_deref()];
    Ok(tx.execute(&NOTE_UPLOAD, &args).await? > 0)
}

/// Gives up a file whose bytes did not come whole. False when it was finished or given up already.
pub async fn abandon(tx: &mut Tx, object: &Object) -> Result<bool> {
    Ok(tx.execute(&ABANDON, &vals![object.account_id.as_str(), object.accessory_id.as_str()]).await? > 0)
}

/// Gives up a file that belongs to nothing, for its uploader. False when there is none such.
pub async fn delete_temp(tx: &mut Tx, caller: &Caller, id: &AccessoryId) -> Result<bool> {
    let args = vals![caller.account_id.as_str(), id.as_str(), caller.user_id.as_str()];
    Ok(tx.execute(&DELETE_TEMP, &args).await? > 0)
}

/// Removes the row of a file that was given up and whose object is gone.
pub async fn drop_row(tx: &mut Tx, object: &Object) -> Result<()> {
    tx.execute(&DROP_GONE, &vals![object.account_id.as_str(), object.accessory_id.as_str()]).await?;
    Ok(())
}

/// Gives up to `limit` unwanted files of all accounts up, and answers them with those that were given up before.
pub async fn take_unwanted(tx: &mut Tx, incoming_before: i64, temp_before: i64, limit: i64) -> Result<Vec<Object>> {
    let rows = tx.query(&TAKE_UNWANTED, &vals![incoming_before, temp_before, limit]).await?;
    rows.iter().map(given_up).collect()
}

/// Gives the files of a message up, which is taken back; answers the objects that have to go.
pub async fn take_of_message(
    tx: &mut Tx,
    account_id: &AccountId,
    case_id: &CaseId,
    message_id: &MessageId,
) -> Result<Vec<Object>> {
    let args = vals![account_id.as_str(), case_id.as_str(), message_id.as_str()];
    let rows = tx.query(&TAKE_OF_MESSAGE, &args).await?;
    rows.iter().map(given_up).collect()
}

/// Forgets the volumes of days before `day_at`, of all accounts.
pub async fn forget_volumes(tx: &mut Tx, day_at: i64) -> Result<()> {
    tx.execute(&FORGET_VOLUMES, &vals![day_at]).await?;
    Ok(())
}

/// What files are attached to, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// The account of the uploader, who attaches them.
    pub uploader_account_id: &'a AccountId,
    /// The uploader.
    pub uploader_id: &'a UserId,
    /// The account of the case; another one when staff answers.
    pub account_id: &'a AccountId,
    /// The case.
    pub case_id: &'a CaseId,
    /// The message; a case's description is its first message.
    pub message_id: &'a MessageId,
    /// What the files must have been uploaded for.
    pub source: Source,
}

/// Attaches files to a message, in this order. Each must be its uploader's, uploaded for this, and attached to nothing;
/// otherwise all fails, naming `field`. Says nothing about how many there may be, see `AccessoryLimits::check_count`.
pub async fn bind(tx: &mut Tx, to: &Binding<'_>, ids: &[AccessoryId], field: &str) -> Result<()> {
    for (position, id) in ids.iter().enumerate() {
        if ids[..position].contains(id) {
            continue;
        }
        let args = vals![
            to.account_id.as_str(),
            to.case_id.as_str(),
            to.message_id.as_str(),
            i64::try_from(position).unwrap_or(i64::MAX),
            to.uploader_account_id.as_str(),
            id.as_str(),
            to.uploader_id.as_str(),
            to.source.as_str(),
        ];
        if tx.execute(&BIND, &args).await? == 0 {
            return Err(not_attachable(field, to.source));
        }
    }
    Ok(())
}

/// Attaches files to a report of abuse, in this order, and answers their names; fails like [`bind`].
pub async fn bind_to_feedback(
    tx: &mut Tx,
    caller: &Caller,
    feedback_id: &FeedbackId,
    ids: &[AccessoryId],
    field: &str,
) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for (position, id) in ids.iter().enumerate() {
        let args = vals![
            feedback_id.as_str(),
            i64::try_from(position).unwrap_or(i64::MAX),
            caller.account_id.as_str(),
            id.as_str(),
            caller.user_id.as_str(),
            Source::Feedback.as_str(),
        ];
        let bound = tx.query_opt(&BIND_TO_FEEDBACK, &args).await?;
        names.push(bound.ok_or_else(|| not_attachable(field, Source::Feedback))?.get(0)?);
    }
    Ok(names)
}

fn not_attachable(field: &str, source: Source) -> Error {
    let source = source.as_str();
    let zh = format!("须为您以 accessoryFrom={source} 上传且尚未使用的附件");
    let en = format!("files that you uploaded with accessoryFrom={source} and that are not used yet are allowed");
    Error::param(field, Allowed::text(zh, en))
}

/// The files of a case's messages, in the order in which they were attached.
pub async fn list_for_messages(tx: &mut Tx, account_id: &AccountId, case_id: &CaseId) -> Result<Vec<MessageFile>> {
    let rows = tx.query(&LIST_OF_CASE, &vals![account_id.as_str(), case_id.as_str()]).await?;
    rows.iter()
        .map(|row| {
            let message_id = MessageId::parse(&row.get::<String>(0)?).ok_or_else(|| broken("message_id"))?;
            Ok((message_id, accessory_id(row, 1)?, row.get(2)?))
        })
        .collect()
}

/// A file that the caller may read. Unattached files are their uploader's alone; an attached one is for whoever may see
/// its case.
pub async fn get_visible(
    tx: &mut Tx,
    caller: &Caller,
    group_id: Option<&GroupId>,
    id: &AccessoryId,
) -> Result<Option<Accessory>> {
    let Some(found) = get(tx, &caller.account_id, id).await? else { return Ok(None) };
    let visible = match &found.bound_to {
        None | Some(Holder::Feedback(_)) => is_own(caller, &found),
        Some(Holder::Message(case_id, _)) => may_see_case(tx, caller, case_id, group_id).await?,
    };
    Ok(visible.then_some(found))
}

/// A file of an account, whoever asks: for signed links.
pub async fn get(tx: &mut Tx, account_id: &AccountId, id: &AccessoryId) -> Result<Option<Accessory>> {
    let row = tx.query_opt(&LOAD, &vals![account_id.as_str(), id.as_str()]).await?;
    row.as_ref().map(accessory).transpose()
}

/// A file that staff may read: of any case, or uploaded by the caller. Those of a report of abuse prove who reported it,
/// and are for those alone who may read the report.
pub async fn get_for_desk(tx: &mut Tx, staff: &Caller, id: &AccessoryId) -> Result<Option<Accessory>> {
    let args = vals![id.as_str(), staff.account_id.as_str(), staff.user_id.as_str()];
    let row = tx.query_opt(&LOAD_FOR_DESK, &args).await?;
    let file = row.as_ref().map(accessory).transpose()?;
    let is_shown = |file: &Accessory| !matches!(file.bound_to, Some(Holder::Feedback(_))) || feedbacks::may_read(staff);
    Ok(file.filter(is_shown))
}

/// The files among `ids` that the caller may read, in that order.
pub async fn list_visible(
    tx: &mut Tx,
    caller: &Caller,
    group_id: Option<&GroupId>,
    ids: &[AccessoryId],
) -> Result<Vec<Accessory>> {
    let marks: Vec<String> = (0..ids.len()).map(|at| format!("${}", at + 2)).collect();
    let sql = format!(
        concat!(
            "SELECT ",
            columns!(),
            " FROM accessories WHERE account_id = $1 AND accessory_id IN ({}) \
            AND state IN ('temp', 'bound')"
        ),
        marks.join(", ")
    );
    let mut args: Vec<Val> = vec![caller.account_id.as_str().into()];
    args.extend(ids.iter().map(|id| Val::from(id.as_str())));
    let rows = tx.query_dyn(&sql, &args).await?;
    let mut found = rows.iter().map(accessory).collect::<Result<Vec<_>>>()?;
    found.sort_by_key(|file| ids.iter().position(|id| *id == file.object.accessory_id));
    let mut seen_cases: Vec<(CaseId, bool)> = Vec::new();
    let mut visible = Vec::with_capacity(found.len());
    for file in found {
        let seen = match &file.bound_to {
            None | Some(Holder::Feedback(_)) => is_own(caller, &file),
            Some(Holder::Message(case_id, _)) => {
                if let Some((_, seen)) = seen_cases.iter().find(|(known, _)| known == case_id) {
                    *seen
                } else {
                    let seen = may_see_case(tx, caller, case_id, group_id).await?;
                    seen_cases.push((case_id.clone(), seen));
                    seen
                }
            }
        };
        if seen {
            visible.push(file);
        }
    }
    Ok(visible)
}

fn is_own(caller: &Caller, file: &Accessory) -> bool {
    file.object.uploader_account_id == caller.account_id && file.uploader_id == caller.user_id
}

/// Whether the caller may see a case; the case's own rules decide.
async fn may_see_case(tx: &mut Tx, caller: &Caller, case_id: &CaseId, group_id: Option<&GroupId>) -> Result<bool> {
    match load_visible(tx, caller, case_id.as_str(), group_id.map(GroupId::as_str)).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.code(), Code::NoSuchCase | Code::NoPermission) => Ok(false),
        Err(error) => Err(error),
    }
}

fn accessory(row: &Row) -> Result<Accessory> {
    let (case_id, message_id): (Option<String>, Option<String>) = (row.get(8)?, row.get(9)?);
    let bound_to = match (row.get::<String>(7)?.as_str(), case_id, message_id) {
        ("bound", Some(case), Some(message)) => Some(Holder::Message(
            CaseId::parse(&case).ok_or_else(|| broken("case_id"))?,
            MessageId::parse(&message).ok_or_else(|| broken("message_id"))?,
        )),
        ("bound", None, Some(feedback)) => {
            Some(Holder::Feedback(FeedbackId::parse(&feedback).ok_or_else(|| broken("message_id"))?))
        }
        ("temp", None, None) => None,
        _ => return Err(broken("state")),
    };
    Ok(Accessory {
        object: object(row, [0, 1, 2])?,
        uploader_id: UserId::parse(&row.get::<String>(3)?).ok_or_else(|| broken("uploader_id"))?,
        name: row.get(4)?,
        content_type: row.get(5)?,
        size_bytes: u64::try_from(row.get::<i64>(6)?).map_err(Error::internal)?,
        bound_to,
    })
}

fn given_up(row: &Row) -> Result<Object> {
    Ok(Object { upload_id: row.get(3)?, ..object(row, [0, 1, 2])? })
}

fn object(row: &Row, [account, accessory, uploader]: [usize; 3]) -> Result<Object> {
    let account_id = |at| AccountId::parse(&row.get::<String>(at)?).ok_or_else(|| broken("account_id"));
    Ok(Object {
        account_id: account_id(account)?,
        accessory_id: accessory_id(row, accessory)?,
        uploader_account_id: account_id(uploader)?,
        upload_id: None,
    })
}

fn accessory_id(row: &Row, at: usize) -> Result<AccessoryId> {
    AccessoryId::parse(&row.get::<String>(at)?).ok_or_else(|| broken("accessory_id"))
}

fn broken(column: &str) -> Error {
    Error::internal(format_args!("accessories.{column} holds something impossible"))
}
