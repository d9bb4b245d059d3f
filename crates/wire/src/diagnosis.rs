//! Bodies of the diagnosis calls: what can be looked at, a look at it, and what was seen.
//!
//! A job's id is a number: text in requests and where a job is started, a number in its result, as documented. The types of
//! the administration (`/admin/v1/resources`) are ours. Most names end in the documented words; levels are 0 not run,
//! 3 normal, 4 abnormal.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::{AccountId, ProjectId, ResourceId};

/// A diagnosis of an account: 1 and up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DiagnoseJobId(i64);

impl DiagnoseJobId {
    /// The highest number that clients can take.
    pub const MAX: i64 = 2_147_483_647;

    /// The id with this number.
    pub fn new(number: i64) -> Option<Self> {
        (1..=Self::MAX).contains(&number).then_some(Self(number))
    }

    /// Reads decimal digits; any other text is nobody's id.
    pub fn parse(text: &str) -> Option<Self> {
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if is_number { text.parse().ok().and_then(Self::new) } else { None }
    }

    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for DiagnoseJobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Body of `CreateDiagnoseJob`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateDiagnoseJob {
    /// 1 host, 2 database, 3 remote login, 4 network.
    #[serde(rename = "type")]
    pub kind: i64,
    /// What to look at: `eip` for hosts, `instanceId` for databases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<BTreeMap<String, String>>,
    /// The region that the client has chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<String>,
}

/// Answer of `CreateDiagnoseJob`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnoseJobCreated {
    /// The job, as text.
    pub job_id: String,
}

/// Answer of `ListDiagnoseJob`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnoseJob {
    /// 0 preparing, 2 running, 3 done, 4 failed, 7 not run, 8 unavailable.
    pub status: i64,
    /// The job.
    pub job_id: DiagnoseJobId,
    /// Whose it is.
    pub domain_id: AccountId,
    /// What was looked at; empty until the job has ended.
    pub items_result: Vec<ItemResult>,
    /// When it was started, in seconds since 1970.
    pub create_time: i64,
}

/// One check of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemResult {
    /// The state of the check, with the numbers of a job's state.
    pub status: i64,
    /// 1 to be shown.
    pub visible: i64,
    /// What was looked at.
    pub resource_id: ResourceId,
    /// Its name.
    pub resource_name: String,
    /// The check.
    pub check_id: String,
    /// Its name in the caller's language.
    pub check_name: String,
    /// 0 not run, 3 normal, 4 abnormal.
    pub problem_level: i64,
}

/// Body of `ListDiagnoseItems`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListDiagnoseItems {
    /// The job; the newest when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// The checks; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_ids: Option<CheckIds>,
    /// The region that the client has chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<String>,
}

/// Ids of checks: one text with commas, or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum CheckIds {
    /// With commas between them.
    Text(String),
    /// One by one.
    List(Vec<String>),
}

impl<'de> Deserialize<'de> for CheckIds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ids;

        impl<'de> Visitor<'de> for Ids {
            type Value = CheckIds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<CheckIds, E> {
                Ok(CheckIds::Text(text.to_owned()))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<CheckIds, A::Error> {
                Vec::deserialize(de::value::SeqAccessDeserializer::new(list)).map(CheckIds::List)
            }
        }

        deserializer.deserialize_any(Ids)
    }
}

/// Answer of `ListDiagnoseItems`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnoseItems {
    /// The checks, in the order in which the job lists them.
    pub item_results: Vec<ItemResultDetail>,
}

/// One check with its advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemResultDetail {
    /// The state of the check, with the numbers of a job's state.
    pub status: i64,
    /// 0 not run, 3 normal, 4 abnormal.
    pub level: i64,
    /// What to do, in the caller's language.
    pub suggestion: String,
    /// What was seen.
    pub response: String,
    /// The check.
    pub check_id: String,
    /// Its Chinese name.
    pub check_name: String,
    /// Its English name.
    pub check_name_en: String,
    /// Where to read more; empty when the operator has no such page.
    pub suggestion_url: String,
}

/// Body of `ListDiagnoseResources`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListDiagnoseResources {
    /// Those of one project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// Those of one region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Answer of `ListDiagnoseResources`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnoseResourcePage {
    /// How many there are.
    pub total_count: i64,
    /// All of them.
    pub result: Vec<DiagnoseResource>,
}

/// Something that can be looked at. Its keys are written as the original writes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiagnoseResource {
    /// What is wrong with it; nothing is known before a diagnosis.
    pub fault: String,
    /// The resource.
    pub id: ResourceId,
    /// Its name.
    pub name: String,
    /// Its address, where that is an IPv4 address.
    #[serde(rename = "accessIPv4")]
    pub access_ipv4: String,
    /// Its address, where that is an IPv6 address.
    #[serde(rename = "accessIPv6")]
    pub access_ipv6: String,
    /// `ACTIVE`: what is not, is not listed.
    pub status: String,
    /// `100`: there is nothing to wait for.
    pub progress: String,
    /// The project that it belongs to.
    pub tenant_id: String,
    /// Who registered it.
    pub user_id: String,
    /// Kind, address, region and ports.
    pub metadata: BTreeMap<String, String>,
    /// The machine below it, which nobody knows here.
    pub host_id: String,
}

/// Answer of `ListDiagnoseRecords`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnoseRecordPage {
    /// How many there are in all.
    pub total_count: i64,
    /// This page, newest first.
    pub records: Vec<DiagnoseRecord>,
}

