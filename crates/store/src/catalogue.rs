//! What a database consists of, in words that are the same for both engines. Tests compare them.

use crate::{Result, Tx, statements};

statements! {
    LIST_COLUMNS = "SELECT t.name, c.name, lower(c.type), CASE WHEN c.type = 'INTEGER' AND c.pk = 1 THEN 1 \
        ELSE c.\"notnull\" END, c.pk FROM pragma_table_list t, pragma_table_info(t.name) c \
        WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
        postgres: "SELECT CAST(t.relname AS TEXT), CAST(c.attname AS TEXT), format_type(c.atttypid, NULL), \
        CASE WHEN c.attnotnull THEN 1 ELSE 0 END, \
        COALESCE((SELECT array_position(CAST(k.indkey AS int2[]), c.attnum) + 1 FROM pg_index k \
        WHERE k.indrelid = t.oid AND k.indisprimary), 0) \
        FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped \
        WHERE t.relkind = 'r' AND t.relnamespace = CAST(current_schema() AS regnamespace)";
    LIST_INDEXES = "SELECT t.name, i.name, i.\"unique\", i.partial, \
        (SELECT group_concat(COALESCE(c.name, '()'), ', ') FROM pragma_index_info(i.name) c) \
        FROM pragma_table_list t, pragma_index_list(t.name) i \
        WHERE t.schema = 'main' AND t.type = 'table' AND i.origin = 'c'",
        postgres: "SELECT CAST(t.relname AS TEXT), CAST(n.relname AS TEXT), CASE WHEN i.indisunique THEN 1 ELSE 0 END, \
        CASE WHEN i.indpred IS NULL THEN 0 ELSE 1 END, \
        (SELECT string_agg(COALESCE(CAST(c.attname AS TEXT), '()'), ', ' ORDER BY k.place) \
        FROM unnest(CAST(i.indkey AS int2[])) WITH ORDINALITY k (attnum, place) \
        LEFT JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = k.attnum AND c.attnum > 0) \
        FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class n ON n.oid = i.indexrelid \
        WHERE t.relkind = 'r' AND NOT i.indisprimary AND t.relnamespace = CAST(current_schema() AS regnamespace)";
}

/// One line for each column and index of each table, sorted. The tables of a search index on SQLite are left out.
pub async fn describe(tx: &mut Tx) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for row in tx.query(&LIST_COLUMNS, &[]).await? {
        let (table, column, kind): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let kind = match kind.as_str() {
            "integer" => "bigint",
            "blob" => "bytea",
            other => other,
        };
        let required = if row.get(3)? { " not null" } else { "" };
        let key = match row.get::<i64>(4)? {
            0 => String::new(),
            place => format!(" key {place}"),
        };
        lines.push(format!("{table}.{column} {kind}{required}{key}"));
    }
    for row in tx.query(&LIST_INDEXES, &[]).await? {
        let (table, index, columns): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(4)?);
        let unique = if row.get(2)? { "unique " } else { "" };
        let partial = if row.get(3)? { " partial" } else { "" };
        lines.push(format!("{unique}index {index} on {table} ({columns}){partial}"));
    }
    lines.sort();
    Ok(lines)
}
