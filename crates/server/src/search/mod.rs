//! Full-text search over case ids, descriptions and messages.
//!
//! One document per message; the first one of a case also holds the case's id. A keyword matches a document that holds all
//! its tokens; several keywords may match different messages of one case. Notes are found by staff only. The newest
//! [`MOST_MATCHES`] documents of a keyword are looked at, so that a common word costs no more than a rare one.

mod sql;

pub use sql::{ALL, condition, is_searchable, remove_document, store_document};

/// How many matching documents of a keyword are looked at.
pub const MOST_MATCHES: i64 = 2_000;

/// The tokens of a text that is to be found. They are made before the unit begins: there is one writer, and a long text
/// would keep it from everybody else's work.
#[derive(Clone, Debug)]
pub struct Words(String);

impl Words {
    /// Finds the tokens of `text`.
    pub fn of(text: &str) -> Self {
        Self(counterfoil_store::search::stored(text))
    }

    /// The same with those of an id in front.
    #[must_use]
    pub fn with_id(&self, id: &str) -> Self {
        let id = counterfoil_store::search::stored(id);
        // A text of signs alone has no tokens, and PostgreSQL takes what stands behind a last space for an empty one.
        Self(if self.0.is_empty() { id } else { format!("{id} {}", self.0) })
    }
}

/// The words of a search text, each to be found for itself. What stands between them, such as a lone hyphen, is left out;
/// a text of nothing else stays as it is and finds nothing.
pub fn keywords(text: &str) -> Vec<String> {
    let words: Vec<String> = text.split_whitespace().filter(|word| is_searchable(word)).map(str::to_owned).collect();
    if words.is_empty() && !text.trim().is_empty() { vec![text.trim().to_owned()] } else { words }
}
