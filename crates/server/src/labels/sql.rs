//! Statements on labels, on which cases they are, and how many.
//!
//! Whoever writes here has locked the case or the label first. Counts come last, in the order of their key, so that two
//! transactions never wait for each other crosswise.

use super::rules::{MOST_OF_ACCOUNT, MOST_OF_CASE};
use crate::cases::CaseRow;
use crate::cases::rules::{Change, Status};
use crate::error::{Code, Error};
use counterfoil_store::{Result, Row, StoreError, Tx, Val, statements, vals};
use counterfoil_wire::cases::CaseLabel;
use counterfoil_wire::ids::{AccountId, UserId};
use counterfoil_wire::time::Micros;
use std::collections::{BTreeMap, HashMap};

statements! {
    TAKE_PLACE = "INSERT INTO label_totals (account_id, label_count, last_label_id) VALUES ($1, 1, $2) \
        ON CONFLICT (account_id) DO UPDATE SET label_count = label_totals.label_count + 1, \
        last_label_id = label_totals.last_label_id + 1 WHERE label_totals.label_count < $3 RETURNING last_label_id";
    GIVE_BACK = "UPDATE label_totals SET label_count = label_count - $2 WHERE account_id = $1";
    INSERT = "INSERT INTO labels (account_id, label_id, name, color, created_at) VALUES ($1, $2, $3, $4, $5)";
    UPDATE = "UPDATE labels SET name = $3, color = $4 WHERE account_id = $1 AND label_id = $2";
    DELETE = "DELETE FROM labels WHERE account_id = $1 AND label_id = $2";
    LIST = "SELECT label_id, name, color FROM labels WHERE account_id = $1 ORDER BY label_id";
    // A label that is about to be deleted is waited for.
    EXISTS = "SELECT 1 FROM labels WHERE account_id = $1 AND label_id = $2",
        postgres: "SELECT 1 FROM labels WHERE account_id = $1 AND label_id = $2 FOR KEY SHARE";
    OF_CASE = "SELECT l.label_id, l.name, l.color FROM case_labels c \
        JOIN labels l ON l.account_id = c.account_id AND l.label_id = c.label_id \
        WHERE c.account_id = $1 AND c.case_no = $2 ORDER BY l.label_id";
    ATTACH = "INSERT INTO case_labels (account_id, label_id, case_no, user_id, status) VALUES ($1, $2, $3, $4, $5)";
    DETACH = "DELETE FROM case_labels WHERE account_id = $1 AND label_id = $2 AND case_no = $3";
    DETACH_FROM_ALL = "DELETE FROM case_labels WHERE account_id = $1 AND label_id = $2";
    MOVE = "UPDATE case_labels SET status = $3 WHERE account_id = $1 AND case_no = $2 RETURNING label_id";
    STRIP = "DELETE FROM case_labels WHERE account_id = $1 AND case_no = $2 RETURNING label_id";
    COUNT = "INSERT INTO label_counts (account_id, label_id, user_id, status, amount) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (account_id, label_id, user_id, status) DO UPDATE SET amount = label_counts.amount + excluded.amount";
    FORGET_COUNTS = "DELETE FROM label_counts WHERE account_id = $1 AND label_id = $2";
    TOTALS = "SELECT CAST(status AS TEXT), amount FROM label_counts WHERE account_id = $1 AND label_id = $2 AND user_id = $3";
}

/// The first label of an account gets a number between these: an id tells nothing about how many labels there are, and
/// one of another account is hardly ever one's own.
const FIRST_IDS: std::ops::Range<i64> = 1_000..60_000;

fn label(row: &Row, from: usize) -> Result<CaseLabel> {
    Ok(CaseLabel { label_id: row.get(from)?, name: row.get(from + 1)?, color: row.get(from + 2)? })
}

/// A name that another label of the account has, told from other failures.
fn taken(e: StoreError) -> Error {
    match e {
        StoreError::Unique(index) if index == "labels_by_name" => Error::new(Code::LabelNameTaken),
        other => other.into(),
    }
}

