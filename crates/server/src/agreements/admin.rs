//! Publishing and withdrawing agreements, and the first versions of a new installation.

use super::Kind;
use super::sql::{self, Listed, Signature};
use counterfoil_store::{Store, StoreError, Tx};
use counterfoil_wire::ids::AccountId;
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::Micros;

/// The longest text, in characters: what a browser still shows well.
pub const MOST_CHARACTERS: usize = 1_000_000;

/// Why nothing was published or withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The text is empty, too long, or holds the character NUL.
    #[error("a text has 1 to {MOST_CHARACTERS} characters, not all of them blank, and no NUL")]
    Text,
    /// The title is empty or too long.
    #[error("a title has 1 to 128 characters on one line")]
    Name,
    /// Two texts in the same language.
    #[error("there is a text in {0} already; a version has one in each language")]
    Twice(Lang),
    /// The end is before the beginning.
    #[error("the validity ends before it begins")]
    Validity,
    /// No such version.
    #[error("there is no version {0} of this kind that could be changed")]
    Missing(i64),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A text to publish.
#[derive(Clone)]
pub struct NewText {
    /// Its language.
    pub lang: Lang,
    /// Its title.
    pub name: String,
    /// All of it.
    pub content: String,
}

/// A version to publish.
#[derive(Clone)]
pub struct NewVersion {
    /// What it is about.
    pub kind: Kind,
    /// Whether what it is about needs a signature.
    pub mandatory: bool,
    /// From when it counts.
    pub valid_from: Micros,
    /// Until when it counts.
    pub valid_to: Option<Micros>,
    /// The texts.
    pub texts: Vec<NewText>,
}

/// What was published: the version, and the id of each text.
pub type Published = (i64, Vec<(Lang, i64)>);

fn check(texts: &[NewText]) -> Result<(), PublishError> {
    for (i, text) in texts.iter().enumerate() {
        let length = text.content.chars().count();
        if text.content.trim().is_empty() || length > MOST_CHARACTERS || text.content.contains('\0') {
            return Err(PublishError::Text);
        }
        let is_line = !text.name.trim().is_empty() && !text.name.chars().any(char::is_control);
        if !is_line || text.name.chars().count() > 128 {
            return Err(PublishError::Name);
        }
        if texts[..i].iter().any(|other| other.lang == text.lang) {
            return Err(PublishError::Twice(text.lang));
        }
    }
    if texts.is_empty() { Err(PublishError::Text) } else { Ok(()) }
}

/// Publishes a new version of a kind. Who has signed an older one is asked again from then on.
pub async fn publish(tx: &mut Tx, new: &NewVersion, now: Micros) -> Result<Published, PublishError> {
    check(&new.texts)?;
    if new.valid_to.is_some_and(|to| to.0 <= new.valid_from.0) {
        return Err(PublishError::Validity);
    }
    let version = sql::last_version(tx, new.kind).await? + 1;
    sql::insert_version(tx, new.kind, version, new.mandatory, (new.valid_from, new.valid_to), now).await?;
    let ids = insert_texts(tx, (new.kind, version), &new.texts, now).await?;
    Ok((version, ids))
}

/// Adds texts in further languages to a version. Signatures of the version stay good: it says the same.
pub async fn translate(
    tx: &mut Tx,
    of: (Kind, i64),
    texts: &[NewText],
    now: Micros,
) -> Result<Published, PublishError> {
    check(texts)?;
    if !sql::has_version(tx, of.0, of.1).await? {
        return Err(PublishError::Missing(of.1));
    }
    let known = sql::list_texts(tx).await?;
    let is_taken = |lang: Lang| {
        known.iter().any(|text| (text.kind, text.version, text.lang.as_str()) == (of.0.number(), of.1, lang.as_str()))
    };
    if let Some(text) = texts.iter().find(|text| is_taken(text.lang)) {
        return Err(PublishError::Twice(text.lang));
    }
    let ids = insert_texts(tx, of, texts, now).await?;
    Ok((of.1, ids))
}

async fn insert_texts(
    tx: &mut Tx,
    of: (Kind, i64),
    texts: &[NewText],
    now: Micros,
) -> Result<Vec<(Lang, i64)>, StoreError> {
    let mut ids = Vec::with_capacity(texts.len());
    let mut id = sql::last_id(tx).await?;
    for text in texts {
        id += 1;
        sql::insert_text(tx, of, text.lang, id, &text.name, &text.content, now).await?;
        ids.push((text.lang, id));
    }
    Ok(ids)
}

/// Ends a version now; the newest one that is still valid counts from then on.
pub async fn withdraw(tx: &mut Tx, kind: Kind, version: i64, now: Micros) -> Result<(), PublishError> {
    if sql::withdraw(tx, kind, version, now).await? { Ok(()) } else { Err(PublishError::Missing(version)) }
}

/// Every text, without its content.
pub async fn list(tx: &mut Tx) -> Result<Vec<Listed>, StoreError> {
    sql::list_texts(tx).await
}

/// The newest signatures of an account.
pub async fn list_signatures(tx: &mut Tx, account_id: &AccountId, limit: i64) -> Result<Vec<Signature>, StoreError> {
    sql::list_signatures(tx, account_id, limit).await
}

/// The versions that a new installation begins with. Nothing of them is mandatory: that is the operator's to decide.
const BUILTIN: [(Kind, &str, &str); 3] = [
    (Kind::NewCase, include_str!("builtin/new-case.zh-cn.txt"), include_str!("builtin/new-case.en-us.txt")),
    (
        Kind::NewCaseOfIsv,
        include_str!("builtin/new-case-isv.zh-cn.txt"),
        include_str!("builtin/new-case-isv.en-us.txt"),
    ),
    (
        Kind::Authorization,
        include_str!("builtin/authorization.zh-cn.txt"),
        include_str!("builtin/authorization.en-us.txt"),
    ),
];

/// Gives a database in which nothing was ever published the built-in versions.
pub async fn seed(store: &Store, now: Micros) -> Result<(), StoreError> {
    if store.read(async |tx: &mut Tx| sql::has_any(tx).await).await? {
        return Ok(());
    }
    let write = async move |tx: &mut Tx| -> Result<(), PublishError> {
        if sql::has_any(tx).await? {
            return Ok(());
        }
        for (kind, zh, en) in BUILTIN {
            let text = |lang: Lang, content: &str| NewText {
                lang,
                name: kind.name(lang).to_owned(),
                content: content.to_owned(),
            };
            let texts = vec![text(Lang::ZhCn, zh), text(Lang::EnUs, en)];
            // Valid from the beginning of time: nodes whose clocks differ must not disagree about it.
            let new = NewVersion { kind, mandatory: false, valid_from: Micros(0), valid_to: None, texts };
            publish(tx, &new, now).await?;
        }
        Ok(())
    };
    match store.write(write).await {
        // Another node was first.
        Ok(()) | Err(PublishError::Store(StoreError::Unique(_))) => Ok(()),
        Err(PublishError::Store(error)) => Err(error),
        Err(other) => Err(StoreError::Unusable(other.to_string())),
    }
}
