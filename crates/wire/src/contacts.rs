//! Bodies of the verification calls. Types with a contact or a code in them have no `Debug`.

use serde::{Deserialize, Serialize};

/// Body of `SendVerifyCodes`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendVerifyCode {
    /// Phone number or mail address, at most 64 characters.
    pub contact_value: String,
    /// 0 phone, 1 mail.
    pub contact_way: i64,
    /// Dialling code of a phone number, at most 16 characters; mandatory but without meaning for mail.
    pub area_code: String,
}

/// Body of `CheckVerifyCodes`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckVerifyCode {
    /// The code, 6 characters.
    pub verify_code: String,
    /// Phone number or mail address, at most 64 characters.
    pub contact_value: String,
    /// 0 phone, 1 mail.
    pub contact_way: i64,
    /// Dialling code of a phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_code: Option<String>,
    /// Not used: a code is checked for who calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_customer_id: Option<String>,
    /// Not used either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
}

/// Answer of `CheckNeedVerify`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedVerify {
    /// 1 when the contact needs a code, 0 when it is registered or verified.
    pub need_verify_code: i64,
    /// When the verification ends, if that is why no code is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expire_time: Option<String>,
}

/// Answer of `ListHasVerifiedContacts`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedContactPage {
    /// How many there are in all.
    pub count: i64,
    /// This page, newest first.
    pub contact_list: Vec<VerifiedContact>,
}

/// A verified contact.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedContact {
    /// 0 phone, 1 mail.
    pub contact_way: i64,
    /// The number or address.
    pub contact_value: String,
    /// Dialling code of a phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_code: Option<String>,
    /// What `CreateCases` takes as `x-phone-verifiedid` or `x-email-verifiedid`.
    pub verified_id: String,
}
