//! The statements of the catalogue; the only file that knows its columns.

use std::collections::HashSet;

use counterfoil_store::{Result, Row, Topic, Tx, statements, vals};

use super::items::{Item, PROBLEM_TYPES, Plan, Usage};

statements! {
    LIST_ITEMS = "SELECT kind, item_id, position, enabled, body FROM catalog_items ORDER BY position, kind, item_id";
    SAVE_ITEM = "INSERT INTO catalog_items (kind, item_id, position, enabled, body) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (kind, item_id) DO UPDATE SET position = excluded.position, enabled = excluded.enabled, \
        body = excluded.body";
    DELETE_ITEM = "DELETE FROM catalog_items WHERE kind = $1 AND item_id = $2";
    // Two imports at once must not mix. The row is theirs to wait for: on PostgreSQL the second one waits here.
    TAKE_TURN = "INSERT INTO settings (name, value) VALUES ('catalog_turn', '1') \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    USED_PROBLEM_TYPES = "SELECT DISTINCT problem_id FROM cases";
    USED_PRODUCTS = "SELECT DISTINCT product_id FROM cases WHERE product_id IS NOT NULL";
    USED_CATEGORIES = "SELECT DISTINCT sub_type_id FROM cases WHERE sub_type_id IS NOT NULL";
    USED_SEVERITIES = "SELECT DISTINCT severity_id FROM cases WHERE severity_id IS NOT NULL";
    USED_REGIONS = "SELECT DISTINCT region_id FROM cases WHERE region_id IS NOT NULL";
    USED_DIMENSIONS = "SELECT DISTINCT CAST(satisfaction_id AS TEXT) FROM case_scores";
}

/// Kinds that cases refer to.
pub(super) const USED_KINDS: &[&str] =
    &[PROBLEM_TYPES, "products", "categories", "severities", "regions", "dimensions"];

/// Every row, in the order of the catalogue.
pub(super) async fn list_items(tx: &mut Tx) -> Result<Vec<Item>> {
    let item = |mut row: Row| {
        Ok(Item {
            kind: row.take(0)?,
            id: row.take(1)?,
            position: row.get(2)?,
            enabled: row.get(3)?,
            body: row.take(4)?,
        })
    };
    tx.query(&LIST_ITEMS, &[]).await?.into_iter().map(item).collect()
}

/// Wait until no other import is under way; it stays so until the transaction ends.
pub(super) async fn take_turn(tx: &mut Tx) -> Result<()> {
    tx.execute(&TAKE_TURN, &[]).await.map(drop)
}

/// What cases of any account use.
pub(super) async fn list_usage(tx: &mut Tx) -> Result<Usage> {
    let statements =
        [&USED_PROBLEM_TYPES, &USED_PRODUCTS, &USED_CATEGORIES, &USED_SEVERITIES, &USED_REGIONS, &USED_DIMENSIONS];
    let mut usage = Usage::new();
    for (kind, statement) in USED_KINDS.iter().zip(statements) {
        let ids: Result<HashSet<String>> = tx.query(statement, &[]).await?.iter().map(|row| row.get(0)).collect();
        usage.insert(kind, ids?);
    }
    Ok(usage)
}

/// Write what an import decided and tell every node.
pub(super) async fn save_plan(tx: &mut Tx, plan: &Plan) -> Result<()> {
    for (kind, id) in &plan.delete {
        tx.execute(&DELETE_ITEM, &vals![kind, id]).await?;
    }
    for Item { kind, id, position, enabled, body } in &plan.write {
        tx.execute(&SAVE_ITEM, &vals![kind, id, *position, *enabled, body]).await?;
    }
    if !plan.delete.is_empty() || !plan.write.is_empty() {
        tx.mark(Topic::Catalog);
    }
    Ok(())
}
