//! What customers and partners ask about partners.

use crate::ids::AccountId;
use serde::{Deserialize, Serialize};

/// Answer of `ShowPartnersCasesPrivilege`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerPrivilege {
    /// True when the account is a partner that may work on cases.
    pub has_privilege: bool,
}

/// Answer of `ShowPartnersServiceInfo`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerServiceAnswer {
    /// Who serves and when; without fields where nobody but the provider does.
    pub partners_service_info: PartnerService,
}

/// Who serves an account in the provider's place, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerService {
    /// The partner's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<AccountId>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    /// The zone of the hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_time_zone: Option<String>,
    /// Days a week.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_time_day: Option<String>,
    /// Hours of a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_time_hour: Option<String>,
}
