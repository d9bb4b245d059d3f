//! Bodies of the relation calls: cases that belong together, linked both ways.

use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::CaseId;

/// Body of `CreateRelations`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelateCases {
    /// Cases to relate, at most three. One documented sample sends a single id as a plain text, which is taken too.
    #[serde(deserialize_with = "list_or_text")]
    pub related_id_list: Vec<String>,
    /// The group through which the caller sees other members' cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}

/// Body of `DeleteRelation`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnrelateCase {
    /// The case to unlink.
    pub related_id: String,
    /// The group through which the caller sees another member's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}

/// Answer of `ListRelation`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedCases {
    /// At most three, in the order in which they were related.
    pub case_relation_list: Vec<RelatedCase>,
}

/// A case that is related to another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedCase {
    /// The case.
    pub case_id: CaseId,
    /// Its description, for those who may open it; a remark in its place for others.
    pub simple_description: String,
    /// Who submitted it.
    pub user_name: String,
    /// Whether the caller may open it. Ours.
    pub is_visible: bool,
}

fn list_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Visitor;

    impl<'de> serde::de::Visitor<'de> for Visitor {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list of texts")
        }

        fn visit_str<E>(self, text: &str) -> Result<Vec<String>, E> {
            Ok(vec![text.to_owned()])
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
            let mut out = Vec::new();
            while let Some(item) = items.next_element()? {
                out.push(item);
            }
            Ok(out)
        }
    }

    deserializer.deserialize_any(Visitor)
}
