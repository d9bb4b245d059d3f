//! The users of an account, as the ticket API names them, and the agencies that it may grant.

use crate::ids::{AccountId, UserId};
use serde::{Deserialize, Serialize};

/// Answer of `ListSubCustomers`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubCustomerList {
    /// The users, by name.
    pub sub_customer_infos: Vec<SubCustomer>,
}

/// A user with masked contact data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubCustomer {
    /// The user.
    pub customer_id: UserId,
    /// His name, masked.
    pub customer_name: String,
    /// His account.
    pub domain_id: AccountId,
    /// Phone, masked; empty when none is known.
    pub mobile: String,
    /// Mail address, masked; empty when none is known.
    pub email: String,
    /// Country dialling code of the phone; empty when none is known.
    pub area_code: String,
}

/// Answer of `ListAgencies`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgencyList {
    /// How many there are.
    pub total_count: i64,
    /// The first hundred of them, by name.
    pub agency_list: Vec<Agency>,
}

/// What an account lets the users of another one do in its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    /// The agency.
    pub id: UserId,
    /// Its name.
    pub name: String,
    /// Empty for an agency without an end, `1` for one that ends at `expire_time`.
    pub duration: String,
    /// Name of the account that is trusted.
    pub trust_domain_name: String,
    /// That account.
    pub trust_domain_id: AccountId,
    /// When it was made.
    pub create_time: String,
    /// When it ends; empty for never.
    pub expire_time: String,
}
