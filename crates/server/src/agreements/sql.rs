//! The statements of agreements; the only file that knows their columns.

use super::Kind;
use crate::caller::Caller;
use counterfoil_store::{Result, Row, StoreError, Tx, statements, vals};
use counterfoil_wire::ids::{AccountId, UserId};
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::Micros;

statements! {
    NEWEST = "SELECT version, mandatory FROM agreement_versions WHERE kind = $1 AND valid_from <= $2 \
        AND (valid_to IS NULL OR valid_to > $2) ORDER BY version DESC LIMIT 1";
    // The wanted language, or whichever there is.
    TEXT = "SELECT agreement_id, name, content FROM agreement_texts WHERE kind = $1 AND version = $2 \
        ORDER BY CASE WHEN lang = $3 THEN 0 ELSE 1 END, lang LIMIT 1";
    KIND_OF_TEXT = "SELECT kind, version FROM agreement_texts WHERE agreement_id = $1";
    HAS_SIGNED = "SELECT record_id FROM agreement_signatures WHERE account_id = $1 AND user_id = $2 AND kind = $3 \
        AND version = $4 LIMIT 1";
    FIND_SIGNATURE = "SELECT record_id FROM agreement_signatures WHERE account_id = $1 AND user_id = $2 AND kind = $3 \
        AND version = $4 AND agreement_id = $5 AND relation_id = $6";
    // Also makes a second signer of the same account wait, so that it sees what the first one wrote.
    NEXT_RECORD = "INSERT INTO agreement_records (account_id, record_id) VALUES ($1, 1) ON CONFLICT (account_id) \
        DO UPDATE SET record_id = agreement_records.record_id + 1 RETURNING record_id";
    INSERT_SIGNATURE = "INSERT INTO agreement_signatures (account_id, user_id, kind, version, agreement_id, relation_id, \
        record_id, agent_user_id, client_address, signed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    LIST_SIGNATURES = "SELECT record_id, user_id, kind, version, agreement_id, relation_id, agent_user_id, \
        client_address, signed_at FROM agreement_signatures WHERE account_id = $1 ORDER BY record_id DESC LIMIT $2";

    LAST_VERSION = "SELECT COALESCE(MAX(version), 0) FROM agreement_versions WHERE kind = $1";
    LAST_ID = "SELECT COALESCE(MAX(agreement_id), 0) FROM agreement_texts";
    HAS_VERSION = "SELECT version FROM agreement_versions WHERE kind = $1 AND version = $2";
    INSERT_VERSION = "INSERT INTO agreement_versions (kind, version, mandatory, valid_from, valid_to, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    INSERT_TEXT = "INSERT INTO agreement_texts (agreement_id, kind, version, lang, name, content, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    WITHDRAW = "UPDATE agreement_versions SET valid_to = $3 WHERE kind = $1 AND version = $2 \
        AND (valid_to IS NULL OR valid_to > $3)";
    HAS_ANY = "SELECT kind FROM agreement_versions LIMIT 1";
    LIST_TEXTS = "SELECT t.agreement_id, t.kind, t.version, t.lang, t.name, v.mandatory, v.valid_from, v.valid_to \
        FROM agreement_texts t JOIN agreement_versions v ON v.kind = t.kind AND v.version = t.version \
        ORDER BY t.kind, t.version DESC, t.lang";
}

/// The version that counts.
#[derive(Clone, Copy, Debug)]
pub struct Newest {
    /// Its number within the kind.
    pub version: i64,
    /// Whether what it is about needs a signature.
    pub mandatory: bool,
}

/// A version's text in one language.
pub struct Text {
    /// Its id.
    pub agreement_id: i64,
    /// Its title.
    pub name: String,
    /// All of it.
    pub content: String,
}

/// A signature to write.
pub struct NewSignature<'a> {
    /// What the text is about.
    pub kind: Kind,
    /// The version of the text.
    pub version: i64,
    /// The text.
    pub agreement_id: i64,
    /// What it is signed for, or empty.
    pub relation_id: &'a str,
    /// Where the request came from, as far as that is known.
    pub client_address: &'a str,
}

