//! Counters kept by the transaction that changes what they count, so that counts and list totals never scan.

use crate::{Result, Tx, statements, vals};

statements! {
    ADD = "INSERT INTO counters (account_id, scope, name, amount) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (account_id, scope, name) DO UPDATE SET amount = counters.amount + excluded.amount";
    LIST = "SELECT name, amount FROM counters WHERE account_id = $1 AND scope = $2 ORDER BY name";
}

/// Adds `delta` to the counter `name` in `scope` of an account. Callers that touch several counters do so in one order,
/// or PostgreSQL has deadlocks to resolve.
pub async fn add(tx: &mut Tx, account_id: &str, scope: &str, name: &str, delta: i64) -> Result<()> {
    tx.execute(&ADD, &vals![account_id, scope, name, delta]).await.map(drop)
}

/// The counters in `scope` of an account, by name.
pub async fn list(tx: &mut Tx, account_id: &str, scope: &str) -> Result<Vec<(String, i64)>> {
    tx.query(&LIST, &vals![account_id, scope]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