/// A diagnosis in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnoseRecord {
    /// The record: the job under another name.
    pub id: String,
    /// The job's state, as text.
    pub status: String,
    /// What the job was started with.
    pub params: BTreeMap<String, String>,
    /// Whose it is.
    pub domain_id: AccountId,
    /// When it was started, in seconds since 1970.
    pub create_time: i64,
    /// The job, as text.
    pub job_id: String,
    /// The checks that found something.
    pub abnormal_items: Vec<String>,
    /// How many results are abnormal.
    pub red_count: i64,
    /// The region that the client had chosen.
    pub region: String,
}

/// Body of `CreateDiagnoseFeedback`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateDiagnoseFeedback {
    /// The kind of diagnosis, as in [`CreateDiagnoseJob::kind`].
    #[serde(rename = "type")]
    pub kind: i64,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Whether it helped.
    pub is_helpful: bool,
}

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// A machine.
    Host,
    /// A PostgreSQL database.
    Postgres,
    /// A MySQL database.
    Mysql,
    /// What a URL names.
    Website,
}

impl ResourceKind {
    /// All, with their names.
    pub const ALL: [(Self, &'static str); 4] =
        [(Self::Host, "host"), (Self::Postgres, "postgres"), (Self::Mysql, "mysql"), (Self::Website, "website")];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Reads its name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind)
    }
}

/// What is spoken on a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Nobody says.
    Tcp,
    /// Remote shell.
    Ssh,
    /// Remote desktop.
    Rdp,
    /// Websites without encryption.
    Http,
    /// Websites with encryption.
    Https,
    /// PostgreSQL.
    Postgres,
    /// MySQL.
    Mysql,
}

impl Protocol {
    /// What is usually spoken on a port.
    pub fn usual(port: u16) -> Self {
        match port {
            22 => Self::Ssh,
            80 => Self::Http,
            443 => Self::Https,
            3306 => Self::Mysql,
            3389 => Self::Rdp,
            5432 => Self::Postgres,
            _ => Self::Tcp,
        }
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Ssh => "ssh",
            Self::Rdp => "rdp",
            Self::Http => "http",
            Self::Https => "https",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        }
    }
}

/// A port of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourcePort {
    /// 1 to 65535.
    pub port: u16,
    /// What is spoken there; the usual when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
}

/// What an operator says of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewResource {
    /// Unique in the account.
    pub name: String,
    /// What it is.
    pub kind: ResourceKind,
    /// A host name or an IP address; for a website its URL.
    pub address: String,
    /// Its ports; those that are usual for the kind when absent.
    #[serde(default)]
    pub ports: Vec<ResourcePort>,
    /// Names that lead to it, the first of which its certificate is compared with.
    #[serde(default)]
    pub names: Vec<String>,
    /// Where it stands.
    #[serde(default)]
    pub region: String,
    /// The project that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<ProjectId>,
}

/// Body of `CreateResource` and `UpdateResource`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveResource {
    /// Whose it is: the account's name or id.
    pub account: String,
    /// What it is.
    #[serde(deserialize_with = "crate::object::one")]
    pub resource: NewResource,
}

/// A registered resource, for operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The resource.
    pub resource_id: ResourceId,
    /// Whose it is.
    pub domain_id: AccountId,
    /// What was said of it.
    #[serde(flatten)]
    pub resource: NewResource,
    /// When it was registered.
    pub create_time: String,
}

/// Answer of `ListResources`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourcePage {
    /// How many the account has.
    pub total_count: i64,
    /// This page.
    pub resources: Vec<Resource>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn job_ids_are_numbers() {
        assert_eq!(DiagnoseJobId::parse("17").map(DiagnoseJobId::number), Some(17));
        assert_eq!(DiagnoseJobId::parse("2147483647").map(DiagnoseJobId::number), Some(DiagnoseJobId::MAX));
        for bad in ["", "0", "-1", "+1", "2147483648", "99999999999999999999", "1.0", "x", " 1", "１"] {
            assert_eq!(DiagnoseJobId::parse(bad), None, "{bad}");
        }
        assert_eq!(serde_json::to_string(&DiagnoseJobId::parse("7")).unwrap(), "7");
    }

    #[test]
    fn checks_are_named_by_text_or_list() {
        let text: ListDiagnoseItems = serde_json::from_str(r#"{"item_ids": "a,b"}"#).unwrap();
        assert_eq!(text.item_ids, Some(CheckIds::Text("a,b".to_owned())));
        let list: ListDiagnoseItems = serde_json::from_str(r#"{"item_ids": ["a", "b"]}"#).unwrap();
        assert_eq!(list.item_ids, Some(CheckIds::List(vec!["a".to_owned(), "b".to_owned()])));
        for wrong in [r#"{"item_ids": 1}"#, r#"{"item_ids": {"a": 1}}"#] {
            let error = serde_json::from_str::<ListDiagnoseItems>(wrong).unwrap_err().to_string();
            assert!(error.starts_with("invalid type") && error.contains("a text or a list of texts"), "{error}");
        }
    }

    #[test]
    fn kinds_have_their_names() {
        for (kind, name) in ResourceKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
            assert_eq!((kind.as_str(), ResourceKind::parse(name)), (name, Some(kind)));
        }
        for protocol in [Protocol::usual(22), Protocol::usual(443), Protocol::usual(9), Protocol::usual(5432)] {
            assert_eq!(serde_json::to_value(protocol).unwrap(), protocol.as_str());
        }
    }
}