/// A signature as the operator sees it.
pub struct Signature {
    /// Its number within the account.
    pub record_id: i64,
    /// Who signed.
    pub user_id: String,
    /// What the text is about, by number.
    pub kind: i64,
    /// The version of the text.
    pub version: i64,
    /// The text.
    pub agreement_id: i64,
    /// What it was signed for, or empty.
    pub relation_id: String,
    /// Another account's user who signed through an agency.
    pub agent_user_id: Option<String>,
    /// Where the request came from.
    pub client_address: String,
    /// When.
    pub signed_at: Micros,
}

/// A text as the operator sees it.
pub struct Listed {
    /// Its id.
    pub agreement_id: i64,
    /// What it is about, by number.
    pub kind: i64,
    /// Its version.
    pub version: i64,
    /// Its language.
    pub lang: String,
    /// Its title.
    pub name: String,
    /// Whether what it is about needs a signature.
    pub mandatory: bool,
    /// From when it counts.
    pub valid_from: Micros,
    /// Until when it counts.
    pub valid_to: Option<Micros>,
}

/// The newest version that is valid now.
pub async fn find_newest(tx: &mut Tx, kind: Kind, now: Micros) -> Result<Option<Newest>> {
    let row = tx.query_opt(&NEWEST, &vals![kind.number(), now.0]).await?;
    row.map(|row| Ok(Newest { version: row.get(0)?, mandatory: row.get(1)? })).transpose()
}

/// The text of a version, in the wanted language if there is one in it.
pub async fn load_text(tx: &mut Tx, kind: Kind, version: i64, lang: Lang) -> Result<Text> {
    let mut row = tx.query_one(&TEXT, &vals![kind.number(), version, lang.as_str()]).await?;
    Ok(Text { agreement_id: row.get(0)?, name: row.take(1)?, content: row.take(2)? })
}

/// What a text is about, and its version.
pub async fn find_kind(tx: &mut Tx, agreement_id: i64) -> Result<Option<(Kind, i64)>> {
    let Some(row) = tx.query_opt(&KIND_OF_TEXT, &vals![agreement_id]).await? else { return Ok(None) };
    let number: i64 = row.get(0)?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.number() == number).ok_or(StoreError::NoRow)?;
    Ok(Some((kind, row.get(1)?)))
}

/// Whether a user has signed a version, in any language and for anything.
pub async fn has_signed(
    tx: &mut Tx,
    account_id: &AccountId,
    user_id: &UserId,
    kind: Kind,
    version: i64,
) -> Result<bool> {
    let args = vals![account_id.as_str(), user_id.as_str(), kind.number(), version];
    Ok(tx.query_opt(&HAS_SIGNED, &args).await?.is_some())
}

/// The record of the same signature, if it was given before.
pub async fn find_signature(tx: &mut Tx, caller: &Caller, new: &NewSignature<'_>) -> Result<Option<i64>> {
    let (account, user) = (caller.account_id.as_str(), caller.user_id.as_str());
    let args = vals![account, user, new.kind.number(), new.version, new.agreement_id, new.relation_id];
    tx.query_opt(&FIND_SIGNATURE, &args).await?.map(|row| row.get(0)).transpose()
}

/// Writes a signature of the caller. True with its record number; false with the number of the record that somebody
/// else's request wrote meanwhile.
pub async fn insert_signature(
    tx: &mut Tx,
    caller: &Caller,
    new: &NewSignature<'_>,
    now: Micros,
) -> Result<(i64, bool)> {
    let (account, user) = (caller.account_id.as_str(), caller.user_id.as_str());
    let record_id: i64 = tx.query_one(&NEXT_RECORD, &vals![account]).await?.get(0)?;
    if let Some(known) = find_signature(tx, caller, new).await? {
        return Ok((known, false));
    }
    let agent = caller.agent.as_ref().map(|agent| agent.user_id.as_str());
    let args = vals![
        account,
        user,
        new.kind.number(),
        new.version,
        new.agreement_id,
        new.relation_id,
        record_id,
        agent,
        new.client_address,
        now.0
    ];
    tx.execute(&INSERT_SIGNATURE, &args).await?;
    Ok((record_id, true))
}

