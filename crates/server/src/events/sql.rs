//! Reading events, each with the case that it is about.
//!
//! Everything stops below the horizon: on PostgreSQL a smaller number could still turn up above it.

use crate::cases::{id, optional_id};
use counterfoil_store::{Result, Row, StoreError, Tx, events, statements, vals};
use counterfoil_wire::ids::{AccountId, CaseId, UserId};
use counterfoil_wire::time::Micros;

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT e.event_no, e.account_id, e.kind, e.subject, e.actor, e.payload, e.created_at, c.user_id, c.status \
            FROM events e LEFT JOIN cases c ON c.case_id = e.subject AND c.account_id = e.account_id WHERE ",
            $condition,
            " ORDER BY e.event_no LIMIT "
        )
    };
}

statements! {
    LIST_AFTER = concat!(select!("e.event_no > $1 AND e.event_no < $2"), "$3");
    LIST_OF_ACCOUNT = concat!(select!("e.account_id = $1 AND e.event_no > $2 AND e.event_no < $3"), "$4");
}

/// An event with what decides who is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its number.
    pub event_no: i64,
    /// Whose data changed.
    pub account_id: AccountId,
    /// What happened.
    pub kind: String,
    /// The case and its user; none for what is about something else.
    pub case: Option<(CaseId, UserId)>,
    /// The case is deleted by now.
    pub is_deleted: bool,
    /// Who did it.
    pub actor: String,
    /// Details as a JSON object.
    pub payload: String,
    /// When.
    pub at: Micros,
}

/// The status of a deleted case.
const DELETED: i64 = 13;

fn told(mut row: Row) -> Result<Told> {
    let user_id: Option<UserId> = optional_id(&mut row, 7)?;
    let subject: String = row.take(3)?;
    let case = user_id.map(|user_id| {
        let case_id = CaseId::parse(&subject).ok_or_else(|| StoreError::Engine("a case without an id".into()));
        case_id.map(|case_id| (case_id, user_id))
    });
    Ok(Told {
        event_no: row.get(0)?,
        account_id: id(&mut row, 1)?,
        kind: row.take(2)?,
        case: case.transpose()?,
        is_deleted: row.get::<Option<i64>>(8)? == Some(DELETED),
        actor: row.take(4)?,
        payload: row.take(5)?,
        at: Micros(row.get(6)?),
    })
}

/// Up to `limit` events of all accounts after a number: for the pump alone.
pub async fn list_after(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Told>> {
    let horizon = events::horizon(tx).await?;
    let rows = tx.query(&LIST_AFTER, &vals![after, horizon, limit]).await?;
    rows.into_iter().map(told).collect()
}

/// Up to `limit` events of an account after a number, and the number up to which nothing is missing then.
pub async fn list_of_account(tx: &mut Tx, account_id: &AccountId, after: i64, limit: i64) -> Result<(i64, Vec<Told>)> {
    let horizon = events::horizon(tx).await?;
    let rows = tx.query(&LIST_OF_ACCOUNT, &vals![account_id.as_str(), after, horizon, limit]).await?;
    let found = rows.into_iter().map(told).collect::<Result<Vec<_>>>()?;
    let is_full = found.len() as i64 == limit;
    let position = found.last().filter(|_| is_full).map_or(horizon - 1, |last| last.event_no);
    Ok((position, found))
}