/// Makes a label and answers its id; fails when the account has as many as it may, or one of this name. Of two writers
/// the second waits for the first: the total is a row of its own.
pub(super) async fn create(
    tx: &mut Tx,
    account_id: &AccountId,
    name: &str,
    color: &str,
    now: Micros,
) -> std::result::Result<i64, Error> {
    let first = rand::random_range(FIRST_IDS);
    let place = tx.query_opt(&TAKE_PLACE, &vals![account_id.as_str(), first, MOST_OF_ACCOUNT]).await?;
    let id: i64 = place.ok_or_else(|| Error::new(Code::TooManyLabels))?.get(0)?;
    tx.execute(&INSERT, &vals![account_id.as_str(), id, name, color, now.0]).await.map_err(taken)?;
    Ok(id)
}

/// Changes a label; fails when there is none such, or another one of this name.
pub(super) async fn update(
    tx: &mut Tx,
    account_id: &AccountId,
    id: i64,
    name: &str,
    color: &str,
) -> std::result::Result<(), Error> {
    // Nothing is given back: whoever changes a name waits for whoever else does, because the index of names would let two
    // of them wait crosswise.
    tx.execute(&GIVE_BACK, &vals![account_id.as_str(), 0_i64]).await?;
    let changed = tx.execute(&UPDATE, &vals![account_id.as_str(), id, name, color]).await.map_err(taken)?;
    if changed == 1 { Ok(()) } else { Err(Error::new(Code::NoSuchLabel)) }
}

/// Deletes a label and takes it off every case; false when there is none such.
pub(super) async fn delete(tx: &mut Tx, account_id: &AccountId, id: i64) -> Result<bool> {
    tx.execute(&GIVE_BACK, &vals![account_id.as_str(), 0_i64]).await?;
    if tx.execute(&DELETE, &vals![account_id.as_str(), id]).await? == 0 {
        return Ok(false);
    }
    tx.execute(&DETACH_FROM_ALL, &vals![account_id.as_str(), id]).await?;
    tx.execute(&FORGET_COUNTS, &vals![account_id.as_str(), id]).await?;
    tx.execute(&GIVE_BACK, &vals![account_id.as_str(), 1_i64]).await?;
    Ok(true)
}

/// The labels of an account, oldest first: there are never many.
pub(super) async fn list(tx: &mut Tx, account_id: &AccountId) -> Result<Vec<CaseLabel>> {
    tx.query(&LIST, &vals![account_id.as_str()]).await?.iter().map(|row| label(row, 0)).collect()
}

/// The labels on a case, oldest first.
pub async fn list_of_case(tx: &mut Tx, case: &CaseRow) -> Result<Vec<CaseLabel>> {
    let rows = tx.query(&OF_CASE, &vals![case.account_id.as_str(), case.case_no]).await?;
    rows.iter().map(|row| label(row, 0)).collect()
}

/// The labels on cases of one account by the cases' numbers, in one query however many cases there are.
pub async fn list_of_cases(
    tx: &mut Tx,
    account_id: &AccountId,
    cases: &[CaseRow],
) -> Result<HashMap<i64, Vec<CaseLabel>>> {
    let mut found: HashMap<i64, Vec<CaseLabel>> = HashMap::new();
    if cases.is_empty() {
        return Ok(found);
    }
    let marks: Vec<String> = (2..cases.len() + 2).map(|at| format!("${at}")).collect();
    let sql = format!(
        "SELECT c.case_no, l.label_id, l.name, l.color FROM case_labels c \
         JOIN labels l ON l.account_id = c.account_id AND l.label_id = c.label_id \
         WHERE c.account_id = $1 AND c.case_no IN ({}) ORDER BY l.label_id",
        marks.join(", ")
    );
    let mut args: Vec<Val> = vec![account_id.as_str().into()];
    args.extend(cases.iter().map(|case| Val::from(case.case_no)));
    for row in tx.query_dyn(&sql, &args).await? {
        found.entry(row.get(0)?).or_default().push(label(&row, 1)?);
    }
    Ok(found)
}

