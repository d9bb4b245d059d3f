//! Statements on reports and their files.

use crate::cases::id;
use counterfoil_store::{Result, Row, Tx, statements, vals};
use counterfoil_wire::ids::{AccessoryId, AccountId, FeedbackId, UserId};
use counterfoil_wire::time::Micros;

macro_rules! columns {
    () => {
        "account_id, feedback_id, user_id, user_name, kind, title, content, right_claimed, contacts, created_at"
    };
}

statements! {
    INSERT = concat!("INSERT INTO feedbacks (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    LIST = concat!("SELECT ", columns!(), " FROM feedbacks ORDER BY feedback_id DESC LIMIT $1 OFFSET $2");
    LIST_OF_KIND = concat!("SELECT ", columns!(), " FROM feedbacks WHERE kind = $1 ORDER BY feedback_id DESC \
        LIMIT $2 OFFSET $3");
    FIND = concat!("SELECT ", columns!(), " FROM feedbacks WHERE feedback_id = $1");
    COUNT = "SELECT name, CAST(SUM(amount) AS BIGINT) FROM counters WHERE scope = 'feedbacks' GROUP BY name";
    INSERT_FILE = "INSERT INTO feedback_files (account_id, feedback_id, role, position, accessory_id, name) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    LIST_FILES = "SELECT role, accessory_id, name FROM feedback_files WHERE account_id = $1 AND feedback_id = $2 \
        ORDER BY position";
}

/// The scope of the counters of reports, by kind.
pub(super) const SCOPE: &str = "feedbacks";

/// A report as stored.
pub struct FeedbackRow {
    /// Account of the reporter.
    pub account_id: AccountId,
    /// Its id, ascending with time.
    pub feedback_id: FeedbackId,
    /// The reporter.
    pub user_id: UserId,
    /// By which name.
    pub user_name: String,
    /// Kind of abuse.
    pub kind: String,
    /// What is reported.
    pub title: String,
    /// What happened.
    pub content: String,
    /// The right that is violated as JSON, or an empty text.
    pub right_claimed: String,
    /// Who reports, sealed.
    pub contacts: Option<Vec<u8>>,
    /// When.
    pub created_at: Micros,
}

/// What a file proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    /// The report.
    Proof,
    /// Who reports.
    Identity,
}

impl FileRole {
    fn as_str(self) -> &'static str {
        match self {
            Self::Proof => "proof",
            Self::Identity => "identity",
        }
    }
}

fn feedback_row(mut row: Row) -> Result<FeedbackRow> {
    Ok(FeedbackRow {
        account_id: id(&mut row, 0)?,
        feedback_id: id(&mut row, 1)?,
        user_id: id(&mut row, 2)?,
        user_name: row.take(3)?,
        kind: row.take(4)?,
        title: row.take(5)?,
        content: row.take(6)?,
        right_claimed: row.take(7)?,
        contacts: row.take(8)?,
        created_at: Micros(row.get(9)?),
    })
}

/// Writes a report and counts it.
pub(super) async fn insert(tx: &mut Tx, row: &FeedbackRow) -> Result<()> {
    let args = vals![
        row.account_id.as_str(),
        row.feedback_id.as_str(),
        row.user_id.as_str(),
        row.user_name.as_str(),
        row.kind.as_str(),
        row.title.as_str(),
        row.content.as_str(),
        row.right_claimed.as_str(),
        row.contacts.clone(),
        row.created_at.0,
    ];
    tx.execute(&INSERT, &args).await?;
    counterfoil_store::counters::add(tx, row.account_id.as_str(), SCOPE, &row.kind, 1).await
}

/// Writes the files of a report, each with its name.
pub(super) async fn insert_files(
    tx: &mut Tx,
    of: &FeedbackRow,
    role: FileRole,
    files: &[(AccessoryId, String)],
) -> Result<()> {
    for (position, (id, name)) in (0_i64..).zip(files) {
        let (account, feedback) = (of.account_id.as_str(), of.feedback_id.as_str());
        let args = vals![account, feedback, role.as_str(), position, id.as_str(), name.as_str()];
        tx.execute(&INSERT_FILE, &args).await?;
    }
    Ok(())
}

/// A page of the reports of all accounts, newest first, of one kind or of all.
pub(super) async fn list(tx: &mut Tx, kind: Option<&str>, limit: i64, offset: i64) -> Result<Vec<FeedbackRow>> {
    let rows = match kind {
        Some(kind) => tx.query(&LIST_OF_KIND, &vals![kind, limit, offset]).await?,
        None => tx.query(&LIST, &vals![limit, offset]).await?,
    };
    rows.into_iter().map(feedback_row).collect()
}

/// How many reports there are of each kind.
pub(super) async fn count(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    tx.query(&COUNT, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// A report of any account.
pub(super) async fn find_of_any(tx: &mut Tx, feedback_id: &FeedbackId) -> Result<Option<FeedbackRow>> {
    tx.query_opt(&FIND, &vals![feedback_id.as_str()]).await?.map(feedback_row).transpose()
}

/// The files of a report, in their order.
pub(super) async fn list_files(tx: &mut Tx, of: &FeedbackRow) -> Result<Vec<(FileRole, AccessoryId, String)>> {
    let rows = tx.query(&LIST_FILES, &vals![of.account_id.as_str(), of.feedback_id.as_str()]).await?;
    rows.into_iter()
        .map(|mut row| {
            let role: String = row.take(0)?;
            let role = if role == FileRole::Identity.as_str() { FileRole::Identity } else { FileRole::Proof };
            Ok((role, id(&mut row, 1)?, row.take(2)?))
        })
        .collect()
}
