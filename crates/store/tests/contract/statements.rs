//! Every statement prepares, with the same parameters on both engines.

use crate::support::Database;
use counterfoil_store::{Engine, Tx};

#[tokio::test]
async fn every_statement_prepares() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let statements = counterfoil_store::statements();
    assert!(statements.len() > 20);
    for stmt in statements {
        let parameters = store.write(async move |tx: &mut Tx| tx.prepare(stmt).await).await;
        let parameters = parameters.unwrap_or_else(|e| panic!("{}: {e}", stmt.name));
        // The number of an event comes with the statement on PostgreSQL only.
        let more = usize::from(stmt.name.ends_with("events::APPEND") && store.engine() == Engine::Postgres);
        assert_eq!(parameters, more + highest(stmt.sqlite), "{}", stmt.name);
    }
}

/// The highest `?n` in a text.
fn highest(sql: &str) -> usize {
    let number = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    sql.split('?').skip(1).map(number).max().unwrap_or(0)
}