/// Adds up changes of counts and writes them in the order of their key.
#[derive(Default)]
struct Counts(BTreeMap<(i64, String, i64), i64>);

impl Counts {
    /// Counts one case more or less in a status, for its submitter and for the account.
    fn add(&mut self, label_id: i64, case: &CaseRow, status: Status, delta: i64) {
        for user_id in ["", case.user_id.as_str()] {
            *self.0.entry((label_id, user_id.to_owned(), status.number())).or_default() += delta;
        }
    }

    async fn write(self, tx: &mut Tx, account_id: &AccountId) -> Result<()> {
        for ((label_id, user_id, status), delta) in self.0 {
            tx.execute(&COUNT, &vals![account_id.as_str(), label_id, user_id, status, delta]).await?;
        }
        Ok(())
    }
}

/// Puts labels on a case that the caller has locked; those that are on it already stay. All or nothing: fails for a label
/// that the account does not have, and when there would be too many. Answers the labels that were not there before.
pub async fn attach(tx: &mut Tx, case: &CaseRow, ids: &[i64]) -> std::result::Result<Vec<i64>, Error> {
    let account_id = &case.account_id;
    let mut sorted = ids.to_vec();
    // Always in one order, so that two writers never wait for each other's labels crosswise.
    sorted.sort_unstable();
    for id in &sorted {
        if tx.query_opt(&EXISTS, &vals![account_id.as_str(), *id]).await?.is_none() {
            return Err(Error::new(Code::NoSuchLabel));
        }
    }
    let there = list_of_case(tx, case).await?;
    sorted.retain(|id| !there.iter().any(|label| label.label_id == *id));
    if there.len() + sorted.len() > MOST_OF_CASE {
        return Err(Error::new(Code::TooManyLabelsOfCase));
    }
    let mut counts = Counts::default();
    for id in &sorted {
        let (user_id, status) = (case.user_id.as_str(), case.status.number());
        tx.execute(&ATTACH, &vals![account_id.as_str(), *id, case.case_no, user_id, status]).await?;
        counts.add(*id, case, case.status, 1);
    }
    counts.write(tx, account_id).await?;
    Ok(sorted)
}

/// Takes labels off a case that the caller has locked; those that are not on it are passed over. Answers the others.
pub(super) async fn detach(tx: &mut Tx, case: &CaseRow, ids: &[i64]) -> Result<Vec<i64>> {
    let (mut counts, mut sorted) = (Counts::default(), ids.to_vec());
    sorted.sort_unstable();
    let mut gone = Vec::new();
    for id in sorted {
        if tx.execute(&DETACH, &vals![case.account_id.as_str(), id, case.case_no]).await? > 0 {
            counts.add(id, case, case.status, -1);
            gone.push(id);
        }
    }
    counts.write(tx, &case.account_id).await?;
    Ok(gone)
}

/// Follows a case into its new status; a deleted one loses its labels.
pub async fn follow(tx: &mut Tx, case: &CaseRow, change: &Change) -> Result<()> {
    if change.from == change.to {
        return Ok(());
    }
    let (account_id, no) = (case.account_id.as_str(), case.case_no);
    let rows = if change.to == Status::Deleted {
        tx.query(&STRIP, &vals![account_id, no]).await?
    } else {
        tx.query(&MOVE, &vals![account_id, no, change.to.number()]).await?
    };
    let mut counts = Counts::default();
    for row in &rows {
        let id = row.get(0)?;
        counts.add(id, case, change.from, -1);
        if change.to != Status::Deleted {
            counts.add(id, case, change.to, 1);
        }
    }
    counts.write(tx, &case.account_id).await
}

/// How many cases have a label, by status: of one submitter, or of the whole account.
pub async fn totals(
    tx: &mut Tx,
    account_id: &AccountId,
    user_id: Option<&UserId>,
    label_id: i64,
) -> Result<Vec<(String, i64)>> {
    let args = vals![account_id.as_str(), label_id, user_id.map_or("", UserId::as_str)];
    tx.query(&TOTALS, &args).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
