//! The one body in the older form, with names in camel case: `ListOrderIncident`.

use crate::ids::{AccountId, CaseId, UserId};
use serde::{Deserialize, Serialize};

/// Answer of `ListOrderIncident`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderIncidentPage {
    /// How many cases match in all.
    pub total_count: i64,
    /// This page.
    pub incident_info_list: Vec<OrderIncident>,
}

/// A case in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderIncident {
    /// The case.
    pub incident_id: CaseId,
    /// 0 consultation, 5 fault.
    pub r#type: i64,
    /// Problem type.
    pub business_type_name: String,
    /// Consultation or fault in words.
    pub incident_type_name: String,
    /// Account it belongs to.
    pub customer_id: AccountId,
    /// User who submitted it.
    pub xcustomer_id: UserId,
    /// His name.
    pub xcustomer_name: String,
    /// Region; empty when none was chosen.
    pub dc_name: String,
    /// The problem as submitted.
    pub simple_describe: String,
    /// Status number.
    pub status: i64,
    /// When it was submitted.
    pub create_time: String,
    /// Whether it is handled by a trial version of the service. There is none.
    pub gray: bool,
    /// Labels on it.
    pub label_list: Vec<OrderIncidentLabel>,
}

/// A label on a case; here its id is a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderIncidentLabel {
    /// The label.
    pub label_id: String,
    /// Its name.
    pub name: String,
    /// Its colour, `#RRGGBB`.
    pub color: String,
}