/// The newest signatures of an account.
pub async fn list_signatures(tx: &mut Tx, account_id: &AccountId, limit: i64) -> Result<Vec<Signature>> {
    let signature = |mut row: Row| {
        Ok(Signature {
            record_id: row.get(0)?,
            user_id: row.take(1)?,
            kind: row.get(2)?,
            version: row.get(3)?,
            agreement_id: row.get(4)?,
            relation_id: row.take(5)?,
            agent_user_id: row.take(6)?,
            client_address: row.take(7)?,
            signed_at: Micros(row.get(8)?),
        })
    };
    tx.query(&LIST_SIGNATURES, &vals![account_id.as_str(), limit]).await?.into_iter().map(signature).collect()
}

/// The greatest version of a kind, valid or not; 0 without one.
pub async fn last_version(tx: &mut Tx, kind: Kind) -> Result<i64> {
    tx.query_one(&LAST_VERSION, &vals![kind.number()]).await?.get(0)
}

/// The greatest id of a text; 0 without one.
pub async fn last_id(tx: &mut Tx) -> Result<i64> {
    tx.query_one(&LAST_ID, &[]).await?.get(0)
}

/// Whether a kind has such a version.
pub async fn has_version(tx: &mut Tx, kind: Kind, version: i64) -> Result<bool> {
    Ok(tx.query_opt(&HAS_VERSION, &vals![kind.number(), version]).await?.is_some())
}

/// Writes a version without texts.
pub async fn insert_version(
    tx: &mut Tx,
    kind: Kind,
    version: i64,
    mandatory: bool,
    validity: (Micros, Option<Micros>),
    now: Micros,
) -> Result<()> {
    let (from, to) = (validity.0.0, validity.1.map(|at| at.0));
    tx.execute(&INSERT_VERSION, &vals![kind.number(), version, mandatory, from, to, now.0]).await.map(drop)
}

/// Writes a version's text in one language.
pub async fn insert_text(
    tx: &mut Tx,
    of: (Kind, i64),
    lang: Lang,
    agreement_id: i64,
    name: &str,
    content: &str,
    now: Micros,
) -> Result<()> {
    let args = vals![agreement_id, of.0.number(), of.1, lang.as_str(), name, content, now.0];
    tx.execute(&INSERT_TEXT, &args).await.map(drop)
}

/// Ends a version's validity; false when it had ended before or is not there.
pub async fn withdraw(tx: &mut Tx, kind: Kind, version: i64, now: Micros) -> Result<bool> {
    Ok(tx.execute(&WITHDRAW, &vals![kind.number(), version, now.0]).await? > 0)
}

/// Whether anything was ever published.
pub async fn has_any(tx: &mut Tx) -> Result<bool> {
    Ok(tx.query_opt(&HAS_ANY, &[]).await?.is_some())
}

/// Every text, newest version first within its kind.
pub async fn list_texts(tx: &mut Tx) -> Result<Vec<Listed>> {
    let listed = |mut row: Row| {
        Ok(Listed {
            agreement_id: row.get(0)?,
            kind: row.get(1)?,
            version: row.get(2)?,
            lang: row.take(3)?,
            name: row.take(4)?,
            mandatory: row.get(5)?,
            valid_from: Micros(row.get(6)?),
            valid_to: row.get::<Option<i64>>(7)?.map(Micros),
        })
    };
    tx.query(&LIST_TEXTS, &[]).await?.into_iter().map(listed).collect()
}
