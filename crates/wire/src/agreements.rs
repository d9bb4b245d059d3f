//! Bodies of the agreement calls: the newest published text, whether it is signed, and signing it.

use serde::{Deserialize, Serialize};

/// Answer of `ShowLatestPublishedAgreement`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedAgreement {
    /// The newest text; an empty object when nothing of the kind is published.
    pub case_agreement: Agreement,
}

/// A published text. Either all of its fields are there or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Its id, which is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement_name: Option<String>,
    /// `0` new case, `1` new case of an ISV user, `2` authorization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement_type: Option<String>,
    /// What the kind is called in the caller's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement_type_name: Option<String>,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The version, counted from 1 within the kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// Answer of `ShowSignedLatestPublishedAgreement`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedLatest {
    /// Whether the caller has signed the newest version.
    pub is_signed_latest: bool,
}

/// Body of `SignPublishedAgreement`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignAgreement {
    /// What the signature belongs to, such as a case or an authorization: 1 to 32 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation_id: Option<String>,
}

/// Answer of `SignPublishedAgreement`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementSigned {
    /// Number of the signing record within the account.
    pub agreement_signed_record_id: i64,
}
