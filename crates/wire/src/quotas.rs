//! Body of `ListCaseQuotas`.

use serde::{Deserialize, Serialize};

/// Answer of `ListCaseQuotas`; -1 says that nothing is limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseQuota {
    /// How many cases may be submitted in this month.
    pub total: i64,
    /// How many of them are left.
    pub un_used: i64,
}
