//! Where the engines keep the tokens: a contentless FTS5 table, or a `tsvector` with a GIN index.

use counterfoil_store::{Engine, Result, Tx, Val, search, statements, vals};

use super::{MOST_MATCHES, Words};

statements! {
    INSERT_DOCUMENT = "INSERT INTO search_docs (doc_no, account_id, case_no, is_note) VALUES ($1, $2, $3, $4)",
        postgres: "INSERT INTO search_docs (doc_no, account_id, case_no, is_note, tokens) \
        VALUES ($1, $2, $3, $4, array_to_tsvector(string_to_array($5, ' ')))";
    INSERT_TOKENS = "INSERT INTO search_tokens (rowid, tokens) VALUES ($1, $2)",
        postgres: "SELECT $1::BIGINT, $2::TEXT";
    DELETE_DOCUMENT = "DELETE FROM search_docs WHERE account_id = $1 AND doc_no = $2";
    // A table without contents has to be told what it holds.
    DELETE_TOKENS = "INSERT INTO search_tokens (search_tokens, rowid, tokens) VALUES ('delete', $1, $2)",
        postgres: "SELECT $1::BIGINT, $2::TEXT";
}

/// Whether a keyword holds anything that could be searched for: a letter, a digit or a CJK character.
pub fn is_searchable(keyword: &str) -> bool {
    !search::query_tokens(keyword).is_empty()
}

/// Stores the tokens of a text as a document of a case. `doc_no` is unique and ascending.
pub async fn store_document(
    tx: &mut Tx,
    doc_no: i64,
    account_id: &str,
    case_no: i64,
    is_note: bool,
    words: &Words,
) -> Result<()> {
    if tx.is_postgres() {
        let args = vals![doc_no, account_id, case_no, is_note, words.0.as_str()];
        return tx.execute(&INSERT_DOCUMENT, &args).await.map(drop);
    }
    tx.execute(&INSERT_DOCUMENT, &vals![doc_no, account_id, case_no, is_note]).await?;
    // FTS5 has one list per token over all accounts: the account is a token too, so that one account's search does not
    // walk through the others' documents.
    let tokens = format!("{} {}", words.0, account_token(account_id));
    tx.execute(&INSERT_TOKENS, &vals![doc_no, tokens]).await.map(drop)
}

/// Removes a document; `words` are those of the text that it was made of.
pub async fn remove_document(tx: &mut Tx, doc_no: i64, account_id: &str, words: &Words) -> Result<()> {
    let removed = tx.execute(&DELETE_DOCUMENT, &vals![account_id, doc_no]).await?;
    if !tx.is_postgres() && removed > 0 {
        let tokens = format!("{} {}", words.0, account_token(account_id));
        tx.execute(&DELETE_TOKENS, &vals![doc_no, tokens]).await?;
    }
    Ok(())
}

/// No text has this token, whatever its author writes: the first character is neither letter nor digit.
fn account_token(account_id: &str) -> String {
    format!("\u{e000}{account_id}")
}

/// A condition on `case_no` for one keyword, to be put into a query on `cases`; its parameters are appended to `args`.
/// `None` where the keyword holds nothing that could be searched for, see [`is_searchable`].
pub fn condition(
    is_postgres: bool,
    account_id: Option<&str>,
    with_notes: bool,
    keyword: &str,
    args: &mut Vec<Val>,
) -> Option<String> {
    let engine = if is_postgres { Engine::Postgres } else { Engine::Sqlite };
    let mut query = search::query_text(keyword, engine)?;
    let mut parameter = |value: Val| {
        args.push(value);
        format!("${}", args.len())
    };
    let notes = if with_notes { "" } else { " AND d.is_note = 0" };
    let limit = MOST_MATCHES;
    if is_postgres {
        let query = parameter(query.into());
        let account = account_id.map(|id| format!(" AND d.account_id = {}", parameter(id.into()))).unwrap_or_default();
        return Some(format!(
            "case_no IN (SELECT d.case_no FROM search_docs d WHERE d.tokens @@ CAST(CAST({query} AS TEXT) AS tsquery)\
             {account}{notes} ORDER BY d.doc_no DESC LIMIT {limit})"
        ));
    }
    if let Some(id) = account_id {
        query = format!("{query} AND \"{}\"", account_token(id));
    }
    let query = parameter(query.into());
    Some(format!(
        "case_no IN (SELECT d.case_no FROM search_docs d WHERE d.doc_no IN (SELECT rowid FROM search_tokens \
         WHERE search_tokens MATCH {query} ORDER BY rowid DESC LIMIT {limit}){notes})"
    ))
}
